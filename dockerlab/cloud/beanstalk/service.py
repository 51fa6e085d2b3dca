"""``Beanstalk``: what the API calls; one for a cloud.

All calls may come from any thread, answer at once and change what is there in the background: an
environment's record says ``status`` and ``events`` how far it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dockerlab.client.lab import Lab
from dockerlab.cloud.beanstalk.records import (
    Application,
    Health,
    Options,
    Resources,
    Sources,
    Version,
)
from dockerlab.formats.cloud import Environment, Event, Instance


class Beanstalk:
    """Applications, versions and environments on the engine of ``lab``.

    ``root`` is a folder of its own, ``sources`` opens the objects of S3. What a cloud of the same
    root left behind on the engine, because it was killed, is removed at the start.
    """

    def __init__(self, lab: Lab, root: Path, sources: Sources) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Stop all environments; no container, network or image of theirs stays."""
        raise NotImplementedError

    # --- applications and versions ---

    def create_application(self, name: str, description: str = "") -> Application:
        """InvalidParameterValue for one that exists."""
        raise NotImplementedError

    def applications(self, names: Sequence[str] = ()) -> tuple[Application, ...]:
        """All of them, or those of these names that exist."""
        raise NotImplementedError

    def delete_application(self, name: str, *, terminate: bool = False) -> None:
        """With its versions. OperationInProgress while it has environments, unless ``terminate``
        ends those, too.
        """
        raise NotImplementedError

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
        raise NotImplementedError

    def versions(self, application: str = "", labels: Sequence[str] = ()) -> tuple[Version, ...]:
        """Newest first; those of one application or of all."""
        raise NotImplementedError

    def delete_version(self, application: str, label: str) -> Version:
        """OperationInProgress for one that is deployed. The bundle stays in S3."""
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

    def abort_update(self, name: str) -> None:
        """Back to the version before. InvalidParameterValue when no update is under way."""
        raise NotImplementedError

    def restart(self, name: str) -> Environment:
        """New instances of the same version in place of those there are."""
        raise NotImplementedError

    def terminate_environment(self, name: str) -> Environment:
        """Terminating; what is under way is broken off."""
        raise NotImplementedError

    def environments(
        self, application: str = "", *, version: str = "", terminated: bool = False
    ) -> tuple[Environment, ...]:
        """Oldest first; ``terminated``: also those that are no more."""
        raise NotImplementedError

    def environment(self, name: str) -> Environment:
        """The one of this name or id; the last one, when all of this name are Terminated.

        InvalidParameterValue when there was none.
        """
        raise NotImplementedError

    def wait(self, name: str, seconds: float, *, after: int = 0) -> int:
        """Until there is something new of an environment; a number for ``after`` the next time."""
        raise NotImplementedError

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
        raise NotImplementedError

    def settings(self, name: str) -> Options:
        """All options of an environment, with the defaults."""
        raise NotImplementedError

    def check_options(self, options: Options) -> None:
        """InvalidParameterValue names the first that is unknown or has no possible value."""
        raise NotImplementedError

    def resources(self, name: str) -> Resources:
        raise NotImplementedError

    def health(self, name: str) -> Health:
        raise NotImplementedError

    def instances_health(self, name: str) -> tuple[Instance, ...]:
        raise NotImplementedError

    def stacks(self) -> tuple[str, ...]:
        """The names of the platforms, newest first."""
        raise NotImplementedError
