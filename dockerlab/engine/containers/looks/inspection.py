"""A container as ``docker inspect`` shows it, key for key as Docker Engine 20.10."""

from __future__ import annotations

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.looks import clock
from dockerlab.engine.containers.request.config import Data
from dockerlab.engine.net.endpoints import empty_settings, network_settings
from dockerlab.engine.run.process import Rootfs


def inspect(container: Container) -> Data:
    """The full answer of ``GET /containers/{id}/json``, without sizes."""
    folder = container.directory
    started = container.state.started_at != clock.NEVER
    return {
        "Id": container.id,
        "Created": clock.stamp(container.created),
        "Path": container.command[0],
        "Args": container.command[1:],
        "State": state(container),
        "Image": container.image_id,
        "ResolvConfPath": str(folder / "resolv.conf") if started else "",
        "HostnamePath": str(folder / "hostname") if started else "",
        "HostsPath": str(folder / "hosts") if started else "",
        "LogPath": str(folder / "log.jsonl") if started else "",
        "Name": f"/{container.name}",
        "RestartCount": container.restarts,
        "Driver": driver(container.rootfs),
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": list(container.execs) or None,
        "HostConfig": container.host,
        "GraphDriver": graph_driver(container.rootfs),
        "Mounts": [point.view() for point in container.mounts],
        "Config": container.config,
        "NetworkSettings": container.network or network_settings(networks(container), {}),
    }


def state(container: Container) -> Data:
    """``State`` of inspect."""
    now = container.state
    shown: Data = {
        "Status": now.status,
        "Running": now.running,
        "Paused": now.paused,
        "Restarting": now.restarting,
        "OOMKilled": now.oom_killed,
        "Dead": now.dead,
        "Pid": now.pid,
        "ExitCode": now.exit_code,
        "Error": now.error,
        "StartedAt": now.started_at,
        "FinishedAt": now.finished_at,
    }
    if container.health is not None:
        health = container.health
        shown["Health"] = {
            "Status": health.status,
            "FailingStreak": health.failing_streak,
            "Log": list(health.log),
        }
    return shown


def driver(rootfs: Rootfs) -> str:
    """Docker's name for how the root file system is made."""
    return "overlay2" if rootfs.upper else "vfs"


def graph_driver(rootfs: Rootfs) -> Data:
    """``GraphDriver`` of inspect."""
    if not rootfs.upper:
        return {"Data": None, "Name": "vfs"}
    data = {
        "LowerDir": ":".join(rootfs.lower),
        "MergedDir": rootfs.path,
        "UpperDir": rootfs.upper,
        "WorkDir": rootfs.work,
    }
    return {"Data": data, "Name": "overlay2"}


def networks(container: Container) -> Data:
    """Endpoint settings of a container that was never started: all empty."""
    return {name: empty_settings(config) for name, config in container.endpoints.items()}
