"""The cloud's HTTP side: one address for S3, IAM, STS and Elastic Beanstalk, as AWS's tools know
them.

    server     threads, timeouts, the port
    front      which service is a request for?  moto's apps, our Beanstalk, or the client's own
    bodies     how much a request may bring, kept on disk
    accounts   the account in moto: root, rights, buckets
    callers    who signed a request, and what they may do
    query      AWS's Query protocol: form → values, by botocore's own description of the service
    answers    values → XML, errors → XML
    actions/   the table of actions, and one module a noun
    control    what the course's client asks, as JSON
"""
