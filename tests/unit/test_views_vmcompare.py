"""VM against container: the stacks, the chart, and what is measured kept apart from what is not."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.formats.reports import Footprint
from dockerlab.views import VmView
from dockerlab.views.vmcompare import amount

SVG = "{http://www.w3.org/2000/svg}"
MEASURED = Footprint("busybox", "E", (200.0, 168.6, 170.0), 778_240, 2_000_000, "6.1", "6.1")

pytest.importorskip("matplotlib")


def _texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(part.itertext()).strip() for part in root.iter(f"{SVG}text")]


def test_start_is_the_middle_of_the_tries() -> None:
    assert MEASURED.start == 170.0


def test_text_keeps_measured_and_typical_apart() -> None:
    lines = repr(VmView(MEASURED)).splitlines()
    assert (
        "Start: 170 ms (container, measured here (busybox)), "
        "20 s – 60 s (virtual machine, typical, not measured)" in lines
    )
    assert "same kernel in host and container: 6.1" in lines


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_picture_holds_stacks_and_chart(lang: Any) -> None:
    view = VmView(MEASURED, lang, apps=2)
    texts = _texts(view.svg)
    assert texts.count(view.words("vm.guest")) == 2
    assert texts.count(view.words("vm.app", n=2)) == 2
    assert "170 ms" in texts
    assert view.words("vm.typical") in texts


def test_the_same_measurement_gives_the_same_picture() -> None:
    assert VmView(MEASURED).svg == VmView(MEASURED).svg


def test_the_chart_styles_nothing_outside_itself() -> None:
    svg = VmView(MEASURED).chart()
    assert "<style" not in svg
    assert "<metadata" not in svg
    assert re.search(r"fill: #1c2128; fill: var\(--dl-ink, #1c2128\)", svg)


def test_what_was_not_measured_is_not_drawn() -> None:
    view = VmView(replace(MEASURED, memory=0))
    assert "Memory: could not be measured" in view.text
    assert "could not be measured" in _texts(view.svg)


def test_other_kernels_are_not_called_the_same() -> None:
    assert "same kernel" not in repr(VmView(replace(MEASURED, kernel_container="5.0")))


def test_amounts() -> None:
    assert [amount("start", n) for n in (0.2, 12.4, 1000, 20_000)] == [
        "1 ms",
        "12 ms",
        "1 s",
        "20 s",
    ]
    assert amount("disk", 2e9) == "2GB"


def test_the_number_of_apps_is_bounded() -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        VmView(MEASURED, apps=9)


def test_the_slider_has_a_drawing_for_every_number() -> None:
    pytest.importorskip("anywidget")
    widget = VmView(MEASURED).widget
    assert widget is not None
    counts = [_texts(frame).count("Guest system") for frame in widget.frames]
    assert counts == [1, 2, 3, 4]


def test_importing_the_views_imports_nothing_heavy() -> None:
    heavy = "[m for m in ('anywidget', 'ipywidgets', 'matplotlib', 'docker') if m in sys.modules]"
    code = f"import sys, dockerlab.views; print({heavy})"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
