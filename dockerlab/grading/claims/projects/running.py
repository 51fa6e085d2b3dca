"""What can be claimed of a Compose project: what the engine has of it, by Compose's labels.

project("ex5-three").runs("page", 3)
project("ex5-three").is_healthy("store")
project("ex5-three").reaches("page", "store", 6379)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dockerlab.client.compose.looking.state import Eye, Found, Mounted
from dockerlab.client.compose.looking.wire import Wire
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers.commands import Command
from dockerlab.grading.claims.disks.volumes import clean
from dockerlab.grading.claims.networks.connections import Way
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet

Judge = Callable[[Bench, list[Found]], Finding]
ANONYMOUS = 64
"""Digits of a volume's name that the engine gave."""


@dataclass(frozen=True, slots=True)
class ProjectOf:
    """A project by its name."""

    name: str

    def runs(self, service: str, number: int = 1) -> Claim:
        """So many containers of the service run, no more and no less."""
        says = say("project.runs", project=self.name, service=service, number=number)
        return self._claim(says, service, lambda _, found: self._runs(found, service, number))

    def is_healthy(self, service: str) -> Claim:
        """Its healthcheck is content with each of its containers; what that asks is the learner's
        to say, see ``asks_whether_ready``."""
        says = say("project.healthy", project=self.name, service=service)
        return self._claim(says, service, lambda _, found: self._healthy(found, service))

    def ended(self, service: str, code: int = 0) -> Claim:
        """Its container has ended, with this exit code."""
        says = say("project.ended", project=self.name, service=service, code=code)
        return self._claim(says, service, lambda _, found: self._ended(found, service, code))

    def keeps(self, service: str, path: str) -> Claim:
        """A volume with a name is at ``path`` of its containers: it outlives them."""
        says = say("project.keeps", project=self.name, service=service, path=path)
        return self._claim(says, service, lambda _, found: self._keeps(found, service, path))

    def reaches(self, service: str, target: str, port: int) -> Claim:
        """From within the service's container, somebody called ``target`` takes a connection."""
        says = say("reach.says", source=service, target=target, port=port)

        def judge(bench: Bench, one: Found) -> Finding:
            return Way(one.name, target, port).reached(bench)

        return self._claim(says, service, lambda bench, found: _in_running(bench, found, judge))

    def says(self, service: str, command: Sequence[str], text: str, *, of: str = "") -> Claim:
        """What the command says beside the service's container is ``text``; see ``command``."""
        says = say("project.says", service=service, command=" ".join(command), text=text)

        def judge(bench: Bench, one: Found) -> Finding:
            return Command(one.name, tuple(command), of).told(bench, one.id, text)

        return self._claim(says, service, lambda bench, found: _in_running(bench, found, judge))

    def is_down(self) -> Claim:
        """It has no container any more."""
        return Claim(say("project.down", project=self.name), self._down)

    def containers(self, bench: Bench) -> list[Found]:
        """The project's containers without those of ``compose run``."""
        found = Eye(Wire(bench.api), self.name).containers()
        mine = [one for one in found if not one.oneoff]
        return sorted(mine, key=lambda one: (one.service, one.number))

    def _claim(self, says: Any, service: str, judge: Judge) -> Claim:
        def look(bench: Bench) -> Finding:
            everything = self.containers(bench)
            found = [one for one in everything if one.service == service]
            if found:
                return judge(bench, found)
            if everything:
                return unmet("project.no_service", project=self.name, service=service)
            return absent("project.absent", project=self.name)

        return Claim(says, look)

    def _down(self, bench: Bench) -> Finding:
        found = self.containers(bench)
        return unmet("project.still", name=found[0].name) if found else met()

    def _runs(self, found: list[Found], service: str, number: int) -> Finding:
        running = [one for one in found if one.state == "running"]
        if len(running) == number:
            return met()
        fields = {"service": service, "number": number, "running": len(running)}
        stopped = next((one for one in found if one.state != "running"), None)
        if stopped is None or len(running) > number:
            return unmet("project.other_number", **fields)
        return unmet("project.stopped", name=stopped.name, status=stopped.status, **fields)

    def _healthy(self, found: list[Found], service: str) -> Finding:
        ill = next((one for one in found if not one.healthy), None)
        if ill is None:
            return met()
        key = "project.ill" if "health" in ill.status else "project.no_health"
        return unmet(key, service=service, name=ill.name, status=ill.status or ill.state)

    def _ended(self, found: list[Found], service: str, code: int) -> Finding:
        last = found[-1]
        if last.state != "exited":
            return unmet("project.not_ended", service=service, status=last.status or last.state)
        if last.status.startswith(f"Exited ({code})"):
            return met()
        return unmet("project.other_code", service=service, code=code, status=last.status)

    def _keeps(self, found: list[Found], service: str, path: str) -> Finding:
        for one in found:
            kind = kept(one.mounts, path)
            if kind != "volume":
                return unmet(f"data.{kind}", container=one.name, path=path)
        return met()


def project(name: str) -> ProjectOf:
    return ProjectOf(name)


def kept(mounts: Sequence[Mounted], path: str) -> str:
    """What is at ``path``: ``volume``, ``anonymous``, ``bind`` …; ``layer`` where nothing is."""
    here = next((one for one in mounts if clean(one.target) == clean(path)), None)
    if here is None:
        return "layer"
    return "anonymous" if here.kind == "volume" and len(here.source) == ANONYMOUS else here.kind


def _in_running(
    bench: Bench, found: list[Found], judge: Callable[[Bench, Found], Finding]
) -> Finding:
    running = next((one for one in found if one.state == "running"), None)
    if running is None:
        return unmet("reach.stopped", name=found[0].name)
    return judge(bench, running)
