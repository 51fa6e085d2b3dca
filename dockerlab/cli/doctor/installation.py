"""Python and the packages."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import subprocess
import sys
from collections.abc import Iterator

from dockerlab.cli.doctor.check import Check, State
from dockerlab.cli.doctor.machine import Machine

IMPORT_SECONDS = 60
_PACKAGES = (
    ("docker", "talks to the engine", True),
    ("aiohttp", "carries the embedded engine", True),
    ("jupyterlab", "shows the notebooks", False),
    ("ipykernel", "runs the notebooks", False),
    ("ipywidgets", "buttons and fields", False),
    ("anywidget", "pictures and consoles", False),
    ("matplotlib", "charts", False),
)
"""Without the course's own, all but the notebooks works: a warning, not a fault."""
_SETUP = "make lab sets everything up, or: pip install 'dockerlab[course]'"
_ANEW = "remove the folder .venv, then make lab; or: pip install --force-reinstall"
_TRY = """
import importlib, json, sys
for name in sys.argv[1:]:
    trouble = ""
    try:
        importlib.import_module(name)
    except BaseException as error:
        trouble = f"{type(error).__name__}: {error}"
    print(json.dumps([name, trouble]), flush=True)
"""


def check_python(_machine: Machine) -> Iterator[Check]:
    """Which one it is; one that is too old is refused by the command itself."""
    says = f"{platform.python_version()} at {sys.executable or 'an unknown place'}"
    yield Check("python", "Python", "ok", says)


def check_packages(_machine: Machine) -> Iterator[Check]:
    """Whether they are there, and can be imported: half an update leaves them broken."""
    versions = {name: _version(name) for name, _, _ in _PACKAGES}
    present = {name: version for name, version in versions.items() if version}
    broken = _broken(list(present))
    whole = {name: version for name, version in present.items() if name not in broken}
    if whole:
        listed = ", ".join(f"{name} {version}" for name, version in whole.items())
        yield Check("packages", "packages", "ok", listed, details=dict(whole))
    for name, use, needed in _PACKAGES:
        state: State = "fault" if needed else "warning"
        if name not in present:
            says, remedy = f"is missing ({use})", _SETUP
        elif name in broken:
            says = f"is there, but cannot be imported: {broken[name]} ({use})"
            remedy = f"{_ANEW} {name}"
        else:
            continue
        yield Check(f"package.{name}", f"package {name}", state, says, remedy)


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name) or "of an unknown version"
    except importlib.metadata.PackageNotFoundError:
        return ""


def _broken(names: list[str]) -> dict[str, str]:
    """Those that cannot be imported, and why: tried in another process, which may crash."""
    command = [sys.executable, "-c", _TRY, *names]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=IMPORT_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {name: f"the trial failed ({error})" for name in names[:1]}
    lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
    tried: dict[str, str] = dict(json.loads(line) for line in lines)
    for name in names[len(tried) : len(tried) + 1]:
        tried[name] = f"Python ended with {done.returncode} over it"
    return {name: trouble for name, trouble in tried.items() if trouble}
