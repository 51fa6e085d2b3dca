"""The shim around a plain process: an Isolation that isolates nothing, so no privilege is needed.

Everything else is real: spawner, sockets, pipes, log, exit code.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from runtimes import end_shims

from dockerlab.engine.errors import ServerError
from dockerlab.engine.run import proctree
from dockerlab.engine.run.process import (
    ContainerSpec,
    Exit,
    Limits,
    Process,
    ProcessSpec,
    Rootfs,
    StartError,
)
from dockerlab.engine.run.runtimes import SpawningRuntime
from dockerlab.engine.run.shim import isolation, nameserver
from dockerlab.engine.run.shim.isolation import Stdio
from dockerlab.engine.run.shim.logs import Log


class Plain:
    """Processes of the host, as they are."""

    def __init__(self, spec: ContainerSpec, options: dict[str, Any]) -> None:
        self.pid = 0
        self.spec = spec
        self.kept: list[subprocess.Popen[bytes]] = []
        self.sockets: list[tuple[socket.socket, socket.socket]] = []

    def open_terminal(self) -> tuple[int, int]:
        return os.openpty()

    def start(self, spec: ContainerSpec, stdio: Stdio) -> int:
        self.pid = self.enter(spec.process, stdio)
        if spec.id == "crash":
            raise RuntimeError(self.pid)
        return self.pid

    def enter(self, spec: ProcessSpec, stdio: Stdio) -> int:
        if spec.args[0] == "nosuch":
            raise StartError("no such program", 127)
        files = {"stdin": stdio.stdin, "stdout": stdio.stdout, "stderr": stdio.stderr}
        # Kept: a Popen that goes away waits for its process, and the shim would miss the end.
        self.kept.append(subprocess.Popen(spec.args, start_new_session=True, **files))
        return self.kept[-1].pid

    def exit_code(self, pid: int, status: int) -> int:
        return isolation.exit_code(status)

    def signal(self, number: int) -> None:
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def processes(self) -> list[int]:
        return proctree.descendants([self.pid])

    def usage(self) -> dict[str, Any]:
        return {"memory": 1}

    def update(self, limits: Limits) -> None:
        raise OSError(95, "no limits here")

    def oom_killed(self) -> bool:
        return False

    def resolver(self) -> tuple[socket.socket, socket.socket]:
        if not self.sockets:
            if self.spec.id == "2":
                raise OSError(98, "port 53 is taken")
            self.sockets.append(nameserver.open_sockets(0))
        return self.sockets[0]

    def descriptors(self) -> dict[int, Callable[[], None]]:
        return {}

    def root(self) -> str:
        return "/"

    def close(self) -> None:
        pass


class Lab:
    def __init__(self, root: Path) -> None:
        self.root = root
        here = str(Path(__file__).parent)
        code = f"import sys; sys.path.insert(0, {here!r})\nfrom test_shim import Plain\n"
        (root / "plain.py").write_text(code)
        self.runtime = SpawningRuntime(root, "plain:Plain", {})
        self.count = 0

    def spec(self, script: str, **options: Any) -> ContainerSpec:
        self.count += 1
        folder = self.root / str(self.count)
        folder.mkdir()
        process = ProcessSpec(("/bin/sh", "-c", script), **options)
        return ContainerSpec(str(self.count), str(folder), process, Rootfs("/"))

    async def start(self, script: str, **options: Any) -> tuple[Process, ContainerSpec]:
        spec = self.spec(script, **options)
        return await self.runtime.start(spec), spec


def text(spec: ContainerSpec) -> bytes:
    return b"".join(entry.data for entry in Log(f"{spec.directory}/log.jsonl").read())


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    from dockerlab.engine.run import spawnerclient

    # The spawner gets the package's folder only; let it find plain.py as well.
    path = f"{spawnerclient._PACKAGES}:{tmp_path}:{':'.join(p for p in sys.path if p)}"
    monkeypatch.setattr(spawnerclient, "_PACKAGES", path)
    yield Lab(tmp_path)
    end_shims(tmp_path)
    log = tmp_path / "engine.log"
    assert not log.exists() or log.read_text() == ""


def go(lab: Lab, work: Coroutine[Any, Any, None]) -> None:
    async def limited() -> None:
        try:
            await asyncio.wait_for(work, 60)
        finally:
            await lab.runtime.close()

    asyncio.run(limited())


def test_life(lab: Lab) -> None:
    async def work() -> None:
        process, spec = await lab.start("echo out; echo err >&2; exit 3")
        exit = await process.wait()
        assert exit.code == 3
        assert await process.wait() == exit == process.ended
        assert sorted(text(spec).split()) == [b"err", b"out"]
        assert await lab.runtime.adopt(spec.directory) == exit
        assert not Path(spec.directory, "shim.sock").exists()
        assert await process.processes() == []
        await process.signal(9)  # too late, and no error

    go(lab, work())


def test_signals_pause_and_questions(lab: Lab) -> None:
    async def work() -> None:
        process, spec = await lab.start("echo $$; exec sleep 100")
        assert await process.processes() == [process.pid]
        assert await process.usage() == {"memory": 1}
        await process.pause()
        await process.resume()
        with pytest.raises(Exception, match="no limits here"):
            await process.update(Limits(memory=1))
        while not text(spec):
            await asyncio.sleep(0.01)
        await process.signal(15)
        assert (await process.wait()).code == 143
        assert text(spec).split() == [b"%d" % process.pid]

    go(lab, work())


def test_start_that_fails_leaves_no_trace(lab: Lab) -> None:
    async def work() -> None:
        spec = lab.spec("true")
        wrong = ContainerSpec(spec.id, spec.directory, ProcessSpec(("nosuch",)), spec.rootfs)
        with pytest.raises(StartError, match="no such program") as caught:
            await lab.runtime.start(wrong)
        assert caught.value.code == 127
        assert await lab.runtime.adopt(spec.directory) is None
        process = await lab.runtime.start(spec)
        assert (await process.wait()).code == 0

    go(lab, work())


def test_a_shim_that_fails_inside_leaves_nothing_running(lab: Lab) -> None:
    async def work() -> None:
        spec = lab.spec("sleep 60")
        crash = ContainerSpec("crash", spec.directory, spec.process, spec.rootfs)
        with pytest.raises(StartError, match="the shim failed"):
            await lab.runtime.start(crash)

    go(lab, work())
    log = lab.root / "engine.log"
    pid = int(log.read_text().strip().rpartition(" ")[2])
    assert not proctree.alive(pid)
    log.write_text("")


def test_restart_in_the_same_folder(lab: Lab) -> None:
    async def work() -> None:
        spec = lab.spec("echo again; exit 7")
        for _ in range(3):
            process = await lab.runtime.start(spec)
            assert (await process.wait()).code == 7
        assert text(spec) == b"again\n" * 3

    go(lab, work())


def test_adopted_while_it_runs(lab: Lab) -> None:
    async def work() -> None:
        first, spec = await lab.start("read x; echo $x", open_stdin=True)
        found = await lab.runtime.adopt(spec.directory)
        assert not isinstance(found, Exit)
        assert found is not None
        assert (found.pid, found.started_at) == (first.pid, first.started_at)
        await found.write_stdin(b"word\n")
        assert await found.wait() == await first.wait()
        assert text(spec) == b"word\n"

    go(lab, work())


def test_output_is_kept_when_a_listener_has_just_gone(lab: Lab) -> None:
    async def work() -> None:
        process, spec = await lab.start("sleep 0.3; echo late; exec sleep 100")
        folder = Path(spec.directory)
        listener = socket.socket(socket.AF_UNIX)
        listener.connect(str(folder / "shim.sock"))
        listener.sendall(b'{"op": "events"}\n')
        assert listener.recv(1000)
        shim = json.loads((folder / "shim.json").read_text())["pid"]
        os.kill(shim, signal.SIGSTOP)
        listener.close()
        await asyncio.sleep(0.6)  # the output comes and the listener goes while it looks away
        os.kill(shim, signal.SIGCONT)
        for _ in range(100):
            if text(spec):
                break
            await asyncio.sleep(0.05)
        assert text(spec) == b"late\n"
        await process.signal(9)
        await process.wait()

    go(lab, work())


def test_exec(lab: Lab) -> None:
    async def work() -> None:
        process, _ = await lab.start("exec sleep 100")
        program = await process.exec(ProcessSpec(("/bin/sh", "-c", "cat; exit 4"), open_stdin=True))
        os.write(program.stdin, b"hello")
        os.close(program.stdin)
        assert await asyncio.to_thread(os.read, program.stdout, 100) == b"hello"
        assert await program.wait() == 4
        os.close(program.stdout)
        os.close(program.stderr)
        with pytest.raises(StartError, match="no such program"):
            await process.exec(ProcessSpec(("nosuch",)))
        await process.signal(9)
        await process.wait()

    go(lab, work())


def test_daemon_that_keeps_the_output_open_does_not_hold_up_the_exit(lab: Lab) -> None:
    async def work() -> None:
        process, spec = await lab.start("setsid sleep 20 & echo $!; exit 5")
        exit = await process.wait()
        assert exit.code == 5
        os.kill(int(text(spec)), signal.SIGKILL)

    go(lab, work())


def test_terminating_the_shim_ends_the_container_in_order(lab: Lab) -> None:
    async def work() -> None:
        process, spec = await lab.start("exec sleep 100")
        note = json.loads(Path(spec.directory, "shim.json").read_text())
        os.kill(note["pid"], signal.SIGTERM)
        assert (await process.wait()).code == 137

    go(lab, work())


def test_a_folder_that_vanishes_does_not_hide_the_exit(lab: Lab) -> None:
    async def work() -> None:
        process, spec = await lab.start("read x; exit 6", open_stdin=True)
        await process.write_stdin(b"")
        shutil.rmtree(spec.directory)
        await process.close_stdin()
        assert (await process.wait()).code == 6

    go(lab, work())


def test_many_at_once(lab: Lab) -> None:
    async def work() -> None:
        started = await asyncio.gather(*(lab.start(f"echo {n}; exit {n}") for n in range(30)))
        for number, (process, spec) in enumerate(started):
            assert (await process.wait()).code == number
            assert text(spec) == b"%d\n" % number

    go(lab, work())


def test_a_path_longer_than_a_socket_s(lab: Lab) -> None:
    async def work() -> None:
        spec = lab.spec("exec sleep 100")
        folder = Path(spec.directory, "x" * 100, "y" * 100)
        folder.mkdir(parents=True)
        process = await lab.runtime.start(
            ContainerSpec(spec.id, str(folder), spec.process, spec.rootfs)
        )
        assert await process.processes() == [process.pid]
        await process.signal(9)
        assert (await process.wait()).code == 137

    go(lab, work())


def test_what_the_spawner_imports(lab: Lab) -> None:
    """Every container pays for it: no asyncio, no aiohttp, no site-packages."""
    code = (
        "import sys; import dockerlab.engine.run.shim.spawner;"
        "import dockerlab.engine.run.namespaces.namespaces;"
        "heavy = {'asyncio', 'aiohttp', 'ssl', 'subprocess', 'logging', 'pathlib', 'traceback'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    package = Path(__file__).parents[2]
    words = [sys.executable, "-S", "-c", code]
    result = subprocess.run(words, cwd=package, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_it_keeps_the_sockets_of_a_name_server(lab: Lab) -> None:
    async def work() -> None:
        process, spec = await lab.start("sleep 60")
        first = await process.resolver()
        where = first[0].getsockname()
        for sock in first:
            assert not sock.get_inheritable()
            sock.close()
        await lab.runtime.close()  # the next engine gets the same
        found = await lab.runtime.adopt(spec.directory)
        assert not isinstance(found, Exit)
        assert found is not None
        udp, tcp = await found.resolver()
        with udp, tcp:
            assert where == udp.getsockname() == tcp.getsockname()
            assert where[0] == "127.0.0.11"
            assert (udp.type, tcp.type) == (socket.SOCK_DGRAM, socket.SOCK_STREAM)
        await found.signal(signal.SIGKILL)
        await found.wait()
        with pytest.raises(ServerError, match="has ended"):
            await found.resolver()

    go(lab, work())


def test_a_name_server_that_cannot_be(lab: Lab) -> None:
    async def work() -> None:
        await lab.start("true")
        process, _ = await lab.start("sleep 60")
        with pytest.raises(ServerError, match=r"name server: .*port 53 is taken"):
            await process.resolver()
        await process.signal(signal.SIGKILL)

    go(lab, work())
