"""What a new container shall be, and the JSON that asks an engine for it.

``docker run``'s flags and ``lab.run``'s keywords both become a ``Creation``, so that a notebook
and a terminal send the same request.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats.networks import Attachment, attachment, networking
from dockerlab.formats.text import parse_duration, parse_size

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Health:
    """A health check; times in seconds, 0 leaves the engine's default."""

    command: str = ""
    interval: float = 0.0
    timeout: float = 0.0
    start_period: float = 0.0
    retries: int = 0
    off: bool = False

    def body(self) -> dict[str, Any]:
        if self.off:
            return {"Test": ["NONE"]}
        body = {
            "Test": ["CMD-SHELL", self.command] if self.command else None,
            "Interval": round(self.interval * 1e9),
            "Timeout": round(self.timeout * 1e9),
            "StartPeriod": round(self.start_period * 1e9),
            "Retries": self.retries,
        }
        return {key: value for key, value in body.items() if value}


@dataclass(frozen=True, slots=True)
class Creation:
    """A container to be. Texts are those of the command line: ``"8080:80"``, ``"data:/data"``.

    ``memory`` in bytes, ``cpus`` in processors, ``env`` as ``NAME=value``.
    """

    image: str
    command: tuple[str, ...] = ()
    name: str = ""
    """Goes into the request's address, not into its body."""
    entrypoint: str | None = None
    env: tuple[str, ...] = ()
    labels: Pairs = ()
    ports: tuple[str, ...] = ()
    expose: tuple[str, ...] = ()
    publish_all: bool = False
    volumes: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    volumes_from: tuple[str, ...] = ()
    tmpfs: tuple[str, ...] = ()
    workdir: str = ""
    user: str = ""
    hostname: str = ""
    domainname: str = ""
    network: str = ""
    """A name, or as after ``--network``: ``name=web,alias=www``."""
    ip: str = ""
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    add_hosts: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    dns_options: tuple[str, ...] = ()
    memory: int = 0
    memory_swap: int = 0
    cpus: float = 0.0
    cpu_shares: int = 0
    pids_limit: int = 0
    shm_size: int = 0
    ulimits: tuple[str, ...] = ()
    restart: str = ""
    init: bool = False
    read_only: bool = False
    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    stop_signal: str = ""
    stop_timeout: int | None = None
    health: Health = field(default_factory=Health)
    tty: bool = False
    stdin: bool = False
    detach: bool = False
    remove: bool = False

    def body(self) -> dict[str, Any]:
        """The JSON of ``POST /containers/create``; empty parts are left out."""
        body: dict[str, Any] = {
            "Image": self.image,
            "Cmd": list(self.command) or None,
            "Entrypoint": None if self.entrypoint is None else _entrypoint(self.entrypoint),
            "Env": list(self.env),
            "Labels": dict(self.labels),
            "ExposedPorts": {port: {} for port in self._exposed()},
            "Volumes": {volume: {} for volume in self.volumes if ":" not in volume},
            "WorkingDir": self.workdir,
            "User": self.user,
            "Hostname": self.hostname,
            "Domainname": self.domainname,
            "StopSignal": self.stop_signal,
            "StopTimeout": self.stop_timeout,
            "Healthcheck": self.health.body(),
            "HostConfig": self._host(),
            "NetworkingConfig": networking([self.attachment]),
            **self._streams(),
        }
        kept = {key: value for key, value in body.items() if value not in (None, "", [], {}, False)}
        if self.entrypoint == "":
            kept["Entrypoint"] = [""]
        return kept

    def _streams(self) -> dict[str, bool]:
        return {
            "Tty": self.tty,
            "OpenStdin": self.stdin,
            "StdinOnce": self.stdin and not self.detach,
            "AttachStdin": self.stdin and not self.detach,
            "AttachStdout": not self.detach,
            "AttachStderr": not self.detach,
        }

    def _exposed(self) -> list[str]:
        bound = (key for text in self.ports for key, _ in publish(text))
        return list(dict.fromkeys([*(_port_key(text) for text in self.expose), *bound]))

    @property
    def attachment(self) -> Attachment:
        """How it is in its network."""
        place = attachment(self.network, aliases=self.aliases, ip=self.ip)
        return replace(place, links=self.links) if place.user_defined else place

    def _host(self) -> dict[str, Any]:
        host: dict[str, Any] = {
            "Binds": [bind(volume) for volume in self.volumes if ":" in volume],
            "Mounts": [mount(text) for text in self.mounts],
            "VolumesFrom": list(self.volumes_from),
            "Tmpfs": dict(_tmpfs(text) for text in self.tmpfs),
            "PortBindings": _bindings(self.ports),
            "PublishAllPorts": self.publish_all,
            "RestartPolicy": restart_policy(self.restart or "no"),
            "AutoRemove": self.remove,
            "Links": list(self.links),
            "ExtraHosts": list(self.add_hosts),
            "Dns": list(self.dns),
            "DnsSearch": list(self.dns_search),
            "DnsOptions": list(self.dns_options),
            "Init": self.init or None,
            "ReadonlyRootfs": self.read_only,
            "Privileged": self.privileged,
            "CapAdd": list(self.cap_add),
            "CapDrop": list(self.cap_drop),
            "SecurityOpt": list(self.security),
            **self._limits(),
        }
        kept = {
            key: value for key, value in host.items() if value not in (None, "", [], {}, False, 0)
        }
        return {"NetworkMode": self.attachment.network or "default", **kept}

    def _limits(self) -> dict[str, Any]:
        return {
            "Memory": self.memory,
            "MemorySwap": self.memory_swap,
            "NanoCpus": round(self.cpus * 1e9),
            "CpuShares": self.cpu_shares,
            "PidsLimit": self.pids_limit,
            "ShmSize": self.shm_size,
            "Ulimits": [_ulimit(text) for text in self.ulimits],
        }


