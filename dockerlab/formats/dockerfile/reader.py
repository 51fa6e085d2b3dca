"""What the nodes of a Dockerfile mean: typed records, in stages.

All that can be wrong without knowing a variable or a file is found here, so that a build does not
begin that cannot end: unknown words, missing arguments, stages that wait for each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile import healthcheck, heredocs, parser, words
from dockerlab.formats.dockerfile.instructions import (
    Arg,
    Cmd,
    Command,
    Copy,
    Dockerfile,
    Entrypoint,
    Env,
    Expose,
    From,
    HealthCheck,
    Instruction,
    Label,
    Maintainer,
    OnBuild,
    Run,
    Shell,
    Stage,
    StopSignal,
    User,
    Volume,
    Workdir,
    number,
)
from dockerlab.formats.dockerfile.mounts import mount, near
from dockerlab.formats.dockerfile.parser import Node

_STAGE_NAME = re.compile(r"[a-z][a-z0-9\-_.]*")
_SPACES = re.compile(r"[\t\v\f\r ]+")
_ONBUILD = re.compile(r"\s*onbuild\s*", re.IGNORECASE)
_NETWORKS = ("default", "none", "host")


def read(text: bytes | str) -> Dockerfile:
    """A whole Dockerfile. Raises DockerfileError with the line, in Docker's words."""
    source = parser.parse(text)
    made = [(node, _prefixed(node, source.escape)) for node in source.nodes]
    arguments, stages = _stages([instruction for _, instruction in made])
    _check_stages(stages)
    return Dockerfile(
        stages, arguments, source.escape, source.syntax, source.notes, source.warnings
    )


def instruction(text: str, line: int = 1) -> Instruction:
    """One instruction outside a Dockerfile, such as a change of ``commit``.

    Errors are worded without a line, which the DockerfileError carries as ``line``.
    """
    return meaning(parser.node(text, line))


def trigger(text: str) -> Instruction:
    """The trigger of an image's ONBUILD. What no Dockerfile can say there, an image still may."""
    node = parser.node(text)
    _check_trigger(node.keyword)
    return meaning(node)


def _check_trigger(keyword: str) -> None:
    if keyword == "ONBUILD":
        raise DockerfileError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if keyword in ("FROM", "MAINTAINER"):
        raise DockerfileError(f"{keyword} isn't allowed as an ONBUILD trigger")


def _prefixed(node: Node, escape: str) -> Instruction:
    try:
        return meaning(node, escape)
    except DockerfileError as error:
        raise parser.failure(node.line, error.message, error.hint) from None


def meaning(node: Node, escape: str = "\\") -> Instruction:
    """The record of one node. Errors are worded without the line."""
    if node.keyword not in _READERS:
        raise DockerfileError(
            f"unknown instruction: {node.keyword}", _hint(node.keyword, escape), line=node.line
        )
    try:
        return _READERS[node.keyword](node, escape)
    except DockerfileError as error:
        raise DockerfileError(error.message, error.hint, line=node.line) from None


def _hint(keyword: str, escape: str) -> str:
    if keyword in _COMMON_MISTAKES:
        return _COMMON_MISTAKES[keyword]
    suggestion = near(keyword, _READERS)
    if suggestion.startswith("Did"):
        return suggestion
    return (
        "Each line begins with an instruction such as FROM, RUN or COPY; "
        f"to continue one, end the line before with {escape}."
    )


_COMMON_MISTAKES = {
    "APT-GET": "A command needs RUN before it: RUN apt-get …",
    "CD": "Write WORKDIR /path; a cd in RUN ends with that RUN.",
    "EXPORT": "Write ENV NAME=value; an export in RUN ends with that RUN.",
    "NPM": "A command needs RUN before it: RUN npm …",
    "PIP": "A command needs RUN before it: RUN pip …",
    "INCLUDE": "A Dockerfile cannot include another; begin with FROM and an image built before.",
    "&&": "The line before must end with a \\ to continue.",
}


