"""``Beanstalk``: what the API calls; one for a cloud.

All calls may come from any thread, answer at once and change what is there in the background: an
environment's record says ``status`` and ``events`` how far it is.
"""

from __future__ import annotations

import re
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from dockerlab.client.explain import explained
from dockerlab.client.lab import Lab
from dockerlab.cloud.beanstalk import options as settings_of
from dockerlab.cloud.beanstalk.applications import Applications
from dockerlab.cloud.beanstalk.environment.controller import Controller
from dockerlab.cloud.beanstalk.environment.journal import SEVERITIES
from dockerlab.cloud.beanstalk.environment.kept import Source
from dockerlab.cloud.beanstalk.fleet.site import CLOUD, Site, remove_all, remove_image
from dockerlab.cloud.beanstalk.options import Settings
from dockerlab.cloud.beanstalk.records import (
    Application,
    Health,
    Options,
    Resources,
    Sources,
    Version,
)
from dockerlab.cloud.errors import (
    InvalidParameterCombination,
    InvalidParameterValue,
    OperationInProgress,
    SourceUnavailable,
    TooMany,
)
from dockerlab.formats.cloud import Environment, Event, Instance

STACKS = ("64bit Amazon Linux 2023 v4.3.0 running Docker",)
MOST = 20
"""Environments at a time: they share one machine."""
REMEMBERED = 50
"""Environments that are Terminated and still told of."""
CLOSING = 60.0
"""Seconds that the end of all environments may take."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]")


class Beanstalk:
    """Applications, versions and environments on the engine of ``lab``.

    ``root`` is a folder of its own, ``sources`` opens the objects of S3. What a cloud of the same
    root left behind on the engine, because it was killed, is removed at the start.
    """

    def __init__(self, lab: Lab, root: Path, sources: Sources) -> None:
        self._api = lab.api
        self._root = root
        self._sources = sources
        self._register = Applications()
        self._controllers: list[Controller] = []
        self._lock = threading.RLock()
        self.id = self._identity()
        self._sweep()

    def _identity(self) -> str:
        """The same for each cloud of this root, so that one finds what another left."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._root / "id"
        if not file.exists():
            file.write_text(secrets.token_hex(8))
        return file.read_text().strip()

    @explained()
    def _sweep(self) -> None:
        label = f"{CLOUD}={self.id}"
        remove_all(self._api, label)
        for image in self._api.images(filters={"label": label}, quiet=True):
            remove_image(self._api, image, steps=True)
        for left in self._root.glob("bundle-*"):
            shutil.rmtree(left, ignore_errors=True)

    def close(self) -> None:
        """Stop all environments; no container, network or image of theirs stays."""
        with self._lock:
            running = [one for one in self._controllers if one.status != "Terminated"]
        if running:
            with ThreadPoolExecutor(len(running)) as pool:
                list(pool.map(lambda one: one.close(CLOSING), running))
        shutil.rmtree(self._root / "builds", ignore_errors=True)

    # --- applications and versions ---

    def create_application(self, name: str, description: str = "") -> Application:
        """InvalidParameterValue for one that exists."""
        return self._register.add(name, description)

    def update_application(self, name: str, description: str) -> Application:
        return self._register.describe(name, description)

    def applications(self, names: Sequence[str] = ()) -> tuple[Application, ...]:
        """All of them, or those of these names that exist."""
        return self._register.all(names)

    def delete_application(self, name: str, *, terminate: bool = False) -> None:
        """With its versions. OperationInProgress while it has environments, unless ``terminate``
        ends those, too.
        """
        with self._lock:
            running = [one for one in self._running() if one.application == name]
            if running and not terminate:
                raise OperationInProgress(
                    f"Unable to delete application {name} because it has running environments."
                )
            self._register.remove(name)
        for one in running:
            one.terminate()

    def create_version(
        self,
        application: str,
        label: str,
        bucket: str,
        key: str,
        description: str = "",
        *,
        create_application: bool = False,
    ) -> Version:
        """InvalidParameterValue for a label that exists, InvalidParameterCombination for a bundle
        that S3 does not give.
        """
        if create_application and not self._register.all([application]):
            self._register.add(application, "")
        self._register.get(application)
        self._register.free_label(application, label)
        if not bucket or not key:
            raise InvalidParameterCombination("Both S3Bucket and S3Key must be specified.")
        self._find(bucket, key)
        made = Version(application, label, bucket, key, description, time.time())
        return self._register.add_version(made)

    def _find(self, bucket: str, key: str) -> None:
        try:
            self._sources(bucket, key).close()
        except SourceUnavailable as error:
            raise InvalidParameterCombination(
                f"Unable to download from S3 location (Bucket: {bucket}  Key: {key}). "
                f"Reason: {error.message}"
            ) from None

    def versions(self, application: str = "", labels: Sequence[str] = ()) -> tuple[Version, ...]:
        """Newest first; those of one application or of all."""
        return self._register.versions(application, labels)

    def delete_version(self, application: str, label: str) -> Version:
        """OperationInProgress for one that is deployed. The bundle stays in S3."""
        with self._lock:
            for one in self._running():
                if one.application == application and label in (one.version, one.deploying):
                    raise OperationInProgress(
                        f"Unable to delete application version {label} because it is deployed "
                        f"to {one.name}."
                    )
            return self._register.remove_version(application, label)

    # --- environments ---

    def create_environment(
        self,
        application: str,
        name: str,
        version: str = "",
        options: Options | None = None,
        stack: str = "",
        description: str = "",
    ) -> Environment:
        """Launching. InvalidParameterValue for a name in use, an application, a version, a stack or
        an option that does not exist.
        """
        self._register.get(application)
        source = self._source(application, version)
        self._allowed(name, stack)
        self.check_options(options or {})
        with self._lock:
            if any(one.name == name for one in self._running()):
                raise InvalidParameterValue(f"Environment {name} already exists.")
            if len(self._running()) >= MOST:
                raise TooMany(
                    f"There are {MOST} environments already.",
                    code="TooManyEnvironmentsException",
                )
            made = self._controller(application, name, options or {}, stack, description)
            made.create(version, source)
            return made.record()

    def _allowed(self, name: str, stack: str) -> None:
        if not _NAME.fullmatch(name):
            raise InvalidParameterValue(
                f"Value {name} at 'EnvironmentName' failed to satisfy constraint: 4 to 40 letters, "
                "digits and hyphens, and no hyphen at either end."
            )
        if stack and not stack.endswith("running Docker"):
            raise InvalidParameterValue(f"No Solution Stack named '{stack}' found.")

    def _controller(
        self, application: str, name: str, options: Options, stack: str, description: str
    ) -> Controller:
        site = Site(self._api, self.id, name, f"e-{secrets.token_hex(5)}")
        made = Controller(
            site,
            application,
            Settings(options),
            self._root,
            stack=stack or STACKS[0],
            description=description,
        )
        old = [one for one in self._controllers if one.status == "Terminated"]
        for one in old[: max(0, len(old) - REMEMBERED)]:
            self._controllers.remove(one)
        self._controllers.append(made)
        return made

    def _source(self, application: str, version: str) -> Source | None:
        if not version:
            return None
        found = self._register.version(application, version)

        def source() -> BinaryIO:
            return self._sources(found.bucket, found.key)

        return source

    def update_environment(
        self,
        name: str,
        version: str = "",
        options: Options | None = None,
        remove: Sequence[tuple[str, str]] = (),
        description: str | None = None,
    ) -> Environment:
        """Updating: to another version, other options, or both. ``remove`` puts options back to
        their defaults. InvalidParameterValue unless it is Ready.
        """
        found = self._get(name)
        source = self._source(found.application, version)
        settings = found.settings.changed(options or {}, remove)
        self.check_options(settings.options)
        found.update(version, source, settings, description)
        return found.record()

    def abort_update(self, name: str) -> None:
        """Back to the version before. InvalidParameterValue when no update is under way."""
        self._get(name).abort()

    def restart(self, name: str) -> Environment:
        """New instances of the same version in place of those there are."""
        found = self._get(name)
        found.restart()
        return found.record()

    def terminate_environment(self, name: str) -> Environment:
        """Terminating; what is under way is broken off."""
        found = self._get(name)
        found.terminate()
        return found.record()

    def environments(
        self, application: str = "", *, version: str = "", terminated: bool = False
    ) -> tuple[Environment, ...]:
        """Oldest first; ``terminated``: also those that are no more."""
        with self._lock:
            known = [
                one
                for one in self._controllers
                if application in ("", one.application) and version in ("", one.version)
            ]
        return tuple(one.record() for one in known if terminated or one.status != "Terminated")

    def environment(self, name: str) -> Environment:
        """The one of this name or id; the last one, when all of this name are Terminated.

        InvalidParameterValue when there was none.
        """
        return self._named(name).record()

    def wait(self, name: str, seconds: float, *, after: int = 0) -> int:
        """Until there is something new of an environment; a number for ``after`` the next time."""
        return self._named(name).journal.wait(after, seconds)

    def _running(self) -> list[Controller]:
        return [one for one in self._controllers if one.status != "Terminated"]

    def _get(self, name: str) -> Controller:
        """One that is not Terminated."""
        found = self._named(name)
        if found.status == "Terminated":
            raise _unknown(name)
        return found

    def _named(self, name: str) -> Controller:
        with self._lock:
            found = [one for one in self._controllers if name in (one.name, one.id)]
        if not found:
            raise _unknown(name)
        return found[-1]

    # --- what is known of environments ---

    def events(
        self,
        application: str = "",
        environment: str = "",
        *,
        version: str = "",
        severity: str = "TRACE",
        since: float = 0.0,
        until: float = 0.0,
    ) -> tuple[Event, ...]:
        """Newest first, of this severity and worse; ``environment`` is a name or an id."""
        if severity not in SEVERITIES:
            raise InvalidParameterValue(f"There is no severity {severity}.")
        worse = SEVERITIES[SEVERITIES.index(severity) :]
        with self._lock:
            known = [
                one
                for one in self._controllers
                if application in ("", one.application) and environment in ("", one.name, one.id)
            ]
        found = [
            event
            for one in known
            for event in one.journal.events
            if event.severity in worse
            and version in ("", event.version)
            and since <= event.at
            and (not until or event.at <= until)
        ]
        return tuple(sorted(found, key=lambda event: event.at, reverse=True))

    def settings(self, name: str) -> Options:
        """All options of an environment, with the defaults."""
        return settings_of.complete(self._named(name).settings.options)

    def check_options(self, options: Options) -> None:
        """ConfigurationInvalid names the first that is unknown or has no possible value."""
        settings_of.check(options)

    def resources(self, name: str) -> Resources:
        found = self._named(name)
        return Resources(
            environment=found.name,
            balancer=found.fleet.balancer.name,
            network=found.fleet.site.network,
            instances=tuple(one.id for one in found.fleet.instances),
        )

    def health(self, name: str) -> Health:
        return self._named(name).health

    def instances_health(self, name: str) -> tuple[Instance, ...]:
        return self.environment(name).instances

    def stacks(self) -> tuple[str, ...]:
        """The names of the platforms, newest first."""
        return STACKS


def _unknown(name: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"No Environment found for EnvironmentName = '{name}'.")
