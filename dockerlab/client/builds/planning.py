"""What each step of a build depends on, as Docker's classic builder counts it.

``announce`` gives the steps before anything runs, numbered as the builder will. ``plan`` adds what
goes into each: the instruction with its variables put in, build arguments, files of the context,
the base image. ``counts`` is the part of the text that is in the cache's key: how a source is
written is not, what is copied is.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerlab.client.builds.context import Context
from dockerlab.errors import DockerfileError
from dockerlab.formats.buildtrace import Inputs, Step
from dockerlab.formats.dockerfile import sections
from dockerlab.formats.dockerfile.arguments import Arguments
from dockerlab.formats.dockerfile.expansion import expanded
from dockerlab.formats.dockerfile.instructions import (
    Arg,
    Copy,
    Dockerfile,
    Env,
    From,
    Instruction,
    Label,
    Run,
    Stage,
)
from dockerlab.formats.dockerfile.reader import instruction as read_instruction
from dockerlab.formats.dockerfile.sections import workdir

Images = Callable[[str], Mapping[str, Any]]
"""What ``docker inspect`` says of an image; empty when it is not here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a build is asked for besides its folder."""

    args: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    no_cache: bool = False
    pull: bool = False
    network: str = ""
    rm: bool = True
    """Remove the container of each step that succeeded."""
    force_rm: bool = False
    """Remove the container of a failed step too; it is left to be looked into otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A step and its inputs. ``stage`` is the stage's index, ``base`` a FROM's stage, if it is one.

    ``source`` is the index of the stage that a COPY takes from, None if it takes from none.
    """

    step: Step
    inputs: Inputs
    counts: str
    stage: int
    base: int | None = None
    source: int | None = None

    @property
    def is_from(self) -> bool:
        return self.step.keyword == "FROM"

    def key(self, parent: str) -> str:
        """The cache key on top of the image or key ``parent``."""
        inputs = self.inputs
        made = [parent, self.counts, sorted(inputs.arguments.items()), sorted(inputs.files.items())]
        return hashlib.sha256(json.dumps([*made, inputs.base]).encode()).hexdigest()[:32]


def wanted(dockerfile: Dockerfile, target: str) -> tuple[Stage, ...]:
    """The stages that the classic builder runs: all up to the target."""
    if not target:
        return dockerfile.stages
    stage = dockerfile.stage(target)
    if stage is None:
        names = [stage.name for stage in dockerfile.stages if stage.name]
        raise DockerfileError(
            f"failed to reach build target {target} in Dockerfile",
            f"Its stages are called {', '.join(names)}." if names else "Its stages have no names.",
        )
    return dockerfile.stages[: stage.index + 1]


def announce(dockerfile: Dockerfile, options: Options) -> tuple[Step, ...]:
    """The steps as they will be numbered, none of them begun."""
    return tuple(
        Step(
            number=number,
            instruction=instruction.text,
            line=instruction.line,
            stage="" if stage is None else stage.name or str(stage.index),
        )
        for number, (stage, instruction) in enumerate(_instructions(dockerfile, options), 1)
    )


def _instructions(
    dockerfile: Dockerfile, options: Options
) -> Iterator[tuple[Stage | None, Instruction]]:
    for argument in dockerfile.arguments:
        yield None, argument
    stages = wanted(dockerfile, options.target)
    for stage in stages:
        yield stage, stage.start
        for instruction in stage.steps:
            yield stage, instruction
    if options.labels:
        pairs = " ".join(f"{key}={value}" for key, value in sorted(options.labels.items()))
        made = Label(line=0, text=f"LABEL {pairs}", values=dict(options.labels))
        yield stages[-1], made


def plan(
    dockerfile: Dockerfile, context: Context, options: Options, images: Images
) -> tuple[Planned, ...]:
    """Every step with its inputs. Reads the files that are copied.

    DockerfileError if a variable cannot be put in.
    """
    return tuple(_Planner(dockerfile, context, options, images).planned())


class _Planner:
    """Goes through the steps, keeping each stage's environment."""

    def __init__(
        self, dockerfile: Dockerfile, context: Context, options: Options, images: Images
    ) -> None:
        self._dockerfile, self._context = dockerfile, context
        self._options, self._images = options, images
        self._outer = Arguments(options.args)
        self._arguments = self._outer.stage()
        self._env: dict[str, str] = {}
        self._workdir = ""
        self._ends: dict[int, tuple[dict[str, str], str]] = {}

    def planned(self) -> Iterator[Planned]:
        steps = announce(self._dockerfile, self._options)
        written = _instructions(self._dockerfile, self._options)
        for step, (stage, instruction) in zip(steps, written, strict=True):
            if stage is None:
                assert isinstance(instruction, Arg)
                self._declare_outer(instruction)
                inputs = Inputs(instruction=instruction.text)
                yield Planned(step=step, inputs=inputs, counts="", stage=-1)
            elif isinstance(instruction, From):
                yield self._from(step, stage, instruction)
            else:
                yield self._step(step, stage, instruction)
                self._ends[stage.index] = (dict(self._env), self._workdir)

    def _declare_outer(self, written: Arg) -> None:
        instruction = expanded(written, self._outer.values(()), self._dockerfile.escape)
        self._outer.declare_outer(instruction.values)

    # --- FROM ---

    def _from(self, step: Step, stage: Stage, written: From) -> Planned:
        start = expanded(written, self._outer.for_from(), self._dockerfile.escape)
        self._arguments = self._outer.stage()
        base = self._dockerfile.stage(start.image, stage.index)
        found: Mapping[str, Any] = {}
        if base is not None:
            self._env, self._workdir = map(_copied, self._ends.get(base.index, ({}, "")))
        else:
            found = {} if start.image == "scratch" else self._images(start.image)
            config = found.get("Config") or {}
            pairs = (entry.partition("=") for entry in config.get("Env") or ())
            self._env = {name: value for name, _, value in pairs}
            self._workdir = str(config.get("WorkingDir") or "")
        self._ends[stage.index] = (dict(self._env), self._workdir)
        return self._planned_from(step, stage, start, base, found)

    def _planned_from(
        self, step: Step, stage: Stage, start: From, base: Stage | None, found: Mapping[str, Any]
    ) -> Planned:
        files: dict[str, str] = {}
        for trigger in (found.get("Config") or {}).get("OnBuild") or ():
            files.update(self._trigger(str(trigger)))
        inputs = Inputs(
            instruction=f"FROM {start.image}",
            files=files,
            arguments=self._counting() if files else {},
            base=str(found.get("Id") or ""),
        )
        index = base.index if base is not None else None
        return Planned(step=step, inputs=inputs, counts="FROM", stage=stage.index, base=index)

    def _trigger(self, text: str) -> dict[str, str]:
        """The files that an ONBUILD instruction of the base image reads."""
        instruction = expanded(read_instruction(text), self._known())
        if isinstance(instruction, Env):
            self._env.update(instruction.values)
        self._move(instruction)
        return self._files(instruction) if isinstance(instruction, Copy) else {}

    # --- all others ---

    def _step(self, step: Step, stage: Stage, written: Instruction) -> Planned:
        known = self._known()
        instruction = expanded(written, known, self._dockerfile.escape)
        used = {name: value for name, value in self._counting().items() if _uses(written, name)}
        files: dict[str, str] = {}
        source = None
        if isinstance(instruction, Copy):
            source = self._source(instruction, stage)
            files = self._files(instruction)
        text = _text(instruction, self._workdir)
        inputs = Inputs(
            instruction=text,
            arguments=self._counting() if isinstance(instruction, Run) else used,
            files=files,
            base=self._outside(instruction, stage),
        )
        self._follow(instruction)
        counts = _counts(instruction, text, self._workdir)
        return Planned(step=step, inputs=inputs, counts=counts, stage=stage.index, source=source)

    def _follow(self, instruction: Instruction) -> None:
        if isinstance(instruction, Env):
            self._env.update(instruction.values)
        elif isinstance(instruction, Arg):
            self._arguments.declare(instruction.values)
        self._move(instruction)

    def _move(self, instruction: Instruction) -> None:
        if instruction.keyword == "WORKDIR":
            self._workdir = workdir(self._workdir, getattr(instruction, "path", ""))

    def _known(self) -> dict[str, str]:
        return {**self._arguments.values(()), **self._env}

    def _counting(self) -> dict[str, str]:
        """The build arguments that a RUN sees and that count."""
        return self._arguments.counting(f"{name}=" for name in self._env)

    # --- files ---

    def _source(self, instruction: Copy, stage: Stage) -> int | None:
        if not instruction.from_:
            return None
        found = self._dockerfile.stage(instruction.from_, stage.index)
        return found.index if found is not None else None

    def _outside(self, instruction: Instruction, stage: Stage) -> str:
        """The id of an image of its own that a COPY takes from."""
        if not isinstance(instruction, Copy) or not instruction.from_:
            return ""
        if self._source(instruction, stage) is not None:
            return ""
        return str(self._images(instruction.from_).get("Id") or "")

    def _files(self, instruction: Copy) -> dict[str, str]:
        """The files of the context that it copies: path → digest."""
        files = {f"<<{one.name}": _digest(one.content) for one in instruction.heredocs}
        if instruction.from_:
            return files
        for source in instruction.sources:
            files.update({path: self._context.digest(path) for path in self._matching(source)})
        return files

    def _matching(self, source: str) -> Iterator[str]:
        wanted = posixpath.normpath("/" + source).lstrip("/")
        for path in self._context.paths:
            if (
                not wanted
                or path == wanted
                or path.startswith(wanted + "/")
                or (_wild(wanted) and _glob(path, wanted))
            ):
                yield path


