"""``dockerlab doctor``: looks at everything the course needs and says what to do.

Each check stands alone and never raises, so that the report is whole where much is broken.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from dockerlab.client.connect import find
from dockerlab.client.engine_process import EngineProcess, default_root
from dockerlab.formats.text import size

PROBE_SECONDS = 60
ENOUGH_SPACE = 2_000_000_000
"""Bytes: the course's images, their layers unpacked, and a few containers."""
State = Literal["ok", "note", "warning", "fault"]
_MARKS = {"ok": "✓", "note": "·", "warning": "!", "fault": "✗"}
_PACKAGES = (
    ("docker", "talks to the engine", True),
    ("aiohttp", "carries the embedded engine", True),
    ("jupyterlab", "shows the notebooks", False),
    ("ipykernel", "runs the notebooks", False),
    ("ipywidgets", "buttons and fields", False),
    ("anywidget", "pictures and consoles", False),
    ("matplotlib", "charts", False),
)


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what to do about it (empty when nothing)."""

    name: str
    state: State
    says: str
    remedy: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def run(options: argparse.Namespace) -> int:
    """Print the report; exit code 1 if there is a fault."""
    checks = list(examine())
    if options.json:
        print(json.dumps([asdict(check) for check in checks], indent=2, ensure_ascii=False))
    else:
        for check in checks:
            print(f"{_MARKS[check.state]} {check.name}: {check.says}")
            if check.remedy:
                print(f"    → {check.remedy}")
    return 1 if any(check.state == "fault" for check in checks) else 0


def examine() -> Iterator[Check]:
    """All checks, in the order in which a fault in one explains the next."""
    yield check_python()
    yield from check_packages()
    yield from check_engines()
    yield from check_runtime()
    yield from check_images()
    yield check_space()


def check_python() -> Check:
    """Which one it is; one that is too old could not even read this file."""
    return Check("Python", "ok", f"{platform.python_version()} at {sys.executable}")


def check_packages() -> Iterator[Check]:
    """Whether the packages are there; the course's own are a warning, not a fault."""
    missing: list[tuple[str, str, bool]] = []
    found: dict[str, str] = {}
    for name, use, needed in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append((name, use, needed))
    listed = ", ".join(f"{name} {version}" for name, version in found.items())
    if found:
        yield Check("packages", "ok", listed, details=dict(found))
    for name, use, needed in missing:
        state: State = "fault" if needed else "warning"
        remedy = "make lab sets everything up, or: pip install 'dockerlab[course]'"
        yield Check(f"package {name}", state, f"is missing ({use})", remedy)


def check_engines() -> Iterator[Check]:
    """Every place where an engine could be, and why it is or is not the one."""
    wish = os.environ.get("DOCKERLAB_ENGINE", "")
    if wish:
        yield Check("DOCKERLAB_ENGINE", "note", f"is set to {wish!r}, which overrides the search")
    chosen, seen = find()
    for finding in seen:
        place = f"{finding.place.source} ({finding.place.url})"
        if finding.ok:
            yield Check("engine", "ok", f"{place} answers: {finding.server or 'an engine'}")
        elif finding.place.ours and wish != "docker":
            says = f"{place} {finding.reason}; it is the embedded engine's, started when needed"
            yield Check("engine", "note", says)
        elif finding.place.explicit or finding.there:
            remedy = _remedy(finding.reason, finding.place.source)
            state: State = "fault" if finding.place.binding else "warning"
            yield Check("engine", state, f"{place} {finding.reason}", remedy)
        else:
            yield Check("engine", "note", f"{place} {finding.reason}")
    status = EngineProcess().status()
    running = f"runs (process {status.pid})" if status.running else "does not run"
    last = seen[-1].place if seen else None
    used = wish == "embedded" or (last and last.ours) or not (chosen or (last and last.binding))
    use = "it is used" if used else "it is not used"
    yield Check("embedded engine", "note", f"{running}; {use}", details={"root": str(status.root)})


