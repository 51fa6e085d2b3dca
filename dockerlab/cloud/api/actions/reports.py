"""Events and health."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

from dockerlab.cloud.api.actions.applications import page
from dockerlab.cloud.api.actions.call import Answer, Call, seconds
from dockerlab.cloud.api.actions.environments import health_status
from dockerlab.formats.cloud import Event, Instance


def events(
    call: Call,
    *,
    ApplicationName: str = "",
    VersionLabel: str = "",
    EnvironmentId: str = "",
    EnvironmentName: str = "",
    Severity: str = "TRACE",
    StartTime: datetime | None = None,
    EndTime: datetime | None = None,
    MaxRecords: int = 1000,
    NextToken: str = "",
) -> Answer:
    found = call.beanstalk.events(
        ApplicationName,
        EnvironmentId or EnvironmentName,
        version=VersionLabel,
        severity=Severity,
        since=seconds(StartTime),
        until=seconds(EndTime),
    )
    shown, token = page(found, MaxRecords, NextToken)
    return {"Events": [_event(one) for one in shown], "NextToken": token}


def environment_health(
    call: Call,
    *,
    EnvironmentName: str = "",
    EnvironmentId: str = "",
    AttributeNames: Sequence[str] = ("All",),
) -> Answer:
    environment = call.environment(EnvironmentName, EnvironmentId)
    found = call.beanstalk.health(environment.id)
    answers = {f"Status{digit}xx": found.answers.get(digit, 0) for digit in (2, 3, 4, 5)}
    attributes = {
        "Status": environment.status,
        "HealthStatus": found.status,
        "Color": found.colour,
        "Causes": found.causes,
        "ApplicationMetrics": {
            "Duration": round(found.seconds),
            "RequestCount": sum(answers.values()),
            "StatusCodes": answers,
            "Latency": {"P50": found.latency},
        },
        "InstancesHealth": dict(found.instances),
        "RefreshedAt": time.time(),
    }
    shown = {n: v for n, v in attributes.items() if {"All", n} & set(AttributeNames)}
    return {"EnvironmentName": environment.name, **shown}


def instances_health(
    call: Call,
    *,
    EnvironmentName: str = "",
    EnvironmentId: str = "",
    AttributeNames: Sequence[str] = ("All",),
) -> Answer:
    """All of what is known, whichever attributes are asked for."""
    found = call.beanstalk.instances_health(call.environment(EnvironmentName, EnvironmentId).id)
    return {"InstanceHealthList": [_instance(one) for one in found], "RefreshedAt": time.time()}


def _event(found: Event) -> Answer:
    return {
        "EventDate": found.at,
        "Message": found.message,
        "ApplicationName": found.application or None,
        "VersionLabel": found.version or None,
        "EnvironmentName": found.environment or None,
        "Severity": found.severity,
    }


def _instance(found: Instance) -> Answer:
    return {
        "InstanceId": found.id,
        "HealthStatus": health_status(found.health),
        "Color": found.health,
        "Causes": [found.cause] if found.cause else [],
        "LaunchedAt": found.launched,
        "Deployment": {"VersionLabel": found.version},
    }
