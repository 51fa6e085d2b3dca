"""The seccomp program, run by a small BPF machine instead of the kernel."""

from __future__ import annotations

import errno
import struct

import pytest

from dockerlab.engine.run.program.capabilities import ALL, DEFAULT
from dockerlab.engine.run.program.syscallfilter import _ARCHITECTURES, _NUMBERS, program

ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x50001, 0x50026
DONE = 0x50000
LOAD, AND, EQUAL, ANY_BIT, AT_LEAST, RETURN = 0x20, 0x54, 0x15, 0x45, 0x35, 0x06


def answer(code: bytes, number: int, architecture: int, *arguments: int) -> int:
    """What the program returns for a system call."""
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=iIQ6Q", number, architecture, 0, *words)
    at = accumulator = 0
    while True:
        operation, if_true, if_false, value = struct.unpack_from("HBBI", code, at * 8)
        at += 1
        if operation == LOAD:
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif operation == AND:
            accumulator &= value
        elif operation == RETURN:
            return int(value)
        else:
            test = {
                EQUAL: accumulator == value,
                ANY_BIT: bool(accumulator & value),
                AT_LEAST: accumulator >= value,
            }[operation]
            at += if_true if test else if_false


@pytest.fixture(params=sorted(_ARCHITECTURES))
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Machine:
    def __init__(self, name: str, capabilities: frozenset[str], fake: bool) -> None:
        self.column, self.architecture = _ARCHITECTURES[name]
        self.code = program(capabilities, fake_owner=fake, machine=name)

    def call(self, name: str, *arguments: int) -> int:
        return answer(self.code, _NUMBERS[name][self.column], self.architecture, *arguments)


DENIED = """
kexec_load open_by_handle_at init_module bpf mount umount2 setns unshare keyctl pivot_root reboot
settimeofday move_mount open_tree fsopen userfaultfd
"""


@pytest.mark.parametrize("name", DENIED.split())
def test_denied(machine: str, name: str) -> None:
    assert Machine(machine, DEFAULT, False).call(name) == EPERM


def test_allowed_by_capability(machine: str) -> None:
    able = Machine(machine, DEFAULT | {"SYS_ADMIN", "SYS_TIME"}, False)
    assert able.call("mount") == ALLOW
    assert able.call("settimeofday") == ALLOW
    assert able.call("clone", 0x10000000) == ALLOW
    assert able.call("clone3") == ALLOW
    assert able.call("reboot") == EPERM
    assert Machine(machine, ALL, False).call("keyctl") == EPERM


def test_new_namespaces_are_denied_and_threads_allowed(machine: str) -> None:
    default = Machine(machine, DEFAULT, False)
    assert default.call("clone", 0x11) == ALLOW
    assert default.call("clone", 0x003D0F00) == ALLOW
    assert default.call("clone", 0x10000000 | 17) == EPERM
    assert default.call("clone3") == ENOSYS


def test_sockets_past_the_network_namespace(machine: str) -> None:
    default = Machine(machine, DEFAULT, False)
    assert default.call("socket", 40, 1) == 0x50000 | errno.EAFNOSUPPORT
    assert default.call("socket", 2, 40) == ALLOW


def test_owner_is_pretended_only_where_asked(machine: str) -> None:
    real, fake = Machine(machine, DEFAULT, False), Machine(machine, DEFAULT, True)
    for name in ("fchownat", "setuid", "setgroups", "fchown", "setresgid"):
        assert real.call(name) == ALLOW
        assert fake.call(name) == DONE


def test_pipes_are_made_devices_pretended(machine: str) -> None:
    fake = Machine(machine, DEFAULT, True)
    assert fake.call("mknodat", 0, 0, 0o010644) == ALLOW
    assert fake.call("mknodat", 0, 0, 0o020644) == DONE
    assert fake.call("mknodat", 0, 0, 0o060644) == DONE


def test_other_architectures_are_not_a_way_around(machine: str) -> None:
    code = program(DEFAULT, fake_owner=False, machine=machine)
    assert answer(code, 1, 0x40000003) == KILL
    x86, architecture = program(DEFAULT, fake_owner=False, machine="x86_64"), 0xC000003E
    assert answer(x86, 0x40000000 | 165, architecture) == ENOSYS


def test_unknown_machine() -> None:
    with pytest.raises(OSError, match="vax"):
        program(DEFAULT, fake_owner=False, machine="vax")
