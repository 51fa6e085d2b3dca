"""What can be said of the engine's home without entering one."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from dockerlab.engine.run import home, kernel
from dockerlab.engine.run.home import Home, HomeDenied

EVERYBODY = ((0, 0, 4294967295),)


def test_a_home_outside_has_no_keeper(tmp_path: Path) -> None:
    here = home.outside(tmp_path)
    assert (here.kind, here.keeper) == ("none", None)
    here.leave()


@pytest.mark.parametrize(
    ("uids", "gids", "single"),
    [
        (EVERYBODY, EVERYBODY, False),
        (((0, 1000, 1),), ((0, 1000, 1),), True),
        (((0, 1000, 1), (1, 100000, 65536)), ((0, 1000, 1),), True),
        (((0, 1000, 1), (1, 100000, 65536)), ((0, 1000, 1), (1, 100000, 65536)), False),
    ],
)
def test_one_user_id_or_many(uids: home.IdMap, gids: home.IdMap, single: bool) -> None:
    assert Home(Path("/x"), "user", uids, gids).single_uid is single


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12345:100000:65536\n", (100000, 65536)),
        ("root:1:5\n12345:7:8\n12345:9:10\n", (7, 8)),
        ("", None),
        ("12345:100000\n", None),
        ("12345:x:65536\n12345:100000:0\n", None),
        ("123456:100000:65536\n", None),
    ],
)
def test_ids_of_the_table(tmp_path: Path, text: str, found: tuple[int, int] | None) -> None:
    table = tmp_path / "subuid"
    table.write_text(text)
    assert home._subordinate(str(table), 12345) == found
    assert home._subordinate(str(tmp_path / "missing"), 12345) is None


def test_ids_are_found_by_name_too(tmp_path: Path) -> None:
    table = tmp_path / "subuid"
    table.write_text("root:100000:65536\n")
    assert home._subordinate(str(table), 0) == (100000, 65536)


def test_what_is_denied_is_said_plainly_and_nothing_is_left(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _deny_unshare()
            answer = repr(home.probe(tmp_path))
            try:
                home.enter(tmp_path / "engine")
            except HomeDenied as error:
                answer += str(error)
            os.write(writer, answer.encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader) as file:
        answer = file.read()
    os.waitpid(child, 0)
    assert answer.startswith("(False, 'This machine does not allow user namespaces (Operation no")
    assert answer.count("runtime proot") == 2
    assert os.listdir(tmp_path) == ["engine"]


def _deny_unshare() -> None:
    """As a container of Docker's does: unshare fails with EPERM."""
    number = {"x86_64": 272, "aarch64": 97}[os.uname().machine]

    def instruction(code: int, true: int, false: int, value: int) -> bytes:
        return struct.pack("=HBBI", code, true, false, value)

    kernel.no_new_privileges()
    kernel.install_filter(
        instruction(0x20, 0, 0, 0)
        + instruction(0x15, 0, 1, number)
        + instruction(0x06, 0, 0, 0x00050001)
        + instruction(0x06, 0, 0, 0x7FFF0000)
    )
