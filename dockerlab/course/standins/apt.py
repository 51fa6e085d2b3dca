"""The system's own Debian packages, found and fetched by apt, without root.

apt reads the system's sources, keys and proxy settings, but keeps its state
(lists, caches) in a folder of ours and believes that nothing is installed. So
an ordinary user can call it, and it changes nothing on the system. apt checks
the archive's signature; the hashes it gives are checked again here, because a
download may have been interrupted.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from dockerlab.course.cache import file_digest
from dockerlab.course.progress import Progress, Step, megabytes
from dockerlab.course.standins.deb import Package
from dockerlab.errors import DockerlabError

# Dependencies are followed through packages of libraries and language parts only:
# what a package needs to be configured and run by an init system is left behind.
_FOLLOWED = re.compile(
    r"lib(?!nginx-mod)(?!.*-dev$).*|zlib1g"
    r"|python3(\.\d+)?(-minimal)?|node-.*|(redis|valkey)-tools|nginx-(common|core)"
)

_LISTS_AGE = 24 * 3600
_UPDATE_SECONDS = 600
_QUERY_SECONDS = 120
_STALLED_SECONDS = 30
_NO_EXTRAS = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")

# Vendors' repositories also have an nginx, a redis or a nodejs, laid out in
# other ways; the distribution's own is the one that the recipes know.
_PREFERENCES = """\
Package: *
Pin: release o=Debian
Pin-Priority: 900

Package: *
Pin: release o=Ubuntu
Pin-Priority: 900
"""

# Read after the system's configuration, so it has the last word. The hooks that
# are cleared belong to the system's own lists and need root.
_CONFIGURATION = """\
Dir::State "{folder}/state";
Dir::State::lists "lists";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/cache";
Dir::Etc::preferences "{folder}/preferences";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::Retries::Delay "false";
Acquire::http::Timeout "15";
Acquire::https::Timeout "15";
APT::Sandbox::User "root";
Quiet "1";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
"""


class AptUnavailable(DockerlabError):
    """apt is not on this system, or cannot reach the archive."""


@dataclass(frozen=True)
class Candidate:
    """A package as the archive has it; ``file`` is apt's name for the download."""

    name: str
    version: str
    file: str
    size: int
    sha256: str


