"""Errors of the engine; api/router.py turns each into Docker's status and ``{"message": …}``.

The class is the status, the message is Docker's own sentence wherever a client reads it.
"""

from __future__ import annotations

from dockerlab.errors import DockerlabError


class APIError(DockerlabError):
    """A request cannot be carried out; ``status`` is the HTTP status that says so."""

    status = 500


class NotModified(APIError):
    """Nothing to do: already started, already stopped."""

    status = 304


class BadParameter(APIError):
    """The request itself is wrong."""

    status = 400


class Forbidden(APIError):
    """The engine refuses this kind of thing altogether."""

    status = 403


class NotFound(APIError):
    """No such object."""

    status = 404


class Conflict(APIError):
    """The object's state does not allow it."""

    status = 409


class ServerError(APIError):
    """It should have worked and did not."""

    status = 500


class NotImplementedHere(APIError):
    """Docker Engine can do this, the embedded engine can not (it says so by name)."""

    status = 501


class StoreFull(ServerError):
    """No space left on the disk; nothing half-written was kept."""

    status = 507
