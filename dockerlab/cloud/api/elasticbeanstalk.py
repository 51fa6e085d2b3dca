"""A request to Elastic Beanstalk: who asks, which action, may they, with which parameters."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from werkzeug.wrappers import Request, Response

from dockerlab.cloud.api.accounts import NUMBER
from dockerlab.cloud.api.actions.call import Call, Cloud
from dockerlab.cloud.api.actions.table import ACTIONS, Action, Resource
from dockerlab.cloud.api.answers import answer
from dockerlab.cloud.api.callers import Denied, Signed, identify, read_signature
from dockerlab.cloud.api.query import values
from dockerlab.cloud.errors import AwsError

NAME = "elasticbeanstalk"


@cache
def service(name: str) -> ServiceModel:
    """botocore's description of a service."""
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


class ElasticBeanstalk:
    """Answers its API; AwsError says why not."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def __call__(self, request: Request) -> Response:
        caller = identify(self._cloud.account, signed(request))
        self._check_region(request)
        operation, given = understood(NAME, request)
        action, resource = _action(operation.name)
        caller.need(f"{NAME}:{operation.name}", resource(self._cloud, given))
        _check_known(operation.name, action, given)
        return answer(operation, action(Call(self._cloud, caller), **given))

    def _check_region(self, request: Request) -> None:
        region = read_signature(request.headers).region
        if region != self._cloud.region:
            raise Denied(
                f"Credential should be scoped to a valid region, not '{region}': "
                f"this cloud is {self._cloud.region}.",
                code="SignatureDoesNotMatch",
            )


def caller_identity(cloud: Cloud, request: Request) -> Response:
    """STS's GetCallerIdentity: moto has no root, and everybody may ask who they are."""
    caller = identify(cloud.account, signed(request))
    found = {"UserId": NUMBER if caller.arn.endswith(":root") else caller.id}
    found |= {"Account": NUMBER, "Arn": caller.arn}
    return answer(service("sts").operation_model("GetCallerIdentity"), found)


def understood(name: str, request: Request) -> tuple[OperationModel, dict[str, Any]]:
    """The action that a service is asked for and its parameters. AwsError when there is no such
    action, or a parameter is missing or wrong.
    """
    request.get_data()  # before it is read as a form: the signature is about the bytes
    model, action = service(name), request.values.get("Action", "")
    if action not in model.operation_names:
        raise AwsError(
            f"Could not find operation {action or '(none)'} for version {model.api_version}",
            code="InvalidAction",
        )
    operation: OperationModel = model.operation_model(action)
    return operation, values(operation.input_shape, request.values)


def signed(request: Request) -> Signed:
    """A request as its sender signed it."""
    path = request.path
    if request.query_string:
        path += "?" + request.query_string.decode("latin-1")
    return Signed(request.method, path, request.headers, request.get_data(parse_form_data=False))


def _action(name: str) -> tuple[Action, Resource]:
    """From our table."""
    if name in ACTIONS:
        return ACTIONS[name]
    raise AwsError(
        f"{NAME}:{name} is not part of the cloud on this machine, which has: "
        + ", ".join(sorted(ACTIONS)),
        code="NotImplemented",
        status=501,
    )


def _check_known(name: str, action: Action, given: Mapping[str, Any]) -> None:
    known = set(inspect.signature(action).parameters)
    unknown = sorted(set(given) - known)
    if unknown:
        raise AwsError(
            f"{name}: {', '.join(unknown)} is not part of the cloud on this machine",
            code="NotImplemented",
            status=501,
        )
