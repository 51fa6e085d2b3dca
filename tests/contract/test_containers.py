"""Containers: life cycle, exit codes, streams, configuration. Docker Engine is the judge."""

from __future__ import annotations

import io
import socket
import tarfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import docker
import pytest
from docker.client import DockerClient
from docker.errors import APIError, NotFound

IMAGE = "alpine"
FOREVER = "trap 'exit 0' TERM; echo ready; while true; do sleep 0.1; done"


def status(container) -> str:
    container.reload()
    return container.status


def until(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come about in time"
        time.sleep(0.03)


# --- life cycle


def test_a_container_walks_through_every_state(client: DockerClient, name: str) -> None:
    container = client.containers.create(IMAGE, ["sh", "-c", FOREVER], name=name)
    seen = [status(container)]
    starts = 0
    for action in ("start", "pause", "unpause", "stop", "start", "restart", "kill"):
        getattr(container, action)()
        seen.append(status(container))
        starts += "start" in action
        if action != "pause":
            # Before its trap is set, the shell would not hear of a stop.
            until(lambda count=starts: container.logs().count(b"ready") >= count)
    container.remove()
    assert seen == [
        *("created", "running", "paused", "running"),
        *("exited", "running", "running", "exited"),
    ]
    with pytest.raises(NotFound, match="No such container"):
        client.containers.get(name)


def test_run_gives_the_output(client: DockerClient) -> None:
    assert client.containers.run(IMAGE, ["echo", "hi"], remove=True) == b"hi\n"


@pytest.mark.parametrize(
    ("command", "code"),
    [("exit 0", 0), ("exit 3", 3), ("kill -TERM $$", 143), ("kill -KILL $$", 137)],
)
def test_exit_codes(client: DockerClient, name: str, command: str, code: int) -> None:
    # The shell is not process 1 here: process 1 ignores signals that it does not handle.
    container = client.containers.run(
        IMAGE, ["sh", "-c", f"sh -c '{command}'; exit $?"], name=name, detach=True
    )
    assert container.wait()["StatusCode"] == code
    container.reload()
    assert container.attrs["State"]["ExitCode"] == code


def test_stop_lets_the_program_finish_and_kill_does_not(client: DockerClient, name: str) -> None:
    script = "trap 'echo bye; exit 7' TERM; echo ready; while true; do sleep 0.1; done"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    until(lambda: b"ready" in container.logs())
    container.stop(timeout=10)
    assert container.wait()["StatusCode"] == 7
    assert container.logs() == b"ready\nbye\n"
    container.start()
    until(lambda: container.logs().count(b"ready") == 2)
    container.kill()
    assert container.wait()["StatusCode"] == 137


def test_stop_kills_what_ignores_the_signal(client: DockerClient, name: str) -> None:
    script = "trap '' TERM; echo ready; while true; do sleep 0.1; done"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    until(lambda: b"ready" in container.logs())
    started = time.monotonic()
    container.stop(timeout=1)
    assert 0.8 < time.monotonic() - started < 8
    assert container.wait()["StatusCode"] == 137


def test_the_images_or_the_containers_stop_signal_is_used(client: DockerClient, name: str) -> None:
    script = "trap 'exit 9' INT; echo ready; while true; do sleep 0.1; done"
    container = client.containers.run(
        IMAGE, ["sh", "-c", script], name=name, detach=True, stop_signal="SIGINT"
    )
    until(lambda: b"ready" in container.logs())
    container.stop(timeout=10)
    assert container.wait()["StatusCode"] == 9


def test_starting_and_stopping_twice_is_no_error(client: DockerClient, name: str) -> None:
    container = client.containers.run(IMAGE, ["sh", "-c", FOREVER], name=name, detach=True)
    until(lambda: b"ready" in container.logs())
    api = client.api
    again = api._post(api._url("/containers/{0}/start", container.id))
    assert again.status_code == 304
    container.stop()
    again = api._post(api._url("/containers/{0}/stop", container.id))
    assert again.status_code == 304


def test_wait_conditions(client: DockerClient, name: str) -> None:
    container = client.containers.run(IMAGE, ["sh", "-c", "exit 4"], name=name, detach=True)
    assert container.wait()["StatusCode"] == 4
    assert container.wait(condition="not-running")["StatusCode"] == 4
    sleeper = client.containers.run(
        IMAGE, ["sh", "-c", "sleep 0.5; exit 5"], detach=True, auto_remove=True
    )
    assert sleeper.wait(condition="removed")["StatusCode"] == 5
    with pytest.raises(NotFound):
        client.containers.get(sleeper.id)


def test_pause_stops_the_clock_of_the_program(client: DockerClient, name: str) -> None:
    script = "while true; do echo tick; sleep 0.05; done"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    until(lambda: container.logs().count(b"tick") > 2)
    container.pause()
    time.sleep(0.2)
    first = container.logs()
    time.sleep(0.5)
    assert container.logs() == first
    container.unpause()
    until(lambda: len(container.logs()) > len(first))


def test_rename(client: DockerClient, name: str) -> None:
    container = client.containers.create(IMAGE, ["true"], name=name)
    container.rename(name + "-b")
    assert client.containers.get(name + "-b").id == container.id
    with pytest.raises(NotFound):
        client.containers.get(name)


def test_a_short_id_is_enough(client: DockerClient, name: str) -> None:
    container = client.containers.create(IMAGE, ["true"], name=name)
    assert client.containers.get(container.id[:8]).id == container.id


# --- refusals, in Docker's words and status codes


def test_a_taken_name_is_refused(client: DockerClient, name: str) -> None:
    client.containers.create(IMAGE, ["true"], name=name)
    with pytest.raises(APIError, match=f'"/{name}" is already in use') as error:
        client.containers.create(IMAGE, ["true"], name=name)
    assert error.value.status_code == 409


def test_a_bad_name_is_refused(client: DockerClient) -> None:
    with pytest.raises(APIError, match="Invalid container name") as error:
        client.containers.create(IMAGE, ["true"], name="a b")
    assert error.value.status_code == 400


def test_a_running_container_is_not_removed_without_force(client: DockerClient, name: str) -> None:
    container = client.containers.run(IMAGE, ["sh", "-c", FOREVER], name=name, detach=True)
    with pytest.raises(APIError, match="[Yy]ou cannot remove a running container") as error:
        container.remove()
    assert error.value.status_code == 409
    container.remove(force=True)


def test_kill_of_a_stopped_container_is_refused(client: DockerClient, name: str) -> None:
    container = client.containers.create(IMAGE, ["true"], name=name)
    with pytest.raises(APIError, match="is not running") as error:
        container.kill()
    assert error.value.status_code == 409


@pytest.mark.parametrize(
    ("command", "words", "code"),
    [
        (["nosuchprogram"], "executable file not found", 127),
        (["/nosuchprogram"], "no such file or directory", 127),
        (["/etc/passwd"], "permission denied", 126),
    ],
)
def test_a_program_that_cannot_run(
    client: DockerClient, name: str, command: list[str], words: str, code: int
) -> None:
    container = client.containers.create(IMAGE, command, name=name)
    with pytest.raises(APIError, match=words) as error:
        container.start()
    assert error.value.status_code == 400
    container.reload()
    assert container.status == "created"
    assert container.attrs["State"]["ExitCode"] == code


def test_an_unknown_image_is_refused(client: DockerClient) -> None:
    with pytest.raises(docker.errors.ImageNotFound, match="No such image: nosuchimage:latest"):
        client.api.create_container("nosuchimage", ["true"])


# --- configuration


def test_environment_directory_host_name_and_user(client: DockerClient) -> None:
    out = client.containers.run(
        IMAGE,
        ["sh", "-c", "echo $A-$HOSTNAME-$(hostname)-$PWD-$(id -u):$(id -g)-$HOME"],
        environment={"A": "b c"},
        hostname="box",
        working_dir="/tmp/new/dir",
        user="1000:1000",
        remove=True,
    )
    assert out.decode().startswith("b c-box-box-/tmp/new/dir-1000:1000-")


def test_the_environment_is_the_programs_alone(client: DockerClient) -> None:
    """Also where a helper starts the program: what it is told must not steer the helper."""
    asked = {
        *("A=1", "~T=2", "PWD=/p", "LD_LIBRARY_PATH=/nowhere", "LD_DEBUG=all", "TMPDIR=/none"),
        *("PROOT_NO_SECCOMP=1", "PROOT_VERBOSE=9", "GLIBC_TUNABLES=x=y"),
    }
    out = client.containers.run(
        IMAGE, ["env"], environment=sorted(asked), hostname="box", stderr=True, remove=True
    )
    ours = {line for line in out.decode().splitlines() if not line.startswith("PATH=")}
    assert ours - {"HOME=/", "HOME=/root"} == asked | {"HOSTNAME=box"}


def test_an_unknown_user_is_refused(client: DockerClient, name: str) -> None:
    container = client.containers.create(IMAGE, ["true"], user="nosuchuser", name=name)
    with pytest.raises(APIError, match="unable to find user nosuchuser"):
        container.start()


def test_entrypoint_and_command(client: DockerClient) -> None:
    out = client.containers.run(IMAGE, ["b", "c"], entrypoint=["echo", "a"], remove=True)
    assert out == b"a b c\n"


def test_inspect_echoes_what_was_asked_for(client: DockerClient, name: str) -> None:
    container = client.containers.create(
        IMAGE,
        ["echo", "x"],
        name=name,
        environment=["A=1", "NOVALUE"],
        labels={"a": "b"},
        restart_policy={"Name": "on-failure", "MaximumRetryCount": 3},
        mem_limit="64m",
        tmpfs={"/t": "size=1m"},
        stop_signal="SIGINT",
        extra_hosts={"other": "10.0.0.9"},
        log_config=docker.types.LogConfig(type="json-file", config={"max-file": "3"}),
    )
    attrs = client.api.inspect_container(container.id)
    config, host = attrs["Config"], attrs["HostConfig"]
    assert attrs["Name"] == f"/{name}"
    assert (attrs["Path"], attrs["Args"]) == ("echo", ["x"])
    assert config["Cmd"] == ["echo", "x"]
    assert {"A=1", "NOVALUE"} <= set(config["Env"])
    assert config["Labels"]["a"] == "b"
    assert config["StopSignal"] == "SIGINT"
    assert host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 3}
    assert host["Memory"] == 64 << 20
    assert host["Tmpfs"] == {"/t": "size=1m"}
    assert host["ExtraHosts"] == ["other:10.0.0.9"]
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "3"}}
    assert config["Hostname"] == container.id[:12]


