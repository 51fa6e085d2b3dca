"""/_ping, /version, /info, /events, /system/df, and what this engine does not have."""

from __future__ import annotations

import asyncio
import os
import platform
from typing import Any

from aiohttp import web

from dockerlab.engine.api.router import (
    API_VERSION,
    MIN_VERSION,
    JSONStream,
    Route,
    filters,
    json,
)
from dockerlab.engine.containers.looks import clock, usage
from dockerlab.engine.daemon import VERSION, Daemon
from dockerlab.engine.errors import APIError, BadParameter, NotFound, NotImplementedHere

_SWARM = ("/swarm", "/nodes", "/services", "/tasks", "/secrets", "/configs")
_NO_CACHE = {"Cache-Control": "no-cache, no-store, must-revalidate", "Pragma": "no-cache"}
_CLIENT_ONLY = "20.10 with the classic builder only; set DOCKER_BUILDKIT=0"


class NotASwarm(APIError):
    """Swarm mode is not there."""

    status = 503


async def ping(request: web.Request, daemon: Daemon) -> web.Response:
    body = "" if request.method == "HEAD" else "OK"
    return web.Response(text=body, headers=_NO_CACHE)


async def version(request: web.Request, daemon: Daemon) -> web.Response:
    machine = _architecture()
    oldest = ".".join(map(str, MIN_VERSION))
    details = {
        "ApiVersion": API_VERSION,
        "Arch": machine,
        "BuildTime": "",
        "Experimental": "false",
        "GitCommit": "dockerlab",
        "GoVersion": "",
        "KernelVersion": platform.release(),
        "MinAPIVersion": oldest,
        "Os": "linux",
    }
    engine = {"Name": "Engine", "Version": VERSION, "Details": details}
    return json(
        {
            "Platform": {"Name": f"dockerlab embedded engine ({daemon.runtime.name})"},
            "Components": [engine],
            "Version": VERSION,
            "ApiVersion": API_VERSION,
            "MinAPIVersion": oldest,
            "GitCommit": "dockerlab",
            "GoVersion": "",
            "Os": "linux",
            "Arch": machine,
            "KernelVersion": platform.release(),
            "BuildTime": "",
        }
    )


def _architecture() -> str:
    """The machine in Go's words."""
    machine = platform.machine()
    return {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}.get(machine, machine)


async def info(request: web.Request, daemon: Daemon) -> web.Response:
    states = [container.state for container in daemon.containers]
    running = sum(state.running and not state.paused for state in states)
    paused = sum(state.paused for state in states)
    limits = daemon.can_limit
    return json(
        {
            "ID": daemon.id,
            "Containers": len(states),
            "ContainersRunning": running,
            "ContainersPaused": paused,
            "ContainersStopped": len(states) - running - paused,
            "Images": len(daemon.images.all()),
            "Driver": "overlay2" if daemon.runtime.overlay else "vfs",
            "DriverStatus": [["userxattr", "true"]] if daemon.runtime.overlay else [],
            "Plugins": {
                "Volume": ["local"],
                "Network": ["bridge", "host", "null"],
                "Authorization": None,
                "Log": ["json-file"],
            },
            "MemoryLimit": limits,
            "SwapLimit": limits,
            "KernelMemory": False,
            "KernelMemoryTCP": False,
            "CpuCfsPeriod": limits,
            "CpuCfsQuota": limits,
            "CPUShares": limits,
            "CPUSet": False,
            "PidsLimit": limits,
            "IPv4Forwarding": True,
            "BridgeNfIptables": True,
            "BridgeNfIp6tables": True,
            "Debug": False,
            "NFd": len(os.listdir("/proc/self/fd")),
            "OomKillDisable": False,
            "NGoroutines": len(asyncio.all_tasks()),
            "SystemTime": clock.stamp(clock.now()),
            "LoggingDriver": "json-file",
            "CgroupDriver": "cgroupfs" if limits else "none",
            "CgroupVersion": "2" if os.path.exists("/sys/fs/cgroup/cgroup.controllers") else "1",
            "NEventsListener": daemon.events.listeners(),
            **_machine(),
            **_registry(),
            "GenericResources": None,
            "DockerRootDir": str(daemon.root),
            "HttpProxy": os.environ.get("HTTP_PROXY", ""),
            "HttpsProxy": os.environ.get("HTTPS_PROXY", ""),
            "NoProxy": os.environ.get("NO_PROXY", ""),
            "Name": platform.node(),
            "Labels": [f"dockerlab.runtime={daemon.runtime.name}"],
            "ExperimentalBuild": False,
            "ServerVersion": VERSION,
            "Runtimes": {"runc": {"path": daemon.runtime.name}},
            "DefaultRuntime": "runc",
            "Swarm": {
                "NodeID": "",
                "NodeAddr": "",
                "LocalNodeState": "inactive",
                "ControlAvailable": False,
                "Error": "",
                "RemoteManagers": None,
            },
            "LiveRestoreEnabled": True,
            "Isolation": "",
            "InitBinary": "docker-init",
            "ContainerdCommit": {"ID": "", "Expected": ""},
            "RuncCommit": {"ID": "", "Expected": ""},
            "InitCommit": {"ID": "", "Expected": ""},
            "SecurityOptions": [],
            "Warnings": list(daemon.runtime.limitations) or None,
        }
    )


