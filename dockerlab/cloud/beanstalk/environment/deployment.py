"""Putting a release in place of another, batch by batch, and back again when it does not work.

Each function is a generator: it yields whenever it waits, so that its environment goes on looking
after what is there. New instances have to be healthy before a request reaches one; the old ones go
when the last request that they were given is answered. An abort is thrown in from outside.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Sequence

from dockerlab.cloud.beanstalk.environment.journal import Journal
from dockerlab.cloud.beanstalk.fleet.fleet import Fleet, explain
from dockerlab.cloud.beanstalk.fleet.instances import Instance, Release
from dockerlab.errors import DockerlabError, EngineRefused, EngineUnavailable

Work = Generator[None, None, None]

PATIENCE = 45.0
"""Seconds that an app may take to answer its first health checks."""
DOUBT = 10.0
"""After so many seconds an app that listens elsewhere is not waited for any longer; after twice as
many, one that answers its health checks with an error."""
RELOAD = 30.0
"""Seconds that Nginx may take to load a configuration."""


class Failed(DockerlabError):
    """A deployment did not work; ``message`` is the event's sentence."""


class Aborted(DockerlabError):
    """Somebody asked to give an update up."""

    def __init__(self) -> None:
        super().__init__("The update was aborted")


def steadfast(work: Work) -> Work:
    """The same, to its end: what is going back already is not aborted."""
    for _ in work:
        with contextlib.suppress(Aborted):
            yield


def healthy(fleet: Fleet, instances: Sequence[Instance]) -> Work:
    """Until all of them pass their health checks. Failed says why one does not."""
    looked = end = time.monotonic()
    while not all(one.health == "Green" for one in instances):
        now = time.monotonic()
        if any(one.ended for one in instances) or now > end + PATIENCE:
            raise Failed(explain(fleet.site, [one for one in instances if one.health != "Green"]))
        if now > looked + DOUBT:
            looked = now
            _doubt(fleet, [one for one in instances if one.health != "Green"])
        yield


def _doubt(fleet: Fleet, instances: Sequence[Instance]) -> None:
    """Failed, if an app listens where nobody looks for it, or answers, but wrongly all the time."""
    reason = explain(fleet.site, instances)
    answers = any(one.answered and one.age > 2 * DOUBT for one in instances)
    if "listens at" in reason or answers:
        raise Failed(reason)


def switched(fleet: Fleet) -> Work:
    """Until the balancer passes requests to those in service only, and the others have none."""
    yield from _served(fleet)
    yield from loaded(fleet)
    end = time.monotonic() + fleet.delay
    while time.monotonic() < end and not fleet.balancer.drained():
        yield


def _served(fleet: Fleet) -> Work:
    """The balancer may be on its way back at just this moment."""
    end = time.monotonic() + RELOAD
    while True:
        try:
            return fleet.serve()
        except EngineRefused as error:
            if time.monotonic() > end:
                raise Failed(f"The load balancer does not run: {error.message}") from None
        yield


def loaded(fleet: Fleet) -> Work:
    """Until the balancer goes by its last configuration."""
    end = time.monotonic() + RELOAD
    while not fleet.balancer.through():
        if time.monotonic() > end:
            raise Failed("The load balancer does not take its configuration.")
        yield


def removed(fleet: Fleet, instances: Sequence[Instance]) -> Work:
    """Take instances out of service, then end them."""
    serving = [one for one in instances if one.state == "InService"]
    for one in instances:
        one.state = "Terminating"
    if serving:
        yield from switched(fleet)
    fleet.retire(instances)


def replaced(fleet: Fleet, journal: Journal, release: Release, number: int) -> Work:
    """``number`` instances of a release in place of all there are.

    When it fails, those before are there again, and Failed or Aborted is raised on.
    """
    old = fleet.instances
    fresh: list[Instance] = []
    try:
        while len(fresh) < number:
            size = min(fleet.settings.batch(number), number - len(fresh))
            yield from _batch(fleet, journal, release, size, fresh)
            last = len(fresh) >= number
            yield from _relieved(fleet, old if last else old[: len(fresh)])
    except EngineUnavailable:
        raise
    except DockerlabError:
        yield from steadfast(_back(fleet, journal, old))
        raise


def _batch(
    fleet: Fleet, journal: Journal, release: Release, size: int, fresh: list[Instance]
) -> Work:
    started = fleet.launch(size, release)
    fresh.extend(started)
    names = ", ".join(one.id for one in started)
    journal.info(f"Started {names}; waiting for health checks.", release.version)
    yield from healthy(fleet, started)
    for one in started:
        one.state = "InService"
    journal.info(f"Healthy and from now on in service: {names}.", release.version)


def _relieved(fleet: Fleet, old: Sequence[Instance]) -> Work:
    """Requests go to the new ones, then these old ones go."""
    leaving = [one for one in old if one in fleet.instances]
    for one in leaving:
        one.state = "Terminating"
    yield from switched(fleet)
    fleet.retire(leaving)


def _back(fleet: Fleet, journal: Journal, old: Sequence[Instance]) -> Work:
    """As many of the old release as there were; none of the other."""
    broken = [one for one in fleet.instances if one not in old]
    for one in old:
        if one in fleet.instances and one.state == "Terminating":
            one.state = "InService"
    gone = [one for one in old if one not in fleet.instances]
    if gone:
        journal.warn(f"Going back to version {gone[0].release.version}.", gone[0].release.version)
        again = fleet.launch(len(gone), gone[0].release)
        yield from healthy(fleet, again)
        for one in again:
            one.state = "InService"
    yield from removed(fleet, broken)
