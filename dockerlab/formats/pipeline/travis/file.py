"""``.travis.yml`` to a plan: one job, or one for each version and each set of variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerlab.formats.pipeline.plan import (
    PHASES,
    Branches,
    Flavour,
    Job,
    Plan,
    Scalar,
    Script,
    Step,
    Trigger,
)
from dockerlab.formats.pipeline.reading import Node
from dockerlab.formats.pipeline.travis.branches import limits
from dockerlab.formats.pipeline.travis.deploying import deployments
from dockerlab.formats.pipeline.travis.languages import Chosen, chosen
from dockerlab.formats.pipeline.travis.variables import Variables, variables

_MACHINE = ("os", "dist", "sudo", "arch", "version", "group", "notifications", "cache", "git")
"""Accepted, and without effect: there is one machine here, and nobody to write to."""
_KNOWN = (
    *("language", "node_js", "python", "services", "env", "branches"),
    *PHASES,
    *_MACHINE,
)
_SYSTEMS = ("linux", "linux-ppc64le", "")
MOST_JOBS = 64


def travis(node: Node) -> Plan:
    """The plan of the whole file; PipelineFileError names the line."""
    keys = node.mapping(_KNOWN)
    _check_machine(keys)
    docker = _services(keys.get("services"))
    language = chosen(keys, node)
    if docker and language.images != ("",):
        keys["services"].fail(
            "docker cannot be used here inside the container of a language",
            "write language: generic and let docker do it all: docker build, docker run",
        )
    told = variables(keys["env"]) if "env" in keys else Variables()
    branches = limits(keys["branches"]) if "branches" in keys else Branches()
    steps = tuple(_steps(keys, language, node))
    jobs = tuple(_jobs(language, told, steps, docker))
    if len(jobs) > MOST_JOBS:
        keys["env"].fail(f"makes {len(jobs)} jobs of it; {MOST_JOBS} is the most here")
    return Plan(node.file, Flavour.TRAVIS, "", (Trigger("push", branches),), jobs)


def _check_machine(keys: Mapping[str, Node]) -> None:
    for one in keys["os"].listed() if "os" in keys else ():
        if one.text() not in _SYSTEMS:
            one.fail(f"{one.text()} is not supported here", "this CI's machine is a Linux")


def _services(node: Node | None) -> bool:
    """Whether the engine is among the services; no other is there."""
    found = [one.word() for one in node.listed()] if node else []
    for one, name in zip(node.listed() if node else (), found, strict=True):
        if name != "docker":
            one.fail(
                f"{name} is not supported here",
                "docker is: start other services with docker run -d in before_script",
            )
    return "docker" in found


def _steps(keys: Mapping[str, Node], language: Chosen, whole: Node) -> Iterator[Step]:
    for phase in PHASES:
        if phase == "deploy":
            yield from deployments(keys[phase]) if phase in keys else ()
        elif phase in keys and not keys[phase].empty:
            yield from _commands(phase, keys[phase])
        else:
            yield from _usual(phase, language, whole)


def _commands(phase: str, node: Node) -> Iterator[Step]:
    for one in node.listed():
        text = one.text()
        if phase == "install" and text == "skip":
            return
        yield Step(title(text), Script(text), phase, line=one.line)


def _usual(phase: str, language: Chosen, whole: Node) -> Iterator[Step]:
    """What a language does where the file says nothing of a phase."""
    text = {"install": language.language.install, "script": language.language.script}.get(phase, "")
    if text:
        yield Step(title(text), Script(text), phase)
    elif phase == "script" and language.images != ("",):
        whole.fail("script is missing", "say how the tests are run, as in script: pytest")


def _jobs(
    language: Chosen, told: Variables, steps: tuple[Step, ...], docker: bool
) -> Iterator[Job]:
    images, sets = language.images, told.sets or ("",)
    for image in images:
        for line in sets:
            differing = [image] * (len(images) > 1) + [line] * (len(sets) > 1)
            matrix: tuple[tuple[str, Scalar], ...] = tuple(
                (key, value) for key, value in (("image", image), ("env", line)) if value
            )
            name = f"build ({', '.join(differing)})" if differing else "build"
            yield Job(
                "build",
                name,
                steps,
                image=image,
                exports=(*told.common, *([line] if line else [])),
                secure=told.secure,
                matrix=matrix,
                fail_fast=False,
                docker=docker,
                settled=True,
            )


def title(text: str) -> str:
    """What a command is called: its first line that says something."""
    lines = [line.strip() for line in text.splitlines()]
    said = [line for line in lines if line and not line.startswith("#")]
    return (said[0] + (" …" if len(said) > 1 else ""))[:200] if said else "(nothing)"
