"""The option settings that an environment has, by AWS's names; an unknown one is refused by name.

Scaling on AWS counts in minutes. So that the same settings can be watched at work here, a minute of
theirs lasts as long as ``dockerlab:clock SecondsPerMinute`` says: one second, unless set otherwise.
Where a default is not AWS's, ``CATALOGUE`` says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dockerlab.cloud.beanstalk.records import Options
from dockerlab.cloud.errors import AwsError

ENVIRONMENT = "aws:elasticbeanstalk:application:environment"
GROUP = "aws:autoscaling:asg"
TRIGGER = "aws:autoscaling:trigger"
LAUNCH = "aws:autoscaling:launchconfiguration"
KIND = "aws:elasticbeanstalk:environment"
PROCESS = "aws:elasticbeanstalk:environment:process:default"
COMMAND = "aws:elasticbeanstalk:command"
BALANCER = "dockerlab:balancer"
CLOCK = "dockerlab:clock"

MOST = 10
"""Instances: they share one machine."""

Check = Callable[[str], str]
"""What is wrong with a value; empty when nothing is."""


class ConfigurationInvalid(AwsError):
    code = "ConfigurationValidationException"


@dataclass(frozen=True, slots=True)
class Option:
    default: str
    check: Check
    used: bool = True
    """False: known, so that settings written for AWS are taken, but without any effect here."""


def number(low: float, high: float) -> Check:
    def check(value: str) -> str:
        try:
            given = float(value)
        except ValueError:
            return "Value is not a number"
        inside = math.isfinite(given) and low <= given <= high
        return "" if inside else f"Value must be between {low:g} and {high:g}"

    return check


def whole(low: int, high: int) -> Check:
    within = number(low, high)

    def check(value: str) -> str:
        if not re.fullmatch(r"-?[0-9]{1,10}", value):
            return "Value is not an integer"
        return within(value)

    return check


def one_of(*values: str) -> Check:
    def check(value: str) -> str:
        return "" if value in values else f"Value is not one of the allowed values: {list(values)}"

    return check


def like(pattern: str, form: str) -> Check:
    def check(value: str) -> str:
        return "" if re.fullmatch(pattern, value) else f"Value must be {form}"

    return check


def anything(value: str) -> str:
    return "" if len(value) <= 1000 else "Value is longer than 1000 characters"


PATH = like(r"|/[\x21-\x7e]{0,500}", "a path, such as /health")
CODES = like(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?){0,20}", "codes, such as 200 or 200-399,404")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:/+\\@-]{0,127}")

CATALOGUE: Mapping[tuple[str, str], Option] = {
    (GROUP, "MinSize"): Option("1", whole(1, MOST)),
    (GROUP, "MaxSize"): Option("4", whole(1, MOST)),
    (GROUP, "Cooldown"): Option("360", whole(0, 10000)),
    # AWS measures NetworkOut unless told otherwise; requests are what a learner sends.
    (TRIGGER, "MeasureName"): Option("RequestCount", one_of("RequestCount", "Latency")),
    (TRIGGER, "Statistic"): Option("Average", one_of("Average", "Sum")),
    (TRIGGER, "Unit"): Option("Count/Second", one_of("Count/Second", "Count", "Seconds")),
    (TRIGGER, "Period"): Option("1", whole(1, 600)),
    (TRIGGER, "EvaluationPeriods"): Option("1", whole(1, 600)),
    (TRIGGER, "BreachDuration"): Option("5", whole(1, 600)),
    (TRIGGER, "UpperThreshold"): Option("50", number(0, 1e9)),
    (TRIGGER, "UpperBreachScaleIncrement"): Option("1", whole(0, MOST)),
    (TRIGGER, "LowerThreshold"): Option("10", number(0, 1e9)),
    (TRIGGER, "LowerBreachScaleIncrement"): Option("-1", whole(-MOST, 0)),
    (KIND, "EnvironmentType"): Option("LoadBalanced", one_of("LoadBalanced", "SingleInstance")),
    (KIND, "LoadBalancerType"): Option("application", one_of("application")),
    (KIND, "ServiceRole"): Option("", anything, used=False),
    (PROCESS, "HealthCheckPath"): Option("/", PATH),
    (PROCESS, "HealthCheckInterval"): Option("15", whole(5, 300)),
    (PROCESS, "HealthCheckTimeout"): Option("5", whole(1, 60)),
    (PROCESS, "HealthyThresholdCount"): Option("3", whole(1, 10)),
    (PROCESS, "UnhealthyThresholdCount"): Option("5", whole(1, 10)),
    (PROCESS, "MatcherHTTPCode"): Option("200", CODES),
    (PROCESS, "DeregistrationDelay"): Option("20", whole(0, 3600)),
    (COMMAND, "Timeout"): Option("600", whole(1, 3600)),
    # AWS takes all instances out at once unless told otherwise.
    (COMMAND, "DeploymentPolicy"): Option(
        "RollingWithAdditionalBatch", one_of("RollingWithAdditionalBatch", "Immutable")
    ),
    (COMMAND, "BatchSizeType"): Option("Percentage", one_of("Percentage", "Fixed")),
    (COMMAND, "BatchSize"): Option("100", whole(1, 10000)),
    (LAUNCH, "IamInstanceProfile"): Option("", anything, used=False),
    (LAUNCH, "InstanceType"): Option("", anything, used=False),
    (LAUNCH, "EC2KeyName"): Option("", anything, used=False),
    (LAUNCH, "SecurityGroups"): Option("", anything, used=False),
    ("aws:ec2:instances", "InstanceTypes"): Option("", anything, used=False),
    ("aws:elasticbeanstalk:healthreporting:system", "SystemType"): Option(
        "enhanced", one_of("enhanced", "basic")
    ),
    (BALANCER, "Port"): Option("0", whole(0, 65535)),
    (CLOCK, "SecondsPerMinute"): Option("1", number(0.1, 60)),
}


def check(options: Options) -> None:
    """ConfigurationInvalid, in AWS's words, for the first setting that cannot be."""
    for (namespace, name), value in options.items():
        at = f"(Namespace: '{namespace}', OptionName: '{name}')"
        option = CATALOGUE.get((namespace, name))
        if namespace == ENVIRONMENT:
            wrong = "" if NAME.fullmatch(name) and "\0" not in value else "not a variable's name"
        elif option is None:
            raise _invalid(f"Invalid option specification {at}: Unknown configuration setting.")
        else:
            wrong = option.check(value)
        if wrong:
            raise _invalid(f"Invalid option value: '{value[:200]}' {at}: {wrong}.")
    _together(Settings(options))


