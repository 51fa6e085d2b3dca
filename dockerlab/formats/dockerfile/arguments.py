"""Build arguments: which are known where, with which values.

Those before the first FROM count for FROM lines only, and give their defaults to a stage that
names them again. Proxy settings may be given without an ARG, and then change no key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
PREDEFINED = frozenset({*_PROXIES, *map(str.lower, _PROXIES)})

Values = Mapping[str, str | None]


@dataclass(slots=True)
class Arguments:
    """The arguments of a build (before the first FROM) or of one of its stages."""

    given: Values = field(default_factory=dict)
    """By ``--build-arg``; None for a name whose value the client did not have."""
    outer: dict[str, str | None] = field(default_factory=dict)
    """Those before the first FROM."""
    declared: dict[str, str | None] = field(default_factory=dict)

    def stage(self) -> Arguments:
        """For a new stage: nothing is declared in it yet."""
        return Arguments(self.given, self.outer)

    def declare(self, values: Values) -> None:
        """An ARG."""
        self.declared.update(values)

    def declare_outer(self, values: Values) -> None:
        """An ARG before the first FROM."""
        self.declared.update(values)
        self.outer.update(values)

    def for_from(self) -> dict[str, str]:
        """Values for FROM lines."""
        return self._values(self.outer)

    def values(self, environment: Iterable[str]) -> dict[str, str]:
        """Values for a step: what ENV sets wins. Sorted by name, as RUN shows them."""
        taken = {entry.partition("=")[0] for entry in environment}
        return {k: v for k, v in sorted(self._values(self.declared).items()) if k not in taken}

    def counting(self, environment: Iterable[str]) -> dict[str, str]:
        """Of those the ones that change a key: not a proxy that no ARG names."""
        known = self.values(environment)
        return {k: v for k, v in known.items() if k in self.declared or k not in PREDEFINED}

    def unused(self, declared: Iterable[str]) -> list[str]:
        """Given, but named by no ARG of the whole Dockerfile."""
        return sorted(set(self.given) - set(declared) - PREDEFINED)

    def _values(self, source: Values) -> dict[str, str]:
        found = {name: self._value(name, source) for name in {*source, *PREDEFINED}}
        return {name: value for name, value in found.items() if value is not None}

    def _value(self, name: str, source: Values) -> str | None:
        for values in (self.given, source, self.outer):
            value = values.get(name)
            if value is not None:
                return value
        return None
