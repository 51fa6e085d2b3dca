"""What PRoot needs the kernel to refuse, fake or ask about, as one seccomp filter.

PRoot knows the system calls of its time (2014) and nothing of signals or addresses. One BPF
program on each container closes those gaps. Three kinds of answers:

- *no such call* (ENOSYS) for everything PRoot does not translate: C libraries then use an older
  call that it does translate. Anything newer than we know counts as untranslated.
- *not permitted* (EPERM) for what a container has no business with.
- *ask the supervisor* for addresses, signals and what else depends on more than numbers.

The program is inherited by PRoot itself (it is installed before PRoot starts), so it may refuse
nothing that PRoot needs. It also keeps PRoot from its own seccomp acceleration: with that, a
call we ask about would be carried out with its paths untranslated, that is, on the host.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable

ALLOW = 0x7FFF0000
ASK = 0x7FC00000
"""SECCOMP_RET_USER_NOTIF."""

EPERM, EINVAL, ENOSYS, EAFNOSUPPORT = 1, 22, 38, 97

NUMBERS = {
    "acct": 163, "add_key": 248, "bind": 49, "bpf": 321, "cachestat": 451, "chroot": 161,
    "clock_adjtime": 305, "clock_settime": 227, "clone": 56, "clone3": 435, "close_range": 436,
    "connect": 42, "delete_module": 176, "epoll_pwait2": 441, "execve": 59, "execveat": 322,
    "exit": 60, "exit_group": 231, "fanotify_init": 300, "fanotify_mark": 301, "fcntl": 72,
    "finit_module": 313, "fork": 57, "futex_requeue": 456, "futex_wait": 455,
    "futex_waitv": 449, "futex_wake": 454, "getpeername": 52, "getsockname": 51,
    "init_module": 175, "ioctl": 16, "ioperm": 173, "iopl": 172, "ioprio_set": 251, "kcmp": 312,
    "kexec_file_load": 320, "kexec_load": 246, "keyctl": 250, "kill": 62,
    "landlock_create_ruleset": 444, "listen": 50, "lookup_dcookie": 212, "map_shadow_stack": 453,
    "membarrier": 324, "memfd_secret": 447, "migrate_pages": 256, "mount": 165,
    "move_pages": 279, "mseal": 462, "open_by_handle_at": 304, "perf_event_open": 298,
    "pidfd_getfd": 438, "pivot_root": 155, "prctl": 157, "prlimit64": 302,
    "process_mrelease": 448, "process_vm_readv": 310, "process_vm_writev": 311, "ptrace": 101,
    "quotactl": 179, "reboot": 169, "renameat2": 316, "request_key": 249,
    "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "sched_setaffinity": 203,
    "sched_setattr": 314, "sched_setparam": 142, "sched_setscheduler": 144, "seccomp": 317,
    "sendmmsg": 307, "sendmsg": 46, "sendto": 44, "set_mempolicy_home_node": 450,
    "setdomainname": 171, "sethostname": 170, "setns": 308, "setpriority": 141,
    "setsockopt": 54, "settimeofday": 164, "socket": 41, "statx": 332, "swapoff": 168,
    "swapon": 167, "syslog": 103, "tgkill": 234, "tkill": 200, "umount2": 166, "uname": 63,
    "unshare": 272, "uselib": 134, "userfaultfd": 323, "vfork": 58, "vhangup": 153,
}  # fmt: skip
"""System calls of x86-64, the one machine that this mode is made for."""

NAMES = {number: name for name, number in NUMBERS.items()}

# Without paths, descriptors of other processes or a way around ptrace (as io_uring is).
_NEW_BUT_HARMLESS = (
    "cachestat close_range epoll_pwait2 futex_requeue futex_wait futex_waitv futex_wake "
    "map_shadow_stack memfd_secret mseal set_mempolicy_home_node"
)
_LAST_KNOWN = 334
"""rseq. Newer calls are answered with ENOSYS unless they are known to be harmless."""

_UNTRANSLATED = "statx renameat2 execveat kcmp uselib fanotify_init fanotify_mark"

_REFUSED = (
    "acct add_key bpf chroot clock_adjtime clock_settime delete_module finit_module init_module "
    "ioperm iopl kexec_file_load kexec_load keyctl lookup_dcookie migrate_pages mount move_pages "
    "open_by_handle_at perf_event_open pivot_root quotactl reboot request_key setdomainname "
    "sethostname setns settimeofday swapoff swapon syslog umount2 unshare userfaultfd vhangup"
)

_ASKED = (
    "bind listen connect sendmsg sendmmsg getsockname getpeername kill tkill tgkill "
    "rt_sigqueueinfo rt_tgsigqueueinfo uname execve exit exit_group"
)

# A process of this user outside the container could be slowed down or starved by these.
_ASKED_ABOUT_OTHERS = {
    "sched_setaffinity": 0,
    "sched_setattr": 0,
    "sched_setparam": 0,
    "sched_setscheduler": 0,
    "prlimit64": 0,
    "setpriority": 1,
    "ioprio_set": 1,
}
"""name: which argument is a process id; asked unless it is 0 (the caller itself)."""

_FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK."""