def _together(settings: Settings) -> None:
    if settings.minimum > settings.maximum:
        raise _invalid(
            f"MinSize ({settings.minimum}) must not be greater than MaxSize ({settings.maximum})."
        )
    if settings.decimal(TRIGGER, "LowerThreshold") > settings.decimal(TRIGGER, "UpperThreshold"):
        raise _invalid("LowerThreshold must not be greater than UpperThreshold.")


def _invalid(message: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(f"Configuration validation exception: {message}")


def complete(options: Options) -> Options:
    """With the defaults of what is not set."""
    return {key: option.default for key, option in CATALOGUE.items()} | dict(options)


class Settings:
    """Checked options, as numbers and seconds."""

    def __init__(self, options: Options) -> None:
        self.options = dict(options)
        self._all = complete(options)

    def text(self, namespace: str, name: str) -> str:
        return self._all[namespace, name]

    def decimal(self, namespace: str, name: str) -> float:
        return float(self._all[namespace, name])

    def whole(self, namespace: str, name: str) -> int:
        return int(self._all[namespace, name])

    def seconds(self, minutes: float) -> float:
        """How long minutes of AWS's options last here."""
        return minutes * self.decimal(CLOCK, "SecondsPerMinute")

    def changed(self, options: Options, remove: Iterable[tuple[str, str]] = ()) -> Settings:
        kept = {key: value for key, value in self.options.items() if key not in set(remove)}
        return Settings(kept | dict(options))

    @property
    def variables(self) -> dict[str, str]:
        """What the containers find in their environment."""
        return {
            name: value for (space, name), value in self.options.items() if space == ENVIRONMENT
        }

    @property
    def unused(self) -> tuple[str, ...]:
        known = ((key, CATALOGUE.get(key)) for key in self.options)
        return tuple(name for (_, name), option in known if option is not None and not option.used)

    @property
    def single(self) -> bool:
        return self.text(KIND, "EnvironmentType") == "SingleInstance"

    @property
    def minimum(self) -> int:
        return 1 if self.single else self.whole(GROUP, "MinSize")

    @property
    def maximum(self) -> int:
        return 1 if self.single else self.whole(GROUP, "MaxSize")

    @property
    def port(self) -> int:
        """Where the balancer shall be on the host; 0 for the first that is free."""
        return self.whole(BALANCER, "Port")

    def batch(self, instances: int) -> int:
        """How many instances of so many are replaced at a time."""
        size = self.whole(COMMAND, "BatchSize")
        if self.text(COMMAND, "DeploymentPolicy") == "Immutable":
            return max(1, instances)
        if self.text(COMMAND, "BatchSizeType") == "Percentage":
            size = math.ceil(instances * min(size, 100) / 100)
        return max(1, min(size, instances))

    def accepts(self, status: int) -> bool:
        """Whether a health check may be answered with this code."""
        for part in self.text(PROCESS, "MatcherHTTPCode").split(","):
            low, _, high = part.partition("-")
            if int(low) <= status <= int(high or low):
                return True
        return False
