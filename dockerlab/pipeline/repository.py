"""The commit's files: git, in an environment of its own.

A hook runs with GIT_DIR and more of its kind set, which would turn every git below it to the
repository that was pushed to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dockerlab.errors import DockerlabError

GIT_SECONDS = 120.0
WORKFLOWS = ".github/workflows/"
_IDENTITY = {
    "GIT_AUTHOR_NAME": "dockerlab",
    "GIT_AUTHOR_EMAIL": "ci@localhost",
    "GIT_COMMITTER_NAME": "dockerlab",
    "GIT_COMMITTER_EMAIL": "ci@localhost",
}


class GitFailed(DockerlabError):
    """git said no; ``message`` is its own words."""


@dataclass(frozen=True, slots=True)
class Commit:
    """``id`` is whole; ``snapshot``: of a folder as it was, which nobody committed."""

    id: str
    branch: str
    subject: str = ""
    snapshot: bool = False


def environment() -> dict[str, str]:
    """The variables for a git that knows nothing of a hook's, of users, of this machine."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def git(*words: str, at: Path, stdin: bytes = b"", more: dict[str, str] | None = None) -> bytes:
    """What git prints; GitFailed with its own words where it fails."""
    program = shutil.which("git")
    if program is None:
        raise GitFailed("git is not installed", "install it: apt install git")
    command = [program, "-c", "safe.directory=*", "-c", "protocol.file.allow=always", *words]
    try:
        done = subprocess.run(
            command,
            cwd=at,
            input=stdin,
            capture_output=True,
            timeout=GIT_SECONDS,
            env=environment() | (more or {}),
        )
    except subprocess.TimeoutExpired:
        raise GitFailed(f"git {words[0]} did not end within {GIT_SECONDS:g} seconds") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise GitFailed(f"git {words[0]}: {said or f'exit code {done.returncode}'}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class Repository:
    """The bare repository that is pushed to."""

    path: Path

    def commit(self, name: str, branch: str) -> Commit:
        told = git("log", "-1", "--format=%H%n%s", name, "--", at=self.path).decode(
            errors="replace"
        )
        id, _, subject = told.partition("\n")
        return Commit(id, branch, subject.strip())

    def snapshot(self, folder: Path, branch: str) -> Commit:
        """A commit of a folder as it is, but for what its .gitignore names; no branch gets it."""
        index = self.path / f"index-{os.getpid()}"
        where = {"GIT_INDEX_FILE": str(index), "GIT_DIR": str(self.path)} | _IDENTITY
        try:
            work = ("--work-tree", str(folder))
            git(*work, "add", "--all", "--", ".", at=folder, more=where)
            tree = git("write-tree", at=folder, more=where).decode().strip()
            made = git("commit-tree", tree, "-m", "folder", at=folder, more=where)
        finally:
            index.unlink(missing_ok=True)
        return Commit(made.decode().strip(), branch, "", snapshot=True)

    def files(self, commit: Commit) -> tuple[str, ...]:
        """The CI's files in a commit."""
        listed = git(
            *("ls-tree", "-z", "--name-only", commit.id, "--", ".travis.yml", WORKFLOWS),
            at=self.path,
        )
        names = [name for name in listed.decode(errors="replace").split("\0") if name]
        return tuple(
            name
            for name in names
            if name == ".travis.yml"
            or (name.startswith(WORKFLOWS) and name.endswith((".yml", ".yaml")))
        )

    def read(self, commit: Commit, file: str) -> str:
        """The text of a file; GitFailed where the commit has none of that name."""
        found = git("cat-file", "blob", f"{commit.id}:{file}", at=self.path)
        return found.decode(errors="surrogateescape")

    def check_out(self, commit: Commit, into: Path, depth: int = 50) -> None:
        """A clone of a commit with so much of its history; ``depth`` 0 is all of it."""
        into.mkdir(parents=True, exist_ok=True)
        git("init", "--quiet", "--initial-branch", "ci", at=into)
        limit = [f"--depth={depth}"] if depth else []
        git("fetch", "--quiet", *limit, self.path.as_uri(), commit.id, at=into)
        git("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD", at=into)

    def resolve(self, name: str) -> Commit:
        """The commit that a branch or an id means."""
        found = git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", at=self.path)
        return Commit(found.decode().strip(), name)

    def blobs(self, commit: Commit) -> Iterator[tuple[str, str]]:
        """Ids and paths of all files in the history of a commit, each content once."""
        listed = git("rev-list", "--objects", commit.id, at=self.path)
        for line in listed.decode(errors="replace").splitlines():
            id, _, path = line.partition(" ")
            if path:
                yield id, path

    def tree(self, commit: Commit) -> dict[str, str]:
        """Path to id of the commit's own files."""
        listed = git("ls-tree", "-r", "-z", commit.id, at=self.path).decode(errors="replace")
        found = {}
        for entry in listed.split("\0"):
            about, _, path = entry.partition("\t")
            if path:
                found[path] = about.split()[2]
        return found

    def bringer(self, commit: Commit, blob: str) -> str:
        """The first commit that had a content."""
        told = git(
            *("log", "--format=%H", "--reverse", f"--find-object={blob}", commit.id), at=self.path
        )
        return told.decode().split("\n", 1)[0]


def archive(work: Path, into: IO[bytes], *, as_left: bool) -> None:
    """The tracked files of a checkout as a zip: as committed, or as the job has left them."""
    commit = "HEAD"
    if as_left:
        commit = git("stash", "create", at=work, more=_IDENTITY).decode().strip() or "HEAD"
    into.write(git("archive", "--format=zip", commit, at=work))
