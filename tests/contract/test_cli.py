"""The real docker command line: the same words, output and exit codes on every engine."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from docker.client import DockerClient


@dataclass
class Done:
    code: int
    out: str
    err: str


Docker = Callable[..., Done]
ESCAPE = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture
def docker(cli: list[str], client: DockerClient) -> Docker:
    def call(*words: str, stdin: str | None = None, timeout: float = 40) -> Done:
        done = subprocess.run(
            [*cli, *words],
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, "DOCKER_BUILDKIT": "0"},
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return call


@pytest.mark.parametrize(
    ("words", "code", "out"),
    [
        (["alpine", "echo", "hi"], 0, "hi\n"),
        (["alpine", "sh", "-c", "exit 3"], 3, ""),
        (["alpine", "nosuchcmd"], 127, ""),
        (["alpine", "/etc/passwd"], 126, ""),
        (["--nosuchflag", "alpine"], 125, ""),
        (["-e", "A=b", "alpine", "sh", "-c", "echo $A"], 0, "b\n"),
        (["-w", "/tmp", "alpine", "pwd"], 0, "/tmp\n"),
        (["--entrypoint", "echo", "alpine", "x"], 0, "x\n"),
        (["--init", "alpine", "echo", "inside"], 0, "inside\n"),
    ],
)
def test_run(docker: Docker, words: list[str], code: int, out: str) -> None:
    done = docker("run", "--rm", *words)
    assert (done.code, done.out) == (code, out), done.err


def test_run_reads_stdin(docker: Docker) -> None:
    assert docker("run", "--rm", "-i", "alpine", "cat", stdin="through\n").out == "through\n"


def test_hello_world_has_no_ls(docker: Docker) -> None:
    assert docker("run", "--rm", "hello-world").code == 0
    done = docker("run", "--rm", "hello-world", "ls")
    assert done.code == 127
    assert "executable file not found in $PATH" in done.err


def test_run_of_an_unknown_image(docker: Docker) -> None:
    done = docker("run", "--rm", "dltest-nosuchimage", timeout=100)
    assert done.code == 125
    assert "Unable to find image 'dltest-nosuchimage:latest' locally" in done.err


def on_terminal(command: list[str], typed: list[str], timeout: float = 20) -> tuple[int, str]:
    """Run on a terminal; type each line when the prompt is there."""
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(command[0], command)
    seen, end = b"", time.monotonic() + timeout
    waiting = list(typed)
    while time.monotonic() < end:
        ready, _, _ = select.select([master], [], [], 0.3)
        if ready:
            try:
                chunk = os.read(master, 4096)
            except OSError:
                break
            if not chunk:
                break
            seen += chunk
        elif waiting and ESCAPE.sub(b"", seen).rstrip().endswith((b"#", b"$", b">")):
            os.write(master, waiting.pop(0).encode() + b"\r")
    else:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(master)
    return os.waitstatus_to_exitcode(status), seen.decode(errors="replace")


def test_an_interactive_shell(cli: list[str], client: DockerClient) -> None:
    code, seen = on_terminal(
        [*cli, "run", "--rm", "-it", "alpine", "sh"], ["tty", "echo $((40+2))", "exit 5"]
    )
    assert "/dev/pts/" in seen or "/dev/console" in seen
    assert "42" in seen
    assert code == 5


def test_an_interactive_exec(docker: Docker, cli: list[str], name: str) -> None:
    docker("run", "-d", "--name", name, "alpine", "sleep", "100")
    code, seen = on_terminal([*cli, "exec", "-it", name, "sh"], ["echo $((40+2))", "exit 4"])
    assert "42" in seen
    assert code == 4


def test_redis_by_exec(docker: Docker, name: str) -> None:
    docker("run", "-d", "--name", name, "redis")
    for _ in range(50):
        if docker("exec", name, "redis-cli", "ping").out == "PONG\n":
            break
        time.sleep(0.1)
    assert docker("exec", name, "redis-cli", "set", "key1", "hello").out == "OK\n"
    assert docker("exec", "-i", name, "redis-cli", stdin="get key1\n").out == "hello\n"


def test_the_life_of_a_container(docker: Docker, name: str) -> None:
    made = docker(
        "create", "--name", name, "alpine", "sh", "-c", "trap 'exit 0' TERM; sleep 50 & wait"
    )
    assert made.code == 0, made.err
    assert len(made.out.strip()) == 64
    steps = ["start", "pause", "unpause", "restart", "stop", "start", "kill"]
    for step in steps:
        done = docker(step, name)
        assert (done.code, done.out) == (0, f"{name}\n"), f"{step}: {done.err}"
    assert docker("wait", name).out == "137\n"
    assert docker("rename", name, name + "-b").code == 0
    assert docker("rm", name + "-b").out == f"{name}-b\n"
    assert docker("rm", name + "-b").code == 1


def test_ps_has_dockers_columns(docker: Docker, name: str) -> None:
    docker("run", "-d", "--name", name, "-p", "127.0.0.1::80", "nginx")
    header, row = docker("ps", "--filter", f"name={name}").out.splitlines()
    assert header.split() == [
        "CONTAINER",
        "ID",
        "IMAGE",
        "COMMAND",
        "CREATED",
        "STATUS",
        "PORTS",
        "NAMES",
    ]
    assert '"nginx -g' in row
    assert "->80/tcp" in row
    assert row.endswith(name)
    assert "Up" in row
    docker("kill", name)
    assert "Exited (137)" in docker("ps", "-a", "--filter", f"name={name}").out
    quiet = docker("ps", "-aq", "--filter", f"name={name}").out.strip()
    assert len(quiet) == 12


def test_rm_refuses_a_running_container(docker: Docker, name: str) -> None:
    docker("run", "-d", "--name", name, "alpine", "sleep", "100")
    done = docker("rm", name)
    assert done.code == 1
    assert "container" in done.err
    assert "running" in done.err
    assert docker("rm", "-f", name).code == 0


def test_a_taken_name(docker: Docker, name: str) -> None:
    docker("create", "--name", name, "alpine")
    done = docker("run", "--name", name, "alpine", "true")
    assert done.code == 125
    assert "is already in use by container" in done.err


def test_logs(docker: Docker, name: str) -> None:
    docker(
        "run", "--name", name, "alpine", "sh", "-c", "echo out; echo err >&2; sleep 0.2; echo more"
    )
    done = docker("logs", name)
    assert (done.out, done.err) == ("out\nmore\n", "err\n")
    assert docker("logs", "--tail", "1", name).out == "more\n"
    stamped = docker("logs", "-t", "--tail", "1", name).out
    assert stamped.endswith(" more\n")
    assert stamped[:4].isdigit()


def test_logs_follow_until_the_end(docker: Docker, name: str) -> None:
    docker(
        "run",
        "-d",
        "--name",
        name,
        "alpine",
        "sh",
        "-c",
        "for i in 1 2 3; do echo $i; sleep .2; done",
    )
    assert docker("logs", "-f", name).out == "1\n2\n3\n"


def test_start_attached_gives_output_and_exit_code(docker: Docker, name: str) -> None:
    docker("create", "--name", name, "alpine", "sh", "-c", "echo started; exit 3")
    done = docker("start", "-a", name)
    assert (done.code, done.out) == (3, "started\n")


def test_cp_in_and_out(docker: Docker, name: str, tmp_path) -> None:
    (tmp_path / "in.txt").write_text("copied\n")
    docker("run", "-d", "--name", name, "alpine", "sleep", "100")
    assert docker("cp", str(tmp_path / "in.txt"), f"{name}:/tmp/").code == 0
    assert docker("exec", name, "cat", "/tmp/in.txt").out == "copied\n"
    assert docker("cp", f"{name}:/tmp/in.txt", str(tmp_path / "out.txt")).code == 0
    assert (tmp_path / "out.txt").read_text() == "copied\n"
    assert docker("cp", f"{name}:/nosuch", str(tmp_path)).code == 1


def test_inspect_and_format(docker: Docker, name: str) -> None:
    docker("create", "--name", name, "alpine", "true")
    assert json.loads(docker("inspect", name).out)[0]["Name"] == f"/{name}"
    assert docker("inspect", "--format", "{{.State.Status}}", name).out == "created\n"
    assert docker("inspect", "alpine").code == 0
    done = docker("inspect", "dltest-nothing")
    assert done.code == 1
    assert "No such object: dltest-nothing" in done.err


def test_top_stats_port_diff(docker: Docker, name: str) -> None:
    docker("run", "-d", "--name", name, "-p", "127.0.0.1::80", "nginx")
    assert "nginx" in docker("top", name).out
    assert docker("top", name, "-o", "pid,comm").out.split()[:2] == ["PID", "COMMAND"]
    stats = docker("stats", "--no-stream", name)
    assert name in stats.out, stats.err
    assert "80/tcp -> 127.0.0.1:" in docker("port", name).out
    docker("exec", name, "touch", "/new-file")
    assert "A /new-file" in docker("diff", name).out


def test_update_commit_tag_save_load(docker: Docker, name: str, tmp_path) -> None:
    docker("create", "--name", name, "alpine", "true")
    assert docker("update", "--restart", "on-failure:3", name).code == 0
    done = docker("commit", "-m", "msg", "-c", 'CMD ["echo", "committed"]', name, f"{name}:c1")
    assert done.code == 0, done.err
    assert docker("run", "--rm", f"{name}:c1").out == "committed\n"
    assert docker("tag", f"{name}:c1", f"{name}:c2").code == 0
    archive = str(tmp_path / "img.tar")
    assert docker("save", "-o", archive, f"{name}:c1", f"{name}:c2").code == 0
    assert docker("rmi", f"{name}:c1", f"{name}:c2").code == 0
    loaded = docker("load", "-i", archive)
    assert f"Loaded image: {name}:c1" in loaded.out
    assert docker("history", f"{name}:c1").code == 0
    assert docker("rmi", f"{name}:c1", f"{name}:c2").code == 0


def test_export_import(docker: Docker, name: str, tmp_path) -> None:
    docker("create", "--name", name, "alpine", "true")
    archive = str(tmp_path / "exp.tar")
    assert docker("export", "-o", archive, name).code == 0
    assert docker("import", archive, f"{name}:imported").out.startswith("sha256:")
    assert docker("run", "--rm", f"{name}:imported", "echo", "hi").out == "hi\n"
    assert docker("rmi", "-f", f"{name}:imported").code == 0


def test_images_and_their_refusal(docker: Docker, name: str) -> None:
    lines = docker("images").out.splitlines()
    assert lines[0].split() == ["REPOSITORY", "TAG", "IMAGE", "ID", "CREATED", "SIZE"]
    assert any(line.startswith("alpine ") for line in lines)
    docker("tag", "busybox", f"{name}:1")
    docker("create", "--name", name, f"{name}:1")
    done = docker("rmi", "busybox")
    # Two names: one may go, the image stays.
    assert done.code == 0
    docker("tag", f"{name}:1", "busybox")
    done = docker("rmi", docker("images", "-q", "busybox").out.strip())
    assert done.code == 1
    assert "conflict" in done.err
    docker("rm", name)
    docker("rmi", f"{name}:1")


def test_volumes(docker: Docker, name: str) -> None:
    assert docker("volume", "create", name).out == f"{name}\n"
    docker("run", "--rm", "-v", f"{name}:/d", "alpine", "sh", "-c", "echo x > /d/f")
    out = docker(
        "run", "--rm", "--mount", f"type=volume,src={name},dst=/d", "alpine", "cat", "/d/f"
    )
    assert out.out == "x\n"
    assert name in docker("volume", "ls").out
    assert docker("volume", "rm", name).code == 0
    assert docker("volume", "inspect", name).code == 1


def test_system(docker: Docker) -> None:
    assert "Server" in docker("version").out
    assert "Containers:" in docker("info").out
    lines = docker("system", "df").out.splitlines()
    assert lines[0].split()[0] == "TYPE"
    assert lines[1].startswith("Images")


def test_events_as_json(docker: Docker, name: str) -> None:
    since = str(int(time.time()) - 1)
    docker("run", "--rm", "--name", name, "alpine", "true")
    until = str(int(time.time()) + 1)
    done = docker(
        *("events", "--since", since, "--until", until, "--format", "{{json .}}"),
        *("--filter", f"container={name}"),
    )
    actions = [json.loads(line)["Action"] for line in done.out.splitlines()]
    assert actions[0] == "create"
    assert {"start", "die", "destroy"} <= set(actions)


def test_system_prune_leaves_what_runs(docker: Docker, name: str, engine) -> None:
    if engine.kind == "docker" and not os.environ.get("CI"):
        pytest.skip("would remove other people's containers")
    docker("run", "-d", "--name", name, "alpine", "sleep", "100")
    docker("create", "--name", name + "-b", "alpine")
    done = docker("system", "prune", "-f")
    assert done.code == 0, done.err
    assert "Total reclaimed space" in done.out
    left = docker("ps", "-a", "--format", "{{.Names}}").out.split()
    assert name in left
    assert name + "-b" not in left


def test_ctrl_c_reaches_the_program(cli: list[str], client: DockerClient, name: str) -> None:
    process = subprocess.Popen(
        [
            *cli,
            "run",
            "--rm",
            "--name",
            name,
            "alpine",
            "sh",
            "-c",
            "trap 'echo caught; exit 9' INT; echo ready; while true; do sleep .1; done",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    assert process.stdout.read() == "caught\n"
    assert process.wait(20) == 9