_CLONE_UNTRACED, _CLONE_NEW = 0x00800000, 0x7E020000
_PR_SET_DUMPABLE, _PR_SET_SECCOMP = 4, 22
_F_SETOWN, _F_SETOWN_EX = 8, 15
_FIOSETOWN, _SIOCSPGRP, _TIOCSTI = 0x8901, 0x8902, 0x5412
_IPPROTO_IPV6, _IPV6_V6ONLY = 41, 26
_PTRACE_CONT, _PTRACE_SYSCALL = 7, 24

_X86_64 = 0xC000003E
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE = 0, 4

Code = list[bytes]


def program(*, shut_in: bool, count_processes: bool = False) -> bytes:
    """The filter for one container.

    ``shut_in``: the kernel itself (Landlock) keeps the container from the memory of processes
    outside; else the calls for that are gone, and PRoot uses slower ones. ``count_processes``:
    ask at every fork, for a limit on processes.
    """
    code = [
        _load(_ARCHITECTURE),
        # Calls of 32-bit programs have other numbers; PRoot is not asked to translate those.
        *_if(_EQUAL, _X86_64, [], otherwise=answer(error(ENOSYS))),
        _load(_NUMBER),
    ]
    code += calls(_ASKED, answer(ASK))
    code += calls(_UNTRANSLATED, answer(error(ENOSYS)))
    code += calls(_REFUSED, answer(error(EPERM)))
    if not shut_in:
        code += calls("process_vm_readv process_vm_writev", answer(error(ENOSYS)))
    code += _sockets() + _processes(count_processes) + _own_seccomp()
    code += calls(_NEW_BUT_HARMLESS, answer(ALLOW))
    code += _if(_AT_LEAST, _LAST_KNOWN + 1, answer(error(ENOSYS)))
    return b"".join([*code, *answer(ALLOW)])


def like_a_pod() -> bytes:
    """A filter that denies what container platforms deny at most (for tests)."""
    code = [_load(_NUMBER), *calls("unshare pidfd_getfd landlock_create_ruleset", answer(error(1)))]
    code += calls("clone3", answer(error(ENOSYS)))
    code += calls("clone", any_bit(0, _CLONE_NEW, error(EPERM)))
    return b"".join([*code, *answer(ALLOW)])


def _sockets() -> Code:
    return [
        *calls("socket", one_of(0, _FAMILIES, ALLOW, otherwise=error(EAFNOSUPPORT))),
        *calls("sendto", not_null(4, ASK)),
        *calls(
            "setsockopt",
            [
                _argument(1),
                *_if(_EQUAL, _IPPROTO_IPV6, one_of(2, (_IPV6_V6ONLY,), ASK)),
                *answer(ALLOW),
            ],
        ),
    ]


