"""Every place where an engine may be, and the embedded one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dockerlab.cli.doctor.check import Check, State
from dockerlab.cli.doctor.machine import Machine

if TYPE_CHECKING:
    from dockerlab.client.connect import Finding

_LOG_LINES = 60


def check_engine(machine: Machine) -> Iterator[Check]:
    """Each place, and why it is or is not the one."""
    _, seen = machine.search()
    for finding in seen:
        place = finding.place
        where = f"{place.source} ({place.url})" if place.url else place.source
        state, says, remedy = _found(finding, machine)
        details = {"source": place.source, "url": place.url, "answers": finding.ok}
        yield Check("engine", "engine", state, f"{where} {says}", remedy, details)
    if machine.wish == "docker" and not any(finding.ok for finding in seen):
        says = "none answers, and DOCKERLAB_ENGINE=docker forbids the embedded one"
        yield Check("engine", "engine", "fault", says, "start Docker, or: unset DOCKERLAB_ENGINE")


def _found(finding: Finding, machine: Machine) -> tuple[State, str, str]:
    place, reason = finding.place, finding.reason
    if finding.ok:
        return "ok", f"answers: {finding.server or 'an engine'}", ""
    if place.ours and machine.wish != "docker":
        return "note", f"{reason}; it is the embedded engine's, see below", ""
    if place.explicit or finding.there:
        binding = place.binding and machine.wish != "embedded"
        return "fault" if binding else "warning", reason, remedy(reason, place.source)
    return "note", reason, ""


def remedy(reason: str, source: str) -> str:
    """What to do about an engine that does not answer."""
    if "permission denied" in reason:
        return "add yourself to the group: sudo usermod -aG docker $USER, then log in again"
    if source == "DOCKER_HOST":
        return "correct it, or take it away: unset DOCKER_HOST"
    if "context" in source:
        named = os.environ.get("DOCKER_CONTEXT")
        return "unset DOCKER_CONTEXT" if named else "docker context use default"
    if "left over" in reason:
        return "start that engine (sudo systemctl start docker), or leave it: it is passed over"
    return (
        "restart that engine (sudo systemctl restart docker), or: export DOCKERLAB_ENGINE=embedded"
    )


def check_engine_embedded(machine: Machine) -> Iterator[Check]:
    """Whether its process runs and answers, and whether it is the one to be used."""
    status = machine.status
    use = "it is used" if machine.uses_embedded else "it is not used"
    details = {"root": str(status.root), "pid": status.pid, "answers": status.running}
    key, name = "engine.embedded", "embedded engine"
    if status.pid and not status.running:
        says = f"process {status.pid} is there, but its socket {status.reason}; {use}"
        state: State = "fault" if machine.uses_embedded else "warning"
        end = f"kill -9 {status.pid}, then dockerlab engine start: its containers go on"
        yield Check(key, name, state, says, end, details)
        return
    runs = f"runs (process {status.pid})" if status.running else "does not run"
    started = " and started when needed" if machine.uses_embedded and not status.running else ""
    yield Check(key, name, "note", f"{runs}; {use}{started}", "", details)


def check_engine_log(machine: Machine) -> Iterator[Check]:
    """What it said in its last run: damaged things are left out, and told of there."""
    lines = machine.embedded.log_lines(_LOG_LINES)
    stops = [number for number, line in enumerate(lines) if line.endswith(": stopping")]
    since = [line for line in lines[stops[-1] + 1 if stops else 0 :] if " ERROR " in line]
    if since:
        says = f"its log has {len(since)} errors, the last: {since[-1].split(' ERROR ')[-1]}"
        again = (
            "dockerlab images prepare brings missing images again; what it left out is at "
            f"{machine.embedded.root}; dockerlab engine stop --purge begins from nothing"
        )
        yield Check("engine.log", "embedded engine's log", "warning", says, again)
