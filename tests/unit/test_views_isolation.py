"""Host and container side by side: walls, open places, another kernel, limits and their truth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.formats.reports import NAMESPACES, IsolationReport, Limit, Namespace
from dockerlab.views import IsolationView
from dockerlab.views.words import CATALOGUE

SVG = "{http://www.w3.org/2000/svg}"
REPORT = IsolationReport(
    container="web",
    image="alpine",
    engine="Docker Engine 20.10.24",
    namespaces=tuple(
        Namespace(kind, 4026531800 + n, 4026531800 + n + (0 if kind == "user" else 500))
        for n, kind in enumerate(NAMESPACES)
    ),
    limits=(
        Limit("memory", 64 << 20, 64 << 20, "in-force"),
        Limit("cpu", 0.5, 0, "refused"),
        Limit("pids", 0, None, "free"),
    ),
    host_name="machine",
    container_name="web-1",
    host_processes=102,
    container_processes=1,
    kernel="6.1.0",
)


def _texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(part.itertext()) for part in root.iter(f"{SVG}text")]


def test_text_says_which_are_separate_and_which_limits_hold() -> None:
    lines = repr(IsolationView(REPORT)).splitlines()
    assert lines[1] == "6 of 7 namespaces are its own; one kernel for both: 6.1.0"
    assert "mnt    files and mounts: its own (4026531800 | 4026532300)" in lines
    assert "user   user numbers: shared with the host (4026531805 | 4026531805)" in lines
    assert lines[-3:] == [
        "memory: in force (64MiB)",
        "CPU: this engine cannot (0.5 cores)",
        "processes: not asked for",
    ]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_picture_draws_one_bar_where_nothing_separates(lang: Any) -> None:
    view = IsolationView(REPORT, lang)
    texts = _texts(view.svg)
    assert texts.count(view.words("iso.own")) == 6
    assert texts.count(view.words("iso.shared")) == 1
    assert view.words("iso.sees.one") in texts
    root = ElementTree.fromstring(view.svg)
    assert view.words("iso.refused") in (root.findtext(f"{SVG}desc") or "")


def test_under_proot_everything_is_shared_and_it_says_so() -> None:
    same = tuple(replace(one, container=one.host) for one in REPORT.namespaces)
    watched = (Limit("memory", 64 << 20, None, "watched"),)
    report = replace(REPORT, namespaces=same, limits=watched, pretended=True)
    view = IsolationView(report)
    assert view.text.splitlines()[1].startswith("0 of 7")
    assert "rewrites paths" in view.text.splitlines()[2]
    assert view.text.splitlines()[-1] == "memory: kept by the engine (64MiB)"
    assert _texts(view.svg).count("shared with the host") == 7


def test_numbers_of_another_kernel_are_not_compared() -> None:
    unread = tuple(replace(one, host=0) for one in REPORT.namespaces)
    view = IsolationView(replace(REPORT, namespaces=unread, same_kernel=False))
    assert all(one.separate is None for one in view.report.namespaces)
    assert "Linux VM" in view.text
    assert "of another kernel" in _texts(view.svg)


def test_every_kind_and_state_has_its_words() -> None:
    for kind in NAMESPACES:
        assert f"iso.{kind}" in CATALOGUE
        assert f"iso.tip.{kind}" in CATALOGUE
    for state in ("free", "in-force", "watched", "refused"):
        assert f"iso.{state}" in CATALOGUE


def test_the_live_form_has_parts_that_explain_themselves() -> None:
    pytest.importorskip("anywidget")
    widget = IsolationView(REPORT).widget
    assert widget is not None
    root = ElementTree.fromstring(widget.svg)
    tips = [part.get("data-tip") for part in root.iter(f"{SVG}g") if part.get("data-tip")]
    assert len(tips) == 7 + 3
