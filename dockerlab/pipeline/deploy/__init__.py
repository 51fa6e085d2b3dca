"""Deployments to AWS Elastic Beanstalk, through boto3 as anybody would.

target     where to, with which keys: all texts final
beanstalk  zip to S3, a version of it, the environment brought to that version
waiting    until the environment is ready, its events told as they come
advice     what to do about AWS's errors
"""
