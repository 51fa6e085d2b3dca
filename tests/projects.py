"""Compose projects for tests: the real ``docker compose``, and what an engine has of a project."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import composeplugin
import docker
from docker.client import DockerClient
from engines import HERE, Engine
from freeports import free_port

DATA = HERE / "tests" / "data" / "projects"
"""A folder is a project; in its compose files ``{NAME}`` becomes the project's name, and
``{PORT1}`` to ``{PORT5}`` ports in a row that are nobody else's."""
PORTS = 5
PREFIX = "com.docker.compose."
OWN_TEXT = (".yaml", ".yml")


@dataclass
class RealCompose:
    """``real("up", "-d")``: the real docker compose on one engine, in a project's folder."""

    engine: Engine
    folder: Path
    name: str

    def __call__(self, *words: str, check: bool = True, timeout: float = 90) -> str:
        command = [
            shutil.which("docker") or "docker",
            "--config",
            str(composeplugin.folder()),
            "--host",
            self.engine.url,
            "compose",
            "-p",
            self.name,
            *words,
        ]
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DOCKER", "COMPOSE"))}
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=kept | {"DOCKER_BUILDKIT": "0"},
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        if check and done.returncode:
            raise AssertionError(f"docker compose {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr


def copied(case: str, engine: Engine, name: str) -> Path:
    """A copy of one of the projects, where the engine's containers may read it."""
    folder = engine.shared_folder() / "project"
    shutil.copytree(DATA / case, folder)
    own = {"{NAME}": name}
    files = list(folder.rglob("*"))
    texts = {file: file.read_text() for file in files if file.suffix in OWN_TEXT}
    if any("{PORT" in text for text in texts.values()):
        first = free_port(PORTS)
        own |= {f"{{PORT{n}}}": str(first + n - 1) for n in range(1, PORTS + 1)}
    for file, text in texts.items():
        for placeholder, value in own.items():
            text = text.replace(placeholder, value)
        file.write_text(text)
    for file in files:
        file.chmod(0o755 if file.is_dir() else 0o644)
    folder.chmod(0o755)
    return folder


@contextmanager
def cleared(client: DockerClient, name: str) -> Iterator[None]:
    """Nothing is left of a project afterwards, however the test went."""
    try:
        yield
    finally:
        clear(client, name)


def clear(client: DockerClient, name: str) -> None:
    mine = {"label": [f"{PREFIX}project={name}"]}
    for container in client.containers.list(all=True, filters=mine, ignore_removed=True):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters=mine):
        network.remove()
    for volume in client.volumes.list(filters=mine):
        volume.remove(force=True)
    for image in client.images.list(filters={"reference": f"{name}-*"}):
        # It may have other names, too, when others have built the same.
        for tag in image.tags:
            if tag.startswith(f"{name}-"):
                client.images.remove(tag, force=True)


@dataclass(frozen=True)
class Snapshot:
    """What there is of a project, without what differs from one container to the next."""

    containers: dict[str, Any]
    networks: dict[str, Any]
    volumes: dict[str, Any]

    @classmethod
    def of(cls, client: DockerClient, name: str) -> Snapshot:
        mine = {"label": [f"{PREFIX}project={name}"]}
        found = [
            c.attrs for c in client.containers.list(all=True, filters=mine, ignore_removed=True)
        ]
        names = {c["Id"]: c["Name"].lstrip("/") for c in found}
        networks = [client.networks.get(n.id).attrs for n in client.networks.list(filters=mine)]
        volumes = [v.attrs for v in client.volumes.list(filters=mine)]
        return cls(
            {names[c["Id"]]: container(c, names) for c in found},
            {n["Name"]: network(n) for n in networks},
            {
                v["Name"]: bare({k: v.get(k) for k in ("Driver", "Labels", "Options")})
                for v in volumes
            },
        )


