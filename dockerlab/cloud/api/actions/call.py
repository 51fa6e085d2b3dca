"""One request to Elastic Beanstalk, and what its answer is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dockerlab.cloud.api.accounts import NUMBER, Account
from dockerlab.cloud.api.callers import Caller
from dockerlab.cloud.beanstalk.service import Beanstalk
from dockerlab.cloud.errors import InvalidParameterCombination, InvalidParameterValue
from dockerlab.formats.cloud import Environment

Answer = Mapping[str, Any]
Tags = Sequence[Mapping[str, str]]


@dataclass
class Cloud:
    """What all calls share."""

    beanstalk: Beanstalk
    account: Account
    region: str
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each ARN that has some."""

    def arn(self, rest: str) -> str:
        """``application/shop`` in full."""
        return f"arn:aws:elasticbeanstalk:{self.region}:{NUMBER}:{rest}"

    def tag(self, rest: str, tags: Tags) -> None:
        if tags:
            self.tags[self.arn(rest)] = {one["Key"]: one["Value"] for one in tags}


@dataclass(frozen=True, slots=True)
class Call:
    """``cloud`` is asked by ``caller``."""

    cloud: Cloud
    caller: Caller

    @property
    def beanstalk(self) -> Beanstalk:
        return self.cloud.beanstalk

    def environment(self, name: str, id: str) -> Environment:
        """The one meant by either; InvalidParameter… when there is none, or two different ones."""
        if not (name or id):
            raise InvalidParameterCombination(
                "You must specify either EnvironmentName or EnvironmentId."
            )
        found = self.beanstalk.environment(id or name)
        if name and found.name != name:
            raise InvalidParameterValue(
                f"No Environment found for EnvironmentName = '{name}', EnvironmentId = '{id}'."
            )
        return found


def seconds(moment: Any) -> float:
    """Since the epoch; 0 for no moment."""
    return moment.timestamp() if moment else 0.0


def pairs(settings: Sequence[Mapping[str, str]]) -> dict[tuple[str, str], str]:
    """Option settings as Beanstalk takes them. InvalidParameterValue for one without a name."""
    for one in settings:
        if not (one.get("Namespace") and one.get("OptionName")):
            raise InvalidParameterValue("An option setting needs a Namespace and an OptionName.")
    return {(one["Namespace"], one["OptionName"]): one.get("Value", "") for one in settings}
