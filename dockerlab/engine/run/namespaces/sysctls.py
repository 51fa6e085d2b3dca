"""Kernel settings of a container: those that the kernel keeps for each of its namespaces.

All others are the whole machine's. For root's engine /proc/sys is writable while a container is
set up, so they must be refused by name.
"""

from __future__ import annotations

import contextlib

from dockerlab.engine.run.process import Network

_IPC = (
    "kernel.msgmax kernel.msgmnb kernel.msgmni kernel.sem kernel.shmall kernel.shmmax "
    "kernel.shmmni kernel.shm_rmid_forced"
)
_QUEUES, _NETWORK = "fs.mqueue.", "net."

_DEFAULTS = {
    # As Docker where a network has no IPv6; also saves a second of duplicate address detection.
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv6.conf.default.disable_ipv6": "1",
    "net.ipv4.ip_unprivileged_port_start": "0",
    "net.ipv4.ping_group_range": "0 2147483647",
}


def check(name: str, network: Network) -> None:
    """Refuse a setting that is not the container's own. Raises OSError in runc's words."""
    if name.startswith(_NETWORK):
        if network.mode not in ("bridge", "none"):
            mode = "host" if network.mode == "host" else "another container's"
            raise OSError(1, f'sysctl "{name}" not allowed in {mode} network namespace')
    elif not (name in _IPC.split() or name.startswith(_QUEUES)):
        raise OSError(1, f'sysctl "{name}" is not in a separate kernel namespace')


def set_defaults() -> None:
    """Set what every network namespace of a container gets."""
    for name, value in _DEFAULTS.items():
        with contextlib.suppress(OSError):  # no IPv6, or groups that are not mapped here
            _set(name, value)


def apply(wanted: dict[str, str], network: Network) -> None:
    """Set what was asked for, if it is the container's own. Raises OSError."""
    for name, value in wanted.items():
        check(_dotted(name), network)
        _set(_dotted(name), value)


def _dotted(name: str) -> str:
    """Both spellings are known: with slashes, a dot is a part of a name (``eth0.1``)."""
    dot, slash = name.find("."), name.find("/")
    if slash < 0 or -1 < dot < slash:
        return name
    return name.translate(str.maketrans("/.", "./"))


def _set(name: str, value: str) -> None:
    path = "/proc/sys/" + name.translate(str.maketrans("./", "/."))
    if ".." in path or "\0" in path:
        raise OSError(22, f'sysctl "{name}" is not one')
    try:
        with open(path, "w") as file:
            file.write(value)
    except OSError as error:
        raise OSError(error.errno, f"open {path}: {error.strerror}") from None
