"""``%docker``: docker's own words, columns, errors and exit codes, on every engine there is."""

from __future__ import annotations

import io
import json
import re
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from docker.client import DockerClient

from dockerlab import Lab
from dockerlab.magics.output import Output
from dockerlab.magics.runner import Runner


class Typed:
    """Types commands and keeps what they wrote."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.out = self.err = ""

    def __call__(self, text: str, lines: Sequence[str] | None = None) -> int:
        out, err = io.StringIO(), io.StringIO()
        code = Runner(lambda: self.lab, Output(out, err)).run(text, lines)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    def ok(self, text: str, lines: Sequence[str] | None = None) -> str:
        code = self(text, lines)
        assert code == 0, f"docker {text} → {code}\n{self.out}{self.err}"
        return self.out


@pytest.fixture
def docker(lab: Lab, client: DockerClient) -> Typed:
    return Typed(lab)


@pytest.fixture
def box(docker: Typed, name: str) -> str:
    docker.ok(f"run -d --name {name} alpine sleep 600")
    return name


# --- run


def test_run(docker: Typed) -> None:
    assert docker.ok("run --rm alpine echo hi") == "hi\n"
    assert docker('run --rm alpine sh -c "echo out; echo err >&2; exit 3"') == 3
    assert (docker.out, docker.err) == ("out\n", "err\n")


def test_run_of_what_the_image_lacks(docker: Typed, name: str) -> None:
    assert docker(f"run --name {name} hello-world ls") == 127
    assert docker.err.startswith("docker: Error response from daemon: ")
    assert "→ the image has no such program" in docker.err


def test_run_detached_prints_the_id(docker: Typed, name: str) -> None:
    identifier = docker.ok(f"run -d --name {name} alpine sleep 600").strip()
    assert re.fullmatch("[0-9a-f]{64}", identifier)
    assert docker.ok(f"ps -q --no-trunc --filter name={name}").strip() == identifier


def test_a_taken_name(docker: Typed, box: str) -> None:
    assert docker(f"run --name {box} alpine true") == 125
    assert "is already in use by container" in docker.err


def test_run_s_flags_reach_the_container(docker: Typed, name: str, tmp_path: Path) -> None:
    (tmp_path / "env").write_text("# a file\nC=d\n")
    flags = f"--name {name} -e A=b --env-file {tmp_path}/env -w /tmp -h box --label k=v"
    out = docker.ok(f"run {flags} --add-host x:10.0.0.1 alpine sh -c 'pwd; env; hostname'")
    assert out.startswith("/tmp\n")
    assert {"A=b", "C=d", "box"} <= set(out.splitlines())
    template = '{{.Config.Hostname}} {{index .Config.Labels "k"}} {{.HostConfig.ExtraHosts}}'
    assert docker.ok(f"inspect -f '{template}' {name}") == "box v [x:10.0.0.1]\n"


def test_missing_image(docker: Typed) -> None:
    assert docker("run --pull never dltest/none:1") == 125
    assert "No such image: dltest/none:1" in docker.err


# --- input and terminals


def test_lines_go_into_a_pipe(docker: Typed, box: str) -> None:
    assert docker.ok("run --rm -i alpine cat", ["a", "b"]) == "a\nb\n"
    assert docker.ok(f"exec -i {box} cat", ["c"]) == "c\n"
    assert docker.ok(f"exec -i {box} cat") == ""


def test_a_shell_takes_lines_one_after_another(docker: Typed, box: str) -> None:
    assert (
        docker(f"exec -it {box} sh", ["echo hello", "sleep 0.5; echo later", "cd /tmp", "pwd"]) == 0
    )
    lines = [line for line in docker.out.splitlines() if line]
    start = next(i for i, line in enumerate(lines) if line.endswith("# echo hello"))
    assert [line.rpartition("# ")[2] or line for line in lines[start : start + 7]] == [
        *("echo hello", "hello", "sleep 0.5; echo later", "later", "cd /tmp", "pwd", "/tmp"),
    ]
    assert "\x1b" not in docker.out


def test_the_exit_code_of_a_shell(docker: Typed, box: str) -> None:
    assert docker("run -it --rm alpine sh", ["exit 3"]) == 3
    assert docker(f"exec -it {box} sh", ["exit 4"]) == 4


def test_redis_in_its_own_container(docker: Typed, name: str) -> None:
    docker.ok(f"run -d --name {name} redis")
    docker.lab.container(name).wait_for_log("Ready to accept connections")
    docker.ok(f"exec -it {name} redis-cli", ["set key1 hello", "get key1"])
    told = [line.strip() for line in docker.out.splitlines() if line.strip()]
    prompt = "127.0.0.1:6379> "
    assert told[:4] == [f"{prompt}set key1 hello", "OK", f"{prompt}get key1", '"hello"']


# --- listing


def test_ps_columns(docker: Typed, box: str) -> None:
    head, row = docker.ok(f"ps --filter name={box}").splitlines()
    assert head.split("  ")[0] == "CONTAINER ID"
    assert head.index("NAMES") == row.index(box)
    assert '"sleep 600"' in row
    docker.ok(f"stop -t 0 {box}")
    assert len(docker.ok(f"ps --filter name={box}").splitlines()) == 1
    assert "Exited (" in docker.ok(f"ps -a --filter name={box}")


def test_ps_formats(docker: Typed, box: str) -> None:
    chosen = f"ps --filter name={box} --format"
    assert docker.ok(f"{chosen} '{{{{.Names}}}}: {{{{.State}}}}'") == f"{box}: running\n"
    assert json.loads(docker.ok(f"{chosen} json"))["Names"] == box
    table = docker.ok(f"{chosen} 'table {{{{.Names}}}}\\t{{{{.Image}}}}'").splitlines()
    assert table[0].split() == ["NAMES", "IMAGE"]
    assert table[1].split() == [box, "alpine"]


def test_images(docker: Typed) -> None:
    head, row = docker.ok("images alpine").splitlines()
    assert head.split() == ["REPOSITORY", "TAG", "IMAGE", "ID", "CREATED", "SIZE"]
    assert row.split()[:2] == ["alpine", "latest"]
    assert re.fullmatch("[0-9a-f]{12}\n", docker.ok("images -q alpine"))
    assert docker.ok("history alpine").startswith("IMAGE  ")


def test_dangling_volumes_are_removed_by_their_list(docker: Typed, name: str) -> None:
    which = f"$(docker volume ls -qf dangling=true -f name={name})"
    docker.ok(f"volume create {name}-1")
    docker.ok(f"volume create {name}-2")
    assert docker.ok(f"volume rm {which}") == f"{name}-1\n{name}-2\n"
    assert docker(f"volume rm {which}")
    assert "'docker volume rm' requires at least 1 argument" in docker.err.replace('"', "'")


def test_every_key_of_a_mount(docker: Typed, name: str) -> None:
    words = f"src={name},dst=/d,volume-nocopy,volume-label=a=b,volume-driver=local"
    docker.ok(f"run --rm --mount {words} busybox true")
    shown = docker.ok(f"volume inspect {name} --format '{{{{json .Labels}}}}'")
    assert json.loads(shown) == {"a": "b"}
    assert docker("run --rm --mount type=bind,src=/tmp,dst=/d,volume-nocopy busybox true") == 125
    assert "cannot mix 'volume-*' options with mount type 'bind'" in docker.err


def test_volumes_and_networks(docker: Typed) -> None:
    docker.ok("volume create dltest-v")
    try:
        assert "dltest-v" in docker.ok("volume ls -q --filter name=dltest-v")
        assert docker.ok("run --rm -v dltest-v:/d alpine sh -c 'echo x > /d/f'") == ""
        readonly = "--mount type=volume,src=dltest-v,dst=/d,readonly"
        assert docker.ok(f"run --rm {readonly} alpine cat /d/f") == "x\n"
    finally:
        assert docker.ok("volume rm dltest-v") == "dltest-v\n"
    assert docker.ok("network ls --filter name=bridge").splitlines()[0].startswith("NETWORK ID")


def test_logs(docker: Typed, name: str) -> None:
    docker(f"run --name {name} alpine sh -c 'echo a; echo b; sleep 0.3; echo c >&2'")
    docker.ok(f"logs {name}")
    assert (docker.out, docker.err) == ("a\nb\n", "c\n")
    assert docker.ok(f"logs -f --tail 2 {name}") + docker.err == "b\nc\n"
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z a\n", docker.ok(f"logs -t {name}"))


def test_looking_into_a_container(docker: Typed, box: str) -> None:
    assert "sleep 600" in docker.ok(f"top {box}")
    assert "CPU %" in docker.ok(f"stats --no-stream {box}")
    docker.ok(f"exec {box} touch /new")
    assert "A /new" in docker.ok(f"diff {box}").splitlines()
    assert docker.ok(f"inspect --format '{{{{.State.Status}}}}' {box}") == "running\n"
    assert json.loads(docker.ok(f"inspect {box}"))[0]["Name"] == f"/{box}"


# --- life and removal


def test_the_life_of_a_container(docker: Typed, box: str) -> None:
    for action, state in (
        ("pause", "paused"),
        ("unpause", "running"),
        ("stop -t 0", "exited"),
        ("start", "running"),
        ("restart -t 0", "running"),
        ("kill", "exited"),
    ):
        assert docker.ok(f"{action} {box}") == f"{box}\n"
        assert docker.ok(f"inspect -f '{{{{.State.Status}}}}' {box}") == f"{state}\n"
    assert docker.ok(f"wait {box}") == "137\n"
    docker.ok(f"rename {box} {box}-b")
    assert docker.ok(f"rm {box}-b") == f"{box}-b\n"


def test_rm_refuses_what_runs_and_takes_all_that_a_list_gives(docker: Typed, box: str) -> None:
    assert docker(f"rm {box}") == 1
    assert docker.err.startswith(
        "Error response from daemon: You cannot remove a running container"
    )
    docker.ok(f"kill {box}")
    identifier = docker.ok(f"ps -aq --filter name={box}")
    assert docker.ok(f"rm $(docker ps -a -q --filter name={box})") == identifier
    assert docker(f"rm $(docker ps -a -q --filter name={box})") == 125
    assert "requires at least 1 argument" in docker.err


def test_one_bad_name_does_not_stop_the_others(docker: Typed, box: str) -> None:
    assert docker(f"stop -t 0 dltest-none {box}") == 1
    assert docker.out == f"{box}\n"
    assert "No such container: dltest-none" in docker.err


def test_rmi_refuses_an_image_in_use(docker: Typed, name: str) -> None:
    docker.ok("tag hello-world dltest-used:1")
    try:
        docker.ok(f"run --name {name} dltest-used:1")
        assert docker("rmi dltest-none:1") == 1
        assert "No such image: dltest-none:1" in docker.err
    finally:
        docker.ok(f"rm {name}")
        assert docker.ok("rmi dltest-used:1") == "Untagged: dltest-used:1\n"


def test_inspect_of_nothing(docker: Typed) -> None:
    assert docker("inspect dltest-none") == 1
    assert docker.out == "[]\n"
    assert docker.err.startswith("Error: No such object: dltest-none\n")


def test_create_and_start_attached(docker: Typed, name: str) -> None:
    docker.ok(f"create -i --name {name} alpine sh -c 'cat; exit 5'")
    assert docker(f"start -ai {name}", ["typed"]) == 5
    assert docker.out == "typed\n"


# --- files and images


def test_cp(docker: Typed, box: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_text("text")
    docker.ok(f"cp {folder} {box}:/new")
    assert docker.ok(f"exec {box} cat /new/file") == "text"
    docker.ok(f"cp {folder}/file {box}:/tmp/")
    docker.ok(f"cp {box}:/new {tmp_path}/back")
    assert (tmp_path / "back" / "file").read_text() == "text"
    docker.ok(f"cp {box}:/tmp/file {tmp_path}/one")
    assert (tmp_path / "one").read_text() == "text"
    assert docker(f"cp {box}:/nowhere {tmp_path}") == 1


def test_commit_export_import(docker: Typed, name: str, tmp_path: Path) -> None:
    docker(f"run --name {name} busybox sh -c 'echo kept > /kept'")
    try:
        docker.ok(f'commit -m note -c \'CMD ["cat", "/kept"]\' {name} dltest-commit:1')
        assert docker.ok("run --rm dltest-commit:1") == "kept\n"
        docker.ok(f"export -o {tmp_path}/all.tar {name}")
        docker.ok(f"import {tmp_path}/all.tar dltest-import:1")
        assert docker.ok("run --rm dltest-import:1 cat /kept") == "kept\n"
    finally:
        docker("rmi -f dltest-commit:1 dltest-import:1")


# --- the rest


def test_trace_shows_the_requests(docker: Typed, box: str) -> None:
    docker.ok(f"--trace pause {box}")
    assert f"/containers/{box}/pause → 204" in docker.out


def test_events_end_by_themselves(docker: Typed, name: str) -> None:
    docker.ok(f"run --rm --name {name} alpine true")
    out = docker.ok(f"events --since 30s --until 0s --filter container={name}")
    actions = [line.split()[2] for line in out.splitlines()]
    assert [a for a in actions if a in ("create", "die")] == ["create", "die"]


def test_version_and_info(docker: Typed) -> None:
    assert "API version" in docker.ok("version")
    assert "Server Version" in docker.ok("info")
    assert docker.ok("system df").splitlines()[0].split()[0] == "TYPE"


def interrupted(
    action: Callable[[], int], after: float, ready: Callable[[], bool] = lambda: True
) -> tuple[int, float]:
    """Run it and press Ctrl-C so many seconds after it is ready; its code and how long it took."""
    # As a cell's interrupt does, the signal must wake the main thread from its system call.
    main = threading.main_thread().ident

    def press() -> None:
        end = time.monotonic() + 60
        while not ready() and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(after)
        signal.pthread_kill(main, signal.SIGINT)

    timer = threading.Thread(target=press)
    began = time.monotonic()
    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer.start()
    try:
        return action(), time.monotonic() - began
    finally:
        timer.join()
        signal.signal(signal.SIGINT, old)


def test_ctrl_c_ends_a_program_that_listens(docker: Typed, client: DockerClient, name: str) -> None:
    script = "trap 'echo bye; exit 0' INT; echo ready; while true; do sleep 0.1; done"

    def ready() -> bool:
        found = client.containers.list(
            filters={"name": name, "status": "running"}, ignore_removed=True
        )
        return bool(found) and b"ready" in found[0].logs()

    words = f'run --name {name} alpine sh -c "{script}"'
    code, took = interrupted(lambda: docker(words), 0.5, ready)
    assert code == 130
    assert took < 30
    assert docker.out == "ready\nbye\n"
    assert docker.ok(f"inspect -f '{{{{.State.Status}}}}' {name}") == "exited\n"


def test_ctrl_c_kills_what_does_not_listen(docker: Typed, client: DockerClient, name: str) -> None:
    before = threading.active_count()
    running = {"name": name, "status": "running"}
    code, took = interrupted(
        lambda: docker(f"run --name {name} alpine sleep 600"),
        1.0,
        lambda: bool(client.containers.list(filters=running, ignore_removed=True)),
    )
    assert code == 130
    assert took < 20
    assert "killed" in docker.err
    assert docker.ok(f"inspect -f '{{{{.State.Status}}}}' {name}") == "exited\n"
    assert threading.active_count() == before


def test_ctrl_c_lets_go_of_what_ran_before(docker: Typed, box: str) -> None:
    code, _ = interrupted(lambda: docker(f"attach {box}"), 0.5)
    assert code == 130
    assert "docker stop" in docker.err
    assert docker.ok(f"inspect -f '{{{{.State.Status}}}}' {box}") == "running\n"


def test_ctrl_c_ends_following(docker: Typed, box: str) -> None:
    for text in (f"logs -f {box}", f"events --filter container={box}"):
        code, took = interrupted(lambda text=text: docker(text), 0.5)  # type: ignore[misc]
        assert code == 130
        assert took < 30
