"""Secrets that stand in the repository, in the commit's files or anywhere in its history."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from dockerlab.formats.pipeline.plan import Beanstalk, Plan
from dockerlab.formats.pipeline.run import Finding
from dockerlab.pipeline.repository import GIT_SECONDS, Commit, Repository, environment

LARGEST = 8 << 20
"""Bytes of a file that is looked through; keys do not stand in larger ones."""
MOST = 20
"""Findings that are told: after so many it is clear what has to be done."""
_KEY_ID = re.compile(rb"(?<![A-Z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Z0-9])")
KEY_ID = "an AWS access key id"


@dataclass(frozen=True, slots=True)
class Content:
    """A file of the history."""

    id: str
    path: str
    data: bytes


def search(repository: Repository, commit: Commit, secrets: Mapping[str, str]) -> list[Finding]:
    """Where the values of ``secrets`` stand, and key ids of AWS besides; never the value itself.

    What is in the commit's own files comes first; what only its history has names the commit that
    brought it.
    """
    now = set(repository.tree(commit).items())
    here: list[Finding] = []
    before: list[Finding] = []
    for content in contents(repository, repository.blobs(commit)):
        for secret, line in _looked_through(content.data, secrets):
            if (content.path, content.id) in now:
                here.append(Finding(secret, content.path, line))
            elif len(before) < MOST:
                brought = repository.bringer(commit, content.id)
                before.append(Finding(secret, content.path, line, brought))
    told = {(one.secret, one.file) for one in here}
    # A file that has the secret still was changed elsewhere since: once is enough.
    gone = [one for one in before if (one.secret, one.file) not in told]
    return (sorted(here, key=lambda one: (one.file, one.line)) + gone)[:MOST]


def literal(plan: Plan) -> Iterator[tuple[str, Finding]]:
    """Keys that a CI's file holds itself, where it should name a setting; and where that is."""
    for job in plan.jobs:
        for step in job.steps:
            if isinstance(step.work, Beanstalk):
                key = step.work.secret_key
                if key and "$" not in key:
                    yield key, Finding("the secret key of a deployment", plan.file, step.line)


def contents(repository: Repository, named: Iterable[tuple[str, str]]) -> Iterator[Content]:
    """The files of these ids, one process for all of them."""
    process = subprocess.Popen(
        ["git", "-c", "safe.directory=*", "cat-file", "--batch"],
        cwd=repository.path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        for id, path in named:
            process.stdin.write(id.encode() + b"\n")
            process.stdin.flush()
            head = process.stdout.readline().split()
            if len(head) != 3:
                continue
            data = process.stdout.read(int(head[2]))
            process.stdout.read(1)
            if head[1] == b"blob" and len(data) <= LARGEST:
                yield Content(id, path, data)
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(GIT_SECONDS)


def _looked_through(data: bytes, secrets: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    known: set[int] = set()
    for name, value in secrets.items():
        at = data.find(value.strip().encode())
        if at >= 0:
            known.add(at)
            yield name, _line(data, at)
    for found in _KEY_ID.finditer(data):
        if found.start() not in known:
            yield KEY_ID, _line(data, found.start())


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1
