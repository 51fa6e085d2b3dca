"""``Beanstalk``: what the API calls; one for a cloud.

All calls may come from any thread, answer at once and change what is there in the background: an
environment's record says ``status`` and ``events`` how far it is.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from dockerlab.client.explain import explained
from dockerlab.client.lab import Lab
from dockerlab.cloud.beanstalk.applicationcalls import ApplicationCalls
from dockerlab.cloud.beanstalk.applications import Applications
from dockerlab.cloud.beanstalk.environment.controller import Controller
from dockerlab.cloud.beanstalk.fleet.site import CLOUD, remove_all, remove_image
from dockerlab.cloud.beanstalk.records import Sources
from dockerlab.cloud.beanstalk.reportcalls import ReportCalls

CLOSING = 60.0
"""Seconds that the end of all environments may take."""


class Beanstalk(ApplicationCalls, ReportCalls):
    """Applications, versions and environments on the engine of ``lab``.

    ``root`` is a folder of its own, ``sources`` opens the objects of S3. What a cloud of the same
    root left behind on the engine, because it was killed, is removed at the start.
    """

    def __init__(self, lab: Lab, root: Path, sources: Sources) -> None:
        self._api = lab.api
        self._root = root
        self._sources = sources
        self._register = Applications()
        self._controllers: list[Controller] = []
        self._lock = threading.RLock()
        self.id = self._identity()
        self._sweep()

    def _identity(self) -> str:
        """The same for each cloud of this root, so that one finds what another left."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._root / "id"
        if not file.exists():
            file.write_text(secrets.token_hex(8))
        return file.read_text().strip()

    @explained()
    def _sweep(self) -> None:
        label = f"{CLOUD}={self.id}"
        remove_all(self._api, label)
        for image in self._api.images(filters={"label": label}, quiet=True):
            remove_image(self._api, image, steps=True)
        for left in self._root.glob("bundle-*"):
            shutil.rmtree(left, ignore_errors=True)

    def close(self) -> None:
        """Stop all environments; no container, network or image of theirs stays."""
        with self._lock:
            running = [one for one in self._controllers if one.status != "Terminated"]
        if running:
            with ThreadPoolExecutor(len(running)) as pool:
                list(pool.map(lambda one: one.close(CLOSING), running))
        shutil.rmtree(self._root / "builds", ignore_errors=True)
