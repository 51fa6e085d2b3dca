"""The real docker command line where time matters: terminals, keys, streams, two at once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from commandline import CommandLine

LISTENING = ["sh", "-c", "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep .1; done"]
TICKING = ["sh", "-c", "while true; do echo tick; sleep 0.2; done"]


@pytest.fixture
def box(docker: CommandLine, name: str) -> str:
    """A container that says ``tick`` all the time."""
    assert docker("run", "-d", "--name", name, "alpine", *TICKING).code == 0
    return name


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come about in time"
        time.sleep(0.05)


def read_until(process: subprocess.Popen[str], pattern: str) -> str:
    """Lines up to the one that matches."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if re.search(pattern, line):
            break
    return "".join(lines)


# --- on a terminal


def test_a_shell_on_a_terminal(docker: CommandLine) -> None:
    with docker.terminal("run", "--rm", "-it", "alpine", "sh") as terminal:
        terminal.type("tty")
        terminal.expect(rb"/dev/(pts/\d+|console)\r\n")
        terminal.type("stty size")
        terminal.expect(rb"\n30 100\r\n")
        terminal.resize(40, 120)
        terminal.type("exit 5")
        assert terminal.wait() == 5


def test_an_exec_on_a_terminal(docker: CommandLine, box: str) -> None:
    with docker.terminal("exec", "-it", box, "sh") as terminal:
        terminal.type("until stty size | grep '30 100'; do sleep 0.1; done")
        terminal.expect(rb"\n30 100\r\n")
        terminal.resize(40, 120)
        terminal.type("exit 4")
        assert terminal.wait() == 4


def test_leaving_a_terminal_by_its_keys(docker: CommandLine, name: str) -> None:
    with docker.terminal("run", "-it", "--name", name, "alpine", "sh") as terminal:
        terminal.type("echo $((40+2))")
        terminal.expect(rb"\n42\r\n")
        terminal.press(b"\x10\x11")
        assert terminal.wait() == 0
    assert docker("inspect", "-f", "{{.State.Status}}", name).out == "running\n"
    with docker.terminal("attach", name) as terminal:
        terminal.press(b"\r")
        terminal.type("exit 6")
        assert terminal.wait() == 6


def test_ctrl_c_in_a_shell_ends_what_runs_in_it(docker: CommandLine) -> None:
    with docker.terminal("run", "--rm", "-it", "alpine", "sh") as terminal:
        # By the command itself: before it runs, the shell would keep the key to itself.
        terminal.type("sh -c \"echo be''gun; exec sleep 100\"")
        terminal.expect(rb"\nbegun\r\n")
        terminal.press(b"\x03")
        terminal.type("echo $?")
        terminal.expect(rb"\n130\r\n")
        terminal.type("exit 0")
        assert terminal.wait() == 0


def test_attach_and_ctrl_c(docker: CommandLine, box: str) -> None:
    with docker.terminal("attach", box) as terminal:
        terminal.expect(b"tick")
        terminal.press(b"\x03")
        assert terminal.wait() == 130
    assert docker("inspect", "-f", "{{.State.Status}}", box).out == "exited\n"


# --- interrupted and killed


def test_ctrl_c_reaches_the_program(docker: CommandLine, name: str) -> None:
    with docker.begin("run", "--rm", "--name", name, "alpine", *LISTENING) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "caught\n"
        assert process.wait(60) == 9


@pytest.mark.parametrize(
    ("words", "sign"),
    [(["attach", "--no-stdin"], signal.SIGKILL), (["logs", "-f"], signal.SIGTERM)],
)
def test_going_away_leaves_the_container(
    docker: CommandLine, box: str, words: list[str], sign: signal.Signals
) -> None:
    with docker.begin(*words, box) as process:
        assert process.stdout.readline() == "tick\n"
        process.send_signal(sign)
        assert process.wait(60) != 0
    assert docker("inspect", "-f", "{{.State.Status}}", box).out == "running\n"


def test_stats_go_on(docker: CommandLine, box: str) -> None:
    with docker.begin("stats", box) as process:
        for _ in range(2):
            assert re.search(r"\d+\.\d+% .*B / .*B", read_until(process, r"\d%.*B / .*B"))