def _entrypoint(text: str) -> list[str]:
    return [text] if text else [""]


_PORT = re.compile(r"^(\d+)(?:-(\d+))?$")


def publish(text: str) -> list[tuple[str, dict[str, str]]]:
    """``-p``'s value as pairs of container port and host binding.

    >>> publish("127.0.0.1:8080:80")
    [('80/tcp', {'HostIp': '127.0.0.1', 'HostPort': '8080'})]
    """
    rest, _, protocol = text.partition("/")
    address, outside, inside = _split_port(rest)
    if protocol not in ("", "tcp", "udp", "sctp"):
        raise FormatError(f"invalid proto: {protocol}", "write 53:53/udp or leave it out for tcp")
    insides = _range(inside, "containerPort")
    outsides = _range(outside, "hostPort") if outside else [""] * len(insides)
    if len(outsides) != len(insides):
        if len(insides) > 1:
            raise FormatError(
                f"invalid ranges specified for container and host Ports: {inside} and {outside}"
            )
        outsides = [outside]
    return [
        (f"{port}/{protocol or 'tcp'}", {"HostIp": address, "HostPort": host})
        for port, host in zip(insides, outsides, strict=True)
    ]


def _split_port(text: str) -> tuple[str, str, str]:
    """Address, host port and container port of ``[address:][host]:container``."""
    if text.startswith("["):
        address, _, text = text[1:].partition("]:")
    else:
        address, colon, tail = text.partition(":")
        if colon and ":" in tail:
            text = tail
        else:
            address = ""
    outside, colon, inside = text.rpartition(":")
    if not inside:
        raise FormatError(f"No port specified: {text}<empty>", "write host:container, as 8080:80")
    return address, outside, inside


def _range(text: str, what: str) -> list[str]:
    match = _PORT.match(text)
    first, last = (int(match.group(1)), int(match.group(2) or match.group(1))) if match else (0, 0)
    if match is None or not 0 <= first <= last <= 65535 or last - first > 10_000:
        raise FormatError(f"invalid {what}: {text}", "a port is a number from 1 to 65535")
    return [str(number) for number in range(first, last + 1)]


def _bindings(texts: Iterable[str]) -> dict[str, list[dict[str, str]]]:
    bindings: dict[str, list[dict[str, str]]] = {}
    for text in texts:
        for key, binding in publish(text):
            bindings.setdefault(key, []).append(binding)
    return bindings


def _port_key(text: str) -> str:
    number, _, protocol = text.partition("/")
    _range(number, "containerPort")
    return f"{number}/{protocol or 'tcp'}"


def bind(text: str) -> str:
    """``-v``'s value with a relative or home folder on the host made absolute."""
    source, colon, rest = text.partition(":")
    if source.startswith(("./", "../", "~")) or source in (".", ".."):
        source = os.path.abspath(os.path.expanduser(source))
    if not source or not rest.partition(":")[0].startswith("/"):
        raise FormatError(
            f"invalid volume specification: '{text}'",
            "write source:/path/in/container, with an absolute path after the colon",
        )
    return source + colon + rest


_MOUNT_TYPES = ("bind", "volume", "tmpfs")
_MOUNT_KEYS = {
    "type": "Type",
    "source": "Source",
    "src": "Source",
    "target": "Target",
    "dst": "Target",
    "destination": "Target",
    "readonly": "ReadOnly",
    "ro": "ReadOnly",
}


