"""An environment and its history in sentences: the text beside the picture, and its tooltips."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlab.formats.cloud import Environment, Event, History, Instance
from dockerlab.views.cloud import reading
from dockerlab.views.cloud.reading import health, named, rate, state
from dockerlab.views.words import Words

TOLD = 30
"""Events that are told; the newest."""


def environment(env: Environment, words: Words) -> Iterator[str]:
    """One fact a line."""
    sign = health(env.health)[0]
    yield f"{named(env.status, words)}; {sign} {named(env.health, words)}"
    yield reading.summary(env, words)
    yield about(env, words)
    yield balancer(env, words)
    yield f"{words('cloud.instances')}: {allowed(env, words)}"
    for one in env.instances:
        flow = f"{words('cloud.requests')} {words('cloud.rate', n=rate(one.requests))}"
        yield f"  {instance(one, words)}; {flow}"
    yield from events(env, words)


def about(env: Environment, words: Words) -> str:
    version = words("cloud.version", version=env.version) if env.version else ""
    told = version or words("cloud.version.none")
    return f"{words('cloud.about', application=env.application)} · {told}"


def allowed(env: Environment, words: Words) -> str:
    return words("cloud.range", n=len(env.instances), low=env.minimum, high=env.maximum)


def balancer(env: Environment, words: Words) -> str:
    numbers = [
        f"{words(f'cloud.{key}')} {words('cloud.rate', n=rate(value))}"
        for key, value in (("requests", env.requests), ("errors", env.errors))
    ]
    told = ", ".join(numbers)
    return f"{words('cloud.balancer')}: {env.url or words('cloud.nourl')}; {told}"


def instance(one: Instance, words: Words) -> str:
    """What it is, not how busy: a tooltip is read once."""
    facts = [state(one, words), f"{health(one.health)[0]} {named(one.health, words)}"]
    facts += [words("cloud.version", version=one.version)] if one.version else []
    facts += [words("cloud.container", name=one.container)] if one.container else []
    facts += [one.cause] if one.cause else []
    return f"{words('cloud.instance', id=one.id)}: {'; '.join(facts)}"


def events(env: Environment, words: Words) -> Iterator[str]:
    yield f"{words('cloud.events')}:"
    if not env.events:
        yield f"  {words('cloud.events.none')}"
    for one in reversed(env.events[-TOLD:]):
        yield f"  {event(one, words)}"
    if len(env.events) > TOLD:
        yield f"  {words('cloud.events.left', n=len(env.events) - TOLD)}"


def event(one: Event, words: Words) -> str:
    version = f" ({words('cloud.version', version=one.version)})" if one.version else ""
    return f"{reading.clock(one)} {one.severity} {one.message}{version}"


def history(kept: History, words: Words) -> Iterator[str]:
    samples = kept.samples
    if not samples:
        yield words("cloud.history.none")
        return
    start, peak = samples[0].at, max(samples, key=lambda one: one.requests)
    yield words(
        "cloud.history.peak",
        first=rate(samples[0].requests),
        peak=rate(peak.requests),
        at=round(peak.at - start),
        last=rate(samples[-1].requests),
    )
    errors = max(one.errors for one in samples)
    key = "errors" if errors else "noerrors"
    yield words(f"cloud.history.{key}", peak=rate(errors))
    told = ", ".join(_steps(kept, words))
    yield words("cloud.history.steps", all=told, low=kept.minimum, high=kept.maximum)


def _steps(kept: History, words: Words) -> Iterator[str]:
    """Each change of how many instances served, with its time."""
    start, before = kept.samples[0].at, -1
    for one in kept.samples:
        if one.serving != before:
            key = "step.first" if before < 0 else "step"
            yield words(f"cloud.history.{key}", n=one.serving, at=round(one.at - start))
        before = one.serving
