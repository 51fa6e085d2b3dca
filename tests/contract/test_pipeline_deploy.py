"""From a push to a page: the CI tests, uploads, and the cloud runs it; and what can go wrong."""

from __future__ import annotations

import contextlib
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cloudlab import POLICY, bundle, running, user
from engines import Engine
from pipelinelab import WORKFLOW, Project, project, said, steps

from dockerlab.client.cloud.cloud import Cloud
from dockerlab.formats.pipeline.run import Run, Status

MINE = f"dltest-cd-{uuid.uuid4().hex[:6]}"
IMAGE = f"{MINE}-tests"
MINUTES = 120.0
PAGE = "FROM nginx\nCOPY index.html /usr/share/nginx/html/\nEXPOSE 80\n"
TRAVIS = f"""\
language: generic
services: [docker]
before_install: docker build -q -t {IMAGE} -f Dockerfile.dev .
script: docker run --rm --name {IMAGE} {IMAGE} grep -q Hello /app/index.html
deploy:
  provider: elasticbeanstalk
  region: us-east-1
  app: {MINE}
  env: {MINE}-env
  bucket_name: $BUCKET
  bucket_path: pages
  access_key_id: $AWS_ACCESS_KEY_ID
  secret_access_key: $AWS_SECRET_ACCESS_KEY
  on: {{branch: master}}
"""
FILES = {
    ".travis.yml": TRAVIS,
    "Dockerfile": PAGE,
    "Dockerfile.dev": "FROM alpine\nWORKDIR /app\nCOPY . .\n",
    "index.html": "Hello one\n",
}


@pytest.fixture(scope="module")
def cloud(engine: Engine, images: None) -> Iterator[Cloud]:
    """A cloud with an environment that shows a page, shared by the tests of an engine."""
    with running(engine.url) as started:
        _environment(started)
        yield started


def _environment(cloud: Cloud) -> None:
    beanstalk, s3 = cloud.client("elasticbeanstalk"), cloud.client("s3")
    bucket = beanstalk.create_storage_location()["S3Bucket"]
    files = {"Dockerfile": PAGE, "index.html": "sample\n"}
    s3.put_object(Bucket=bucket, Key="sample.zip", Body=bundle(**files))
    beanstalk.create_application_version(
        ApplicationName=MINE,
        VersionLabel="sample",
        AutoCreateApplication=True,
        SourceBundle={"S3Bucket": bucket, "S3Key": "sample.zip"},
    )
    stacks = beanstalk.list_available_solution_stacks()["SolutionStacks"]
    beanstalk.create_environment(
        ApplicationName=MINE,
        EnvironmentName=f"{MINE}-env",
        VersionLabel="sample",
        SolutionStackName=next(one for one in stacks if one.endswith("running Docker")),
    )
    assert cloud.wait(f"{MINE}-env", MINUTES).status == "Ready"


@pytest.fixture
def app(engine: Engine, cloud: Cloud) -> Iterator[Project]:
    made = project(Path(engine.shared_folder()), engine.url, name=MINE, seconds=MINUTES)
    made.ci.folder.root.chmod(0o755)
    key = user(cloud, f"ci-{uuid.uuid4().hex[:6]}", POLICY)
    made.ci.settings["AWS_ACCESS_KEY_ID"] = key["AccessKeyId"]
    made.ci.settings["AWS_SECRET_ACCESS_KEY"] = key["SecretAccessKey"]
    bucket = cloud.client("elasticbeanstalk").create_storage_location()["S3Bucket"]
    made.ci.settings.plain["BUCKET"] = bucket
    made.ci.settings.plain["AWS_ENDPOINT_URL"] = cloud.endpoint
    yield made
    made.ci.remove()


@pytest.fixture
def client(session_client: Any, images: None) -> Iterator[Any]:
    yield session_client
    with contextlib.suppress(Exception):
        session_client.images.remove(IMAGE, force=True)


def shown(cloud: Cloud) -> str:
    """What a visitor reads."""
    with urllib.request.urlopen(cloud.environment(f"{MINE}-env").url, timeout=30) as answer:
        text: str = answer.read().decode().strip()
    return text


def last(app: Project) -> Run:
    run = app.ci.last
    assert run is not None
    return run


def test_a_push_is_tested_and_deployed_and_a_broken_one_is_not(
    app: Project, cloud: Cloud, client: Any
) -> None:
    app.commit(FILES, "Greet")
    told = app.push()
    assert last(app).passed, told
    assert shown(cloud) == "Hello one"
    before = cloud.environment(f"{MINE}-env").version
    assert before.startswith(f"{MINE}-{last(app).commit[:7]}-")
    assert f"s3://{app.ci.settings.plain['BUCKET']}/pages/" in told
    assert app.ci.settings["AWS_SECRET_ACCESS_KEY"] not in told

    app.commit({"index.html": "Bye\n"}, "Break it")
    app.push()
    run = last(app)
    assert run.status is Status.FAILED
    assert steps(run)["elasticbeanstalk"].status is Status.SKIPPED
    assert cloud.environment(f"{MINE}-env").version == before

    app.commit({"index.html": "Hello two\n"}, "Mend it")
    app.push("topic")
    assert last(app).passed
    assert "topic" in steps(last(app))["elasticbeanstalk"].note
    assert shown(cloud) == "Hello one"
    app.push()
    assert last(app).passed, app.ci.log()
    assert shown(cloud) == "Hello two"


