"""The life of containers over small fakes of the runtime, the network and the store.

What really runs is tested in tests/contract; here it is about states, events, restarts, and what
is on disk when the engine comes back.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dockerlab.engine.containers import container as records
from dockerlab.engine.containers import lifecycle, restart
from dockerlab.engine.containers.commit import Wish
from dockerlab.engine.containers.containers import Containers
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import (
    BadParameter,
    Conflict,
    NotFound,
    NotModified,
    ServerError,
    StoreFull,
)
from dockerlab.engine.events import Events
from dockerlab.engine.net.dns.forwarder import Forwarder
from dockerlab.engine.net.dns.server import Resolvers
from dockerlab.engine.net.dns.ways import Ways
from dockerlab.engine.net.networks import Networks
from dockerlab.engine.net.ports import Ports
from dockerlab.engine.net.relay import Source
from dockerlab.engine.run.process import ContainerSpec, Exit, StartError
from dockerlab.engine.store.rootfs import Rootfs

IMAGE = SimpleNamespace(id="sha256:" + "a" * 64, layers=(), runtime_config={"Cmd": ["sh"]})


class FakeProcess:
    def __init__(self, spec: ContainerSpec) -> None:
        self.spec = spec
        self.pid = 4711
        self.started_at = time.time()
        self.signals: list[int] = []
        self.frozen = False
        self.deaf = False
        self._end: asyncio.Future[Exit] = asyncio.get_running_loop().create_future()

    @property
    def ended(self) -> Exit | None:
        return self._end.result() if self._end.done() else None

    async def wait(self) -> Exit:
        return await asyncio.shield(self._end)

    def end(self, code: int) -> None:
        if not self._end.done():
            self._end.set_result(Exit(code, time.time()))

    async def signal(self, number: int) -> None:
        self.signals.append(number)
        if not self.deaf or number == 9:
            self.end(128 + number)

    async def pause(self) -> None:
        self.frozen = True

    async def resume(self) -> None:
        self.frozen = False


class FakeRuntime:
    name = "namespaces"
    overlay = True
    limitations = ()

    def __init__(self) -> None:
        self.started: list[FakeProcess] = []
        self.failure: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.found: dict[str, FakeProcess | Exit | None] = {}

    def warnings(self, spec: ContainerSpec) -> list[str]:
        found = ["No memory limit here."] if spec.limits.memory else []
        return [*found, "No capabilities here."] if spec.cap_add else found

    async def start(self, spec: ContainerSpec) -> FakeProcess:
        if self.failure is not None:
            raise self.failure
        await self.gate.wait()
        self.started.append(FakeProcess(spec))
        return self.started[-1]

    async def adopt(self, directory: str) -> FakeProcess | Exit | None:
        return self.found.get(Path(directory).name)


class FakeImages:
    gate: threading.Event | None = None

    def find(self, name: str) -> Any:
        """None after a while, for a commit that is to be cut off."""
        if self.gate is not None:
            self.gate.wait(20)
            return None
        return self.get(name)

    def get(self, name: str) -> Any:
        if name != "alpine":
            raise NotFound(f"No such image: {name}:latest")
        return IMAGE

    def children(self, image: Any) -> list[Any]:
        return []


class FakeSnapshots:
    def __init__(self) -> None:
        self.removed: list[str] = []

    def prepare(self, id: str, layers: object) -> Rootfs:
        return Rootfs(f"/containers/{id}/rootfs", ("/lower",), "/upper", "/work")

    def remove(self, id: str) -> None:
        self.removed.append(id)

    def size(self, id: str) -> int:
        return 7

    @contextlib.contextmanager
    def image_view(self, layers: object) -> Iterator[Path]:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


class FakeVolumes:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.removed: list[str] = []

    def create(self, name: str, **_: object) -> Any:
        made = name or "f" * 64
        (self.root / made).mkdir(exist_ok=True, parents=True)
        return SimpleNamespace(name=made)

    def path(self, name: str) -> Path:
        return self.root / name

    def remove(self, name: str) -> None:
        self.removed.append(name)


class Engine:
    """The containers service with its fakes; ``again()`` is the engine after a SIGKILL."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events = Events()
        self.runtime = FakeRuntime()
        self.images = FakeImages()
        self.snapshots = FakeSnapshots()
        self.volumes = FakeVolumes(root / "volumes")
        networks = Networks(root, self.events, None)
        services: Any = Services(
            root,
            self.events,
            self.runtime,  # type: ignore[arg-type]
            self.images,  # type: ignore[arg-type]
            SimpleNamespace(release=lambda owner: None),  # type: ignore[arg-type]
            self.snapshots,  # type: ignore[arg-type]
            self.volumes,  # type: ignore[arg-type]
            networks,
            Ports(None),
            Resolvers(networks, Forwarder(Ways(networks, Source(None)).to)),
        )
        self.containers = Containers(services)
        self.seen = self.events.subscribe()

    async def run(self, name: str = "web", **body: Any) -> Any:
        made, _ = await self.containers.create(name, {"Image": "alpine", **body})
        await self.containers.start(made)
        return made

    def actions(self) -> list[str]:
        found = [event["Action"] for event in self.seen._waiting if event["Type"] == "container"]
        self.seen._waiting.clear()
        return found


