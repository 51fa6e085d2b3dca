"""The real ``docker compose`` (and buildx), from the distribution's next release, for tests.

Debian 12 packages neither plugin, Debian 13 both; its binaries run on Debian 12 too. So the
system's own package sources are read again with the next release's name in place of this one's,
in apt directories of our own, and what comes is unpacked, not installed. The result is a folder
for ``docker --config FOLDER compose …``, kept below ``~/.cache``.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlab.course.standins.apt import Apt, AptUnavailable
from dockerlab.errors import DockerlabError

PACKAGES = {"docker-compose": "docker-compose", "docker-buildx": "docker-buildx"}
"""Which package brings which plugin."""
RELEASE = "trixie"
_FIELDS = {"arch": "Architectures", "signed-by": "Signed-By", "trusted": "Trusted"}
_UNPACKED = ("usr/libexec/docker/cli-plugins", "usr/lib/docker/cli-plugins")


def folder() -> Path:
    """The docker CLI's configuration folder; skips without it, and fails in CI."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        return fetched(cache / "dockerlab-tests" / "compose-plugin")
    except (DockerlabError, OSError) as error:
        reason = f"the real docker compose cannot be had here: {error}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


def fetched(where: Path) -> Path:
    """The plugins in ``where``, downloaded when they are not there yet."""
    where.mkdir(parents=True, exist_ok=True)
    with (where / "lock").open("w") as lock:  # several workers of one run want it at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not all(_plugin(where, name).exists() for name in PACKAGES.values()):
            _fetch(where)
    return where


def _fetch(where: Path) -> None:
    apt = Apt(where / "apt", where / "downloads", lambda step: None)
    sources = "\n".join(next_release(_codename(), _system_sources()))
    if not sources:
        raise AptUnavailable(f"no package source of this system has a release {RELEASE}")
    (where / "apt" / "next.sources").write_text(sources)
    with (where / "apt" / "apt.conf").open("a") as file:
        file.write(f'Dir::Etc::sourcelist "{where}/apt/next.sources";\n')
        file.write('Dir::Etc::sourceparts "/dev/null";\n')
    apt.update()
    for package in apt.fetch(PACKAGES):
        _unpack(package.path, where, PACKAGES[package.name])
    for scratch in ("apt", "downloads", "unpacked"):
        shutil.rmtree(where / scratch, ignore_errors=True)


def _unpack(deb: Path, where: Path, plugin: str) -> None:
    unpacked = where / "unpacked"
    subprocess.run(["dpkg", "-x", deb, unpacked], check=True)
    found = next(p for each in _UNPACKED if (p := unpacked / each / plugin).exists())
    target = _plugin(where, plugin)
    target.parent.mkdir(exist_ok=True)
    shutil.move(found, target.with_suffix(".new"))
    target.with_suffix(".new").rename(target)


def _plugin(where: Path, name: str) -> Path:
    return where / "cli-plugins" / name


def _codename() -> str:
    match = re.search(r"^VERSION_CODENAME=(\S+)$", _read(Path("/etc/os-release")), re.MULTILINE)
    return match.group(1) if match else ""


def _system_sources() -> list[str]:
    folder = Path("/etc/apt")
    files = [folder / "sources.list", *sorted(folder.glob("sources.list.d/*"))]
    return [_read(path) for path in files if path.suffix in (".list", ".sources")]


def _read(path: Path) -> str:
    return path.read_text(errors="replace") if path.is_file() else ""


def next_release(codename: str, sources: list[str]) -> Iterator[str]:
    """Stanzas for the release after ``codename``, from either form of apt's sources.

    Only what names this very release: vendors' repositories have other suites, and the
    suites beside it (updates, security) are not needed.
    """
    for text in sources:
        for stanza in re.split(r"\n\s*\n", text):
            suites = re.search(r"^Suites:(.*)$", stanza, re.MULTILINE | re.IGNORECASE)
            if suites and codename in suites[1].split():
                lines = [line for line in stanza.splitlines() if not line.startswith("#")]
                yield re.sub(r"(?im)^Suites:.*$", f"Suites: {RELEASE}", "\n".join(lines)) + "\n"
        for line in text.splitlines():
            match = re.match(r"deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$", line)
            if match and match[3] == codename:
                yield _stanza(*match.group(1, 2, 4))


def _stanza(options: str | None, address: str, components: str) -> str:
    lines = ["Types: deb", f"URIs: {address}", f"Suites: {RELEASE}", f"Components: {components}"]
    for option in (options or "").split():
        name, _, value = option.partition("=")
        lines.append(f"{_FIELDS.get(name, name)}: {value}")
    return "\n".join(lines) + "\n"
