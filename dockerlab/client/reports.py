"""Open an image, weigh a container: facts that the views draw."""

from __future__ import annotations

import platform
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from docker.errors import APIError

from dockerlab.client.record import HasDocker, Joined, engine_name
from dockerlab.formats.reports import Entry, Footprint, ImageReport, Layer

READ_AT_MOST = 512 << 20
"""Bytes of a file system that are looked through for its tree."""


def open_image(lab: HasDocker, name: str) -> ImageReport:
    """Everything there is to see in an image: its settings, its layers, its files.

    For the files a container is created (never started), exported and removed again: an image
    itself can only be saved as layers. Images above 512 MB are listed as far as that.
    """
    api: Any = lab.docker.api
    facts: Mapping[str, Any] = api.inspect_image(name)
    config: Mapping[str, Any] = facts.get("Config") or {}
    history = reversed(api.history(name))
    return ImageReport(
        name=name,
        id=str(facts["Id"]).removeprefix("sha256:")[:12],
        size=int(facts.get("Size") or 0),
        platform=f"{facts.get('Os', 'linux')}/{facts.get('Architecture', '')}",
        entrypoint=tuple(config.get("Entrypoint") or ()),
        command=tuple(config.get("Cmd") or ()),
        env=tuple(config.get("Env") or ()),
        ports=tuple(sorted(config.get("ExposedPorts") or ())),
        workdir=str(config.get("WorkingDir") or ""),
        user=str(config.get("User") or ""),
        volumes=tuple(sorted(config.get("Volumes") or ())),
        layers=tuple(_layer(step) for step in history),
        entries=_entries(api, name),
        labels=tuple(sorted((config.get("Labels") or {}).items())),
    )


def _layer(step: Mapping[str, Any]) -> Layer:
    words = str(step.get("CreatedBy") or step.get("Comment") or "")
    words = words.removeprefix("/bin/sh -c #(nop) ").replace("/bin/sh -c ", "RUN ", 1)
    return Layer(" ".join(words.split()), int(step.get("Size") or 0))


def _entries(api: Any, name: str) -> tuple[Entry, ...]:
    made = api.create_container(name, ["-"])["Id"]
    try:
        return tree(api.export(made))
    finally:
        api.remove_container(made, v=True, force=True)


def tree(archive: Iterator[bytes], at_most: int = READ_AT_MOST) -> tuple[Entry, ...]:
    """The two upper levels of a file system, each with the number and size of all below.

    Of the second level only what weighs at least a hundredth of all is kept.
    """
    found: dict[str, Entry] = {}
    seen = 0
    stream: Any = Joined(archive)
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            parts = [part for part in PurePosixPath(member.name).parts if part not in ("/", ".")]
            # Docker itself puts that one into each container.
            if not parts or parts == [".dockerenv"]:
                continue
            _count(found, parts, member)
            seen += member.size
            if seen > at_most:
                break
    heavy = sum(entry.size for name, entry in found.items() if "/" not in name) / 100
    kept = (name for name in sorted(found) if "/" not in name or found[name].size > heavy)
    return tuple(found[name] for name in kept)


def _count(found: dict[str, Entry], parts: Sequence[str], member: tarfile.TarInfo) -> None:
    for depth in (1, 2):
        name = "/".join(parts[:depth])
        if len(parts) == depth:
            found[name] = _leaf(name, member, found.get(name))
        elif len(parts) > depth:
            entry = found.get(name, Entry(name, 0, 0))
            files = entry.files + (not member.isdir())
            found[name] = replace(entry, size=entry.size + member.size, files=files)


def _leaf(name: str, member: tarfile.TarInfo, known: Entry | None) -> Entry:
    if member.issym():
        return Entry(name, 0, 0, "link", member.linkname)
    if member.isdir():
        return known or Entry(name, 0, 0)
    return Entry(name, member.size, 1, "file")


def footprint(
    lab: HasDocker,
    image: str,
    command: Sequence[str] = ("sleep", "60"),
    *,
    times: int = 5,
    **options: Any,
) -> Footprint:
    """Measure what a container of ``image`` costs: time to start, memory, disk.

    Each try makes a container, starts it and removes it. The time is that of the start request
    alone: the engine answers it when the process runs.
    """
    api: Any = lab.docker.api
    starts, memory, kernel = [], 0, ""
    for number in range(times):
        made = api.create_container(image, list(command), **options)["Id"]
        try:
            began = time.perf_counter()
            api.start(made)
            starts.append((time.perf_counter() - began) * 1000)
            if number == times - 1:
                memory = _memory(api, made)
                kernel = _kernel(api, made)
        finally:
            api.remove_container(made, v=True, force=True)
    size = int(api.inspect_image(image).get("Size") or 0)
    engine = engine_name(api)
    return Footprint(image, engine, tuple(starts), memory, size, platform.release(), kernel)


def _memory(api: Any, container: str) -> int:
    """What ``docker stats`` shows: usage without the file cache that can be dropped."""
    try:
        stats = api.stats(container, stream=False, one_shot=True)
    except APIError:
        return 0
    memory = stats.get("memory_stats") or {}
    details = memory.get("stats") or {}
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return max(int(memory.get("usage") or 0) - int(cache or 0), 0)


def _kernel(api: Any, container: str) -> str:
    try:
        command = api.exec_create(container, ["uname", "-r"])
        return str(api.exec_start(command["Id"]).decode(errors="replace").strip())
    except APIError:
        return ""