def test_inspect_has_dockers_keys(client: DockerClient, name: str) -> None:
    container = client.containers.create(IMAGE, ["true"], name=name)
    attrs = client.api.inspect_container(container.id)
    assert {
        *("Id", "Created", "Path", "Args", "State", "Image", "ResolvConfPath", "HostnamePath"),
        *("HostsPath", "LogPath", "Name", "RestartCount", "Driver", "Platform", "MountLabel"),
        *("ProcessLabel", "AppArmorProfile", "ExecIDs", "HostConfig", "GraphDriver", "Mounts"),
        *("Config", "NetworkSettings"),
    } <= set(attrs)
    assert {
        *("Status", "Running", "Paused", "Restarting", "OOMKilled", "Dead", "Pid", "ExitCode"),
        *("Error", "StartedAt", "FinishedAt"),
    } <= set(attrs["State"])


def test_extra_hosts_are_in_the_hosts_file(client: DockerClient) -> None:
    out = client.containers.run(
        IMAGE, ["cat", "/etc/hosts"], extra_hosts={"other": "10.0.0.9"}, hostname="box", remove=True
    ).decode()
    assert "127.0.0.1\tlocalhost" in out
    assert "10.0.0.9\tother" in out
    assert out.rstrip().endswith("box")


def test_init_reaps_and_passes_the_exit_code_on(client: DockerClient, name: str) -> None:
    container = client.containers.run(
        IMAGE, ["sh", "-c", "exit 6"], name=name, init=True, detach=True
    )
    assert container.wait()["StatusCode"] == 6


