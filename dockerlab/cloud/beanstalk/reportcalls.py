"""What ``Beanstalk`` tells of environments, besides their records."""

from __future__ import annotations

from dockerlab.cloud.beanstalk import options as settings_of
from dockerlab.cloud.beanstalk.environment.journal import SEVERITIES
from dockerlab.cloud.beanstalk.environmentcalls import STACKS, EnvironmentCalls
from dockerlab.cloud.beanstalk.records import Health, Options, Resources
from dockerlab.cloud.errors import InvalidParameterValue
from dockerlab.formats.cloud import Event, Instance


class ReportCalls(EnvironmentCalls):
    """The part of ``Beanstalk`` that changes nothing."""

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
