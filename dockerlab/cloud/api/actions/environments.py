"""Environments: made, changed, ended, told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from dockerlab.cloud.api.actions.applications import page
from dockerlab.cloud.api.actions.call import Answer, Call, Tags, pairs, seconds
from dockerlab.cloud.beanstalk.records import Resources
from dockerlab.cloud.errors import InvalidParameterCombination, InvalidParameterValue
from dockerlab.formats.cloud import Environment

Settings = Sequence[Mapping[str, str]]
_TIER = {"Name": "WebServer", "Type": "Standard", "Version": "1.0"}
_HEALTH_STATUS = {"Green": "Ok", "Yellow": "Warning", "Red": "Severe", "Grey": "Pending"}


def create(
    call: Call,
    *,
    ApplicationName: str,
    EnvironmentName: str = "",
    Description: str = "",
    Tier: Mapping[str, str] | None = None,
    VersionLabel: str = "",
    SolutionStackName: str = "",
    OptionSettings: Settings = (),
    Tags: Tags = (),
) -> Answer:
    if not EnvironmentName:
        raise InvalidParameterCombination("You must specify EnvironmentName.")
    _check_tier(Tier)
    found = call.beanstalk.create_environment(
        ApplicationName,
        EnvironmentName,
        VersionLabel,
        pairs(OptionSettings),
        SolutionStackName,
        Description,
    )
    call.cloud.tag(f"environment/{ApplicationName}/{EnvironmentName}", Tags)
    return environment(call, found)


def describe(
    call: Call,
    *,
    ApplicationName: str = "",
    VersionLabel: str = "",
    EnvironmentIds: Sequence[str] = (),
    EnvironmentNames: Sequence[str] = (),
    IncludeDeleted: bool = False,
    IncludedDeletedBackTo: datetime | None = None,
    MaxRecords: int = 1000,
    NextToken: str = "",
) -> Answer:
    found = [
        one
        for one in call.beanstalk.environments(
            ApplicationName, version=VersionLabel, terminated=IncludeDeleted
        )
        if (not EnvironmentIds or one.id in EnvironmentIds)
        and (not EnvironmentNames or one.name in EnvironmentNames)
        and (one.status != "Terminated" or one.updated >= seconds(IncludedDeletedBackTo))
    ]
    shown, token = page(found, MaxRecords, NextToken)
    return {"Environments": [environment(call, one) for one in shown], "NextToken": token}


def update(
    call: Call,
    *,
    ApplicationName: str = "",
    EnvironmentId: str = "",
    EnvironmentName: str = "",
    Description: str | None = None,
    Tier: Mapping[str, str] | None = None,
    VersionLabel: str = "",
    SolutionStackName: str = "",
    OptionSettings: Settings = (),
    OptionsToRemove: Settings = (),
) -> Answer:
    found = call.environment(EnvironmentName, EnvironmentId)
    _check_tier(Tier)
    if ApplicationName and found.application != ApplicationName:
        raise InvalidParameterValue(
            f"No Environment found for EnvironmentName = '{found.name}' "
            f"in ApplicationName = '{ApplicationName}'."
        )
    if SolutionStackName and found.stack != SolutionStackName:
        raise InvalidParameterValue("The platform of an environment stays as it is here.")
    removed = list(pairs(OptionsToRemove))
    options = pairs(OptionSettings)
    return environment(
        call,
        call.beanstalk.update_environment(found.id, VersionLabel, options, removed, Description),
    )


def terminate(
    call: Call,
    *,
    EnvironmentId: str = "",
    EnvironmentName: str = "",
    TerminateResources: bool = True,
    ForceTerminate: bool = False,
) -> Answer:
    """Always with its resources, and whether or not others use it: there are no others here."""
    if not TerminateResources:
        raise InvalidParameterValue("TerminateResources: an environment's containers go with it.")
    found = call.environment(EnvironmentName, EnvironmentId)
    return environment(call, call.beanstalk.terminate_environment(found.id))


def abort(call: Call, *, EnvironmentId: str = "", EnvironmentName: str = "") -> Answer:
    call.beanstalk.abort_update(call.environment(EnvironmentName, EnvironmentId).id)
    return {}


def restart(call: Call, *, EnvironmentId: str = "", EnvironmentName: str = "") -> Answer:
    call.beanstalk.restart(call.environment(EnvironmentName, EnvironmentId).id)
    return {}


def resources(call: Call, *, EnvironmentId: str = "", EnvironmentName: str = "") -> Answer:
    found = call.beanstalk.resources(call.environment(EnvironmentName, EnvironmentId).id)
    return {"EnvironmentResources": _resources(found)}


def environment(call: Call, found: Environment) -> Answer:
    """As AWS describes one. Its address is a port of this machine's, where AWS has a name."""
    where = urlsplit(found.url).netloc
    return {
        "EnvironmentName": found.name,
        "EnvironmentId": found.id,
        "ApplicationName": found.application,
        "VersionLabel": found.version or None,
        "SolutionStackName": found.stack or None,
        "Description": found.description or None,
        "EndpointURL": where or None,
        "CNAME": where or None,
        "DateCreated": found.created,
        "DateUpdated": found.updated,
        "Status": found.status,
        "AbortableOperationInProgress": found.status == "Updating",
        "Health": found.health,
        "HealthStatus": health_status(found.health),
        "Tier": _TIER,
        "EnvironmentLinks": [],
        "EnvironmentArn": call.cloud.arn(f"environment/{found.application}/{found.name}"),
    }


def health_status(colour: str) -> str:
    """The word of enhanced health reporting for a colour."""
    return _HEALTH_STATUS.get(colour, "Unknown")


def _resources(found: Resources) -> Answer:
    return {
        "EnvironmentName": found.environment,
        "AutoScalingGroups": [],
        "Instances": [{"Id": one} for one in found.instances],
        "LaunchConfigurations": [],
        "LaunchTemplates": [],
        "LoadBalancers": [{"Name": found.balancer}] if found.balancer else [],
        "Triggers": [],
        "Queues": [],
    }


def _check_tier(tier: Mapping[str, str] | None) -> None:
    if tier and tier.get("Name", "WebServer") != "WebServer":
        raise InvalidParameterValue(f"Tier: {tier['Name']} is not to be had here; WebServer is.")
