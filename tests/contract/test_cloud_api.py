"""The cloud's API: who may do what, in AWS's words; objects; what is refused."""

from __future__ import annotations

import http.client
import io
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from cloudlab import POLICY, bundle, refused, running, user
from engines import HERE, Engine

from dockerlab.client.cloud.cloud import Cloud
from dockerlab.client.cloud.process import CloudProcess
from dockerlab.errors import CloudUnavailable, DockerlabError

ACCOUNT = "123456789012"
BUCKET = f"elasticbeanstalk-us-east-1-{ACCOUNT}"


@pytest.fixture(scope="module")
def cloud(engine: Engine) -> Iterator[Cloud]:
    with running(engine.url) as started:
        yield started


@pytest.fixture(scope="module")
def keys(cloud: Cloud) -> dict[str, str]:
    """Of somebody who may use Elastic Beanstalk."""
    return user(cloud, "deployer", POLICY)


@pytest.fixture(scope="module")
def nobody(cloud: Cloud) -> dict[str, str]:
    """Of somebody without any policy."""
    return user(cloud, "nobody")


CALLS = {
    "elasticbeanstalk": lambda client: client.describe_applications(),
    "s3": lambda client: client.list_buckets(),
    "iam": lambda client: client.list_users(),
}


@pytest.mark.parametrize("service", CALLS)
def test_without_a_policy_nothing_is_allowed(
    cloud: Cloud, nobody: dict[str, str], service: str
) -> None:
    with refused("AccessDenied"):
        CALLS[service](cloud.client(service, nobody))


def test_a_denial_names_the_user_and_the_action(cloud: Cloud, nobody: dict[str, str]) -> None:
    told = (
        rf"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: "
        rf"elasticbeanstalk:CreateApplication on resource: "
        rf"arn:aws:elasticbeanstalk:us-east-1:{ACCOUNT}:application/shop because no"
    )
    with refused("AccessDenied", told):
        cloud.client("elasticbeanstalk", nobody).create_application(ApplicationName="shop")


@pytest.mark.parametrize("service", [*CALLS, "sts"])
def test_a_wrong_secret(cloud: Cloud, keys: dict[str, str], service: str) -> None:
    call = CALLS.get(service, lambda client: client.get_caller_identity())
    with refused("SignatureDoesNotMatch", "does not match the signature you provided"):
        call(cloud.client(service, (keys["AccessKeyId"], "x" * 40)))


@pytest.mark.parametrize("service", [*CALLS, "sts"])
def test_an_unknown_key(cloud: Cloud, service: str) -> None:
    call = CALLS.get(service, lambda client: client.get_caller_identity())
    code = "InvalidAccessKeyId" if service == "s3" else "InvalidClientTokenId"
    with refused(code):
        call(cloud.client(service, ("AKIAXXXXXXXXXXXXXXXX", "x" * 40)))


def test_a_policy_allows_until_it_is_taken_away(cloud: Cloud) -> None:
    key = user(cloud, "passing", POLICY)
    client = cloud.client("elasticbeanstalk", key)
    assert client.describe_applications()["Applications"] is not None
    cloud.client("iam").detach_user_policy(UserName="passing", PolicyArn=POLICY)
    with refused("AccessDenied"):
        client.describe_applications()


def test_the_policy_for_beanstalk_reaches_its_buckets_only(
    cloud: Cloud, keys: dict[str, str]
) -> None:
    s3 = cloud.client("s3", keys)
    s3.create_bucket(Bucket="elasticbeanstalk-mine")
    with refused("AccessDenied"):
        s3.create_bucket(Bucket="mine")
    with refused("AccessDenied", "iam:CreateUser"):
        cloud.client("iam", keys).create_user(UserName="another")


def test_a_policy_for_one_application(cloud: Cloud) -> None:
    key = user(cloud, "limited")
    arn = f"arn:aws:elasticbeanstalk:us-east-1:{ACCOUNT}:application/only"
    document = {"Effect": "Allow", "Action": "elasticbeanstalk:*", "Resource": arn}
    cloud.client("iam").put_user_policy(
        UserName="limited",
        PolicyName="only",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [document]}),
    )
    client = cloud.client("elasticbeanstalk", key)
    client.create_application(ApplicationName="only")
    with refused("AccessDenied", "application/other"):
        client.create_application(ApplicationName="other")


