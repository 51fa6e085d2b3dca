"""Through the cloud's API: deploy, update, fail, roll back, end; with boto3 and with aws."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docker
import pytest
from cloudlab import POLICY, bundle, running, user
from docker.client import DockerClient
from engines import Engine, wanted
from engines import running as engine_running

from dockerlab.client.cloud.cloud import Cloud
from dockerlab.client.cloud.process import CloudProcess
from dockerlab.course.prepare import prepare
from dockerlab.errors import CloudUnavailable
from dockerlab.formats.cloud import Environment

# Bounded by what they wait for; an environment is up in seconds where nothing else runs.
pytestmark = pytest.mark.timeout(300)

STACK = "running Docker"
MINUTES = 120.0


def page(text: str) -> str:
    """A Dockerfile whose page says this."""
    return f"FROM nginx\nRUN echo {text} > /usr/share/nginx/html/index.html\nEXPOSE 80\n"


VERSIONS = {"one": page("one"), "two": page("two"), "broken": "FROM nginx\nEXPOSE 80\nRUN false\n"}


@pytest.fixture
def cloud(engine: Engine, images: None) -> Iterator[Cloud]:
    with running(engine.url) as started:
        yield started


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        text: str = answer.read().decode().strip()
    return text


def told(found: Environment) -> str:
    return "\n".join(f"{one.severity} {one.message}" for one in found.events)


def traces(client: DockerClient, name: str) -> list[str]:
    """What there is on the engine of an environment or an application."""
    api: Any = client.api
    return [
        *(box["Names"][0] for box in api.containers(all=True) if name in box["Names"][0]),
        *(one["Name"] for one in api.networks() if name in one["Name"]),
        *(tag for one in api.images() for tag in one.get("RepoTags") or () if name in tag),
        *(one["Name"] for one in api.volumes().get("Volumes") or () if name in one["Name"]),
    ]


def test_from_a_bundle_to_a_page_and_back(cloud: Cloud, name: str, client: DockerClient) -> None:
    key = user(cloud, "deployer", POLICY)
    beanstalk, s3 = cloud.client("elasticbeanstalk", key), cloud.client("s3", key)
    bucket = beanstalk.create_storage_location()["S3Bucket"]
    for label, dockerfile in VERSIONS.items():
        s3.put_object(Bucket=bucket, Key=f"{label}.zip", Body=bundle(Dockerfile=dockerfile))
        beanstalk.create_application_version(
            ApplicationName=name,
            VersionLabel=label,
            AutoCreateApplication=True,
            SourceBundle={"S3Bucket": bucket, "S3Key": f"{label}.zip"},
        )
    stacks = beanstalk.list_available_solution_stacks()["SolutionStacks"]
    made = beanstalk.create_environment(
        ApplicationName=name,
        EnvironmentName=name,
        VersionLabel="one",
        SolutionStackName=next(one for one in stacks if one.endswith(STACK)),
        OptionSettings=[
            {"Namespace": "aws:autoscaling:asg", "OptionName": "MinSize", "Value": "2"}
        ],
    )
    assert made["Status"] == "Launching"
    found = cloud.wait(name, MINUTES)
    assert (found.status, found.health, found.version) == ("Ready", "Green", "one"), told(found)
    assert len(found.in_service) == 2
    assert get(found.url) == "one"
    described = beanstalk.describe_environments(EnvironmentNames=[name])["Environments"][0]
    assert f"http://{described['CNAME']}/" == found.url
    assert described["EnvironmentId"] == made["EnvironmentId"]

    beanstalk.update_environment(EnvironmentName=name, VersionLabel="two")
    found = cloud.wait(name, MINUTES)
    assert (found.status, found.health, found.version) == ("Ready", "Green", "two"), told(found)
    assert get(found.url) == "two"

    began = time.time()
    beanstalk.update_environment(EnvironmentId=made["EnvironmentId"], VersionLabel="broken")
    found = cloud.wait(name, MINUTES)
    assert (found.status, found.version) == ("Ready", "two"), told(found)
    assert get(found.url) == "two"
    events = beanstalk.describe_events(EnvironmentName=name, Severity="ERROR")["Events"]
    assert any(one["EventDate"].timestamp() > began - 1 for one in events)

    shown = beanstalk.describe_environment_health(EnvironmentName=name, AttributeNames=["All"])
    assert (shown["Status"], shown["Color"]) == ("Ready", "Green")
    health = beanstalk.describe_instances_health(EnvironmentName=name)["InstanceHealthList"]
    assert {one["Deployment"]["VersionLabel"] for one in health} == {"two"}
    parts = beanstalk.describe_environment_resources(EnvironmentName=name)["EnvironmentResources"]
    assert {one["Id"] for one in parts["Instances"]} == {one.id for one in found.instances}
    beanstalk.terminate_environment(EnvironmentName=name)
    assert cloud.wait(name, MINUTES).status == "Terminated"
    assert not beanstalk.describe_environments(EnvironmentNames=[name])["Environments"]
    cloud.stop()
    assert not traces(client, name)


@pytest.fixture
def aws(cloud: Cloud) -> Any:
    """``aws("s3", "ls")``: the real command line, with the keys of somebody who may deploy."""
    found = shutil.which("aws")
    if not found:
        if os.environ.get("CI"):
            pytest.fail("the aws command line is not installed")
        pytest.skip("the aws command line is not installed")
    key = user(cloud, "commander", POLICY)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    environment |= {**cloud.variables(key), "AWS_PAGER": "", "AWS_CONFIG_FILE": "/dev/null"}
    environment |= {"AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}

    def call(*words: str, code: int = 0) -> Any:
        command = [found, "--endpoint-url", cloud.endpoint, "--output", "json", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
        assert done.returncode == code or (code and done.returncode), done.stderr + done.stdout
        if code:
            return done.stderr
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    return call


def test_the_real_aws_command(
    cloud: Cloud, aws: Any, name: str, tmp_path: Path, client: DockerClient
) -> None:
    assert aws("sts", "get-caller-identity")["Arn"].endswith(":user/commander")
    assert "AccessDenied" in aws("iam", "create-user", "--user-name", "other", code=254)
    eb = "elasticbeanstalk"
    bucket = aws(eb, "create-storage-location")["S3Bucket"]
    for label, dockerfile in VERSIONS.items():
        (tmp_path / "app.zip").write_bytes(bundle(Dockerfile=dockerfile))
        aws("s3", "cp", str(tmp_path / "app.zip"), f"s3://{bucket}/{label}.zip")
        aws(
            *(eb, "create-application-version", "--application-name", name),
            *("--version-label", label, "--auto-create-application"),
            *("--source-bundle", f"S3Bucket={bucket},S3Key={label}.zip"),
        )
    stacks = aws(eb, "list-available-solution-stacks")["SolutionStacks"]
    aws(
        *(eb, "create-environment", "--application-name", name, "--environment-name", name),
        *("--version-label", "one", "--solution-stack-name", stacks[0]),
    )
    assert get(ready(cloud, name, "one").url) == "one"
    aws(eb, "update-environment", "--environment-name", name, "--version-label", "two")
    assert get(ready(cloud, name, "two").url) == "two"
    aws(eb, "update-environment", "--environment-name", name, "--version-label", "broken")
    assert get(ready(cloud, name, "two").url) == "two"
    errors = aws(eb, "describe-events", "--environment-name", name, "--severity", "ERROR")
    assert errors["Events"]
    unknown = aws(
        *(eb, "update-environment", "--environment-name", name, "--version-label", "never"),
        code=254,
    )
    assert "InvalidParameterValue" in unknown
    aws(eb, "terminate-environment", "--environment-name", name)
    assert cloud.wait(name, MINUTES).status == "Terminated"
    listed = aws("s3", "ls", f"s3://{bucket}/")
    assert all(f"{label}.zip" in listed for label in VERSIONS)


def ready(cloud: Cloud, name: str, version: str) -> Environment:
    found = cloud.wait(name, MINUTES)
    assert (found.status, found.version) == ("Ready", version), told(found)
    return found


def deploy(cloud: Cloud, name: str, dockerfile: str) -> None:
    """Begin to."""
    beanstalk, s3 = cloud.client("elasticbeanstalk"), cloud.client("s3")
    bucket = beanstalk.create_storage_location()["S3Bucket"]
    s3.put_object(Bucket=bucket, Key="a.zip", Body=bundle(Dockerfile=dockerfile))
    beanstalk.create_application_version(
        ApplicationName=name,
        VersionLabel="one",
        AutoCreateApplication=True,
        SourceBundle={"S3Bucket": bucket, "S3Key": "a.zip"},
    )
    stack = beanstalk.list_available_solution_stacks()["SolutionStacks"][0]
    beanstalk.create_environment(
        ApplicationName=name, EnvironmentName=name, VersionLabel="one", SolutionStackName=stack
    )


def test_stopped_while_it_runs_nothing_stays(cloud: Cloud, name: str, client: DockerClient) -> None:
    deploy(cloud, name, page("one"))
    ready(cloud, name, "one")
    assert traces(client, name)
    cloud.stop()
    assert not traces(client, name)


def test_stopped_in_the_middle_of_a_deployment_nothing_stays(
    cloud: Cloud, name: str, client: DockerClient
) -> None:
    deploy(cloud, name, "FROM nginx\nEXPOSE 80\nRUN sleep 300\n")
    time.sleep(2)
    cloud.stop()
    assert not traces(client, name)


def test_what_a_killed_cloud_left_is_removed(
    engine: Engine, images: None, name: str, client: DockerClient, tmp_path: Path
) -> None:
    process = CloudProcess(engine.url, tmp_path / "cloud")
    cloud = Cloud(process, process.start(port=0))
    deploy(cloud, name, page("one"))
    ready(cloud, name, "one")
    found = process.find()
    assert found is not None
    os.kill(found.pid, 9)
    end = time.monotonic() + 60
    while process.find() and time.monotonic() < end:
        time.sleep(0.05)
    assert traces(client, name)
    assert not process.stop()
    assert not traces(client, name)
    assert not list(tmp_path.iterdir())


def test_following_tells_of_each_step_and_ends(cloud: Cloud, name: str) -> None:
    deploy(cloud, name, page("one"))
    seen = []
    for found in cloud.follow(name):
        seen.append(found.status)
        if found.status == "Ready" and "Terminating" not in seen:
            cloud.client("elasticbeanstalk").terminate_environment(EnvironmentName=name)
    assert seen[0] == "Launching"
    assert "Ready" in seen
    assert seen[-1] == "Terminated"


def test_following_ends_with_the_cloud(cloud: Cloud, name: str) -> None:
    deploy(cloud, name, page("one"))
    with ThreadPoolExecutor(1) as others:
        told = others.submit(list, cloud.follow(name))
        cloud.wait(name, MINUTES)
        cloud.stop()
        assert told.result(timeout=60)[-1].name == name


@pytest.fixture(params=[kind for kind in wanted(embedded=True) if kind.endswith("-user")])
def mortal(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of this test's own, with Nginx."""
    with engine_running(request.param) as started:
        client = docker.DockerClient(base_url=started.url, version="1.41")
        prepare(client, ["nginx"])
        client.close()
        yield started


