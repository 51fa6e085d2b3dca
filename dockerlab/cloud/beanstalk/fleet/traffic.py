"""Requests a second, by instance, as the balancer's log tells them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from dockerlab.client.explain import explained
from dockerlab.errors import DockerlabError

WINDOW = 2.0
"""Seconds that a rate is the mean of."""
LATE = 0.5
"""Seconds that a line may need from the request to us."""
KEPT = 60
SLOT = 0.25
SAMPLES = 200
"""Times kept of each slot, for the median."""


@dataclass(slots=True)
class Slot:
    """The requests of a moment: by (instance, first digit of the answer's code)."""

    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)


class Traffic:
    """Counts what it is told, line by line; asked by anybody."""

    def __init__(self) -> None:
        self._slots: dict[int, Slot] = {}
        self._lock = threading.Lock()

    def count(self, line: str) -> None:
        """``1700000000.123 200 0.004 i-0a1b…``; other lines are passed over."""
        words = line.split()
        try:
            at, code, seconds = float(words[0]), int(words[1]), float(words[2])
            instance = words[3]
        except (ValueError, IndexError):
            return
        with self._lock:
            number = int(at / SLOT)
            slot = self._slots.get(number) or self._new(number)
            slot.counts[instance, code // 100] += 1
            if len(slot.times) < SAMPLES:
                slot.times.append(seconds)

    def _new(self, number: int) -> Slot:
        for old in [one for one in self._slots if one < number - KEPT / SLOT]:
            del self._slots[old]
        return self._slots.setdefault(number, Slot())

    def _recent(self, seconds: float) -> list[Slot]:
        end = time.time() - LATE
        with self._lock:
            numbers = range(int((end - seconds) / SLOT), int(end / SLOT))
            return [self._slots[one] for one in numbers if one in self._slots]

    def counts(self, seconds: float = WINDOW) -> Counter[tuple[str, int]]:
        """By (instance, first digit of the code): the last seconds' requests."""
        total: Counter[tuple[str, int]] = Counter()
        for slot in self._recent(seconds):
            with self._lock:
                total.update(slot.counts)
        return total

    def rates(self, seconds: float = WINDOW) -> dict[str, float]:
        """Requests a second by instance; "-" for those that no instance answered."""
        found: Counter[str] = Counter()
        for (instance, _), number in self.counts(seconds).items():
            found[instance] += number
        return {instance: number / seconds for instance, number in found.items()}

    def answers(self, seconds: float = WINDOW) -> dict[int, int]:
        """How many answers began with 2, 3, 4 and 5."""
        found: Counter[int] = Counter()
        for (_, digit), number in self.counts(seconds).items():
            found[digit] += number
        return dict(found)

    def latency(self, seconds: float = WINDOW) -> float:
        """The median, in seconds; 0 when there was nothing."""
        times = [one for slot in self._recent(seconds) for one in tuple(slot.times)]
        return median(times) if times else 0.0


class Follower:
    """A thread that tells ``Traffic`` what a container prints, until it is closed."""

    def __init__(self, api: Any, container: str, told: Callable[[str], None]) -> None:
        self._api, self._container, self._told = api, container, told
        self._stream: Any = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="balancer-log", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        since = time.time()
        while not self._closed.is_set():
            try:
                with explained():
                    for line in lines(self._open(since)):
                        self._told(line)
            except (DockerlabError, OSError, ValueError, AttributeError):
                pass  # the engine or the container ended, or ``close`` took the stream away
            finally:
                self.end()
            since = time.time()
            self._closed.wait(0.5)

    def _open(self, since: float) -> Iterable[bytes]:
        self._stream = self._api.logs(
            self._container, stdout=True, stderr=False, stream=True, follow=True, since=int(since)
        )
        stream: Iterable[bytes] = self._stream
        return stream

    def close(self) -> None:
        self._closed.set()
        self.end()

    def end(self) -> None:
        """Give the connection back, also in the middle of it."""
        stream = self._stream
        if stream is not None:
            # At its end, docker-py's stream looks for a socket that is not there any more.
            with contextlib.suppress(Exception):
                stream.close()
            stream._response.close()


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (line.decode("ascii", "replace") for line in whole)
        if len(rest) > 65536:
            rest = b""
