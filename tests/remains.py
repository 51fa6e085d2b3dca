"""What containers leave when they have ended; without pytest, for a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from runtimes import Box, end_shims, go

from dockerlab.engine.run import proctree
from dockerlab.engine.run.namespaces import cgroups
from dockerlab.engine.run.runtimes import NamespacesRuntime


def of_200_starts(root: Path, layer: Path) -> tuple[list[str], list[str], str]:
    """What is left of 200 containers on the machine, which files here are open since, the log."""
    box = Box(root, layer, NamespacesRuntime(root))

    async def work() -> tuple[list[str], list[str]]:
        await box.run("true")
        await asyncio.sleep(0.2)
        before = descriptors()
        for _ in range(10):
            specs = [box.spec("sh", "-c", "sleep 100 & exit 3") for _ in range(20)]
            processes = await asyncio.gather(*(box.start_spec(spec) for spec in specs))
            assert {(await process.wait()).code for process in processes} == {3}
        for _ in range(200):
            left, opened = on_the_machine(box), sorted(descriptors() - before)
            if not left and not opened:
                break
            await asyncio.sleep(0.02)
        await box.clear()
        return left, opened

    try:
        left, opened = go(work())
    finally:
        end_shims(root / "containers")
    log = root / "engine.log"
    return left, opened, log.read_text() if log.exists() else ""


def descriptors() -> set[str]:
    """What this process has open, each under its number."""
    found = set()
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):  # the listing's own
            found.add(f"{number} {os.readlink(f'/proc/self/fd/{number}')}")
    return found


def on_the_machine(box: Box) -> list[str]:
    """Shims, mounts and cgroups of the box's containers."""
    ids = os.listdir(box.root / "containers")
    short = {name[:12].encode() for name in ids}
    lines = [proctree.read(f"/proc/{pid}/cmdline") for pid in os.listdir("/proc") if pid.isdigit()]
    shims = [line.decode() for line in lines if set(line.split(b"\0")[1:2]) & short]
    mounts = [m for m in Path("/proc/self/mounts").read_text().splitlines() if str(box.root) in m]
    made = {name for h in cgroups.find() for name in os.listdir(f"{h.base}/{cgroups.PARENT}")}
    return [*shims, *mounts, *(made & set(ids))]
