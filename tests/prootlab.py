"""Containers under PRoot for tests: an ordinary user, the real shim, the machine's own /usr."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dockerlab.engine.run import kernel
from dockerlab.engine.run.process import (
    ContainerSpec,
    Exit,
    Interface,
    Mount,
    Network,
    Process,
    ProcessSpec,
)
from dockerlab.engine.run.proot import landlock, seccomp
from dockerlab.engine.run.prootruntime import ProotRuntime
from dockerlab.engine.run.shim.logs import Log
from dockerlab.engine.run.tools import find_proot
from dockerlab.engine.store.rootfs import Rootfs

ORDINARY = 12345
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

needs_proot = pytest.mark.skipif(
    find_proot() is None or not seccomp.supported(), reason="PRoot is not here (or not x86-64)"
)


Test = Callable[["Lab"], Awaitable[None]]


@dataclass
class Box:
    """One running container."""

    process: Process
    spec: ContainerSpec

    @property
    def rootfs(self) -> Path:
        return Path(self.spec.rootfs.path)

    async def wait(self, seconds: float = 60) -> Exit:
        return await asyncio.wait_for(self.process.wait(), seconds)

    def output(self, stream: str = "stdout") -> str:
        log = Log(f"{self.spec.directory}/log.jsonl")
        return b"".join(
            e.data for e in log.read(stdout=stream == "stdout", stderr=stream != "stdout")
        ).decode()

    async def says(self, text: str, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while text not in self.output() + self.output("stderr"):
            assert time.monotonic() < end, (
                f"{text!r} not in {self.output()!r}, {self.output('stderr')!r}"
            )
            await asyncio.sleep(0.01)

    async def exec(self, *args: str, **more: Any) -> tuple[int, str]:
        """Exit code and output (both streams)."""
        spec = ProcessSpec(args, env=(PATH,), **more)
        program = await self.process.exec(spec)
        loop = asyncio.get_running_loop()
        out = await loop.run_in_executor(None, _read_all, program.stdout)
        err = await loop.run_in_executor(None, _read_all, program.stderr)
        return await asyncio.wait_for(program.wait(), 20), (out + err).decode()


def _read_all(descriptor: int) -> bytes:
    if descriptor < 0:
        return b""
    with open(descriptor, "rb") as file:
        return file.read()


@dataclass
class Lab:
    """A folder as the engine's, and the containers in it."""

    root: Path
    runtime: ProotRuntime
    place: str
    """``machine``, or ``pod``: where namespaces, Landlock and others' sockets are denied."""
    boxes: list[Box] = field(default_factory=list)
    world: dict[str, Any] = field(default_factory=dict)

    @property
    def walled(self) -> bool:
        """Whether the kernel keeps containers in their folders."""
        return landlock.version() > 0

    def spec(
        self, args: tuple[str, ...], address: str = "", network: str = "a", **more: Any
    ) -> ContainerSpec:
        id = os.urandom(32).hex()
        folder = self.root / "containers" / id
        rootfs = folder / "rootfs"
        build_rootfs(rootfs)
        process = {k: more.pop(k) for k in ("user", "cwd", "tty", "open_stdin") if k in more}
        env = (PATH, *more.pop("env", ()))
        mounts = (Mount("bind", "/usr", "/usr", True), *more.pop("mounts", ()))
        if address:
            card = Interface("eth0", "docker0", network, f"{address}/16", "", "")
            more["network"] = Network("bridge", (card,), resolver=more.pop("resolver", False))
            self.world[id] = {"addresses": {network: f"{address}/16"}}
            (self.root / "run" / "world.json").write_text(json.dumps(self.world))
        return ContainerSpec(
            id, str(folder), ProcessSpec(args, env=env, **process), Rootfs(str(rootfs)),
            hostname=id[:12], mounts=mounts, **more,
        )  # fmt: skip

    async def start(self, *args: str, **more: Any) -> Box:
        spec = self.spec(args, **more)
        box = Box(await self.runtime.start(spec), spec)
        self.boxes.append(box)
        return box

    async def run(self, *args: str, **more: Any) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a container that ends by itself."""
        box = await self.start(*args, **more)
        code = (await box.wait()).code
        return code, box.output(), box.output("stderr")

    async def close(self) -> None:
        for box in self.boxes:
            if box.process.ended is None:
                await box.process.resume()
                await box.process.signal(9)
                await box.wait()
        await self.runtime.close()


def build_rootfs(path: Path) -> None:
    for name in ("etc", "tmp", "root", "usr", "proc", "dev", "sys"):
        (path / name).mkdir(parents=True)
    (path / "tmp").chmod(0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        (path / name).symlink_to(f"usr/{name}")
    (path / "etc" / "passwd").write_text("root:x:0:0::/root:/bin/sh\nweb:x:1000:1000::/:/bin/sh\n")
    (path / "etc" / "group").write_text("root:x:0:\nweb:x:1000:\n")


def in_lab(test: Test) -> Callable[..., None]:
    """Run the test as an ordinary user, in a process of its own, with a Lab in each place."""

    @needs_proot
    @pytest.mark.parametrize("place", ["machine", "pod"])
    @functools.wraps(test)
    def wrapped(place: str) -> None:
        folder = Path(tempfile.mkdtemp(prefix="dlproot-"))
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _be_ordinary(test, folder, place, writer)
        os.close(writer)
        with open(reader, "rb") as file:
            failure = file.read().decode()
        os.waitpid(child, 0)
        shutil.rmtree(folder, ignore_errors=True)
        if failure:
            pytest.fail(failure, pytrace=False)

    del wrapped.__wrapped__  # type: ignore[attr-defined]  # pytest would ask for its arguments
    return wrapped


def _be_ordinary(test: Test, folder: Path, place: str, writer: int) -> None:
    try:
        if os.getuid() == 0:
            os.chown(folder, ORDINARY, ORDINARY)
            os.setgroups([])
            os.setresgid(ORDINARY, ORDINARY, ORDINARY)
            os.setresuid(ORDINARY, ORDINARY, ORDINARY)
        if place == "pod":
            kernel.no_new_privileges()
            kernel.install_filter(seccomp.like_a_pod())
        asyncio.run(_run(test, folder, place))
    except BaseException:
        os.write(writer, traceback.format_exc().encode())
    os.close(writer)
    sys.stdout.flush()
    os._exit(0)


async def _run(test: Test, folder: Path, place: str) -> None:
    (folder / "run").mkdir()
    lab = Lab(folder, ProotRuntime(folder), place)
    try:
        await asyncio.wait_for(test(lab), 60)
    except BaseException:
        print((folder / "engine.log").read_text() if (folder / "engine.log").exists() else "")
        raise
    finally:
        await lab.close()
