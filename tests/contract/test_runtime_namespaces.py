"""The namespaces runtime by itself, without engine and API. Needs root or a user namespace.

``test_runtime_rootless.py`` runs these as an ordinary user.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import remains
from runtimes import (
    Box,
    busybox,
    close,
    end_shims,
    go,
    make_layer,
    output,
    read_all,
    run_exec,
    until,
)

from dockerlab.engine.run import kernel, proctree
from dockerlab.engine.run.namespaces import cgroups
from dockerlab.engine.run.process import Exit, Limits, Mount, Network, ProcessSpec, StartError
from dockerlab.engine.run.program.program import single_user
from dockerlab.engine.run.runtimes import NamespacesRuntime
from dockerlab.engine.run.shim.logs import Log


def denied() -> str:
    """Why namespaces cannot be used here, or nothing."""
    if os.getuid() != 0:
        return "not root, nor in a user namespace"
    pid = os.fork()
    if pid == 0:
        try:
            kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET)
        except OSError:
            os._exit(1)
        os._exit(0)
    return "the kernel denies new namespaces" if os.waitpid(pid, 0)[1] else ""


pytestmark = pytest.mark.skipif(bool(denied()), reason=denied())
one_user = pytest.mark.skipif(single_user(), reason="only one user id is mapped here")


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    binary = busybox()
    if binary is None:
        pytest.skip("no static busybox, and apt-get cannot get one")
    return make_layer(tmp_path_factory.mktemp("layer") / "rootfs", binary)


@pytest.fixture
def box(tmp_path: Path, layer: Path) -> Iterator[Box]:
    yield Box(tmp_path, layer, NamespacesRuntime(tmp_path))
    end_shims(tmp_path / "containers")
    log = tmp_path / "engine.log"
    assert not log.exists() or log.read_text() == ""


def run(box: Box, *args: str, **options: object) -> tuple[int, str]:
    async def work() -> tuple[int, str]:
        try:
            return await box.run(*args, **options)
        finally:
            await box.clear()

    return go(work())


def sh(box: Box, script: str, **options: object) -> str:
    code, text = run(box, "sh", "-c", script, **options)
    assert code == 0, text
    return text


# ---- start and exit


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 0), ("kill -TERM $$", 0)]
)
def test_exit_code(box: Box, script: str, code: int) -> None:
    # A signal from inside does nothing to pid 1, as in Docker.
    assert run(box, "sh", "-c", script)[0] == code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, 137), (signal.SIGTERM, 143)])
def test_exit_code_of_a_signal(box: Box, number: int, code: int) -> None:
    async def work() -> Exit:
        spec = box.spec("sh", "-c", "trap 'exit 143' TERM; echo up; while :; do sleep 0.01; done")
        process = await box.start_spec(spec)
        await until("up", spec)
        await process.signal(number)
        exit = await process.wait()
        await box.clear()
        return exit

    exit = go(work())
    assert exit.code == code
    assert abs(exit.finished_at - time.time()) < 30
    assert not exit.oom_killed


@pytest.mark.parametrize(
    ("program", "code", "reason"),
    [
        ("nosuchcmd", 127, 'exec: "nosuchcmd": executable file not found in $PATH: unknown'),
        ("/nosuchcmd", 127, 'exec: "/nosuchcmd": stat /nosuchcmd: no such file or directory'),
        ("/etc", 126, 'exec: "/etc": permission denied: unknown'),
        ("/notes", 126, 'exec: "/notes": permission denied: unknown'),
    ],
)
def test_program_that_cannot_be_executed(box: Box, program: str, code: int, reason: str) -> None:
    async def work() -> None:
        spec = box.spec(program)
        with pytest.raises(StartError) as caught:
            await box.start_spec(spec)
        assert caught.value.code == code
        assert reason in caught.value.message
        assert await box.runtime.adopt(spec.directory) is None
        await box.clear()

    go(work())


def test_interpreter_that_is_missing(box: Box) -> None:
    assert run(box, "/broken") == (1, "exec /broken: no such file or directory\n")


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ("nosuch", "unable to find user nosuch: no matching entries in passwd file"),
        ("0:nosuch", "unable to find group nosuch: no matching entries in group file"),
    ],
)
def test_unknown_user(box: Box, user: str, message: str) -> None:
    with pytest.raises(StartError) as caught:
        run(box, "true", user=user)
    assert caught.value.message == message


def test_missing_working_directory_is_made(box: Box) -> None:
    assert sh(box, "pwd", cwd="/a/b/c") == "/a/b/c\n"


def test_200_starts_leave_nothing(tmp_path: Path, layer: Path) -> None:
    # In a process of its own: in this one, threads that other tests left open files as well.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        left, opened, log = pool.submit(remains.of_200_starts, tmp_path, layer).result()
    assert (left, opened, log) == ([], [], "")


# ---- what it sees


def test_namespaces_of_its_own(box: Box) -> None:
    assert sh(box, "hostname; echo $$; ls /sys/class/net", hostname="here") == "here\n1\nlo\n"


def test_standard_files(box: Box) -> None:
    sh(box, "for d in null zero full random urandom tty; do test -c /dev/$d || exit 1; done")
    text = sh(
        box, "for l in fd stdout ptmx; do readlink /dev/$l; done; head -c3 /dev/zero | od -An -tx1"
    )
    assert text.split() == ["/proc/self/fd", "/proc/self/fd/1", "pts/ptmx", "00", "00", "00"]


@pytest.mark.parametrize(
    "script",
    [
        "echo 1 > /proc/sys/kernel/hostname",
        "echo b > /proc/sysrq-trigger",
        "mkdir /sys/x",
        "mount -t tmpfs x /tmp",
        "mount -o remount,rw /proc/sys",
        "umount /proc/sys",
        "unshare -r true",
        "mknod /dev/mem2 c 1 1 && head -c1 /dev/mem2",
        "mknod /kmsg c 1 11 && head -c1 /kmsg",
        "head -c1 /proc/kcore | grep -q .",
        "ls -A /sys/firmware | grep -q .",
    ],
)
def test_what_is_forbidden(box: Box, script: str) -> None:
    assert run(box, "sh", "-c", script)[0] != 0


def test_host_is_not_seen(box: Box, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    assert run(box, "sh", "-c", f"test -e {tmp_path}/secret || test -e /escape/../secret")[0] == 1
    assert sh(box, "cd /; cd ../../..; pwd; ls -d /proc/1/root/notes") == "/\n/proc/1/root/notes\n"


def test_programs_of_the_host_are_out_of_reach(box: Box) -> None:
    # pid 1 is the engine's own Python here, and must not be writable through /proc.
    script = "cat /proc/1/cmdline; echo >>/proc/1/exe"
    code, text = run(box, "sh", "-c", script, init=True)
    assert "/sbin/docker-init\0--\0sh\0-c\0" in text
    assert code != 0


def test_capabilities(box: Box) -> None:
    text = sh(box, "grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status")
    assert {line.split()[1] for line in text.splitlines()} == {"00000000a80425fb"}
    text = sh(box, "grep CapEff /proc/self/status", cap_add=("SYS_TIME",), cap_drop=("ALL",))
    assert int(text.split()[1], 16) == 1 << 25


@one_user
@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("", "uid=0(root) gid=0(root) groups=0(root),50(staff)"),
        ("web", "uid=1000(web) gid=1000(web) groups=50(staff),1000(web)"),
        ("1000:50", "uid=1000(web) gid=50(staff) groups=50(staff)"),
        ("4321", "uid=4321 gid=0(root) groups=0(root)"),
    ],
)
def test_user(box: Box, user: str, expected: str) -> None:
    assert sh(box, "id", user=user).strip() == expected


@one_user
def test_user_without_capabilities_can_write_to_its_own_output(box: Box) -> None:
    assert sh(box, "echo hi > /dev/stdout; cd; pwd", user="web") == "hi\n/home/web\n"
    assert run(box, "sh", "-c", "echo x > /etc/passwd", user="web")[0] != 0


def test_chown_and_setuid_work_or_are_pretended(box: Box) -> None:
    sh(box, "touch /f; chown web:web /f && su web -c 'true' && mkfifo /p && test -p /p")


def test_ulimits_and_sysctls(box: Box) -> None:
    script = "ulimit -n; cat /proc/sys/net/ipv4/ip_default_ttl"
    options = {"ulimits": (("nofile", 77, 99),), "sysctls": {"net.ipv4.ip_default_ttl": "99"}}
    assert sh(box, script, **options) == "77\n99\n"


def test_read_only_root(box: Box) -> None:
    assert run(box, "touch", "/x", read_only=True)[0] != 0
    sh(box, "touch /dev/shm/x /scratch/y", read_only=True, mounts=(Mount("tmpfs", "/scratch"),))


def test_binds_and_tmpfs(box: Box, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "file").write_text("from outside\n")
    mounts = (
        Mount("bind", "/data/deep", str(tmp_path / "data")),
        Mount("bind", "/etc/motd", str(tmp_path / "file"), read_only=True),
        Mount("tmpfs", "/t", options="size=64k,mode=1777"),
    )
    script = "cat /etc/motd; echo hi > /data/deep/f; ! echo x > /etc/motd; df -k /t | tail -1"
    text = sh(box, script, mounts=mounts)
    assert text.startswith("from outside\n")
    assert text.split()[-5:-3] == ["64", "0"] or "64" in text
    assert (tmp_path / "data" / "f").read_text() == "hi\n"


def test_links_in_the_image_do_not_lead_a_mount_out(box: Box, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    mounts = (Mount("bind", "/escape/out", str(tmp_path / "data")),)
    assert "out" in sh(box, "ls /tmp", mounts=mounts)
    assert not Path("/tmp/out").exists()


def test_network_of_another_container(box: Box) -> None:
    async def work() -> None:
        first = box.spec("sleep", "100")
        process = await box.start_spec(first)
        mode = Network("container", of=first.id)
        _, text = await box.run("readlink", "/proc/self/ns/net", network=mode)
        _, other = await run_exec(process, "readlink", "/proc/self/ns/net")
        assert text == other
        await box.clear()
        with pytest.raises(StartError, match="non running container"):
            await box.start("true", network=mode)
        await box.runtime.close()

    go(work())


# ---- streams


def test_stdin_is_empty_unless_asked_for(box: Box) -> None:
    assert run(box, "cat") == (0, "")


def test_stdin_to_its_end(box: Box) -> None:
    async def work() -> tuple[Exit, str]:
        spec = box.spec("wc", "-c", open_stdin=True)
        process = await box.start_spec(spec)
        for _ in range(100):
            await process.write_stdin(b"x" * 100_000)
        await process.close_stdin()
        exit = await process.wait()
        await box.clear()
        return exit, output(spec)

    exit, text = go(work())
    assert (exit.code, text.strip()) == (0, "10000000")


def test_stdin_that_is_not_read_makes_the_writer_wait(box: Box) -> None:
    async def work() -> None:
        process = await box.start("sleep", "100", open_stdin=True)

        async def write_for_ever() -> None:
            while True:
                await process.write_stdin(b"x" * 100_000)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(write_for_ever(), 0.5)
        assert await process.processes()  # the shim still answers
        await box.clear()

    go(work())


@pytest.mark.parametrize("once", [False, True])
def test_stdin_when_the_one_who_writes_goes_away(box: Box, once: bool) -> None:
    async def work() -> None:
        spec = box.spec("sh", "-c", "cat; echo end", open_stdin=True, stdin_once=once)
        process = await box.start_spec(spec)
        await process.write_stdin(b"hello\n")
        await until("hello", spec)
        await process.close()  # as when the engine is killed
        await asyncio.sleep(0.2)
        assert ("end" in output(spec)) == once
        found = await box.runtime.adopt(spec.directory)
        if not once:
            box.started = [found]
            await found.close_stdin()
            assert (await found.wait()).code == 0
            assert output(spec).endswith("end\n")
        box.started = []
        await box.clear()

    go(work())


def test_terminal(box: Box) -> None:
    async def work() -> str:
        script = "tty; stty size; read x; echo got $x; stty size; ls -la /dev/console; exit 5"
        options = {"tty": True, "open_stdin": True, "console": (33, 111)}
        spec = box.spec("sh", "-c", script, **options)
        process = await box.start_spec(spec)
        await until("33 111", spec)
        await process.resize(44, 99)
        await process.write_stdin(b"word\n")
        assert (await process.wait()).code == 5
        await box.clear()
        return output(spec)

    lines = go(work()).splitlines()
    assert lines[:5] == ["/dev/pts/0", "33 111", "word", "got word", "44 99"]
    assert lines[5].startswith("c")


def test_interrupt_from_the_terminal(box: Box) -> None:
    async def work() -> int:
        script = "trap 'exit 42' INT; echo up; while :; do sleep 0.05; done"
        spec = box.spec("sh", "-c", script, tty=True, open_stdin=True)
        process = await box.start_spec(spec)
        await until("up", spec)
        await process.write_stdin(b"\x03")
        exit = await process.wait()
        await box.clear()
        return exit.code

    assert go(work()) == 42


def test_much_output(box: Box) -> None:
    text = sh(box, "i=0; while [ $i -lt 10000 ]; do echo line $i; i=$((i+1)); done")
    assert text == "".join(f"line {i}\n" for i in range(10000))


def test_one_very_long_line(box: Box) -> None:
    text = sh(box, "head -c 10000000 /dev/zero | tr '\\0' x; echo")
    assert text == "x" * 10_000_000 + "\n"


def test_binary_output(box: Box, tmp_path: Path) -> None:
    data = bytes(range(256)) * 300
    (tmp_path / "blob").write_bytes(data)
    mounts = (Mount("bind", "/blob", str(tmp_path / "blob")),)

    async def work() -> bytes:
        spec = box.spec("cat", "/blob", mounts=mounts)
        await (await box.start_spec(spec)).wait()
        await box.clear()
        return b"".join(e.data for e in Log(f"{spec.directory}/log.jsonl").read())

    assert go(work()) == data


def test_stderr_is_told_apart(box: Box) -> None:
    async def work() -> dict[str, bytes]:
        spec = box.spec("sh", "-c", "echo out; echo err >&2")
        await (await box.start_spec(spec)).wait()
        await box.clear()
        return {e.stream: e.data for e in Log(f"{spec.directory}/log.jsonl").read()}

    assert go(work()) == {"stdout": b"out\n", "stderr": b"err\n"}


def test_following_the_log(box: Box) -> None:
    async def work() -> list[bytes]:
        spec = box.spec("sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.05; done; printf end")
        process = await box.start_spec(spec)
        log = Log(f"{spec.directory}/log.jsonl")
        ended = lambda: process.ended is not None  # noqa: E731
        found = [entry.data async for entry in log.follow(ended, process.wake())]
        await box.clear()
        return found

    assert go(work()) == [b"1\n", b"2\n", b"3\n", b"end"]


# ---- exec


def test_exec(box: Box) -> None:
    async def work() -> None:
        process = await box.start("sleep", "100", hostname="inside")
        assert await run_exec(process, "sh", "-c", "hostname; exit 5") == (5, "inside\n")
        _, text = await run_exec(process, "sh", "-c", "ps -o pid,args; pwd", cwd="/tmp")
        assert "1 sleep 100" in text
        assert text.endswith("/tmp\n")
        assert (await run_exec(process, "sh", "-c", "kill -9 $$"))[0] == 137
        _, text = await run_exec(process, "grep", "CapEff", "/proc/self/status")
        assert text.split()[1] == "00000000a80425fb"
        assert await run_exec(process, "cat") == (0, "")
        await box.clear()

    go(work())


def test_exec_with_stdin(box: Box) -> None:
    async def work() -> tuple[int, bytes]:
        process = await box.start("sleep", "100")
        program = await process.exec(ProcessSpec(("/bin/wc", "-c"), open_stdin=True))
        await asyncio.to_thread(os.write, program.stdin, b"x" * 50_000)
        os.close(program.stdin)
        text = await read_all(program.stdout)
        os.close(program.stderr)
        code = await program.wait()
        await box.clear()
        return code, text

    assert go(work()) == (0, b"50000\n")


def test_exec_with_a_terminal(box: Box) -> None:
    async def work() -> str:
        process = await box.start("sleep", "100")
        spec = ProcessSpec(
            ("/bin/sh", "-c", "tty; stty size; sleep 0.3; stty size"), tty=True, console=(20, 30)
        )
        program = await process.exec(spec)
        await asyncio.sleep(0.1)
        program.resize(40, 50)
        text = await read_all(program.stdout)
        assert await program.wait() == 0
        await box.clear()
        return text.decode()

    assert go(work()).split() == ["/dev/pts/0", "20", "30", "40", "50"]


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        ({"args": ("nosuch",)}, 127, 'exec: "nosuch": executable file not found in $PATH'),
        ({"args": ("/bin/pwd",), "cwd": "/nosuch"}, 126, 'chdir to cwd ("/nosuch") set in config'),
        ({"args": ("/bin/pwd",), "user": "nosuch"}, 126, "unable to find user nosuch: no match"),
    ],
)
def test_exec_that_cannot_start(
    box: Box, options: dict[str, object], code: int, reason: str
) -> None:
    async def work() -> None:
        process = await box.start("sleep", "100")
        with pytest.raises(StartError) as caught:
            await process.exec(ProcessSpec(**options))
        assert caught.value.code == code
        assert reason in caught.value.message
        await box.clear()

    go(work())


def test_execs_end_with_the_container(box: Box) -> None:
    async def work() -> int:
        process = await box.start("sleep", "100")
        program = await process.exec(ProcessSpec(("/bin/sleep", "100")))
        await process.signal(signal.SIGKILL)
        assert (await process.wait()).code == 137
        code = await program.wait()
        close(program)
        await box.clear()
        return code

    assert go(work()) == 137


# ---- life


def test_pause_and_resume(box: Box) -> None:
    async def work() -> None:
        spec = box.spec("sh", "-c", "sleep 0.01 & while :; do echo tick; sleep 0.01; done")
        process = await box.start_spec(spec)
        await until("tick", spec)
        await process.pause()
        await asyncio.sleep(0.05)
        before = len(output(spec))
        await asyncio.sleep(0.2)
        assert len(output(spec)) == before
        await process.resume()
        await asyncio.sleep(0.2)
        assert len(output(spec)) > before
        await process.pause()
        await process.signal(signal.SIGKILL)
        await process.resume()
        assert (await process.wait()).code == 137
        await box.clear()

    go(work())


def test_processes_and_usage(box: Box) -> None:
    async def work() -> None:
        process = await box.start("sh", "-c", "sleep 100 & sleep 101 & wait")
        await asyncio.sleep(0.2)
        program = await process.exec(ProcessSpec(("/bin/sleep", "102")))
        pids = await process.processes()
        assert pids[0] == process.pid
        names = [proctree.read(f"/proc/{pid}/cmdline").split(b"\0")[1] for pid in pids[1:]]
        assert sorted(names) == [b"100", b"101", b"102"]
        usage = await process.usage()
        assert usage["pids"] == 4
        assert usage["memory"] > 10_000
        assert {"cpu_ns", "memory_max", "io", "networks"} <= usage.keys()
        close(program)
        await box.clear()

    go(work())


def test_init_reaps_and_passes_signals_on(box: Box) -> None:
    async def work() -> tuple[int, str]:
        script = (
            "(sleep 0.01 &) ; trap 'echo got; exit 9' TERM; echo $$; while :; do sleep 0.05; done"
        )
        spec = box.spec("sh", "-c", script, init=True)
        process = await box.start_spec(spec)
        await until("\n", spec)
        await asyncio.sleep(0.2)
        _, zombies = await run_exec(process, "sh", "-c", "grep -l 'State:.Z' /proc/[0-9]*/status")
        assert zombies == ""
        await process.signal(signal.SIGTERM)
        exit = await process.wait()
        await box.clear()
        return exit.code, output(spec)

    code, text = go(work())
    assert code == 9
    assert text.endswith("got\n")
    assert not text.startswith("1\n")


def limited(controller: str) -> bool:
    return any(controller in h.controllers for h in cgroups.find())


@pytest.mark.skipif(not limited("memory"), reason="the memory cgroup is not writable")
def test_memory_limit(box: Box) -> None:
    async def work() -> Exit:
        limits = Limits(memory=16 << 20)
        process = await box.start("sh", "-c", "tail /dev/zero", limits=limits)
        exit = await process.wait()
        await box.clear()
        return exit

    exit = go(work())
    assert exit.code == 137
    assert exit.oom_killed


@pytest.mark.skipif(not limited("pids"), reason="the pids cgroup is not writable")
def test_limits_can_be_changed(box: Box) -> None:
    async def work() -> None:
        process = await box.start("sleep", "100")
        await process.update(Limits(pids=3, memory=64 << 20, nano_cpus=500_000_000))
        script = "sleep 1 & sleep 1 & sleep 1 & wait"  # an exec itself takes two for a moment
        _, text = await run_exec(process, "sh", "-c", script)
        assert "can't fork" in text
        await process.update(Limits())
        assert (await run_exec(process, "sh", "-c", script))[0] == 0
        await box.clear()

    go(work())


# ---- survival


def test_spawner_can_be_killed(box: Box) -> None:
    async def work() -> None:
        spec = box.spec("sh", "-c", "echo up; read x; echo got $x", open_stdin=True)
        process = await box.start_spec(spec)
        os.kill(box.runtime._spawner.process.pid, signal.SIGKILL)
        assert await box.run("echo", "again") == (0, "again\n")
        await process.write_stdin(b"it\n")
        assert (await process.wait()).code == 0
        assert output(spec) == "up\ngot it\n"
        await box.clear()

    go(work())


ENGINE = """
import asyncio, json, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from runtimes import Box
from dockerlab.engine.run.runtimes import NamespacesRuntime