def container(facts: Mapping[str, Any], names: Mapping[str, str]) -> Any:
    config, host = dict(facts["Config"]), dict(facts["HostConfig"])
    if config["Hostname"] == facts["Id"][:12] or host["NetworkMode"].startswith("container:"):
        del config["Hostname"]
    config["Env"] = sorted(config["Env"] or [])
    labels = dict(config["Labels"])
    labels.pop(PREFIX + "replace", None)
    depends = labels.get(PREFIX + "depends_on", "")
    labels[PREFIX + "depends_on"] = ",".join(sorted(depends.split(",")))
    config["Labels"] = labels
    named = {f"container:{id}": f"container:{name}" for id, name in names.items()}
    shared = [key for key in ("NetworkMode", "IpcMode", "PidMode") if host.get(key) in named]
    for key in shared:
        host[key] = named[host[key]]
    for joined, end in (facts["NetworkSettings"]["Networks"] or {}).items():
        if host["NetworkMode"] == end.get("NetworkID"):
            # So does the real one say where a network is external.
            host["NetworkMode"] = joined
    if host.get("VolumesFrom"):
        host["VolumesFrom"] = [names[id] for id in host["VolumesFrom"]]
        shared.append("VolumesFrom")
    if shared:
        # The hash counts the other container's id, which is another one each time.
        labels[PREFIX + "config-hash"] = "by the other container"
    # The real one keeps these as mappings, which have no order.
    for key in ("Binds", "Mounts", "ExtraHosts", "Ulimits"):
        host[key] = sorted(host.get(key) or [], key=str)
    return bare(
        {
            "Config": config,
            "HostConfig": host,
            "Mounts": sorted((_mount(m) for m in facts["Mounts"]), key=str),
            "Networks": {
                name: _endpoint(end, facts["Id"])
                for name, end in (facts["NetworkSettings"]["Networks"] or {}).items()
            },
            "State": facts["State"]["Status"],
            "ExitCode": facts["State"]["ExitCode"] if facts["State"]["Status"] == "exited" else 0,
        }
    )


def _mount(mount: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: mount.get(key) for key in ("Type", "Name", "Destination", "RW", "Driver")}
    if len(kept["Name"] or "") == 64:
        kept["Name"] = "(anonymous)"
    if mount["Type"] == "bind":
        kept["Source"] = mount["Source"]
    return kept


def _endpoint(end: Mapping[str, Any], id: str) -> dict[str, Any]:
    aliases = sorted(set(end.get("Aliases") or []) - {id[:12]})
    return {"Aliases": aliases, "Links": end.get("Links"), "IPAMConfig": end.get("IPAMConfig")}


def network(facts: Mapping[str, Any]) -> Any:
    kept = {
        key: facts.get(key) for key in ("Driver", "Internal", "Attachable", "Options", "Labels")
    }
    # A subnet that the engine chose is another one each time.
    chosen = [
        pool
        for pool in (facts.get("IPAM") or {}).get("Config") or []
        if pool["Subnet"].startswith("10.213.")
    ]
    return bare({**kept, "IPAM": chosen})


def bare(value: Any) -> Any:
    """Without what is empty: clients differ in whether they say nothing or say "none"."""
    if isinstance(value, Mapping):
        kept = {key: bare(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each not in EMPTY}
    if isinstance(value, list | tuple):
        return [bare(each) for each in value]
    return value


def differences(ours: Snapshot, theirs: Snapshot) -> list[str]:
    """``where: ours / theirs`` of everything that is not the same."""
    return [
        *_differing("containers", ours.containers, theirs.containers),
        *_differing("networks", ours.networks, theirs.networks),
        *_differing("volumes", ours.volumes, theirs.volumes),
    ]


def _differing(where: str, ours: Any, theirs: Any) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            yield from _differing(f"{where} {key}", ours.get(key), theirs.get(key))
    elif ours != theirs:
        yield f"{where}: {ours!r} / {theirs!r}"


EMPTY: tuple[Any, ...] = (None, "", 0, False, [], {})
NotFound = docker.errors.NotFound
