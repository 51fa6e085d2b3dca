"""What a learner is told after a build that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.client.builds.context import find
from dockerlab.client.builds.hints import general, specific
from dockerlab.formats.buildtrace import BuildTrace, Status, Step


def failed(instruction: str, error: str, log: str = "") -> BuildTrace:
    step = Step(number=1, instruction=instruction, status=Status.FAILED, log=log)
    return BuildTrace(steps=(step,), error=error)


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (
            "npm error code ENOENT\nnpm error syscall open\n"
            "npm error path /usr/src/app/package.json\n",
            "COPY package.json ./",
        ),
        ("Error: Cannot find module '/app/index.js'\n", "/app/index.js is not in the image"),
        ("npm error code EAI_AGAIN\n", "network"),
        ("wget: bad address 'example.com'\n", "network"),
        ("/bin/sh: nmp: not found\n", "no program nmp"),
        ("/bin/sh: 1: make: not found\n", "no program make"),
        ("/bin/sh: line 1: gcc: command not found\n", "no program gcc"),
        ("/bin/sh: ./run.sh: Permission denied\n", "chmod +x"),
        ("cat: can't open 'x.txt': No such file or directory\n", "x.txt is not in the image"),
        ("python: x.py: No such file or directory\n", "x.py is not in the image"),
        ("write: No space left on device\n", "disk is full"),
        ("nothing of the kind\n", ""),
    ],
)
def test_the_output_of_the_step_tells(log: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").touch()
    trace = failed("RUN it", "returned a non-zero code: 1", log)
    hint = specific(trace, find(tmp_path, "Dockerfile"))
    assert told in hint
    assert bool(hint) is bool(told)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("The command 'x' returned a non-zero code: 127", "no such program"),
        ("The command 'x' returned a non-zero code: 137", "killed"),
        ("executor failed running [x]: exit code: 3", "printed"),
        ("COPY failed: forbidden path outside the build context: ../x ()", "folder that is built"),
        ("the --chmod option requires BuildKit.", "buildkit"),
    ],
)
def test_the_engine_s_words_tell(error: str, told: str) -> None:
    assert told in general(failed("RUN it", error))


@pytest.mark.parametrize("path", ["secret.txt", "/secret.txt", "./secret.txt"])
def test_an_ignored_file_is_told_by_its_pattern(path: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").touch()
    (tmp_path / "secret.txt").touch()
    (tmp_path / ".dockerignore").write_text("*.txt\n")
    error = (
        "COPY failed: file not found in build context or excluded by .dockerignore: "
        f"stat {path}: file does not exist"
    )
    context = find(tmp_path, "Dockerfile")
    assert "pattern *.txt" in specific(failed(f"COPY {path} /", error), context)
    (tmp_path / "secret.txt").unlink()
    assert specific(failed(f"COPY {path} /", error), context) == ""
