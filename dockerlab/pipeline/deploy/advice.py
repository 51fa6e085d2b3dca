"""AWS's errors in its own words, each with a sentence on what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dockerlab.pipeline.deploy.target import DeployFailed, Target

_UNKNOWN_KEY = "AWS knows no such access key id: is the right one in the CI's settings?"
_BUSY = "the environment is busy with something else: try again when it is Ready"
_BY_CODE = {
    **dict.fromkeys(
        ("InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException"), _UNKNOWN_KEY
    ),
    "SignatureDoesNotMatch": (
        "the secret key does not belong to that access key id: copy it into the settings again"
    ),
    **dict.fromkeys(
        ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"),
        "the key is good, but its user may not do this: attach the policy "
        "AdministratorAccess-AWSElasticBeanstalk to the user, in IAM",
    ),
    "InsufficientPrivilegesException": (
        "the user may not read or write the bucket: attach the policy "
        "AdministratorAccess-AWSElasticBeanstalk to the user, in IAM"
    ),
    "NoSuchBucket": (
        "look at bucket_name: the bucket that Beanstalk made is called "
        "elasticbeanstalk-REGION-ACCOUNT"
    ),
    "ExpiredToken": "the keys were for a while only, which is over: get new ones",
    "OperationInProgress": _BUSY,
}
_BY_WORDS = {
    "No Environment found": (
        "look at the environment's name, letter by letter; it must have been created before"
    ),
    "No Application named": (
        "look at the application's name, letter by letter; it must have been created before"
    ),
    "Must be Ready": _BUSY,
    "already exists": "every version needs a label of its own: one with the commit's id, say",
    "Unable to download": "look at bucket_name and bucket_path: the zip is not there",
}


@contextmanager
def explained(target: Target) -> Iterator[None]:
    """Turn what boto3 raises into DeployFailed."""
    from botocore import exceptions as aws

    try:
        yield
    except aws.ClientError as error:
        raise refused(error) from error
    except (aws.EndpointConnectionError, aws.ConnectionError, aws.HTTPClientError) as error:
        where = target.endpoint or f"AWS in {target.region}"
        raise DeployFailed(
            f"nothing answers at {where}",
            "start the cloud: lab.cloud()" if target.endpoint else "is there a network?",
        ) from error
    except (aws.BotoCoreError, ValueError) as error:
        raise DeployFailed(str(error), "look at region and keys in the CI's file") from error


def refused(error: Any) -> DeployFailed:
    """An answer of AWS's that says no."""
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    by_words = next((hint for words, hint in _BY_WORDS.items() if words in message), "")
    action = f"{error.operation_name}: " if getattr(error, "operation_name", "") else ""
    return DeployFailed(f"{action}{code}: {message}", by_words or _BY_CODE.get(code, ""))
