"""What the tests of the runtimes share: a small root file system, specs, and how to run them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from dockerlab.engine.run.process import (
    ContainerSpec,
    ExecProcess,
    Process,
    ProcessSpec,
    Rootfs,
    Runtime,
)
from dockerlab.engine.run.shim.logs import Log
from dockerlab.engine.run.shimclient import shim_lives

T = TypeVar("T")

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PASSWD = "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000::/home/web:/bin/sh\n"
GROUP = "root:x:0:\nstaff:x:50:root,web\nweb:x:1000:\n"
_PROCESS_FIELDS = set(ProcessSpec.__dataclass_fields__) - {"args"}


@cache
def busybox() -> Path | None:
    """A static busybox: the system's, or that of its package archive."""
    found = os.environ.get("DOCKERLAB_TEST_BUSYBOX") or shutil.which("busybox")
    if found:
        return Path(found)
    folder = Path(tempfile.gettempdir()) / f"dockerlab-test-busybox-{os.getuid()}"
    binary = folder / "bin" / "busybox"
    if not binary.exists():
        folder.mkdir(exist_ok=True)
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            quiet = {"cwd": folder, "check": True, "capture_output": True, "timeout": 60}
            subprocess.run(["apt-get", "download", "busybox-static"], **quiet)
            package = next(folder.glob("*.deb"))
            subprocess.run(["dpkg", "-x", package.name, "."], **quiet)
    return binary if binary.exists() else None


def make_layer(folder: Path, binary: Path) -> Path:
    """A root file system of busybox with all its commands, two users and a few traps."""
    (folder / "bin").mkdir(parents=True)
    shutil.copy(binary, folder / "bin" / "busybox")
    names = subprocess.run([binary, "--list"], check=True, capture_output=True, text=True)
    for name in set(names.stdout.split()) - {"busybox"}:
        (folder / "bin" / name).symlink_to("busybox")
    for name in ("etc", "root", "tmp", "home/web"):
        (folder / name).mkdir(parents=True)
    (folder / "etc" / "passwd").write_text(PASSWD)
    (folder / "etc" / "group").write_text(GROUP)
    (folder / "escape").symlink_to("../../../../../../tmp")
    (folder / "notes").write_text("not a program\n")
    (folder / "broken").write_text("#!/no/such/interpreter\n")
    (folder / "broken").chmod(0o755)
    return folder


@dataclass
class Box:
    """A runtime and a folder for its containers."""

    root: Path
    layer: Path
    runtime: Runtime
    started: list[Process] = field(default_factory=list)

    def spec(self, *args: str, **options: Any) -> ContainerSpec:
        """A spec whose further options are those of ContainerSpec and ProcessSpec."""
        name = options.pop("id", uuid.uuid4().hex * 2)
        folder = self.root / "containers" / name
        for part in ("upper", "work", "rootfs"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        of_process = {key: options.pop(key) for key in _PROCESS_FIELDS & options.keys()}
        of_process["env"] = (PATH, *of_process.get("env", ()))
        parts = (str(folder / part) for part in ("rootfs", "upper", "work"))
        path, upper, work = parts
        return ContainerSpec(
            id=name,
            directory=str(folder),
            process=ProcessSpec(args=args, **of_process),
            rootfs=Rootfs(path, (str(self.layer),), upper, work),
            **{"hostname": name[:12], **options},
        )

    async def start(self, *args: str, **options: Any) -> Process:
        return await self.start_spec(self.spec(*args, **options))

    async def start_spec(self, spec: ContainerSpec) -> Process:
        process = await self.runtime.start(spec)
        self.started.append(process)
        return process

    async def run(self, *args: str, **options: Any) -> tuple[int, str]:
        """Run to the end: exit code and all output."""
        spec = self.spec(*args, **options)
        exit = await (await self.start_spec(spec)).wait()
        return exit.code, output(spec)

    async def clear(self) -> None:
        """End what a test left."""
        for process in self.started:
            await process.signal(9)
            await asyncio.wait_for(process.wait(), 10)
        await self.runtime.close()


def output(spec: ContainerSpec) -> str:
    entries = Log(f"{spec.directory}/log.jsonl").read()
    return b"".join(entry.data for entry in entries).decode(errors="replace")


async def read_all(descriptor: int) -> bytes:
    """Everything from a pipe or terminal, without blocking the loop; closes it."""

    def read() -> bytes:
        parts = []
        with contextlib.suppress(OSError):  # a terminal's end is EIO
            while part := os.read(descriptor, 1 << 16):
                parts.append(part)
        os.close(descriptor)
        return b"".join(parts)

    return await asyncio.to_thread(read)


async def run_exec(process: Process, *args: str, **options: Any) -> tuple[int, str]:
    """Run a program by exec to its end: exit code and its stdout and stderr."""
    options["env"] = (PATH, *options.get("env", ()))
    program = await process.exec(ProcessSpec(args, **options))
    ends = {program.stdout, program.stderr} - {-1}
    parts = await asyncio.gather(*(read_all(end) for end in sorted(ends)))
    if program.stdin >= 0 and program.stdin not in ends:
        os.close(program.stdin)
    return await program.wait(), b"".join(parts).decode(errors="replace")


async def until(text: str, spec: ContainerSpec, patience: float = 60) -> None:
    """Wait until the container has said it."""
    async with asyncio.timeout(patience):
        while text not in output(spec):
            await asyncio.sleep(0.01)


def go(work: Coroutine[Any, Any, T], patience: float = 60.0) -> T:
    """Run a test's coroutine, at most so long (seconds)."""

    async def limited() -> T:
        async with asyncio.timeout(patience):
            return await work

    return asyncio.run(limited())


def end_shims(containers: Path) -> None:
    """End what a failed test left running."""
    for note in containers.glob("*/shim.json"):
        shim = json.loads(note.read_text())
        if shim_lives(shim):
            os.kill(shim["pid"], signal.SIGTERM)


def close(program: ExecProcess) -> None:
    for end in {program.stdin, program.stdout, program.stderr} - {-1}:
        os.close(end)