def test_an_engine_that_dies_in_the_middle(mortal: Engine) -> None:
    """The cloud stays up and says what happened; with the engine back, it tidies up."""
    with running(mortal.url) as cloud:
        deploy(cloud, "dying", "FROM nginx\nEXPOSE 80\nRUN sleep 300\n")
        time.sleep(2)
        mortal.kill()
        for found in cloud.follow("dying"):
            if any("engine does not answer" in one.message for one in found.events):
                break
        assert cloud.client("s3").list_buckets()["Buckets"]
        mortal.launch()
        found = cloud.wait("dying", MINUTES)
        assert found.status in ("Ready", "Terminated"), told(found)
        cloud.stop()
        client = docker.DockerClient(base_url=mortal.url, version="1.41")
        assert not traces(client, "dying")
        client.close()


def test_stopped_when_the_engine_is_dead(mortal: Engine, tmp_path: Path) -> None:
    """It ends, and says what is left; once more with the engine back, and nothing is."""
    process = CloudProcess(mortal.url, tmp_path / "cloud")
    cloud = Cloud(process, process.start(port=0))
    deploy(cloud, "dying", page("one"))
    mortal.kill()
    with pytest.raises(CloudUnavailable, match="is still there: the engine"):
        cloud.stop()
    with pytest.raises(CloudUnavailable, match="does not answer"):
        cloud.environments()
    mortal.launch()
    assert not process.stop()
    client = docker.DockerClient(base_url=mortal.url, version="1.41")
    assert not traces(client, "dying")
    client.close()
    assert not list(tmp_path.iterdir())
