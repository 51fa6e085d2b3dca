"""``{python}`` and ``$name`` in a typed command."""

from __future__ import annotations

import pytest

from dockerlab.magics.expansion import expand

NAMES = {"n": "web", "i": 2, "f": print, "it": "IT"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("run --name {n} x", "run --name web x"),
        ("run --name $n-{i + 1}", "run --name web-3"),
        ("run ${n}x", "run webx"),
        ("ps --format '{{.Names}}'", "ps --format '{{.Names}}'"),
        ("ps --format {{.Names}}", "ps --format {{.Names}}"),
        ('ps --format "{{.Names}} {n}"', 'ps --format "{{.Names}} web"'),
        ("run sh -c 'echo $n {n}'", "run sh -c 'echo $n {n}'"),
        ('run sh -c "echo $n"', 'run sh -c "echo web"'),
        ("run sh -c \"it's $n and '{n}'\"", "run sh -c \"it's web and 'web'\""),
        (r"run sh -c \$n", r"run sh -c \$n"),
        ("run sh -c $unknown", "run sh -c $unknown"),
        ("run awk {f}", "run awk {f}"),
        ("run sh -c {a,b} {1..3} {}", "run sh -c {a,b} {1..3} {}"),
        ("rm $(docker ps -q)", "rm $(docker ps -q)"),
        ("echo $$", "echo $"),
        ("unclosed 'quote $n", "unclosed 'quote web"),
    ],
)
def test_expand(text: str, expanded: str) -> None:
    assert expand(text, NAMES) == expanded


def test_the_environment_is_asked_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("n", "no")
    monkeypatch.setenv("FOLDER", "/x")
    assert expand("-v $FOLDER:/y $n", NAMES) == "-v /x:/y web"
