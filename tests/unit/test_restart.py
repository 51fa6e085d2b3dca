"""Restart policies, signals, names and detach keys: small rules with Docker's words."""

from __future__ import annotations

import pytest

from dockerlab.engine.api.detach import DetachKeys
from dockerlab.engine.api.detach import parse as parse_keys
from dockerlab.engine.containers import restart
from dockerlab.engine.containers.request import names, signals
from dockerlab.engine.containers.restart import Policy
from dockerlab.engine.errors import BadParameter


@pytest.mark.parametrize(
    ("policy", "code", "restarts", "by_hand", "again"),
    [
        (Policy("no"), 1, 0, False, False),
        (Policy(""), 1, 0, False, False),
        (Policy("always"), 0, 9, False, True),
        (Policy("always"), 0, 9, True, True),
        (Policy("unless-stopped"), 0, 0, False, True),
        (Policy("unless-stopped"), 0, 0, True, False),
        (Policy("on-failure"), 0, 0, False, False),
        (Policy("on-failure"), 1, 99, False, True),
        (Policy("on-failure", 3), 1, 2, False, True),
        (Policy("on-failure", 3), 1, 3, False, False),
    ],
)
def test_policies(policy: Policy, code: int, restarts: int, by_hand: bool, again: bool) -> None:
    assert policy.wants(code, restarts, by_hand) is again


def test_the_delay_doubles_up_to_a_minute_and_starts_over() -> None:
    delays, last = [], 0.0
    for _ in range(12):
        last = restart.next_delay(last, 0.1)
        delays.append(last)
    assert delays[:4] == [0.1, 0.2, 0.4, 0.8]
    assert delays[-1] == 60
    assert restart.next_delay(60, 11) == 0.1


def test_signals() -> None:
    assert [signals.parse(text) for text in ("KILL", "SIGKILL", "sigkill", "9")] == [9] * 4
    assert signals.parse("RTMIN+3") == signals.parse("37")
    for bad in ("FOO", "0", "99", "SIGRTMIN+x"):
        with pytest.raises(BadParameter, match="Invalid signal"):
            signals.parse(bad)


def test_names() -> None:
    assert names.check("/web_1.a-b") == "web_1.a-b"
    for bad in ("a", "a b", "-x", "", "/"):
        with pytest.raises(BadParameter, match="Invalid container name"):
            names.check(bad)
    taken = {names.invent(())}
    assert names.invent(taken) not in taken
    assert names.check(names.invent(()))


def test_every_name_taken_gets_a_number() -> None:
    class Everything:
        def __contains__(self, name: object) -> bool:
            return not str(name)[-1].isdigit()

    assert names.invent(Everything())[-1].isdigit()


def test_detach_keys() -> None:
    assert parse_keys("") == b"\x10\x11"
    assert parse_keys("ctrl-a,b,ctrl-[") == b"\x01b\x1b"
    for bad in ("ctrl-1", "ab", "ctrl-"):
        with pytest.raises(BadParameter, match="Invalid detach keys"):
            parse_keys(bad)


def test_what_is_typed_passes_but_for_the_keys() -> None:
    keys = DetachKeys("")
    assert keys.filter(b"ls\n") == b"ls\n"
    assert keys.filter(b"a\x10") == b"a"
    assert keys.filter(b"b") == b"\x10b"
    assert keys.filter(b"\x10\x10x") == b"\x10\x10x"
    assert not keys.pressed
    assert keys.filter(b"c\x10\x11d") == b"c"
    assert keys.pressed
