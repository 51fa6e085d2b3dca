"""``dockerlab doctor``: looks at everything the course needs and says what to do.

``--json`` prints one object::

    {"version": 1, "ok": false, "checks": [
        {"key": "package.docker", "name": "package docker", "state": "fault",
         "says": "is missing (talks to the engine)", "remedy": "make lab …", "details": {}}]}

``key`` says what was looked at and stays the same from version to version; ``name``, ``says`` and
``remedy`` are for people. ``state`` is ``ok``, ``note`` (good to know), ``warning`` (something does
not work, the course does) or ``fault``; each warning and each fault has a remedy. ``ok`` is false,
and the exit code 1, where there is a fault.

====================  ============================================================================
python                the interpreter
packages              the packages that are there; ``details``: their versions
package.NAME          one that is missing or cannot be imported
setting.NAME          a variable, or Docker's file of settings, that changes what is done
engine                a place where an engine may be, one check each; ``details``: source, url
engine.embedded       the embedded engine's process; ``details``: root, pid
engine.log            what it says that it had to leave out
runtime               how it would run containers; ``details``: runtime, why, tried, cannot
runtime.NAME          a way that does not work here, and why
runtime.limit         what that way cannot do, one check each
images                the course's images in the engine that is used; ``details``: their states
cache                 what is kept of downloads and stand-ins
folder.NAME           whether it can be written, and how much room is there: engine, cache, state
====================  ============================================================================

Every check is loaded by itself, has a time limit and cannot end the others.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict

from dockerlab.cli.doctor.check import Check, looked
from dockerlab.cli.doctor.machine import Machine

VERSION = 1
_MARKS = {"ok": "✓", "note": "·", "warning": "!", "fault": "✗"}
_CHECKS = (
    ("installation", "python", 5),
    ("installation", "packages", 70),
    ("settings", "setting", 5),
    ("engines", "engine", 50),
    ("engines", "engine.embedded", 10),
    ("engines", "engine.log", 5),
    ("runtime", "runtime", 70),
    ("course", "images", 40),
    ("course", "cache", 30),
    ("folders", "folder", 20),
)
"""Module, key, and seconds: in the order in which a fault in one explains the next."""


def run(options: argparse.Namespace) -> int:
    """Print the report; exit code 1 if there is a fault."""
    checks = []
    for check in examine():
        checks.append(check)
        if not options.json:
            _show(check)
    ok = all(check.state != "fault" for check in checks)
    if options.json:
        report = {"version": VERSION, "ok": ok, "checks": [asdict(check) for check in checks]}
        print(json.dumps(report, indent=2))
    return 0 if ok else 1


def examine() -> Iterator[Check]:
    """All checks, as they come."""
    machine = Machine()
    for module, key, seconds in _CHECKS:
        yield from looked(f"dockerlab.cli.doctor.{module}", key, machine, seconds)


def _show(check: Check) -> None:
    print(f"{_MARKS[check.state]} {check.name}: {check.says}", flush=True)
    if check.remedy:
        print(f"    → {check.remedy}", flush=True)