async def main():
    box = Box(Path({root!r}), Path({layer!r}), NamespacesRuntime({root!r}))
    for script in ("sleep 0.7; echo late; exit 3", "echo up; read x; echo got $x; exit 4"):
        spec = box.spec("sh", "-c", script, open_stdin=True)
        await box.start_spec(spec)
        print(spec.directory, flush=True)
    await asyncio.sleep(100)

asyncio.run(main())
"""


def test_engine_can_be_killed(box: Box) -> None:
    tests = str(Path(__file__).parents[1])
    script = ENGINE.format(tests=tests, root=str(box.root), layer=str(box.layer))
    engine = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert engine.stdout is not None
    ended, running = (engine.stdout.readline().strip() for _ in range(2))
    engine.kill()
    engine.wait()
    engine.stdout.close()

    async def work() -> None:
        await asyncio.sleep(0.9)
        how = await box.runtime.adopt(ended)
        assert isinstance(how, Exit)
        assert how.code == 3
        process = await box.runtime.adopt(running)
        box.started = [process]
        assert (await run_exec(process, "echo", "hi")) == (0, "hi\n")
        await process.write_stdin(b"it\n")
        assert (await process.wait()).code == 4
        texts = [e.data for e in Log(f"{running}/log.jsonl").read()]
        assert texts == [b"up\n", b"got it\n"]
        await box.clear()

    go(work())


def test_shim_that_is_killed_takes_the_container_with_it(box: Box) -> None:
    async def work() -> None:
        spec = box.spec("sleep", "100")
        process = await box.start_spec(spec)
        note = json.loads(Path(spec.directory, "shim.json").read_text())
        os.kill(note["pid"], signal.SIGKILL)
        exit = await process.wait()
        assert exit.code == 255
        assert "shim" in exit.error
        for _ in range(100):
            if not proctree.alive(note["first"]):
                break
            await asyncio.sleep(0.01)
        assert not proctree.alive(note["first"])
        found = await box.runtime.adopt(spec.directory)
        assert isinstance(found, Exit)
        assert remains.on_the_machine(box) == []
        await box.runtime.close()

    go(work())


def test_reused_pid_is_not_taken_for_the_shim(box: Box) -> None:
    async def work() -> None:
        spec = box.spec("true")
        await (await box.start_spec(spec)).wait()
        folder = Path(spec.directory)
        note = json.loads((folder / "shim.json").read_text())
        (folder / "exit.json").unlink()
        (folder / "shim.json").write_text(json.dumps({**note, "pid": os.getpid()}))
        found = await box.runtime.adopt(spec.directory)
        assert isinstance(found, Exit)
        assert found.code == 255
        await box.clear()

    go(work())


def test_clients_that_misbehave(box: Box) -> None:
    """Garbage, half requests and clients that never read do not disturb a container."""

    async def work() -> None:
        spec = box.spec("sh", "-c", "while read x; do echo $x; done; echo end", open_stdin=True)
        process = await box.start_spec(spec)
        with contextlib.ExitStack() as stack:
            for request in (b"garbage\n", b'{"op":"nosuch"}\n', b'{"op', b'{"op":"events"}\n'):
                client = stack.enter_context(socket.socket(socket.AF_UNIX))
                folder = os.open(spec.directory, os.O_PATH)
                client.connect(f"/proc/self/fd/{folder}/shim.sock")
                os.close(folder)
                client.sendall(request)
            for number in range(2000):
                await process.write_stdin(b"%d\n" % number)
            await process.close_stdin()
            assert (await process.wait()).code == 0
        assert output(spec) == "".join(f"{n}\n" for n in range(2000)) + "end\n"
        await box.runtime.close()

    go(work())
    log = box.root / "engine.log"
    assert "JSONDecodeError" in log.read_text()
    log.write_text("")


def test_small_and_lazy(box: Box) -> None:
    """A container costs little: memory, descriptors, and nothing while it does nothing."""

    async def work() -> None:
        specs = [box.spec("sleep", "100") for _ in range(4)]
        for spec in specs:
            await box.start_spec(spec)
        shims = [json.loads(Path(s.directory, "shim.json").read_text())["pid"] for s in specs]
        await asyncio.sleep(0.1)
        before = [proctree.cpu_ns(pid) for pid in shims]
        for pid in shims:
            rollup = proctree.read(f"/proc/{pid}/smaps_rollup").decode()
            pss = next(int(line.split()[1]) for line in rollup.splitlines() if "Pss:" in line)
            assert pss < 6 << 10, "KiB"
            assert len(os.listdir(f"/proc/{pid}/fd")) <= 16
        await asyncio.sleep(0.5)
        assert [proctree.cpu_ns(pid) for pid in shims] == before
        await box.clear()

    go(work())
