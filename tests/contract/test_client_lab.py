"""``lab``: what a learner does with an engine, on every engine there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docker.client import DockerClient

import dockerlab
from dockerlab import ConflictHere, EngineRefused, EngineUnavailable, Lab, NotFoundHere

IMAGE = "alpine"


def test_it_says_which_engine_and_why(lab: Lab, engine_url: str) -> None:
    assert lab.url == engine_url
    assert lab.why.endswith(f"at {engine_url}, because it is the address given.")


def test_run_gives_output_error_and_code(lab: Lab, client: DockerClient, name: str) -> None:
    result = lab.run(IMAGE, ["sh", "-c", "echo out; echo err >&2; exit 3"], name=name)
    assert (result.exit_code, result.output, result.error) == (3, "out\n", "err\n")
    assert result.container is not None
    assert result.container.name == name
    assert "exit code 3" in repr(result)
    assert lab.run(IMAGE, "echo hi", rm=True).output == "hi\n"


def test_output_is_whole_however_much_there_is(lab: Lab) -> None:
    result = lab.run(IMAGE, ["sh", "-c", "seq 1 20000"], rm=True)
    assert result.output == "".join(f"{number}\n" for number in range(1, 20001))


def test_input(lab: Lab) -> None:
    assert lab.run(IMAGE, "cat", rm=True, input="x\ny\n").output == "x\ny\n"


def test_a_running_container(lab: Lab, client: DockerClient, name: str) -> None:
    box = lab.run(IMAGE, "sleep 600", name=name, detach=True, env={"A": "b"}, labels={"k": "v"})
    assert box.status == "running"
    assert str(box) == name
    assert name in repr(box)
    assert name in box._repr_html_()
    assert box.raw.id == box.id
    assert box.exec("echo $A").output == "$A\n"
    assert box.exec(["sh", "-c", "echo $A"]).output == "b\n"
    assert lab.exec(name, "sh -c 'echo no >&2; exit 4'").exit_code == 4
    assert any("sleep" in " ".join(row) for row in box.top())
    assert box.stats().processes >= 1
    assert box.pause().attrs["State"]["Status"] == "paused"
    assert box.unpause().attrs["State"]["Status"] == "running"
    assert [row.name for row in lab.ps(filters={"name": name})] == [name]
    box.kill()
    assert box.exit_code == 137
    assert lab.ps(filters={"name": name}) == []
    assert [row.state for row in lab.ps(all=True, filters={"name": name})] == ["exited"]
    lab.rm(name)
    assert not lab.has(name)


def test_fifty_execs_lose_nothing(lab: Lab, client: DockerClient, name: str) -> None:
    box = lab.run(IMAGE, "sleep 600", name=name, detach=True)
    assert {box.exec("echo hi").output for _ in range(50)} == {"hi\n"}


def test_files_in_and_out(lab: Lab, client: DockerClient, name: str, tmp_path: Path) -> None:
    box = lab.create(IMAGE, "true", name=name)
    box.write("/tmp/a", "hello")
    assert box.read("/tmp/a") == b"hello"
    assert ("A", "/tmp/a") in [(change.kind, change.path) for change in box.diff()]
    lab.cp(f"{name}:/tmp/a", str(tmp_path / "b"))
    assert (tmp_path / "b").read_text() == "hello"
    with pytest.raises(NotFoundHere):
        box.read("/nowhere")


def test_ports_are_where_it_says(lab: Lab, client: DockerClient, name: str) -> None:
    words = ["nc", "-l", "-p", "80", "-e", "echo", "hello"]
    box = lab.run(IMAGE, words, name=name, detach=True, ports=["80"])
    host, _, port = box.ports["80/tcp"].partition(":")
    assert host == "127.0.0.1"
    dockerlab.wait_for_port(int(port), timeout=10)


def test_waiting_for_a_log(lab: Lab, client: DockerClient, name: str) -> None:
    words = ["sh", "-c", "sleep 0.3; echo ready; sleep 60"]
    box = lab.run(IMAGE, words, name=name, detach=True).wait_for_log("ready", timeout=20)
    assert box.logs() == "ready\n"
    with pytest.raises(dockerlab.DockerlabError, match="in vain"):
        box.wait_for_log("never", timeout=0.2)


def test_errors_have_a_kind_docker_s_words_and_a_hint(
    lab: Lab, client: DockerClient, name: str
) -> None:
    with pytest.raises(NotFoundHere, match="No such container: dltest-nothing") as missing:
        lab.container("dltest-nothing")
    assert "docker ps -a" in missing.value.hint
    box = lab.run(IMAGE, "sleep 600", name=name, detach=True)
    with pytest.raises(ConflictHere, match="You cannot remove a running container") as running:
        lab.rm(box)
    assert "docker stop" in running.value.hint
    with pytest.raises(ConflictHere, match="is already in use by container") as taken:
        lab.run(IMAGE, "true", name=name)
    assert "name is taken" in taken.value.hint
    with pytest.raises(EngineRefused, match="executable file not found") as unknown:
        lab.run(IMAGE, "nosuchprogram", name=f"{name}-2")
    assert "no such program" in unknown.value.hint
    box.stop(timeout=0)
    with pytest.raises(EngineRefused, match="is not running") as stopped:
        box.exec("true")
    assert "docker start" in stopped.value.hint


def test_nothing_answers() -> None:
    with pytest.raises(EngineUnavailable, match="is not there") as caught:
        dockerlab.connect("unix:///dltest/none.sock")
    assert "doctor" in caught.value.hint


def test_images(lab: Lab, client: DockerClient) -> None:
    image = lab.image(IMAGE)
    assert image.size > 0
    assert image.layers
    assert image.command
    assert any(f"{IMAGE}:latest" in row.tags for row in lab.images())
    assert lab.history(IMAGE)
    try:
        assert "dltest-image:1" in lab.tag(IMAGE, "dltest-image:1").tags
        assert lab.inspect("dltest-image:1")["Id"] == image.id
    finally:
        assert lab.rmi("dltest-image:1") == ["Untagged: dltest-image:1"]
    with pytest.raises(NotFoundHere):
        lab.image("dltest-image:1")


def test_save_and_load(lab: Lab, client: DockerClient, tmp_path: Path) -> None:
    lab.tag("busybox", "dltest-saved:1")
    try:
        archive = lab.save("dltest-saved:1", tmp_path / "image.tar")
        lab.rmi("dltest-saved:1")
        assert lab.load(archive) == ["dltest-saved:1"]
    finally:
        lab.rmi("dltest-saved:1")


def test_events_tell_what_happened(lab: Lab, client: DockerClient, name: str) -> None:
    lab.run(IMAGE, "true", name=name, rm=True)
    actions = [event.action for event in lab.events(since="20s", filters={"container": name})]
    assert [a for a in actions if a in ("create", "start", "die", "destroy")] == [
        *("create", "start", "die", "destroy")
    ]


def test_volumes(lab: Lab, client: DockerClient) -> None:
    volume = lab.create_volume("dltest-volume", labels={"a": "b"})
    try:
        lab.run(IMAGE, ["sh", "-c", "echo x > /d/f"], rm=True, volumes=["dltest-volume:/d"])
        kept = lab.run(IMAGE, "cat /d/f", rm=True, volumes=["dltest-volume:/d:ro"])
        assert kept.output == "x\n"
        assert volume.name in [one.name for one in lab.volumes()]
    finally:
        lab.remove_volume("dltest-volume")


def test_the_engine_itself(lab: Lab) -> None:
    assert lab.version()["ApiVersion"]
    assert lab.info()["ServerVersion"]
    assert [usage.kind for usage in lab.df()][:2] == ["Images", "Containers"]
    assert {"bridge", "host", "none"} <= {network.name for network in lab.networks()}


def test_prune_takes_what_is_stopped_and_leaves_what_runs(
    lab: Lab, client: DockerClient, name: str
) -> None:
    labels = {"dltest": name}
    running = lab.run(IMAGE, "sleep 600", name=name, detach=True, labels=labels)
    stopped = lab.run(IMAGE, "true", name=f"{name}-2", labels=labels).container
    # The filter keeps this from touching what others have on a shared Docker Engine.
    pruned = lab.prune(filters={"label": f"dltest={name}"})
    assert stopped is not None
    assert pruned.containers == (stopped.id,)
    assert "Total reclaimed space" in repr(pruned)
    assert running.status == "running"


def test_the_requests_behind_a_run(lab: Lab) -> None:
    with lab.trace() as requests:
        lab.run(IMAGE, "true", rm=True)
    steps = [
        (r.method, re.sub(r"/[0-9a-f]{64}", "/ID", r.path.partition("?")[0])) for r in requests
    ]
    version = f"/v{lab.api.api_version}/containers"
    assert steps == [
        ("POST", f"{version}/create"),
        ("GET", f"{version}/ID/json"),
        ("POST", f"{version}/ID/attach"),
        ("POST", f"{version}/ID/wait"),
        ("POST", f"{version}/ID/start"),
    ]
    assert [r.status for r in requests] == [201, 200, 101, 200, 204]
    assert '"Image": "alpine"' in requests[0].request
