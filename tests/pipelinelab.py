"""Projects for a CI to run: a folder with git in it, and a CI beside it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dockerlab.client.ci.ci import Ci
from dockerlab.formats.pipeline.run import Run, StepRun

NOWHERE = "unix:///nowhere/docker.sock"
"""An engine that a job must do without."""
WORKFLOW = ".github/workflows/ci.yml"


def git(*words: str, at: Path, check: bool = True) -> str:
    """git as a person with a name of its own; what it prints, both streams."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    done = subprocess.run(
        ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.org", *words],
        cwd=at,
        env=environment | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=120,
    )
    assert not check or done.returncode == 0, done.stdout
    return done.stdout


@dataclass
class Project:
    """A folder under git whose ``origin`` is the CI's repository."""

    folder: Path
    ci: Ci

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def commit(self, files: Mapping[str, str], message: str = "Change") -> None:
        self.write(files)
        git("add", "--all", at=self.folder)
        git("commit", "--quiet", "--allow-empty", "-m", message, at=self.folder)

    def push(self, branch: str = "master") -> str:
        """What the one who pushes sees."""
        return git("push", "origin", f"HEAD:refs/heads/{branch}", at=self.folder)

    def travis(self, text: str, **files: str) -> Run:
        """Run the folder with this ``.travis.yml``."""
        self.write({".travis.yml": text, **files})
        return self.ci.run(self.folder, file=".travis.yml", quiet=True)

    def workflow(self, text: str, event: str = "push", branch: str = "master") -> Run:
        self.write({WORKFLOW: text})
        return self.ci.run(self.folder, file=WORKFLOW, event=event, branch=branch, quiet=True)


def project(
    base: Path, engine: str = NOWHERE, *, name: str = "app", seconds: float = 60
) -> Project:
    """A project below ``base``; its jobs may take so long."""
    folder = base / "project"
    folder.mkdir(exist_ok=True)
    git("init", "--quiet", "--initial-branch", "master", at=folder)
    ci = Ci(name, engine, root=base / "ci", step_seconds=seconds)
    git("remote", "add", "origin", ci.remote, at=folder)
    return Project(folder, ci)


def steps(run: Run) -> dict[str, StepRun]:
    """All steps by name; those of a job that is like another win."""
    return {step.name: step for job in run.jobs for step in job.steps}


def outcomes(run: Run) -> dict[str, str]:
    return {name: str(step.status) for name, step in steps(run).items()}


def said(run: Run) -> str:
    """All that the steps have written."""
    return "\n".join(line for step in steps(run).values() for line in step.log)
