"""An environment read for the eye: how it is, which versions are there, one sentence for it all."""

from __future__ import annotations

import time
from collections import Counter

from dockerlab.formats.cloud import Environment, Event, Instance
from dockerlab.views.words import CATALOGUE, Words

HEALTHS = {"Green": ("✓", "green"), "Yellow": ("!", "orange"), "Red": ("✗", "red")}
"""Health → sign and colour; all else is Grey."""
STATUSES = {"Launching": "blue", "Updating": "blue", "Ready": "green", "Terminating": "orange"}
SEVERITIES = {
    "FATAL": ("✗", "red"),
    "ERROR": ("✗", "red"),
    "WARN": ("!", "orange"),
    "INFO": ("●", "blue"),
}
VERSIONS = ("blue", "purple", "orange")
"""Colours of versions: the environment's own, and others beside it."""
SCHEMES = ("http://", "https://")


def health(value: str) -> tuple[str, str]:
    """Sign and accent."""
    return HEALTHS.get(value, ("?", ""))


def named(word: str, words: Words, suffix: str = "") -> str:
    """AWS's word with what it means: ``Ready: nothing going on``; a word not known stays alone.

    >>> named("Green", Words("ko")), named("Blue", Words("ko"))
    ('Green: 정상', 'Blue')
    """
    key = f"cloud.is.{word}{suffix}"
    return f"{word}: {words(key)}" if key in CATALOGUE else word


def state(instance: Instance, words: Words) -> str:
    return named(instance.state, words, ".one" if instance.state == "Terminating" else "")


def versions(env: Environment) -> dict[str, str]:
    """Version → its colour, the environment's own first."""
    seen = [env.version, *sorted({one.version for one in env.instances} - {env.version})]
    return {name: VERSIONS[min(at, len(VERSIONS) - 1)] for at, name in enumerate(seen) if name}


def rate(value: float) -> str:
    """A number measured: whole ones, small ones with a digit.

    >>> rate(0), rate(0.42), rate(12.6), rate(1234.5)
    ('0', '0.4', '13', '1,234')
    """
    return f"{value:.1f}" if 0 < value < 9.95 else f"{value:,.0f}"


def summary(env: Environment, words: Words) -> str:
    """What the learner should take from it; says nothing that changes by the second."""
    rolling = Counter(one.version for one in env.instances if one.version)
    serving = {"serving": len(env.in_service), "all": len(env.instances)}
    if env.status in ("Terminating", "Terminated"):
        return words("cloud.sum.gone" if env.status == "Terminated" else "cloud.sum.ending")
    if env.status == "Launching":
        key = "launching" if env.instances else "launching.none"
        return words(f"cloud.sum.{key}", **serving)
    if len(rolling) > 1:
        counts = [words("cloud.sum.count", version=name, n=n) for name, n in rolling.items()]
        return words("cloud.sum.rolling", versions=", ".join(counts))
    if not env.in_service:
        return words("cloud.sum.nobody")
    return words(f"cloud.sum.{_ready(env)}", **serving)


def _ready(env: Environment) -> str:
    if env.status == "Updating":
        return "updating"
    if env.health in ("Yellow", "Red"):
        return "ill"
    if len(env.in_service) < len(env.instances):
        return "scaling"
    return "ready.one" if len(env.instances) == 1 else "ready"


def clock(event: Event) -> str:
    return time.strftime("%H:%M:%S", time.localtime(event.at))


def address(env: Environment) -> str:
    """What a link may lead to, "" for none: the address comes from outside."""
    found = env.page or env.url
    own = found.startswith("/") and not found.startswith("//")
    return found if own or found.startswith(SCHEMES) else ""
