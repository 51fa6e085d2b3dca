"""The real ``docker compose`` and ours on the same projects, on every engine.

A project that one tool brought up is listed, followed, left as it is and taken down by the other;
and both make the very same containers, networks and volumes of the same compose files.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient
from engines import Engine
from projects import DATA, NotFound, RealCompose, Snapshot, cleared, copied, differences

from dockerlab.client.lab import Lab
from dockerlab.errors import ComposeFailed

CASES = sorted(folder.name for folder in DATA.iterdir())
DIFFERENCES = {
    # Nothing else may differ. Where: what the real one does, and we do not.
    "com.docker.compose.replace": "left out of the comparison: it names a container that is gone",
    "single runs": "the real one hashes a run's own command into its config-hash; nobody reads it",
    "volumes_from and friends": "the hash counts the id of the other container",
    "build": "an image with build: is built when it is missing; the real one tries a pull before",
    "down --rmi local": "ours removes what was built; the real one only what BuildKit built",
    "mac_address": "the real one forgets it where the network has options of its own",
    "paused containers": "up lets them go on; the real one fails on them",
}
"""What differs, by name; ``test_both_make_the_same`` compares all the rest."""
REFUSED = {"ipc_pid": "does not support sharing process ids"}
"""What the embedded engine says that it cannot do, to either tool."""


@pytest.fixture
def project(engine: Engine, client: DockerClient, name: str) -> Iterator[str]:
    composed = name.lower()
    with cleared(client, composed):
        yield composed


def real_in(folder: Path, engine: Engine, project: str) -> RealCompose:
    return RealCompose(engine, folder, project)


def ids(client: DockerClient, project: str) -> dict[str, str]:
    mine = {"label": [f"com.docker.compose.project={project}"]}
    return {
        c.name: c.id for c in client.containers.list(all=True, filters=mine, ignore_removed=True)
    }


@pytest.mark.parametrize("case", CASES)
def test_both_make_the_same(
    case: str, engine: Engine, client: DockerClient, lab: Lab, project: str
) -> None:
    folder = copied(case, engine, project)
    real = real_in(folder, engine, project)
    if engine.embedded and case in REFUSED:
        assert REFUSED[case] in real("up", "-d", check=False)
        with pytest.raises(ComposeFailed, match=REFUSED[case]):
            lab.compose(folder, name=project).up()
        return
    made = outside(client, case, project)
    try:
        real("up", "-d", "--quiet-pull")
        theirs = Snapshot.of(client, project)
        real("down", "-v", "-t", "0")
        shop = lab.compose(folder, name=project)
        shop.up()
        ours = Snapshot.of(client, project)
        assert theirs.containers
        assert differences(ours, theirs) == []
        # The real one finds nothing to change in what we made.
        before = ids(client, project)
        real("up", "-d")
        assert ids(client, project) == before
        shop.down(volumes=True, timeout=0)
        left = Snapshot.of(client, project)
        assert left == Snapshot({}, {}, {})
    finally:
        for remove in made:
            remove()


RARE = """services:
  all:
    image: busybox
    command: sleep 1000
    cpuset: "0"
    cpu_quota: 50000
    cpu_period: 100000
    devices: ["/dev/null:/dev/nullx:rw", "/dev/zero"]
    dns_opt: ["use-vc"]
    init: false
    ipc: shareable
    mem_limit: 100m
    memswap_limit: 200m
    mem_swappiness: 10
    oom_score_adj: 5
    pid: host
    privileged: true
    runtime: runc
    sysctls: {net.core.somaxconn: 100}
    uts: host
    extra_hosts: ["gate:host-gateway"]
    volumes:
      - type: bind
        source: ./here
        target: /here
        bind: {propagation: rprivate, create_host_path: true}
      - ./here:/labelled:ro,z
      - type: volume
        target: /nameless
        volume: {nocopy: true}
    tmpfs: ["/run:size=1m,mode=700"]
    logging: {driver: none}
    networks:
      default: {aliases: [one, two]}
  mac: {image: busybox, mac_address: "02:42:ac:11:65:44"}
  host: {image: busybox, network_mode: host, platform: linux/amd64}
  outside: {image: busybox, external_links: ["NAME-all-1:linked"]}
