"""``dockerlab docker``: docker's commands in a shell that has no docker."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from engines import Engine


@pytest.fixture
def docker(engine: Engine, images: None):  # type: ignore[no-untyped-def]
    def call(*words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dockerlab", "docker", *words],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env={**os.environ, "DOCKER_HOST": engine.url},
        )

    return call


def test_words_output_and_exit_codes_go_through(docker) -> None:  # type: ignore[no-untyped-def]
    done = docker(
        "run", "--rm", "alpine", "sh", "-c", "echo out; echo 'a  b' $0 >&2; exit 7", "$(x)"
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "a  b $(x)\n")


def test_what_is_piped_in_is_typed(docker) -> None:  # type: ignore[no-untyped-def]
    done = docker("run", "-i", "--rm", "alpine", "cat", stdin="one\ntwo\n")
    assert done.stdout == "one\ntwo\n"


def test_help_and_mistakes_are_dockers(docker) -> None:  # type: ignore[no-untyped-def]
    assert docker("--help").stdout.startswith("Usage:  docker")
    assert "Usage:  docker run" in docker("run", "--help").stdout
    wrong = docker("rnu")
    assert wrong.returncode != 0
    assert "unknown command: docker rnu" in wrong.stderr
    gone = docker("rm", "no-such-box")
    assert gone.returncode == 1
    assert "No such container" in gone.stderr


def test_a_terminal_is_refused_where_there_is_none(docker) -> None:  # type: ignore[no-untyped-def]
    refused = docker("run", "-it", "--rm", "alpine", "true")
    assert (refused.returncode, refused.stderr) == (1, "the input device is not a TTY\n")
    assert docker("run", "-t", "--rm", "alpine", "true").returncode == 0
