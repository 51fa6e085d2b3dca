"""What can be claimed of a container.

    container("ex2-web").is_running()
    container("ex2-polite").has_ended(0)
    container("ex1-a").holds("/note.txt", "only in a")

What its limits are is in ``limiting.py``, what it wrote in ``output.py``, what runs in it in
``processes.py``.
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from dockerlab.formats.creation import restart_policy
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.disks.contents import Disk
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import Facts, container_facts, image_facts
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, Saying, absent, met, say, unmet

ROOT = ("", "0", "root")


@dataclass(frozen=True, slots=True)
class Container:
    """A container by its name."""

    name: str

    def exists(self) -> Claim:
        return self._claim("exists", lambda _: met())

    def is_gone(self) -> Claim:
        """There is none of this name. True of an untouched engine as well: let it need a check
        that is not."""
        return Claim(say("container.gone", container=self.name), self._gone)

    def is_running(self) -> Claim:
        return self._in_state("running")

    def is_paused(self) -> Claim:
        return self._in_state("paused")

    def is_created(self) -> Claim:
        """It was made, and nobody has tried to start it."""
        return self._claim("created", self._created)

    def has_ended(self, *codes: int) -> Claim:
        """Its program has run and ended, with one of these exit codes where some are given."""
        key = "ended_with" if codes else "ended"
        listed = ", ".join(map(str, codes))
        return self._claim(key, lambda facts: self._ended(facts, codes), codes=listed)

    def could_not_start(self) -> Claim:
        """A start was tried and the engine could not run the command."""
        return self._claim("failed", self._failed)

    def is_of(self, image: str) -> Claim:
        """It was made from this image, by whatever name of it."""
        says = say("container.of", container=self.name, image=image)
        return Claim(says, lambda bench: self._of(bench, image))

    def starts(self, *words: str) -> Claim:
        """The command it was made with, with the image's entry point or without."""
        line = shlex.join(words)
        return self._claim("starts", lambda facts: self._starts(facts, words), command=line)

    def restarts(self, policy: str) -> Claim:
        """``policy`` as after ``--restart``: ``always``, ``on-failure:3``, ``no``."""
        return self._claim("restarts", lambda facts: self._restarts(facts, policy), policy=policy)

    def has_user(self, user: str) -> Claim:
        return self._claim("user", lambda facts: self._user(facts, user), user=user)

    def is_not_root(self) -> Claim:
        return self._claim("no_root", self._no_root)

    def has_env(self, name: str, value: str | None = None) -> Claim:
        key = "env" if value is None else "env_value"
        judge = partial(self._env, name=name, value=value)
        return self._claim(key, judge, variable=name, value=value)

    def has_label(self, name: str, value: str) -> Claim:
        judge = partial(self._label, name=name, value=value)
        return self._claim("label", judge, label=name, value=value)

    def has_hostname(self, host: str) -> Claim:
        return self._claim("hostname", lambda facts: self._hostname(facts, host), host=host)

    def holds(self, path: str, text: str = "") -> Claim:
        """A file at ``path`` on its disk, running or not, and ``text`` in it."""
        return self._disk.holds(path, text)

    def lacks(self, path: str) -> Claim:
        """Nothing at all is at ``path`` on its disk."""
        return self._disk.lacks(path)

    # --- looking ---

    @property
    def _disk(self) -> Disk:
        owner = say("container.named", container=self.name)
        return Disk(owner, self._missing(), self._opened)

    @contextlib.contextmanager
    def _opened(self, bench: Bench) -> Iterator[str | None]:
        facts = container_facts(bench, self.name)
        yield str(facts["Id"]) if facts else None

    def _missing(self) -> Finding:
        return absent("container.absent", name=self.name)

    def _claim(self, key: str, judge: Callable[[Facts], Finding], **fields: Any) -> Claim:
        def look(bench: Bench) -> Finding:
            facts = container_facts(bench, self.name)
            return judge(facts) if facts else self._missing()

        return Claim(say(f"container.{key}", container=self.name, **fields), look)

    def _in_state(self, status: str) -> Claim:
        return self._claim(status, lambda facts: self._state(facts, status))

    def _unmet(self, key: str, **fields: Any) -> Finding:
        return unmet(f"container.{key}", container=self.name, **fields)

    def _gone(self, bench: Bench) -> Finding:
        facts = container_facts(bench, self.name)
        return self._unmet("still_there", state=condition(facts)) if facts else met()

    def _state(self, facts: Facts, status: str) -> Finding:
        if status_of(facts) == status:
            return met()
        return self._unmet(f"not_{status}", state=condition(facts))

    def _created(self, facts: Facts) -> Finding:
        if status_of(facts) == "created" and not error_of(facts):
            return met()
        return self._unmet("not_created", state=condition(facts))

    def _ended(self, facts: Facts, codes: tuple[int, ...]) -> Finding:
        if status_of(facts) not in ("exited", "dead"):
            return self._unmet("not_ended", state=condition(facts))
        code = code_of(facts)
        if not codes or code in codes:
            return met()
        listed = ", ".join(map(str, codes))
        return self._unmet("other_code", code=code, codes=listed)

    def _failed(self, facts: Facts) -> Finding:
        if status_of(facts) == "created" and error_of(facts):
            return met()
        return self._unmet("not_failed", state=condition(facts))

    def _of(self, bench: Bench, image: str) -> Finding:
        facts = container_facts(bench, self.name)
        if facts is None:
            return self._missing()
        wanted = image_facts(bench, image)
        if wanted and facts.get("Image") == wanted.get("Id"):
            return met()
        # The name may have gone to a newer image since: what it was made by counts.
        named = str(config_of(facts).get("Image") or "")
        if named.removesuffix(":latest") == image.removesuffix(":latest"):
            return met()
        return self._unmet("other_image", image=image, there=excerpt(named))

    def _starts(self, facts: Facts, words: tuple[str, ...]) -> Finding:
        if list(words) in (command_of(facts), started(facts)):
            return met()
        there = excerpt(shlex.join(command_of(facts) or started(facts)))
        return self._unmet("other_command", command=shlex.join(words), there=there)

    def _restarts(self, facts: Facts, policy: str) -> Finding:
        there = host_of(facts).get("RestartPolicy") or {}
        wanted = restart_policy(policy)
        names = str(there.get("Name") or "no"), str(wanted.get("Name") or "no")
        tries = [int(one.get("MaximumRetryCount") or 0) for one in (there, wanted)]
        if names[0] == names[1] and tries[0] == tries[1]:
            return met()
        shown = f"{names[0]}:{tries[0]}" if tries[0] else names[0]
        return self._unmet("other_policy", policy=policy, there=shown)

    def _user(self, facts: Facts, user: str) -> Finding:
        there = str(config_of(facts).get("User") or "")
        if there == user or (there in ROOT and user in ROOT):
            return met()
        return self._unmet("other_user", user=user, there=excerpt(there or "root"))

    def _no_root(self, facts: Facts) -> Finding:
        there = str(config_of(facts).get("User") or "").partition(":")[0]
        return self._unmet("is_root") if there in ROOT else met()

    def _env(self, facts: Facts, name: str, value: str | None) -> Finding:
        there = environment(config_of(facts))
        if name not in there:
            return self._unmet("no_env", variable=name)
        if value is None or there[name] == value:
            return met()
        given = excerpt(there[name])
        return self._unmet("other_env", variable=name, value=value, there=given)

    def _label(self, facts: Facts, name: str, value: str) -> Finding:
        there = (config_of(facts).get("Labels") or {}).get(name)
        return met() if there == value else self._unmet("no_label", label=name, value=value)

    def _hostname(self, facts: Facts, host: str) -> Finding:
        there = str(config_of(facts).get("Hostname") or "")
        if there == host:
            return met()
        return self._unmet("other_host", host=host, there=excerpt(there))