def _remedy(reason: str, source: str) -> str:
    if "permission denied" in reason:
        return "add yourself to the group: sudo usermod -aG docker $USER, then log in again"
    if source == "DOCKER_HOST":
        return "correct it, or take it away: unset DOCKER_HOST"
    if "context" in source:
        return "docker context use default"
    return "start that engine, or leave it: the next in line is used"


def check_runtime() -> Iterator[Check]:
    """What the embedded engine could run containers with here: it tries, in its own process."""
    # Where a Docker Engine is, a machine that has no runtime for ours lacks nothing.
    bad: State = "warning" if find()[0] else "fault"
    report, trouble = _probe()
    if trouble:
        yield Check("runtime", bad, f"the embedded engine cannot be tried: {trouble}", "make lab")
        return
    chosen = report.get("runtime") or report.get("name")
    for trial in report.get("tried") or ():
        if not trial.get("ok"):
            yield Check("runtime", "note", f"{trial['name']} does not work: {trial['reason']}")
    if chosen:
        why = f": {report['why']}" if report.get("why") else ""
        yield Check("runtime", "ok", f"the embedded engine would use {chosen}{why}", "", report)
    else:
        yield Check("runtime", bad, "containers cannot run here without Docker", "install Docker")
    for limit in report.get("cannot") or report.get("limits") or ():
        yield Check("runtime", "note", f"with it, {limit}")


def _probe() -> tuple[dict[str, Any], str]:
    """What ``python -m dockerlab.engine --probe`` found, or why it could not say."""
    command = [sys.executable, "-m", "dockerlab.engine", "--root", str(default_root()), "--probe"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        return {}, f"the trial took more than {PROBE_SECONDS} seconds"
    except OSError as error:
        return {}, str(error)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return {}, (done.stderr.strip().splitlines() or ["no answer"])[-1]
    return (report, "") if isinstance(report, dict) else ({}, "no proper answer")


def check_images() -> Iterator[Check]:
    """Whether the course's images are in the engine that is used; starts none for it."""
    return _guarded("course images", _images)


def _images() -> Iterator[Check]:
    from dockerlab.client.connect import connect
    from dockerlab.course.catalog import CATALOG
    from dockerlab.course.presence import Presence

    chosen, _ = find()
    wish = os.environ.get("DOCKERLAB_ENGINE", "")
    embedded = EngineProcess()
    if chosen is None or wish == "embedded":
        if not embedded.status().running:
            yield Check("course images", "note", "not looked at: no engine runs yet")
            return
        lab = connect(embedded.url, quiet=True)
    else:
        lab = connect(chosen.place.url, quiet=True)
    present = Presence(lab.api)
    states = {name: present.state(image) for name, image in CATALOG.items()}
    missing = [name for name, state in states.items() if state == "missing"]
    if missing:
        says = f"missing: {', '.join(missing)}"
        yield Check("course images", "warning", says, "dockerlab images prepare")
    else:
        standins = sum(state == "stand-in" for state in states.values())
        says = f"all {len(CATALOG)} are there"
        yield Check("course images", "ok", says + (f", {standins} as stand-ins" * bool(standins)))


def check_space() -> Check:
    root = default_root()
    folder = next(path for path in (root, *root.parents) if path.is_dir())
    free = shutil.disk_usage(folder).free
    where = f"{size(free)} free at {folder}"
    if free < ENOUGH_SPACE:
        remedy = "free some, or set DOCKERLAB_ROOT to a folder on another disk"
        return Check("disk", "warning", f"{where}; the course wants {size(ENOUGH_SPACE)}", remedy)
    if not os.access(folder, os.W_OK):
        return Check("disk", "fault", f"{folder} cannot be written", "set DOCKERLAB_ROOT")
    return Check("disk", "ok", where)


def _guarded(name: str, check: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """A check that must not take the report down with it."""
    try:
        yield from check()
    except Exception as error:
        yield Check(name, "warning", f"could not be looked at: {error}")
