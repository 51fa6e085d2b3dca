"""The part of Go templates that ``--format`` knows."""

from __future__ import annotations

import pytest

from dockerlab.errors import CommandError
from dockerlab.formats.template import fields, render

FACTS = {
    "State": {"Status": "running", "Running": True, "Error": None},
    "Config": {"Cmd": ["a", "b<c"], "Labels": {"x.y": "1"}},
    "Networks": {"bridge": {"IP": "1.2.3.4"}, "other": {"IP": "5.6.7.8"}},
    "Mounts": [],
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{.State.Status}}", "running"),
        ("{{ .State.Running }} x", "true x"),
        ("{{.State.Error}}", "<no value>"),
        ("{{.Config.Cmd}}", "[a b<c]"),
        ("{{json .Config.Cmd}}", '["a","b\\u003cc"]'),
        ("{{.Config.Labels}}", "map[x.y:1]"),
        ('{{index .Config.Labels "x.y"}}', "1"),
        ("{{index .Config.Cmd 0}}", "a"),
        ("{{len .Config.Cmd}}", "2"),
        ("{{range .Networks}}{{.IP}};{{end}}", "1.2.3.4;5.6.7.8;"),
        ("{{if .Mounts}}yes{{else}}no{{end}}", "no"),
        (r"a\tb", "a\tb"),
        ("no template", "no template"),
    ],
)
def test_render(template: str, text: str) -> None:
    assert render(template, FACTS) == text


@pytest.mark.parametrize(
    "bad",
    ["{{.Nope}}", "{{printf .X}}", "{{range .Mounts}}", "{{end}}", "{{.State", "{{lower .A}}"],
)
def test_what_is_not_known_is_refused(bad: str) -> None:
    with pytest.raises(CommandError):
        render(bad, FACTS)


def test_fields() -> None:
    assert fields("{{.Names}}\t{{.Status}}") == ["Names", "Status"]
