"""``Controller``: keeps one environment as it shall be, in a thread of its own.

Several times a second it looks at what is there, takes the operation under way one step further
and, when there is none, replaces what has ended and scales. So a deployment never hides that an
instance dies, and there is nobody else who changes anything on the engine.
"""

from __future__ import annotations

import inspect
import secrets
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from dockerlab.cloud.beanstalk.environment import operations
from dockerlab.cloud.beanstalk.environment.condition import condition
from dockerlab.cloud.beanstalk.environment.deployment import Aborted, Work
from dockerlab.cloud.beanstalk.environment.journal import Journal
from dockerlab.cloud.beanstalk.environment.kept import Source
from dockerlab.cloud.beanstalk.environment.tending import Tending
from dockerlab.cloud.beanstalk.fleet.fleet import Fleet
from dockerlab.cloud.beanstalk.fleet.image import Job
from dockerlab.cloud.beanstalk.fleet.instances import Release
from dockerlab.cloud.beanstalk.fleet.site import Site
from dockerlab.cloud.beanstalk.options import Settings
from dockerlab.cloud.beanstalk.records import Health
from dockerlab.cloud.errors import InvalidParameterValue
from dockerlab.errors import EngineUnavailable
from dockerlab.formats.cloud import Environment

BUSY, CALM, LOST = 0.05, 0.25, 1.0
"""Seconds between two turns: with an operation under way, without, without an engine."""
FAREWELL = 5.0
"""Seconds that ``close`` waits for an engine that does not answer."""
STEADY = 1.5
"""Seconds that a change of health must last to be told."""