def mount(text: str) -> dict[str, Any]:
    """``--mount``'s value as the API takes it.

    >>> mount("type=volume,src=data,dst=/data,readonly")
    {'Type': 'volume', 'Source': 'data', 'Target': '/data', 'ReadOnly': True}
    """
    result: dict[str, Any] = {"Type": "volume"}
    for part in next(csv.reader([text])):
        key, equals, value = part.partition("=")
        name = _MOUNT_KEYS.get(key.lower())
        if name == "ReadOnly":
            result[name] = value.lower() not in ("false", "0") if equals else True
        elif name:
            result[name] = value
        elif key in ("tmpfs-size", "tmpfs-mode"):
            options = result.setdefault("TmpfsOptions", {})
            options["SizeBytes" if key == "tmpfs-size" else "Mode"] = _tmpfs_value(key, value)
        elif key == "consistency":
            result["Consistency"] = value
        elif not _mount_option(result, key, value):
            raise FormatError(
                f"unexpected key '{key}' in '{part}'", "known: type, src, dst, readonly"
            )
    if not result.get("Target"):
        raise FormatError("invalid argument for --mount: target is required", "add dst=/path")
    for kind in _MOUNT_TYPES:
        if kind != result["Type"] and f"{kind.capitalize()}Options" in result:
            raise FormatError(f"cannot mix '{kind}-*' options with mount type '{result['Type']}'")
    return result


def _mount_option(result: dict[str, Any], key: str, value: str) -> bool:
    """Take an option of binds or of volumes; False if it is none."""
    bind = result.get("BindOptions", {})
    volume = result.get("VolumeOptions", {})
    on = value.lower() not in ("false", "0")
    name, _, setting = value.partition("=")
    if key == "bind-propagation":
        bind["Propagation"] = value
    elif key == "bind-nonrecursive":
        bind["NonRecursive"] = on
    elif key == "volume-nocopy":
        volume["NoCopy"] = on
    elif key == "volume-label":
        volume.setdefault("Labels", {})[name] = setting
    elif key == "volume-driver":
        volume.setdefault("DriverConfig", {})["Name"] = value
    elif key == "volume-opt":
        volume.setdefault("DriverConfig", {}).setdefault("Options", {})[name] = setting
    else:
        return False
    result |= {"BindOptions": bind} if bind else {}
    result |= {"VolumeOptions": volume} if volume else {}
    return True


def _tmpfs_value(key: str, value: str) -> int:
    try:
        return parse_size(value) if key == "tmpfs-size" else int(value, 8)
    except ValueError:
        raise FormatError(f"invalid value for {key}: {value}") from None


def _tmpfs(text: str) -> tuple[str, str]:
    path, _, options = text.partition(":")
    return path, options


def restart_policy(text: str) -> dict[str, Any]:
    """``on-failure:3`` as the API takes it."""
    name, colon, count = text.partition(":")
    if name not in ("no", "always", "on-failure", "unless-stopped") or (
        colon and not count.isdigit()
    ):
        raise FormatError(
            f"invalid restart policy: {text}",
            "one of no, always, unless-stopped, on-failure or on-failure:3",
        )
    return {"Name": name, "MaximumRetryCount": int(count)} if colon else {"Name": name}


def _ulimit(text: str) -> dict[str, Any]:
    name, _, values = text.partition("=")
    soft, _, hard = values.partition(":")
    if not soft.lstrip("-").isdigit() or not (hard or soft).lstrip("-").isdigit():
        raise FormatError(
            f"invalid ulimit argument: {text}", "write nofile=1024 or nofile=1024:2048"
        )
    return {"Name": name, "Soft": int(soft), "Hard": int(hard or soft)}


def seconds(text: str) -> float:
    """A duration flag's value; FormatError instead of ValueError."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise FormatError(str(error)) from error


def bytes_of(value: int | str) -> int:
    """``"64m"`` or a number of bytes; FormatError if it is neither."""
    if isinstance(value, int):
        return value
    if value == "-1":
        return -1
    try:
        return parse_size(value)
    except ValueError as error:
        raise FormatError(str(error), "write it as 64m, 512k or 1g") from error


def pairs(values: Mapping[str, str] | Sequence[str]) -> Pairs:
    """Labels given as a mapping or as ``key=value`` texts."""
    if isinstance(values, Mapping):
        return tuple((str(key), str(value)) for key, value in values.items())
    split = (text.partition("=") for text in values)
    return tuple((key, value) for key, _, value in split)