def _machine() -> dict[str, Any]:
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        system = {}
    return {
        "KernelVersion": platform.release(),
        "OperatingSystem": system.get("PRETTY_NAME", "Linux"),
        "OSVersion": system.get("VERSION_ID", ""),
        "OSType": "linux",
        "Architecture": platform.machine(),
        "NCPU": os.cpu_count() or 1,
        "MemTotal": usage.machine_memory(),
    }


def _registry() -> dict[str, Any]:
    hub = {"Name": "docker.io", "Mirrors": [], "Secure": True, "Official": True}
    return {
        "IndexServerAddress": "https://index.docker.io/v1/",
        "RegistryConfig": {
            "AllowNondistributableArtifactsCIDRs": [],
            "AllowNondistributableArtifactsHostnames": [],
            "InsecureRegistryCIDRs": ["127.0.0.0/8"],
            "IndexConfigs": {"docker.io": hub},
            "Mirrors": [],
        },
    }


async def events(request: web.Request, daemon: Daemon) -> web.StreamResponse:
    since, until = request.query.get("since", ""), request.query.get("until", "")
    begin = clock.parse(since) if since else None
    end = clock.parse(until) if until else None
    if begin is not None and end is not None and end < begin:
        raise BadParameter("`since` time cannot be after `until` time")
    async with daemon.events.subscribe(filters(request), since=begin, until=end) as found:
        async with JSONStream(request, "\n") as stream:
            await stream.start()
            async for event in found:
                await stream.send(event)
        return stream.response


async def disk_usage(request: web.Request, daemon: Daemon) -> web.Response:
    lines = daemon.containers.summaries(all=True)
    for line in lines:
        written, whole = await daemon.containers.sizes(daemon.containers.get(line["Id"]))
        line |= {"SizeRw": written, "SizeRootFs": whole} if written else {"SizeRootFs": whole}
    images = await asyncio.to_thread(_images, daemon)
    volumes = await asyncio.to_thread(_volumes, daemon)
    size = sum({layer.diff_id: layer.size for layer in daemon.layers.all()}.values())
    return json(
        {
            "LayersSize": size,
            "Images": images,
            "Containers": lines,
            "Volumes": volumes,
            "BuildCache": None,
            "BuilderSize": 0,
        }
    )


def _images(daemon: Daemon) -> list[dict[str, Any]]:
    """Each image with the bytes it shares with others."""
    listing = daemon.images.listing()
    owners: dict[str, int] = {}
    for image, _ in listing:
        for layer in image.layers:
            owners[layer.diff_id] = owners.get(layer.diff_id, 0) + 1
    return [
        {
            "Containers": len(daemon.containers.using_image(image.id)),
            "Created": image.created_ns // 1_000_000_000,
            "Id": image.id,
            "Labels": image.labels or None,
            "ParentId": image.parent,
            "RepoDigests": list(image.digests) or None,
            "RepoTags": list(image.tags) or None,
            "SharedSize": sum(la.size for la in image.layers if owners[la.diff_id] > 1),
            "Size": image.size,
            "VirtualSize": image.size,
        }
        for image, _ in listing
    ]


def _volumes(daemon: Daemon) -> list[dict[str, Any]]:
    found = []
    for volume in daemon.volumes.all():
        users = len(daemon.containers.using_volume(volume.name))
        size = daemon.volumes.size(volume.name)
        found.append({**volume.view(), "UsageData": {"RefCount": users, "Size": size}})
    return found


async def login(request: web.Request, daemon: Daemon) -> web.Response:
    raise NotImplementedHere(
        "The embedded engine cannot log in to a registry.", "Public images need no login."
    )


async def buildkit(request: web.Request, daemon: Daemon) -> web.Response:
    raise NotFound(f"page not found (this engine is {_CLIENT_ONLY})")


async def plugins(request: web.Request, daemon: Daemon) -> web.Response:
    return json([])


async def plugin(request: web.Request, daemon: Daemon) -> web.Response:
    raise NotFound(f'plugin "{request.match_info["name"].partition("/")[0]}" not found')


async def swarm(request: web.Request, daemon: Daemon) -> web.Response:
    raise NotASwarm(
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to '
        "connect this node to swarm and try again."
    )


async def no_swarm(request: web.Request, daemon: Daemon) -> web.Response:
    raise NotImplementedHere("The embedded engine has no swarm mode.")


def _swarm_routes() -> list[Route]:
    paths = [*_SWARM, *(f"{path}/{{rest:.*}}" for path in _SWARM)]
    return [Route(method, path, swarm) for path in paths for method in ("GET", "POST", "DELETE")]


ROUTES = [
    Route("GET", "/_ping", ping),
    Route("HEAD", "/_ping", ping),
    Route("GET", "/version", version),
    Route("GET", "/info", info),
    Route("GET", "/events", events),
    Route("GET", "/system/df", disk_usage),
    Route("POST", "/auth", login),
    Route("POST", "/session", buildkit),
    Route("POST", "/grpc", buildkit),
    Route("GET", "/plugins", plugins),
    Route("GET", "/plugins/{name:.*}", plugin),
    Route("POST", "/swarm/init", no_swarm),
    Route("POST", "/swarm/join", no_swarm),
    *_swarm_routes(),
]
