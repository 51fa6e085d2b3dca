from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from dockerlab.engine.run import tools


def unpack(folder: Path) -> Path:
    """A tree as ``dpkg -x`` leaves it; any ELF program will do."""
    program = folder / "usr" / "bin" / "proot"
    program.parent.mkdir(parents=True)
    shutil.copy(Path(sys.executable).resolve(), program)
    return program


def test_named_by_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKERLAB_PROOT", "/bin/sh")
    found = tools.find_proot()
    assert found is not None
    assert found.argv == (found.path,)
    monkeypatch.setenv("DOCKERLAB_PROOT", "/nowhere/proot")
    assert tools.find_proot() is None
    assert "/nowhere/proot" in tools.why_no_proot()


def test_tools_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DOCKERLAB_PROOT", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert tools.find_proot() is None
    assert "not installed" in tools.why_no_proot()
    program = unpack(tools.tools_folder())
    found = tools.find_proot()
    assert found is not None
    assert found.argv == (str(program),)


def test_library_beside_goes_through_the_loader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = unpack(tmp_path)
    library = tmp_path / "usr" / "lib" / "x86_64-linux-gnu"
    library.mkdir(parents=True)
    (library / "libtalloc.so.2").touch()
    monkeypatch.setenv("DOCKERLAB_PROOT", str(program))
    found = tools.find_proot()
    assert found is not None
    loader = tools.interpreter_of(str(program))
    assert loader is not None
    assert found.argv == (loader, "--library-path", str(library), str(program))


def test_no_program_no_interpreter(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("#!/bin/sh\n")
    (tmp_path / "cut").write_bytes(b"\x7fELF\x02\x01\x01" + b"\xff" * 60)
    assert tools.interpreter_of(str(tmp_path / "script")) is None
    assert tools.interpreter_of(str(tmp_path / "cut")) is None
    assert tools.interpreter_of(str(tmp_path / "missing")) is None


def test_loader_inside_a_program(tmp_path: Path) -> None:
    inner = bytearray(b"\x7fELF\x02\x01\x01".ljust(64, b"\0"))
    inner[40:48] = (64).to_bytes(8, "little")  # sections start here …
    inner[58:62] = (64).to_bytes(2, "little") + (2).to_bytes(2, "little")  # two of 64 bytes
    whole = bytes(inner) + b"s" * 128
    (tmp_path / "proot").write_bytes(b"\x7fELF\x02\x01\x01 outer" + whole + b"more")
    assert tools.loader_of(str(tmp_path / "proot")) == whole
    (tmp_path / "proot").write_bytes(b"\x7fELF only one")
    assert tools.loader_of(str(tmp_path / "proot")) == b""
