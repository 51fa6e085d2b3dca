"""Pulling images from a registry (Docker Registry v2 / OCI distribution).

A pull is: ask for the manifest, choose the platform, fetch config and layers in parallel, check
every digest, hand them over to a ``Sink`` (the store). What a broken connection left of a layer
is kept there and continued (HTTP Range).

access  one registry: where it is, who we are to it, its answers
pull    one pull, with the progress that ``docker pull`` shows
"""
