"""Which tests may run beside each other, when several processes share them (``-n 2``).

Tests of one engine stay in one process, as they share that engine. All that uses the one Docker
Engine of the machine stays together too, and so do the chapters, whose published ports are fixed.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

_KIND = re.compile(r"\[(docker|namespaces-root|namespaces-user|proot-user)\b")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadScopeScheduling

    class ByEngine(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid)

    return ByEngine(config, log)


def group(nodeid: str) -> str:
    """The tests that one process runs, by the name of one of them."""
    if nodeid.startswith("tests/course/"):
        return "docker"
    kind = _KIND.search(nodeid)
    return kind[1] if kind else nodeid.partition("::")[0]