def test_update_changes_the_restart_policy(client: DockerClient, name: str) -> None:
    container = client.containers.create(IMAGE, ["true"], name=name)
    container.update(restart_policy={"Name": "on-failure", "MaximumRetryCount": 2})
    attrs = client.api.inspect_container(container.id)
    assert attrs["HostConfig"]["RestartPolicy"]["MaximumRetryCount"] == 2


def test_on_failure_restarts_as_often_as_asked(client: DockerClient, name: str) -> None:
    container = client.containers.run(
        IMAGE,
        ["sh", "-c", "echo once more; exit 1"],
        name=name,
        detach=True,
        restart_policy={"Name": "on-failure", "MaximumRetryCount": 2},
    )
    until(lambda: client.api.inspect_container(container.id)["RestartCount"] == 2)
    until(lambda: status(container) == "exited")
    assert container.logs() == b"once more\n" * 3


def test_a_stopped_container_is_not_restarted(client: DockerClient, name: str) -> None:
    container = client.containers.run(
        IMAGE, ["sh", "-c", FOREVER], name=name, detach=True, restart_policy={"Name": "always"}
    )
    until(lambda: b"ready" in container.logs())
    container.stop()
    time.sleep(0.5)
    assert status(container) == "exited"


def test_health(client: DockerClient, name: str) -> None:
    container = client.containers.run(
        IMAGE,
        ["sh", "-c", FOREVER],
        name=name,
        detach=True,
        healthcheck={
            "test": ["CMD-SHELL", "echo checked; test -f /tmp/ok"],
            "interval": 200_000_000,
            "timeout": 5_000_000_000,
            "retries": 2,
        },
    )

    def health() -> str:
        return client.api.inspect_container(container.id)["State"]["Health"]["Status"]

    until(lambda: health() == "unhealthy", 20)
    container.exec_run(["touch", "/tmp/ok"])
    until(lambda: health() == "healthy", 20)
    log = client.api.inspect_container(container.id)["State"]["Health"]["Log"]
    assert log[-1]["ExitCode"] == 0
    assert log[-1]["Output"] == "checked\n"


