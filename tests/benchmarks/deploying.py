"""From a push to a page behind a load balancer, updates under load, and scaling: chapter 6's way.

The app is small, so that what is measured is the CI, the cloud and the engine, not npm.
"""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines import Engine
from measuring import Row

import dockerlab
from dockerlab.client.lab import Lab
from dockerlab.formats.cloud import Environment, Load

IMAGES = ("busybox", "nginx")
NAME = "dlbench-deploy"
BUCKET_PATH = NAME
RATE = 200
SECONDS = 8.0
DOCKERFILE = """FROM busybox
WORKDIR /www
COPY index.html .
EXPOSE 8080
CMD ["httpd", "-f", "-p", "8080"]
"""
TRAVIS = f"""language: generic
services: [docker]
before_install:
  - docker build -t {NAME}/test .
script:
  - docker run --rm {NAME}/test grep -q version index.html
deploy:
  provider: elasticbeanstalk
  access_key_id: $AWS_ACCESS_KEY_ID
  secret_access_key: $AWS_SECRET_ACCESS_KEY
  region: us-east-1
  app: {NAME}
  env: {NAME}-env
  bucket_name: $BUCKET
  bucket_path: {BUCKET_PATH}
  on:
    branch: master
"""
SCALING = {
    "aws:autoscaling:asg": {"MinSize": "1", "MaxSize": "4"},
    "aws:autoscaling:trigger": {
        "MeasureName": "RequestCount",
        "Statistic": "Average",
        "Unit": "Count/Second",
        "UpperThreshold": "20",
        "LowerThreshold": "5",
        "UpperBreachScaleIncrement": "3",
        "Period": "1",
        "BreachDuration": "1",
    },
}


def all_rows(engines: dict[str, Engine]) -> list[Row]:
    seen = {kind: _measured(engine) for kind, engine in engines.items()}
    base = seen.get("docker")
    return [row for kind, each in seen.items() for row in _rows(kind, each, base)]


@dataclass(frozen=True)
class Seen:
    """What one engine took: seconds, and what came of the requests meanwhile."""

    pushed: float
    updating: float
    load: Load
    scaled: float


def _rows(kind: str, seen: Seen, base: Seen | None) -> Iterator[Row]:
    namespaces = kind.startswith("namespaces")
    against = f"{base.pushed / seen.pushed:.1f}x faster" if base and kind != "docker" else "–"
    goal = "< 15 s" if namespaces else ""
    yield "push to deployed", kind, f"{seen.pushed:.1f} s", against, goal
    rate = seen.load.sent / seen.load.seconds
    told = f"{seen.load.failed} of {seen.load.sent} failed, {rate:.0f}/s, {seen.updating:.1f} s"
    yield "rolling update under load", kind, told, "–", f"0 at {RATE}/s"
    yield "scale from 1 to 4", kind, f"{seen.scaled:.1f} s", "–", "< 10 s"


def _measured(engine: Engine) -> Seen:
    with (
        tempfile.TemporaryDirectory(prefix="dlbench-deploy-") as made,
        contextlib.redirect_stdout(None),
        _stage(engine, Path(made)) as stage,
    ):
        stage.change()  # the first one finds no image cached
        pushed = stage.change()
        updating, load = stage.update_under_load()
        return Seen(pushed, updating, load, stage.scale())


@contextlib.contextmanager
def _stage(engine: Engine, folder: Path) -> Iterator[Stage]:
    folder.chmod(0o755)
    lab = dockerlab.connect(engine.url)
    cloud = lab.cloud()
    ci = lab.ci(NAME)
    try:
        yield Stage(lab, cloud, ci, folder)
    finally:
        ci.remove()
        cloud.stop()


class Stage:
    """A repository, its CI and an environment in the cloud."""

    def __init__(self, lab: Lab, cloud: Any, ci: Any, folder: Path) -> None:
        self.cloud, self.ci, self.folder = cloud, ci, folder
        self.environment = f"{NAME}-env"
        self.version = 0
        beanstalk = cloud.client("elasticbeanstalk", cloud.root_keys)
        self.beanstalk = beanstalk
        bucket = beanstalk.create_storage_location()["S3Bucket"]
        stack = beanstalk.list_available_solution_stacks()["SolutionStacks"][0]
        beanstalk.create_application(ApplicationName=NAME)
        beanstalk.create_environment(
            ApplicationName=NAME, EnvironmentName=self.environment, SolutionStackName=stack
        )
        cloud.wait(self.environment)
        id, secret = cloud.root_keys
        for name, value in (
            ("AWS_ACCESS_KEY_ID", id),
            ("AWS_SECRET_ACCESS_KEY", secret),
            ("BUCKET", bucket),
        ):
            ci.settings[name] = value
        (folder / "Dockerfile").write_text(DOCKERFILE)
        (folder / ".travis.yml").write_text(TRAVIS)
        self.git("init", "-q", "-b", "master")
        self.git("remote", "add", "origin", str(ci.remote))

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
        subprocess.run(
            ["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, timeout=120
        )

    def commit(self) -> None:
        self.version += 1
        (self.folder / "index.html").write_text(f"version {self.version}\n")
        self.git("add", ".")
        self.git("commit", "-qm", f"version {self.version}")

    def change(self) -> float:
        """Seconds from a push to the environment that runs it."""
        self.commit()
        begun = time.perf_counter()
        self.git("push", "-q", "origin", "master")
        now = self.cloud.wait(self.environment)
        took = time.perf_counter() - begun
        assert self.ci.last.passed, self.ci.last
        assert now.health == "Green", now
        return took

    def update_under_load(self) -> tuple[float, Load]:
        """Seconds of a deployment, and what came of the requests sent meanwhile."""
        found: list[Load] = []
        url = self.now.url
        visitors = threading.Thread(
            target=lambda: found.append(self.cloud.load(url, rate=RATE, seconds=SECONDS))
        )
        visitors.start()
        time.sleep(1)
        took = self.change()
        visitors.join()
        return took, found[0]

    def scale(self) -> float:
        """Seconds from the first of many requests to four instances in service."""
        options = [
            {"Namespace": space, "OptionName": name, "Value": value}
            for space, names in SCALING.items()
            for name, value in names.items()
        ]
        self.beanstalk.update_environment(EnvironmentName=self.environment, OptionSettings=options)
        self.cloud.wait(self.environment)
        url = self.now.url
        visitors = threading.Thread(
            target=lambda: self.cloud.load(url, rate=RATE, seconds=20), daemon=True
        )
        begun = time.perf_counter()
        visitors.start()
        while len(self.now.in_service) < 4:
            if time.perf_counter() - begun > 60:
                return float("inf")
            time.sleep(0.1)
        took = time.perf_counter() - begun
        visitors.join()
        return took

    @property
    def now(self) -> Environment:
        environment: Environment = self.cloud.environment(self.environment)
        return environment
