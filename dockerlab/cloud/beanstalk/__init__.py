"""Elastic Beanstalk: versions are bundles in S3, environments are containers behind a balancer.

``service.Beanstalk`` is all that the API calls.
"""