def engine_test(test: Callable[[Engine], Awaitable[None]]) -> Callable[[Path], None]:
    def run(tmp_path: Path) -> None:
        (tmp_path / "containers").mkdir()

        async def body() -> None:
            await asyncio.wait_for(test(Engine(tmp_path)), 20)

        asyncio.run(body())

    run.__name__ = test.__name__
    return run


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0.005)


@engine_test
async def test_create_start_and_end(engine: Engine) -> None:
    web = await engine.run(Cmd=["ls", "-l"], Env=["A=b"])
    assert web.state.status == "running"
    assert web.state.pid == 4711
    spec = engine.runtime.started[0].spec
    assert spec.process.args == ("ls", "-l")
    assert "A=b" in spec.process.env
    assert spec.hostname == web.id[:12]
    with pytest.raises(NotModified):
        await engine.containers.start(web)
    ended = web.wait_end()
    engine.runtime.started[0].end(3)
    assert await ended == 3
    assert (web.state.status, web.state.exit_code, web.state.pid) == ("exited", 3, 0)
    assert engine.actions() == ["create", "start", "die"]


@engine_test
async def test_names_are_taken_and_freed(engine: Engine) -> None:
    web, _ = await engine.containers.create("web", {"Image": "alpine"})
    with pytest.raises(Conflict, match=f'"/web" is already in use by container "{web.id}"'):
        await engine.containers.create("/web", {"Image": "alpine"})
    other, _ = await engine.containers.create("", {"Image": "alpine"})
    assert "_" in other.name
    await engine.containers.rename(web, "web2")
    assert engine.containers.get("/web2") is web
    with pytest.raises(NotFound):
        engine.containers.get("web")
    with pytest.raises(BadParameter, match="same name"):
        await engine.containers.rename(web, "web2")
    with pytest.raises(Conflict, match="Error when allocating new name: Conflict"):
        await engine.containers.rename(web, other.name)
    await engine.containers.remove(web)
    await engine.containers.create("web2", {"Image": "alpine"})


@engine_test
async def test_a_failed_create_leaves_nothing(engine: Engine) -> None:
    engine.snapshots.prepare = _full  # type: ignore[method-assign]
    with pytest.raises(StoreFull):
        await engine.containers.create("web", {"Image": "alpine"})
    assert list((engine.root / "containers").iterdir()) == []
    del engine.snapshots.prepare
    await engine.containers.create("web", {"Image": "alpine"})
    with pytest.raises(NotFound, match="No such image: nosuch:latest"):
        await engine.containers.create("x1", {"Image": "nosuch"})
    with pytest.raises(BadParameter, match="Config cannot be empty"):
        await engine.containers.create("x1", {"HostConfig": {}})


def _full(*_: object, **__: object) -> Rootfs:
    raise StoreFull("no space left on device")


