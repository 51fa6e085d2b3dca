"""What the course's own client asks, as JSON: environments with their instances, loads and events.

AWS has no single request for that. Whoever knows root's secret may ask.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from werkzeug.wrappers import Request, Response

from dockerlab.cloud.beanstalk.service import Beanstalk
from dockerlab.cloud.errors import AwsError

PREFIX = "/_dockerlab/"
"""No bucket can have this name."""
LONGEST = 30.0
"""Seconds that a request may wait for news."""


class Control:
    """Answers what is below ``PREFIX``."""

    def __init__(self, beanstalk: Beanstalk, secret: str) -> None:
        self._beanstalk = beanstalk
        self._secret = secret

    def __call__(self, request: Request) -> Response:
        token = request.headers.get("Authorization", "").encode()
        if not hmac.compare_digest(token, f"Bearer {self._secret}".encode()):
            return _json({"message": "the secret of root's key is needed here"}, 403)
        match request.path.removeprefix(PREFIX).split("/"):
            case ["environments"]:
                return _json([asdict(one) for one in self._beanstalk.environments()])
            case ["environments", name]:
                return self._environment(name, request.args)
        return _json({"message": f"there is no {request.path}"}, 404)

    def _environment(self, name: str, asked: Mapping[str, str]) -> Response:
        """With ``after`` and ``seconds``: as soon as there is news since ``after``."""
        try:
            seconds = min(float(asked.get("seconds", 0)), LONGEST)
            number = self._beanstalk.wait(name, seconds, after=int(asked.get("after", 0)))
            found = asdict(self._beanstalk.environment(name))
        except ValueError as error:
            return _json({"message": str(error)}, 400)
        except AwsError as error:
            return _json({"code": error.code, "message": error.message}, 404)
        return _json({"number": number, "environment": found})


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")
