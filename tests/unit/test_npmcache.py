"""The npm cache of the node stand-in, filled from lock files and read back as npm reads it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from dockerlab.course.standins import npmcache
from dockerlab.course.standins.archive import Layer
from dockerlab.course.standins.npmcache import FOLDER, Package, locked
from dockerlab.errors import FormatError

REGISTRY = "https://registry.example/"
BODY = b"an archive"
DIGEST = "sha512-" + base64.b64encode(hashlib.sha512(BODY).digest()).decode()


def entry(version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    return {"version": version, "integrity": DIGEST, **more}


def lock(**packages: dict[str, Any]) -> dict[str, Any]:
    return {"packages": {"": {"dependencies": {"a": "^1"}}, **packages}}


def package(name: str = "a", version: str = "1.0.0", direct: bool = False, **more: Any) -> Package:
    return Package(name, version, entry(version, **more), direct)


def answer(layer: Layer, address: str) -> tuple[dict[str, Any], bytes]:
    """(index entry, body) that npm finds for this address."""
    key = f"make-fetch-happen:request-cache:{address}"
    index = hashlib.sha256(key.encode()).hexdigest()
    lines = read(layer, f"index-v5/{index[:2]}/{index[2:4]}/{index[4:]}").split(b"\n")
    assert lines[0] == b""
    for line in lines[1:]:
        digest, _, text = line.partition(b"\t")
        assert digest.decode() == hashlib.sha1(text).hexdigest()
    found = json.loads(text)
    name = base64.b64decode(found["integrity"].removeprefix("sha512-")).hex()
    return found, read(layer, f"content-v2/sha512/{name[:2]}/{name[2:4]}/{name[4:]}")


def read(layer: Layer, path: str) -> bytes:
    return layer._entries[f"{FOLDER}/_cacache/{path}"].data


def make(tmp_path: Path, *packages: Package) -> Layer:
    path = tmp_path / "a.tgz"
    path.write_bytes(BODY)
    archives = {each.archive.key: path for each in packages if each.runs_on("x64")}
    return npmcache.layer(packages, archives, REGISTRY)


def document(layer: Layer, name: str) -> dict[str, Any]:
    return json.loads(answer(layer, REGISTRY + name)[1])


def test_what_a_lock_file_names() -> None:
    found = locked(
        lock(
            **{
                "node_modules/a": entry(),
                "node_modules/a/node_modules/@s/b": entry("2.0.0"),
                "node_modules/c/node_modules/a": entry("0.9.0"),
                "node_modules/alias": entry("3.0.0", name="real"),
                "node_modules/linked": {"link": True},
                "node_modules/x/node_modules/inside": entry("1.1.1", inBundle=True),
            }
        )
    )
    assert [(each.name, each.version, each.direct) for each in found] == [
        ("a", "1.0.0", True),
        ("@s/b", "2.0.0", False),
        ("a", "0.9.0", False),
        ("real", "3.0.0", False),
    ]


def test_documents_and_archives_are_found(tmp_path: Path) -> None:
    layer = make(tmp_path, package("@s/a", bin={"a": "cli.js"}, license="MIT"))
    version = document(layer, "@s%2fa")["versions"]["1.0.0"]
    assert version["bin"] == {"a": "cli.js"}
    assert version["dist"]["integrity"] == DIGEST
    found, body = answer(layer, version["dist"]["tarball"])
    assert (found["size"], body) == (len(BODY), BODY)
    assert version["dist"]["tarball"] == f"{REGISTRY}@s/a/-/a-1.0.0.tgz"


def test_the_latest_is_the_one_that_an_app_asks_for(tmp_path: Path) -> None:
    layer = make(tmp_path, package(version="1.2.0", direct=True), package(version="1.10.0"))
    assert document(layer, "a")["dist-tags"] == {"latest": "1.2.0"}
    layer = make(tmp_path, package(version="1.2.0"), package(version="1.10.0-beta.1"))
    assert document(layer, "a")["dist-tags"] == {"latest": "1.10.0-beta.1"}


def test_packages_for_other_machines_are_named_but_not_held(tmp_path: Path) -> None:
    layer = make(tmp_path, package("mac", os=["darwin"]), package("arm", cpu=["arm64"]))
    assert document(layer, "mac")["versions"]["1.0.0"]["os"] == ["darwin"]
    with pytest.raises(KeyError):
        answer(layer, f"{REGISTRY}mac/-/mac-1.0.0.tgz")
    assert package(libc=["glibc"], cpu=["x64", "arm64"]).runs_on("arm64")
    assert not package(libc=["musl"]).runs_on("x64")


def test_npm_is_not_sent_after_optional_peers_that_no_app_has(tmp_path: Path) -> None:
    peers = {"less": "*", "there": "*", "needed": "*"}
    optional = {"less": {"optional": True}, "there": {"optional": True}}
    a = package(peerDependencies=peers, peerDependenciesMeta=optional)
    version = document(make(tmp_path, a, package("there")), "a")["versions"]["1.0.0"]
    assert version["peerDependencies"] == {"there": "*", "needed": "*"}
    assert version["peerDependenciesMeta"] == {"there": {"optional": True}}


def test_every_user_may_write(tmp_path: Path) -> None:
    entries = make(tmp_path, package())._entries
    modes = {each.mode for path, each in entries.items() if path.startswith(FOLDER)}
    assert modes == {0o777, 0o666}
    assert entries["/root/.npm"].target == entries["/home/node/.npm"].target == FOLDER


def test_the_same_lock_files_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (make(tmp_path, package("b"), package("a"))._entries for _ in range(2))
    assert first == second


def test_a_lock_file_without_a_hash_is_refused() -> None:
    with pytest.raises(FormatError, match="no sha512 for a 1"):
        _ = Package("a", "1", {"integrity": "sha1-abc"}, False).archive


def test_the_courses_lock_files() -> None:
    found = npmcache.packages()
    assert "express" in {each.name for each in found if each.direct}
    assert all(each.archive.sha512[""] for each in found)
    assert len({(each.name, each.version) for each in found}) == len(found)
