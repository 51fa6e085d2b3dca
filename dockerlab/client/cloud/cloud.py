"""``Cloud``, as ``lab.cloud()`` returns it: keys, boto3's clients, environments."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from dockerlab.client.cloud import asking
from dockerlab.client.cloud.following import Following
from dockerlab.client.cloud.process import CloudProcess
from dockerlab.client.wait import Waited
from dockerlab.errors import CloudUnavailable
from dockerlab.formats.cloud import Environment, Load
from dockerlab.formats.cloudprocess import Running


class Keys(NamedTuple):
    """An access key: id and secret. Only the id is shown."""

    id: str
    secret: str

    def __repr__(self) -> str:
        return f"Keys(id={self.id!r}, secret=…)"


Given = tuple[str, str] | Mapping[str, Any]
"""Keys as (id, secret), or as boto3 returns them: ``create_access_key(…)["AccessKey"]``."""


class Cloud:
    """The running cloud; everything in it is asked for as on AWS, by boto3 or the aws command.

    >>> cloud = lab.cloud()  # doctest: +SKIP
    >>> cloud.client("iam").create_user(UserName="ci")  # doctest: +SKIP
    """

    def __init__(self, process: CloudProcess, running: Running) -> None:
        self._process = process
        self._running = running

    @property
    def endpoint(self) -> str:
        """What ``--endpoint-url`` and AWS_ENDPOINT_URL take; on AWS it is left out."""
        return self._running.endpoint

    @property
    def region(self) -> str:
        return self._running.region

    @property
    def root_keys(self) -> Keys:
        """Those of the account's owner, who may do everything."""
        return Keys(self._running.key, self._running.secret)

    def client(self, service: str, keys: Given | None = None) -> Any:
        """boto3's client of ``s3``, ``iam``, ``sts`` or ``elasticbeanstalk``; root's by default.

        >>> cloud.client("s3", keys).list_buckets()  # doctest: +SKIP
        """
        # Large, and an extra: the rest of the course does without.
        try:
            import boto3
            from botocore.config import Config
        except ImportError as error:
            raise CloudUnavailable(
                f"the Python package boto3 is missing ({error})", "pip install 'dockerlab[cloud]'"
            ) from error
        pair = self._pair(keys)
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=pair.id,
            aws_secret_access_key=pair.secret,
            # A proxy of the user's does not know this machine's own addresses.
            config=Config(proxies={}, connect_timeout=10, read_timeout=60),
        )

    def variables(self, keys: Given | None = None) -> dict[str, str]:
        """The environment variables by which AWS's tools find this cloud; root's by default."""
        pair = self._pair(keys)
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_ACCESS_KEY_ID": pair.id,
            "AWS_SECRET_ACCESS_KEY": pair.secret,
        }

    def environment(self, name: str) -> Environment:
        """An environment with its instances, load and events. DockerlabError when there is none."""
        return asking.environment(self._running, name)[1]

    def environments(self) -> tuple[Environment, ...]:
        """All that are not Terminated."""
        return asking.environments(self._running)

    def wait(self, name: str, timeout: float = 120.0) -> Environment:
        """Until nothing is under way any more: Ready or Terminated. Waited after ``timeout`` s."""
        end = time.monotonic() + timeout
        number, found = asking.environment(self._running, name)
        while found.status not in ("Ready", "Terminated"):
            left = end - time.monotonic()
            if left <= 0:
                raise Waited(
                    f"{name} is still {found.status} after {timeout:g} seconds",
                    found.events[-1].message if found.events else "its events say what it is at",
                )
            number, found = asking.environment(
                self._running, name, after=number, seconds=min(left, 5.0)
            )
        return found

    def follow(self, name: str) -> Following:
        """An environment as it changes, for a view or a loop."""
        return Following(self._running, name, lambda: self._process.find() == self._running)

    def load(
        self,
        url: str,
        rate: float = 200,
        seconds: float = 10,
        *,
        progress: Callable[[Load], None] | None = None,
    ) -> Load:
        """Send ``rate`` requests a second to a page for so long; what came of them.

        >>> cloud.load(cloud.environment("shop-env").url, rate=50)  # doctest: +SKIP
        """
        # It brings aiohttp along: 0.4 s, which no other connection to an engine is to wait for.
        from dockerlab.client.cloud.load import load

        return load(url, rate, seconds, progress=progress)

    def stop(self) -> None:
        """End it with all that is in it; nothing of it stays. CloudUnavailable if something does:
        the engine does not answer.
        """
        self._process.stop()

    def _pair(self, keys: Given | None) -> Keys:
        if keys is None:
            return self.root_keys
        if isinstance(keys, Mapping):
            return Keys(keys["AccessKeyId"], keys["SecretAccessKey"])
        return Keys(*keys)

    def __repr__(self) -> str:
        return (
            f"<Cloud at {self.endpoint} ({self.region}), deploying to {self._running.engine}>\n"
            "S3, IAM, STS and Elastic Beanstalk on this machine, for boto3 and the aws command.\n"
            "cloud.stop() ends it, and nothing of it stays."
        )
