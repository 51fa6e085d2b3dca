"""The system calls a container is made of, one thin name each.

Everything dangerous goes through here, so what stands above can be read (and tested) as plain
Python. Each call raises OSError that says what was tried. Needs Linux 5.12 (mount_setattr).
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import struct
from collections.abc import Iterable

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
CLONE_PARENT = 0x00008000

MS_REC, MS_PRIVATE = 0x4000, 0x40000
MNT_DETACH = 2

MOUNT_RDONLY, MOUNT_NOSUID, MOUNT_NODEV, MOUNT_NOEXEC = 1, 2, 4, 8
"""Attributes of the new mount calls (not the MS_ flags of mount(2))."""

# Numbers of the calls that libc has no function for. Those from 424 on are the same everywhere.
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_OPEN_TREE, _MOVE_MOUNT, _FSOPEN, _FSCONFIG, _FSMOUNT = 428, 429, 430, 431, 432
_CLOSE_RANGE, _MOUNT_SETATTR = 436, 442

_AT_FDCWD, _AT_EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_OPEN_TREE_CLONE, _MOVE_MOUNT_F_EMPTY_PATH, _MOVE_MOUNT_T_SYMLINKS = 1, 4, 0x10
_FSCONFIG_SET_FLAG, _FSCONFIG_SET_STRING, _FSCONFIG_CMD_CREATE = 0, 1, 6

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NAME, _PR_CAPBSET_DROP = 1, 4, 15, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION = 0x20080522
_SECCOMP_SET_MODE_FILTER = 1

_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3, _CLONE_INTO_CGROUP, _SIGCHLD = 435, 0x200000000, 17

_libc = ctypes.CDLL(None, use_errno=True)
_locked = ctypes.PyDLL(None, use_errno=True)
_machine = os.uname().machine


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _call(number: int, what: str, *arguments: object) -> int:
    return _check(_libc.syscall(ctypes.c_long(number), *arguments), what)


def _numbered(numbers: dict[str, int], what: str) -> int:
    try:
        return numbers[_machine]
    except KeyError:
        raise OSError(38, f"{what}: no number known for {_machine}") from None


# ---- namespaces


def unshare(flags: int) -> None:
    """Leave some of the namespaces for new ones."""
    _check(_libc.unshare(ctypes.c_int(flags)), f"unshare {flags:#x}")


def setns(descriptor: int, flags: int) -> None:
    """Join namespaces: of the file descriptor of one, or of a process by its pidfd."""
    _check(_libc.setns(ctypes.c_int(descriptor), ctypes.c_int(flags)), f"setns {flags:#x}")


def sethostname(name: str) -> None:
    data = name.encode()
    _check(_libc.sethostname(data, ctypes.c_size_t(len(data))), f"sethostname {name}")


def setdomainname(name: str) -> None:
    data = name.encode()
    _check(_libc.setdomainname(data, ctypes.c_size_t(len(data))), f"setdomainname {name}")


def clone(flags: int = 0, cgroup: int = -1) -> int:
    """Like os.fork, with flags: in new namespaces, or (CLONE_PARENT) as the caller's sibling.

    ``cgroup``: a descriptor of the version 2 cgroup that the child is in from the start. Moving
    a process costs up to ten milliseconds (the kernel waits for all processors), being born
    there costs nothing. The process must be single-threaded: Python's fork hooks, which are for
    other threads, are not run.
    """
    signal = 0 if flags & CLONE_PARENT else _SIGCHLD
    # By a library object that keeps the interpreter lock held: the child must have it, too.
    if cgroup < 0:
        number, rest = _numbered(_CLONE, "clone"), [ctypes.c_long(0)] * 4
        result: int = _locked.syscall(ctypes.c_long(number), ctypes.c_long(flags | signal), *rest)
        return _check(result, f"clone {flags:#x}")
    words = flags | _CLONE_INTO_CGROUP, 0, 0, 0, signal, 0, 0, 0, 0, 0, cgroup
    request = struct.pack("=11Q", *words)
    result = _locked.syscall(ctypes.c_long(_CLONE3), request, ctypes.c_size_t(len(request)))
    return _check(result, f"clone3 {flags:#x} into a cgroup")


# ---- mounts
#
# A mount is made detached (a descriptor only) and attached later. So everything can be made
# while the host's files are still seen, and attached when the container's root is the root:
# a symbolic link in an image cannot lead a mount out of the container, whatever its target.


def make_private() -> None:
    """Keep all mounts from here on from showing elsewhere (and the other way round)."""
    result = _libc.mount(None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)
    _check(result, "make / private")


def unmount(target: str) -> None:
    _check(_libc.umount2(os.fsencode(target), MNT_DETACH), f"unmount {target}")


def new_mount(
    kind: str, attributes: int = 0, options: Iterable[tuple[str, str]] = (), source: str = ""
) -> int:
    """A detached mount of a new file system; an option with empty value is a flag.

    ``source`` is what mount(8) shows first.
    """
    context = _call(_FSOPEN, f"fsopen {kind}", kind.encode(), ctypes.c_uint(1))
    try:
        for name, value in [("source", source or kind), *options]:
            command = _FSCONFIG_SET_STRING if value else _FSCONFIG_SET_FLAG
            _configure(context, command, f"{kind} option {name}={value}", name, value)
        _configure(context, _FSCONFIG_CMD_CREATE, f"create {kind}")
        flags = ctypes.c_uint(1), ctypes.c_uint(attributes)
        return _call(_FSMOUNT, f"fsmount {kind}", ctypes.c_int(context), *flags)
    finally:
        os.close(context)


def _configure(context: int, command: int, what: str, name: str = "", value: str = "") -> None:
    _call(
        _FSCONFIG,
        what,
        ctypes.c_int(context),
        ctypes.c_uint(command),
        name.encode() if name else None,
        os.fsencode(value) if value else None,
        ctypes.c_int(0),
    )


def clone_mount(path: str, *, recursive: bool = True) -> int:
    """A detached copy of what is seen at ``path`` (a bind mount to be)."""
    flags = _OPEN_TREE_CLONE | os.O_CLOEXEC | (_AT_RECURSIVE if recursive else 0)
    return _call(
        _OPEN_TREE, f"bind {path}", ctypes.c_int(_AT_FDCWD), os.fsencode(path), ctypes.c_uint(flags)
    )


def set_attributes(descriptor: int, attributes: int, *, recursive: bool = True) -> None:
    """Add attributes such as MOUNT_RDONLY to the mount that a descriptor stands for."""
    flags = _AT_EMPTY_PATH | (_AT_RECURSIVE if recursive else 0)
    request = struct.pack("=QQQQ", attributes, 0, 0, 0)
    _call(
        _MOUNT_SETATTR,
        f"set mount attributes {attributes}",
        ctypes.c_int(descriptor),
        b"",
        ctypes.c_uint(flags),
        request,
        ctypes.c_size_t(len(request)),
    )


def attach(descriptor: int, target: str, *, follow: bool = False) -> None:
    """Put a detached mount at ``target`` and close its descriptor.

    ``follow``: if the target itself is a symbolic link, mount where it leads; else that fails.
    """
    flags = _MOVE_MOUNT_F_EMPTY_PATH | (_MOVE_MOUNT_T_SYMLINKS if follow else 0)
    try:
        _call(
            _MOVE_MOUNT,
            f"mount at {target}",
            ctypes.c_int(descriptor),
            b"",
            ctypes.c_int(_AT_FDCWD),
            os.fsencode(target),
            ctypes.c_uint(flags),
        )
    finally:
        os.close(descriptor)


def enter_root(path: str) -> None:
    """Make the mount at ``path`` the root directory and let go of the old one."""
    os.chdir(path)
    # "." for both: the new root covers the old one, which then is on top and taken away.
    _call(_numbered(_PIVOT_ROOT, "pivot_root"), f"pivot_root {path}", b".", b".")
    unmount(".")
    os.chdir("/")


# ---- the process itself


def _prctl(what: str, option: int, *arguments: int) -> None:
    words = [ctypes.c_ulong(a) for a in arguments] + [ctypes.c_ulong(0)] * (4 - len(arguments))
    _check(_libc.prctl(ctypes.c_int(option), *words), what)


def become_subreaper() -> None:
    """Orphans below this process become its children, not those of pid 1."""
    _prctl("become subreaper", _PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(signal: int) -> None:
    """Get ``signal`` when the parent ends. Changing the user id undoes it."""
    _prctl("set parent death signal", _PR_SET_PDEATHSIG, signal)


def hide() -> None:
    """Keep others (without CAP_SYS_PTRACE) from /proc/PID/exe, mem and fd, until execve.

    Otherwise a container could write to the host's Python through a process that joins it.
    """
    _prctl("set not dumpable", _PR_SET_DUMPABLE, 0)


def show() -> None:
    """Undo ``hide``, and what a change of user does: who may look at this process (/proc) can."""
    _prctl("set dumpable", _PR_SET_DUMPABLE, 1)


def no_new_privileges() -> None:
    _prctl("set no_new_privs", _PR_SET_NO_NEW_PRIVS, 1)


def set_title(words: Iterable[str]) -> None:
    """Show ``words`` as this process's name and command line in ps.

    The command line is overwritten in place, so it is cut to the length it had at the start.
    """
    words = list(words)
    name = ctypes.create_string_buffer(os.path.basename(words[0]).encode()[:15])
    _check(_libc.prctl(_PR_SET_NAME, name, 0, 0, 0), "set process name")
    start, end = _command_line()
    if 0 < start < end:
        line = b"\0".join(os.fsencode(word) for word in words)[: end - start - 1]
        ctypes.memmove(start, line.ljust(end - start, b"\0"), end - start)


@functools.cache
def _command_line() -> tuple[int, int]:
    """Where in this process's memory (and in that of its forks) its command line is."""
    with open("/proc/self/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return int(fields[45]), int(fields[46])


# ---- privileges


def drop_bounding(capability: int) -> None:
    """No process from here on can ever gain ``capability`` again."""
    _prctl(f"drop capability {capability}", _PR_CAPBSET_DROP, capability)


def set_capabilities(effective: int, permitted: int, inheritable: int = 0) -> None:
    """Set this process's capabilities (bit masks) and clear the ambient ones."""
    _prctl("clear ambient capabilities", _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    low = 0xFFFFFFFF
    sets = effective, permitted, inheritable
    data = struct.pack("=6I", *(s & low for s in sets), *(s >> 32 for s in sets))
    _check(_libc.capset(struct.pack("=Ii", _CAPABILITY_VERSION, 0), data), "capset")


def install_filter(program: bytes, flags: int = 0) -> int:
    """Install a seccomp filter (BPF instructions of 8 bytes each) for this process for good.

    Needs CAP_SYS_ADMIN or no_new_privs. Returns what the call returns: a notifier's descriptor
    if ``flags`` ask for one.
    """
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    return _call(
        _numbered(_SECCOMP, "seccomp"),
        "install seccomp filter",
        ctypes.c_uint(_SECCOMP_SET_MODE_FILTER),
        ctypes.c_uint(flags),
        head,
    )


def close_others(keep: Iterable[int]) -> None:
    """Close all descriptors but 0, 1, 2 and those in ``keep``."""
    low = 3
    for descriptor in sorted(set(keep)):
        if descriptor >= low:
            _close_range(low, descriptor - 1)
            low = descriptor + 1
    _close_range(low, 0xFFFFFFFF)


def _close_range(first: int, last: int) -> None:
    # Not os.closerange: without libc's close_range it tries a million numbers one by one.
    if first > last:
        return
    limits = ctypes.c_uint(first), ctypes.c_uint(last), ctypes.c_uint(0)
    try:
        _call(_CLOSE_RANGE, "close_range", *limits)
    except OSError:  # before Linux 5.9, or denied by an older Docker's seccomp profile
        for name in os.listdir("/proc/self/fd"):
            if first <= int(name) <= last:
                with contextlib.suppress(OSError):  # the one that listdir itself had open
                    os.close(int(name))
