"""The bare repository that is pushed to, and the hook that starts the CI's process."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import dockerlab
from dockerlab.client.ci.folder import Folder, write_whole
from dockerlab.errors import DockerlabError

GIT_SECONDS = 30.0


def command(folder: Folder, name: str, engine: str, limits: Sequence[str]) -> list[str]:
    """The CI's process, but for what it is to run."""
    return [
        *(sys.executable, "-P", "-m", "dockerlab.pipeline"),
        *("--root", str(folder.root), "--name", name, "--engine", engine, *limits),
    ]


def environment() -> dict[str, str]:
    """The process's variables: it has to find this package, whatever folder it begins in."""
    package = str(Path(dockerlab.__file__).resolve().parents[1])
    before = os.environ.get("PYTHONPATH", "")
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, [package, before]))}


def install(folder: Folder, starts: Sequence[str]) -> None:
    """Make the repository where it is missing, and a hook that starts this command."""
    if not (folder.repository / "HEAD").exists():
        git("init", "--quiet", "--bare", "--initial-branch", "master", str(folder.repository))
        for key in ("uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"):
            git("-C", str(folder.repository), "config", key, "true")
    package = str(Path(dockerlab.__file__).resolve().parents[1])
    text = f"""#!/bin/sh
# Starts the CI for what was pushed. git shows what it prints as "remote: …".
unset $(git rev-parse --local-env-vars) GIT_QUARANTINE_PATH GIT_EXEC_PATH
PYTHONPATH={shlex.quote(package)}${{PYTHONPATH:+:$PYTHONPATH}}
export PYTHONPATH
exec {shlex.join(starts)} --pushed
"""
    (folder.repository / "hooks").mkdir(exist_ok=True)
    write_whole(folder.repository / "hooks" / "post-receive", text, mode=0o755)


def git(*words: str) -> str:
    """What git prints; DockerlabError where it is missing or fails."""
    program = shutil.which("git")
    if program is None:
        raise DockerlabError(
            "git is not installed, and a CI begins with a push", "install it: apt install git"
        )
    try:
        done = subprocess.run(
            [program, *words],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=GIT_SECONDS,
            env=environment() | {"LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        raise DockerlabError(
            f"git {words[0]} did not end within {GIT_SECONDS:g} seconds",
            "is the disk at work? Try it again",
        ) from None
    if done.returncode:
        raise DockerlabError(
            f"git: {done.stderr.strip() or f'exit code {done.returncode}'}",
            "git status, in the folder that it is about, shows how things stand",
        )
    return done.stdout.strip()


def branch_of(source: Path) -> str:
    """The branch that a folder is on; ``master`` where it is on none."""
    try:
        return git("-C", str(source), "symbolic-ref", "--short", "HEAD") or "master"
    except DockerlabError:
        return "master"
