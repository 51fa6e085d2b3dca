from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlab.errors import FormatError
from dockerlab.formats import manifest
from dockerlab.formats.manifest import Index, Manifest, Platform

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def raw(data: Any) -> bytes:
    return json.dumps(data).encode()


def entry(digest: str, os: str = "linux", arch: str = "amd64", variant: str = "") -> dict[str, Any]:
    platform = {"os": os, "architecture": arch, "variant": variant}
    return {"digest": digest, "size": 3, "mediaType": manifest.OCI_MANIFEST, "platform": platform}


@pytest.mark.parametrize("kind", [manifest.OCI_MANIFEST, manifest.DOCKER_MANIFEST])
def test_manifest(kind: str) -> None:
    layer = {"digest": B, "size": 7, "mediaType": manifest.DOCKER_LAYER}
    text = raw({"schemaVersion": 2, "config": {"digest": A, "size": 2}, "layers": [layer]})
    found = manifest.parse(text, kind)
    assert isinstance(found, Manifest)
    assert found.config.digest == A
    assert [(d.digest, d.size) for d in found.layers] == [(B, 7)]


def test_index_by_platform() -> None:
    text = raw({"manifests": [entry(A, arch="arm64", variant="v8"), entry(B)]})
    index = manifest.parse(text, manifest.OCI_INDEX)
    assert isinstance(index, Index)
    assert manifest.choose(index, Platform("linux", "amd64")).digest == B
    assert manifest.choose(index, Platform("linux", "arm64")).digest == A
    with pytest.raises(FormatError, match="no matching manifest for linux/s390x") as caught:
        manifest.choose(index, Platform("linux", "s390x"))
    assert "linux/arm64/v8" in caught.value.hint


def test_exact_variant_wins() -> None:
    index = Index(
        tuple(map(manifest._descriptor, [entry(A, arch="arm"), entry(B, arch="arm", variant="v7")]))
    )
    assert manifest.choose(index, Platform("linux", "arm", "v7")).digest == B


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("linux/amd64", Platform("linux", "amd64")),
        ("x86_64", Platform("linux", "amd64")),
        ("linux/arm/v7", Platform("linux", "arm", "v7")),
    ],
)
def test_platforms(text: str, platform: Platform) -> None:
    assert manifest.parse_platform(text) == platform


@pytest.mark.parametrize("text", ["", "a/b/c/d", "linux/", "li nux/x"])
def test_bad_platforms(text: str) -> None:
    with pytest.raises(FormatError):
        manifest.parse_platform(text)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"schemaVersion": 1}, "schema 1"),
        ({"schemaVersion": 2}, "unknown manifest format"),
        ({"config": {"digest": "md5:1", "size": 1}}, "digest"),
        ({"config": {"digest": A, "size": -1}}, "size"),
        ({"config": {"digest": A, "size": 1}, "layers": 7}, "not a list"),
        ({"manifests": ["x"]}, "not a JSON object"),
    ],
)
def test_bad_manifests(data: Any, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        manifest.parse(raw(data))


def test_config() -> None:
    assert manifest.parse_config(raw({"rootfs": {"type": "layers", "diff_ids": [A]}}))
    cases: list[dict[str, Any]] = [
        {},
        {"rootfs": {"diff_ids": ["../x"]}},
        {"rootfs": {}, "config": []},
        {"rootfs": {}, "history": [1]},
        {"rootfs": {}, "os": 3},
        {"rootfs": {}, "config": {"Env": [5]}},
        {"rootfs": {}, "config": {"Cmd": "x"}},
        {"rootfs": {}, "config": {"Volumes": ["/x"]}},
        {"rootfs": {}, "config": {"User": 0}},
    ]
    for bad in cases:
        with pytest.raises(FormatError):
            manifest.parse_config(raw(bad))


def test_huge_json_is_refused() -> None:
    with pytest.raises(FormatError, match="larger than"):
        manifest.parse_json(b" " * (manifest.LARGEST_JSON + 1), "manifest")


json_values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["config", "layers", "manifests", "size", "digest", "rootfs"]),
            inner,
            max_size=4,
        ),
    ),
)


@given(json_values)
def test_anything_else_is_a_plain_error(data: Any) -> None:
    for reader in (manifest.parse, manifest.parse_config):
        with contextlib.suppress(FormatError):
            reader(raw(data))
