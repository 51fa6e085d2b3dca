"""An engine that is killed and started again finds its networks and who is in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import docker
import pytest
from docker.client import DockerClient
from engines import Engine, running, wanted

from dockerlab.course.prepare import prepare


@pytest.fixture(scope="module", params=wanted(embedded=True))
def mine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of this module's own: it is killed here."""
    with running(request.param) as engine:
        prepare(connect(engine), ["busybox"])
        yield engine


@pytest.fixture(autouse=True)
def clean(mine: Engine) -> Iterator[None]:
    yield
    client = connect(mine)
    for container in client.containers.list(all=True, ignore_removed=True):
        container.remove(force=True)
    client.networks.prune()
    client.close()


def connect(engine: Engine) -> DockerClient:
    return docker.DockerClient(base_url=engine.url, timeout=30, version="1.41")


def settings(container: Any) -> Any:
    container.reload()
    return container.attrs["NetworkSettings"]["Networks"]


def serving(client: DockerClient, name: str, network: str, **options: Any) -> Any:
    serve = f"while true; do echo {name} | nc -l -p 80; done"
    return client.containers.run(
        "busybox", ["sh", "-c", serve], name=name, network=network, detach=True, **options
    )


def ask(container: Any, address: str) -> str:
    words = ["sh", "-c", f"nc -w 2 {address} 80 </dev/null 2>/dev/null"]
    return str(container.exec_run(words).output.decode().strip())


def test_networks_and_members_are_there_again(mine: Engine) -> None:
    client = connect(mine)
    for name in ("front", "back"):
        client.networks.create(name, labels={"a": name}, internal=name == "back")
    web = serving(client, "web", "front", ports={"80/tcp": None})
    client.networks.get("back").connect(web, aliases=["boss"])
    db = serving(client, "db", "back")
    before = {name: client.networks.get(name).attrs for name in ("front", "back")}
    shown = {container.name: settings(container) for container in (web, db)}
    ports = web.ports
    client.close()
    mine.kill()
    mine.launch()
    client = connect(mine)
    assert {name: client.networks.get(name).attrs for name in before} == before
    web, db = client.containers.get("web"), client.containers.get("db")
    assert {container.name: settings(container) for container in (web, db)} == shown
    assert web.ports == ports
    assert ask(web, shown["db"]["back"]["IPAddress"]) == "db"
    assert ask(db, "boss") == "web"
    client.networks.get("back").disconnect(web)
    assert ask(web, shown["db"]["back"]["IPAddress"]) == ""
    client.networks.get("front").connect(db)
    assert ask(web, settings(db)["front"]["IPAddress"]) == "db"
    for container in (web, db):
        container.remove(force=True)
    for name in before:
        client.networks.get(name).remove()
    assert len(client.networks.list()) == 3
    client.close()


def test_a_crash_in_the_middle_of_connecting(mine: Engine) -> None:
    """The record on disk is what counts: what it does not know is taken back."""
    client = connect(mine)
    for name in ("front", "back"):
        client.networks.create(name)
    web, db = serving(client, "web", "front"), serving(client, "db", "back")
    client.networks.get("back").connect(web)
    address = settings(db)["back"]["IPAddress"]
    assert ask(web, address) == "db"
    client.close()
    mine.kill()
    assert mine.root is not None
    path = mine.root / "containers" / web.id / "container.json"
    record = json.loads(path.read_text())
    del record["endpoints"]["back"]
    del record["network"]["Networks"]["back"]
    path.write_text(json.dumps(record))
    mine.launch()
    client = connect(mine)
    web, db = client.containers.get("web"), client.containers.get("db")
    assert sorted(client.networks.get("back").attrs["Containers"]) == [db.id]
    assert ask(web, address) == ""
    assert list(settings(web)) == ["front"]
    client.networks.get("back").connect(web)
    assert ask(web, address) == "db"
    client.close()


def test_networks_of_those_that_ended_meanwhile(mine: Engine) -> None:
    client = connect(mine)
    client.networks.create("front")
    short = client.containers.run(
        "busybox", ["sleep", "1"], name="short", network="front", detach=True
    )
    always = client.containers.run(
        "busybox",
        ["sleep", "600"],
        name="always",
        network="front",
        detach=True,
        restart_policy={"Name": "always"},
    )
    always.stop(timeout=0)
    client.close()
    mine.kill()
    short_ended(mine, short.id)
    mine.launch()
    client = connect(mine)
    always = client.containers.get("always")
    assert always.status == "running"
    assert list(client.networks.get("front").attrs["Containers"]) == [always.id]
    assert settings(client.containers.get("short"))["front"]["IPAddress"] == ""
    client.close()


def short_ended(engine: Engine, id: str) -> None:
    import time

    assert engine.root is not None
    for _ in range(100):
        if (engine.root / "containers" / id / "exit.json").exists():
            return
        time.sleep(0.1)


def test_an_orderly_stop_keeps_the_networks(mine: Engine) -> None:
    client = connect(mine)
    id = client.networks.create("front").id
    client.containers.run("busybox", ["sleep", "600"], name="box", network="front", detach=True)
    client.close()
    assert mine.process is not None
    mine.process.terminate()
    mine.process.wait(30)
    mine.launch()
    client = connect(mine)
    assert client.networks.get("front").id == id
    assert client.networks.get("front").attrs["Containers"] == {}
    client.containers.get("box").start()
    assert len(client.networks.get("front").attrs["Containers"]) == 1
    client.close()
