"""What to say when a step of a plan failed: which, why, what was done, and what to do now."""

from __future__ import annotations

import re
from typing import Any

from dockerlab.client.compose.looking.wire import Wire, part
from dockerlab.client.explain import translate
from dockerlab.client.sessions import Frames
from dockerlab.errors import ComposeFailed, DockerlabError
from dockerlab.formats.composed.plan import Plan, Step
from dockerlab.formats.composefile.model import Project

LOG_LINES = 10
TAKEN = re.compile(r"port is already allocated|address already in use", re.IGNORECASE)


def failure(
    wire: Wire, project: Project, plan: Plan, step: Step, error: Exception, done: tuple[Step, ...]
) -> ComposeFailed:
    ours = error if isinstance(error, DockerlabError) else translate(error)
    message = ours.message if ours is not None else f"{type(error).__name__}: {error}"
    hint = ours.hint if ours is not None else ""
    log = _log(wire, step) if step.action == "wait" else ()
    started = [each.target for each in done if each.action == "start container"]
    made = [each for each in done if each.call and each.action != "wait"]
    crowded = [text for text in plan.warnings if f"containers of {step.service} " in text]
    if TAKEN.search(message) and not crowded:
        hint = _another_port(project, step)
    hints = crowded or ([hint] if hint else [])
    if log:
        hints.append(f"docker compose logs {step.service} shows all that it wrote")
    if plan.action in ("up", "create") and made:
        idle = [each.target for each in made if each.action.endswith("create container")]
        idle = [name for name in idle if name not in started]
        what = f"started so far: {', '.join(started)}; " if started else ""
        what += f"made, not started: {', '.join(idle)}; " if idle else ""
        hints.append(
            f"{what}docker compose -p {project.name} down takes it away again, "
            "and the next up goes on from here"
        )
    return ComposeFailed(
        message, "; ".join(hints), project=project.name, failed=step, done=done, log=log
    )


def _another_port(project: Project, step: Step) -> str:
    service = project.services.get(step.service)
    ports = [port for port in service.ports if port.published] if service is not None else []
    wanted = ", ".join(dict.fromkeys(port.published for port in ports))
    example = next((port.target for port in ports), 80)
    return (
        f"something on the host has the port ({wanted}) already: docker ps shows whether it is a "
        f"container; write another under ports: of {step.service}, or none and get a free one "
        f'("{example}")'
    )


def _log(wire: Wire, step: Step) -> tuple[str, ...]:
    """The last lines of the container that was waited for."""
    try:
        shown = wire.get(f"/containers/{part(step.target)}/json")
        raw = wire.raw(
            f"/containers/{part(step.target)}/logs", stdout=1, stderr=1, tail=str(LOG_LINES)
        )
        frames: Any = Frames(tty=bool(shown["Config"].get("Tty")))
        text = b"".join(data for _, data in frames.feed(raw)).decode("utf-8", "replace")
    except Exception:  # the container may be gone; that it is not ready has been said
        return ()
    checks = (shown["State"].get("Health") or {}).get("Log") or []
    said = [f"health check: {str(checks[-1].get('Output', '')).strip()}"] if checks else []
    return (*text.splitlines()[-LOG_LINES:], *(line for line in said if line != "health check: "))