class Controller:
    """One environment. The methods may be called by any thread."""

    def __init__(
        self,
        site: Site,
        application: str,
        settings: Settings,
        root: Path,
        *,
        stack: str = "",
        description: str = "",
    ) -> None:
        self.name, self.id, self.application = site.name, site.id, application
        self.stack, self.description = stack, description
        self.created = self.updated = time.time()
        self.settings = settings
        self.status, self.version = "Launching", ""
        self.release: Release | None = None
        self.wanted = settings.minimum
        self.fleet = Fleet(site, settings)
        self.journal = Journal(application, site.name)
        self.deploying = ""
        """The version that an operation under way brings."""
        self._root = root
        self._tending = Tending(self)
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._work: Work | None = None
        self._asked: Work | None = None
        """The operation that is to begin, when the thread has done what it is at."""
        self._abort = self._lost = self._closed = self._ending = False
        self._tried = False
        """Whether there ever was a version; without one an environment is neither well nor ill."""
        self._lost_at = 0.0
        self._health = self._seen = Health(self.name, "Pending", "Grey")
        self._since = 0.0
        self._shown: object = None
        self._thread = threading.Thread(target=self._run, name=f"env-{site.name}", daemon=True)

    # --- what is asked of it ---

    def create(self, version: str, source: Source | None) -> None:
        self._tried, self.deploying = bool(version), version
        self.journal.info("createEnvironment is starting.", version)
        self._note_unused()
        self._work = operations.create(self, version, source)
        self._thread.start()

    def update(
        self,
        version: str,
        source: Source | None,
        settings: Settings,
        description: str | None = None,
    ) -> None:
        def begin() -> Work:
            self._tried, self.deploying = self._tried or bool(version), version
            if description is not None:
                self.description = description
            return operations.update(self, version, source, settings)

        self._begin("Environment update is starting.", version, begin)

    def restart(self) -> None:
        self._begin("restartAppServer is starting.", "", lambda: operations.restart(self))

    def _begin(self, message: str, version: str, work: Callable[[], Work]) -> None:
        with self._lock:
            if self.status != "Ready":
                raise InvalidParameterValue(
                    f"Environment named {self.name} is in an invalid state for this operation. "
                    "Must be Ready."
                )
            self.status, self.updated = "Updating", time.time()
            self.journal.info(message, version)
            self._asked, self._abort = work(), False
        self._wake.set()

    def abort(self) -> None:
        with self._lock:
            if self.status != "Updating":
                raise InvalidParameterValue(
                    f"Environment named {self.name} is in an invalid state for this operation. "
                    "Must be Updating."
                )
            self._abort = True
        self.journal.info("abortEnvironmentUpdate is starting.")
        self._wake.set()

    def terminate(self) -> None:
        with self._lock:
            if self.status in ("Terminating", "Terminated"):
                return
            self.status, self.updated = "Terminating", time.time()
        self.journal.info("terminateEnvironment is starting.")
        self._wake.set()

    def close(self, seconds: float) -> None:
        """Terminate and wait for it; with an engine that does not answer, not for ever."""
        self.terminate()
        end = time.monotonic() + seconds
        while self._thread.is_alive() and time.monotonic() < end:
            self._thread.join(0.1)
            if self._lost:
                end = min(end, self._lost_at + FAREWELL)
        self._closed = True
        self._wake.set()

    # --- what is told of it ---

    @property
    def health(self) -> Health:
        fleet = self.fleet
        traffic = fleet.balancer.traffic
        status = self.status if self._tried else "Launching"
        return condition(self.name, status, fleet.instances, fleet.reached, traffic, self._lost)

    def record(self) -> Environment:
        fleet, health = self.fleet, self.health
        rates = fleet.balancer.traffic.rates()
        return Environment(
            name=self.name,
            id=self.id,
            application=self.application,
            version=self.version,
            status=self.status,
            health=health.colour,
            url=fleet.balancer.url if self.status != "Terminated" else "",
            minimum=self.settings.minimum,
            maximum=self.settings.maximum,
            instances=tuple(one.record(rates.get(one.id, 0.0)) for one in fleet.instances),
            events=self.journal.events,
            requests=sum(rates.values()),
            errors=fleet.balancer.traffic.answers(2.0).get(5, 0) / 2.0,
            stack=self.stack,
            description=self.description,
            created=self.created,
            updated=self.updated,
        )

    # --- for operations ---

    def use(self, settings: Settings) -> None:
        self.settings = self.fleet.settings = settings
        self._tending.use(settings)

    def settle(self) -> None:
        with self._lock:
            if self.status in ("Launching", "Updating"):
                self.status = "Ready"

    def job(self, version: str, source: Source) -> Job:
        def told(severity: str, message: str) -> None:
            self.journal.add(severity, message, version)

        return Job(self.fleet.site, version, source, self._root, told)

    def _note_unused(self) -> None:
        unused = ", ".join(self.settings.unused)
        if unused:
            self.journal.info(f"These settings are taken, but have no effect here: {unused}.")

    # --- the thread ---

    def _run(self) -> None:
        while self.status != "Terminated" and not self._closed:
            self._wake.clear()
            self._wake.wait(self._turn())
        self.fleet.close()
        self.journal.ring()

    def _turn(self) -> float:
        """One look and one step; how long to wait for the next."""
        try:
            self.fleet.observe()
            if self._lost:
                self._found()
            self._step()
        except EngineUnavailable as error:
            self._lose(error)
        except Exception as error:  # a mistake of ours must not leave an environment alone
            traceback.print_exc()
            self._work = None
            self.journal.error(f"Something went wrong inside the cloud: {error!r}")
            self._rest()
        self._tell()
        return LOST if self._lost else BUSY if self._work is not None else CALM

    def _step(self) -> None:
        if self.status == "Terminating" and not self._ending:
            self._drop()
            self._ending = True
            self._work = operations.terminate(self)
        if self.status in ("Ready", "Updating"):
            self._tending.keep_balancer()
        self._take()
        if self._work is not None:
            self._advance(self._work)
        elif self.status == "Ready":
            self._work = self._tending.turn()

    def _take(self) -> None:
        with self._lock:
            if self._work is None and self._asked is not None and self.status != "Terminating":
                self._work, self._asked = self._asked, None
                self.status = "Updating"

    def _advance(self, work: Work) -> None:
        with self._lock:
            # What has not begun cannot clear up after itself.
            abort = self._abort and inspect.getgeneratorstate(work) != inspect.GEN_CREATED
            self._abort = self._abort and not abort
        try:
            if abort:
                work.throw(Aborted())
            else:
                next(work)
        except StopIteration:
            self._done(work)
        except Aborted:
            self._done(work)

    def _done(self, work: Work) -> None:
        with self._lock:
            if self._work is work:
                self._work = None
            self._abort = self._abort and self._asked is not None
        self._rest()

    def _rest(self) -> None:
        with self._lock:
            idle = self._work is None and self._asked is None
        if idle:
            self.deploying = ""
            self.settle()
            if self.status != "Terminated":
                self._ending = False
        self.journal.ring()

    def _drop(self) -> None:
        if self._work is not None:
            self._work.close()
        self._work = self._asked = None

    # --- the engine goes and comes ---

    def _lose(self, error: EngineUnavailable) -> None:
        if self._lost:
            return
        self._lost, self._lost_at = True, time.monotonic()
        under_way = self.status in ("Updating", "Launching")
        self._drop()
        self._ending = False
        self.journal.error(f"The engine does not answer: {error.message}")
        if under_way:
            what = f"The deployment of {self.deploying}" if self.deploying else "The operation"
            self.journal.error(f"{what} was given up.", self.deploying)

    def _found(self) -> None:
        self._lost = False
        self.journal.info("The engine answers again.")
        if self.status != "Terminating":
            self._work = operations.recover(self)

    # --- telling ---

    def _tell(self) -> None:
        health = self.health
        if health.status != self._seen.status:
            self._seen, self._since = health, time.monotonic()
        steady = time.monotonic() - self._since >= STEADY
        if self.status == "Ready" and steady and health.status != self._health.status:
            causes = " ".join(health.causes[:3])
            told = self.journal.info if health.colour == "Green" else self.journal.warn
            told(
                f"Environment health has transitioned from {self._health.status} to "
                f"{health.status}. {causes}".rstrip(),
                self.version,
            )
            self._health = health
        shown = (
            self.status,
            health,
            tuple((i.id, i.state, i.health) for i in self.fleet.instances),
        )
        if shown != self._shown:
            self._shown = shown
            self.journal.ring()


def new_id() -> str:
    """As AWS has them: ``e-`` and ten letters and digits."""
    return f"e-{secrets.token_hex(5)}"
