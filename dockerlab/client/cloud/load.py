"""Requests at a steady rate, whatever the answers do: as users send them.

A tool that waits for an answer before it asks again slows down together with a server in trouble,
and then shows none. Here each request is sent when its time has come.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable
from statistics import median

import aiohttp

from dockerlab.errors import CommandError
from dockerlab.formats.cloud import Load

HEADER = "X-Instance-Id"
"""The balancer's: which instance answered."""
PATIENCE = 10.0
"""Seconds after which a request counts as failed."""
MOST = 5000
"""Requests a second; and answers waited for at a time."""


def load(
    url: str,
    rate: float = 200,
    seconds: float = 10,
    *,
    progress: Callable[[Load], None] | None = None,
) -> Load:
    """Send ``rate`` GET requests a second to a page; what came of them, with times in ms.

    Failed are those without an answer in 10 seconds, and answers that say so (HTTP 5xx). While it
    runs, ``progress`` is called about twice a second. A connection that the server closes between
    two requests is opened again, as any client does.

    >>> load(env.url, rate=50, seconds=2).failed  # doctest: +SKIP
    0
    """
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"{url!r} is no address of a page", "give one such as env.url")
    if not 0 < rate <= MOST or not 0 < seconds <= 3600:
        raise CommandError(
            f"{rate:g} requests a second for {seconds:g} seconds cannot be sent",
            f"up to {MOST} a second and 3600 seconds can",
        )
    sending = _Sending(url, rate, seconds, progress)
    # In a thread, because a notebook has a loop of its own in this one.
    thread = threading.Thread(target=lambda: asyncio.run(sending.run()), name="load", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.1)
    finally:
        sending.stopped = True
    if sending.error is not None:
        raise sending.error
    return sending.record()


class _Sending:
    """One load: requests on their way, and what came of the others."""

    def __init__(
        self, url: str, rate: float, seconds: float, progress: Callable[[Load], None] | None
    ) -> None:
        self._url, self._rate, self._seconds, self._progress = url, rate, seconds, progress
        self._times: list[float] = []
        self._instances: Counter[str] = Counter()
        self._sent = self._failed = 0
        self._began = time.monotonic()
        self._took = 0.0
        self.stopped = False
        self.error: Exception | None = None

    async def run(self) -> None:
        try:
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
                await self._send_all(session)
        except Exception as error:  # told in the thread that asked
            self.error = error

    async def _send_all(self, session: aiohttp.ClientSession) -> None:
        self._began = told = time.monotonic()
        waiting: set[asyncio.Task[None]] = set()
        while (now := time.monotonic()) < self._began + self._seconds and not self.stopped:
            while self._sent < (now - self._began) * self._rate and len(waiting) < MOST:
                self._sent += 1
                task = asyncio.create_task(self._ask(session))
                waiting.add(task)
                task.add_done_callback(waiting.discard)
            if self._progress is not None and now - told >= 0.5:
                told = now
                self._progress(self.record())
            due = self._began + self._sent / self._rate
            await asyncio.sleep(max(0.0, min(due - time.monotonic(), 0.1)))
        self._took = time.monotonic() - self._began
        if waiting and not self.stopped:
            await asyncio.wait(waiting)

    async def _ask(self, session: aiohttp.ClientSession) -> None:
        began = time.monotonic()
        try:
            async with session.get(self._url, allow_redirects=False) as response:
                await response.read()
                failed = response.status >= 500
                instance = response.headers.get(HEADER, "")
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._failed += 1
            return
        self._failed += failed
        self._times.append((time.monotonic() - began) * 1000)
        if instance:
            self._instances[instance] += 1

    def record(self) -> Load:
        times = tuple(self._times)
        return Load(
            sent=self._sent,
            failed=self._failed,
            seconds=self._took or time.monotonic() - self._began,
            median=median(times) if times else 0.0,
            slowest=max(times, default=0.0),
            instances=tuple(sorted(Counter(self._instances).items())),
        )