# --- streams


def test_logs_by_stream(client: DockerClient, name: str) -> None:
    script = "echo out; sleep 0.1; echo err >&2"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    container.wait()
    assert container.logs() == b"out\nerr\n"
    assert container.logs(stdout=True, stderr=False) == b"out\n"
    assert container.logs(stdout=False, stderr=True) == b"err\n"


def test_log_tail_and_timestamps(client: DockerClient, name: str) -> None:
    container = client.containers.run(
        IMAGE, ["sh", "-c", "for i in 1 2 3 4; do echo $i; done"], name=name, detach=True
    )
    container.wait()
    assert container.logs(tail=2) == b"3\n4\n"
    assert container.logs(tail=0) == b""
    stamp, _, rest = container.logs(tail=1, timestamps=True).partition(b" ")
    assert rest == b"4\n"
    assert stamp.endswith(b"Z")
    assert b"T" in stamp


def test_log_since_and_until(client: DockerClient, name: str) -> None:
    container = client.containers.run(
        IMAGE, ["sh", "-c", "echo early; sleep 2.5; echo late"], name=name, detach=True
    )
    until(lambda: container.logs() == b"early\n")
    middle = time.time() + 1
    container.wait()
    assert container.logs(since=middle) == b"late\n"
    assert container.logs(until=middle) == b"early\n"


def test_follow_ends_with_the_container(client: DockerClient, name: str) -> None:
    script = "for i in 1 2 3; do echo $i; sleep 0.1; done"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    assert b"".join(container.logs(stream=True, follow=True)) == b"1\n2\n3\n"


def test_binary_output_arrives_unchanged(client: DockerClient, name: str) -> None:
    script = 'i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %o $i)"; i=$((i+1)); done'
    container = client.containers.create(IMAGE, ["sh", "-c", script], name=name)
    stream = container.attach(stream=True, logs=False)
    container.start()
    assert b"".join(stream) == bytes(range(256))


def test_a_very_long_line(client: DockerClient, name: str) -> None:
    script = "head -c 3000000 /dev/zero | tr '\\0' x; echo"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, detach=True)
    container.wait()
    assert container.logs() == b"x" * 3_000_000 + b"\n"


def test_ten_thousand_lines(client: DockerClient, name: str) -> None:
    container = client.containers.run(IMAGE, ["seq", "10000"], name=name, detach=True)
    container.wait()
    assert container.logs() == b"".join(b"%d\n" % n for n in range(1, 10001))


