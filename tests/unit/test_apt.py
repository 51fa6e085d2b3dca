"""What is read out of apt's answers, with programs that answer like apt."""

from __future__ import annotations

import hashlib
import os
import textwrap
from pathlib import Path

import pytest

from dockerlab.course.progress import Step
from dockerlab.course.standins import apt
from dockerlab.course.standins.apt import Apt, AptUnavailable

DEPENDS = """\
redis-server
  PreDepends: init-system-helpers
  Depends: redis-tools
redis-tools
  Depends: adduser
 |Depends: libssl3
  Depends: <libssl>
    libssl3
  Depends: libc6:any
  Depends: libx-dev
libssl3
  Depends: libc6
adduser
  Depends: libperl
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs; apt-get and apt-cache are found only here."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    for name in ("apt-get", "apt-cache"):
        program(folder, name, "exit 0")
    return folder


def program(folder: Path, name: str, script: str) -> None:
    """``$1`` is what is asked, after the configuration file."""
    path = folder / name
    path.write_text(f"#!/bin/sh\nshift\n{textwrap.dedent(script)}\n")
    path.chmod(0o755)


@pytest.fixture
def said() -> list[Step]:
    return []


@pytest.fixture
def tool(programs: Path, tmp_path: Path, said: list[Step]) -> Apt:
    return Apt(tmp_path / "apt", tmp_path / "debs", said.append)


def test_closure_follows_libraries_only(programs: Path, tool: Apt) -> None:
    (programs / "answer").write_text(DEPENDS)
    program(programs, "apt-cache", f"cat {programs}/answer")
    found = tool.closure(["redis-server"])
    assert found == {"redis-server", "redis-tools", "libssl3", "libc6"}


def test_known_packages(programs: Path, tool: Apt) -> None:
    answer = (
        "a:\n  Installed: (none)\n  Candidate: 1\nb:\n  Installed: (none)\n  Candidate: (none)\n"
    )
    (programs / "answer").write_text(answer)
    program(programs, "apt-cache", f"cat {programs}/answer")
    assert tool.known(["a", "b", "c"]) == {"a"}


def archive(programs: Path, content: bytes, delivered: bytes) -> None:
    """An apt-get that offers one package, and delivers something."""
    file = "a_1%3a2_all.deb"
    digest = hashlib.sha256(content).hexdigest()
    (programs / "delivered").write_bytes(delivered)
    program(
        programs,
        "apt-get",
        f"""
        if [ "$2" = --print-uris ]; then
            echo "W: a warning"
            echo "'http://x/a.deb' {file} {len(content)} SHA256:{digest}"
        else
            echo x >> {programs}/downloads
            cp {programs}/delivered {file}
        fi
        """,
    )


def test_fetch_downloads_once(programs: Path, tool: Apt, said: list[Step]) -> None:
    archive(programs, b"content", b"content")
    for _ in range(2):
        (package,) = tool.fetch(["a"])
        assert (package.name, package.version) == ("a", "1:2")
        assert package.path.read_bytes() == b"content"
    assert (programs / "downloads").read_text() == "x\n"
    assert (said[-1].done, said[-1].total) == (7, 7)


def test_fetch_takes_a_half_package_anew(programs: Path, tool: Apt, tmp_path: Path) -> None:
    archive(programs, b"content", b"content")
    (tmp_path / "debs" / "a_1%3a2_all.deb").write_bytes(b"cont")
    assert tool.fetch(["a"])[0].path.read_bytes() == b"content"


def test_fetch_refuses_what_is_not_what_was_announced(programs: Path, tool: Apt) -> None:
    archive(programs, b"content", b"another")
    with pytest.raises(AptUnavailable, match="damaged: a"):
        tool.fetch(["a"])


def test_fetch_names_what_is_not_there(programs: Path, tool: Apt) -> None:
    archive(programs, b"content", b"content")
    with pytest.raises(AptUnavailable, match="no download for b"):
        tool.fetch(["a", "b"])


def test_reasons_are_passed_on(programs: Path, tool: Apt) -> None:
    program(programs, "apt-cache", "echo 'W: first' >&2; echo 'E: it broke.' >&2; exit 100")
    with pytest.raises(AptUnavailable, match=r"apt-cache failed: it broke$"):
        tool.closure(["a"])


def test_stalled_download_is_given_up(
    programs: Path, tool: Apt, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(programs, b"content", b"content")
    script = (programs / "apt-get").read_text().replace("cp ", "exec sleep 60; cp ")
    (programs / "apt-get").write_text(script)
    monkeypatch.setattr(apt, "_STALLED_SECONDS", 0)
    with pytest.raises(AptUnavailable, match="nothing arrives") as error:
        tool.fetch(["a"])
    assert "Check the network" in error.value.hint


def test_update_only_when_old(programs: Path, tool: Apt, tmp_path: Path) -> None:
    lists = tmp_path / "apt/state/lists"
    (lists / "x_Packages").touch()
    program(programs, "apt-get", f"echo x >> {programs}/updates")
    assert tool.update()
    assert tool.update()
    assert (programs / "updates").read_text() == "x\n"
    os.utime(tmp_path / "apt/updated", (0, 0))
    assert tool.update()
    assert (programs / "updates").read_text() == "x\nx\n"


def test_update_that_could_not_fetch_all_is_not_remembered(programs: Path, tool: Apt) -> None:
    (tool._lists / "x_Packages").touch()
    program(programs, "apt-get", "echo 'W: Failed to fetch http://x  no route' >&2")
    assert not tool.update()
    program(programs, "apt-get", "echo 'E: Failed to fetch http://x  no route' >&2; exit 100")
    with pytest.raises(AptUnavailable, match=r"cannot be fetched: no route\.\n"):
        tool.update()


def test_no_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[Step]) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AptUnavailable, match="no apt-get"):
        Apt(tmp_path, tmp_path, said.append)


def test_nothing_is_installed_for_apt_and_nothing_of_the_system_is_touched(tool: Apt) -> None:
    settings = (tool._folder / "apt.conf").read_text()
    assert f'Dir::State "{tool._folder}/state";' in settings
    assert (tool._folder / "status").read_bytes() == b""
