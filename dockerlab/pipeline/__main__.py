"""``python -m dockerlab.pipeline``: what a push's hook, and ``ci.run``, start.

    --pushed                  lines "old new ref" on standard input, as git gives them to a hook
    --source DIR [--branch B] a folder as it is

Exit code: 0 when all that ran has passed, 1 when not, 2 when there was nothing to run.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from dockerlab.client.ci.folder import JOB_SECONDS, STEP_SECONDS, Folder
from dockerlab.errors import DockerlabError
from dockerlab.formats.pipeline.run import Run, Status
from dockerlab.pipeline.jobs.context import Limits
from dockerlab.pipeline.listener import Listener
from dockerlab.pipeline.machine.leftovers import adopt_orphans
from dockerlab.pipeline.repository import Commit, Repository
from dockerlab.pipeline.run import Cancelled, Request, run

NOTHING = 2


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    # What this process writes is its owner's business: logs, and a checkout of the files.
    os.umask(0o022)
    adopt_orphans()
    _forget_aws()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _cancel)
    # Whoever pushed may go away; what is written to them must not end the run.
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        return _run_all(options)
    except Cancelled:
        return 1
    except DockerlabError as error:
        print(f"CI: {error}", flush=True)
        return 1


def _forget_aws() -> None:
    """A deployment is by the CI's settings alone, never by keys that happen to be set here."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def _cancel(number: int, frame: FrameType | None) -> None:
    # A second one must not interrupt the clearing up after the first.
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Cancelled


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dockerlab.pipeline")
    parser.add_argument("--root", required=True, type=Path, help="the CI's folder")
    parser.add_argument("--name", required=True, help="the repository's name")
    parser.add_argument("--engine", required=True, metavar="URL", help="for docker in the jobs")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--pushed", action="store_true", help="commits on standard input")
    source.add_argument("--source", type=Path, metavar="DIR", help="a folder as it is")
    parser.add_argument("--branch", default="master", help="that the folder stands for")
    parser.add_argument("--file", default="", help="the CI's file, where there are several")
    parser.add_argument("--event", default="push")
    parser.add_argument("--step-seconds", type=float, default=STEP_SECONDS)
    parser.add_argument("--job-seconds", type=float, default=JOB_SECONDS)
    return parser


def _run_all(options: argparse.Namespace) -> int:
    code = NOTHING
    for commit, file in _wanted(options):
        ran = _run(options, commit, file)
        code = 1 if code == 1 or not ran.passed else 0
        if ran.status is Status.CANCELLED:
            break
    return code


def _run(options: argparse.Namespace, commit: Commit, file: str) -> Run:
    request = Request(
        Folder(options.root),
        options.name,
        commit,
        file,
        options.event,
        options.engine,
        Limits(options.step_seconds, options.job_seconds),
    )
    return run(request, Listener(sys.stdout.fileno()))


def _wanted(options: argparse.Namespace) -> Iterator[tuple[Commit, str]]:
    """Commits and the CI's file to follow in each."""
    repository = Repository(Folder(options.root).repository)
    for commit in _commits(options, repository):
        files = repository.files(commit)
        if options.file:
            files = (options.file,)
        if not files:
            print(
                f"CI: {commit.branch} holds neither .travis.yml nor .github/workflows/*.yml, "
                "so there is nothing to run",
                flush=True,
            )
        for file in files:
            yield commit, file


def _commits(options: argparse.Namespace, repository: Repository) -> Iterator[Commit]:
    if options.source:
        yield repository.snapshot(options.source.resolve(), options.branch)
        return
    for line in sys.stdin.read().splitlines():
        _, new, ref = line.split(" ", 2)
        # A branch that was deleted has no commit any more, and a tag starts nothing.
        if ref.startswith("refs/heads/") and set(new) != {"0"}:
            yield repository.commit(new, ref.removeprefix("refs/heads/"))


if __name__ == "__main__":
    sys.exit(main())
