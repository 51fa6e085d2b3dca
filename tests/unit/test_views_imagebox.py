"""An image, opened: settings, layers and files in picture and text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from dockerlab.formats.reports import Entry, ImageReport, Layer
from dockerlab.views import ImageView

SVG = "{http://www.w3.org/2000/svg}"
REPORT = ImageReport(
    name="redis",
    id="cf7188d00f37",
    size=20_292_878,
    platform="linux/amd64",
    entrypoint=("docker-entrypoint.sh",),
    command=("redis-server", "--save", "60 1"),
    env=("PATH=/usr/local/bin:/usr/bin:/bin",),
    ports=("6379/tcp",),
    workdir="/data",
    layers=(Layer("ADD rootfs", 4_000_000), Layer("EXPOSE 6379", 0), Layer("COPY x", 12)),
    entries=(
        Entry("bin", 0, 0, "link", "usr/bin"),
        Entry("etc", 300, 1),
        Entry("init", 5, 1, "file"),
        Entry("usr", 20_000_000, 300),
        Entry("usr/bin", 5_000_000, 200),
    ),
)


def _texts(svg: str) -> str:
    root = ElementTree.fromstring(svg)
    return "\n".join("".join(part.itertext()) for part in root.iter(f"{SVG}text"))


def test_text_lists_all_there_is() -> None:
    lines = repr(ImageView(REPORT)).splitlines()
    assert lines[0] == "The image redis, opened: 20.3MB, linux/amd64"
    assert "start command: docker-entrypoint.sh redis-server --save '60 1'" in lines
    assert "  2. EXPOSE 6379 (settings only)" in lines
    assert "  /bin → usr/bin" in lines
    assert "  /etc/ (1 file, 300B)" in lines
    assert "  /usr/ (300 files, 20MB)" in lines
    assert (
        lines.index("  /usr/bin/ (200 files, 5MB)") == lines.index("  /usr/ (300 files, 20MB)") + 1
    )


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_picture_has_the_three_things(lang: Any) -> None:
    view = ImageView(REPORT, lang)
    texts = _texts(view.svg)
    for key in ("img.settings", "img.layers", "img.files", "img.command"):
        assert view.words(key) in texts
    assert "6379/tcp" in texts
    assert "4MB" in texts


def test_newest_layer_lies_on_top() -> None:
    texts = _texts(ImageView(REPORT).svg)
    assert texts.index("COPY x") < texts.index("EXPOSE 6379") < texts.index("ADD rootfs")


def test_many_layers_and_files_still_fit() -> None:
    layers = tuple(Layer(f"RUN step {n}", n) for n in range(40))
    entries = tuple(Entry(f"d{n:03}", n, n) for n in range(400))
    view = ImageView(replace(REPORT, layers=layers, entries=entries))
    assert view.draw().height < 900
    assert "32 more" in _texts(view.svg)


def test_an_image_without_anything_can_be_drawn() -> None:
    bare = ImageReport("scratchy", "0" * 12, 0, "linux/arm64")
    assert "(none: name one at run)" in _texts(ImageView(bare).svg)


def test_a_stand_in_is_called_one() -> None:
    standin = replace(REPORT, labels=(("dockerlab.standin", "true"),))
    assert "stand-in" in repr(ImageView(standin))
    assert "stand-in" not in repr(ImageView(REPORT))


def test_hostile_names_stay_text() -> None:
    nasty = Entry('"><script>&\x07', 1, 1)
    svg = ImageView(replace(REPORT, entries=(nasty,))).svg
    assert not list(ElementTree.fromstring(svg).iter(f"{SVG}script"))
