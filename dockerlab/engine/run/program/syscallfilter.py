"""The system calls a container may not make, as a BPF program for seccomp.

A denylist rather than Docker's allowlist: it is small enough to read, and what Docker's default
profile leaves out is what matters (loading kernels and modules, foreign name spaces, key rings,
mounts without CAP_SYS_ADMIN …). Where only one user id is mapped, the same program also answers
"done" to chown and setuid, without which hardly any image starts.
"""

from __future__ import annotations

import os
import struct

# name: (x86_64, aarch64); -1: that machine has no such call.
_NUMBERS = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chown": (92, -1),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, -1),
    "iopl": (172, -1),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lchown": (94, -1),
    "lookup_dcookie": (212, 18),
    "mknod": (133, -1),
    "mknodat": (259, 33),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pivot_root": (155, 41),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setfsgid": (123, 152),
    "setfsuid": (122, 151),
    "setgid": (106, 144),
    "setgroups": (116, 159),
    "setns": (308, 268),
    "setregid": (114, 143),
    "setresgid": (119, 149),
    "setresuid": (117, 147),
    "setreuid": (113, 145),
    "settimeofday": (164, 170),
    "setuid": (105, 146),
    "socket": (41, 198),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "vhangup": (153, 58),
}

_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_DENIED = {
    "": "add_key request_key keyctl kexec_load kexec_file_load lookup_dcookie move_pages "
    "swapon swapoff userfaultfd",
    "SYS_ADMIN": "bpf fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree "
    "perf_event_open pivot_root quotactl setns umount2 unshare",
    "SYS_BOOT": "reboot",
    "SYS_MODULE": "init_module finit_module delete_module",
    "SYS_PACCT": "acct",
    "SYS_PTRACE": "kcmp",
    "SYS_RAWIO": "ioperm iopl",
    "SYS_TIME": "clock_adjtime clock_settime settimeofday",
    "SYS_TTY_CONFIG": "vhangup",
    "SYSLOG": "syslog",
    "DAC_READ_SEARCH": "open_by_handle_at",
}
"""Calls refused unless the container has the capability that is the key ("": always)."""

_UNSUPPORTED = "io_uring_setup io_uring_enter io_uring_register"
"""Answered as a kernel without them would: programs then do without."""

_FAKED = (
    "chown fchown lchown fchownat setuid setgid setreuid setregid setgroups setresuid "
    "setresgid setfsuid setfsgid"
)

_NAMESPACE_FLAGS = 0x7E020000
"""All CLONE_NEW… flags of clone."""

_AF_VSOCK = 40
"""Sockets to the machine below a virtual one: no network namespace holds them back."""

_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_LOAD, _AND, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x45, 0x35, 0x06
_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENTS = 0, 4, 16
_X32 = 0x40000000


def program(capabilities: frozenset[str], *, fake_owner: bool, machine: str = "") -> bytes:
    """The filter for a container with these capabilities.

    ``fake_owner``: answer 0 to chown, setuid and to making devices. Raises OSError on a machine
    whose call numbers are not known.
    """
    column, architecture = _architecture(machine or os.uname().machine)
    code = _head(architecture, column)
    if fake_owner:
        code += _answer(_FAKED, column, 0) + _fake_devices(column)
    for capability, names in _DENIED.items():
        if capability not in capabilities:
            code += _answer(names, column, _EPERM)
    if "SYS_ADMIN" not in capabilities:
        code += _no_new_namespaces(column)
    code += _no_vsock(column)
    code += _answer(_UNSUPPORTED, column, _ENOSYS)
    return b"".join([*code, _instruction(_RETURN, _ALLOW)])


def _architecture(machine: str) -> tuple[int, int]:
    try:
        return _ARCHITECTURES[machine]
    except KeyError:
        raise OSError(_ENOSYS, f"no system call numbers are known for {machine}") from None


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _head(architecture: int, column: int) -> list[bytes]:
    # Another architecture (32-bit programs) has other numbers: what is denied could be called
    # by them, so such programs are ended with SIGSYS ("Bad system call").
    code = [
        _instruction(_LOAD, _AT_ARCHITECTURE),
        _instruction(_EQUAL, architecture, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _AT_NUMBER),
    ]
    if column == 0:
        code += [_instruction(_AT_LEAST, _X32, 0, 1), _instruction(_RETURN, _ERRNO | _ENOSYS)]
    return code


def _answer(names: str, column: int, error: int) -> list[bytes]:
    code = []
    for name in names.split():
        number = _NUMBERS[name][column]
        if number >= 0:
            code += [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _ERRNO | error)]
    return code


def _no_new_namespaces(column: int) -> list[bytes]:
    # clone3 has its flags behind a pointer that a filter cannot follow: libc falls back to clone.
    clone = _NUMBERS["clone"][column]
    return [
        *_answer("clone3", column, _ENOSYS),
        _instruction(_EQUAL, clone, 0, 4),
        _instruction(_LOAD, _AT_ARGUMENTS),
        _instruction(_ANY_BIT, _NAMESPACE_FLAGS, 0, 1),
        _instruction(_RETURN, _ERRNO | _EPERM),
        _instruction(_RETURN, _ALLOW),
    ]


def _no_vsock(column: int) -> list[bytes]:
    return [
        _instruction(_EQUAL, _NUMBERS["socket"][column], 0, 4),
        _instruction(_LOAD, _AT_ARGUMENTS),
        _instruction(_EQUAL, _AF_VSOCK, 0, 1),
        _instruction(_RETURN, _ERRNO | _EAFNOSUPPORT),
        _instruction(_RETURN, _ALLOW),
    ]


def _fake_devices(column: int) -> list[bytes]:
    """mknod of a device answers 0; pipes and sockets are really made."""
    code: list[bytes] = []
    for name, mode in (("mknod", 1), ("mknodat", 2)):
        number = _NUMBERS[name][column]
        if number >= 0:
            code += [
                _instruction(_EQUAL, number, 0, 6),
                _instruction(_LOAD, _AT_ARGUMENTS + 8 * mode),
                _instruction(_AND, 0o170000),
                _instruction(_EQUAL, 0o020000, 1, 0),
                _instruction(_EQUAL, 0o060000, 0, 1),
                _instruction(_RETURN, _ERRNO | 0),
                _instruction(_RETURN, _ALLOW),
            ]
    return code
