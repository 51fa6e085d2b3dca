"""An npm cache with the packages of the course's apps, for ``npm install`` without a network.

It is a cache as npm writes it (cacache's layout), filled from lock files alone: a lock file names
every package, its version, what it needs and the hash of its archive. npm asks a registry two
things about a package: its *document* (which versions there are, what each needs) and the archive
of one version. Both answers are put in here; documents are cut down to the locked versions.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dockerlab.course.apps import lock_files
from dockerlab.course.standins.archive import EPOCH, Layer
from dockerlab.course.standins.npm import Archive
from dockerlab.errors import FormatError

SETTINGS = "prefer-offline=true\n"
FOLDER = "/usr/local/share/npm-cache"

# What npm reads in a version's document, as far as a lock file knows it.
_KEPT = (
    "dependencies",
    "optionalDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "bin",
    "engines",
    "os",
    "cpu",
    "libc",
    "hasInstallScript",
)
_HASH = "sha512-"
# What npm accepts when it asks for a document: while it thinks about versions, and while it
# follows a lock file that gives no addresses. For an archive it says nothing.
_DOCUMENT = (
    "application/json",
    "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*",
)
_ARCHIVE = ("",)
_TIME = EPOCH * 1000
_DATE = "Wed, 01 Jan 2025 00:00:00 GMT"


@dataclass(frozen=True)
class Package:
    """One version of a package, with its entry in the lock file."""

    name: str
    version: str
    entry: Mapping[str, Any]
    direct: bool
    """Whether an app asks for it itself."""

    @property
    def archive(self) -> Archive:
        """The archive to fetch."""
        digest = str(self.entry.get("integrity", ""))
        if not digest.startswith(_HASH):
            raise FormatError(f"the lock file gives no sha512 for {self.name} {self.version}")
        key = f"{self.name}@{self.version}"
        return Archive(key, self.name, self.version, {"": digest.removeprefix(_HASH)})

    def runs_on(self, processor: str) -> bool:
        """Whether it is for Linux with this processor (npm's word) and GNU's C library."""
        places = {"os": "linux", "cpu": processor, "libc": "glibc"}
        return all(here in self.entry.get(key, [here]) for key, here in places.items())


def packages() -> list[Package]:
    """What all lock files of the course name, each version once, in order."""
    found: dict[tuple[str, str], Package] = {}
    for path in lock_files().values():
        for package in locked(json.loads(path.read_text(encoding="utf-8"))):
            known = found.get((package.name, package.version))
            if known is None or package.direct:
                found[package.name, package.version] = package
    return [found[key] for key in sorted(found)]


def locked(lock: Mapping[str, Any]) -> Iterable[Package]:
    """The packages of one lock file (version 3)."""
    entries = lock["packages"]
    root = entries[""]
    direct = {**root.get("dependencies", {}), **root.get("devDependencies", {})}
    for place, entry in entries.items():
        # Bundled ones come inside another package's archive.
        if place and not entry.get("link") and not entry.get("inBundle"):
            name = entry.get("name") or place.rpartition("node_modules/")[2]
            top = place == f"node_modules/{name}" and name in direct
            yield Package(name, entry["version"], entry, top)


def layer(wanted: Iterable[Package], archives: Mapping[str, Path], registry: str) -> Layer:
    """The cache as a layer; ``registry`` is the one that npm in the image asks by default.

    A package without an archive (it is for other machines) gets its document only, which npm
    looks at before it decides to leave it out. Optional peers that no app has are not mentioned:
    npm would ask for their documents, and wait long for a network that is not there.
    """
    cache = Layer("dockerlab stand-in: npm packages of the course's apps")
    names: dict[str, list[Package]] = {}
    for package in wanted:
        names.setdefault(package.name, []).append(package)
    for name, versions in names.items():
        documents = {each.version: _version(each, names, registry) for each in versions}
        document = {"name": name, "dist-tags": {"latest": _latest(versions)}, "versions": documents}
        _put(cache, registry + name.replace("/", "%2f"), _json(document), _DOCUMENT)
        for each in versions:
            if path := archives.get(each.archive.key):
                address = documents[each.version]["dist"]["tarball"]
                _put(cache, address, path.read_bytes(), _ARCHIVE)
    _open_to_all(cache)
    return cache


def _version(package: Package, there: Iterable[str], registry: str) -> dict[str, Any]:
    entry = {key: package.entry[key] for key in _KEPT if key in package.entry}
    optional = {
        name
        for name, facts in entry.get("peerDependenciesMeta", {}).items()
        if facts.get("optional") and name not in there
    }
    for key in ("peerDependencies", "peerDependenciesMeta"):
        if key in entry:
            entry[key] = {name: v for name, v in entry[key].items() if name not in optional}
    return {
        "name": package.name,
        "version": package.version,
        **entry,
        "dist": {
            "tarball": registry + package.archive.address(""),
            "integrity": package.entry["integrity"],
        },
    }


def _latest(versions: list[Package]) -> str:
    """The version an app asks for, else the highest."""
    return max(versions, key=lambda each: (each.direct, _order(each.version))).version


def _order(version: str) -> list[int]:
    return [int(part) for part in version.partition("-")[0].split(".")]


def _put(cache: Layer, address: str, body: bytes, kinds: Iterable[str]) -> None:
    """One answer of the registry: the body under its hash, and entries that lead there.

    npm takes an entry only if it asks with the very same ``accept`` header; a kind of answer
    that it asks for in two ways needs two.
    """
    digest = hashlib.sha512(body)
    key = f"make-fetch-happen:request-cache:{address}"
    lines = b""
    for kind in kinds:
        entry = {
            "key": key,
            "integrity": _HASH + base64.b64encode(digest.digest()).decode(),
            "time": _TIME,
            "size": len(body),
            "metadata": {
                "time": _TIME,
                "url": address,
                "reqHeaders": {"accept": kind} if kind else {},
                "resHeaders": {"content-type": "application/json", "date": _DATE} if kind else {},
                "options": {"compress": True},
            },
        }
        line = _json(entry)
        lines += b"\n" + hashlib.sha1(line).hexdigest().encode() + b"\t" + line
    index = hashlib.sha256(key.encode()).hexdigest()
    cache.file(_path("content-v2/sha512", digest.hexdigest()), body, 0o666)
    cache.file(_path("index-v5", index), lines, 0o666)


def _path(kind: str, digest: str) -> str:
    return f"{FOLDER}/_cacache/{kind}/{digest[:2]}/{digest[2:4]}/{digest[4:]}"


def _open_to_all(cache: Layer) -> None:
    """Let every user in a container write to it, and have it where npm looks."""
    for folder in cache.parents():
        if folder.startswith(FOLDER):
            cache.folder(folder, 0o777)
    for home in ("/root", "/home/node"):
        cache.link(f"{home}/.npm", FOLDER)


def _json(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
