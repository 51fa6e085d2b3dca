"""What a Dockerfile says, as frozen records. Variables are still as written (``$NAME``).

``line`` is the first line of the instruction in the file, from 1. ``text`` is the instruction on
one line, as Docker shows it after ``Step 1/3 : `` (continuations joined, spaces and the keyword's
letters as they are, heredocs left out).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A file inside the Dockerfile: ``<<NAME`` to ``NAME``."""

    name: str
    content: str
    expand: bool = True
    """Variables in it are put in (the name was not quoted)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    line: int
    text: str

    @property
    def keyword(self) -> str:
        """The instruction's name in capitals, such as ``RUN``."""
        return self.text.split(None, 1)[0].upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The words of RUN, CMD, ENTRYPOINT: a list as it is, or a line for the shell."""

    words: tuple[str, ...]
    shell: bool
    """Shell form: ``words`` is one line (none if empty), to be put behind the words of SHELL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class From(Instruction):
    image: str
    name: str = ""
    """The stage's name (``AS name``), in small letters."""
    platform: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arg(Instruction):
    """``values``: name to default, None without one."""

    values: dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Env(Instruction):
    values: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label(Instruction):
    values: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """``--mount`` of RUN; ``type`` is bind, cache, tmpfs, secret or ssh. ``options`` as written."""

    type: str
    target: str = ""
    source: str = ""
    from_: str = ""
    id: str = ""
    readonly: bool = False
    required: bool = False
    options: dict[str, str] = field(default_factory=dict)
    """The rest: sharing, mode, uid, gid, size, env …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Instruction):
    command: Command
    mounts: tuple[Mount, ...] = ()
    network: str = ""
    """``--network``: default, none or host."""
    heredocs: tuple[Heredoc, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy(Instruction):
    """COPY, and ADD with ``add``. A source may be the name of a heredoc (``<<name``)."""

    sources: tuple[str, ...]
    target: str
    add: bool = False
    from_: str = ""
    owner: str = ""
    mode: str = ""
    heredocs: tuple[Heredoc, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Workdir(Instruction):
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cmd(Instruction):
    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrypoint(Instruction):
    command: Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Expose(Instruction):
    ports: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Instruction):
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Instruction):
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell(Instruction):
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSignal(Instruction):
    signal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck(Instruction):
    """``check`` None means ``HEALTHCHECK NONE``. Times in nanoseconds, 0 for not given."""

    check: Command | None
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    retries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBuild(Instruction):
    """``trigger`` is kept as text and read when an image is built on this one."""

    trigger: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintainer(Instruction):
    name: str


def number(stage: str) -> int | None:
    """The number that a stage is called by; None for a name. Of a long one, too high in any case,
    the first digits are enough (Python takes no number of thousands of digits).
    """
    return int(stage.lstrip("0")[:9] or 0) if stage.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Stage:
    """From one FROM to the next. ``index`` counts from 0."""

    index: int
    start: From
    steps: tuple[Instruction, ...]

    @property
    def name(self) -> str:
        return self.start.name


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """A whole file. ``arguments`` are the ARGs before the first FROM."""

    stages: tuple[Stage, ...]
    arguments: tuple[Arg, ...] = ()
    escape: str = "\\"
    syntax: str = ""
    notes: tuple[str, ...] = ()
    """What was ignored or looks odd, one sentence each, to be shown with the build."""
    warnings: tuple[str, ...] = ()
    """The lines that Docker prints before the first step, in its words."""

    def stage(self, name: str, before: int | None = None) -> Stage | None:
        """The stage of a name or number, if it is there (and its index below ``before``)."""
        known = self.stages[:before]
        if (index := number(name)) is not None:
            return known[index] if index < len(known) else None
        return next((stage for stage in known if stage.name and stage.name == name.lower()), None)
