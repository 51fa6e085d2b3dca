"""What can be claimed of an image.

image("ex3/app").exists()
image("ex4/app:1.0").starts("node", "server.js")
image("ex6/web").weighs_at_most(40)
image("ex6/web").lacks("/usr/local/bin/node")
"""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from dockerlab.formats.text import size
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers.states import ROOT, config_of, environment
from dockerlab.grading.claims.disks.contents import Disk
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.claims.looking.facts import Facts, image_facts, unstarted
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, absent, met, say, unmet


@dataclass(frozen=True, slots=True)
class Image:
    """An image by a name of it, with its tag or with ``latest``."""

    name: str

    def exists(self) -> Claim:
        return self._claim("exists", lambda _: met())

    def is_gone(self) -> Claim:
        """No image has this name. True of an untouched engine as well: let it need a check that
        is not."""
        return Claim(say("image.gone", image=self.name), self._gone)

    def is_also(self, other: str) -> Claim:
        """``other`` is a second name of the very same image."""
        says = say("image.also", image=self.name, other=other)
        return Claim(says, lambda bench: self._also(bench, other))

    def stands_on(self, base: str) -> Claim:
        """Its lowest layers are those of ``base``."""
        says = say("image.stands_on", image=self.name, base=base)
        return Claim(says, lambda bench: self._stands_on(bench, base))

    def weighs_at_most(self, megabytes: float) -> Claim:
        """By SIZE in ``docker images``: what it shares with others is counted."""
        most = int(megabytes * 1_000_000)
        return self._claim("weighs", lambda facts: self._weighs(facts, most), most=size(most))

    def has_layers(self, most: int) -> Claim:
        """At most so many."""
        return self._claim("layers", lambda facts: self._layers(facts, most), most=most)

    def starts(self, *words: str) -> Claim:
        """Entry point and command together, word by word (the exec form)."""
        line = shlex.join(words)
        return self._claim("starts", lambda facts: self._starts(facts, words), command=line)

    def has_user(self, user: str) -> Claim:
        return self._claim("user", lambda facts: self._user(facts, user), user=user)

    def is_not_root(self) -> Claim:
        """Containers of it run as somebody else."""
        return self._claim("no_root", self._no_root)

    def has_workdir(self, path: str) -> Claim:
        return self._claim("workdir", lambda facts: self._workdir(facts, path), path=path)

    def has_env(self, name: str, value: str) -> Claim:
        judge = partial(self._env, name=name, value=value)
        return self._claim("env", judge, variable=name, value=value)

    def has_label(self, name: str, value: str) -> Claim:
        judge = partial(self._label, name=name, value=value)
        return self._claim("label", judge, label=name, value=value)

    def exposes(self, port: int) -> Claim:
        return self._claim("exposes", lambda facts: self._exposes(facts, port), port=port)

    def holds(self, path: str, text: str = "") -> Claim:
        """A file at ``path`` in it, and ``text`` in that."""
        return self._disk.holds(path, text)

    def lacks(self, path: str) -> Claim:
        """Nothing is at ``path``: the file of a tool that was needed for the build only, say."""
        return self._disk.lacks(path)

    # --- looking ---

    @property
    def _disk(self) -> Disk:
        return Disk(say("image.named", image=self.name), self._missing(), self._opened)

    @contextlib.contextmanager
    def _opened(self, bench: Bench) -> Iterator[str | None]:
        if image_facts(bench, self.name) is None:
            yield None
            return
        with unstarted(bench, self.name) as disk:
            yield disk

    def _missing(self) -> Finding:
        return absent("image.absent", image=self.name)

    def _claim(self, key: str, judge: Callable[[Facts], Finding], **fields: Any) -> Claim:
        def look(bench: Bench) -> Finding:
            facts = image_facts(bench, self.name)
            return judge(facts) if facts else self._missing()

        return Claim(say(f"image.{key}", image=self.name, **fields), look)

    def _unmet(self, key: str, **fields: Any) -> Finding:
        return unmet(f"image.{key}", image=self.name, **fields)

    def _gone(self, bench: Bench) -> Finding:
        return self._unmet("still_there") if image_facts(bench, self.name) else met()

    def _also(self, bench: Bench, other: str) -> Finding:
        mine, others = image_facts(bench, self.name), image_facts(bench, other)
        if mine is None:
            return self._missing()
        if others is None:
            return absent("image.absent", image=other)
        return met() if mine["Id"] == others["Id"] else self._unmet("two_images", other=other)

    def _stands_on(self, bench: Bench, base: str) -> Finding:
        mine, below = image_facts(bench, self.name), image_facts(bench, base)
        if mine is None:
            return self._missing()
        if below is None:
            return self._unmet("no_base", base=base)
        lowest = layers_of(below)
        if lowest and layers_of(mine)[: len(lowest)] == lowest:
            return met()
        return self._unmet("other_base", base=base)

    def _weighs(self, facts: Facts, most: int) -> Finding:
        there = int(facts.get("Size") or 0)
        if there <= most:
            return met()
        return self._unmet("too_heavy", most=size(most), there=size(there))

    def _layers(self, facts: Facts, most: int) -> Finding:
        there = len(layers_of(facts))
        return met() if there <= most else self._unmet("too_many_layers", most=most, there=there)

    def _starts(self, facts: Facts, words: tuple[str, ...]) -> Finding:
        there = start_of(facts)
        if there == list(words):
            return met()
        shown = excerpt(shlex.join(there))
        return self._unmet("other_command", command=shlex.join(words), there=shown)

    def _user(self, facts: Facts, user: str) -> Finding:
        there = str(config_of(facts).get("User") or "")
        if there == user or (there in ROOT and user in ROOT):
            return met()
        return self._unmet("other_user", user=user, there=excerpt(there or "root"))

    def _no_root(self, facts: Facts) -> Finding:
        there = str(config_of(facts).get("User") or "").partition(":")[0]
        return self._unmet("is_root") if there in ROOT else met()

    def _workdir(self, facts: Facts, path: str) -> Finding:
        there = str(config_of(facts).get("WorkingDir") or "/")
        if there.rstrip("/") == path.rstrip("/"):
            return met()
        return self._unmet("other_workdir", path=path, there=excerpt(there))

    def _env(self, facts: Facts, name: str, value: str) -> Finding:
        there = environment(config_of(facts)).get(name)
        if there == value:
            return met()
        if there is None:
            return self._unmet("no_env", variable=name)
        return self._unmet("other_env", variable=name, value=value, there=excerpt(there))

    def _label(self, facts: Facts, name: str, value: str) -> Finding:
        there = (config_of(facts).get("Labels") or {}).get(name)
        return met() if there == value else self._unmet("no_label", label=name, value=value)

    def _exposes(self, facts: Facts, port: int) -> Finding:
        ports = config_of(facts).get("ExposedPorts") or {}
        return met() if f"{port}/tcp" in ports else self._unmet("not_exposed", port=port)


def image(name: str) -> Image:
    return Image(name)


def layers_of(facts: Facts) -> list[str]:
    """The digests of its layers, lowest first."""
    return list((facts.get("RootFS") or {}).get("Layers") or [])


def start_of(facts: Facts) -> list[str]:
    """Entry point and command: what a container of it starts."""
    config = config_of(facts)
    return [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])]
