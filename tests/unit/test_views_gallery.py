"""Each record finds its picture, in the edition's language."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

import dockerlab
from dockerlab.formats.pipeline.run import Run
from dockerlab.formats.reports import Footprint, ImageReport
from dockerlab.formats.story import Life
from dockerlab.views import ImageView, LifeView, PipelineView, VmView
from dockerlab.views.gallery import PICTURES, bundle, register
from dockerlab.views.words import Language, Words, default_language
from tests.exhibits import PICTURES as PICTURED

LIFE = Life("box", "running")


def test_a_record_finds_its_picture() -> None:
    assert isinstance(dockerlab.show(LIFE), LifeView)
    assert isinstance(dockerlab.show(ImageReport("a", "b", 1, "linux/amd64")), ImageView)
    weighed = dockerlab.show(Footprint("a", "e", (1.0,), 1, 1), "ko", apps=2)
    assert isinstance(weighed, VmView)
    assert (weighed.lang, weighed.apps) == ("ko", 2)
    assert dockerlab.show(weighed) is weighed


def test_what_has_no_picture_is_refused() -> None:
    with pytest.raises(TypeError, match="no picture of a str"):
        dockerlab.show("text")


def test_records_that_come_one_after_another_find_the_picture_of_the_first() -> None:
    run = Run(1, ".travis.yml", "master")
    assert isinstance(dockerlab.show(iter([run, run])), PipelineView)
    with pytest.raises(TypeError, match="no picture of a NoneType"):
        dockerlab.show(iter([]))


def test_every_record_is_where_the_gallery_says() -> None:
    for module, name in PICTURES:
        assert getattr(importlib.import_module(module), name).__module__ == module


def test_a_notebook_shows_records_as_pictures() -> None:
    shell = InteractiveShell()
    register(shell)
    forms, about = shell.display_formatter.format(LIFE)
    assert {"text/plain", "image/svg+xml"} <= set(forms)
    assert forms["text/plain"].startswith("The life of the container box")
    assert about["image/svg+xml"]["alt"]
    assert bundle(LIFE)[0]["text/plain"] == forms["text/plain"]


def test_the_language_is_the_edition_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKERLAB_LANG", raising=False)
    for folder, lang in (("ko", "ko"), ("en", "en"), ("notebooks", "en")):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        assert default_language() == lang
        assert Words().lang == lang
    monkeypatch.setenv("DOCKERLAB_LANG", "ko_KR.UTF-8")
    assert default_language() == "ko"
    assert dockerlab.show(LIFE).lang == "ko"
    assert dockerlab.show(LIFE, "en").lang == "en"


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_view_stands_among_the_exhibits(lang: Language) -> None:
    """So that what is looked at in a browser is all that there is."""
    pytest.importorskip("matplotlib")
    shown = {type(made(lang)) for made in PICTURED.values()}
    assert set(PICTURES.values()) <= shown
