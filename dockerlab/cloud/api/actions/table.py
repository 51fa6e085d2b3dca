"""The table of actions: name, function, and which resource the caller has to have a right to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dockerlab.cloud.api.actions import applications, environments, platforms, reports
from dockerlab.cloud.api.actions.call import Answer, Cloud

Action = Callable[..., Answer]
Resource = Callable[[Cloud, Mapping[str, Any]], str]


def anything(cloud: Cloud, given: Mapping[str, Any]) -> str:
    return "*"


def application(cloud: Cloud, given: Mapping[str, Any]) -> str:
    name = given.get("ApplicationName")
    return cloud.arn(f"application/{name}") if name else "*"


def version(cloud: Cloud, given: Mapping[str, Any]) -> str:
    name, label = given.get("ApplicationName"), given.get("VersionLabel")
    return cloud.arn(f"applicationversion/{name}/{label}")


def environment(cloud: Cloud, given: Mapping[str, Any]) -> str:
    """Of one that is not there yet by its name and its application, of others as they are."""
    name = given.get("EnvironmentName") or given.get("EnvironmentId")
    owner = given.get("ApplicationName")
    for one in cloud.beanstalk.environments():
        if name in (one.name, one.id):
            name, owner = one.name, one.application
    return cloud.arn(f"environment/{owner or '*'}/{name}") if name else "*"


def tagged(cloud: Cloud, given: Mapping[str, Any]) -> str:
    return str(given.get("ResourceArn") or "*")


ACTIONS: Mapping[str, tuple[Action, Resource]] = {
    "CreateApplication": (applications.create, application),
    "DescribeApplications": (applications.describe, anything),
    "UpdateApplication": (applications.update, application),
    "DeleteApplication": (applications.delete, application),
    "CreateApplicationVersion": (applications.create_version, version),
    "DescribeApplicationVersions": (applications.describe_versions, application),
    "DeleteApplicationVersion": (applications.delete_version, version),
    "CreateEnvironment": (environments.create, environment),
    "DescribeEnvironments": (environments.describe, application),
    "UpdateEnvironment": (environments.update, environment),
    "TerminateEnvironment": (environments.terminate, environment),
    "AbortEnvironmentUpdate": (environments.abort, environment),
    "RestartAppServer": (environments.restart, environment),
    "DescribeEnvironmentResources": (environments.resources, environment),
    "DescribeEvents": (reports.events, environment),
    "DescribeEnvironmentHealth": (reports.environment_health, environment),
    "DescribeInstancesHealth": (reports.instances_health, environment),
    "DescribeConfigurationSettings": (platforms.settings, environment),
    "DescribeConfigurationOptions": (platforms.options, environment),
    "ValidateConfigurationSettings": (platforms.validate, environment),
    "ListAvailableSolutionStacks": (platforms.stacks, anything),
    "CreateStorageLocation": (platforms.storage_location, anything),
    "CheckDNSAvailability": (platforms.dns, anything),
    "ListTagsForResource": (platforms.tags, tagged),
    "UpdateTagsForResource": (platforms.change_tags, tagged),
    "DescribeAccountAttributes": (platforms.quotas, anything),
}