# --- streams


def test_stdin_of_run_and_exec(docker: CommandLine, box: str) -> None:
    assert docker("run", "--rm", "-i", "alpine", "cat", stdin="through\n").out == "through\n"
    assert docker("exec", "-i", box, "wc", "-c", stdin="x" * 100_000).out == "100000\n"


def test_logs_by_stream(docker: CommandLine, name: str) -> None:
    script = "echo out; echo err >&2; sleep 0.2; echo more"
    done = docker("run", "--name", name, "alpine", "sh", "-c", script)
    assert (done.out, done.err) == ("out\nmore\n", "err\n")
    done = docker("logs", name)
    assert (done.out, done.err) == ("out\nmore\n", "err\n")


def test_logs_follow_until_the_end(docker: CommandLine, name: str) -> None:
    script = "for i in 1 2 3; do echo $i; sleep .2; done"
    docker("run", "-d", "--name", name, "alpine", "sh", "-c", script)
    assert docker("logs", "-f", name).out == "1\n2\n3\n"


def test_redis_by_exec(docker: CommandLine, name: str) -> None:
    docker("run", "-d", "--name", name, "redis")
    until(lambda: docker("exec", name, "redis-cli", "ping").out == "PONG\n")
    assert docker("exec", name, "redis-cli", "set", "key1", "hello").out == "OK\n"
    assert docker("exec", "-i", name, "redis-cli", stdin="get key1\n").out == "hello\n"


# --- two at once


def test_wait_while_it_is_stopped(docker: CommandLine, name: str) -> None:
    docker("run", "-d", "--name", name, "alpine", *LISTENING)
    until(lambda: docker("logs", name).out == "ready\n")
    with docker.begin("wait", name) as waiting:
        time.sleep(0.5)
        assert waiting.poll() is None
        assert docker("kill", "-s", "INT", name).code == 0
        assert waiting.stdout.read() == "9\n"
        assert waiting.wait(60) == 0


def test_events_as_they_happen(docker: CommandLine, name: str) -> None:
    filters = ["--filter", f"container={name}", "--filter", "type=container"]
    filters += ["--since", str(int(time.time()))]  # however late it begins to listen
    with docker.begin("events", *filters, "--format", "{{.Action}} {{.From}}") as listening:
        time.sleep(0.5)
        docker("run", "--rm", "--name", name, "alpine", "sh", "-c", "exit 3")
        told = read_until(listening, "^destroy")
    actions = [line.split()[0] for line in told.splitlines()]
    assert [a for a in actions if a in ("create", "start", "die", "destroy")] == [
        *("create", "start", "die", "destroy"),
    ]
    assert "die alpine\n" in told


def test_events_of_the_past(docker: CommandLine, name: str) -> None:
    since = str(int(time.time()))
    docker("run", "--rm", "--name", name, "alpine", "sh", "-c", "exit 3")
    window = ["--since", since, "--until", str(int(time.time()) + 1)]
    filters = ["--filter", "type=container", "--filter", "event=die"]
    done = docker("events", *window, *filters, "--format", "json")
    told = [json.loads(line)["Actor"]["Attributes"] for line in done.out.splitlines()]
    assert [a["exitCode"] for a in told if a["name"] == name] == ["3"]
    docker("volume", "create", name)
    docker("volume", "rm", name)
    window = ["--since", since, "--until", str(int(time.time()) + 1)]
    lines = docker(
        "events", *window, "--filter", f"volume={name}", "--filter", "type=volume"
    ).out.splitlines()
    assert [line.split()[1:3] for line in lines] == [["volume", "create"], ["volume", "destroy"]]


def test_health(docker: CommandLine, name: str) -> None:
    check = ["--health-cmd", "true", "--health-interval", "1s"]
    docker("run", "-d", "--name", name, *check, "alpine", "sleep", "60")
    healthy = ["ps", "--filter", f"name={name}", "--filter", "health=healthy"]
    until(lambda: "(healthy)" in docker(*healthy).out)
