"""What the cloud answers with when it refuses: AWS's code, a message, an HTTP status.

AwsError                         any refusal, to be told to the caller as it is
├── InvalidParameterValue        a name that is not there, a wrong value, a wrong state
├── InvalidParameterCombination  parameters that do not go together, a bundle that S3 does not give
├── OperationInProgress          what is in use cannot be taken away
└── TooMany                      a quota is used up
SourceUnavailable                S3 does not give a bundle (reason), raised by ``sources``
"""

from __future__ import annotations

from dockerlab.errors import DockerlabError


class AwsError(DockerlabError):
    """A request was refused. ``code`` is AWS's name for it, ``status`` the HTTP status."""

    code = "ElasticBeanstalkServiceException"
    status = 400

    def __init__(self, message: str, *, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.code = code or self.code
        self.status = status or self.status


class InvalidParameterValue(AwsError):
    code = "InvalidParameterValue"


class InvalidParameterCombination(AwsError):
    code = "InvalidParameterCombination"


class OperationInProgress(AwsError):
    code = "OperationInProgressFailure"


class TooMany(AwsError):
    """``code`` names what there are too many of: ``TooManyEnvironmentsException``."""

    code = "TooManyApplicationsException"


class SourceUnavailable(DockerlabError):
    """S3 does not give an object; ``message`` is HTTP's phrase: "Not Found", "Forbidden"."""