def test_only_what_is_tracked_is_deployed(app: Project, cloud: Cloud, client: Any) -> None:
    script = "script: echo left > left.txt; echo Hello changed > index.html\n"
    text = TRAVIS.replace(TRAVIS.splitlines(keepends=True)[3], script)
    app.commit({**FILES, ".travis.yml": text, "index.html": "Hello tracked\n"})
    app.push()
    assert last(app).passed, app.ci.log()
    assert shown(cloud) == "Hello tracked"
    app.commit({".travis.yml": text + "  skip_cleanup: true\n"})
    app.push()
    assert shown(cloud) == "Hello changed"
    names = [one["Key"] for one in _zips(app, cloud)]
    assert all(name.startswith("pages/") for name in names if name != "sample.zip")


def _zips(app: Project, cloud: Cloud) -> list[dict[str, Any]]:
    bucket = app.ci.settings.plain["BUCKET"]
    found: list[dict[str, Any]] = cloud.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    return found


def test_a_dockerfile_that_does_not_build_is_rolled_back(
    app: Project, cloud: Cloud, client: Any
) -> None:
    app.commit({**FILES, "index.html": "Hello good\n"})
    app.push()
    assert last(app).passed, app.ci.log()
    app.commit({"Dockerfile": "FROM nginx\nEXPOSE 80\nRUN exit 7\n"})
    app.push()
    step = steps(last(app))["elasticbeanstalk"]
    assert step.status is Status.ERRORED
    assert any(line.startswith("ERROR") for line in step.log), step.log
    assert shown(cloud) == "Hello good"


Change = Callable[[Project, Cloud], None]


def _wrong_secret(app: Project, cloud: Cloud) -> None:
    app.ci.settings["AWS_SECRET_ACCESS_KEY"] = "x" * 40


def _unknown_key(app: Project, cloud: Cloud) -> None:
    app.ci.settings["AWS_ACCESS_KEY_ID"] = "AKIAXXXXXXXXXXXXXXXX"


def _no_policy(app: Project, cloud: Cloud) -> None:
    key = user(cloud, f"nobody-{uuid.uuid4().hex[:6]}")
    app.ci.settings["AWS_ACCESS_KEY_ID"] = key["AccessKeyId"]
    app.ci.settings["AWS_SECRET_ACCESS_KEY"] = key["SecretAccessKey"]


def _no_key(app: Project, cloud: Cloud) -> None:
    del app.ci.settings["AWS_ACCESS_KEY_ID"]


def _wrong_bucket(app: Project, cloud: Cloud) -> None:
    app.ci.settings.plain["BUCKET"] = "elasticbeanstalk-us-east-1-000000000000"


def _no_cloud(app: Project, cloud: Cloud) -> None:
    app.ci.settings.plain["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"


def _nothing(app: Project, cloud: Cloud) -> None:
    pass


@pytest.mark.parametrize(
    ("change", "file", "code", "hint"),
    [
        (_wrong_secret, TRAVIS, "SignatureDoesNotMatch", "copy it"),
        (_unknown_key, TRAVIS, "InvalidAccessKeyId", "no such access key"),
        (_no_policy, TRAVIS, "AccessDenied", "AdministratorAccess-AWSElasticBeanstalk"),
        (_no_key, TRAVIS, "stands for nothing", "settings"),
        (_wrong_bucket, TRAVIS, "NoSuchBucket", "bucket_name"),
        (_no_cloud, TRAVIS, "nothing answers", "lab.cloud()"),
        (
            _nothing,
            TRAVIS.replace(f"env: {MINE}-env", "env: Nobody"),
            "No Environment found",
            "name",
        ),
        (_nothing, TRAVIS.replace(f"app: {MINE}", "app: Nobody"), "No Application named", "name"),
    ],
)
def test_what_aws_refuses_is_told_in_its_words_with_what_to_do(
    app: Project, cloud: Cloud, client: Any, change: Change, file: str, code: str, hint: str
) -> None:
    text = "\n".join(
        line for line in file.splitlines() if not line.startswith(("before", "script"))
    )
    before = cloud.environment(f"{MINE}-env").version
    change(app, cloud)
    app.commit({**FILES, ".travis.yml": text})
    app.push()
    step = steps(last(app))["elasticbeanstalk"]
    assert step.status is Status.ERRORED
    assert code in "\n".join(step.log)
    assert hint in step.note
    assert cloud.environment(f"{MINE}-env").version == before


def test_a_workflow_deploys_the_zip_that_it_made(app: Project, cloud: Cloud, client: Any) -> None:
    text = f"""\
on: {{push: {{branches: [master]}}}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: grep -q Hello index.html
  deploy:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: git archive -o deploy.zip HEAD
      - uses: einaregilsson/beanstalk-deploy@v22
        with:
          aws_access_key: ${{{{ secrets.AWS_ACCESS_KEY_ID }}}}
          aws_secret_key: ${{{{ secrets.AWS_SECRET_ACCESS_KEY }}}}
          application_name: {MINE}
          environment_name: {MINE}-env
          region: us-east-1
          version_label: v-${{{{ github.sha }}}}
          deployment_package: deploy.zip
"""
    del (files := dict(FILES))[".travis.yml"]
    app.commit({**files, WORKFLOW: text, "index.html": "Hello Actions\n"})
    app.push()
    assert last(app).passed, app.ci.log()
    assert shown(cloud) == "Hello Actions"
    assert cloud.environment(f"{MINE}-env").version == f"v-{last(app).commit}"
    # The same label again is refused, as on AWS.
    app.write({"index.html": "Hello again\n"})
    app.commit({"index.html": "Bye\n"})
    app.push()
    assert [str(job.status) for job in last(app).jobs] == ["failed", "skipped"]
    assert shown(cloud) == "Hello Actions"
    assert "Hello" not in said(last(app))
