"""Who signed a request (AWS's Signature Version 4), and what they may do.

moto does the same for S3, IAM and STS; here it is for what is ours, by the same users and policies.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from werkzeug.datastructures import Headers

from dockerlab.cloud.api.accounts import Account
from dockerlab.cloud.errors import AwsError

SKEW = timedelta(minutes=15)
"""How far the clock of a caller may be off, as on AWS."""

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256\s+Credential=(?P<key>[^/,\s]+)/(?P<day>\d{8})/(?P<region>[^/,\s]+)"
    r"/(?P<service>[^/,\s]+)/aws4_request,\s*SignedHeaders=(?P<signed>[^,\s]+),"
    r"\s*Signature=(?P<signature>[0-9a-f]{64})\s*"
)


class Denied(AwsError):
    """``code`` says why: AccessDenied, InvalidClientTokenId, SignatureDoesNotMatch …"""

    code = "AccessDenied"
    status = 403


@dataclass(frozen=True, slots=True)
class Signature:
    """What the header Authorization says."""

    key: str
    region: str
    service: str
    signed: tuple[str, ...]
    """The names of the headers that were signed, in small letters."""
    signature: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it was signed. ``path`` with its query."""

    method: str
    path: str
    headers: Headers
    body: bytes


def read_signature(headers: Headers) -> Signature:
    """Denied when it is missing or has not the form it should have."""
    given = headers.get("Authorization")
    if not given:
        raise Denied("Request is missing Authentication Token", code="MissingAuthenticationToken")
    found = _AUTHORIZATION.fullmatch(given)
    if found is None:
        raise Denied(
            "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' "
            "parameters of AWS4-HMAC-SHA256.",
            code="IncompleteSignature",
        )
    if not re.fullmatch(r"\d{8}T\d{6}Z", headers.get("X-Amz-Date", "")):
        raise Denied(
            "Authorization header requires existence of a valid 'X-Amz-Date' header.",
            code="IncompleteSignature",
        )
    part = found.groupdict()
    signed = tuple(part["signed"].split(";"))
    return Signature(part["key"], part["region"], part["service"], signed, part["signature"])


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone whose signature is right."""

    arn: str
    id: str
    policies: tuple[Any, ...]

    def may(self, action: str, resource: str) -> bool:
        """``action`` as ``elasticbeanstalk:CreateApplication``, ``resource`` an ARN."""
        return Account.allows(self.policies, action, resource)

    def need(self, action: str, resource: str) -> None:
        """Denied, in AWS's words, unless their policies allow it."""
        if not self.may(action, resource):
            raise Denied(
                f"User: {self.arn} is not authorized to perform: {action} on resource: {resource} "
                f"because no identity-based policy allows the {action} action"
            )


def identify(account: Account, request: Signed) -> Caller:
    """Denied, in AWS's words, for an unknown key, a wrong secret, a signature out of date."""
    signature = read_signature(request.headers)
    holder = account.holder(signature.key, request.headers)
    if holder is None:
        raise Denied(
            "The security token included in the request is invalid.", code="InvalidClientTokenId"
        )
    wanted = _calculate(holder.create_credentials(), signature, request)
    if not hmac.compare_digest(wanted, signature.signature):
        raise Denied(
            "The request signature we calculated does not match the signature you provided. Check "
            "your AWS Secret Access Key and signing method. Consult the service documentation for "
            "details.",
            code="SignatureDoesNotMatch",
        )
    _check_date(request.headers["X-Amz-Date"])
    return Caller(holder.arn, signature.key, tuple(holder.collect_policies()))


def _calculate(credentials: Any, signature: Signature, request: Signed) -> str:
    signed = {k: v for k, v in request.headers.items() if k.lower() in signature.signed}
    again = AWSRequest(request.method, request.path, headers=signed, data=request.body)
    again.context["timestamp"] = request.headers["X-Amz-Date"]
    auth = SigV4Auth(credentials, signature.service, signature.region)
    text: str = auth.signature(auth.string_to_sign(again, auth.canonical_request(again)), again)
    return text


def _check_date(given: str) -> None:
    try:
        signed = datetime.strptime(given, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        signed = datetime.min.replace(tzinfo=UTC)
    now = datetime.now(UTC)
    if abs(now - signed) > SKEW:
        raise Denied(
            f"Signature expired: {given} is more than 15 minutes away from {now:%Y%m%dT%H%M%SZ}",
            code="SignatureDoesNotMatch",
        )
