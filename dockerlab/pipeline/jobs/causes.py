"""What an exit code means, in a sentence; the code alone says little to who begins."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BY_WORDS = (
    (
        r"docker-not-started",
        "docker is not started for this job: add it to the file, services: and below it - docker",
    ),
    (
        r"input device is not a TTY|cannot attach stdin to a TTY",
        "a CI has no terminal: leave -t out, docker run -i or no flag at all will do",
    ),
    (r"Cannot connect to the Docker daemon", "the engine does not answer: does it run?"),
    (
        r"evaluate symlinks in Dockerfile path|failed to read dockerfile|"
        r"cannot locate specified dockerfile",
        "that Dockerfile is not in the commit: git add it, and look at its name",
    ),
)
_BY_CODE = {
    125: "docker could not do it: it says above why",
    126: "the command was found and may not be run: chmod +x it, or call it with sh",
    127: "there is no such command: is it misspelt, or not installed?",
    130: "it was interrupted",
    137: "it was killed: by docker kill, or because memory ran out",
    139: "it crashed (segmentation fault)",
    143: "it was asked to end (SIGTERM)",
}


def cause(code: int, lines: Sequence[str]) -> str:
    """Why a command failed, if its code or its last lines tell; else empty."""
    if code == 0:
        return ""
    said = "\n".join(lines[-20:])
    for pattern, sentence in _BY_WORDS:
        if re.search(pattern, said, re.IGNORECASE):
            return sentence
    return _BY_CODE.get(code, "")
