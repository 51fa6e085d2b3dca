"""The records of a project, its graph, and where its files come from."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import composecases as cases
import pytest

from dockerlab.formats.composefile import Disk, Edge, Node, Overlay, find, graph, hash_of, load
from dockerlab.formats.composefile.model import (
    Attachment,
    Dependency,
    FileMount,
    Healthcheck,
    Limits,
    Mount,
    Place,
    Port,
    Ulimit,
)
from dockerlab.formats.composefile.text.envfile import EnvFileError, parse


def test_a_service_says_what_a_container_needs() -> None:
    project = cases.read("visits")
    app, redis = project.services["app"], project.services["redis-server"]
    folder = f"{cases.ROOT}/visits"
    assert (project.name, project.directory) == ("visits", folder)
    assert project.files == (f"{folder}/compose.yaml",)
    assert (app.image, app.image_name) == ("", "visits-app")
    assert app.build is not None
    assert app.build.context == f"{folder}/app"
    assert app.build.args == {"VERSION": "2"}
    assert app.environment["RATIO"] == "1.5"
    assert app.environment["ASKED"] == "here"
    assert app.ports[:2] == (Port(3000), Port(3000, "8080"))
    assert app.ports[2] == Port(9000, "9000", "udp", "127.0.0.1")
    assert str(app.ports[2]) == "127.0.0.1:9000->9000/udp"
    assert app.depends_on == {"redis-server": Dependency("service_healthy", True, True)}
    assert app.volumes[0] == Mount("bind", "/app", f"{folder}/app", create_host_path=True)
    assert app.volumes[2] == Mount("volume", "/cache", "cache", read_only=True)
    assert app.networks == {"default": None}
    assert redis.command == ("redis-server", "--appendonly", "yes", "--save", "60", "1")
    assert redis.healthcheck == Healthcheck(
        ("CMD-SHELL", "redis-cli ping | grep PONG"), 1.0, 3.0, 5, 90.0
    )
    assert redis.where == Place(f"{folder}/compose.yaml", 3, 3)
    assert project.volumes["redis-data"].name == "visits_redis-data"
    assert project.networks["default"].name == "visits_default"


def test_a_service_says_how_it_is_in_its_networks() -> None:
    api = cases.read("networks").services["api"]
    assert list(api.networks) == ["back", "default", "front"]
    back = api.networks["back"]
    assert isinstance(back, Attachment)
    assert back.aliases == ("api1", "api.local")
    assert api.extra_hosts[0] == "gw:host-gateway"
    assert "six:::1" in api.extra_hosts
    shared = cases.read("networks").services["shared"]
    assert shared.networks == {}
    assert shared.depends_on["api"] == Dependency("service_started", True, True)


def test_limits_come_from_either_place() -> None:
    services = cases.read("limits").services
    assert services["old"].limits == Limits(
        memory=512 << 20,
        memory_reservation=64 << 20,
        memory_swap=1 << 30,
        memory_swappiness=60,
        cpus=1.5,
        cpu_shares=512,
        cpu_period=50000,
        cpu_quota=25000,
        cpuset="0,1",
        pids=100,
        oom_kill_disable=True,
        oom_score_adj=-500,
    )
    assert services["new"].limits == Limits(50 << 20, 20 << 20, cpus=0.5, pids=10)
    assert [services[name].replicas for name in ("old", "new", "scaled")] == [1, 3, 2]
    assert services["blk"].ulimits == {
        "nofile": Ulimit(20000, 40000),
        "nproc": Ulimit(65535, 65535),
    }


def test_secrets_and_configs_say_where_they_lie_and_what_they_hold() -> None:
    project = cases.read("secrets-configs")
    web = project.services["web"]
    assert web.secrets[:2] == (
        FileMount("short", "/run/secrets/short"),
        FileMount("long", "/run/secrets/renamed", "103", "103", 0o440),
    )
    assert web.configs[0] == FileMount("cfg", "/cfg")
    assert project.secrets["fromenv"].content == "s3cret"
    assert project.configs["inline"].content == "user=nobody\nprice=$5\n"
    assert project.secrets["short"].file == f"{cases.ROOT}/secrets-configs/secret.txt"
    assert "unused" not in project.secrets


def test_profiles_switch_services_on() -> None:
    project = cases.read("profiles")
    assert list(project.services) == ["debug", "web"]
    assert list(project.disabled) == ["test"]
    assert list(project.volumes) == ["debug-data"]


def test_nothing_of_a_project_can_be_changed() -> None:
    service = cases.read("course").services["redis"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        service.image = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        service.environment["A"] = "1"  # type: ignore[index]


def test_a_hash_follows_what_references_become() -> None:
    service = cases.read("networks").services["shared"]
    joined = hash_of(service, network_mode="container:abc", pid="container:def")
    assert joined != service.config_hash
    assert hash_of(service, network_mode=service.network_mode) == service.config_hash
    assert hash_of(service, build={"context": "x"}, scale=5, pull_policy="always") == (
        service.config_hash
    )


def test_the_graph_has_services_and_all_that_they_use() -> None:
    drawn = graph(cases.read("visits"))
    app = Node("service", "app")
    assert drawn.levels == (("redis-server",), ("app",))
    expected = {
        Edge(app, Node("service", "redis-server"), "depends_on", "service_healthy"),
        Edge(app, Node("network", "default"), "network"),
        Edge(app, Node("volume", "cache"), "mount", "/cache"),
        Edge(app, Node("port", "8080/tcp"), "port", "3000/tcp"),
        Edge(app, Node("port", "any/tcp"), "port", "3000/tcp"),
        Edge(app, Node("bind", f"{cases.ROOT}/visits/app"), "mount", "/app"),
    }
    assert expected <= set(drawn.edges)
    assert {end for edge in drawn.edges for end in (edge.start, edge.end)} <= set(drawn.nodes)


def test_the_graph_tells_why_a_service_waits() -> None:
    edges = graph(cases.read("networks")).edges
    waits = {
        (edge.start.name, edge.end.name): (edge.kind, edge.label)
        for edge in edges
        if edge.end.kind == "service"
    }
    assert waits == {
        ("mapped", "api"): ("links", "backend"),
        ("mapped", "web"): ("links", "service_started"),
        ("shared", "api"): ("network_mode", "network_mode"),
        ("shared", "web"): ("network_mode", "pid"),
    }


def test_services_that_wait_for_nothing_start_together() -> None:
    assert graph(cases.read("depends-on")).levels == (("db",), ("migrate",), ("long",), ("short",))


def test_the_file_of_a_folder_is_found_from_below_with_its_override(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    for name in ("docker-compose.yml", "compose.override.yml"):
        (tmp_path / name).write_text("services: {}\n")
    assert find(below) == [tmp_path / "docker-compose.yml", tmp_path / "compose.override.yml"]
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a}}\n")
    assert find(below)[0] == tmp_path / "compose.yaml"
    warnings = load(project_directory=below, environment={}).warnings
    assert "Found multiple config files" in warnings[0].text


def test_a_text_is_read_as_if_it_were_a_file(tmp_path: Path) -> None:
    (tmp_path / "web.env").write_text("A=1\n")
    text = "services: {web: {image: a, env_file: web.env}}\n"
    path = str(tmp_path / "compose.yaml")
    project = load([path], environment={}, reader=Overlay({path: text}))
    assert project.services["web"].environment == {"A": "1"}


def test_the_environment_wins_over_env_files_and_is_kept(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {image: 'a:${TAG}-${ONE}'}}\n")
    (tmp_path / ".env").write_text("TAG=file\nONE=1\n")
    project = load(project_directory=tmp_path, environment={"TAG": "shell"})
    assert project.services["web"].image == "a:shell-1"
    assert project.environment["ONE"] == "1"
    assert project.environment["COMPOSE_PROJECT_NAME"] == project.name


def test_disk_reads_ordinary_texts_only(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    with pytest.raises(ValueError, match="not UTF-8"):
        Disk().read(str(tmp_path / "latin"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="not an ordinary file"):
        Disk().read(str(tmp_path / "pipe"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1", {"A": "1"}),
        ("\ufeffA=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("export A=1 # x\n#B=2\nC='#'\n", {"A": "1", "C": "#"}),
        ('A="x\\ny\\q\\$B"\n', {"A": "x\ny\\q$B"}),
        ("A='x\\n' \nB=$A\n", {"A": "x\\n", "B": "x\\n"}),
        ("OUT\nNONE\n", {"OUT": "side"}),
        ("OUT", {"OUT": "side"}),
        ("A: b\nC =d\n", {"A": "b", "C": "d"}),
        ("A=${B:-$OUT}\n", {"A": "side"}),
        ('A="\\0101"\n', {"A": "A"}),
        ("\n\n  # only\n", {}),
    ],
)
def test_an_env_file_is_read(text: str, expected: dict[str, str]) -> None:
    assert parse(text, {"OUT": "side"}.get) == expected


@pytest.mark.parametrize(
    ("text", "line"), [("A=1\nB C=2\n", 2), ("A='x\n\n", 1), ("A!=1\n", 1), ("A=1\nB=${}\n", 2)]
)
def test_a_line_of_an_env_file_that_says_nothing_is_refused(text: str, line: int) -> None:
    with pytest.raises(EnvFileError) as caught:
        parse(text, {}.get)
    assert caught.value.line == line


def test_the_library_is_imported_without_yaml_and_schema() -> None:
    code = (
        "import sys, dockerlab, dockerlab.formats.composefile, dockerlab.formats.composefile.model;"
        "print({'yaml', 'jsonschema'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
