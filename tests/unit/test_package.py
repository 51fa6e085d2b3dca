"""What the package offers, and that importing it is cheap."""

from __future__ import annotations

import subprocess
import sys

import pytest

import dockerlab

PUBLIC = [
    "Build",
    "BuildFailed",
    "BuildTrace",
    "CommandError",
    "Compose",
    "ComposeFailed",
    "ConflictHere",
    "Container",
    "DockerlabError",
    "EngineRefused",
    "EngineUnavailable",
    "ExecResult",
    "Forecast",
    "FormatError",
    "Image",
    "Lab",
    "NotFoundHere",
    "PageUnreachable",
    "Pruned",
    "RunResult",
    "__version__",
    "compare",
    "connect",
    "explain",
    "follow",
    "load_ipython_extension",
    "progress",
    "show",
    "wait_for_port",
    "wait_until",
    "welcome",
]


def test_the_public_names_are_these() -> None:
    assert sorted(dockerlab.__all__) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(dockerlab, name) is not None
    with pytest.raises(AttributeError):
        dockerlab.nothing  # noqa: B018


def test_importing_loads_nothing_heavy() -> None:
    code = (
        "import sys, dockerlab; import dockerlab.client.connect, dockerlab.formats.command\n"
        "heavy = {'docker', 'requests', 'matplotlib', 'ipywidgets', 'anywidget', 'IPython',"
        " 'aiohttp', 'asyncio'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_import_takes_less_than_a_quarter_of_a_second() -> None:
    code = "import time; t = time.perf_counter(); import dockerlab; print(time.perf_counter() - t)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert float(done.stdout) < 0.25