def test_attached_stdin_reaches_the_program_and_its_end_too(
    client: DockerClient, name: str
) -> None:
    container = client.api.create_container(IMAGE, ["cat"], name=name, stdin_open=True)
    attached = client.api.attach_socket(
        container["Id"], params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
    )
    client.api.start(container["Id"])
    raw = attached._sock
    raw.sendall(b"hello\n")
    raw.shutdown(socket.SHUT_WR)
    received = b""
    while chunk := raw.recv(4096):
        received += chunk
    attached.close()
    assert received == b"\x01\0\0\0\0\0\0\x06hello\n"


def test_a_terminal(client: DockerClient, name: str) -> None:
    container = client.containers.run(
        IMAGE, ["sh", "-c", "tty; test -t 1 && echo yes"], name=name, tty=True, detach=True
    )
    container.wait()
    first, second = container.logs().split(b"\r\n")[:2]
    assert first.startswith(b"/dev/")
    assert second == b"yes"


def test_resize_reaches_the_terminal(client: DockerClient, name: str) -> None:
    script = "until [ \"$(stty size)\" = '33 111' ]; do sleep 0.05; done; echo seen"
    container = client.containers.run(IMAGE, ["sh", "-c", script], name=name, tty=True, detach=True)
    container.resize(33, 111)
    container.wait(timeout=60)
    assert b"seen" in container.logs()


# --- exec


@pytest.fixture
def running(client: DockerClient, name: str):
    return client.containers.run(IMAGE, ["sh", "-c", FOREVER], name=name, detach=True)


def test_exec(running) -> None:
    result = running.exec_run(["sh", "-c", "echo out; echo err >&2; exit 4"], demux=True)
    assert result.exit_code == 4
    assert result.output == (b"out\n", b"err\n")


def test_exec_options(running) -> None:
    result = running.exec_run(
        ["sh", "-c", "echo $X $PWD $(id -u)"], environment={"X": "1"}, workdir="/tmp", user="1000"
    )
    assert result.output == b"1 /tmp 1000\n"


def test_exec_sees_the_containers_processes_and_files(running) -> None:
    running.exec_run(["sh", "-c", "echo kept > /tmp/file"])
    assert running.exec_run(["cat", "/tmp/file"]).output == b"kept\n"
    assert b"sleep 0.1" in running.exec_run(["ps"]).output


def test_exec_of_an_unknown_program(running) -> None:
    result = running.exec_run(["nosuchprogram"])
    assert result.exit_code in (126, 127)
    assert b"executable file not found" in result.output


def test_exec_with_a_terminal_and_framing_by_the_start_request(client, running) -> None:
    created = client.api.exec_create(running.id, ["tty"], tty=True)
    assert client.api.exec_start(created["Id"]).startswith(b"/dev/")


def test_exec_in_a_stopped_container_is_refused(client, running) -> None:
    running.kill()
    running.wait()
    with pytest.raises(APIError, match="is not running") as error:
        running.exec_run(["true"])
    assert error.value.status_code == 409


def test_exec_detached(client, running) -> None:
    created = client.api.exec_create(running.id, ["touch", "/tmp/done"])
    client.api.exec_start(created["Id"], detach=True)
    until(lambda: running.exec_run(["test", "-f", "/tmp/done"]).exit_code == 0)


def test_exec_stdin(client, running) -> None:
    created = client.api.exec_create(running.id, ["cat"], stdin=True)
    attached = client.api.exec_start(created["Id"], socket=True)
    raw = attached._sock
    raw.sendall(b"through\n")
    raw.shutdown(socket.SHUT_WR)
    received = b""
    while chunk := raw.recv(4096):
        received += chunk
    attached.close()
    assert received[8:] == b"through\n"


# --- looking in


def test_top(running) -> None:
    top = running.top()
    assert "PID" in top["Titles"]
    assert any("trap" in " ".join(row) for row in top["Processes"])


def test_stats(running) -> None:
    stats = running.stats(stream=False)
    assert {"cpu_stats", "precpu_stats", "memory_stats", "pids_stats", "read"} <= set(stats)


def test_changes(client, running) -> None:
    running.exec_run(["sh", "-c", "echo x > /tmp/new; rm /etc/hostname /etc/profile; :"])
    changes = {(c["Path"], c["Kind"]) for c in running.diff()}
    assert ("/tmp/new", 1) in changes
    assert ("/tmp", 0) in changes
    assert ("/etc/profile", 2) in changes


