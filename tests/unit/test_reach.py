"""Trying connections: the script with each tool, and what tools' words mean."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dockerlab.client.reach.script import arguments, read, speakable
from dockerlab.formats.composed.reach import Attempt, Place, Reach, Way, outcome

TOOLS = {
    "nc": ["nc"],
    "nc-e": ["busybox"],
    "python3": ["python3"],
    "node": ["node"],
    "bash": ["bash", "timeout"],
}


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """One that answers and one that does not."""
    with socket.socket() as server, socket.socket() as other:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        other.bind(("127.0.0.1", 0))
        yield server.getsockname()[1], other.getsockname()[1]


@pytest.mark.parametrize("tool", TOOLS)
def test_the_script_with(tool: str, ports: tuple[int, int], tmp_path: Path) -> None:
    for name in TOOLS[tool]:
        found = os.path.realpath(sys.executable) if name == "python3" else shutil.which(name)
        if found is None:
            pytest.skip(f"no {name} on this machine")
        (tmp_path / ("nc" if name == "busybox" else name)).symlink_to(found)
    names = ("127.0.0.1", "no-such-host.invalid")
    tries = [(name, port) for name in names for port in ports]
    command = ["/bin/sh", *arguments(2.0, tries)[1:]]
    ran = subprocess.run(
        command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=30
    )
    told, attempts = read(ran.stdout, ["127.0.0.1"])
    assert told == tool
    assert {key: one.outcome for key, one in attempts.items()} == {
        ("127.0.0.1", ports[0]): "open",
        ("127.0.0.1", ports[1]): "refused",
        ("no-such-host.invalid", ports[0]): "noname",
        ("no-such-host.invalid", ports[1]): "noname",
    }
    assert attempts["127.0.0.1", ports[0]].by == "address"


def test_the_script_without_any_tool(tmp_path: Path) -> None:
    command = ["/bin/sh", *arguments(2.0, [("web", 80)])[1:]]
    ran = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert read(ran.stdout, []) == ("", {})
    assert read("sh: not found", []) == (None, {})


@pytest.mark.parametrize(
    ("code", "said", "meant"),
    [
        (0, "", "open"),
        (1, "nc: can't connect to remote host (172.18.0.2): Connection refused", "refused"),
        (1, "nc: bad address 'web'", "noname"),
        (1, "nc: getaddrinfo: Name does not resolve", "noname"),
        (1, "bash: web: Temporary failure in name resolution", "noname"),
        (1, "[Errno -2] Name or service not known", "noname"),
        (1, "ENOTFOUND", "noname"),
        (1, "nc: timed out", "silent"),
        (124, "", "silent"),
        (1, "[Errno 113] No route to host", "unreachable"),
        (1, "connect: Network is unreachable", "unreachable"),
        (1, "Permission denied", "unknown"),
    ],
)
def test_what_tools_say(code: int, said: str, meant: str) -> None:
    assert outcome(code, said) == meant


def test_lines_that_a_container_made_up() -> None:
    text = "dlreach|tool|nc\ndlreach|web|x|0|\ndlreach|web|80\ndlreach|a|80|0|x\ndlreach\n\x00"
    tool, found = read(text, [])
    assert tool == "nc"
    assert list(found) == [("a", 80)]
    assert len(read("dlreach|a|80|9|" + "x" * 10_000, [])[1]["a", 80].said) == 200


@pytest.mark.parametrize("name", ["-e", "a b", "$(reboot)", "", "a|b", "web\n"])
def test_aliases_that_are_no_hosts(name: str) -> None:
    assert not speakable(name)


def test_verdicts() -> None:
    def way(*attempts: Attempt) -> str:
        return Way("a", "b", (), attempts).verdict

    name, address = Attempt("b", 80, "open"), Attempt("172.18.0.2", 80, "open", "address")
    assert way() == "unasked"
    assert way(address, name) == "name"
    assert way(Attempt("b", 80, "noname"), address) == "address"
    assert way(Attempt("b", 80, "refused")) == "closed"
    assert way(Attempt("b", 80, "noname"), Attempt("172.18.0.2", 80, "silent", "address")) == (
        "nowhere"
    )
    found = Reach((Place("a", "1"), Place("b", "2")), (Way("a", "b", (), (name,)),))
    assert found.reaches("a", "b")
    assert found.reaches("a", "b", 80)
    assert not found.reaches("a", "b", 81)
    assert not found.reaches("b", "a")
