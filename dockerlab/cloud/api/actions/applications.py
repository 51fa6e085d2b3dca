"""Applications and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dockerlab.cloud.api.actions.call import Answer, Call, Tags
from dockerlab.cloud.beanstalk.records import Application, Version
from dockerlab.cloud.errors import InvalidParameterCombination, InvalidParameterValue


def create(call: Call, *, ApplicationName: str, Description: str = "", Tags: Tags = ()) -> Answer:
    found = call.beanstalk.create_application(ApplicationName, Description)
    call.cloud.tag(f"application/{ApplicationName}", Tags)
    return {"Application": application(call, found)}


def describe(call: Call, *, ApplicationNames: Sequence[str] = ()) -> Answer:
    found = call.beanstalk.applications(ApplicationNames)
    return {"Applications": [application(call, one) for one in found]}


def update(call: Call, *, ApplicationName: str, Description: str = "") -> Answer:
    found = call.beanstalk.update_application(ApplicationName, Description)
    return {"Application": application(call, found)}


def delete(call: Call, *, ApplicationName: str, TerminateEnvByForce: bool = False) -> Answer:
    call.beanstalk.delete_application(ApplicationName, terminate=TerminateEnvByForce)
    return {}


def create_version(
    call: Call,
    *,
    ApplicationName: str,
    VersionLabel: str,
    Description: str = "",
    SourceBundle: Mapping[str, str] | None = None,
    AutoCreateApplication: bool = False,
    Process: bool = False,
    Tags: Tags = (),
) -> Answer:
    """What ``Process`` asks for, a look into the bundle, is done when it is deployed."""
    bucket, key = _source(SourceBundle or {})
    if not call.caller.may("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}"):
        raise InvalidParameterCombination(
            f"Unable to download from S3 location (Bucket: {bucket}  Key: {key}). Reason: Forbidden"
        )
    found = call.beanstalk.create_version(
        ApplicationName,
        VersionLabel,
        bucket,
        key,
        Description,
        create_application=AutoCreateApplication,
    )
    call.cloud.tag(f"applicationversion/{ApplicationName}/{VersionLabel}", Tags)
    return {"ApplicationVersion": version(call, found)}


def describe_versions(
    call: Call,
    *,
    ApplicationName: str = "",
    VersionLabels: Sequence[str] = (),
    MaxRecords: int = 1000,
    NextToken: str = "",
) -> Answer:
    found = call.beanstalk.versions(ApplicationName, VersionLabels)
    shown, token = page(found, MaxRecords, NextToken)
    return {"ApplicationVersions": [version(call, one) for one in shown], "NextToken": token}


def delete_version(
    call: Call, *, ApplicationName: str, VersionLabel: str, DeleteSourceBundle: bool = False
) -> Answer:
    found = call.beanstalk.delete_version(ApplicationName, VersionLabel)
    if DeleteSourceBundle:
        call.cloud.account.delete_object(found.bucket, found.key)
    return {}


def application(call: Call, found: Application) -> Answer:
    """As AWS describes one."""
    return {
        "ApplicationArn": call.cloud.arn(f"application/{found.name}"),
        "ApplicationName": found.name,
        "Description": found.description or None,
        "DateCreated": found.created,
        "DateUpdated": found.updated,
        "Versions": found.versions,
        "ConfigurationTemplates": [],
    }


def version(call: Call, found: Version) -> Answer:
    """As AWS describes one."""
    return {
        "ApplicationVersionArn": call.cloud.arn(
            f"applicationversion/{found.application}/{found.label}"
        ),
        "ApplicationName": found.application,
        "Description": found.description or None,
        "VersionLabel": found.label,
        "SourceBundle": {"S3Bucket": found.bucket, "S3Key": found.key},
        "DateCreated": found.created,
        "DateUpdated": found.created,
        "Status": found.status,
    }


def page(found: Sequence[Any], most: int, token: str) -> tuple[Sequence[Any], str | None]:
    """One page of a list, and what asks for the next. The token is where it begins."""
    if token and not token.isdecimal():
        raise InvalidParameterValue("The NextToken is not valid.")
    begin = int(token or 0)
    end = begin + most
    return found[begin:end], str(end) if end < len(found) else None


def _source(bundle: Mapping[str, str]) -> tuple[str, str]:
    bucket, key = bundle.get("S3Bucket", ""), bundle.get("S3Key", "")
    if not (bucket and key):
        raise InvalidParameterCombination(
            "A version is made from a bundle in S3: SourceBundle needs S3Bucket and S3Key."
        )
    return bucket, key
