"""Which libraries a program asks for, and the program made by hand."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import debs
import pytest

from dockerlab.course.standins import elf
from dockerlab.errors import FormatError


def test_needed_libraries_in_order() -> None:
    assert elf.needed(debs.elf("libssl.so.3", "libc.so.6")) == ["libssl.so.3", "libc.so.6"]


@pytest.mark.parametrize("data", [b"", b"#!/bin/sh\n", elf.greeting(b"hi", elf.X86_64)])
def test_nothing_needed_by_scripts_and_static_programs(data: bytes) -> None:
    assert elf.needed(data) == []


def test_a_cut_off_file_is_refused() -> None:
    whole = debs.elf("libc.so.6")
    for length in range(16, len(whole)):
        try:
            elf.needed(whole[:length])
        except FormatError:
            continue
        pytest.fail(f"{length} of {len(whole)} bytes were taken for a whole file")


def test_a_string_table_outside_the_file_is_refused() -> None:
    broken = debs.elf("libc.so.6").replace(b"\x05" + bytes(7), b"\x06" + bytes(7))
    with pytest.raises(FormatError, match="outside"):
        elf.needed(broken)


def test_the_greeting_runs(tmp_path: Path) -> None:
    machines = {"x86_64": elf.X86_64, "aarch64": elf.AARCH64}
    if platform.machine() not in machines:
        pytest.skip(f"no program is made for {platform.machine()}")
    program = tmp_path / "hello"
    program.write_bytes(elf.greeting("Grüße\n".encode(), machines[platform.machine()]))
    program.chmod(0o755)
    done = subprocess.run([program], capture_output=True, timeout=10, check=False)
    assert (done.returncode, done.stdout.decode()) == (0, "Grüße\n")


@pytest.mark.parametrize("machine", [elf.X86_64, elf.AARCH64])
def test_the_greeting_is_tiny(machine: int) -> None:
    program = elf.greeting(b"x" * 100, machine)
    assert elf.is_elf(program)
    assert len(program) < 300
    assert int.from_bytes(program[18:20], "little") == machine