def test_root_is_nobody_s_user(cloud: Cloud, keys: dict[str, str]) -> None:
    root = cloud.client("sts").get_caller_identity()
    assert (root["Arn"], root["Account"]) == (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
    assert "root" not in [one["UserName"] for one in cloud.client("iam").list_users()["Users"]]
    who = cloud.client("sts", keys).get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/deployer"


def test_another_region(cloud: Cloud, keys: dict[str, str]) -> None:
    import boto3

    away = boto3.client(
        "elasticbeanstalk",
        endpoint_url=cloud.endpoint,
        region_name="eu-west-1",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
    )
    with refused("SignatureDoesNotMatch", "not 'eu-west-1': this cloud is us-east-1"):
        away.describe_applications()


def test_an_application_with_its_versions(cloud: Cloud, keys: dict[str, str]) -> None:
    client, s3 = cloud.client("elasticbeanstalk", keys), cloud.client("s3", keys)
    assert client.create_storage_location()["S3Bucket"] == BUCKET
    tag = {"Key": "team", "Value": "글 & <x>"}
    made = client.create_application(ApplicationName="v", Description="first", Tags=[tag])
    arn = made["Application"]["ApplicationArn"]
    assert client.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] == [tag]
    changed = client.update_application(ApplicationName="v", Description="second")
    assert changed["Application"]["Description"] == "second"
    s3.put_object(Bucket=BUCKET, Key="v/1.zip", Body=bundle(Dockerfile="FROM nginx"))
    source = {"S3Bucket": BUCKET, "S3Key": "v/1.zip"}
    for label in ("1", "2", "3"):
        client.create_application_version(
            ApplicationName="v", VersionLabel=label, SourceBundle=source
        )
    with refused("InvalidParameterValue", "exists"):
        client.create_application_version(
            ApplicationName="v", VersionLabel="1", SourceBundle=source
        )
    assert labels(client) == {"1", "2", "3"}
    client.delete_application_version(
        ApplicationName="v", VersionLabel="3", DeleteSourceBundle=True
    )
    with refused("NoSuchKey"):
        s3.get_object(Bucket=BUCKET, Key="v/1.zip")
    client.delete_application(ApplicationName="v")
    assert not labels(client)


def labels(client: Any) -> set[str]:
    """Of the application v, page by page."""
    found, token = set(), None
    while True:
        more = {"NextToken": token} if token else {}
        page = client.describe_application_versions(ApplicationName="v", MaxRecords=2, **more)
        found |= {one["VersionLabel"] for one in page["ApplicationVersions"]}
        token = page.get("NextToken")
        if not token:
            return found


@pytest.mark.parametrize(
    ("bucket", "key"), [("elasticbeanstalk-nowhere", "a.zip"), (BUCKET, "nothing.zip")]
)
def test_a_bundle_that_is_not_there(
    cloud: Cloud, keys: dict[str, str], bucket: str, key: str
) -> None:
    client = cloud.client("elasticbeanstalk", keys)
    client.create_storage_location()
    told = (
        rf"Unable to download from S3 location \(Bucket: {bucket}  Key: {key}\). Reason: Not Found"
    )
    with refused("InvalidParameterCombination", told):
        client.create_application_version(
            ApplicationName="missing",
            VersionLabel="1",
            AutoCreateApplication=True,
            SourceBundle={"S3Bucket": bucket, "S3Key": key},
        )


def test_a_bundle_that_the_caller_may_not_read(cloud: Cloud, keys: dict[str, str]) -> None:
    root = cloud.client("s3")
    root.create_bucket(Bucket="private")
    root.put_object(Bucket="private", Key="a.zip", Body=b"")
    with refused("InvalidParameterCombination", "Reason: Forbidden"):
        cloud.client("elasticbeanstalk", keys).create_application_version(
            ApplicationName="secret",
            VersionLabel="1",
            SourceBundle={"S3Bucket": "private", "S3Key": "a.zip"},
        )


def test_what_there_is_of_platforms_and_options(cloud: Cloud, keys: dict[str, str]) -> None:
    client = cloud.client("elasticbeanstalk", keys)
    stacks = client.list_available_solution_stacks()["SolutionStacks"]
    assert any(one.endswith("running Docker") for one in stacks)
    known = {one["Name"] for one in client.describe_configuration_options()["Options"]}
    assert {"MinSize", "MaxSize"} <= known
    setting = {"Namespace": "aws:autoscaling:asg", "OptionName": "MinSize"}
    messages = client.validate_configuration_settings(
        ApplicationName="any", OptionSettings=[{**setting, "Value": "many"}]
    )["Messages"]
    assert [(one["Severity"], one["OptionName"]) for one in messages] == [("error", "MinSize")]
    quotas = client.describe_account_attributes()["ResourceQuotas"]
    assert quotas["ApplicationQuota"]["Maximum"] == 75