def container(name: str) -> Container:
    return Container(name)


# --- what the engine says of it ---


def config_of(facts: Facts) -> Facts:
    return facts.get("Config") or {}


def host_of(facts: Facts) -> Facts:
    return facts.get("HostConfig") or {}


def status_of(facts: Facts) -> str:
    """created, running, paused, restarting, exited …"""
    return str((facts.get("State") or {}).get("Status") or "")


def code_of(facts: Facts) -> int:
    return int((facts.get("State") or {}).get("ExitCode") or 0)


def error_of(facts: Facts) -> str:
    """What the engine said when it could not start it."""
    return str((facts.get("State") or {}).get("Error") or "")


def command_of(facts: Facts) -> list[str]:
    """The words that it was made with, those of the image where none were typed."""
    return list(config_of(facts).get("Cmd") or [])


def started(facts: Facts) -> list[str]:
    """Entry point and command together: what really starts."""
    return [str(facts.get("Path") or ""), *(facts.get("Args") or [])]


def environment(config: Facts) -> dict[str, str]:
    pairs = (str(one).partition("=") for one in config.get("Env") or [])
    return {name: value for name, _, value in pairs}


def condition(facts: Facts) -> Saying:
    """In which state it is, in a sentence."""
    status = status_of(facts)
    if status == "created" and error_of(facts):
        return say("container.state.failed", error=excerpt(error_of(facts)))
    if status in ("exited", "dead"):
        return say("container.state.exited", code=code_of(facts))
    if status in ("created", "running", "paused", "restarting"):
        return say(f"container.state.{status}")
    return say("container.state.other", status=excerpt(status))
