from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from dockerlab.engine.run import choose
from dockerlab.engine.run.choose import NoRuntime, Trial


def pretend(monkeypatch: pytest.MonkeyPatch, **works: bool) -> None:
    def attempt(name: str, root: object) -> Trial:
        return Trial(name, works[name], "" if works[name] else "it is forbidden\nmore")  # type: ignore[arg-type]

    monkeypatch.setattr(choose, "attempt", attempt)


def test_namespaces_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend(monkeypatch, namespaces=True, proot=True)
    choice = choose.choose(tmp_path)
    assert choice.name == "namespaces"
    assert len(choice.tried) == 1


def test_proot_when_namespaces_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend(monkeypatch, namespaces=False, proot=True)
    choice = choose.choose(tmp_path)
    assert choice.name == "proot"
    assert choice.why.startswith("namespaces failed (it is forbidden); ")


def test_the_wanted_one_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend(monkeypatch, namespaces=True, proot=False)
    with pytest.raises(NoRuntime, match="proot: it is forbidden"):
        choose.choose(tmp_path, "proot")
    with pytest.raises(NoRuntime, match="no runtime 'docker'"):
        choose.choose(tmp_path, "docker")


def test_proot_is_tried_where_the_containers_will_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nonexistent")  # as bad as one mounted noexec
    trial = choose.attempt("proot", tmp_path)
    if "PRoot is not installed" in trial.reason or "x86-64" in trial.reason:
        pytest.skip(trial.reason)
    assert "/nonexistent" not in trial.reason
    assert list(tmp_path.iterdir()) == []


def test_the_tiny_program_is_one(tmp_path: Path) -> None:
    data = choose._tiny_program()
    assert data.startswith(b"\x7fELF\x02\x01\x01")
    assert len(data) < 200
