"""System calls of the API: who is there, what happened, how much space, cleaning up."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time

import pytest
from docker.client import DockerClient
from docker.errors import APIError

IMAGE = "alpine"


class Raw(http.client.HTTPConnection):
    """Plain HTTP on the engine's socket."""

    def __init__(self, url: str) -> None:
        super().__init__("localhost", timeout=10)
        self.path = url.removeprefix("unix://")

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


def ask(url: str, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = Raw(url)
    connection.request(method, path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_ping(engine_url: str, method: str) -> None:
    status, headers, body = ask(engine_url, method, "/_ping")
    assert status == 200
    assert headers["api-version"] == "1.41"
    assert headers["ostype"] == "linux"
    assert headers["cache-control"] == "no-cache, no-store, must-revalidate"
    assert body == (b"OK" if method == "GET" else b"")


@pytest.mark.parametrize("version", ["", "/v1.24", "/v1.41"])
def test_versions_in_paths(engine_url: str, version: str) -> None:
    status, _, body = ask(engine_url, "GET", version + "/version")
    assert status == 200
    assert json.loads(body)["ApiVersion"] == "1.41"


def test_too_new_a_version_is_refused(engine_url: str) -> None:
    status, _, body = ask(engine_url, "GET", "/v1.99/version")
    assert status == 400
    assert json.loads(body)["message"].startswith("client version 1.99 is too new.")


def test_an_unknown_route(engine_url: str) -> None:
    status, _, body = ask(engine_url, "GET", "/v1.41/nosuchthing")
    assert status == 404
    assert json.loads(body)["message"] == "page not found"


def test_info_and_version(client: DockerClient) -> None:
    info = client.info()
    assert {
        *("ID", "Containers", "ContainersRunning", "Images", "Driver", "MemTotal", "NCPU"),
        *("Name", "ServerVersion", "OperatingSystem", "OSType", "Architecture", "KernelVersion"),
        *("DockerRootDir", "SecurityOptions", "Swarm", "Plugins", "RegistryConfig"),
    } <= set(info)
    assert info["OSType"] == "linux"
    assert info["Swarm"]["LocalNodeState"] == "inactive"
    assert client.version()["MinAPIVersion"]


def test_events_tell_the_story_of_a_run(client: DockerClient, name: str) -> None:
    since = time.time()
    client.containers.run(IMAGE, ["true"], name=name, remove=True)
    time.sleep(0.1)
    events = client.events(
        since=since, until=time.time() + 0.5, decode=True, filters={"container": name}
    )
    actions = [e["Action"] for e in events if e["Type"] == "container"]
    assert actions[:2] == ["create", "start"] or actions[:3] == ["create", "attach", "start"]
    assert actions[-2:] == ["die", "destroy"]


def test_events_arrive_as_they_happen(client: DockerClient, name: str) -> None:
    seen: list[str] = []
    stream = client.events(decode=True, filters={"container": name, "type": "container"})

    def listen() -> None:
        for event in stream:
            seen.append(event["Action"])
            if event["Action"] == "destroy":
                return

    listener = threading.Thread(target=listen)
    listener.start()
    time.sleep(0.3)
    client.containers.create(IMAGE, ["true"], name=name).remove()
    listener.join(60)
    stream.close()
    assert seen == ["create", "destroy"]


def test_the_end_of_a_container_is_told_with_its_exit_code(client: DockerClient, name: str) -> None:
    since = time.time()
    client.containers.run(IMAGE, ["sh", "-c", "exit 3"], name=name, detach=True).wait()
    time.sleep(0.2)
    events = client.events(
        since=since, until=time.time() + 0.2, decode=True, filters={"event": "die"}
    )
    mine = [e for e in events if e["Actor"]["Attributes"].get("name") == name]
    assert mine[0]["Actor"]["Attributes"]["exitCode"] == "3"
    assert mine[0]["Actor"]["Attributes"]["image"] == IMAGE


def test_disk_usage(client: DockerClient) -> None:
    usage = client.df()
    assert {"LayersSize", "Images", "Containers", "Volumes"} <= set(usage)
    assert usage["LayersSize"] > 1_000_000


def test_prune_takes_stopped_containers_only(client: DockerClient, name: str) -> None:
    labels = {"dltest": name}
    stopped = client.containers.create(IMAGE, ["true"], name=name, labels=labels)
    running = client.containers.run(
        IMAGE, ["sleep", "60"], name=name + "-b", labels=labels, detach=True
    )
    pruned = client.containers.prune(filters={"label": f"dltest={name}"})
    assert pruned["ContainersDeleted"] == [stopped.id]
    assert pruned["SpaceReclaimed"] >= 0
    running.reload()
    assert running.status == "running"


def test_volumes(client: DockerClient, name: str) -> None:
    volume = client.volumes.create(name, labels={"a": "b"})
    assert volume.attrs["Driver"] == "local"
    assert volume.attrs["Labels"] == {"a": "b"}
    assert volume.attrs["Scope"] == "local"
    assert [v.id for v in client.volumes.list(filters={"name": name})] == [name]
    volume.remove()
    with pytest.raises(APIError, match="no such volume"):
        client.volumes.get(name)


def test_a_volume_in_use_is_not_removed(client: DockerClient, name: str) -> None:
    client.containers.create(
        IMAGE, ["true"], name=name, volumes={name: {"bind": "/d", "mode": "rw"}}
    )
    with pytest.raises(APIError, match="volume is in use") as error:
        client.volumes.get(name).remove()
    assert error.value.status_code == 409


def test_a_bad_volume_name_is_refused(client: DockerClient) -> None:
    with pytest.raises(APIError) as error:
        client.volumes.create("../escape")
    assert error.value.status_code == 400


def test_the_predefined_networks(client: DockerClient) -> None:
    names = {n.name for n in client.networks.list()}
    assert {"bridge", "host", "none"} <= names
    with pytest.raises(APIError, match="pre-defined network") as error:
        client.networks.get("bridge").remove()
    assert error.value.status_code == 403


def test_inspect_of_nothing_is_a_clean_404_everywhere(engine_url: str) -> None:
    for path in ("containers/x/json", "images/x/json", "networks/x", "volumes/x", "plugins/x/json"):
        status, _, body = ask(engine_url, "GET", f"/v1.41/{path}")
        assert status == 404, path
        assert json.loads(body)["message"], path
