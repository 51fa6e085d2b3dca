"""Docker's capability options."""

from __future__ import annotations

import pytest

from dockerlab.engine.errors import BadParameter
from dockerlab.engine.run.program.capabilities import ALL, DEFAULT, chosen, mask, parse


def test_default_is_docker_s() -> None:
    assert mask(DEFAULT) == 0xA80425FB


@pytest.mark.parametrize(
    ("add", "drop", "expected"),
    [
        ((), (), DEFAULT),
        (("SYS_TIME",), (), DEFAULT | {"SYS_TIME"}),
        (("CAP_sys_time",), ("CAP_CHOWN",), (DEFAULT | {"SYS_TIME"}) - {"CHOWN"}),
        ((), ("ALL",), frozenset()),
        (("NET_ADMIN",), ("ALL",), {"NET_ADMIN"}),
        (("ALL",), (), ALL),
        (("ALL",), ("SYS_ADMIN",), ALL - {"SYS_ADMIN"}),
    ],
)
def test_chosen(add: tuple[str, ...], drop: tuple[str, ...], expected: frozenset[str]) -> None:
    assert chosen(add, drop) == expected


def test_privileged_has_all() -> None:
    assert chosen((), ("ALL",), privileged=True) == ALL


def test_unknown_name() -> None:
    assert parse("all") == "ALL"
    with pytest.raises(BadParameter, match="CAP_NOSUCH"):
        parse("nosuch")
