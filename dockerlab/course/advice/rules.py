"""The rules: each looks through a Dockerfile for one thing that the course warns of.

A rule gives ``Remark``s; what is said about them is in ``sayings.py``, under the rule's name.
Better to miss something than to blame a good Dockerfile: where a variable or a base image may
make it right, a rule is silent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from dockerlab.formats.dockerfile.instructions import (
    Arg,
    Cmd,
    Copy,
    Dockerfile,
    Entrypoint,
    Env,
    Run,
    Stage,
    Workdir,
)

_INSTALL = re.compile(
    r"\b(npm (?:install|i|ci)\b|yarn(?: install)?\s*(?:$|&|;|-)|pnpm (?:install|i)\b"
    r"|pip3? install\b.*(?:-r\b|--requirement)|bundle install\b|composer install\b"
    r"|poetry install\b|go mod download\b|mvn .*dependency:)"
)
_NPM_HERE = re.compile(r"\bnpm (?:install|i|ci)(?:\s+-\S+)*\s*(?:$|&|;|\|)")
_SECRET = re.compile(
    r"(?i)(?:^|_)(?:passw(?:or)?d|secret|token|api_?key|access_?key|private_?key)s?(?:_|$)"
)
_WHOLE = (".", "./", "*", "./*")


@dataclass(frozen=True, slots=True)
class Remark:
    """Something found: ``rule`` says what, ``facts`` fill its sentences."""

    rule: str
    line: int
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """A Dockerfile to look at. ``ignored``: whether a .dockerignore lies beside it.

    None where the folder is not known.
    """

    dockerfile: Dockerfile
    ignored: bool | None = None

    @property
    def last(self) -> Stage:
        """The stage that the image is made of."""
        return self.dockerfile.stages[-1]


def remarks(subject: Subject) -> list[Remark]:
    """All that the rules find, by line."""
    found = [remark for rule in RULES for remark in rule(subject)]
    return sorted(found, key=lambda remark: (remark.line, remark.rule))


def _latest(subject: Subject) -> Iterator[Remark]:
    stages = subject.dockerfile.stages
    for stage in stages:
        image = stage.start.image
        named = image.lower() in {other.name for other in stages[: stage.index] if other.name}
        if named or image == "scratch" or "$" in image or "@" in image:
            continue
        tag = image.rpartition("/")[2].partition(":")[2]
        if tag in ("", "latest"):
            yield Remark("latest", stage.start.line, {"image": image.partition(":")[0]})


def _last_counts(subject: Subject) -> Iterator[Remark]:
    for kind in (Cmd, Entrypoint):
        for stage in subject.dockerfile.stages:
            found = [step for step in stage.steps if isinstance(step, kind)]
            for step in found[:-1]:
                facts = {"word": step.keyword, "last": str(found[-1].line)}
                yield Remark("last-counts", step.line, facts)


def _shell_form(subject: Subject) -> Iterator[Remark]:
    starts = [step for step in subject.last.steps if isinstance(step, Cmd | Entrypoint)]
    for step in starts[-1:]:
        if not step.command.shell:
            continue
        line = step.command.words[0] if step.command.words else ""
        rule = "quotes" if line.startswith("[") else "shell-form"
        if rule == "quotes" or not line.startswith("exec "):
            yield Remark(rule, step.line, {"word": step.keyword})


def _copy_before_install(subject: Subject) -> Iterator[Remark]:
    for stage in subject.dockerfile.stages:
        whole: Copy | None = None
        for step in stage.steps:
            if isinstance(step, Copy) and not step.from_ and set(step.sources) & set(_WHOLE):
                whole = whole or step
            elif whole and (found := _installs(step)):
                yield Remark("copy-first", whole.line, {"install": found, "line": str(step.line)})
                break


def _line(step: Run | Cmd | Entrypoint) -> str:
    """The command's words with one blank between any two, as a shell takes them."""
    return " ".join(" ".join(step.command.words).split())


def _installs(step: object) -> str:
    """The command by which a RUN installs what the app needs; empty if it does not."""
    if not isinstance(step, Run):
        return ""
    found = _INSTALL.search(_line(step))
    return found[1].strip(" &;-") if found else ""


def _nothing_to_install(subject: Subject) -> Iterator[Remark]:
    """npm install where no file was copied yet (not on a base that is a stage of its own)."""
    names = {stage.name for stage in subject.dockerfile.stages if stage.name}
    for stage in subject.dockerfile.stages:
        if stage.start.image.lower() in names:
            continue
        for step in stage.steps:
            if isinstance(step, Copy) or (isinstance(step, Run) and step.mounts):
                break
            if isinstance(step, Run) and _NPM_HERE.search(_line(step)):
                yield Remark("no-package", step.line)
                break


def _no_ignore_file(subject: Subject) -> Iterator[Remark]:
    if subject.ignored is not False:
        return
    for stage in subject.dockerfile.stages:
        for step in stage.steps:
            if isinstance(step, Copy) and not step.from_ and set(step.sources) & set(_WHOLE):
                yield Remark("no-ignore", step.line)
                return


def _no_workdir(subject: Subject) -> Iterator[Remark]:
    names = {stage.name for stage in subject.dockerfile.stages if stage.name}
    for stage in subject.dockerfile.stages:
        if stage.start.image.lower() in names:
            continue
        for step in stage.steps:
            if isinstance(step, Workdir):
                break
            if isinstance(step, Copy) and _into_root(step):
                yield Remark("no-workdir", step.line, {"word": step.keyword})
                break


def _into_root(step: Copy) -> bool:
    """Whether a whole folder would be laid over the image's own files in ``/``."""
    return bool(set(step.sources) & set(_WHOLE)) and step.target in (".", "./", "/")


def _update_alone(subject: Subject) -> Iterator[Remark]:
    for stage in subject.dockerfile.stages:
        for step in stage.steps:
            if isinstance(step, Run):
                line = " ".join(step.command.words)
                if "apt-get update" in line and "install" not in line and "upgrade" not in line:
                    yield Remark("update-alone", step.line)


def _secrets(subject: Subject) -> Iterator[Remark]:
    outer = list(subject.dockerfile.arguments)
    inner = [step for stage in subject.dockerfile.stages for step in stage.steps]
    for step in [*outer, *inner]:
        if isinstance(step, Env | Arg):
            for name, value in step.values.items():
                if _SECRET.search(name) and value and not value.startswith("$"):
                    yield Remark("secret", step.line, {"word": step.keyword, "name": name})


def _dev_server(subject: Subject) -> Iterator[Remark]:
    """A dev server as the start command of an image for which another stage was built."""
    if len(subject.dockerfile.stages) < 2:
        return
    for step in subject.last.steps:
        if isinstance(step, Cmd | Entrypoint):
            line = _line(step)
            if re.search(r"\b(?:npm|yarn|pnpm) (?:run )?(?:dev|start:dev|serve)\b", line):
                yield Remark("dev-server", step.line)


RULES: tuple[Callable[[Subject], Iterator[Remark]], ...] = (
    _latest,
    _last_counts,
    _shell_form,
    _copy_before_install,
    _nothing_to_install,
    _no_ignore_file,
    _no_workdir,
    _update_alone,
    _secrets,
    _dev_server,
)
