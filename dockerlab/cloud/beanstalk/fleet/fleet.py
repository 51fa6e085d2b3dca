"""``Fleet``: an environment's balancer and instances, looked at again and again.

``observe`` is called several times a second. It asks the engine who still runs, starts the health
checks that are due and takes the answers of earlier ones; nothing in here waits for an app.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from dockerlab.client.explain import explained
from dockerlab.cloud.beanstalk.fleet import probe
from dockerlab.cloud.beanstalk.fleet.balancer import Balancer
from dockerlab.cloud.beanstalk.fleet.instances import Instance, Release, launch, look, new, retire
from dockerlab.cloud.beanstalk.fleet.site import Site, remove_image
from dockerlab.cloud.beanstalk.options import PROCESS, Settings
from dockerlab.errors import DockerlabError

LOOK_EVERY = 0.3
"""Seconds between two looks at what runs."""
BUSY, CALM = 0.2, 0.5
"""Seconds at least between two checks of an instance that starts, and of one in service."""
AT_ONCE = 8
KEPT_IMAGES = 60
"""Of earlier builds, with those of their steps: the cache that makes the next build quick."""


@dataclass(slots=True)
class Check:
    """A health check, under way or answered; ``noted``: the answer was counted."""

    answer: Future[probe.Answer]
    began: float = field(default_factory=time.monotonic)
    noted: bool = False


class Fleet:
    """What an environment consists of. Changed by one thread; others may read ``instances``."""

    def __init__(self, site: Site, settings: Settings) -> None:
        self.site = site
        self.settings = settings
        self.balancer = Balancer(site)
        self.instances: tuple[Instance, ...] = ()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"fleet-{site.name}")
        self._ending = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=f"ending-{site.name}")
        self._checks: dict[str, Check] = {}
        self._reload: Future[bool] | None = None
        self._leaving: set[Future[None]] = set()
        self._images: list[str] = []
        self._states: Mapping[str, str] = {}
        self._looked = 0.0

    # --- looking ---

    def observe(self) -> None:
        """EngineUnavailable when the engine does not answer."""
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._states = look(self.site, self.instances)
            self._looked = now
        for instance in self.instances:
            if instance.ended:
                instance.health = "Red"
            elif instance.address and instance.state != "Terminating":
                self._check(instance, now)
        asked = self._reload is not None and not self._reload.done()
        if self.balancer.reached != self.balancer.targets and not asked:
            self._reload = self._pool.submit(self.balancer.through)

    @property
    def balancer_runs(self) -> bool:
        """As of the last look; there may be none at all."""
        balancer = self.balancer
        if not balancer.container or self._looked < balancer.since:
            return True
        return self._states.get(balancer.container) == "running"

    def _check(self, instance: Instance, now: float) -> None:
        check = self._checks.get(instance.id)
        if check is not None and check.answer.done() and not check.noted:
            check.noted = True
            self._note(instance, check.answer.result())
        due = check is None or (check.noted and now - check.began >= self._every(instance))
        if due:
            self._checks[instance.id] = Check(self._pool.submit(self._ask, instance))

    def _every(self, instance: Instance) -> float:
        minutes = self.settings.whole(PROCESS, "HealthCheckInterval") / 60
        least = CALM if instance.health == "Green" else BUSY
        return max(least, self.settings.seconds(minutes))

    def _ask(self, instance: Instance) -> probe.Answer:
        path = self.settings.text(PROCESS, "HealthCheckPath") or "/"
        try:
            return self.balancer.check(instance.target, path)
        except DockerlabError:
            return probe.Answer(problem=probe.LOST)

    def _note(self, instance: Instance, answer: probe.Answer) -> None:
        if answer.problem == probe.LOST:
            return  # no fault of the instance's
        instance.answered = bool(answer.code)
        if self.settings.accepts(answer.code):
            instance.passed, instance.failed, instance.cause = instance.passed + 1, 0, ""
        else:
            instance.passed, instance.failed = 0, instance.failed + 1
            instance.cause = probe.cause(answer, instance.release.port)
        self._judge(instance)

    def _judge(self, instance: Instance) -> None:
        if instance.passed >= self.settings.whole(PROCESS, "HealthyThresholdCount"):
            instance.health = "Green"
        elif instance.failed >= self.settings.whole(PROCESS, "UnhealthyThresholdCount"):
            instance.health = "Red"
        elif instance.failed and instance.health == "Green":
            instance.health = "Yellow"

    # --- instances come and go ---

    def launch(self, number: int, release: Release) -> tuple[Instance, ...]:
        """Start so many at once; they are checked from now on."""
        fresh = tuple(new(self.site, release, self.settings.variables) for _ in range(number))
        self.instances = (*self.instances, *fresh)
        started = [self._pool.submit(launch, self.site, one) for one in fresh]
        wait(started)
        for one in started:
            one.result()
        return fresh

    def retire(self, leaving: Iterable[Instance]) -> None:
        """Ended and removed in the background; they must be out of the balancer before."""
        gone = tuple(leaving)
        for one in gone:
            one.state = "Terminating"
            self._checks.pop(one.id, None)
            future = self._ending.submit(retire, self.site, one)
            self._leaving.add(future)
            future.add_done_callback(self._leaving.discard)
        self.instances = tuple(one for one in self.instances if one not in gone)

    # --- the balancer ---

    @property
    def in_service(self) -> tuple[Instance, ...]:
        return tuple(one for one in self.instances if one.state == "InService")

    @property
    def reached(self) -> tuple[Instance, ...]:
        """Those in service that requests do get to."""
        known = {one.id for one in self.balancer.reached}
        return tuple(one for one in self.in_service if one.id in known)

    def serve(self) -> None:
        """Have the balancer pass requests to those in service, and to no others."""
        targets = [one.target for one in self.in_service if one.address]
        self.balancer.serve(targets, delay=self.delay, patience=self.patience)

    @property
    def stale(self) -> bool:
        """Whether the balancer knows others than those in service."""
        return {one.id for one in self.in_service} != {one.id for one in self.balancer.targets}

    @property
    def delay(self) -> int:
        return self.settings.whole(PROCESS, "DeregistrationDelay")

    @property
    def patience(self) -> int:
        return self.settings.whole(PROCESS, "HealthCheckTimeout")

    # --- images ---

    def keep_images(self, made: tuple[str, ...]) -> None:
        """Remember what a build made; of old ones, what nobody uses any more is removed."""
        known = [one for one in self._images if one not in made]
        kept, old = known[:KEPT_IMAGES], known[KEPT_IMAGES:]
        self._images = [*made, *kept, *self._left(old)]

    def _left(self, images: Sequence[str]) -> list[str]:
        """Those that could not be removed."""
        with explained():
            return [one for one in images if not remove_image(self.site.api, one)]

    # --- the end ---

    def clear(self) -> None:
        """Remove all that there is on the engine. EngineUnavailable when it does not answer."""
        self.instances = ()
        self._checks.clear()
        with contextlib.suppress(DockerlabError):
            self.balancer.remove()
        self.site.clear()
        wait(self._leaving, timeout=30)
        self._images = self._left(self._images)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._ending.shutdown(wait=False)


def explain(site: Site, instances: Sequence[Instance]) -> str:
    """Why instances are not healthy: the first one's reason, and what was found instead."""
    one = next((one for one in instances if one.ended), instances[0])
    if one.ended:
        return f"Instance {one.id}: {one.ended}"
    found = probe.elsewhere(site.api, one.container, one.release.port)
    reason = one.cause or "It did not answer any health check."
    return f"Instance {one.id}: {reason}" + (f" {found}" if found else "")
