"""Debian packages and ELF files made by hand, small enough to see through."""

from __future__ import annotations

import gzip
import io
import lzma
import struct
import tarfile
from collections.abc import Mapping
from pathlib import Path

from dockerlab.course.standins.deb import Package


def tar(entries: Mapping[str, bytes | str]) -> bytes:
    """A tar of files (bytes) and symbolic links (the target, a str)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in entries.items():
            header = tarfile.TarInfo(name)
            header.mode = 0o755
            if isinstance(content, str):
                header.type, header.linkname = tarfile.SYMTYPE, content
                archive.addfile(header)
            else:
                header.size = len(content)
                archive.addfile(header, io.BytesIO(content))
    return buffer.getvalue()


def ar(members: Mapping[str, bytes]) -> bytes:
    """An ar archive, the outer form of a .deb."""
    parts = [b"!<arch>\n"]
    for name, body in members.items():
        header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(body):<10}`\n"
        parts += [header.encode(), body, b"\n" * (len(body) & 1)]
    return b"".join(parts)


def deb(
    folder: Path,
    name: str,
    entries: Mapping[str, bytes | str],
    form: str = "xz",
    version: str = "1",
) -> Package:
    """Write a package and return it."""
    data = tar(entries)
    packed = {"xz": lzma.compress, "gz": gzip.compress}.get(form, bytes)(data)
    suffix = f".{form}" if form else ""
    path = folder / f"{name}_{version}_all.deb"
    path.write_bytes(
        ar({"debian-binary": b"2.0\n", "control.tar.gz": b"?", f"data.tar{suffix}": packed})
    )
    return Package(name, version, path)


def elf(*needed: str) -> bytes:
    """A 64-bit file with a dynamic section that asks for these libraries, and no code."""
    strings = b"\0" + b"".join(name.encode() + b"\0" for name in needed)
    offsets, position = [], 1
    for name in needed:
        offsets.append(position)
        position += len(name) + 1
    start = 64 + 2 * 56
    size = 16 * (len(needed) + 2)
    table = start + size
    dynamic = b"".join(struct.pack("<qQ", 1, offset) for offset in offsets)
    dynamic += struct.pack("<qQ", 5, 0x1000 + table) + struct.pack("<qQ", 0, 0)
    total = table + len(strings)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 4, 0, 0x1000, 0x1000, total, total, 0x1000)
    section = struct.pack("<IIQQQQQQ", 2, 4, start, 0x1000 + start, 0, size, size, 8)
    return header + load + section + dynamic + strings