@engine_test
async def test_a_program_that_cannot_start(engine: Engine) -> None:
    engine.runtime.failure = StartError('exec: "no": executable file not found in $PATH', 127)
    web, _ = await engine.containers.create("web", {"Image": "alpine"})
    with pytest.raises(
        StartError, match="failed to create shim task: .* not found in \\$PATH: unk"
    ):
        await engine.containers.start(web)
    assert (web.state.status, web.state.exit_code) == ("created", 127)
    engine.runtime.failure = StartError("unable to find user x", 126)
    with pytest.raises(ServerError, match="unable to find user x"):
        await engine.containers.start(web)
    assert web.state.exit_code == 128
    engine.runtime.failure = None
    await engine.containers.start(web)
    assert (web.state.status, web.state.error) == ("running", "")


@engine_test
async def test_stop_kill_and_pause(engine: Engine) -> None:
    web = await engine.run(StopSignal="SIGQUIT")
    await engine.containers.stop(web)
    assert engine.runtime.started[0].signals == [3]
    with pytest.raises(NotModified):
        await engine.containers.stop(web)
    with pytest.raises(Conflict, match=f"Cannot kill container: web: Container {web.id} is not"):
        await engine.containers.kill(web)
    engine.actions()
    await engine.containers.start(web)
    process = engine.runtime.started[1]
    process.deaf = True
    await engine.containers.pause(web)
    assert (web.state.status, process.frozen) == ("paused", True)
    with pytest.raises(Conflict, match="already paused"):
        await engine.containers.pause(web)
    await engine.containers.unpause(web)
    await engine.containers.stop(web, 0)
    assert process.signals == [3, 9]
    assert web.state.exit_code == 137
    expected = ["start", "pause", "unpause", "kill", "kill", "die", "stop"]
    assert engine.actions() == expected


@engine_test
async def test_an_update_warns_of_what_will_not_be(engine: Engine) -> None:
    asked = {"Image": "alpine", "HostConfig": {"CapAdd": ["NET_ADMIN"]}}
    web, warnings = await engine.containers.create("web", asked)
    assert warnings == ["No capabilities here."]
    policy = {"RestartPolicy": {"Name": "always"}}
    assert await engine.containers.update(web, policy) == []
    more = {"Memory": 64 << 20, "MemorySwap": -1}
    assert await engine.containers.update(web, more) == ["No memory limit here."]
    assert web.host["RestartPolicy"]["Name"] == "always"


@engine_test
async def test_a_running_container_is_removed_only_by_force(engine: Engine) -> None:
    web = await engine.run(Volumes={"/data": {}})
    with pytest.raises(Conflict, match="You cannot remove a running container"):
        await engine.containers.remove(web)
    gone = web.wait_removal()
    await engine.containers.remove(web, force=True, volumes=True)
    assert await gone == 137
    assert not web.directory.exists()
    assert engine.snapshots.removed == [web.id]
    assert engine.volumes.removed == ["f" * 64]
    assert engine.actions()[-3:] == ["kill", "die", "destroy"]


@engine_test
async def test_what_is_just_being_started_is_removed_like_one_that_runs(engine: Engine) -> None:
    """Nothing may run on that nobody knows of any more."""
    web, _ = await engine.containers.create("web", {"Image": "alpine"})
    for force in (False, True):
        engine.runtime.gate.clear()
        start = asyncio.create_task(engine.containers.start(web))
        await settle()
        removal = asyncio.create_task(engine.containers.remove(web, force=force))
        await settle()
        engine.runtime.gate.set()
        await start
        if not force:
            with pytest.raises(Conflict, match="You cannot remove a running container"):
                await removal
            await engine.containers.kill(web)
            await settle()
    await removal
    assert all(process.ended for process in engine.runtime.started)
    with pytest.raises(NotFound):
        engine.containers.get("web")


@engine_test
async def test_a_name_for_one_that_is_gone_meanwhile(engine: Engine) -> None:
    web, _ = await engine.containers.create("web", {"Image": "alpine"})
    await web.lock.acquire()
    removal = asyncio.create_task(engine.containers.remove(web))
    await settle()
    renaming = asyncio.create_task(engine.containers.rename(web, "shop"))
    await settle()
    web.lock.release()
    with pytest.raises(NotFound):
        await renaming
    await removal
    await engine.containers.create("shop", {"Image": "alpine"})