"""


def test_rare_settings_are_the_same_too(
    engine: Engine, client: DockerClient, lab: Lab, project: str
) -> None:
    if engine.embedded:
        pytest.skip("the embedded engine refuses some of them by name")
    folder = engine.shared_folder()
    (folder / "compose.yaml").write_text(RARE.replace("NAME", project))
    real = real_in(folder, engine, project)
    real("create")
    theirs = Snapshot.of(client, project)
    real("down", "-v")
    lab.compose(folder, name=project).create()
    assert differences(Snapshot.of(client, project), theirs) == []


def outside(client: DockerClient, case: str, project: str) -> list:
    """What a project expects to be there, and how it goes again."""
    if case != "external":
        return []
    network = client.networks.create(f"{project}-net")
    volume = client.volumes.create(f"{project}-vol")

    def away() -> None:
        for container in client.containers.list(
            all=True, filters={"name": project}, ignore_removed=True
        ):
            container.remove(force=True)
        network.remove()
        volume.remove(force=True)

    return [away]


def test_the_real_one_goes_on_where_we_left_off(
    engine: Engine, client: DockerClient, lab: Lab, project: str
) -> None:
    folder = copied("visits", engine, project)
    real, ours = real_in(folder, engine, project), lab.compose(folder, name=project)
    ours.up()
    before = ids(client, project)
    listed = real("ps", "--format", "{{.Name}} {{.Service}} {{.State}}")
    assert f"{project}-web-1 web running" in listed
    assert f"{project}-redis-server-1 redis-server running" in listed
    assert "Ready to accept connections" in real("logs", "redis-server")
    assert project in real("ls", "--all")
    said = real("up", "-d")
    assert "Recreate" not in said
    assert "Creating" not in said
    assert ids(client, project) == before
    assert real("exec", "-T", "redis-server", "redis-cli", "ping").strip() == "PONG"
    real("up", "-d", "--scale", "web=1", "--force-recreate", "-t", "0")
    assert ours.plan().changes == ()
    real("down", "-v", "-t", "0")
    assert Snapshot.of(client, project) == Snapshot({}, {}, {})


def test_we_go_on_where_the_real_one_left_off(
    engine: Engine, client: DockerClient, lab: Lab, project: str
) -> None:
    folder = copied("visits", engine, project)
    real, ours = real_in(folder, engine, project), lab.compose(folder, name=project)
    real("up", "-d")
    before = ids(client, project)
    assert {row.name for row in ours.ps()} == set(before)
    assert [one.running for one in ours.state()] == [1, 1]
    assert all(c.current for one in ours.state() for c in one.containers)
    assert any("Ready to accept" in line.text for line in ours.logs("redis-server").lines)
    assert ours.plan().changes == ()
    ours.up()
    assert ids(client, project) == before
    assert ours.exec("redis-server", "redis-cli ping").output.strip() == "PONG"
    ours.down(volumes=True, rmi="local", timeout=0)
    assert Snapshot.of(client, project) == Snapshot({}, {}, {})
    with pytest.raises(NotFound):
        client.images.get(f"{project}-web")


def test_each_makes_anew_only_what_changed_since_the_other(
    engine: Engine, client: DockerClient, lab: Lab, project: str
) -> None:
    folder = copied("environment", engine, project)
    real, ours = real_in(folder, engine, project), lab.compose(folder, name=project)
    real("up", "-d")
    first = ids(client, project)
    file = folder / "compose.yaml"
    file.write_text(file.read_text().replace("ONE=1", "ONE=2"))
    ours.up(timeout=0)
    second = ids(client, project)
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {f"{project}-listed-1"}
    file.write_text(file.read_text().replace("NUMBER: 3", "NUMBER: 4"))
    real("up", "-d", "-t", "0")
    third = ids(client, project)
    assert {n for n in second if second[n] != third[n]} == {f"{project}-mapping-1"}
    assert ours.plan().changes == ()


def test_a_project_is_taken_down_by_its_name_alone(
    engine: Engine,
    client: DockerClient,
    lab: Lab,
    project: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = copied("dependencies", engine, project)
    real_in(folder, engine, project)("up", "-d")
    monkeypatch.chdir(tmp_path)
    nameless = lab.compose(name=project)
    assert [one.service for one in nameless.state()] == ["db", "job", "proxy", "web"]
    plan = nameless.plan("down", volumes=True)
    order = [step.service for step in plan.steps if step.action == "remove container"]
    assert order.index("proxy") < order.index("web") < order.index("db")
    nameless.down(volumes=True, timeout=0)
    assert Snapshot.of(client, project) == Snapshot({}, {}, {})


def test_a_scaled_project_is_counted_alike(
    engine: Engine, client: DockerClient, lab: Lab, project: str
) -> None:
    folder = copied("scaled", engine, project)
    real, ours = real_in(folder, engine, project), lab.compose(folder, name=project)
    ours.up(scale={"web": 2})
    real("up", "-d", "--scale", "web=4")
    assert set(ids(client, project)) == {f"{project}-web-{n}" for n in (1, 2, 3, 4)}
    ours.up(scale={"web": 1}, timeout=0)
    assert set(ids(client, project)) == {f"{project}-web-1"}
