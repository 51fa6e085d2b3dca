"""The filter for PRoot, carried out by a small BPF machine instead of the kernel."""

from __future__ import annotations

import struct

import pytest

from dockerlab.engine.run.proot import seccomp
from dockerlab.engine.run.proot.seccomp import ALLOW, ASK, NUMBERS, error

X86_64 = 0xC000003E


def answer(code: bytes, call: str | int, *arguments: int, machine: int = X86_64) -> int:
    number = NUMBERS[call] if isinstance(call, str) else call
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=iIQ6Q", number, machine, 0, *(w & (1 << 64) - 1 for w in words))
    steps = [struct.unpack_from("HBBI", code, i) for i in range(0, len(code), 8)]
    loaded = place = 0
    while True:
        operation, if_true, if_false, value = steps[place]
        place += 1
        if operation == 0x20:
            (loaded,) = struct.unpack_from("I", data, value)
        elif operation == 0x06:
            return value
        else:
            tests = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}
            place += if_true if tests[operation] else if_false


@pytest.fixture(params=[True, False])
def code(request: pytest.FixtureRequest) -> bytes:
    return seccomp.program(shut_in=request.param)


def test_most_calls_are_allowed(code: bytes) -> None:
    for number in (0, 1, 2, 3, 9, 35, 202, 257, 318, 334):
        assert answer(code, number) == ALLOW
    assert answer(code, "close_range") == ALLOW


def test_unknown_calls_do_not_exist(code: bytes) -> None:
    for number in (425, 434, 435, 437, 438, 439, 452, 463, 600, 0x40000002):
        assert answer(code, number) == error(38)
    assert answer(code, "statx") == error(38)
    assert answer(code, 2, machine=0x40000003) == error(38)


def test_privileged_calls_are_refused(code: bytes) -> None:
    for name in ("mount", "unshare", "setns", "bpf", "keyctl", "userfaultfd", "chroot"):
        assert answer(code, name) == error(1)


def test_asked(code: bytes) -> None:
    for name in ("bind", "connect", "kill", "tgkill", "execve", "exit_group", "uname"):
        assert answer(code, name) == ASK


def test_sendto_is_asked_only_with_an_address(code: bytes) -> None:
    assert answer(code, "sendto", 3, 1, 1, 0, 0, 0) == ALLOW
    assert answer(code, "sendto", 3, 1, 1, 0, 0x1234, 16) == ASK
    assert answer(code, "sendto", 3, 1, 1, 0, 1 << 32, 16) == ASK


def test_options_and_families(code: bytes) -> None:
    assert answer(code, "setsockopt", 3, 41, 26) == ASK
    assert answer(code, "setsockopt", 3, 1, 26) == ALLOW
    assert answer(code, "setsockopt", 3, 41, 2) == ALLOW
    assert answer(code, "socket", 10) == ALLOW
    assert answer(code, "socket", 40) == error(97)


def test_clone(code: bytes) -> None:
    assert answer(code, "clone", 0x3D0F00) == ALLOW  # a thread
    assert answer(code, "clone", 0x10000011) == error(1)
    assert answer(code, "clone", 0x00800011) == error(1)
    counted = seccomp.program(shut_in=True, count_processes=True)
    assert answer(counted, "clone", 17) == ASK
    assert answer(counted, "fork") == ASK
    assert answer(code, "fork") == ALLOW


def test_only_what_proot_hands_on_is_asked_of_ptrace(code: bytes) -> None:
    assert answer(code, "ptrace", 24, 5, 0, 0) == ALLOW
    assert answer(code, "ptrace", 24, 5, 0, 15) == ASK
    assert answer(code, "ptrace", 5, 5, 0, 15) == ALLOW


def test_own_filters_are_not_possible(code: bytes) -> None:
    assert answer(code, "seccomp", 1) == error(22)
    assert answer(code, "prctl", 22, 2) == error(22)
    assert answer(code, "prctl", 4, 0) == error(0)
    assert answer(code, "prctl", 15) == ALLOW


def test_other_processes_memory() -> None:
    walled = seccomp.program(shut_in=True)
    unwalled = seccomp.program(shut_in=False)
    assert answer(walled, "process_vm_writev") == ALLOW
    assert answer(unwalled, "process_vm_writev") == error(38)


def test_signals_by_detours(code: bytes) -> None:
    assert answer(code, "fcntl", 3, 8, 1) == ASK
    assert answer(code, "fcntl", 3, 15, 1) == error(1)
    assert answer(code, "fcntl", 3, 2, 1) == ALLOW
    assert answer(code, "ioctl", 3, 0x8901) == error(1)
    assert answer(code, "ioctl", 3, 0x5401) == ALLOW
    assert answer(code, "prlimit64", 0) == ALLOW
    assert answer(code, "prlimit64", 7) == ASK
    assert answer(code, "setpriority", 0, 7) == ASK


def test_size(code: bytes) -> None:
    assert len(code) // 8 < 1000  # the kernel takes 4096
