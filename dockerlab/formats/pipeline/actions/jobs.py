"""``jobs:`` of a workflow, in the order in which they may run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dockerlab.formats.pipeline.actions.checking import IF_JOB, IN_JOB, IN_STEP, condition, template
from dockerlab.formats.pipeline.actions.evaluation import Scope, fill
from dockerlab.formats.pipeline.actions.matrix import Combination, Strategy, strategy
from dockerlab.formats.pipeline.actions.steps import (
    environment,
    forgiving,
    seconds,
    shell_of,
    steps,
)
from dockerlab.formats.pipeline.plan import Job, Pairs
from dockerlab.formats.pipeline.reading import Node

_KEYS = (
    *("name", "runs-on", "needs", "if", "container", "env", "defaults", "strategy"),
    *("continue-on-error", "timeout-minutes", "outputs", "permissions", "steps"),
)
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_MACHINES = re.compile(r"(ubuntu-|linux|self-hosted|x64|X64)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Defaults:
    shell: str = ""
    folder: str = ""


def defaults(node: Node | None, otherwise: Defaults) -> Defaults:
    """``defaults: run:`` of a workflow or a job."""
    if node is None:
        return otherwise
    run = node.mapping(("run",)).get("run")
    keys = run.mapping(("shell", "working-directory")) if run else {}
    return Defaults(
        shell_of(keys["shell"]) if "shell" in keys else otherwise.shell,
        template(keys["working-directory"], IN_STEP)
        if "working-directory" in keys
        else otherwise.folder,
    )


def jobs(node: Node, usual: Defaults) -> tuple[Job, ...]:
    """The jobs, each combination of a matrix for itself, none before one that it needs."""
    named = dict(node.pairs())
    if not named:
        node.fail("is empty", "a job has a name and steps")
    needs = {name: _needs(one, named) for name, one in named.items()}
    return tuple(
        job for name in _ordered(needs, named) for job in _job(name, named[name], needs, usual)
    )


def _needs(node: Node, named: Mapping[str, Node]) -> tuple[str, ...]:
    told = dict(node.pairs()).get("needs")
    found = [(one, one.word()) for one in told.listed()] if told else []
    for one, name in found:
        if name not in named:
            one.fail(f"there is no job {name}", f"there are: {', '.join(named)}")
    return tuple(name for _, name in found)


def _ordered(needs: Mapping[str, tuple[str, ...]], named: Mapping[str, Node]) -> list[str]:
    placed: list[str] = []
    left = list(needs)
    while left:
        free = next((name for name in left if set(needs[name]) <= set(placed)), None)
        if free is None:
            named[left[0]].fail(
                f"jobs wait for each other in a circle: {', '.join(left)}",
                "take one needs: away",
            )
        placed.append(free)
        left.remove(free)
    return placed


def _job(
    name: str, node: Node, needs: Mapping[str, tuple[str, ...]], usual: Defaults
) -> Iterator[Job]:
    if not _ID.fullmatch(name):
        node.fail(f"{name!r} cannot be the name of a job", "letters, digits, - and _")
    keys = node.mapping(_KEYS, needs=("runs-on", "steps"))
    own = defaults(keys.get("defaults"), usual)
    planned = strategy(keys.get("strategy"))
    for combination in planned.combinations:
        _check_machine(keys["runs-on"], combination)
        yield _combined(name, keys, needs[name], own, planned, combination, node.line)


def _combined(
    name: str,
    keys: Mapping[str, Node],
    needs: tuple[str, ...],
    own: Defaults,
    planned: Strategy,
    combination: Combination,
    line: int,
) -> Job:
    return Job(
        id=name,
        name=_called(name, keys.get("name"), combination),
        steps=steps(keys["steps"], own.shell, own.folder),
        needs=needs,
        condition=condition(keys["if"], IF_JOB) if "if" in keys else "",
        image=_image(keys.get("container")),
        environment=environment(keys.get("env"), IN_JOB),
        matrix=tuple(combination.items()),
        fail_fast=planned.fail_fast,
        forgiving=forgiving(keys.get("continue-on-error"), IN_JOB),
        outputs=_outputs(keys.get("outputs")),
        seconds=seconds(keys.get("timeout-minutes")),
        line=line,
    )


def _called(name: str, node: Node | None, combination: Combination) -> str:
    scope = Scope({"matrix": combination})
    told = template(node, ("matrix", "github", "vars", "needs")) if node else ""
    values = ", ".join(str(value) for value in combination.values())
    if "matrix." in told:
        return fill(told, scope)
    return f"{told or name} ({values})" if values else told or name


def _image(node: Node | None) -> str:
    if node is None:
        return ""
    if node.is_mapping:
        node = node.mapping(("image",), needs=("image",))["image"]
    return template(node, IN_JOB).strip() or node.fail("must not be empty")


def _outputs(node: Node | None) -> Pairs:
    found = node.pairs() if node else []
    return tuple((name, template(value, IN_STEP)) for name, value in found)


def _check_machine(node: Node, combination: Combination) -> None:
    for one in node.listed():
        word = fill(template(one, ("matrix",)), Scope({"matrix": combination}))
        if not _MACHINES.match(word):
            one.fail(f"{word or 'nothing'} is not supported here", "as in runs-on: ubuntu-latest")
