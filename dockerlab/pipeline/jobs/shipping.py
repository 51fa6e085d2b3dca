"""A deployment as a step of a job."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from dockerlab.errors import DockerlabError
from dockerlab.formats.pipeline.plan import Beanstalk
from dockerlab.formats.pipeline.run import Status
from dockerlab.pipeline.deploy.beanstalk import deploy
from dockerlab.pipeline.deploy.target import DeployFailed, Target
from dockerlab.pipeline.jobs.attempt import Attempt, Done
from dockerlab.pipeline.jobs.context import ENDPOINT
from dockerlab.pipeline.journal import Output
from dockerlab.pipeline.repository import archive

Fill = Callable[[str], str]
"""Puts values in for the names in a text of the file."""


def ship(
    attempt: Attempt, work: Beanstalk, fill: Fill, output: Output, done: Done, seconds: float
) -> None:
    """Deploy; ``done`` gets what came of it."""
    try:
        target = _target(attempt, work, fill)
        attempt.context.journal.masks.add(target.secret_key)
        deploy(target, output.line, seconds)
    except DockerlabError as error:
        done.status = Status.ERRORED
        done.note = error.hint or error.message
        output.line(f"Deployment failed: {error.message}")


def _target(attempt: Attempt, work: Beanstalk, fill: Fill) -> Target:
    label = fill(work.label) or _label(attempt)
    return Target(
        region=_filled("region", work.region, fill),
        application=_filled("the application", work.application, fill),
        environment=fill(work.environment),
        access_key=_filled("the access key id", work.access_key, fill),
        secret_key=_filled("the secret access key", work.secret_key, fill),
        session_token=fill(work.session_token),
        bucket=fill(work.bucket),
        path=fill(work.path),
        label=label,
        description=fill(work.description) or attempt.context.commit.subject,
        endpoint=attempt.context.settings.all.get(ENDPOINT, ""),
        package=_package(attempt, work, fill),
        existing=work.existing,
        wait=work.wait,
        only_version=work.only_version,
    )


def _filled(what: str, text: str, fill: Fill) -> str:
    value = fill(text).strip()
    if not value:
        raise DeployFailed(
            f"{what} is empty: {text} stands for nothing",
            "put it into the settings of the CI, under that name",
        )
    return value


def _label(attempt: Attempt) -> str:
    """One that no version has had: a commit may be deployed twice."""
    commit = attempt.context.commit
    return f"{attempt.context.name}-{commit.id[:7]}-{int(time.time())}"


def _package(attempt: Attempt, work: Beanstalk, fill: Fill) -> Path | None:
    if work.package:
        return _given(attempt, fill(work.package))
    if work.existing:
        return None
    path = attempt.place.temp / "deploy.zip"
    with path.open("wb") as into:
        archive(attempt.place.work, into, as_left=work.as_left)
    return path


def _given(attempt: Attempt, name: str) -> Path:
    """A zip that the job has made, within its own folder."""
    path = (attempt.place.work / name).resolve()
    if not path.is_relative_to(attempt.place.root.resolve()):
        raise DeployFailed(f"{name} is not in the job's folder", "make the zip there")
    if not path.is_file():
        raise DeployFailed(
            f"there is no file {name}", "a step before has to make it: zip -r deploy.zip ."
        )
    return path
