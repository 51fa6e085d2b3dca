"""Which tests are run, and which beside each other when several processes share them (``-n 2``).

What stands on the API (the client, Compose, the chapters), and what of the engine never asks the
kernel (its images, the builder's reading and keeping), cannot tell an engine of root's from one of
an ordinary user's: so it is tried on the latter only, as learners have it. Of a chapter's two
editions, whose code is the same, one runs on each kind but namespaces-root; of chapter 6, which
needs most of an engine, both run on Docker Engine. With
DOCKERLAB_TEST_ENGINES=namespaces-root, or any other kinds, all of it runs on these.

Tests of one engine stay in one process, as they share that engine. All that uses the one Docker
Engine of the machine stays together too. Those marked ``alone`` remove there what others have
made: nothing else may use it meanwhile.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

_ABOVE = re.compile(
    r"tests/(contract/test_("
    r"client|compose|claims|cli|pages|react_app|beanstalk|cloud|pipeline|"
    r"build_(bad_input|clients|config|requests|stages|stream)|buildcache|"
    r"images|course_registry|offline_images|pull|bad_input"
    r")|course/test_runs)"
)
_DOCKERS = re.compile(r"tests/(course/|contract/test_classroom_docker)")
_ONE_KIND = re.compile(r"tests/course/test_(runs|nbgrader)")
_EDITION = re.compile(
    r"tests/course/test_runs.*"
    r"\[(namespaces-user-en/|proot-user-ko/|docker-en/0[24]|docker-ko/0[135])"
)
_PLUGIN = re.compile(
    r"test_client_networks.*\[docker-network create --driver|"
    r"test_net(works.*\[docker-body3-404-plugin|_api.*\[docker-body3-404-looking up volume plugin)"
)
"""Docker Engine looks for a plugin for 15 seconds: once for each kind of plugin will do."""
_ALONE = re.compile(
    r"tests/(course/test_answers|course/test_runs.*\[docker\b|"
    r"contract/test_images.*::test_prune_.*\[docker\b)"
)
_KIND = re.compile(r"\[(docker|namespaces-root|namespaces-user|proot-user)\b")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "alone: removes what others have made in Docker Engine")


@pytest.hookimpl(tryfirst=True)  # before others are chosen by their marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if _ALONE.match(item.nodeid):
            item.add_marker("alone")
    if os.environ.get("DOCKERLAB_TEST_ENGINES"):
        return
    kept = [item for item in items if not twice(item.nodeid)]
    config.hook.pytest_deselected(items=[item for item in items if twice(item.nodeid)])
    items[:] = kept


def twice(nodeid: str) -> bool:
    """Whether another kind of engine shows all that this test could."""
    kind = _KIND.search(nodeid)
    root = bool(kind and kind[1] == "namespaces-root" and _ABOVE.match(nodeid))
    return root or bool(_EDITION.match(nodeid)) or bool(_PLUGIN.search(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class ByEngine(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return ByEngine(config, log)


def group(nodeid: str) -> str:
    """The tests that one process runs, by the name of one of them."""
    kind = _KIND.search(nodeid)
    if _DOCKERS.match(nodeid) and not _ONE_KIND.match(nodeid):
        return "docker"
    return kind[1] if kind else nodeid.partition("::")[0]
