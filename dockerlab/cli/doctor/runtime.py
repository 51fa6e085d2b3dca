"""What the embedded engine could run containers with here: it tries, in its own process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from dockerlab.cli.doctor.check import Check, State
from dockerlab.cli.doctor.machine import Machine

PROBE_SECONDS = 60
_SETUP = "make lab sets everything up again"
_NO_WAY = "allow one of the above, or install Docker: https://docs.docker.com/engine/install"


def check_runtime(machine: Machine) -> Iterator[Check]:
    """The one that it would use, what it cannot do, and why the others are not it."""
    # Where a Docker Engine is, a machine that has no runtime for ours lacks nothing.
    bad: State = "fault" if machine.uses_embedded else "warning"
    report, trouble = _probe(str(machine.embedded.root))
    if trouble:
        says = f"the embedded engine cannot be tried: {trouble}"
        yield Check("runtime", "runtime", bad, says, _SETUP)
        return
    chosen = report.get("runtime")
    for trial in report.get("tried", ()):
        if not trial["ok"]:
            yield _denied(trial, "note" if chosen else "warning")
    if not chosen:
        says = "containers cannot run here without Docker"
        yield Check("runtime", "runtime", bad, says, _NO_WAY, report)
        return
    says = f"the embedded engine would use {chosen}: {report['why']}"
    yield Check("runtime", "runtime", "ok", says, "", report)
    for limit in report.get("cannot", ()):
        yield Check("runtime.limit", "runtime", "note", f"with it: {limit}")


def _denied(trial: dict[str, Any], state: State) -> Check:
    """Its reason ends with the remedy, where the machine told one."""
    name, reason = trial["name"], trial["reason"]
    says, _, hint = reason.partition("\n→ ")
    other = "proot does without any of this: apt install proot" if name == "namespaces" else _SETUP
    return Check(
        f"runtime.{name}", "runtime", state, f"{name} does not work: {says}", hint or other
    )


def _probe(root: str) -> tuple[dict[str, Any], str]:
    """What ``python -m dockerlab.engine --probe`` found, or why it could not say."""
    command = [sys.executable, "-m", "dockerlab.engine", "--root", root, "--probe"]
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
