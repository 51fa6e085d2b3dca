"""From a create request to a container's ``HostConfig``: limits, ports, restart, privileges.

Echoed by inspect with all keys, order and defaults of Docker Engine 20.10. What this engine
cannot do is refused by name; what it cannot apply gives a warning, which ``docker run`` prints.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from dockerlab.engine.containers import restart
from dockerlab.engine.containers.request.config import Data, check_line, check_port, pick
from dockerlab.engine.errors import BadParameter, NotImplementedHere
from dockerlab.engine.run.process import Limits

_T: tuple[type, ...] = (str,)
_F: tuple[type, ...] = (bool,)
_N: tuple[type, ...] = (int, float)
_L: tuple[type, ...] = (list,)
_M: tuple[type, ...] = (dict,)

SHM_SIZE = 64 << 20
LEAST_MEMORY = 6 << 20

MASKED_PATHS = [
    *(f"/proc/{name}" for name in ("asound", "acpi", "kcore", "keys", "latency_stats")),
    *(f"/proc/{name}" for name in ("timer_list", "timer_stats", "sched_debug", "scsi")),
    "/sys/firmware",
]
READONLY_PATHS = [f"/proc/{name}" for name in ("bus", "fs", "irq", "sys", "sysrq-trigger")]

# Key, accepted types, value when absent; ``...``: the key is left out when empty.
_HOST_CONFIG: tuple[tuple[str, tuple[type, ...], Any], ...] = (
    ("Binds", _L, None),
    ("ContainerIDFile", _T, ""),
    ("LogConfig", _M, {}),
    ("NetworkMode", _T, "default"),
    ("PortBindings", _M, None),
    ("RestartPolicy", _M, {}),
    ("AutoRemove", _F, False),
    ("VolumeDriver", _T, ""),
    ("VolumesFrom", _L, None),
    ("CapAdd", _L, None),
    ("CapDrop", _L, None),
    ("CgroupnsMode", _T, "host"),
    ("Dns", _L, None),
    ("DnsOptions", _L, None),
    ("DnsSearch", _L, None),
    ("ExtraHosts", _L, None),
    ("GroupAdd", _L, None),
    ("IpcMode", _T, "private"),
    ("Cgroup", _T, ""),
    ("Links", _L, None),
    ("OomScoreAdj", _N, 0),
    ("PidMode", _T, ""),
    ("Privileged", _F, False),
    ("PublishAllPorts", _F, False),
    ("ReadonlyRootfs", _F, False),
    ("SecurityOpt", _L, None),
    ("StorageOpt", _M, ...),
    ("Tmpfs", _M, ...),
    ("UTSMode", _T, ""),
    ("UsernsMode", _T, ""),
    ("ShmSize", _N, SHM_SIZE),
    ("Sysctls", _M, ...),
    ("Runtime", _T, "runc"),
    ("ConsoleSize", _L, [0, 0]),
    ("Isolation", _T, ""),
    ("CpuShares", _N, 0),
    ("Memory", _N, 0),
    ("NanoCpus", _N, 0),
    ("CgroupParent", _T, ""),
    ("BlkioWeight", _N, 0),
    ("BlkioWeightDevice", _L, None),
    ("BlkioDeviceReadBps", _L, None),
    ("BlkioDeviceWriteBps", _L, None),
    ("BlkioDeviceReadIOps", _L, None),
    ("BlkioDeviceWriteIOps", _L, None),
    ("CpuPeriod", _N, 0),
    ("CpuQuota", _N, 0),
    ("CpuRealtimePeriod", _N, 0),
    ("CpuRealtimeRuntime", _N, 0),
    ("CpusetCpus", _T, ""),
    ("CpusetMems", _T, ""),
    ("Devices", _L, None),
    ("DeviceCgroupRules", _L, None),
    ("DeviceRequests", _L, None),
    ("KernelMemory", _N, 0),
    ("KernelMemoryTCP", _N, 0),
    ("MemoryReservation", _N, 0),
    ("MemorySwap", _N, 0),
    ("MemorySwappiness", _N, None),
    ("OomKillDisable", _F, False),
    ("PidsLimit", _N, None),
    ("Ulimits", _L, None),
    ("CpuCount", _N, 0),
    ("CpuPercent", _N, 0),
    ("IOMaximumIOps", _N, 0),
    ("IOMaximumBandwidth", _N, 0),
    ("Mounts", _L, ...),
    ("MaskedPaths", _L, MASKED_PATHS),
    ("ReadonlyPaths", _L, READONLY_PATHS),
    ("Init", _F, ...),
)

_UPDATABLE = (
    "CpuShares Memory NanoCpus CpuPeriod CpuQuota CpusetCpus CpusetMems MemoryReservation "
    "MemorySwap PidsLimit BlkioWeight KernelMemory CpuRealtimePeriod CpuRealtimeRuntime"
)

_LOGGERS = ("json-file", "local", "none")
_OTHER_LOGGERS = "awslogs fluentd gcplogs gelf journald logentries splunk syslog etwlogs"

# Not applied by this engine, with what the warning calls them.
_NOT_APPLIED = {
    "OomScoreAdj": "an out-of-memory score",
    "SecurityOpt": "security options",
    "CgroupParent": "a cgroup parent",
    "BlkioWeight": "block I/O weight",
    "BlkioWeightDevice": "block I/O weight of devices",
    "BlkioDeviceReadBps": "limits of block I/O",
    "BlkioDeviceWriteBps": "limits of block I/O",
    "BlkioDeviceReadIOps": "limits of block I/O",
    "BlkioDeviceWriteIOps": "limits of block I/O",
    "CpuRealtimePeriod": "real-time CPU limits",
    "CpuRealtimeRuntime": "real-time CPU limits",
    "CpusetCpus": "a choice of CPUs",
    "CpusetMems": "a choice of memory nodes",
    "DeviceCgroupRules": "device rules",
    "KernelMemory": "a kernel memory limit",
    "KernelMemoryTCP": "a kernel memory limit",
    "MemoryReservation": "a memory reservation",
    "OomKillDisable": "disabling the out-of-memory killer",
}

_CAPABILITIES = (
    "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP "
    "LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER "
    "SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE "
    "SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP "
    "MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF "
    "CHECKPOINT_RESTORE"
)
CAPABILITIES = frozenset(_CAPABILITIES.split())

_ULIMITS = (
    "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime "
    "sigpending stack"
)
ULIMITS = frozenset(_ULIMITS.split())


def parse(body: Mapping[str, Any]) -> tuple[Data, list[str]]:
    """The HostConfig and the warnings that go with it."""
    host = pick(body, _HOST_CONFIG)
    _fill(host)
    _refuse_unsupported(host)
    _check(host)
    warnings = check_limits(host)
    warnings += [
        f"This engine does not apply {what}." for key, what in _NOT_APPLIED.items() if host.get(key)
    ]
    if host["NetworkMode"] == "host" and host["PortBindings"]:
        warnings.append("Published ports are discarded when using host network mode")
    return host, list(dict.fromkeys(warnings))


def _fill(host: Data) -> None:
    """Defaults that an empty value means, too."""
    log = host["LogConfig"]
    host["LogConfig"] = {"Type": log.get("Type") or "json-file", "Config": log.get("Config") or {}}
    policy = host["RestartPolicy"]
    host["RestartPolicy"] = {
        "Name": policy.get("Name") or "",
        "MaximumRetryCount": policy.get("MaximumRetryCount") or 0,
    }
    for key, default in (
        ("NetworkMode", "default"),
        ("CgroupnsMode", "host"),
        ("IpcMode", "private"),
        ("ShmSize", SHM_SIZE),
        ("Runtime", "runc"),
    ):
        host[key] = host[key] or default
    if host["MemorySwappiness"] == -1:
        host["MemorySwappiness"] = None
    if (host["PidsLimit"] or 0) <= 0:
        host["PidsLimit"] = None


def _refuse_unsupported(host: Data) -> None:
    for key, what in (
        ("Devices", "giving host devices to a container (--device)"),
        ("DeviceRequests", "GPUs (--gpus)"),
        ("StorageOpt", "storage options (--storage-opt)"),
        ("PidMode", "sharing process ids (--pid)"),
        ("UTSMode", "sharing the host's name (--uts)"),
    ):
        if host.get(key):
            raise NotImplementedHere(f"The embedded engine does not support {what}.")
    if host["IpcMode"] not in ("private", "shareable", "none"):
        raise NotImplementedHere("The embedded engine does not support sharing IPC (--ipc).")
    if host["Isolation"] not in ("", "default"):
        raise BadParameter(f'invalid isolation "{host["Isolation"]}" on linux')
    if host["Runtime"] not in ("runc", "io.containerd.runc.v2"):
        raise BadParameter(f"Unknown runtime specified {host['Runtime']}")
    _check_logger(host["LogConfig"]["Type"])


def _check_logger(name: str) -> None:
    if name in _OTHER_LOGGERS.split():
        raise NotImplementedHere(f"The embedded engine does not support the log driver {name}.")
    if name not in _LOGGERS:
        raise BadParameter(f'error looking up logging plugin {name}: plugin "{name}" not found')


def _check(host: Data) -> None:
    policy = restart.parse(host["RestartPolicy"])
    if policy.restarts and host["AutoRemove"]:
        raise BadParameter("can't create 'AutoRemove' container with restart policy")
    if host["ShmSize"] < 0:
        raise BadParameter("SHM size can not be less than 0")
    for key in ("CapAdd", "CapDrop"):
        for name in host[key] or ():
            _check_capability(key, str(name))
    for key in ("Dns", "DnsOptions", "DnsSearch"):
        for entry in host[key] or ():
            check_line(key, str(entry))
    for entry in host["ExtraHosts"] or ():
        name, colon, address = str(entry).partition(":")
        if not (name and colon and address):
            raise BadParameter(f'bad format for add-host: "{entry}"')
    for limit in host["Ulimits"] or ():
        ulimit(limit)
    for size in host["ConsoleSize"]:
        if not isinstance(size, int) or not 0 <= size < 1 << 16:
            raise BadParameter(f"invalid ConsoleSize: {host['ConsoleSize']}")
    for port, bindings in (host["PortBindings"] or {}).items():
        check_port(port)
        _check_bindings(bindings)
        for binding in bindings or ():
            binding["HostIp"] = str(binding.get("HostIp") or "")
            binding["HostPort"] = str(binding.get("HostPort") or "")


def _check_capability(key: str, name: str) -> None:
    bare = name.upper().removeprefix("CAP_")
    if bare != "ALL" and bare not in CAPABILITIES:
        raise BadParameter(f'invalid {key}: unknown capability: "CAP_{bare}"')


def _check_bindings(bindings: Any) -> None:
    if not isinstance(bindings, list | None):
        raise BadParameter("invalid port bindings: a list is needed")
    for binding in bindings or ():
        if not isinstance(binding, dict):
            raise BadParameter("invalid port bindings: each must be an object")
        host_port = str(binding.get("HostPort") or "")
        for number in host_port.split("-", 1) if host_port else ():
            if not number.isdecimal() or int(number) > 65535:
                raise BadParameter(f'invalid port specification: "{host_port}"')


def ulimit(data: Any) -> tuple[str, int, int]:
    """One ``--ulimit`` as (name, soft, hard)."""
    try:
        name, soft, hard = data["Name"].lower(), int(data["Soft"]), int(data["Hard"])
    except (TypeError, KeyError, ValueError, AttributeError):
        raise BadParameter(f"invalid ulimit: {data}") from None
    if name not in ULIMITS:
        raise BadParameter(f"invalid ulimit type: {name}")
    if not all(-1 <= value < 1 << 63 for value in (soft, hard)):
        raise BadParameter(f"invalid ulimit: {data}")
    if hard != -1 and soft > hard:
        raise BadParameter(
            f"ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}"
        )
    return name, soft, hard


def check_limits(host: Data) -> list[str]:
    """Refuse limits that make no sense; Docker's sentences."""
    warnings = []
    memory, swap = host["Memory"], host["MemorySwap"]
    if memory and memory < LEAST_MEMORY:
        raise BadParameter("Minimum memory limit allowed is 6MB")
    if swap > 0 and not memory:
        raise BadParameter(
            "You should always set the Memory limit when using Memoryswap limit, see usage"
        )
    if memory and swap > 0 and swap < memory:
        raise BadParameter("Minimum memoryswap limit should be larger than memory limit, see usage")
    if memory and swap == 0:
        host["MemorySwap"] = memory * 2
    _check_cpus(host)
    swappiness = host["MemorySwappiness"]
    if swappiness is not None:
        if not 0 <= swappiness <= 100:
            raise BadParameter(
                f"Invalid value: {swappiness}, valid memory swappiness range is 0-100"
            )
        warnings.append("This engine does not apply a swappiness.")
    return warnings