def _copied(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _wild(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def _glob(path: str, pattern: str) -> bool:
    """Whether a pattern names the path or a folder above it; ``*`` does not cross a ``/``."""
    depth = pattern.count("/") + 1
    parts = path.split("/")[:depth]
    wanted = pattern.split("/")
    return len(parts) == depth and all(map(fnmatch.fnmatchcase, parts, wanted))


def _uses(instruction: Instruction, name: str) -> bool:
    """Whether a variable stands in the instruction."""
    return any(sign in instruction.text for sign in (f"${name}", f"${{{name}"))


def _text(instruction: Instruction, folder: str) -> str:
    """The instruction on one line, its variables put in."""
    keyword = instruction.keyword
    if isinstance(instruction, Env | Label):
        return f"{keyword} " + " ".join(f"{k}={v}" for k, v in instruction.values.items())
    if isinstance(instruction, Copy):
        flags = [f"--from={instruction.from_}"] if instruction.from_ else []
        flags += [f"--chown={instruction.owner}"] if instruction.owner else []
        flags += [f"--chmod={instruction.mode}"] if instruction.mode else []
        return " ".join([keyword, *flags, *instruction.sources, instruction.target])
    if keyword == "WORKDIR":
        return f"WORKDIR {workdir(folder, getattr(instruction, 'path', ''))}"
    values = [getattr(instruction, name, None) for name in ("user", "signal", "ports", "paths")]
    value = next((value for value in values if value), None)
    if value is not None:
        return f"{keyword} {value if isinstance(value, str) else ' '.join(value)}"
    rest = instruction.text.split(None, 1)[1:]
    heredocs = "".join(one.content for one in getattr(instruction, "heredocs", ()))
    return " ".join([keyword, *rest]) + (f"\n{heredocs}" if heredocs else "")


def _counts(instruction: Instruction, text: str, folder: str) -> str:
    if isinstance(instruction, Copy):
        owner = f"{instruction.owner} {instruction.mode}"
        target = posixpath.normpath(posixpath.join("/", folder, instruction.target))
        target += "/" if instruction.target.endswith("/") else ""
        return f"{instruction.keyword} {owner} {len(instruction.sources) > 1} in {target}"
    command = getattr(instruction, "command", None)
    if command is not None and not getattr(instruction, "heredocs", ()):
        flags = [repr(getattr(instruction, name, "")) for name in ("mounts", "network")]
        return f"{instruction.keyword} {sections.argv(command, {})} {flags}"
    return text
