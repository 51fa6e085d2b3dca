"""What clients do with containers."""

from __future__ import annotations

import os
import signal
import time
from itertools import islice

from beliefs import GONE
from client import Client, Failed, expect

COUNTING = "n=0; while :; do echo $n; n=$((n+1)); sleep 0.05; done"


def run_and_remove(me: Client) -> None:
    name = me.new()
    me.beliefs.may_be("container", name, "created", "running", "exited", GONE)
    code = me.random.choice([0, 3])
    words = ("sh", "-c", f"echo {name}; exit {code}")
    expect(me.cli("run", "--rm", "--name", name, "alpine", *words, code=code), f"{name}\n")
    _gone(me, name)


def run_with_input(me: Client) -> None:
    name = me.new()
    me.beliefs.may_be("container", name, "created", "running", "exited", GONE)
    text = f"{name}\n" * me.random.randint(1, 3000)
    expect(me.cli("run", "-i", "--rm", "--name", name, "alpine", "cat", given=text) == text, True)
    _gone(me, name)


def _gone(me: Client, name: str) -> None:
    """``run --rm`` ends with the container, which is removed a moment later."""
    end = time.monotonic() + 30
    while me.has("container", name):
        if time.monotonic() > end:
            raise Failed(f"{name} was to be removed by itself")
        time.sleep(0.05)
    me.beliefs.may_be("container", name, GONE)


def run_in_background(me: Client) -> None:
    """``--restart always`` is not among them: a new engine starts what was stopped by hand, too."""
    ways = [(), ("--init",), ("--restart", "unless-stopped"), ("-t",), ("--read-only",)]
    me.started(*me.random.choice(ways))


def run_to_its_end(me: Client) -> None:
    name = me.started(command="sleep 0.2; exit 7")
    me.beliefs.may_be("container", name, "running", "exited")
    expect(me.docker.api.wait(name)["StatusCode"], 7)
    me.beliefs.may_be("container", name, "exited")


def restart_on_failure(me: Client) -> None:
    name = me.started("--restart", "on-failure:2", command="exit 5")
    me.beliefs.may_be("container", name, "running", "exited", "restarting")
    end = time.monotonic() + 30
    while (facts := me.docker.api.inspect_container(name))["State"]["Status"] != "exited":
        if time.monotonic() > end:
            raise Failed(f"{name} is {facts['State']} after two restarts")
        time.sleep(0.1)
    expect((facts["RestartCount"], facts["State"]["ExitCode"]), (2, 5))
    me.beliefs.may_be("container", name, "exited")


def execute(me: Client) -> None:
    name = me.running()
    expect(me.cli("exec", "-i", name, "cat", given="hello"), "hello")
    done = me.docker.containers.get(name).exec_run(["sh", "-c", "echo out; echo err >&2; exit 4"])
    expect((done.exit_code, sorted(done.output.split())), (4, [b"err", b"out"]))


def leave_an_exec(me: Client) -> None:
    with me.open("exec", me.running(), "sh", "-c", "echo begun; sleep 2") as process:
        expect(process.stdout.readline(), "begun\n")  # type: ignore[union-attr]


def follow_logs(me: Client) -> None:
    name = me.started(command=COUNTING)
    with me.open("logs", "-f", name) as process:
        lines = [line.strip() for line in islice(process.stdout, 10)]  # type: ignore[arg-type]
    expect(lines, [str(number) for number in range(10)])


def attach(me: Client) -> None:
    name = me.started(command=COUNTING)
    with me.open("attach", "--no-stdin", "--sig-proxy=false", name) as process:
        lines = [int(line) for line in islice(process.stdout, 5)]  # type: ignore[arg-type]
    expect(lines, list(range(lines[0], lines[0] + 5)))


def stop(me: Client) -> None:
    with me.beliefs.changing("container", me.running(), "exited") as name:
        me.cli("stop", "-t", "1", name)


def kill(me: Client) -> None:
    with me.beliefs.changing("container", me.running(), "exited") as name:
        me.cli("kill", name)
        expect(me.docker.api.wait(name)["StatusCode"], 128 + signal.SIGKILL)


def restart(me: Client) -> None:
    found = [*me.beliefs.named("container", "running"), *me.beliefs.named("container", "exited")]
    if found:
        name = me.random.choice(found)
        if me.docker.api.inspect_container(name)["Path"] == "sleep":  # others end by themselves
            with me.beliefs.changing("container", name, "running", by_way_of="exited"):
                me.cli("restart", "-t", "0", name)


def pause(me: Client) -> None:
    name = me.running()
    with me.beliefs.changing("container", name, "paused"):
        me.cli("pause", name)
    with me.beliefs.changing("container", name, "running"):
        me.cli("unpause", name)


def rename(me: Client) -> None:
    old = me.running()
    with (
        me.beliefs.changing("container", old, GONE),
        me.beliefs.changing("container", me.new(), "running") as new,
    ):
        me.cli("rename", old, new)


def remove(me: Client) -> None:
    found = list(me.beliefs.present("container"))
    if found:
        name = me.random.choice(found)
        with me.beliefs.changing("container", name, GONE, by_way_of="exited"):
            me.cli("rm", "-f", name)


def copy(me: Client) -> None:
    name, text = me.running(), os.urandom(1000).hex()
    if me.docker.api.inspect_container(name)["HostConfig"]["ReadonlyRootfs"]:
        return
    (me.folder / "in").write_text(text)
    me.cli("cp", str(me.folder / "in"), f"{name}:/tmp/copied")
    expect(me.cli("exec", name, "cat", "/tmp/copied"), text)
    me.cli("cp", f"{name}:/tmp/copied", str(me.folder / "out"))
    expect((me.folder / "out").read_text(), text)


def stats(me: Client) -> None:
    name = me.running()
    expect(me.docker.api.stats(name, stream=False)["name"], f"/{name}")
    with me.open("stats", name) as process:
        process.stdout.readline()  # type: ignore[union-attr]


def events(me: Client) -> None:
    since, name = int(time.time()), me.started()
    me.remove("container", name)
    told = me.docker.api.events(
        since=since, until=int(time.time()) + 1, filters={"container": name}, decode=True
    )
    wanted = ["create", "start", "die", "destroy"]
    expect([each["Action"] for each in told if each["Action"] in wanted], wanted)


def look(me: Client) -> None:
    name = me.running()
    me.cli("top", name)
    me.cli("diff", name)
    me.cli("ps", "-a", "-s")
    expect(me.docker.api.inspect_container(name)["State"]["Running"], True)


ACTIONS = {
    action.__name__: action
    for action in (
        run_and_remove,
        run_with_input,
        run_in_background,
        run_to_its_end,
        restart_on_failure,
        execute,
        leave_an_exec,
        follow_logs,
        attach,
        stop,
        kill,
        restart,
        pause,
        rename,
        remove,
        copy,
        stats,
        events,
        look,
    )
}
