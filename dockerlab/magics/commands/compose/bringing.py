"""Commands that change a project: up, down, build, scale, stop, start and their like."""

from __future__ import annotations

from typing import Any

from dockerlab.client.compose.compose import Compose
from dockerlab.client.compose.outcome import Outcome
from dockerlab.errors import BuildFailed, CommandError
from dockerlab.formats.buildtrace import BuildTrace
from dockerlab.formats.composed.plan import Progress
from dockerlab.magics.commands.build import ClassicLines, arguments
from dockerlab.magics.commands.compose.output import Attached
from dockerlab.magics.commands.compose.project import (
    BUILD_FAILED,
    Steps,
    dry,
    opened,
    rehearsed,
    scales,
)
from dockerlab.magics.invocation import Handler, Invocation


def up(call: Invocation) -> int:
    """Bring the project up; without ``-d`` follow its output until it ends or is interrupted."""
    project = opened(call)
    wanted = creation(call)
    if dry(call):
        return rehearsed(call, project.plan("up", call.words, **wanted))
    return brought_up(call, project, wanted)


def brought_up(call: Invocation, project: Compose, wanted: dict[str, Any]) -> int:
    command = call.command
    steps = Steps(call)
    detached = command.on("detach") or command.on("wait")
    if command.on("no-start"):
        project.create(call.words, **_without(wanted, "dependencies", "wait"), progress=steps)
        return 0
    more: dict[str, Any] = {"progress": steps, "building": Builds(call)}
    if "wait-timeout" in command.flags:
        more["wait_timeout"] = float(command.get("wait-timeout"))
    if detached:
        _warned(call, project.up(call.words, **wanted, **more))
        return 0
    abort = command.on("abort-on-container-exit")
    more |= {"abort_on_container_exit": abort, "exit_code_from": command.text("exit-code-from")}
    shown = Attached(call, project)
    outcome = project.up(
        call.words, detach=False, **wanted, **more, output=shown, ended=shown.ended
    )
    _warned(call, outcome)
    return outcome.exit_code


def _warned(call: Invocation, outcome: Outcome) -> None:
    for text in outcome.plan.warnings:
        call.output.error(f"WARN[0000] {text}")


def creation(call: Invocation) -> dict[str, Any]:
    """The options of ``up`` and ``create`` that the typed flags mean."""
    command = call.command
    if command.on("force-recreate") and command.on("no-recreate"):
        raise CommandError(
            "--force-recreate and --no-recreate are incompatible", "give one of the two"
        )
    if command.on("build") and command.on("no-build"):
        raise CommandError("--build and --no-build are incompatible", "give one of the two")
    wanted: dict[str, Any] = {
        "build": command.on("build"),
        "pull": command.text("pull"),
        "force_recreate": command.on("force-recreate"),
        "no_recreate": command.on("no-recreate"),
        "remove_orphans": command.on("remove-orphans"),
        "scale": scales(command.many("scale")),
        "dependencies": not command.on("no-deps"),
        "wait": command.on("wait"),
    }
    if command.on("renew-anon-volumes"):
        wanted["keep_volumes"] = False
    if "timeout" in command.flags:
        wanted["timeout"] = command.get("timeout")
    return wanted


def create(call: Invocation) -> int:
    project = opened(call)
    wanted = _without(creation(call), "dependencies", "wait")
    if dry(call):
        return rehearsed(call, project.plan("create", call.words, **wanted))
    project.create(call.words, **wanted, progress=Steps(call))
    return 0


def down(call: Invocation) -> int:
    command = call.command
    project = opened(call)
    images = command.text("rmi")
    if images not in ("", "local", "all"):
        raise CommandError(f"invalid value for --rmi: {images!r}", "it may be local or all")
    wanted: dict[str, Any] = {
        "volumes": command.on("volumes"),
        "rmi": images or None,
        "remove_orphans": command.on("remove-orphans"),
        "timeout": command.get("timeout"),
    }
    if dry(call):
        return rehearsed(call, project.plan("down", call.words, **wanted))
    outcome = project.down(call.words, **wanted, progress=Steps(call))
    if not outcome.plan.changes:
        call.output.error(f'Warning: No resource found to remove for project "{project.name}".')
    return 0