@engine_test
async def test_auto_remove(engine: Engine) -> None:
    web = await engine.run(HostConfig={"AutoRemove": True})
    gone = web.wait_removal()
    engine.runtime.started[0].end(4)
    assert await gone == 4
    assert len(engine.containers) == 0
    engine.runtime.failure = StartError("exec: x", 126)
    with pytest.raises(ServerError):
        await engine.run(HostConfig={"AutoRemove": True})
    await settle()
    assert len(engine.containers) == 0


@engine_test
async def test_restart_policies(engine: Engine) -> None:
    restart.FIRST_DELAY, before = 0.01, restart.FIRST_DELAY
    try:
        policy = {"Name": "on-failure", "MaximumRetryCount": 2}
        web = await engine.run(HostConfig={"RestartPolicy": policy})
        for expected in (1, 2):
            engine.runtime.started[-1].end(1)
            await settle()
            assert (web.state.status, web.restarts) == ("running", expected)
        engine.runtime.started[-1].end(1)
        await settle()
        assert web.state.status == "exited"
        always = await engine.run("always", HostConfig={"RestartPolicy": {"Name": "always"}})
        await engine.containers.stop(always)
        await settle()
        assert always.state.status == "exited"
    finally:
        restart.FIRST_DELAY = before


@engine_test
async def test_a_restart_outlives_a_collection_of_garbage(engine: Engine) -> None:
    """A stream that waits for a shim's first word is held by its task only, as asyncio has it."""
    web = await engine.run(HostConfig={"RestartPolicy": {"Name": "always"}})
    ours, theirs = socket.socketpair()
    at_once = engine.runtime.start

    async def slowly(spec: ContainerSpec) -> FakeProcess:
        reader, _ = await asyncio.open_unix_connection(sock=ours)
        await reader.readline()
        return await at_once(spec)

    engine.runtime.start = slowly  # type: ignore[method-assign]
    engine.runtime.started[0].end(1)
    await asyncio.sleep(2 * restart.FIRST_DELAY)
    gc.collect()
    theirs.send(b"\n")
    await settle()
    theirs.close()
    assert (web.state.status, web.restarts) == ("running", 1)


@engine_test
async def test_stopping_a_container_that_waits_for_its_restart(engine: Engine) -> None:
    web = await engine.run(HostConfig={"RestartPolicy": {"Name": "always"}})
    web.delay = 30
    engine.runtime.started[0].end(1)
    await settle()
    assert web.state.status == "restarting"
    await engine.containers.stop(web)
    assert web.state.status == "exited"
    await engine.containers.remove(web)


@engine_test
async def test_an_end_is_noted_though_the_disk_is_full(engine: Engine) -> None:
    web = await engine.run()
    ended = web.wait_end()
    before, records.write_json = records.write_json, _full  # type: ignore[assignment]
    try:
        engine.runtime.started[0].end(5)
        assert await ended == 5
    finally:
        records.write_json = before
    assert web.state.status == "exited"


@engine_test
async def test_the_engine_comes_back_after_a_kill(engine: Engine) -> None:
    alive = await engine.run("alive")
    dead = await engine.run("dead")
    lost = await engine.run("lost")
    always = await engine.run("always", HostConfig={"RestartPolicy": {"Name": "always"}})
    gone = await engine.run("gone", HostConfig={"AutoRemove": True})
    half = engine.root / "containers" / ("0" * 64)
    half.mkdir()
    again = Engine(engine.root)
    again.runtime.found = {
        alive.id: engine.runtime.started[0],
        dead.id: Exit(7, 1000.5),
        always.id: Exit(1, 1000.5),
        gone.id: Exit(0, 1000.5),
    }
    await again.containers.load()
    await again.containers.revive()
    states = {c.name: (c.state.status, c.state.exit_code) for c in again.containers}
    assert states == {
        "alive": ("running", 0),
        "dead": ("exited", 7),
        "lost": ("exited", lifecycle.UNKNOWN_EXIT),
        "always": ("running", 0),
    }
    assert not half.exists()
    assert lost.id in {c.id for c in again.containers}
    found = again.containers.get("alive")
    assert found.config == alive.config
    ended = found.wait_end()
    engine.runtime.started[0].end(2)
    assert await ended == 2


