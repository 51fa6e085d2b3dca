"""Which tests may run beside each other, when several processes share them (``-n 2``).

Tests of one engine stay in one process, as they share that engine. All that uses the one Docker
Engine of the machine stays together too, and so do the chapters, whose published ports are fixed.
"""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)  # xdist looks at the marks in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    engine = parameters.get("engine", "")
    if engine == "docker" or item.path.parent.name == "course":
        return "docker"
    return engine or str(item.path)
