"""The build cache: the same hits and misses on every engine, step by step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from buildlab import Builder, Entry
from buildseries import ALL, Series
from buildsite import Site, serving


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as started:
        yield started


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name.replace(" ", "-"))
def test_hits_and_misses(build: Builder, site: Site, one: Series) -> None:
    assert not build("FROM busybox\nLABEL dltest=@@", t="@@").error
    patterns = list(patterns_of(build, site, one))
    assert patterns == [turn.expect for turn in one.turns]


def patterns_of(build: Builder, site: Site, one: Series) -> Iterator[str]:
    """Build turn after turn; the pattern of each, or the error."""
    dockerfile, files = "", dict[str, Entry | bytes | str | None]()
    for turn in one.turns:
        dockerfile = turn.dockerfile or dockerfile
        files |= turn.files
        if turn.remove:
            build.client.images.remove(build.marked(turn.remove).decode())
        sent = {path: content for path, content in files.items() if content is not None}
        site.files.update({path[3:]: sent.pop(path) for path in list(sent) if path[:4] == "www/"})
        built = build(dockerfile.replace("%URL%", site.url), sent, **turn.query)
        yield built.error or built.pattern


def test_there_are_at_least_forty_series() -> None:
    assert len({one.name for one in ALL}) == len(ALL) >= 40