def _check_cpus(host: Data) -> None:
    cpus = os.cpu_count() or 1
    nano = host["NanoCpus"]
    if nano and (host["CpuQuota"] or host["CpuPeriod"]):
        raise BadParameter(
            "Conflicting options: Nano CPUs and CPU Quota/Period cannot both be set."
        )
    if nano and not 10_000_000 <= nano <= cpus * 1_000_000_000:
        raise BadParameter(
            f"Range of CPUs is from 0.01 to {cpus}.00, as there are only {cpus} CPUs available"
        )
    if host["CpuShares"] < 0:
        raise BadParameter("CPU shares must not be negative")


def limits(host: Mapping[str, Any]) -> Limits:
    """What the runtime shall enforce."""
    nano = int(host["NanoCpus"])
    if not nano and host["CpuQuota"] > 0:
        nano = int(host["CpuQuota"] / (host["CpuPeriod"] or 100_000) * 1_000_000_000)
    return Limits(
        memory=int(host["Memory"]),
        memory_swap=int(host["MemorySwap"]),
        nano_cpus=nano,
        cpu_shares=int(host["CpuShares"]),
        pids=int(host["PidsLimit"] or 0),
    )


def update(host: Data, body: Mapping[str, Any]) -> tuple[Data, list[str]]:
    """``docker update``: the HostConfig with new limits and restart policy, and warnings."""
    changed = {key: body[key] for key in _UPDATABLE.split() if body.get(key)}
    picked = pick(changed, [line for line in _HOST_CONFIG if line[0] in changed])
    new = {**host, **picked}
    grown = "Memory" in changed and "MemorySwap" not in changed
    if grown and new["Memory"] > new["MemorySwap"] >= 0:
        raise BadParameter(
            "Memory limit should be smaller than already set memoryswap limit, "
            "update the memoryswap at the same time"
        )
    if (policy := body.get("RestartPolicy")) and policy.get("Name"):
        parsed = restart.parse(policy)
        if parsed.restarts and host["AutoRemove"]:
            raise BadParameter(
                "Restart policy cannot be updated because AutoRemove is enabled for the container"
            )
        new["RestartPolicy"] = {"Name": parsed.name, "MaximumRetryCount": parsed.retries}
    warnings = check_limits(new)
    warnings += [
        f"This engine does not apply {_NOT_APPLIED[key]}." for key in changed if key in _NOT_APPLIED
    ]
    return new, warnings