def _options(node: Node, known: Sequence[str] = (), *, many: str = "") -> dict[str, list[str]]:
    """The flags of a node: name to values. Only ``many`` may be given more than once."""
    found: dict[str, list[str]] = {}
    for flag in node.flags:
        name, equals, value = flag[2:].partition("=")
        if name not in known:
            hint = _FLAG_HINTS.get(name) or near(name, [f"--{one}" for one in known])
            raise DockerfileError(
                f"Unknown flag: {name}", hint or f"{node.keyword} takes no flags."
            )
        if not equals:
            raise DockerfileError(f"Missing a value on flag: {name}", f"Write --{name}=value.")
        if name in found and name != many:
            raise DockerfileError(f"Duplicate flag specified: {name}")
        found.setdefault(name, []).append(value)
    return found


_FLAG_HINTS = {
    "link": "Leave --link out: it changes how BuildKit stores the layer, not what is in it.",
    "parents": "This builder cannot keep parent folders; name the target's folder instead.",
    "exclude": "Name what is not to be copied in .dockerignore.",
    "checksum": "This builder cannot check it; use RUN with sha256sum -c after the ADD.",
    "security": "This builder has no security modes; leave --security out.",
}


def _one(options: dict[str, list[str]], name: str) -> str:
    return options.get(name, [""])[0]


def _required(node: Node) -> str:
    if not node.arguments:
        raise DockerfileError(f"{node.keyword} requires exactly one argument")
    return node.arguments


def _some(node: Node, found: Sequence[str]) -> Sequence[str]:
    if not found:
        raise DockerfileError(f"{node.keyword} requires at least one argument")
    return found


def _list(node: Node) -> list[str]:
    """Words in JSON form, else cut at spaces; quotes mean nothing to the latter."""
    found = words.json_list(node.arguments)
    if found is not None:
        return found
    return _SPACES.split(node.arguments) if node.arguments else []


def _command(node: Node) -> Command:
    found = words.json_list(node.arguments)
    if found is not None:
        return Command(words=tuple(found), shell=False)
    return Command(words=(node.arguments,) if node.arguments else (), shell=True)


def _pairs(node: Node, escape: str) -> dict[str, str]:
    _options(node)
    found = _some(node, words.split(node.arguments, escape))
    if "=" not in found[0]:
        name, *rest = _SPACES.split(node.arguments, maxsplit=1)
        if not rest:
            raise DockerfileError(
                f"{node.keyword} must have two arguments",
                f"Write {node.keyword} {name}=value.",
            )
        return {name: rest[0]}
    pairs = dict(_pair(node.keyword, word) for word in found)
    return pairs