def _processes(count: bool) -> Code:
    forbidden = _CLONE_NEW | _CLONE_UNTRACED
    code = calls("clone", any_bit(0, forbidden, error(EPERM), otherwise=ASK if count else ALLOW))
    if count:
        code += calls("fork vfork", answer(ASK))
    for name, argument in _ASKED_ABOUT_OTHERS.items():
        code += calls(name, one_of(argument, (0,), ALLOW, otherwise=ASK))
    # Ways to have the kernel send a signal to, or put keys into the terminal of, anyone.
    code += calls(
        "fcntl",
        [
            _argument(1),
            *_if(_EQUAL, _F_SETOWN, answer(ASK)),
            *_if(_EQUAL, _F_SETOWN_EX, answer(error(EPERM))),
            *answer(ALLOW),
        ],
    )
    code += calls("ioctl", one_of(1, (_FIOSETOWN, _SIOCSPGRP, _TIOCSTI), error(EPERM)))
    # PRoot tells here which signal it hands on to a process: how we learn what one died of.
    handing_on = one_of(0, (_PTRACE_CONT, _PTRACE_SYSCALL), ASK)
    return code + calls("ptrace", [_argument(3), *_if(_EQUAL, 0, answer(ALLOW)), *handing_on])


def _own_seccomp() -> Code:
    """No further filters: PRoot's own, or a container's that answers before ours."""
    return [
        *calls("seccomp", answer(error(EINVAL))),
        *calls(
            "prctl",
            [
                _argument(0),
                *_if(_EQUAL, _PR_SET_SECCOMP, answer(error(EINVAL))),
                # "Done": one that really did it could no longer be supervised.
                *_if(_EQUAL, _PR_SET_DUMPABLE, answer(error(0))),
                *answer(ALLOW),
            ],
        ),
    ]


# ---- the assembler: a list of instructions; what follows a condition always ends in an answer


def error(number: int) -> int:
    """The answer "failed with this errno"; 0 means: say it worked, and do nothing."""
    return 0x00050000 | number


def answer(value: int) -> Code:
    return [_instruction(_RETURN, value)]


def calls(names: str, body: Code) -> Code:
    """``body`` for each of the calls; expects the call's number to be loaded."""
    return [i for name in names.split() for i in _if(_EQUAL, NUMBERS[name], body)]


def one_of(argument: int, values: Iterable[int], value: int, otherwise: int = ALLOW) -> Code:
    """Answer ``value`` if the argument's low 32 bits are one of ``values``."""
    code = [_argument(argument)]
    for wanted in values:
        code += _if(_EQUAL, wanted, answer(value))
    return code + answer(otherwise)


def any_bit(argument: int, mask: int, value: int, otherwise: int = ALLOW) -> Code:
    return [_argument(argument), *_if(_ANY_BIT, mask, answer(value)), *answer(otherwise)]


def not_null(argument: int, value: int) -> Code:
    """Answer ``value`` if the pointer (both halves of it) is not null."""
    high = [_argument(argument, high=True), *_if(_EQUAL, 0, answer(ALLOW)), *answer(value)]
    return [_argument(argument), *_if(_EQUAL, 0, high), *answer(value)]


def supported() -> bool:
    return os.uname().machine == "x86_64"


def _if(test: int, value: int, body: Code, otherwise: Code | None = None) -> Code:
    """``body`` if the loaded word passes the test, else ``otherwise``, else go on."""
    if otherwise:
        return [_instruction(test, value, len(otherwise), 0), *otherwise, *body]
    return [_instruction(test, value, 0, len(body)), *body]


def _load(offset: int) -> bytes:
    return _instruction(_LOAD, offset)


def _argument(index: int, *, high: bool = False) -> bytes:
    return _load(16 + 8 * index + (4 if high else 0))


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
