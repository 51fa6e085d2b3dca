"""node and npm from npm's registry.

Debian's nodejs is too old for today's build tools, but npm's registry has node
itself as a package. The registry is the one that this system's npm is set to
(or its settings files, where npm is not installed). What arrives is held
against the hashes here, so it does not matter who delivers it.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dockerlab.course.progress import Progress, Step, silent
from dockerlab.errors import DockerlabError, FormatError

NODE_VERSION = "22.23.3"
NPM_VERSION = "10.9.9"

_TIMEOUT = 20
_PACK_SECONDS = 300
_SIZE_AT_MOST = 200_000_000
_CHUNK = 1 << 18
_AT_ONCE = 8


class NpmUnavailable(DockerlabError):
    """No registry is known here, or it does not deliver."""


@dataclass(frozen=True)
class Archive:
    """One package of the registry.

    ``name`` may hold ``{npm}``, which stands for npm's word for the processor;
    ``sha512`` gives the hash for each of those words, or for all as "".
    """

    key: str
    name: str
    version: str
    sha512: Mapping[str, str]

    def hash_for(self, processor: str) -> str:
        """The expected hash in base64."""
        return self.sha512.get(processor) or self.sha512[""]

    def address(self, processor: str) -> str:
        """Where it is below the registry's address; the last part is the archive's name."""
        name = self.name.format(npm=processor)
        return f"{name}/-/{name.rpartition('/')[2]}-{self.version}.tgz"

    def path(self, processor: str, folder: Path) -> Path:
        """Where it is kept in ``folder``; packages of one scope in a folder of their own."""
        return folder / f"{self.name.format(npm=processor)}-{self.version}.tgz"

    def is_whole(self, processor: str, folder: Path) -> bool:
        """Whether it is there and undamaged."""
        path = self.path(processor, folder)
        return path.exists() and _digest(path) == self.hash_for(processor)


@dataclass(frozen=True)
class Source:
    """A registry's address, ending in a slash, and whom to trust about it."""

    address: str
    trust: ssl.SSLContext


NODE = Archive(
    "node",
    "node-linux-{npm}",
    NODE_VERSION,
    {
        "x64": "qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",  # noqa: E501
        "arm64": "l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",  # noqa: E501
    },
)
NPM = Archive(
    "npm",
    "npm",
    NPM_VERSION,
    {
        "": "1g+6jLQvaIuB4zwvHL7yrXuXcWZwDsCtBX8bbWDqbvJSSr9nPiDDWTHNgwXR27iIcTTW7v3A57hDW9RYv2W4Yg==",  # noqa: E501
    },
)


def fetch(
    archive: Archive,
    processor: str,
    folder: Path,
    progress: Progress,
    source: Source | None = None,
) -> Path:
    """Have the archive in ``folder``, verified.

    A download that was interrupted goes on where it stopped. Raises
    NpmUnavailable when the archive cannot be had.
    """
    path = archive.path(processor, folder)
    if archive.is_whole(processor, folder):
        return path
    source = source or _source()
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".part")
    name = archive.name.format(npm=processor)
    address = source.address + archive.address(processor)
    for _ in range(2):
        try:
            _download(address, half, f"Downloading {name}", progress, source.trust)
        except (OSError, ValueError) as error:
            # npm knows about logins and proxies that are not read here.
            _pack(f"{name}@{archive.version}", half, error, progress)
        if _digest(half) == archive.hash_for(processor):
            return half.replace(path)
        # What was there before the download may have been the damaged part.
        half.unlink()
    raise NpmUnavailable(f"npm's registry delivered a {path.name} with another hash.")


def fetch_all(
    archives: Iterable[Archive], processor: str, folder: Path, progress: Progress
) -> dict[str, Path]:
    """Have many small archives in ``folder``, several at a time; their paths by key."""
    wanted = list(archives)
    missing = [each for each in wanted if not each.is_whole(processor, folder)]
    if missing:
        progress(Step(f"Downloading {len(missing)} npm packages of the course's apps"))
        source = _source()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            work = [pool.submit(fetch, each, processor, folder, silent, source) for each in missing]
            for each in work:
                each.result()
    return {each.key: each.path(processor, folder) for each in wanted}


def available() -> bool:
    """Whether this system knows a registry; it is not asked whether it answers."""
    try:
        return bool(registry())
    except NpmUnavailable:
        return False


def _source() -> Source:
    return Source(registry(), _trust())


def registry() -> str:
    """The address of the registry, ending in a slash. Raises NpmUnavailable when unknown."""
    address = setting("registry")
    if not re.match(r"https?://", address):
        raise NpmUnavailable(
            "There is no npm on this system that says where its registry is.",
            "Install npm (`apt-get install npm`), or set npm_config_registry.",
        )
    return address.rstrip("/") + "/"


