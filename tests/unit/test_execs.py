"""Execs, health checks, top and stats over a process that is a plain child of the test."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dockerlab.engine.containers.looks import top, usage
from dockerlab.engine.containers.programs import health
from dockerlab.engine.containers.programs.execs import Execs
from dockerlab.engine.containers.programs.pipe import Pipe
from dockerlab.engine.errors import BadParameter, Conflict, NotFound, ServerError
from dockerlab.engine.events import Events
from dockerlab.engine.run.process import ProcessSpec, StartError

NS = 1_000_000_000


class Child:
    """An exec as the runtime hands it out, run right here."""

    def __init__(self, spec: ProcessSpec) -> None:
        program = self._program = subprocess.Popen(
            spec.args,
            env=dict(entry.split("=", 1) for entry in spec.env),
            stdin=subprocess.PIPE if spec.open_stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.pid = program.pid
        self.stdin = os.dup(program.stdin.fileno()) if program.stdin else -1
        assert program.stdout is not None
        assert program.stderr is not None
        self.stdout, self.stderr = os.dup(program.stdout.fileno()), os.dup(program.stderr.fileno())
        for stream in (program.stdin, program.stdout, program.stderr):
            if stream is not None:
                stream.close()

    async def wait(self) -> int:
        return await asyncio.to_thread(self._program.wait)


class FakeProcess:
    async def exec(self, spec: ProcessSpec) -> Child:
        if spec.args[0] == "nosuch":
            raise StartError('exec: "nosuch": executable file not found in $PATH', 127)
        return Child(spec)

    async def usage(self) -> dict[str, Any]:
        return {
            "memory": 5 << 20,
            "memory_max": 9 << 20,
            "cpu_ns": 7 * NS,
            "pids": 2,
            "io": {"read": 1, "write": 2},
            "networks": {"eth0": {"rx_bytes": 3}},
        }


def container(**state: Any) -> Any:
    values = {"paused": False, "running": True, "started_at": "2026-01-01T00:00:00Z", **state}
    return SimpleNamespace(
        id="c" * 64,
        name="web",
        hostname="box",
        config={"Env": ["A=b"], "Tty": False, "WorkingDir": "", "User": ""},
        host={"GroupAdd": None, "Privileged": False, "Memory": 0},
        state=SimpleNamespace(**values),
        process=FakeProcess(),
        execs=[],
        linked=[],
        health=None,
        attributes=lambda: {"image": "alpine", "name": "web"},
    )


def test_an_exec_runs_and_is_told_of() -> None:
    async def run() -> None:
        events, box = Events(), container()
        execs, seen = Execs(events), events.subscribe()
        command = ["sh", "-c", "echo $A $HOSTNAME; echo err >&2; exit 4"]
        code, output = await execs.run(box, command, 10, 4096)
        assert (code, sorted(output.split(b"\n"))) == (4, [b"", b"b box", b"err"])
        assert box.execs == []
        actions = [event["Action"].partition(":")[0] for event in seen._waiting]
        assert actions == ["exec_create", "exec_start", "exec_die"]
        assert seen._waiting[-1]["Actor"]["Attributes"]["exitCode"] == "4"

    asyncio.run(run())


def test_output_is_cut_and_a_slow_command_killed() -> None:
    async def run() -> None:
        execs = Execs(Events())
        code, output = await execs.run(container(), ["sh", "-c", "seq 100000"], 10, 100)
        assert (code, len(output)) == (0, 100)
        begin = time.monotonic()
        with pytest.raises(TimeoutError):
            await execs.run(container(), ["sleep", "60"], 0.1, 100)
        assert time.monotonic() - begin < 30

    asyncio.run(run())


def test_what_inspect_shows_and_refusals() -> None:
    async def run() -> None:
        execs, box = Execs(Events()), container()
        made = execs.create(box, {"Cmd": ["nosuch", "-x"], "User": "www", "AttachStdin": True})
        shown = made.view()
        assert shown["ProcessConfig"] == {
            "tty": False,
            "entrypoint": "nosuch",
            "arguments": ["-x"],
            "privileged": False,
            "user": "www",
        }
        assert (shown["Running"], shown["ExitCode"], shown["OpenStdin"]) == (False, None, True)
        with pytest.raises(BadParameter, match="OCI runtime exec failed: .* not found in"):
            await execs.start(made)
        assert made.view()["ExitCode"] == 126
        with pytest.raises(Conflict, match="has already run"):
            await execs.start(made)
        assert execs.get(made.id[:10]) is made
        execs.forget(box)
        with pytest.raises(NotFound, match="No such exec instance"):
            execs.get(made.id)
        for body in ({}, {"Cmd": []}, {"Cmd": [1]}):
            with pytest.raises(BadParameter, match="No exec command specified"):
                execs.create(box, body)
        with pytest.raises(Conflict, match="is paused"):
            execs.create(container(paused=True), {"Cmd": ["true"]})
        with pytest.raises(Conflict, match="is not running"):
            execs.create(container(running=False), {"Cmd": ["true"]})

    asyncio.run(run())


def test_a_full_pipe_waits_and_a_broken_one_says_so() -> None:
    async def run() -> None:
        reader, writer = os.pipe()
        data = b"x" * 300_000
        writing = asyncio.create_task(Pipe(writer).write(data))
        pipe, taken = Pipe(reader), 0
        while taken < len(data):
            taken += len(await pipe.read())
        await writing
        os.close(reader)
        with pytest.raises(BrokenPipeError):
            await Pipe(writer).write(b"x")
        os.close(writer)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (None, None),
        ({}, None),
        ({"Test": ["NONE"]}, None),
        ({"Test": ["CMD", "true"]}, ("true",)),
        ({"Test": ["CMD-SHELL", "exit 1"]}, ("/bin/sh", "-c", "exit 1")),
    ],
)
def test_which_health_check(data: Any, command: Any) -> None:
    found = health.parse(data)
    assert (found and found.command) == command


def test_a_health_check_in_shell_form_is_for_the_image_s_shell() -> None:
    shell = ["/bin/bash", "-ec"]
    found = health.parse({"Test": ["CMD-SHELL", "exit 1"]}, shell)
    assert found is not None
    assert found.command == ("/bin/bash", "-ec", "exit 1")
    plain = health.parse({"Test": ["CMD", "true", "x"]}, shell)
    assert plain is not None
    assert plain.command == ("true", "x")


def test_a_check_s_times_have_defaults() -> None:
    probe = health.parse({"Test": ["CMD", "true"], "Interval": NS // 2})
    assert probe is not None
    assert (probe.interval, probe.timeout, probe.start_period, probe.retries) == (0.5, 30, 0, 3)


def test_health_goes_from_starting_to_healthy_to_unhealthy(tmp_path: Path) -> None:
    async def run() -> None:
        events, box = Events(), container()
        seen = events.subscribe({"event": ["health_status"]})
        flag = tmp_path / "ok"
        flag.touch()
        probe = health.Probe(("test", "-e", str(flag)), 0.02, 5, 0, 2)
        monitor = health.Monitor(box, probe, Execs(events), events)
        assert box.health.status == "starting"
        checking = asyncio.create_task(monitor.run())
        assert (await anext(seen))["Action"] == "health_status: healthy"
        flag.unlink()
        assert (await anext(seen))["Action"] == "health_status: unhealthy"
        assert box.health.failing_streak >= 2
        await asyncio.sleep(0.3)
        checking.cancel()
        assert len(box.health.log) == 5
        assert box.health.log[-1]["ExitCode"] == 1

    asyncio.run(asyncio.wait_for(run(), 20))


def test_failures_within_the_start_period_do_not_count() -> None:
    async def run() -> None:
        box = container(started_at="2999-01-01T00:00:00Z")
        probe = health.Probe(("false",), 0.01, 5, 1000, 1)
        checking = asyncio.create_task(health.Monitor(box, probe, Execs(Events()), Events()).run())
        await asyncio.sleep(0.3)
        checking.cancel()
        assert (box.health.status, box.health.failing_streak) == ("starting", 0)
        assert box.health.log

    asyncio.run(run())


def test_top() -> None:
    table = top.table([os.getpid(), 2**22 + 1])
    assert table["Titles"] == ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    (row,) = table["Processes"]
    assert row[1:3] == [str(os.getpid()), str(os.getppid())]
    chosen = top.table([os.getpid()], "-o pid,comm -o ppid=FATHER")
    assert chosen["Titles"] == ["PID", "COMMAND", "FATHER"]
    assert top.table([os.getpid()], "aux")["Titles"][2] == "%CPU"
    for bad in ("-o comm", "-o pid,nonsense", "-zz"):
        with pytest.raises(ServerError):
            top.table([1], bad)


def test_stats() -> None:
    async def run() -> None:
        first = await usage.sample(container())
        second = await usage.sample(container(), first)
        assert second["precpu_stats"] == first["cpu_stats"]
        assert second["cpu_stats"]["cpu_usage"]["total_usage"] == 7 * NS
        assert second["cpu_stats"]["system_cpu_usage"] > 0
        assert second["memory_stats"]["usage"] == 5 << 20
        assert second["networks"]["eth0"]["rx_bytes"] == 3
        assert second["networks"]["eth0"]["tx_bytes"] == 0
        assert second["pids_stats"] == {"current": 2}
        idle = container()
        idle.process = None
        nothing = await usage.sample(idle)
        assert nothing["read"] == "0001-01-01T00:00:00Z"
        assert nothing["memory_stats"] == {}

    asyncio.run(run())
