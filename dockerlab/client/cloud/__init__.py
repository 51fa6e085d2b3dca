"""The cloud of chapter 6 as seen from here: a process that is met by HTTP only, as AWS is.

process    starts, finds and ends it
cloud      what ``lab.cloud()`` returns: keys, boto3's clients, environments
asking     the one request that is not AWS's: an environment with all that is known of it
following  an environment, as it changes
"""