def setting(name: str) -> str:
    """One of npm's settings, asked of npm or read from its files; "" when not set."""
    if shutil.which("npm"):
        answer = subprocess.run(
            ["npm", "config", "get", name],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        ).stdout.strip()
        return "" if answer in ("null", "undefined") else answer
    for key in (f"npm_config_{name}", f"NPM_CONFIG_{name.upper()}"):
        if os.environ.get(key):
            return os.environ[key]
    places = (Path.home() / ".npmrc", Path("/usr/local/etc/npmrc"), Path("/etc/npmrc"))
    return next((value for place in places if (value := _from_file(place, name))), "")


def _from_file(path: Path, name: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    match = re.search(rf"^\s*{name}\s*=\s*(.*?)\s*$", text, re.MULTILINE)
    return match.group(1).strip("\"'") if match else ""


def _download(
    address: str, half: Path, text: str, progress: Progress, trust: ssl.SSLContext
) -> None:
    """Fetch into ``half``, after what is there already."""
    there = half.stat().st_size if half.exists() else 0
    request = urllib.request.Request(address, headers={"Range": f"bytes={there}-"} if there else {})
    try:
        answer = urllib.request.urlopen(request, timeout=_TIMEOUT, context=trust)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        # Nothing after what is there: it is whole, or not what the registry has.
        error.close()
        return
    with answer, half.open("ab" if answer.status == 206 else "wb") as file:
        if answer.status != 206:
            there = 0
        total = there + int(answer.headers.get("Content-Length") or 0)
        _copy(answer, file, Step(text, there, total), progress)


def _copy(source: IO[bytes], target: IO[bytes], start: Step, progress: Progress) -> None:
    done = start.done
    progress(start)
    while chunk := source.read(_CHUNK):
        done += len(chunk)
        if done > _SIZE_AT_MOST:
            raise ValueError("the registry sends more than the package can be")
        target.write(chunk)
        progress(Step(start.text, done, start.total))
    if done < start.total:
        raise OSError("the connection ended early")


def _trust() -> ssl.SSLContext:
    """The system's authorities, and those that npm is told to trust."""
    context = ssl.create_default_context()
    for path in (setting("cafile"), os.environ.get("NODE_EXTRA_CA_CERTS", "")):
        if path and Path(path).is_file():
            context.load_verify_locations(path)
    return context


def _pack(package: str, half: Path, error: Exception, progress: Progress) -> None:
    """Let npm itself download, into ``half``."""
    failed = NpmUnavailable(f"npm's registry does not deliver {package}: {_plain(error)}.")
    if not shutil.which("npm"):
        raise failed from error
    progress(Step(f"Downloading {package} with npm"))
    folder = half.with_suffix(".pack")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        subprocess.run(
            ["npm", "pack", "--fetch-retries=0", "--pack-destination", str(folder), package],
            cwd=folder,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PACK_SECONDS,
            check=True,
        )
        next(folder.glob("*.tgz")).replace(half)
    except (subprocess.SubprocessError, StopIteration) as again:
        raise failed from again
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _plain(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()


def node_program(path: Path) -> bytes:
    """The program ``node`` out of its package."""
    for name, content, _ in _members(path):
        if name == "bin/node":
            return content.read()
    raise FormatError(f"{path.name} has no bin/node")


def manager_files(path: Path) -> Iterator[tuple[str, tuple[bytes, int]]]:
    """(path, (content, mode)) of npm's own files, without its manuals."""
    for name, content, mode in _members(path):
        if not name.startswith(("docs/", "man/")):
            yield name, (content.read(), 0o755 if mode & 0o100 else 0o644)


def default_registry(path: Path) -> str:
    """The address that the npm in this archive asks when it is told none."""
    for name, content, _ in _members(path):
        if name == "node_modules/@npmcli/config/lib/definitions/definitions.js":
            found = re.search(
                rb"new Definition\('registry', \{\s*default: '([^']+)'", content.read()
            )
            if found:
                return found.group(1).decode()
    raise FormatError(f"{path.name} does not say which registry it asks by default")


def _members(path: Path) -> Iterator[tuple[str, IO[bytes], int]]:
    """Files of a registry archive; all lie below the folder ``package``."""
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            folder, _, name = member.name.partition("/")
            if content is None or folder != "package":
                continue
            if ".." in name.split("/"):
                raise FormatError(f"{path.name} names a path outside itself: {name}")
            yield name, content, member.mode
