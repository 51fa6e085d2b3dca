"""Blocking work that is waited for even by callers who are cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from dockerlab.engine.threads import to_its_end


def test_result_and_error() -> None:
    assert asyncio.run(to_its_end(int, "7")) == 7
    with pytest.raises(ValueError, match="x"):
        asyncio.run(to_its_end(int, "x"))


def test_a_cancelled_caller_waits_for_the_end() -> None:
    done: list[str] = []

    def work() -> None:
        time.sleep(0.1)
        done.append("work")

    async def cancel() -> None:
        task = asyncio.create_task(to_its_end(work))
        await asyncio.sleep(0.02)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
        done.append("caller")

    asyncio.run(cancel())
    assert done == ["work", "caller"]
