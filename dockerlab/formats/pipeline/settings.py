"""The settings of a CI: variables that its jobs get, secret ones among them, and their file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType

from dockerlab.errors import FormatError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SHORTEST_SECRET = 4
"""Characters: what is shorter would be found in every other word of a log and hidden there."""


@dataclass(frozen=True, slots=True)
class Setting:
    value: str
    secret: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    values: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def secrets(self) -> dict[str, str]:
        return {name: one.value for name, one in self.values.items() if one.secret}

    @property
    def plain(self) -> dict[str, str]:
        return {name: one.value for name, one in self.values.items() if not one.secret}

    @property
    def all(self) -> dict[str, str]:
        return {name: one.value for name, one in self.values.items()}


def setting(name: str, value: str, *, secret: bool) -> Setting:
    """A checked one; FormatError says what is wrong with it, never the value."""
    if not NAME.fullmatch(name):
        raise FormatError(
            f"{name!r} cannot be the name of a setting",
            "letters, digits and _ only, as in AWS_SECRET_ACCESS_KEY",
        )
    if not isinstance(value, str) or "\0" in value:
        raise FormatError(f"the value of {name} must be a text", "as in settings[name] = 'text'")
    if secret and len(value.strip()) < SHORTEST_SECRET:
        raise FormatError(
            f"{name} is shorter than {SHORTEST_SECRET} characters, so it cannot be masked in logs",
            f"a value that is no secret goes into settings.plain[{name!r}]",
        )
    return Setting(value, secret)


def dumps(settings: Settings) -> str:
    return json.dumps({name: asdict(one) for name, one in settings.values.items()}, indent=1)


def loads(text: str) -> Settings:
    """The settings in a text made by ``dumps``; FormatError if it is none."""
    try:
        return Settings({str(name): Setting(**one) for name, one in json.loads(text).items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise FormatError(
            "the file of the CI's settings cannot be read", "remove it and set them again"
        ) from error
