"""Linux capabilities as Docker speaks of them: names, its default set, --cap-add and --cap-drop."""

from __future__ import annotations

from collections.abc import Iterable

from dockerlab.engine.errors import BadParameter
from dockerlab.engine.run import kernel

_NUMBERED = """
CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
"""

_DEFAULT = """
CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE
SYS_CHROOT KILL AUDIT_WRITE
"""

NAMES = tuple(_NUMBERED.split())
"""In the kernel's order: the index is the number."""

DEFAULT = frozenset(_DEFAULT.split())
"""What Docker leaves to the root of a container."""

ALL = frozenset(NAMES)


def parse(name: str) -> str:
    """``CAP_SYS_ADMIN``, ``sys_admin`` → ``SYS_ADMIN``; ALL stays ALL.

    Raises BadParameter in Docker's words for a name that does not exist.
    """
    bare = name.upper().removeprefix("CAP_")
    if bare != "ALL" and bare not in ALL:
        raise BadParameter(f'invalid CapAdd: unknown capability: "CAP_{bare}"')
    return bare


def chosen(
    add: Iterable[str] = (), drop: Iterable[str] = (), *, privileged: bool = False
) -> frozenset[str]:
    """The capabilities of a container started with these options."""
    if privileged:
        return ALL
    added = {parse(name) for name in add}
    dropped = {parse(name) for name in drop}
    base = ALL if "ALL" in added else DEFAULT
    if "ALL" in dropped:
        base = frozenset()
    if "ALL" in added:
        return frozenset(ALL - dropped)
    return frozenset((base - dropped) | (added - {"ALL"}))


def mask(names: Iterable[str]) -> int:
    """Names as the kernel's bit mask."""
    return sum(1 << NAMES.index(name) for name in names)


def last() -> int:
    """The highest capability number that this kernel knows."""
    with open("/proc/sys/kernel/cap_last_cap") as file:
        return int(file.read())


def held() -> int:
    """This process's permitted capabilities, as a bit mask."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("CapPrm:"):
                return int(line.split()[1], 16)
    return 0


def bound(names: frozenset[str], highest: int) -> None:
    """Take all other capabilities out of reach for this process and its children.

    ``highest`` is ``last()``, read before /proc changed. Needs CAP_SETPCAP.
    """
    for number in range(highest + 1):
        if number >= len(NAMES) or NAMES[number] not in names:
            kernel.drop_bounding(number)


def limit(names: frozenset[str], held_now: int) -> None:
    """Keep only ``names`` of what this process holds."""
    wanted = mask(names) & held_now
    kernel.set_capabilities(wanted, wanted)
