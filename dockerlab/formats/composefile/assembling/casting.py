"""Variables put into the texts of a file, and texts made numbers where numbers belong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from dockerlab.formats.composefile.encoding.values import float32
from dockerlab.formats.composefile.model import Place
from dockerlab.formats.composefile.text.findings import Findings, fail
from dockerlab.formats.composefile.text.tree import Marked, Path, Tree, matches
from dockerlab.formats.composefile.text.variables import (
    MissingVariable,
    NotAVariable,
    VariableError,
    substitute,
)

Cast = Callable[[str], Any]

_OLD_WORDS = {**dict.fromkeys(("y", "yes", "on"), True), **dict.fromkeys(("n", "no", "off"), False)}


class Casting:
    """Puts the values of an environment into trees."""

    def __init__(self, environment: Mapping[str, str], findings: Findings) -> None:
        self.environment = environment
        self.findings = findings

    def apply(self, tree: Tree, path: Path = ()) -> Tree:
        if isinstance(tree, dict):
            return {key: self.apply(value, (*path, key)) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.apply(value, (*path, "[]")) for value in tree]
        return self.text(tree, path) if isinstance(tree, str) else tree

    def text(self, text: str, path: Path) -> Any:
        place = text.place if isinstance(text, Marked) else None
        value = self.substituted(text, place, path)
        for pattern, cast in _CASTS:
            if matches(path, pattern):
                return self.cast(value, cast, place, path)
        return Marked(value, place) if place else value

    def substituted(self, text: str, place: Place | None, path: Path) -> str:
        key = _shown(path)
        try:
            return substitute(text, self.environment.get, lambda name: self.unset(name, place, key))
        except NotAVariable as error:
            fail(
                f"invalid interpolation format for {'.'.join(path)}: {error.template}",
                "A variable is written ${NAME}. You may need to escape any $ with another $.",
                at=place,
                key=key,
            )
        except MissingVariable as error:
            fail(
                f"error while interpolating {'.'.join(path)}: {error}",
                f"Set it: in the file .env beside the compose file ({error.name}=…), or in the "
                "environment.",
                at=place,
                key=key,
            )
        except VariableError as error:
            fail(str(error), at=place, key=key)

    def unset(self, name: str, place: Place | None, key: Path) -> None:
        self.findings.warn(
            f'The "{name}" variable is not set. Defaulting to a blank string.',
            f"Set it in the file .env ({name}=…), give a default (${{{name}:-…}}), "
            "or write $$ if a dollar sign is meant.",
            at=place,
            key=key,
        )

    def cast(self, value: str, cast: Cast, place: Place | None, path: Path) -> Any:
        try:
            result = cast(value)
        except ValueError:
            kind = _KINDS[cast]
            fail(
                f"error while interpolating {'.'.join(path)}: failed to cast to expected type: "
                f'"{value}" is not {kind}',
                f"Write {kind}.",
                at=place,
                key=_shown(path),
            )
        if cast is _boolean and value.lower() in _OLD_WORDS:
            word = "true" if result else "false"
            self.findings.warn(
                f'"{value}" for boolean is not supported by YAML 1.2, please use `{word}`',
                at=place,
                key=_shown(path),
            )
        return result


def _shown(path: Path) -> Path:
    return tuple(part for part in path if part != "[]")


def _integer(text: str) -> int:
    if not re.fullmatch(r"[-+]?[0-9]{1,19}", text):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if "_" in text or not text.isascii() or text != text.strip():
        raise ValueError(text)
    return float(text)


def _single(text: str) -> float:
    return float32(_number(text))


def _boolean(text: str) -> bool:
    word = text.lower()
    if word in ("true", "false"):
        return word == "true"
    if word in _OLD_WORDS:
        return _OLD_WORDS[word]
    raise ValueError(text)


_KINDS: dict[Cast, str] = {
    _integer: "a whole number",
    _number: "a number",
    _single: "a number",
    _boolean: "true or false",
}
_SERVICE: dict[Cast, str] = {
    _integer: "configs.[].mode cpu_count cpu_period cpu_quota cpu_rt_period cpu_rt_runtime "
    "cpu_shares deploy.replicas deploy.update_config.parallelism "
    "deploy.rollback_config.parallelism deploy.restart_policy.max_attempts "
    "deploy.placement.max_replicas_per_node healthcheck.retries oom_score_adj pids_limit "
    "ports.[].target scale secrets.[].mode ulimits.* ulimits.*.hard ulimits.*.soft",
    _number: "cpu_percent deploy.update_config.max_failure_ratio "
    "deploy.rollback_config.max_failure_ratio",
    _single: "cpus",
    _boolean: "init healthcheck.disable oom_kill_disable privileged read_only stdin_open tty "
    "volumes.[].read_only volumes.[].volume.nocopy",
}
_TOP = (
    "networks.*.external networks.*.internal networks.*.attachable networks.*.enable_ipv4 "
    "networks.*.enable_ipv6 volumes.*.external secrets.*.external configs.*.external"
)
_CASTS: list[tuple[Path, Cast]] = [
    *(
        (("services", "*", *name.split(".")), cast)
        for cast, names in _SERVICE.items()
        for name in names.split()
    ),
    *((tuple(name.split(".")), _boolean) for name in _TOP.split()),
]
