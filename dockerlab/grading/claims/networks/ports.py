"""What can be claimed of published ports, and of the pages behind them.

port("ex4-web", 8080).is_published(at=5401)
port("ex4-web", 8080).is_only_here()
page(5401).says("Hello World")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dockerlab.formats.ports import Port as Place
from dockerlab.formats.ports import declared
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import container_facts, runs
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet

HERE = ("127.0.0.1", "::1", "localhost")
"""Addresses of the host that no other machine can reach."""
PATIENCE = 3.0
"""Seconds that a page may take; a check that needs longer looks again."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port inside a container."""

    container: str
    number: int

    def is_published(self, *, at: int = 0) -> Claim:
        """A port of the host leads to it: ``at`` this one, where it is said."""
        key = "port.published_at" if at else "port.published"
        says = say(key, container=self.container, port=self.number, at=at)
        return Claim(says, lambda bench: self._published(bench, at))

    def is_closed(self) -> Claim:
        """No port of the host leads to it."""
        says = say("port.closed", container=self.container, port=self.number)
        return Claim(says, self._closed)

    def is_only_here(self) -> Claim:
        """It is published, for programs of this machine alone."""
        says = say("port.only_here", container=self.container, port=self.number)
        return Claim(says, self._only_here)

    def _published(self, bench: Bench, at: int) -> Finding:
        facts, found = running(bench, self.container)
        if not found:
            return found
        outside = doors(facts)
        mine = [one.host_port for one in outside if one.port == self.number]
        if mine and (not at or at in mine):
            return met()
        fields = {"container": self.container, "port": self.number}
        if mine:
            return unmet("port.elsewhere", **fields, there=mine[0], at=at)
        if outside:
            there = outside[0]
            return unmet("port.other", **fields, there=there.port, outside=there.host_port)
        return unmet("port.none", **fields)

    def _closed(self, bench: Bench) -> Finding:
        facts, found = running(bench, self.container)
        mine = [one for one in doors(facts) if one.port == self.number]
        if not found or not mine:
            return found
        return unmet(
            "port.open", container=self.container, port=self.number, there=mine[0].host_port
        )

    def _only_here(self, bench: Bench) -> Finding:
        facts, found = running(bench, self.container)
        if not found:
            return found
        mine = [one for one in asked(facts) if one.port == self.number]
        if not mine:
            return unmet("port.none", container=self.container, port=self.number)
        wide = next((one for one in mine if one.host not in HERE), None)
        if wide is None:
            return met()
        return unmet("port.wide", container=self.container, there=wide.host_port)


@dataclass(frozen=True, slots=True)
class Page:
    """What answers at a port of the host."""

    port: int
    path: str = "/"

    def answers(self, status: int = 200) -> Claim:
        says = say("page.answers", port=self.port, path=self.path, status=status)
        return Claim(says, lambda bench: self._asked(bench, status, ""))

    def says(self, text: str) -> Claim:
        """Its beginning holds ``text``."""
        says = say("page.says", port=self.port, path=self.path, text=text)
        return Claim(says, lambda bench: self._asked(bench, 200, text))

    def is_silent(self) -> Claim:
        """Nobody answers there."""
        return Claim(say("page.silent", port=self.port), self._silent)

    def _asked(self, bench: Bench, wanted: int, text: str) -> Finding:
        try:
            status, body = bench.fetch(self.port, self.path, patience=PATIENCE)
        except OSError:
            return unmet("page.unreachable", port=self.port)
        if status != wanted:
            return unmet("page.status", port=self.port, path=self.path, status=status)
        if text in body:
            return met()
        return unmet("page.other", port=self.port, text=text, body=excerpt(body))

    def _silent(self, bench: Bench) -> Finding:
        try:
            bench.fetch(self.port, self.path, patience=PATIENCE)
        except OSError:
            return met()
        return unmet("page.heard", port=self.port)


def port(container: str, number: int) -> Port:
    return Port(container, number)


def page(port: int, path: str = "/") -> Page:
    return Page(port, path)


def running(bench: Bench, container: str) -> tuple[Mapping[str, Any], Finding]:
    """What the engine says of a container, and whether it runs."""
    facts = container_facts(bench, container)
    if facts is None:
        return {}, absent("container.absent", name=container)
    if not runs(facts):
        return facts, unmet("port.not_running", container=container)
    return facts, met()


def asked(facts: Mapping[str, Any]) -> list[Place]:
    """The doors with their addresses as they were asked for.

    The embedded engine opens every port to its own machine only: what was asked for tells what
    the same command does on Docker Engine.
    """
    bindings = (facts.get("HostConfig") or {}).get("PortBindings") or {}
    return [
        replace(one, host=str(binding.get("HostIp") or ""))
        for one in doors(facts)
        for binding in bindings.get(f"{one.port}/tcp") or ({"HostIp": one.host},)
    ]


def doors(facts: Mapping[str, Any]) -> list[Place]:
    """The ports of a container that the host leads to."""
    return [one for one in declared(facts) if one.reach == "published" and one.protocol == "tcp"]