@engine_test
async def test_a_commit_that_was_cut_off_leaves_nothing_paused(engine: Engine) -> None:
    web, asleep = await engine.run("web"), await engine.run("asleep")
    await engine.containers.pause(asleep)
    engine.images.gate = threading.Event()
    committing = asyncio.create_task(engine.containers.commit(web, Wish()))
    await settle()
    assert web.state.paused
    again = Engine(engine.root)
    processes = dict(zip((web.id, asleep.id), engine.runtime.started, strict=True))
    again.runtime.found = {**processes}
    await again.containers.load()
    engine.images.gate.set()
    states = {c.name: c.state.status for c in again.containers}
    assert states == {"web": "running", "asleep": "paused"}
    assert [processes[c.id].frozen for c in (web, asleep)] == [False, True]
    with pytest.raises(ServerError):
        await committing


@engine_test
async def test_an_orderly_stop_ends_all_and_remembers_what_shall_run(engine: Engine) -> None:
    web = await engine.run(HostConfig={"RestartPolicy": {"Name": "unless-stopped"}})
    stopped = await engine.run("byhand", HostConfig={"RestartPolicy": {"Name": "unless-stopped"}})
    await engine.containers.stop(stopped)
    await engine.containers.close()
    assert web.state.status == "exited"
    again = Engine(engine.root)
    await again.containers.load()
    await again.containers.revive()
    assert again.containers.get("web").state.status == "running"
    assert again.containers.get("byhand").state.status == "exited"


@engine_test
async def test_lists(engine: Engine) -> None:
    first = await engine.run("first", Labels={"a": "b"}, Cmd=["sh", "-c", "echo hi"])
    await engine.run("second")
    engine.runtime.started[1].end(3)
    await settle()

    def names(filters: dict[str, list[str]] | None = None, **options: Any) -> list[str]:
        return [line["Names"][0] for line in engine.containers.summaries(filters, **options)]

    assert names() == ["/first"]
    assert names(all=True) == ["/second", "/first"]
    assert names(limit=1) == ["/second"]
    assert names({"status": ["exited"]}) == ["/second"]
    assert names({"exited": ["3"]}, all=True) == ["/second"]
    assert names({"label": ["a=b"]}) == ["/first"]
    assert names({"label": ["a=c"]}) == []
    assert names({"name": ["^/sec"]}, all=True) == ["/second"]
    assert names({"id": [first.id[:5]]}, all=True) == ["/first"]
    assert names({"before": ["second"]}, all=True) == ["/first"]
    assert names({"since": ["first"]}, all=True) == ["/second"]
    assert names({"ancestor": ["alpine"]}) == ["/first"]
    assert names({"ancestor": ["nosuch"]}) == []
    assert names({"health": ["none"]}) == ["/first"]
    line = engine.containers.summaries()[0]
    assert line["Command"] == "sh -c 'echo hi'"
    assert line["Status"] == "Up Less than a second"
    assert line["Image"] == "alpine"
    for bad in ({"foo": ["x"]}, {"status": ["x"]}, {"publish": ["x"]}, {"before": ["nosuch"]}):
        with pytest.raises(BadParameter):
            names(bad)


@engine_test
async def test_prune(engine: Engine) -> None:
    await engine.run("running")
    await engine.containers.create("made", {"Image": "alpine"})
    await engine.containers.create("kept", {"Image": "alpine", "Labels": {"keep": "1"}})
    engine.containers.sizes = _sizes  # type: ignore[method-assign]
    removed, freed = await engine.containers.prune({"label!": ["keep"]})
    assert (len(removed), freed) == (1, 7)
    assert sorted(c.name for c in engine.containers) == ["kept", "running"]
    with pytest.raises(BadParameter, match="Invalid filter 'foo'"):
        await engine.containers.prune({"foo": ["a"]})


async def _sizes(container: object) -> tuple[int, int]:
    return 7, 7