def test_archive_in_and_out(client, running) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        member = tarfile.TarInfo("note.txt")
        member.size = 5
        tar.addfile(member, io.BytesIO(b"hello"))
    running.put_archive("/tmp", data.getvalue())
    assert running.exec_run(["cat", "/tmp/note.txt"]).output == b"hello"
    chunks, stat = running.get_archive("/tmp/note.txt")
    with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
        assert tar.extractfile("note.txt").read() == b"hello"
    assert (stat["name"], stat["size"]) == ("note.txt", 5)
    with pytest.raises(NotFound):
        running.get_archive("/nosuchfile")


def test_an_archive_leaves_the_folder_itself_as_it_is(client, running) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:  # as docker cp sends folder/.
        folder = tarfile.TarInfo("./")
        folder.type, folder.mode, folder.uid = tarfile.DIRTYPE, 0o700, 1234
        tar.addfile(folder)
        inner = tarfile.TarInfo("inner")
        inner.type, inner.mode = tarfile.DIRTYPE, 0o750
        tar.addfile(inner)
    running.put_archive("/tmp", data.getvalue())
    said = running.exec_run(["stat", "-c", "%a %u", "/tmp", "/tmp/inner"]).output
    assert said.decode().splitlines() == ["1777 0", "750 0"]


def test_a_home_that_is_empty_is_looked_up(client, name) -> None:
    said = client.containers.run(
        IMAGE, ["sh", "-c", "echo $HOME"], name=name, environment={"HOME": ""}, remove=True
    )
    assert said == b"/root\n"


def test_who_is_not_root_can_read_the_limits(client, name) -> None:
    ask = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>&1; :"
    said = client.containers.run(
        IMAGE, ["sh", "-c", ask], name=name, user="1234", mem_limit="64m", remove=True
    )
    assert b"denied" not in said


def test_archive_of_a_stopped_container(client, name) -> None:
    container = client.containers.run(
        IMAGE, ["sh", "-c", "echo kept > /kept"], name=name, detach=True
    )
    container.wait()
    chunks, _ = container.get_archive("/kept")
    assert b"kept\n" in b"".join(chunks)


def test_export(client, running) -> None:
    running.exec_run(["sh", "-c", "echo mark > /mark"])
    with tarfile.open(fileobj=io.BytesIO(b"".join(running.export()))) as tar:
        names = tar.getnames()
    assert "mark" in names
    assert any(n.rstrip("/") == "etc/passwd" for n in names)


# --- ports, volumes, binds


