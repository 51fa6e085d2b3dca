"""Misconceptions about Dockerfiles, what is built of them, and the names of that.

advised("copy-before-install", "copy-first")
shell_form_cmd("ex3/bell")
"""

from __future__ import annotations

import re

from dockerlab.formats.dockerfile.instructions import Run
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.disks.files import packed
from dockerlab.grading.claims.images.recipes import Recipe, facts, instructions, matches
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import image_facts
from dockerlab.grading.exercise import Spot

SHELL = (["/bin/sh", "-c"], ["sh", "-c"], ["/bin/bash", "-c"], ["bash", "-c"])
RUN_CD = re.compile(r"^cd\s+\S+\s*$")

Seen = dict[str, object] | None


def advised(name: str, rule: str, path: str = "Dockerfile") -> Spot:
    """What ``dockerlab.explain`` names under ``rule``: its line as ``at``, and the rule's facts."""

    def see(bench: Bench) -> Seen:
        found = (one for one in Recipe(path).remarks(bench) if one.rule == rule)
        remark = next(found, None)
        return None if remark is None else facts(remark)

    return Spot(name, see)


def copy_before_install(path: str = "Dockerfile") -> Spot:
    """The whole folder is copied before the install, so that every edit repeats it."""
    return advised("copy-before-install", "copy-first", path)


def two_cmds(path: str = "Dockerfile") -> Spot:
    """Of several CMDs only the last one counts."""
    return advised("two-cmds", "last-counts", path)


def single_quotes(path: str = "Dockerfile") -> Spot:
    """``CMD ['a']`` is no JSON, so it is a line for the shell."""
    return advised("single-quotes", "quotes", path)


def latest(path: str = "Dockerfile") -> Spot:
    """The base has no fixed version."""
    return advised("latest", "latest", path)


def no_workdir(path: str = "Dockerfile") -> Spot:
    """Everything is copied into ``/``, over the image's own files."""
    return advised("no-workdir", "no-workdir", path)


def nothing_to_install(path: str = "Dockerfile") -> Spot:
    """``npm install`` runs where no package.json was copied."""
    return advised("nothing-to-install", "no-package", path)


def shell_form_cmd(image: str) -> Spot:
    """The first process is a shell, so that docker stop's signal does not reach the program."""

    def see(bench: Bench) -> Seen:
        words = start_command(bench, image)
        return (
            {"image": image, "command": excerpt(words[2])}
            if words[:2] in SHELL and words[2:]
            else None
        )

    return Spot("shell-form-cmd", see)


def no_shell(image: str) -> Spot:
    """``$NAME``, ``;`` or ``&&`` in the exec form, where no shell reads them."""

    def see(bench: Bench) -> Seen:
        words = start_command(bench, image)
        if not words or words[0].rpartition("/")[2] in ("sh", "bash", "ash"):
            return None
        sign = next((sign for sign in ("&&", ";", "$", "|") if sign in " ".join(words)), "")
        return {"sign": sign} if sign else None

    return Spot("no-shell", see)


def no_cmd(image: str, base: str) -> Spot:
    """The image has no start command but that of its base: all was done by RUN."""

    def see(bench: Bench) -> Seen:
        words = start_command(bench, image)
        return {"image": image} if words and words == start_command(bench, base) else None

    return Spot("no-cmd", see)


def has_step(name: str, step: str, path: str = "Dockerfile") -> Spot:
    """The Dockerfile has an instruction (see ``claims/images/recipes.py``) that is the mistake."""

    def see(bench: Bench) -> Seen:
        dockerfile = Recipe(path).read(bench)
        for one in instructions(dockerfile) if dockerfile else ():
            if matches(one, step):
                return {"line": one.line}
        return None

    return Spot(name, see)


def lacks_step(name: str, step: str, path: str = "Dockerfile") -> Spot:
    """The Dockerfile is legible and has no such instruction."""

    def see(bench: Bench) -> Seen:
        dockerfile = Recipe(path).read(bench)
        if dockerfile is None or any(matches(one, step) for one in instructions(dockerfile)):
            return None
        return {}

    return Spot(name, see)


def out_of_order(name: str, first: str, then: str, path: str = "Dockerfile") -> Spot:
    """``then`` is there, but stands below ``first``, where it comes too late."""

    def see(bench: Bench) -> Seen:
        dockerfile = Recipe(path).read(bench)
        lines = instructions(dockerfile) if dockerfile else []
        early = next((one.line for one in lines if matches(one, first)), 0)
        late = next((one.line for one in lines if matches(one, then)), 0)
        return {"early": early, "late": late} if 0 < early < late else None

    return Spot(name, see)


def has_image(name: str, image: str) -> Spot:
    """There is an image of a name that is the mistake."""
    return Spot(name, lambda bench: {"image": image} if image_facts(bench, image) else None)


def cd_is_forgotten(path: str = "Dockerfile") -> Spot:
    """``RUN cd`` lasts for its own step only."""

    def see(bench: Bench) -> Seen:
        dockerfile = Recipe(path).read(bench)
        for one in instructions(dockerfile) if dockerfile else ():
            if isinstance(one, Run) and RUN_CD.match(" ".join(one.command.words).strip()):
                return {"line": one.line}
        return None

    return Spot("cd-is-forgotten", see)


def removed_later(*removed: str, path: str = "Dockerfile") -> Spot:
    """A RUN of its own removes what a step before it has put into its layer."""

    def see(bench: Bench) -> Seen:
        dockerfile = Recipe(path).read(bench)
        for one in instructions(dockerfile) if dockerfile else ():
            line = " ".join(one.command.words).strip() if isinstance(one, Run) else ""
            if line.startswith("rm ") and any(name in line for name in removed):
                return {"line": one.line}
        return None

    return Spot("removed-later", see)


def not_rebuilt(image: str, file: str, path: str) -> Spot:
    """The image holds another version of the file than the folder."""

    def see(bench: Bench) -> Seen:
        content = bench.read(file)
        if content is None or image_facts(bench, image) is None:
            return None
        there = packed(bench, image, path)
        return {"file": file, "image": image} if there not in (None, content) else None

    return Spot("not-rebuilt", see)


def start_command(bench: Bench, image: str) -> list[str]:
    """What a container of an image starts; empty where there is no such image."""
    config = (image_facts(bench, image) or {}).get("Config") or {}
    return [str(word) for part in ("Entrypoint", "Cmd") for word in config.get(part) or ()]


def copied_not_named(name: str, other: str) -> Spot:
    """Two images were made where one was to get a second name."""

    def see(bench: Bench) -> Seen:
        one, two = image_facts(bench, name), image_facts(bench, other)
        if one is None or two is None or one["Id"] == two["Id"]:
            return None
        return {"image": name, "other": other}

    return Spot("copied-not-named", see)
