"""What ``lab`` says about the cloud."""

from __future__ import annotations

from dockerlab.client.cloud.cloud import Cloud
from dockerlab.client.cloud.process import CloudProcess


class CloudCalls:
    """The part of ``Lab`` that has a cloud to deploy to."""

    url: str

    def cloud(self, *, port: int | None = None, region: str = "us-east-1") -> Cloud:
        """The cloud that deploys to this engine: the one that runs, or a new one.

        It goes on when the notebook is closed, until ``stop()``. ``port`` is the first one to try
        and ``region`` what a new one calls itself. CloudUnavailable says why it cannot be had.

        >>> lab.cloud()  # doctest: +SKIP
        <Cloud at http://127.0.0.1:4560 (us-east-1), deploying to unix:///var/run/docker.sock>
        """
        process = CloudProcess(self.url)
        return Cloud(process, process.start(port=port, region=region))
