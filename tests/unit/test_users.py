"""Who --user means, from files that a container controls."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dockerlab.engine.run.program.users import UnknownUser, User, find

PASSWD = (
    "# comment\nroot:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\nbad:x:no:1::\n"
)
GROUP = "root:x:0:\nstaff:x:50:root,web\nweb:x:1000:\nadm:x:4:web\nbroken\n"


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    (tmp_path / "passwd").write_text(PASSWD)
    (tmp_path / "group").write_text(GROUP)
    return tmp_path


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("", User(0, 0, (0, 50), "/root")),
        ("0", User(0, 0, (0, 50), "/root")),
        ("web", User(1000, 1000, (4, 50, 1000), "/home/web")),
        ("1000", User(1000, 1000, (4, 50, 1000), "/home/web")),
        ("web:staff", User(1000, 50, (50,), "/home/web")),
        ("web:77", User(1000, 77, (77,), "/home/web")),
        ("1234", User(1234, 0, (0,), "/")),
        ("1234:5678", User(1234, 5678, (5678,), "/")),
    ],
)
def test_find(etc: Path, user: str, expected: User) -> None:
    assert find(user, (), str(etc)) == expected


def test_added_groups(etc: Path) -> None:
    assert find("1234", ("staff", "99"), str(etc)).groups == (0, 50, 99)


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ("who", "unable to find user who: no matching entries in passwd file"),
        ("bad", "unable to find user bad: no matching entries in passwd file"),
        ("99999999999", "unable to find user 99999999999: no matching entries in passwd file"),
        ("-1", "unable to find user -1: no matching entries in passwd file"),
        ("web:who", "unable to find group who: no matching entries in group file"),
    ],
)
def test_unknown(etc: Path, user: str, message: str) -> None:
    with pytest.raises(UnknownUser) as caught:
        find(user, (), str(etc))
    assert str(caught.value) == message


def test_no_files(tmp_path: Path) -> None:
    assert find("", (), str(tmp_path)) == User(0, 0, (0,), "/")
    with pytest.raises(UnknownUser):
        find("root", (), str(tmp_path))


def test_a_pipe_in_place_of_the_file_does_not_block(etc: Path) -> None:
    (etc / "passwd").unlink()
    os.mkfifo(etc / "passwd")
    assert find("0", (), str(etc)).uid == 0