def test_what_is_not_here_is_refused_by_name(cloud: Cloud) -> None:
    client = cloud.client("elasticbeanstalk")
    with refused("NotImplemented", "elasticbeanstalk:ListPlatformBranches is not part"):
        client.list_platform_branches()
    with refused("NotImplemented", "CreateEnvironment: CNAMEPrefix is not part"):
        client.create_environment(
            ApplicationName="a", EnvironmentName="a-env", CNAMEPrefix="a-name"
        )
    with refused("NotImplemented", "ec2 is not part"):
        cloud.client("ec2").describe_instances()


def test_an_environment_that_is_not_there(cloud: Cloud, keys: dict[str, str]) -> None:
    with refused("InvalidParameterValue", "No Environment found for EnvironmentName = 'gone'"):
        cloud.client("elasticbeanstalk", keys).terminate_environment(EnvironmentName="gone")
    with pytest.raises(DockerlabError, match="gone"):
        cloud.environment("gone")


def test_objects_of_any_size_up_to_the_limit(cloud: Cloud, keys: dict[str, str]) -> None:
    s3 = cloud.client("s3", keys)
    cloud.client("elasticbeanstalk", keys).create_storage_location()
    content = os.urandom(1 << 20) * 20
    s3.put_object(Bucket=BUCKET, Key="large", Body=content)
    assert s3.get_object(Bucket=BUCKET, Key="large")["Body"].read() == content
    s3.upload_fileobj(io.BytesIO(content), BUCKET, "parts")
    assert s3.get_object(Bucket=BUCKET, Key="parts")["Body"].read() == content
    for name in ("large", "parts"):
        s3.delete_object(Bucket=BUCKET, Key=name)


def test_too_large_an_object_is_refused_before_it_is_sent(
    cloud: Cloud, keys: dict[str, str]
) -> None:
    """10 GB; the signature is not looked at, so none is made."""
    connection = http.client.HTTPConnection(urlsplit(cloud.endpoint).netloc, timeout=30)
    connection.putrequest("PUT", f"/{BUCKET}/zeros")
    connection.putheader("Content-Length", str(10 << 30))
    connection.putheader("Expect", "100-continue")
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 400
    assert "<Code>EntityTooLarge</Code>" in body
    assert "this cloud takes 128 MB" in body


class Zeros(io.RawIOBase):
    """As many as asked for, without having them."""

    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = self._left if size < 0 else min(size, self._left)
        self._left -= size
        return bytes(size)


def test_too_large_an_object_in_parts(cloud: Cloud, keys: dict[str, str]) -> None:
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import ClientError

    s3 = cloud.client("s3", keys)
    cloud.client("elasticbeanstalk", keys).create_storage_location()
    with pytest.raises((S3UploadFailedError, ClientError), match="EntityTooLarge"):
        s3.upload_fileobj(Zeros(10 << 30), BUCKET, "zeros")
    assert not s3.list_objects_v2(Bucket=BUCKET, Prefix="zeros").get("Contents")


UNDATED = "Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "AccessDenied"),
        ({"Authorization": "Basic Zm9v"}, "IncompleteSignature"),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=a"}, "IncompleteSignature"),
        (
            {"Authorization": f"AWS4-HMAC-SHA256 {UNDATED}, Signature={'0' * 64}"},
            "IncompleteSignature",
        ),
    ],
)
def test_unsigned_requests(cloud: Cloud, headers: dict[str, str], code: str) -> None:
    status, body = ask(cloud, "GET", "/", headers)
    assert status == 403
    assert f"<Code>{code}</Code>" in body


def ask(cloud: Cloud, method: str, path: str, headers: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(cloud.endpoint).netloc, timeout=30)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


@pytest.mark.parametrize(
    "path", ["/moto-api/data.json", "/moto-api/reset", "/_dockerlab/environments"]
)
def test_nobody_else_gets_at_what_is_inside(cloud: Cloud, path: str) -> None:
    for method in ("GET", "POST"):
        status, body = ask(cloud, method, path, {})
        assert status == 403
        assert cloud.root_keys.secret not in body


@pytest.mark.parametrize(
    "rest",
    [
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"Content-Length: 100\r\n\r\nshort",
    ],
)
def test_a_body_that_breaks_off(cloud: Cloud, rest: bytes) -> None:
    host = urlsplit(cloud.endpoint)
    with socket.create_connection((str(host.hostname), host.port or 0), timeout=10) as sending:
        sending.sendall(b"PUT /bucket/key HTTP/1.1\r\nHost: x\r\n" + rest)
        sending.shutdown(socket.SHUT_WR)
        answer = sending.makefile("rb").read()
    assert b"400 " in answer
    assert b"<Code>IncompleteBody</Code>" in answer


