"""Platforms, options, tags, and what an account may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dockerlab.cloud.api.accounts import NUMBER
from dockerlab.cloud.api.actions.call import Answer, Call, Tags, pairs
from dockerlab.cloud.beanstalk.options import CATALOGUE
from dockerlab.cloud.errors import AwsError, InvalidParameterValue

Settings = Sequence[Mapping[str, str]]


def stacks(call: Call) -> Answer:
    found = call.beanstalk.stacks()
    details = [{"SolutionStackName": one, "PermittedFileTypes": ["zip"]} for one in found]
    return {"SolutionStacks": found, "SolutionStackDetails": details}


def storage_location(call: Call) -> Answer:
    """The account's bucket for bundles, made when it is asked for."""
    bucket = f"elasticbeanstalk-{call.cloud.region}-{NUMBER}"
    call.cloud.account.ensure_bucket(bucket, call.cloud.region)
    return {"S3Bucket": bucket}


def dns(call: Call, *, CNAMEPrefix: str) -> Answer:
    """No name is to be had: environments are ports of this machine."""
    name = f"{CNAMEPrefix}.{call.cloud.region}.elasticbeanstalk.com"
    return {"Available": False, "FullyQualifiedCNAME": name}


def settings(call: Call, *, ApplicationName: str, EnvironmentName: str = "") -> Answer:
    environment = call.environment(EnvironmentName, "")
    if environment.application != ApplicationName:
        raise InvalidParameterValue(
            f"No Environment found for EnvironmentName = '{EnvironmentName}' "
            f"in ApplicationName = '{ApplicationName}'."
        )
    found = {
        "SolutionStackName": environment.stack or None,
        "ApplicationName": environment.application,
        "EnvironmentName": environment.name,
        "Description": environment.description or None,
        "DeploymentStatus": "deployed" if environment.status == "Ready" else "pending",
        "DateCreated": environment.created,
        "DateUpdated": environment.updated,
        "OptionSettings": [
            {"Namespace": namespace, "OptionName": name, "Value": value}
            for (namespace, name), value in call.beanstalk.settings(environment.id).items()
        ],
    }
    return {"ConfigurationSettings": [found]}


def options(
    call: Call,
    *,
    ApplicationName: str = "",
    EnvironmentName: str = "",
    SolutionStackName: str = "",
    Options: Settings = (),
) -> Answer:
    """All environments have the same, whichever is asked for."""
    asked = pairs(Options)
    found = [
        {
            "Namespace": namespace,
            "Name": name,
            "DefaultValue": option.default,
            "ChangeSeverity": "NoInterruption",
            "UserDefined": False,
            "ValueType": "Scalar",
        }
        for (namespace, name), option in CATALOGUE.items()
        if not asked or (namespace, name) in asked
    ]
    return {"Options": found, "SolutionStackName": SolutionStackName or None}


def validate(
    call: Call, *, ApplicationName: str, EnvironmentName: str = "", OptionSettings: Settings = ()
) -> Answer:
    messages = []
    for (namespace, name), value in pairs(OptionSettings).items():
        try:
            call.beanstalk.check_options({(namespace, name): value})
        except AwsError as error:
            place = {"Namespace": namespace, "OptionName": name}
            messages.append({"Message": error.message, "Severity": "error", **place})
    return {"Messages": messages}


def tags(call: Call, *, ResourceArn: str) -> Answer:
    found = call.cloud.tags.get(ResourceArn, {})
    shown = [{"Key": key, "Value": value} for key, value in found.items()]
    return {"ResourceArn": ResourceArn, "ResourceTags": shown}


def change_tags(
    call: Call, *, ResourceArn: str, TagsToAdd: Tags = (), TagsToRemove: Sequence[str] = ()
) -> Answer:
    found = call.cloud.tags.setdefault(ResourceArn, {})
    for key in TagsToRemove:
        found.pop(key, None)
    found.update({one["Key"]: one["Value"] for one in TagsToAdd})
    return {}


def quotas(call: Call) -> Answer:
    """AWS's own; the machine's memory ends earlier."""
    most = {"Application": 75, "ApplicationVersion": 1000, "Environment": 200}
    return {"ResourceQuotas": {f"{name}Quota": {"Maximum": n} for name, n in most.items()}}
