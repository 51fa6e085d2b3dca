"""Just enough of ELF: which libraries a program needs, and one program made by hand.

See the System V ABI, chapters 4 and 5. Only 64-bit little-endian files are read,
which is all that amd64 and arm64 have.
"""

from __future__ import annotations

import struct

from dockerlab.errors import FormatError

X86_64 = 62
AARCH64 = 183

_MAGIC = b"\x7fELF\x02\x01"
_LOAD, _DYNAMIC = 1, 2
_NEEDED, _STRTAB, _END = 1, 5, 0
_HEADER, _SEGMENT = 64, 56
_BASE = 0x400000


def is_elf(data: bytes) -> bool:
    """Whether this is a 64-bit little-endian ELF file."""
    return data[: len(_MAGIC)] == _MAGIC


def needed(data: bytes) -> list[str]:
    """Names of the shared libraries that a program or library asks for (DT_NEEDED).

    Empty for a static program and for anything that is not ELF. Raises
    FormatError when the file is cut off or points outside itself.
    """
    if not is_elf(data):
        return []
    try:
        return _needed(data)
    except (struct.error, ValueError, StopIteration, UnicodeDecodeError) as error:
        raise FormatError(
            f"broken ELF file: {str(error) or 'a table points outside it'}"
        ) from error


def _needed(data: bytes) -> list[str]:
    segments = _segments(data)
    dynamic = next(((offset, size) for kind, offset, _, size in segments if kind == _DYNAMIC), None)
    if dynamic is None:
        return []
    names, table = _dynamic(data, *dynamic)
    strings = next(
        table - address + offset
        for kind, offset, address, size in segments
        if kind == _LOAD and address <= table < address + size
    )
    return [data[strings + n : data.index(b"\0", strings + n)].decode() for n in names]


def _segments(data: bytes) -> list[tuple[int, int, int, int]]:
    """(type, file offset, address, size in the file) of each program header."""
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    found = []
    for number in range(count):
        kind, _, offset, address, _, length, _, _ = struct.unpack_from(
            "<IIQQQQQQ", data, start + number * size
        )
        found.append((kind, offset, address, length))
    return found


def _dynamic(data: bytes, offset: int, size: int) -> tuple[list[int], int]:
    """Offsets of the needed names in the string table, and that table's address."""
    names: list[int] = []
    table = 0
    for position in range(offset, offset + size, 16):
        tag, value = struct.unpack_from("<qQ", data, position)
        if tag == _NEEDED:
            names.append(value)
        elif tag == _STRTAB:
            table = value
        elif tag == _END:
            break
    return names, table


def greeting(text: bytes, machine: int) -> bytes:
    """A whole static program that writes ``text`` and exits with 0.

    Made by hand so that no compiler is needed: two system calls behind the
    smallest headers a kernel accepts, a few hundred bytes in all.
    """
    code = _CODE[machine](len(text))
    body = code + text
    total = _HEADER + _SEGMENT + len(body)
    ident = _MAGIC + b"\x01" + bytes(9)
    # Type 2 is "executable"; the entry is the first byte after the headers.
    entry = _BASE + _HEADER + _SEGMENT
    header = struct.pack(
        "<HHIQQQIHHHHHH", 2, machine, 1, entry, _HEADER, 0, 0, _HEADER, _SEGMENT, 1, 0, 0, 0
    )
    # One segment, the whole file, readable and executable (flags 5). Aligned to
    # 64 KiB, the largest page size of the two machines.
    segment = struct.pack("<IIQQQQQQ", _LOAD, 5, 0, _BASE, _BASE, total, total, 0x10000)
    return ident + header + segment + body


def _code_x86_64(length: int) -> bytes:
    code = b"\xb8\x01\x00\x00\x00"  # mov eax, 1        write
    code += b"\xbf\x01\x00\x00\x00"  # mov edi, 1        standard output
    code += b"\x48\x8d\x35\x10\x00\x00\x00"  # lea rsi, [rip+16] the text
    code += b"\xba" + struct.pack("<I", length)  # mov edx, length
    code += b"\x0f\x05"  # syscall
    code += b"\xb8\x3c\x00\x00\x00"  # mov eax, 60       exit
    code += b"\x31\xff"  # xor edi, edi
    return code + b"\x0f\x05"  # syscall


def _code_aarch64(length: int) -> bytes:
    words = (
        0xD2800020,  # mov x0, #1     standard output
        0x100000E1,  # adr x1, .+28   the text
        0xD2800002 | length << 5,  # mov x2, #length
        0xD2800808,  # mov x8, #64    write
        0xD4000001,  # svc #0
        0xD2800000,  # mov x0, #0
        0xD2800BA8,  # mov x8, #93    exit
        0xD4000001,  # svc #0
    )
    return struct.pack("<8I", *words)


_CODE = {X86_64: _code_x86_64, AARCH64: _code_aarch64}