@pytest.mark.parametrize(
    ("service", "action"), [("iam", "Nope"), ("sts", ""), ("sts", "AssumeRole")]
)
def test_a_wrong_action_is_the_caller_s_fault(cloud: Cloud, service: str, action: str) -> None:
    status, body = post(cloud, service, f"Action={action}&Version=2011-06-15")
    assert status == 400
    assert "RoleArn" in body if action == "AssumeRole" else "<Code>InvalidAction</Code>" in body


def post(cloud: Cloud, service: str, form: str) -> tuple[int, str]:
    """A form, signed with root's keys."""
    host = urlsplit(cloud.endpoint).netloc
    headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded"}
    request = AWSRequest("POST", f"{cloud.endpoint}/", data=form, headers=headers)
    SigV4Auth(Credentials(*cloud.root_keys), service, "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("POST", "/", form, dict(request.headers))
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_it_listens_on_this_machine_only(cloud: Cloud) -> None:
    assert urlsplit(cloud.endpoint).hostname == "127.0.0.1"
    port = f"{urlsplit(cloud.endpoint).port:04X}"
    listening = [one.split()[1] for one in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert {one for one in listening if one.endswith(f":{port}")} == {f"0100007F:{port}"}


def test_keys_are_nobody_else_s_to_read(cloud: Cloud) -> None:
    root: Path = cloud._process.root
    assert stat.S_IMODE(root.stat().st_mode) == 0o700
    assert stat.S_IMODE((root / "cloud.json").stat().st_mode) == 0o600
    assert cloud.root_keys.secret not in repr(cloud) + repr(cloud.root_keys)
    assert cloud.root_keys.secret not in "\n".join(cloud._process.log_lines())


def test_two_clouds_know_nothing_of_each_other(cloud: Cloud, engine: Engine) -> None:
    with running(engine.url) as other:
        assert other.endpoint != cloud.endpoint
        other.client("elasticbeanstalk").create_application(ApplicationName="of-the-other")
        found = cloud.client("elasticbeanstalk").describe_applications(
            ApplicationNames=["of-the-other"]
        )
        assert not found["Applications"]
        with refused("InvalidClientTokenId"):
            other.client("sts", cloud.root_keys).get_caller_identity()
    assert cloud.client("sts").get_caller_identity()


def test_a_port_that_is_taken(cloud: Cloud, engine: Engine, tmp_path: Path) -> None:
    port = urlsplit(cloud.endpoint).port
    process = CloudProcess(engine.url, tmp_path / "cloud")
    try:
        second = Cloud(process, process.start(port=port))
        assert port is not None
        assert port < (urlsplit(second.endpoint).port or 0) <= port + 50
        assert f"port {port} is taken by another process" in "\n".join(process.log_lines())
    finally:
        process.stop()


def test_it_is_found_again_and_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    process = CloudProcess(engine.url, tmp_path / "cloud")
    started = process.start(port=0)
    assert process.start(port=0) == started
    assert CloudProcess(engine.url, tmp_path / "cloud").find() == started
    assert process.stop()
    assert not os.path.exists(f"/proc/{started.pid}")
    assert not list(tmp_path.iterdir())
    assert process.find() is None
    assert not process.stop()


def test_an_engine_that_is_not_there(tmp_path: Path) -> None:
    process = CloudProcess(f"unix://{tmp_path}/docker.sock", tmp_path / "cloud")
    with pytest.raises(CloudUnavailable, match="Cannot connect to the Docker daemon"):
        process.start(port=0)
    process.stop()
    assert not list(tmp_path.iterdir())


def test_the_command_line(engine: Engine, tmp_path: Path) -> None:
    environment = {**os.environ, "DOCKER_HOST": engine.url}

    def dockerlab(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "dockerlab", "cloud", *words]
        command += ["--root", str(tmp_path / "cloud")]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, env=environment, cwd=HERE
        )

    assert dockerlab("status").returncode == 3
    started = dockerlab("start", "--port", "0", "--region", "eu-west-1")
    assert started.returncode == 0, started.stderr
    lines = [one for one in started.stdout.splitlines() if one.startswith("export ")]
    said = dict(one.removeprefix("export ").split("=", 1) for one in lines)
    assert set(said) == {
        "AWS_ENDPOINT_URL",
        "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    }
    assert said["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert "runs already" in dockerlab("start").stdout
    status = dockerlab("status")
    assert status.returncode == 0
    assert said["AWS_ENDPOINT_URL"] in status.stdout
    assert "ready at" in dockerlab("logs").stdout
    assert "nothing of it is left" in dockerlab("stop").stdout
    assert "No cloud runs" in dockerlab("stop").stdout
    assert not list(tmp_path.iterdir())
