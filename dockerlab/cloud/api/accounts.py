"""The account of this cloud, as moto keeps it: root, users with their policies, buckets.

moto's insides are met here and nowhere else, which is why its minor release is pinned. moto keeps
all in memory, objects in files that have no name; so they end with the process.
"""

from __future__ import annotations

import io
import os
import secrets
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

# Read when moto is imported. Pages of other sites have no business here: no CORS.
os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"

from botocore.credentials import Credentials
from moto import settings
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam import access_control
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.exceptions import MissingBucket
from moto.s3.models import S3Backend, s3_backends

from dockerlab.cloud.errors import SourceUnavailable

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
"""A WSGI application."""

NUMBER: str = DEFAULT_ACCOUNT_ID
"""The account's number: the one of AWS's documentation."""

_EVERYTHING = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)


@dataclass(frozen=True, slots=True)
class Keys:
    """An access key: its id, which may be seen, and its secret, which may not."""

    id: str
    secret: str


def new_keys() -> Keys:
    """Random ones, which look like AWS's."""
    capitals = string.ascii_uppercase + "234567"
    letters = string.ascii_letters + string.digits + "/+"
    identity = "AKIA" + "".join(secrets.choice(capitals) for _ in range(16))
    return Keys(identity, "".join(secrets.choice(letters) for _ in range(40)))


class Root:
    """The account's owner, who is no user and may do everything. Its methods are moto's."""

    arn = f"arn:aws:iam::{NUMBER}:root"

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def create_credentials(self) -> Credentials:
        return Credentials(self._keys.id, self._keys.secret)

    def collect_policies(self) -> list[dict[str, str]]:
        return [{"policy_document": _EVERYTHING}]


class Account:
    """One for a process: moto's state is the process's."""

    def __init__(self, root: Keys) -> None:
        self.root = root
        self._find = access_control.create_access_key
        # moto takes whoever has a key for a user or a role, and has no root.
        access_control.create_access_key = self._holder
        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
        _load_policies()

    def _holder(self, account_id: str, partition: str, access_key_id: str, headers: Any) -> Any:
        if access_key_id == self.root.id:
            return Root(self.root)
        return self._find(account_id, partition, access_key_id, headers)

    def holder(self, key: str, headers: Any) -> Any:
        """Whose key this is: ``arn``, ``create_credentials()``, ``collect_policies()``; or None."""
        try:
            return self._holder(NUMBER, "aws", key, headers)
        except access_control.CreateAccessKeyFailure:
            return None

    @staticmethod
    def allows(policies: Iterable[Any], action: str, resource: str) -> bool:
        """Whether one of these policies allows it and none denies it."""
        results = {
            access_control.IAMPolicy(one).is_action_permitted(action, resource) for one in policies
        }
        kinds = access_control.PermissionResult
        return kinds.PERMITTED in results and kinds.DENIED not in results

    @staticmethod
    def application(service: str) -> Application:
        """moto's WSGI application for ``s3``, ``iam`` or ``sts``."""
        found: Application = create_backend_app(service)
        return found

    # --- S3 ---

    def open(self, bucket: str, key: str) -> BinaryIO:
        """An object's content. SourceUnavailable when there is none."""
        try:
            found = _s3().get_object(bucket, key)
        except MissingBucket:
            found = None
        if found is None:
            raise SourceUnavailable("Not Found")
        return io.BytesIO(found.value)

    def ensure_bucket(self, name: str, region: str) -> None:
        """Make it unless it exists."""
        if name not in _s3().buckets:
            _s3().create_bucket(name, region)

    def delete_object(self, bucket: str, key: str) -> None:
        """Whether it exists or not."""
        if bucket in _s3().buckets:
            _s3().delete_object(bucket, key)

    def stored(self) -> int:
        """How many bytes all buckets hold, unfinished uploads with them."""
        return sum(_sizes())

    def uploaded(self, bucket: str, upload: str) -> int:
        """How many bytes an unfinished upload has brought so far."""
        found = _s3().buckets.get(bucket)
        parts = found.multiparts.get(upload) if found else None
        return sum(part.size for part in list(parts.parts.values())) if parts else 0


def _load_policies() -> None:
    """AWS's own 1,500. The four other partitions (China …) would each take as long again."""
    setting = "MOTO_IAM_LOAD_MANAGED_POLICIES"
    os.environ[setting] = "true"
    assert iam_backends[NUMBER]["aws"].managed_policies
    os.environ[setting] = "false"


def _s3() -> S3Backend:
    return s3_backends[NUMBER]["aws"]


def _sizes() -> Iterator[int]:
    for bucket in list(_s3().buckets.values()):
        for name in list(bucket.keys):
            # Deleted versions leave a marker, which has no size.
            yield from (getattr(one, "size", 0) for one in bucket.keys.getlist(name, []))
        for upload in list(bucket.multiparts.values()):
            yield from (part.size for part in list(upload.parts.values()))
