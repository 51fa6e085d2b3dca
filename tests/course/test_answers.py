"""Every answer of the bank gets what it deserves, on Docker Engine and on an embedded one.

Tried on the kinds that DOCKERLAB_TEST_ENGINES names, else on one embedded kind besides Docker.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack

import docker
import pytest
from engines import Engine, Unavailable, start, wanted
from releases import EXERCISES
from sittings import Sitting

from dockerlab.course.prepare import prepare
from dockerlab.grading.assembling import name
from dockerlab.grading.bank import Bank

BANK = Bank(EXERCISES)
IDS = BANK.ids()
CHAPTERS = sorted({BANK.get(id).chapter for id in IDS})
EMBEDDED = "namespaces-user" if os.getuid() else "namespaces-root"
KINDS = wanted() if os.environ.get("DOCKERLAB_TEST_ENGINES") else ["docker", EMBEDDED]
pytestmark = pytest.mark.timeout(600)  # one waits for those before it


def notebooks(kind: str) -> list[tuple[int, str]]:
    """One edition on Docker Engine, the other on embedded ones: their code is the same."""
    return [(chapter, "en" if kind == "docker" else "ko") for chapter in CHAPTERS]


PAIRS = [(kind, id) for kind in KINDS for id in IDS]
BOOKS = [(kind, name(*book)) for kind in KINDS for book in notebooks(kind)]


@pytest.fixture(scope="module")
def sittings(request: pytest.FixtureRequest) -> Iterator[dict[str, Sitting]]:
    """At work on what was asked for, on each engine that is here."""
    asked = [getattr(item, "callspec", None) for item in request.session.items]
    params = [spec.params for spec in asked if spec]
    with ExitStack() as stack:
        started: dict[str, Sitting] = {}
        for kind in KINDS:
            ids = [p["id"] for p in params if p.get("kind") == kind and "id" in p]
            books = [b for b in notebooks(kind) if {"kind": kind, "book": name(*b)} in params]
            if (ids or books) and (engine := present(kind)):
                stack.callback(engine.stop)
                prepare(docker.DockerClient(base_url=engine.url, timeout=120, version="1.41"))
                started[kind] = Sitting(engine, BANK)
                stack.callback(started[kind].end)
                started[kind].begin(ids, books)
        yield started


def present(kind: str) -> Engine | None:
    """An engine on which all may be removed: what an exercise makes may be a learner's, too."""
    if kind == "docker" and not os.environ.get("CI"):
        return None
    try:
        return start(kind)
    except Unavailable as reason:
        if os.environ.get("CI") and not reason.elsewhere:
            pytest.fail(f"{kind}: {reason}")
        return None


def at(sittings: dict[str, Sitting], kind: str) -> Sitting:
    if kind not in sittings:
        pytest.skip(f"{kind} is not here, or not for tests alone")
    return sittings[kind]


@pytest.mark.parametrize(("kind", "id"), PAIRS)
def test_solutions_pass_and_wrong_answers_get_their_hints(
    sittings: dict[str, Sitting], kind: str, id: str
) -> None:
    tried = at(sittings, kind).answers[id].result()
    assert "\n".join(f"{each.attempt}: {each.wrong}" for each in tried if each.wrong) == ""


@pytest.mark.parametrize(("kind", "book"), BOOKS)
def test_notebooks_give_what_is_stored(sittings: dict[str, Sitting], kind: str, book: str) -> None:
    assert at(sittings, kind).notebooks[book].result() == ""