class Apt:
    """apt with its state in ``folder``; downloads go to ``downloads``."""

    def __init__(self, folder: Path, downloads: Path, progress: Progress) -> None:
        if not all(shutil.which(program) for program in ("apt-get", "apt-cache")):
            raise AptUnavailable(
                "This system has no apt-get, so stand-ins cannot be built here.",
                "Let the engine reach a registry, or prepare the images on a Debian or Ubuntu.",
            )
        self._folder = folder
        self._downloads = downloads
        self._progress = progress
        self._write_settings()

    def _write_settings(self) -> None:
        for name in ("state/lists/partial", "cache/archives/partial"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        self._downloads.mkdir(parents=True, exist_ok=True)
        (self._folder / "status").write_bytes(b"")
        (self._folder / "preferences").write_text(_PREFERENCES)
        (self._folder / "apt.conf").write_text(_CONFIGURATION.format(folder=self._folder))

    def update(self, force: bool = False) -> bool:
        """Fetch the package lists, unless ours are younger than a day.

        Returns whether the lists are as new as can be: False when some could
        not be fetched and older ones stand in for them.
        """
        stamp = self._folder / "updated"
        if not force and stamp.exists() and time.time() - stamp.stat().st_mtime < _LISTS_AGE:
            return True
        self._progress(Step("Reading the package lists of this system's distribution"))
        self._seed_lists()
        done = self._run("apt-get", "update", timeout=_UPDATE_SECONDS)
        if done.returncode or not any(self._lists.glob("*_Packages*")):
            raise AptUnavailable(
                f"The package lists cannot be fetched: {_reason(done.stderr)}.",
                "Check the network and /etc/apt/sources.list*, then try `apt-get update` as root.",
            )
        complete = "Failed to fetch" not in done.stderr
        if complete:
            stamp.touch()
        return complete

    @property
    def _lists(self) -> Path:
        return self._folder / "state/lists"

    def _seed_lists(self) -> None:
        """Start from the system's lists: what did not change is not fetched again."""
        for path in Path("/var/lib/apt/lists").glob("*_*"):
            ours = self._lists / path.name
            if path.is_file() and os.access(path, os.R_OK) and not ours.exists():
                shutil.copy2(path, ours)

    def known(self, names: Iterable[str]) -> set[str]:
        """Which of these packages the archive has."""
        wanted = set(names)
        text = self._ask("apt-cache", "policy", *sorted(wanted))
        found = re.findall(r"^(\S+):\n(?:  .*\n)*?  Candidate: (.*)$", text, re.MULTILINE)
        return {name for name, candidate in found if candidate != "(none)"} & wanted

    def closure(self, roots: Iterable[str]) -> set[str]:
        """The roots and the libraries they depend on, directly or not.

        A Debian package that holds a program depends on the packages of all
        libraries it is linked with (policy 8.6), whatever they are called in
        this release, so no list of names has to be kept here.
        """
        names = sorted(set(roots))
        options = [f"--no-{kind}" for kind in _NO_EXTRAS]
        graph = _dependencies(self._ask("apt-cache", "depends", "--recurse", *options, *names))
        found, to_do = set(names), list(names)
        while to_do:
            for name in graph.get(to_do.pop(), ()):
                if name not in found and _FOLLOWED.fullmatch(name):
                    found.add(name)
                    to_do.append(name)
        return found

    def fetch(self, names: Iterable[str]) -> list[Package]:
        """Have these packages here, verified. Only what is missing is downloaded."""
        candidates = self._candidates(sorted(set(names)))
        missing = [each for each in candidates if not self._is_whole(each)]
        if missing:
            self._download(missing)
            broken = [each.name for each in missing if not self._is_whole(each)]
            if broken:
                raise AptUnavailable(f"These packages arrived damaged: {', '.join(broken)}.")
        return [Package(each.name, each.version, self._path(each)) for each in candidates]

    def _candidates(self, names: list[str]) -> list[Candidate]:
        lines = self._ask("apt-get", "download", "--print-uris", *names).splitlines()
        # Without the pattern's match a line is a warning, not a package.
        matches = (re.fullmatch(r"'\S+' (\S+) (\d+) SHA256:([0-9a-f]{64})", line) for line in lines)
        found = [_candidate(*match.groups()) for match in matches if match]
        lost = sorted(set(names) - {each.name for each in found})
        if lost:
            raise AptUnavailable(f"apt has no download for {', '.join(lost)}.")
        return found

    def _path(self, candidate: Candidate) -> Path:
        return self._downloads / candidate.file

    def _is_whole(self, candidate: Candidate) -> bool:
        path = self._path(candidate)
        try:
            return path.stat().st_size == candidate.size and file_digest(path) == candidate.sha256
        except OSError:
            return False

    def _download(self, missing: list[Candidate]) -> None:
        for each in missing:
            self._path(each).unlink(missing_ok=True)
        total = sum(each.size for each in missing)
        text = f"Downloading {_count(len(missing), 'package')} of this system's distribution"
        self._progress(Step(text, 0, total))
        command = self._command("apt-get", "download", *[each.name for each in missing])
        with subprocess.Popen(
            command,
            cwd=self._downloads,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                for arrived in self._arriving(process, missing):
                    self._progress(Step(text, arrived, total))
                _, errors = process.communicate()
            finally:
                process.kill()
        if process.returncode:
            raise _undelivered(_reason(errors), missing)
        self._progress(Step(text, total, total))

    def _arriving(self, process: subprocess.Popen[str], missing: list[Candidate]) -> Iterator[int]:
        """Bytes on disk so far, twice a second until apt ends.

        Raises AptUnavailable when nothing more arrives: apt tries each package
        again for itself, which takes many minutes without a network.
        """
        arrived, since = 0, time.monotonic()
        while process.poll() is None:
            try:
                process.wait(0.5)
                return
            except subprocess.TimeoutExpired:
                paths = [self._path(each) for each in missing]
                now = sum(path.stat().st_size for path in paths if path.exists())
            if now != arrived:
                arrived, since = now, time.monotonic()
            elif time.monotonic() - since > _STALLED_SECONDS:
                raise _undelivered(f"nothing arrives for {_STALLED_SECONDS} s", missing)
            yield now

    def _ask(self, *arguments: str) -> str:
        done = self._run(*arguments, timeout=_QUERY_SECONDS)
        if done.returncode:
            raise AptUnavailable(f"{arguments[0]} failed: {_reason(done.stderr)}")
        return done.stdout

    def _run(self, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                self._command(*arguments),
                # Not among the downloads: apt-get does not name what it finds there.
                cwd=self._folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise AptUnavailable(
                f"{' '.join(arguments[:2])} did not end within {timeout:.0f} s.",
                "Check the network and the addresses in /etc/apt/sources.list*.",
            ) from error

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [program, f"--config-file={self._folder / 'apt.conf'}", *arguments]


def _environment() -> dict[str, str]:
    # Messages are read here, so they have to be in English.
    return {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "C"}


def _candidate(file: str, size: str, sha256: str) -> Candidate:
    name, version = file.split("_")[:2]
    return Candidate(name, unquote(version), file, int(size), sha256)


def _dependencies(text: str) -> dict[str, list[str]]:
    """The output of ``apt-cache depends --recurse`` as package → what it depends on."""
    graph: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if not line.startswith((" ", "|")):
            current = graph.setdefault(line.split(":")[0], [])
        elif match := re.fullmatch(r"[ |]+(?:Pre)?Depends: ([^<\s:]+)(?::\w+)?", line):
            current.append(match.group(1))
    return graph


def _undelivered(reason: str, missing: list[Candidate]) -> AptUnavailable:
    size = megabytes(sum(each.size for each in missing))
    return AptUnavailable(
        f"Packages cannot be downloaded: {reason}.",
        f"Check the network; {size} MB are needed from the distribution's package archive.",
    )


def _reason(errors: str) -> str:
    """The last thing apt complained about, without its letter and the address."""
    lines = [line[3:] for line in errors.splitlines() if line.startswith(("E: ", "W: "))]
    last = lines[-1] if lines else errors.strip() or "no reason given"
    return last.split("  ")[-1].rstrip(":. ")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
