"""What ``Beanstalk`` does with applications and their versions."""

from __future__ import annotations

import time
from collections.abc import Sequence

from dockerlab.cloud.beanstalk.environmentcalls import EnvironmentCalls
from dockerlab.cloud.beanstalk.records import Application, Version
from dockerlab.cloud.errors import (
    InvalidParameterCombination,
    OperationInProgress,
    SourceUnavailable,
)


class ApplicationCalls(EnvironmentCalls):
    """The part of ``Beanstalk`` that knows bundles; what is deployed stays."""

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
