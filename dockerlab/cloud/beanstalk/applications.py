"""Applications and their versions: what is known of them, without anything that runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from dockerlab.cloud.beanstalk.records import Application, Version
from dockerlab.cloud.errors import InvalidParameterValue, TooMany

MOST_APPLICATIONS, MOST_VERSIONS = 75, 1000
"""AWS's quotas."""


class Applications:
    """A register; every method may be called by any thread."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._applications: dict[str, Application] = {}
        self._versions: dict[tuple[str, str], Version] = {}

    # --- applications ---

    def add(self, name: str, description: str) -> Application:
        with self._lock:
            if name in self._applications:
                raise InvalidParameterValue(f"Application {name} already exists.")
            if not 1 <= len(name) <= 100 or "/" in name:
                raise InvalidParameterValue(
                    "An application's name has 1 to 100 characters, none of them a slash."
                )
            if len(self._applications) >= MOST_APPLICATIONS:
                raise TooMany(f"There are {MOST_APPLICATIONS} applications already.")
            now = time.time()
            self._applications[name] = Application(name, description, now, now)
            return self._applications[name]

    def describe(self, name: str, description: str) -> Application:
        with self._lock:
            found = replace(self.get(name), description=description, updated=time.time())
            self._applications[name] = replace(found, versions=())
            return found

    def get(self, name: str) -> Application:
        with self._lock:
            if name not in self._applications:
                raise InvalidParameterValue(f"No Application named '{name}' found.")
            labels = tuple(one.label for one in self.versions(name))
            return replace(self._applications[name], versions=labels)

    def all(self, names: Sequence[str]) -> tuple[Application, ...]:
        with self._lock:
            wanted = [one for one in self._applications if not names or one in names]
            return tuple(map(self.get, wanted))

    def remove(self, name: str) -> None:
        with self._lock:
            for key in [key for key in self._versions if key[0] == name]:
                del self._versions[key]
            self._applications.pop(name, None)

    # --- versions ---

    def add_version(self, version: Version) -> Version:
        with self._lock:
            self.get(version.application)
            key = version.application, version.label
            self.free_label(*key)
            if len(self._versions) >= MOST_VERSIONS:
                raise TooMany(
                    f"There are {MOST_VERSIONS} application versions already.",
                    code="TooManyApplicationVersionsException",
                )
            self._versions[key] = version
            return version

    def free_label(self, application: str, label: str) -> None:
        """InvalidParameterValue unless a new version may be called so."""
        if (application, label) in self._versions:
            raise InvalidParameterValue(f"Application Version {label} already exists.")
        if not 1 <= len(label) <= 100 or "/" in label or not label.isprintable():
            raise InvalidParameterValue(
                "A version's label has 1 to 100 characters, none of them a slash."
            )

    def version(self, application: str, label: str) -> Version:
        with self._lock:
            if (application, label) not in self._versions:
                raise InvalidParameterValue(f"No Application Version named '{label}' found.")
            return self._versions[application, label]

    def versions(self, application: str = "", labels: Sequence[str] = ()) -> tuple[Version, ...]:
        with self._lock:
            return tuple(
                one
                for one in reversed(self._versions.values())
                if application in ("", one.application) and (not labels or one.label in labels)
            )

    def remove_version(self, application: str, label: str) -> Version:
        with self._lock:
            found = self.version(application, label)
            del self._versions[application, label]
            return found