def fetch(port: str | int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        return answer.read()


def test_a_published_port_answers(client: DockerClient, name: str) -> None:
    container = client.containers.run("nginx", name=name, detach=True, ports={"80/tcp": None})
    container.reload()
    port = container.attrs["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"]

    def serves() -> bool:
        try:
            return b"nginx" in fetch(port)
        except OSError:
            return False

    until(serves)
    container.stop()
    with pytest.raises(OSError):
        fetch(port)


def test_a_taken_port_is_refused(client: DockerClient, name: str) -> None:
    holder = socket.create_server(("127.0.0.1", 0))
    port = holder.getsockname()[1]
    container = client.containers.create(
        IMAGE, ["sleep", "5"], name=name, ports={"80/tcp": ("127.0.0.1", port)}
    )
    with pytest.raises(APIError, match=r"address already in use|port is already allocated"):
        container.start()
    holder.close()


def test_two_containers_may_use_the_same_port_inside(client: DockerClient, name: str) -> None:
    first = client.containers.run("redis", name=name, detach=True)
    second = client.containers.run("redis", name=name + "-b", detach=True)

    def pong(container) -> bool:
        return container.exec_run(["redis-cli", "ping"]).output == b"PONG\n"

    until(lambda: pong(first))
    until(lambda: pong(second))
    first.exec_run(["redis-cli", "set", "k", "one"])
    assert second.exec_run(["redis-cli", "get", "k"]).output.strip() == b""


def test_a_volume_outlives_its_container(client: DockerClient, name: str) -> None:
    mount = {name: {"bind": "/data", "mode": "rw"}}
    client.containers.run(IMAGE, ["sh", "-c", "echo kept > /data/f"], volumes=mount, remove=True)
    out = client.containers.run(IMAGE, ["cat", "/data/f"], volumes=mount, remove=True)
    assert out == b"kept\n"


def test_a_volume_begins_with_what_the_image_has_there(client: DockerClient, name: str) -> None:
    out = client.containers.run(
        IMAGE, ["ls", "/etc/ssl"], volumes={name: {"bind": "/etc", "mode": "rw"}}, remove=True
    )
    assert b"certs" in out


def test_a_bind_mount(client: DockerClient, engine, name: str) -> None:
    folder = engine.shared_folder()
    (folder / "in").write_text("from the host\n")
    out = client.containers.run(
        IMAGE,
        ["sh", "-c", "cat /b/in; echo back > /b/out"],
        volumes={str(folder): {"bind": "/b", "mode": "rw"}},
        remove=True,
    )
    assert out == b"from the host\n"
    assert (folder / "out").read_text() == "back\n"


def test_a_read_only_bind_mount(client: DockerClient, engine, name: str) -> None:
    folder = engine.shared_folder()
    container = client.containers.run(
        IMAGE,
        ["sh", "-c", "echo x > /b/out"],
        volumes={str(folder): {"bind": "/b", "mode": "ro"}},
        name=name,
        detach=True,
    )
    assert container.wait()["StatusCode"] != 0
    assert not (folder / "out").exists()


def test_anonymous_volumes_go_with_rm_v(client: DockerClient, name: str) -> None:
    container = client.containers.create("redis", name=name)
    mounts = client.api.inspect_container(container.id)["Mounts"]
    volume = next(m["Name"] for m in mounts if m["Destination"] == "/data")
    container.remove(v=True)
    with pytest.raises(NotFound):
        client.volumes.get(volume)


def test_two_containers_of_one_image_do_not_share_files(client: DockerClient, name: str) -> None:
    first = client.containers.run(IMAGE, ["sh", "-c", FOREVER], name=name, detach=True)
    second = client.containers.run(IMAGE, ["sh", "-c", FOREVER], name=name + "-b", detach=True)
    first.exec_run(["sh", "-c", "echo mine > /only-here"])
    assert first.exec_run(["cat", "/only-here"]).output == b"mine\n"
    assert second.exec_run(["cat", "/only-here"]).exit_code == 1


# --- lists


def test_list_and_filters(client: DockerClient, name: str) -> None:
    up = client.containers.run(
        IMAGE, ["sh", "-c", FOREVER], name=name, detach=True, labels={"course": name}
    )
    down = client.containers.create(IMAGE, ["true"], name=name + "-b", labels={"course": name})
    by_label = {"label": f"course={name}"}
    assert [c.id for c in client.containers.list(filters=by_label)] == [up.id]
    both = client.containers.list(all=True, filters=by_label)
    assert [c.id for c in both] == [down.id, up.id]
    created = client.containers.list(all=True, filters={**by_label, "status": "created"})
    assert [c.id for c in created] == [down.id]
    assert client.containers.list(all=True, filters={"name": name + "-b"})[0].id == down.id
    row = next(r for r in client.api.containers(all=True) if r["Id"] == up.id)
    assert row["Names"] == [f"/{name}"]
    assert row["State"] == "running"
    assert row["Status"].startswith("Up ")
    assert row["Image"] == IMAGE


def test_unknown_filter_is_refused(client: DockerClient) -> None:
    with pytest.raises(APIError, match="[Ii]nvalid filter") as error:
        client.containers.list(filters={"nosuch": "x"})
    assert error.value.status_code == 400


def test_sizes_are_listed_while_others_remove(client: DockerClient, name: str) -> None:
    def listed() -> list[str]:
        return [c["Id"] for c in client.api.containers(all=True, size=True, filters=mine)]

    mine = {"name": name}
    made = [client.api.create_container(IMAGE, ["true"], name=f"{name}-{n}") for n in range(20)]
    with ThreadPoolExecutor(1) as beside:
        removing = beside.submit(lambda: [client.api.remove_container(each) for each in made])
        while not removing.done():
            assert set(listed()) <= {each["Id"] for each in made}
        removing.result()
    assert listed() == []