def scale(call: Invocation) -> int:
    project = opened(call)
    numbers = scales(call.words)
    wanted: dict[str, Any] = {
        "scale": numbers,
        "dependencies": not call.command.on("no-deps"),
        "no_recreate": True,
    }
    if dry(call):
        return rehearsed(call, project.plan("up", list(numbers), **wanted))
    _warned(call, project.up(list(numbers), **wanted, progress=Steps(call), building=Builds(call)))
    return 0


def build(call: Invocation) -> int:
    """Build the images of the services, one after another, as ``docker build`` prints it."""
    command = call.command
    project = opened(call)
    if dry(call):
        return rehearsed(call, project.plan("build", call.words))
    building = Builds(call)
    try:
        project.build(
            *call.words,
            no_cache=command.on("no-cache"),
            pull=command.on("pull"),
            progress=_unheard if command.on("quiet") else Steps(call),
            building=None if command.on("quiet") else building,
            args=arguments(command.many("build-arg")),
        )
    except BuildFailed as error:
        call.output.error(error.message, error.hint)
        return BUILD_FAILED
    return 0


def pull(call: Invocation) -> int:
    project = opened(call)
    if dry(call):
        return rehearsed(call, project.plan("pull", call.words))
    project.pull(*call.words, progress=_unheard if call.command.on("quiet") else Steps(call))
    return 0


def _unheard(step: Progress) -> None:
    """Of ``-q``; without anybody to tell, a line would say how far it is."""


def simple(action: str) -> Handler:
    """A command that does one thing to containers: stop, start, restart, kill, pause, unpause."""

    def run(call: Invocation) -> int:
        command = call.command
        project = opened(call)
        wanted: dict[str, Any] = {}
        if "timeout" in command.flags:
            wanted["timeout"] = command.get("timeout")
        if "signal" in command.flags:
            wanted["signal"] = command.text("signal")
        if dry(call):
            return rehearsed(call, project.plan(action, call.words, **wanted))
        getattr(project, action)(*call.words, **wanted, progress=Steps(call))
        return 0

    return run


def rm(call: Invocation) -> int:
    """Remove stopped containers; a cell cannot be asked whether it is sure, so ``-f`` is needed."""
    command = call.command
    project = opened(call)
    if command.on("stop") and not dry(call):
        project.stop(*call.words, progress=Steps(call))
    plan = project.plan("rm", call.words, volumes=command.on("volumes"))
    if dry(call):
        return rehearsed(call, plan)
    names = [step.target for step in plan.changes]
    if not names:
        call.output.line("No stopped containers")
        return 0
    if not command.on("force"):
        raise CommandError(
            f"it would ask before it removes {', '.join(names)}, and a cell cannot answer",
            "docker compose rm -f removes without asking",
        )
    call.output.line(f"Going to remove {', '.join(names)}")
    project.rm(*call.words, volumes=command.on("volumes"), progress=Steps(call))
    return 0


def _without(options: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in (*names, "timeout")}


class Builds:
    """Prints the builds of services as they go, as Compose does with the classic builder."""

    def __init__(self, call: Invocation) -> None:
        self._output = call.output
        self._lines: dict[str, ClassicLines] = {}

    def __call__(self, service: str, trace: BuildTrace) -> None:
        lines = self._lines.setdefault(service, ClassicLines(self._output))
        lines(trace)


COMMANDS: dict[str, Handler] = {
    "up": up,
    "create": create,
    "down": down,
    "scale": scale,
    "build": build,
    "pull": pull,
    "rm": rm,
    **{name: simple(name) for name in ("stop", "start", "restart", "kill", "pause", "unpause")},
}