def _pair(keyword: str, word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals:
        raise DockerfileError(
            f'Syntax error - can\'t find = in "{word}". Must be of the form: name=value',
            "A value with spaces needs double quotes around it.",
        )
    if not name:
        raise DockerfileError(f"{keyword} names can not be blank")
    return name, value


def _read_env(node: Node, escape: str) -> Env:
    return Env(line=node.line, text=node.text, values=_pairs(node, escape))


def _read_label(node: Node, escape: str) -> Label:
    return Label(line=node.line, text=node.text, values=_pairs(node, escape))


def _read_arg(node: Node, escape: str) -> Arg:
    _options(node)
    values: dict[str, str | None] = {}
    for word in _some(node, words.split(node.arguments, escape)):
        name, value = _pair("ARG", word) if "=" in word else (word, None)
        values[name] = value
    return Arg(line=node.line, text=node.text, values=values)


def _read_from(node: Node, _: str) -> From:
    parts = _SPACES.split(node.arguments) if node.arguments else []
    options = _options(node, ("platform",))
    if len(parts) not in (1, 3) or (len(parts) == 3 and parts[1].lower() != "as"):
        raise DockerfileError(
            "FROM requires either one or three arguments", "Write FROM image or FROM image AS name."
        )
    name = parts[2].lower() if len(parts) == 3 else ""
    if name and not _STAGE_NAME.fullmatch(name):
        raise DockerfileError(
            f'invalid name for build stage: "{name}", '
            "name can't start with a number or contain symbols"
        )
    return From(
        line=node.line,
        text=node.text,
        image=parts[0],
        name=name,
        platform=_one(options, "platform"),
    )


def _read_run(node: Node, _: str) -> Run:
    options = _options(node, ("mount", "network"), many="mount")
    network = _one(options, "network")
    if network and network not in _NETWORKS:
        raise DockerfileError(f'unsupported network mode "{network}"', near(network, _NETWORKS))
    return Run(
        line=node.line,
        text=node.text,
        command=_command(node),
        mounts=tuple(mount(text) for text in options.get("mount", ())),
        network=network,
        heredocs=node.heredocs,
    )


def _read_copy(node: Node, _: str) -> Copy:
    add = node.keyword == "ADD"
    options = _options(node, ("chown", "chmod") if add else ("from", "chown", "chmod"))
    paths = [_path(word, node) for word in _list(node)]
    if len(paths) < 2:
        raise DockerfileError(
            f"{node.keyword} requires at least two arguments, but only one was provided. "
            "Destination could not be determined",
            f"Say what and where to: {node.keyword} file /folder/",
        )
    return Copy(
        line=node.line,
        text=node.text,
        sources=tuple(paths[:-1]),
        target=paths[-1],
        add=add,
        from_=_one(options, "from"),
        owner=_one(options, "chown"),
        mode=_one(options, "chmod"),
        heredocs=node.heredocs,
    )


def _path(word: str, node: Node) -> str:
    name = heredocs.source(word) if node.heredocs else None
    return word if name is None else f"<<{name}"


def _read_workdir(node: Node, _: str) -> Workdir:
    _options(node)
    return Workdir(line=node.line, text=node.text, path=_required(node))


def _read_user(node: Node, _: str) -> User:
    _options(node)
    return User(line=node.line, text=node.text, user=_required(node))


def _read_stopsignal(node: Node, _: str) -> StopSignal:
    _options(node)
    return StopSignal(line=node.line, text=node.text, signal=_required(node))


def _read_maintainer(node: Node, _: str) -> Maintainer:
    _options(node)
    return Maintainer(line=node.line, text=node.text, name=_required(node))


def _read_cmd(node: Node, _: str) -> Cmd:
    _options(node)
    return Cmd(line=node.line, text=node.text, command=_command(node))


def _read_entrypoint(node: Node, _: str) -> Entrypoint:
    _options(node)
    command = _command(node)
    if not command.words:  # with nothing behind it the shell is not called either
        command = Command(words=(), shell=False)
    return Entrypoint(line=node.line, text=node.text, command=command)


def _read_expose(node: Node, _: str) -> Expose:
    _options(node)
    ports = _some(node, _SPACES.split(node.arguments) if node.arguments else [])
    return Expose(line=node.line, text=node.text, ports=tuple(sorted(ports)))


def _read_volume(node: Node, _: str) -> Volume:
    _options(node)
    paths = tuple(path.strip(words.SPACES) for path in _some(node, _list(node)))
    if "" in paths:
        raise DockerfileError("VOLUME specified can not be an empty string")
    return Volume(line=node.line, text=node.text, paths=paths)


def _read_shell(node: Node, _: str) -> Shell:
    _options(node)
    found = words.json_list(node.arguments)
    _some(node, [node.arguments] if found is None and node.arguments else found or [])
    if found is None:
        raise DockerfileError(
            "SHELL requires the arguments to be in JSON form", 'Write SHELL ["/bin/sh", "-c"].'
        )
    return Shell(line=node.line, text=node.text, words=tuple(found))


def _read_healthcheck(node: Node, _: str) -> HealthCheck:
    kind, *rest = _SPACES.split(node.arguments, maxsplit=1)
    if not kind:
        raise DockerfileError("HEALTHCHECK requires at least one argument")
    if kind.upper() == "NONE":
        if rest:
            raise DockerfileError("HEALTHCHECK NONE takes no arguments")
        return HealthCheck(line=node.line, text=node.text, check=None)
    options = _options(node, (*healthcheck.TIMES, "retries"))
    if kind.upper() != "CMD":
        raise DockerfileError(
            f'Unknown type "{kind.upper()}" in HEALTHCHECK (try CMD)',
            "Write HEALTHCHECK CMD and the command that checks.",
        )
    return _health_check(node, rest[0] if rest else "", {k: v[0] for k, v in options.items()})


def _health_check(node: Node, check: str, options: dict[str, str]) -> HealthCheck:
    found = words.json_list(check)
    command = tuple([check] if found is None and check else found or ())
    if not command:
        raise DockerfileError("Missing command after HEALTHCHECK CMD")
    times = healthcheck.times(options)
    return HealthCheck(
        line=node.line,
        text=node.text,
        check=Command(words=command, shell=found is None),
        interval=times.get("interval", 0),
        timeout=times.get("timeout", 0),
        start_period=times.get("start-period", 0),
        retries=healthcheck.retries(options.get("retries", "")),
    )


def _read_onbuild(node: Node, escape: str) -> OnBuild:
    """The trigger is read too, so that a mistake in it shows here and not in another's build."""
    if not node.arguments:
        raise DockerfileError("ONBUILD requires at least one argument")
    bare = _ONBUILD.sub("", node.text, count=1)
    inner = parser.cut(bare, node.line, node.last, node.heredocs)
    _check_trigger(inner.keyword)
    meaning(inner, escape)
    files = "".join(f"\n{heredoc.content}{heredoc.name}" for heredoc in node.heredocs)
    return OnBuild(line=node.line, text=node.text, trigger=bare + files)


_READERS: dict[str, Callable[[Node, str], Instruction]] = {
    "ADD": _read_copy,
    "ARG": _read_arg,
    "CMD": _read_cmd,
    "COPY": _read_copy,
    "ENTRYPOINT": _read_entrypoint,
    "ENV": _read_env,
    "EXPOSE": _read_expose,
    "FROM": _read_from,
    "HEALTHCHECK": _read_healthcheck,
    "LABEL": _read_label,
    "MAINTAINER": _read_maintainer,
    "ONBUILD": _read_onbuild,
    "RUN": _read_run,
    "SHELL": _read_shell,
    "STOPSIGNAL": _read_stopsignal,
    "USER": _read_user,
    "VOLUME": _read_volume,
    "WORKDIR": _read_workdir,
}


def _stages(made: Iterable[Instruction]) -> tuple[tuple[Arg, ...], tuple[Stage, ...]]:
    arguments: list[Arg] = []
    stages: list[tuple[From, list[Instruction]]] = []
    for one in made:
        if isinstance(one, From):
            stages.append((one, []))
        elif stages:
            stages[-1][1].append(one)
        elif isinstance(one, Arg):
            arguments.append(one)
        else:
            raise parser.failure(
                one.line,
                "no build stage in current context",
                f"{one.keyword} needs an image to work on: put FROM and an image before it.",
            )
    if not stages:
        raise parser.failure(
            arguments[-1].line,
            "no build stage in current context",
            "FROM and an image must follow.",
        )
    built = (Stage(i, start, tuple(steps)) for i, (start, steps) in enumerate(stages))
    return tuple(arguments), tuple(built)


def _check_stages(stages: Sequence[Stage]) -> None:
    named: dict[str, Stage] = {}
    for stage in stages:
        if stage.name in named:
            raise parser.failure(
                stage.start.line,
                f'duplicate name "{stage.name}": a stage name already used',
                f"Line {named[stage.name].start.line} has it already; take another one.",
            )
        if stage.name:
            named[stage.name] = stage
    for stage in stages:
        for line, reference in _references(stage):
            _check_reference(line, reference.lower(), stage, named, len(stages))


def _references(stage: Stage) -> Iterable[tuple[int, str]]:
    for step in stage.steps:
        if isinstance(step, Copy) and step.from_:
            yield step.line, step.from_
        elif isinstance(step, Run):
            yield from ((step.line, mount.from_) for mount in step.mounts if mount.from_)


def _check_reference(
    line: int, reference: str, stage: Stage, named: dict[str, Stage], count: int
) -> None:
    if (index := number(reference)) is not None:
        if index >= stage.index:
            raise parser.failure(
                line,
                f"invalid from flag value {reference[:80]}: index out of bounds",
                f"Stages count from 0; here only those before stage {stage.index} are built.",
            )
        return
    other = named.get(reference)
    if other is stage:
        raise parser.failure(
            line,
            f"circular dependency detected on stage: {reference}",
            "A stage cannot copy from itself; RUN cp copies within it.",
        )
    if other is not None and other.index > stage.index:
        raise parser.failure(
            line,
            f"invalid from flag value {reference}: the stage comes later, in line "
            f"{other.start.line}",
            "A stage can only take from stages above it; move that one up.",
        )
