"""The WSGI application: which service is a request for?

As with AWS's tools against any ``--endpoint-url``, the service is named in what was signed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request

from dockerlab.cloud.api import bodies
from dockerlab.cloud.api.actions.call import Cloud
from dockerlab.cloud.api.answers import refusal
from dockerlab.cloud.api.callers import Denied, read_signature
from dockerlab.cloud.api.control import PREFIX, Control
from dockerlab.cloud.api.elasticbeanstalk import NAME, ElasticBeanstalk, caller_identity, understood
from dockerlab.cloud.errors import AwsError

log = logging.getLogger("dockerlab.cloud")

Environ = dict[str, Any]
Start = Callable[..., Any]
OF_MOTO = ("s3", "iam", "sts")


class Front:
    """Sends each request where it belongs; ``folder`` is where bodies wait."""

    def __init__(self, cloud: Cloud, control: Control, folder: Path) -> None:
        self._cloud = cloud
        self._control = control
        self._folder = folder
        self._beanstalk = ElasticBeanstalk(cloud)
        self._moto = {name: cloud.account.application(name) for name in OF_MOTO}
        self._storing = threading.Lock()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        service = "s3"  # what AWS's tools leave unsigned is for S3
        try:
            request = Request(environ)
            if request.path.startswith(PREFIX):
                return self._control(request)(environ, start)
            if "Authorization" in request.headers:
                service = read_signature(request.headers).service
            return self._answer(service, environ, start)
        except AwsError as error:
            return refusal(error, service)(environ, start)
        except NotImplementedError as error:  # moto's, for an action that it has not
            missing = AwsError(str(error), code="NotImplemented", status=501)
            return refusal(missing, service)(environ, start)
        except Exception:
            log.exception("%s %s", environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
            failure = AwsError("An internal error occurred.", code="InternalFailure", status=500)
            return refusal(failure, service)(environ, start)

    def _answer(self, service: str, environ: Environ, start: Start) -> Iterable[bytes]:
        with bodies.spooled(environ, bodies.limit(service), self._folder) as length:
            request = Request(environ)
            _check_signed(request, service)
            if service == NAME:
                return self._beanstalk(request)(environ, start)
            if service == "s3" and request.method in ("PUT", "POST"):
                return self._store(request, length, start)
            if service != "s3":
                # moto stumbles over what is missing, and says that the fault is its own.
                operation, _ = understood(service, request)
                if operation.name == "GetCallerIdentity":
                    return caller_identity(self._cloud, request)(environ, start)
            environ["wsgi.input"].seek(0)
            return self._moto[service](environ, start)

    def _store(self, request: Request, length: int, start: Start) -> Iterable[bytes]:
        """One object after the other: moto has each in memory for a moment."""
        account = self._cloud.account
        bucket = request.path.split("/")[1]
        with self._storing:
            brought = account.uploaded(bucket, request.args.get("uploadId", ""))
            bodies.check_length(brought + length, bodies.LARGEST)
            bodies.check_room(account.stored() + length)
            return self._moto["s3"](request.environ, start)


def _check_signed(request: Request, service: str) -> None:
    """Nobody gets past without a signature; moto looks whether it is right."""
    if service not in (*OF_MOTO, NAME):
        raise AwsError(
            f"{service} is not part of the cloud on this machine, which has: "
            + ", ".join((*OF_MOTO, NAME)),
            code="NotImplemented",
            status=501,
        )
    if service != "s3":
        read_signature(request.headers)
    elif "X-Amz-Signature" in request.args or "Signature" in request.args:
        raise AwsError("Presigned addresses are not part of the cloud on this machine.",
                       code="NotImplemented", status=501)  # fmt: skip
    elif "Authorization" not in request.headers:
        raise Denied("Access Denied")
