"""A deployment: the zip to S3, an application version of it, the environment brought to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dockerlab.pipeline.deploy.advice import explained
from dockerlab.pipeline.deploy.target import DeployFailed, Target
from dockerlab.pipeline.deploy.waiting import Waiting

Say = Callable[[str], None]
CONNECT_SECONDS, READ_SECONDS = 10, 60


def deploy(target: Target, say: Say, seconds: float) -> None:
    """Deploy and wait, up to ``seconds``; DeployFailed says what AWS said and what to do."""
    clients = Clients(target)
    with explained(target):
        if target.package is not None and not _exists(clients, target):
            bucket = _uploaded(clients, target, say)
            _make_version(clients, target, bucket, say)
        if target.only_version:
            return
        waiting = Waiting(clients.beanstalk, target, say, seconds)
        waiting.look_before()
        clients.beanstalk.update_environment(
            ApplicationName=target.application,
            EnvironmentName=target.environment,
            VersionLabel=target.label,
        )
        say(f"Environment {target.environment}: updating to version {target.label}")
        if target.wait:
            waiting.until_ready()


class Clients:
    """boto3's, which are made only where something is deployed."""

    def __init__(self, target: Target) -> None:
        try:
            import boto3
            from botocore.config import Config
        except ImportError as error:
            raise DeployFailed(
                f"the Python package boto3 is missing ({error})", "bring it: pip install boto3"
            ) from error
        session = boto3.session.Session(
            aws_access_key_id=target.access_key,
            aws_secret_access_key=target.secret_key,
            aws_session_token=target.session_token or None,
            region_name=target.region,
        )
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"max_attempts": 2, "mode": "standard"},
            # A proxy of the user's does not know this machine's own addresses.
            proxies={} if target.endpoint else None,
            # A bucket as part of the host's name can only be resolved where AWS is.
            s3={"addressing_style": "path"} if target.endpoint else None,
        )

        def client(service: str) -> Any:
            with explained(target):
                return session.client(service, endpoint_url=target.endpoint or None, config=config)

        self.s3 = client("s3")
        self.beanstalk = client("elasticbeanstalk")


def _exists(clients: Clients, target: Target) -> bool:
    """Whether the version is there already, and the file says to take it then."""
    if not target.existing:
        return False
    found = clients.beanstalk.describe_application_versions(
        ApplicationName=target.application, VersionLabels=[target.label]
    )
    return bool(found["ApplicationVersions"])


def _uploaded(clients: Clients, target: Target, say: Say) -> str:
    """The bucket that the zip is in now."""
    assert target.package is not None
    bucket = target.bucket or clients.beanstalk.create_storage_location()["S3Bucket"]
    size = target.package.stat().st_size
    with target.package.open("rb") as body:
        clients.s3.put_object(Bucket=bucket, Key=target.key, Body=body)
    say(f"Uploaded {size} bytes to s3://{bucket}/{target.key}")
    return str(bucket)


def _make_version(clients: Clients, target: Target, bucket: str, say: Say) -> None:
    clients.beanstalk.create_application_version(
        ApplicationName=target.application,
        VersionLabel=target.label,
        Description=target.description[:200],
        SourceBundle={"S3Bucket": bucket, "S3Key": target.key},
        AutoCreateApplication=False,
    )
    say(f"Created version {target.label} of the application {target.application}")
