"""What ``Beanstalk`` does with environments."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from dockerlab.cloud.beanstalk import options as settings_of
from dockerlab.cloud.beanstalk.applications import Applications
from dockerlab.cloud.beanstalk.environment.controller import Controller
from dockerlab.cloud.beanstalk.environment.kept import Source
from dockerlab.cloud.beanstalk.fleet.site import Site
from dockerlab.cloud.beanstalk.options import Settings
from dockerlab.cloud.beanstalk.records import Options, Sources
from dockerlab.cloud.errors import InvalidParameterValue, TooMany
from dockerlab.formats.cloud import Environment

STACKS = ("64bit Amazon Linux 2023 v4.3.0 running Docker",)
MOST = 20
"""Environments at a time: they share one machine."""
REMEMBERED = 50
"""Environments that are Terminated and still told of."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,38}[A-Za-z0-9]")


class EnvironmentCalls:
    """The part of ``Beanstalk`` that makes, changes and ends environments."""

    id: str
    _api: Any
    _root: Path
    _sources: Sources
    _register: Applications
    _controllers: list[Controller]
    _lock: threading.RLock

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
        settings_of.check(options or {})
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
        settings_of.check(settings.options)
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


def _unknown(name: str) -> InvalidParameterValue:
    return InvalidParameterValue(f"No Environment found for EnvironmentName = '{name}'.")
