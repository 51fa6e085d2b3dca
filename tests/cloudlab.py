"""Clouds for the tests: each of its own folder and port, gone after it."""

from __future__ import annotations

import contextlib
import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from dockerlab.client.cloud.cloud import Cloud
from dockerlab.client.cloud.process import CloudProcess

POLICY = "arn:aws:iam::aws:policy/AdministratorAccess-AWSElasticBeanstalk"


@contextlib.contextmanager
def running(engine: str) -> Iterator[Cloud]:
    """A cloud that deploys to the engine at this address."""
    with tempfile.TemporaryDirectory(prefix="dltest-cloud-") as folder:
        process = CloudProcess(engine, Path(folder) / "cloud")
        try:
            yield Cloud(process, process.start(port=0))
        finally:
            process.stop()


def user(cloud: Cloud, name: str, *policies: str) -> dict[str, str]:
    """A new user with these managed policies; an access key, as boto3 returns it."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    for policy in policies:
        iam.attach_user_policy(UserName=name, PolicyArn=policy)
    key: dict[str, str] = iam.create_access_key(UserName=name)["AccessKey"]
    return key


def bundle(**files: str) -> bytes:
    """A zip of these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


@contextlib.contextmanager
def refused(code: str, match: str = "") -> Iterator[None]:
    """Within, AWS refuses with this code and words."""
    with pytest.raises(ClientError, match=match or None) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code
