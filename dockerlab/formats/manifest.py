"""What a registry and an image archive say about an image: indexes, manifests and configs.

An *index* (Docker: manifest list) names one *manifest* a platform; a manifest names the *config*
(a JSON text whose digest is the image's id) and the layers, each by a *descriptor*. Docker's and
OCI's forms differ in their media types only.

Everything here comes from outside: what is not as it should be raises FormatError.
"""

from __future__ import annotations

import json
import platform as host
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats.reference import check_digest

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
ACCEPTED = (OCI_INDEX, DOCKER_LIST, OCI_MANIFEST, DOCKER_MANIFEST)

LARGEST_JSON = 8 << 20
"""Bytes; a manifest or config above this is not one."""

_RUNTIME_LISTS = "Cmd Entrypoint Env OnBuild Shell"
_RUNTIME_MAPS = "ExposedPorts Healthcheck Labels Volumes"
_RUNTIME_TEXTS = "Domainname Hostname MacAddress StopSignal User WorkingDir"

_MACHINES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}


@dataclass(frozen=True, slots=True)
class Platform:
    """``linux/arm64/v8``: for what an image is made."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def suits(self, wanted: Platform) -> bool:
        """Whether an image for this platform runs on ``wanted`` (a variant may be left out)."""
        same = (self.os, self.architecture) == (wanted.os, wanted.architecture)
        return same and (not wanted.variant or not self.variant or self.variant == wanted.variant)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """Where content is (``digest``), what it is, and how many bytes."""

    digest: str
    size: int
    media_type: str = ""
    platform: Platform | None = None
    name: str = ""
    """The image's name where an archive annotates it, else empty."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One image: its config and its layers, lowest first."""

    config: Descriptor
    layers: tuple[Descriptor, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """Several manifests, usually of one image for several platforms."""

    manifests: tuple[Descriptor, ...]


def this_platform() -> Platform:
    """The platform of this machine."""
    machine = host.machine()
    return Platform("linux", _MACHINES.get(machine, machine))


def parse_platform(text: str) -> Platform:
    """``linux/amd64``, ``arm64`` or ``linux/arm/v7``, as ``--platform`` takes it."""
    parts = text.lower().split("/")
    if len(parts) == 1:
        parts = ["linux", parts[0]]
    if len(parts) > 3 or not all(part.replace("_", "").isalnum() for part in parts):
        raise FormatError(f'"{text}" is an invalid component of a platform: os/arch[/variant]')
    parts[1] = _MACHINES.get(parts[1], parts[1])
    return Platform(*parts)


def parse(raw: bytes, media_type: str = "") -> Manifest | Index:
    """Read a manifest or index as it came."""
    data = parse_json(raw, "manifest")
    kind = data.get("mediaType") or media_type
    if data.get("schemaVersion") == 1:
        raise FormatError(
            "the image has the old manifest format (schema 1), which is not supported",
            "Ask its publisher for a current one, or pull a newer tag.",
        )
    if "manifests" in data and kind not in (OCI_MANIFEST, DOCKER_MANIFEST):
        return Index(tuple(map(_descriptor, _list(data, "manifests"))))
    if "config" in data:
        return Manifest(_descriptor(data["config"]), tuple(map(_descriptor, _list(data, "layers"))))
    raise FormatError(f"unknown manifest format: {kind or 'no media type'}")


def choose(index: Index, wanted: Platform) -> Descriptor:
    """The manifest of an index that suits a platform; FormatError in Docker's words if none."""
    suiting = [d for d in index.manifests if d.platform is None or d.platform.suits(wanted)]
    if not suiting:
        offered = sorted({str(d.platform) for d in index.manifests if _real(d)})
        raise FormatError(
            f"no matching manifest for {wanted} in the manifest list entries",
            f"It is offered for {', '.join(offered)}." if offered else "",
        )
    exact = [d for d in suiting if d.platform and d.platform.variant == wanted.variant]
    return (exact or suiting)[0]


def parse_config(raw: bytes) -> dict[str, Any]:
    """Read an image's config: at least ``rootfs.diff_ids``, the rest filled in where missing."""
    data = parse_json(raw, "image config")
    rootfs = data.get("rootfs")
    if not isinstance(rootfs, dict) or rootfs.get("type") not in (None, "layers"):
        raise FormatError("invalid image config: it has no rootfs of layers")
    for diff_id in _list(rootfs, "diff_ids"):
        check_digest(diff_id if isinstance(diff_id, str) else "")
    _check_sections(data)
    return data


def parse_json(raw: bytes, what: str) -> dict[str, Any]:
    """A JSON object of bounded size, else FormatError naming ``what``."""
    if len(raw) > LARGEST_JSON:
        raise FormatError(f"the {what} is larger than {LARGEST_JSON >> 20} MiB")
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"the {what} is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise FormatError(f"the {what} is not a JSON object")
    return data


def _check_sections(data: dict[str, Any]) -> None:
    for key, kind in (("config", dict), ("history", list), ("container_config", dict)):
        if data.get(key) is not None and not isinstance(data[key], kind):
            raise FormatError(f"invalid image config: {key} is not of the right kind")
    for key in ("created", "architecture", "os", "author", "comment"):
        if data.get(key) is not None and not isinstance(data[key], str):
            raise FormatError(f"invalid image config: {key} is not a text")
    for row in data.get("history") or ():
        if not isinstance(row, dict):
            raise FormatError("invalid image config: history is not of the right kind")
    for section in ("config", "container_config"):
        _check_runtime(data.get(section) or {})


def _check_runtime(section: dict[str, Any]) -> None:
    """What a container of the image would run with: each value must be of its kind."""
    for key, value in section.items():
        if value is None:
            continue
        if key in _RUNTIME_LISTS.split():
            right = isinstance(value, list) and all(isinstance(item, str) for item in value)
        elif key in _RUNTIME_MAPS.split():
            right = isinstance(value, dict)
        elif key in _RUNTIME_TEXTS.split():
            right = isinstance(value, str)
        else:
            continue
        if not right:
            raise FormatError(f"invalid image config: {key} is not of the right kind")


def _real(descriptor: Descriptor) -> bool:
    # Attestations are listed beside the images with the platform unknown/unknown.
    return descriptor.platform is not None and descriptor.platform.os != "unknown"


def _descriptor(data: Any) -> Descriptor:
    if not isinstance(data, dict):
        raise FormatError("invalid manifest: a descriptor is not a JSON object")
    size, digest, notes = data.get("size"), data.get("digest"), data.get("annotations")
    if not isinstance(size, int) or size < 0 or not isinstance(digest, str):
        raise FormatError("invalid manifest: a descriptor lacks its size or digest")
    return Descriptor(
        check_digest(digest),
        size,
        str(data.get("mediaType") or ""),
        _platform(data.get("platform")),
        _name(notes if isinstance(notes, dict) else {}),
    )


def _platform(data: Any) -> Platform | None:
    if not isinstance(data, dict):
        return None
    return Platform(*(str(data.get(key) or "") for key in ("os", "architecture", "variant")))


def _name(annotations: dict[str, Any]) -> str:
    for key in ("io.containerd.image.name", "org.opencontainers.image.ref.name"):
        if isinstance(annotations.get(key), str):
            return str(annotations[key])
    return ""


def _list(data: dict[str, Any], key: str) -> Sequence[Any]:
    value = data.get(key) or []
    if not isinstance(value, list):
        raise FormatError(f"invalid manifest: {key} is not a list")
    return value
