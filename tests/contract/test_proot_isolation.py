"""What a container under PRoot is, from its first process to the last.

The other contract tests ask the engine; these ask the runtime for what only PRoot has to prove:
exit codes, signals, pauses and files come out as if there were namespaces.
"""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from prootlab import Lab, in_lab

from dockerlab.engine.run.process import Limits, Mount, StartError


def alive(words: str) -> list[str]:
    """Processes of this machine whose command line has these words."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if words in line and "pytest" not in line:
            found.append(f"{pid} {line}")
    return found


# ---- exit codes and starting


@in_lab
async def test_exit_codes(lab: Lab) -> None:
    for script, code in {
        "exit 3": 3,
        "true": 0,
        "kill -SEGV $$; sh -c 'kill -SEGV $$'": 139,
        "exec python3 -c 'import os; os.kill(os.getpid(), 9); os.abort()'": 134,
        "(sleep 0.05; exit 7) & exit 5": 5,
    }.items():
        assert (await lab.run("sh", "-c", script))[0] == code, script


@in_lab
async def test_threads_keep_the_exit_code(lab: Lab) -> None:
    script = (
        "import threading, os, time\n"
        "for _ in range(4): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
        "threading.Thread(target=lambda: os._exit(6)).start()\n"
        "time.sleep(9)"
    )
    assert (await lab.run("python3", "-c", script))[0] == 6


@in_lab
async def test_start_errors_in_dockers_words(lab: Lab) -> None:
    prefix = "failed to create shim task: OCI runtime create failed: runc create failed: "
    for args, code, words in (
        (("nope",), 127, 'exec: "nope": executable file not found in $PATH'),
        (("/nope",), 127, 'exec: "/nope": stat /nope: no such file or directory'),
        (("/etc/passwd",), 126, 'exec: "/etc/passwd": permission denied'),
        (("/tmp",), 126, 'exec: "/tmp": permission denied'),
    ):
        with pytest.raises(StartError) as caught:
            await lab.start(*args)
        assert caught.value.code == code
        assert caught.value.message == (
            f"{prefix}unable to start container process: {words}: unknown"
        )


@in_lab
async def test_unknown_user(lab: Lab) -> None:
    with pytest.raises(StartError, match="unable to find user ghost: no matching entries"):
        await lab.start("true", user="ghost")


@in_lab
async def test_environment_is_only_what_was_asked_for(lab: Lab) -> None:
    _, out, err = await lab.run("env", env=("A=b",))
    names = {line.partition("=")[0] for line in out.splitlines()}
    assert names == {"A", "PATH", "HOME"}
    assert err == ""


@in_lab
async def test_user_hostname_and_folder(lab: Lab) -> None:
    script = "id -u; id -g; hostname; pwd; touch /tmp/f; stat -c %u /tmp/f"
    box = await lab.start("sh", "-c", script, user="web", cwd="/made/here")
    await box.wait()
    expected = ["1000", "1000", box.spec.hostname, "/made/here", "1000"]
    assert box.output().split() == expected


@in_lab
async def test_root_is_pretended(lab: Lab) -> None:
    code, out, err = await lab.run("sh", "-c", "id -u && touch f && chown 33:33 f && chmod 700 f")
    assert (code, out, err) == (0, "0\n", "")


# ---- signals


@in_lab
async def test_first_process_is_as_hard_to_end_as_pid_1(lab: Lab) -> None:
    script = "kill -TERM $$; kill -KILL $$; sh -c 'kill -9 -1'; kill -9 1; echo here; exit 4"
    code, out, _ = await lab.run("sh", "-c", script)
    assert (code, out) == (4, "here\n")


@in_lab
async def test_kill_1_reaches_the_first_process(lab: Lab) -> None:
    script = "trap 'echo got; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    box = await lab.start("sh", "-c", script)
    await box.says("ready")
    assert (await box.exec("sh", "-c", "kill 1"))[0] == 0
    assert (await box.wait()).code == 9
    assert box.output() == "ready\ngot\n"


@in_lab
async def test_signals_from_outside(lab: Lab) -> None:
    deaf = await lab.start("sleep", "300")
    await deaf.process.signal(15)
    await asyncio.sleep(0.2)
    assert deaf.process.ended is None
    await deaf.process.signal(9)
    assert (await deaf.wait()).code == 137
    polite = await lab.start("sleep", "300", init=True)
    await polite.process.signal(15)
    assert (await polite.wait()).code == 143


@in_lab
async def test_kill_minus_1_stays_inside(lab: Lab) -> None:
    neighbour = await lab.start("sleep", "301")
    box = await lab.start("sh", "-c", "sleep 302 & sleep 302 & kill -9 -1; wait; echo alone")
    assert (await box.wait()).code == 0
    assert box.output() == "alone\n"
    assert neighbour.process.ended is None


@in_lab
async def test_process_groups(lab: Lab) -> None:
    script = (
        "import os, signal, subprocess\n"
        "p = subprocess.Popen(['sh', '-c', 'sleep 303 & sleep 303'], start_new_session=True)\n"
        "os.killpg(p.pid, signal.SIGTERM); print(p.wait())\n"
        "signal.signal(signal.SIGUSR1, lambda *a: print('usr1')); os.kill(0, signal.SIGUSR1)\n"
    )
    _, out, err = await lab.run("python3", "-c", script)
    assert out == "-15\nusr1\n", err


@in_lab
async def test_daemons_end_with_the_first_process(lab: Lab) -> None:
    script = "(setsid sleep 3041 > /dev/null 2>&1 &); sleep 0.1; exit 2"
    began = time.monotonic()
    assert (await lab.run("sh", "-c", script))[0] == 2
    assert time.monotonic() - began < 50
    assert not alive("sleep 3041")


@in_lab
async def test_pause(lab: Lab) -> None:
    script = "i=0; while :; do i=$((i+1)); echo $i > /tmp/count; sleep 0.01; done"
    box = await lab.start("sh", "-c", f"python3 -c 'while 1: pass' & {script}")
    count = box.rootfs / "tmp" / "count"
    while not count.exists():
        await asyncio.sleep(0.01)
    for _ in range(3):
        await box.process.pause()
        await asyncio.sleep(0.1)
        before, used = count.read_text(), (await box.process.usage())["cpu_ns"]
        await asyncio.sleep(0.4)
        assert count.read_text() == before
        assert (await box.process.usage())["cpu_ns"] == used
        await box.process.resume()
        await asyncio.sleep(0.2)
        assert count.read_text() != before


@in_lab
async def test_killed_while_paused(lab: Lab) -> None:
    box = await lab.start("sleep", "305")
    await box.process.pause()
    await box.process.signal(9)
    assert (await box.wait()).code == 137


# ---- exec


@in_lab
async def test_exec(lab: Lab) -> None:
    box = await lab.start("sleep", "306")
    assert await box.exec("sh", "-c", "echo hi; echo oh >&2; exit 3") == (3, "hi\noh\n")
    assert await box.exec("sh", "-c", "kill -TERM $$") == (143, "")
    with pytest.raises(StartError, match="OCI runtime exec failed.*not found in"):
        await box.exec("nope")
    assert await box.exec("sh", "-c", "id -u", user="web") == (0, "1000\n")


@in_lab
async def test_exec_ends_though_it_left_a_daemon(lab: Lab) -> None:
    box = await lab.start("sleep", "307")
    began = time.monotonic()
    code, _ = await box.exec("sh", "-c", "(setsid sleep 3071 >/dev/null 2>&1 &); exit 8")
    assert code == 8
    assert time.monotonic() - began < 50
    assert alive("sleep 3071")
    await box.process.signal(9)
    await box.wait()
    assert not alive("sleep 3071")


@in_lab
async def test_processes(lab: Lab) -> None:
    box = await lab.start("sh", "-c", "sleep 308 & sleep 308 & echo ready; wait")
    await box.says("ready")
    pids = await box.process.processes()
    assert len(pids) == 3
    assert "sh" in Path(f"/proc/{pids[0]}/comm").read_text()


@in_lab
async def test_terminal(lab: Lab) -> None:
    script = "tty; test -t 0 && stty size; echo done"
    box = await lab.start("sh", "-c", script, tty=True, open_stdin=True)
    await box.wait()
    lines = box.output().split()
    assert lines[0].startswith("/dev/pts/")
    assert lines[-1] == "done"


# ---- files


@in_lab
async def test_calls_that_proot_does_not_know(lab: Lab) -> None:
    script = "cd /tmp && echo a > b && ls -la b && mv b c && cp c d && stat c && rm c && ls"
    code, out, err = await lab.run("sh", "-c", script)
    assert (code, err) == (0, "")
    assert out.endswith("d\n")


@in_lab
async def test_mounts(lab: Lab) -> None:
    shared = lab.root / "a: b"
    shared.mkdir()
    (shared / "file").write_text("from outside")
    fixed = lab.root / "fixed"
    fixed.mkdir()
    (fixed / "file").touch()
    mounts = (
        Mount("bind", "/deep/volume", str(shared)),
        Mount("bind", "/fixed", str(fixed), True),
        Mount("tmpfs", "/scratch", options="mode=700"),
    )
    script = (
        "cat /deep/volume/file; echo new > /deep/volume/new; echo x > /scratch/x; "
        "stat -c %a /scratch; echo no > /fixed/no; rm /fixed/file; ls /deep"
    )
    code, out, err = await lab.run("sh", "-c", script, mounts=mounts)
    assert code == 0
    assert out == "from outside700\nvolume\n"
    assert (shared / "new").read_text() == "new\n"
    if lab.walled:
        assert err.count("ermission denied") == 2
        assert os.listdir(fixed) == ["file"]


@in_lab
async def test_read_only(lab: Lab) -> None:
    if not lab.walled:
        return
    code, _, err = await lab.run("sh", "-c", "echo a > /tmp/a", read_only=True)
    assert code != 0
    assert "ermission denied" in err


@in_lab
async def test_unix_sockets(lab: Lab) -> None:
    script = (
        "import socket, threading\n"
        "s = socket.socket(socket.AF_UNIX); s.bind('/tmp/my.sock'); s.listen()\n"
        "c = socket.socket(socket.AF_UNIX); c.connect('/tmp/my.sock')\n"
        "c.send(b'x'); print(s.accept()[0].recv(1), s.getsockname())"
    )
    code, out, err = await lab.run("python3", "-c", script)
    assert (code, out) == (0, "b'x' /tmp/my.sock\n"), err


@in_lab
async def test_limits(lab: Lab) -> None:
    script = "for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait"
    _, _, err = await lab.run("sh", "-c", script, limits=Limits(pids=5))
    assert "fork" in err
    script = "x = b'x' * (200 << 20)\nimport time; time.sleep(5)"
    box = await lab.start("python3", "-c", script, limits=Limits(memory=64 << 20))
    end = await box.wait()
    assert (end.code, end.oom_killed) == (137, True)


@in_lab
async def test_ulimits(lab: Lab) -> None:
    _, out, _ = await lab.run("sh", "-c", "ulimit -n", ulimits=(("nofile", 99, 99),))
    assert out == "99\n"
