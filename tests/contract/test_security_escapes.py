"""Ways out of a container that worked elsewhere once: none does here, as root of the container.

One program tries them all and names what it could do. It only opens what it should not get, and
writes nothing; signals are sent to processes of the engine's, which is there afterwards.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient
from docker.models.containers import Container
from engines import Engine

IMAGE = "python:3.11"

BEGIN = """
import ctypes, json, os, signal, socket, stat, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
done = []

def attempt(what, action):
    try:
        action()
    except OSError:
        return
    done.append(what)

def call(what, function, *arguments):
    if getattr(libc, function)(*arguments) == 0:
        done.append(what)

def writable(path):
    attempt(path, lambda: os.close(os.open(path, os.O_WRONLY)))
"""
END = "\nprint(json.dumps(done))\n"

FILES = """
for folder, _, names in os.walk('/proc/sys'):
    for name in names:
        if name != 'ns_last_pid':  # open to everybody, but not to be written
            writable(f'{folder}/{name}')
for path in ('sysrq-trigger', 'kcore', 'acpi/wakeup', 'irq/default_smp_affinity'):
    writable(f'/proc/{path}')
for path in ('uevent_helper', 'mm/ksm/run', 'debug/sched_features', 'security/lockdown'):
    writable(f'/sys/kernel/{path}')
writable('/sys/power/state')
for path in ('kcore', 'timer_list', 'keys', 'sched_debug'):
    attempt('read ' + path, lambda: open(f'/proc/{path}', 'rb').read(1) or os.open('/empty', 0))
for folder, folders, names in os.walk('/sys/fs/cgroup'):
    for name in {'release_agent', 'cgroup.procs', 'tasks', 'devices.allow'}.intersection(names):
        writable(f'{folder}/{name}')
    attempt('mkdir ' + folder, lambda: os.mkdir(f'{folder}/dltest-escape'))
"""

DEVICES = """
found = []
for line in open('/proc/partitions').read().splitlines()[2:]:
    major, minor, _, name = line.split()
    found.append((stat.S_IFBLK, int(major), int(minor)))
found += [(stat.S_IFCHR, *numbers) for numbers in ((1, 1), (1, 2), (1, 11), (10, 232))]
for number, (kind, major, minor) in enumerate(found):
    path = f'/tmp/device{number}'
    try:
        os.mknod(path, kind | 0o666, os.makedev(major, minor))
    except OSError:
        continue
    if not os.path.exists(path) or stat.S_ISREG(os.stat(path).st_mode):
        continue  # it is pretended
    attempt(f'device {major}:{minor}', lambda: os.close(os.open(path, os.O_RDONLY)))
plain = {'null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'console'}
for folder, _, names in os.walk('/dev'):
    for name in names:
        kind = stat.S_IFMT(os.lstat(f'{folder}/{name}').st_mode)
        if kind in (stat.S_IFBLK, stat.S_IFCHR) and name not in plain and folder != '/dev/pts':
            done.append(f'{folder}/{name}')
"""

CALLS = """
call('mount proc', 'mount', b'proc', b'/mnt', b'proc', 0, None)
call('mount cgroup', 'mount', b'cgroup', b'/mnt', b'cgroup', 0, b'memory')
call('mount tmpfs', 'mount', b'none', b'/mnt', b'tmpfs', 0, None)
call('remount /proc/sys', 'mount', None, b'/proc/sys', None, 32 | 4096, None)
call('remount /sys', 'mount', None, b'/sys', None, 32, None)
call('bind', 'mount', b'/', b'/mnt', None, 4096, None)
call('umount /proc/sys', 'umount2', b'/proc/sys', 2)
call('umount /etc/hosts', 'umount2', b'/etc/hosts', 2)
call('user namespace', 'unshare', 0x10000000)
call('mount namespace', 'unshare', 0x00020000)
handle = struct.pack('=IIQ', 8, 1, 2) + bytes(128)
for place in ('/', '/etc/hosts'):
    at = os.open(place, os.O_RDONLY)
    got = libc.syscall(304, at, handle, os.O_RDONLY)  # open_by_handle_at, by the root's inode
    if got >= 0:
        done.append('open_by_handle_at')
for what, number, arguments in (
    ('kexec_load', 246, (0, 0, 0, 0)),
    ('init_module', 175, (b'', 0, b'')),
    ('bpf', 321, (0, bytes(64), 64)),
    ('perf_event_open', 298, (bytes(128), 0, -1, -1, 0)),
    ('settimeofday', 164, (struct.pack('=qq', 1, 0), None)),
    ('add_key', 248, (b'user', b'x', b'y', 1, -3)),
    ('fsopen', 430, (b'tmpfs', 0)),
    ('open_tree', 428, (-100, b'/', 1)),
    ('io_uring_setup', 425, (4, bytes(120))),
):
    if libc.syscall(number, *arguments) >= 0:
        done.append(what)
for name in ('mnt', 'net', 'pid'):
    if os.path.exists(path := f'/proc/self/ns/{name}'):
        call('setns ' + name, 'setns', os.open(path, os.O_RDONLY), 0)
"""

PROCESSES = """
for pid in map(int, sys.argv[1].split(',')):
    if libc.ptrace(16, pid, None, None) == 0:  # PTRACE_ATTACH
        done.append(f'ptrace {pid}')
    buffer = ctypes.create_string_buffer(8)
    remote = struct.pack('=QQ', 0x400000, 8)
    if libc.syscall(310, pid, struct.pack('=QQ', ctypes.addressof(buffer), 8), 1, remote, 1, 0) > 0:
        done.append(f'process_vm_readv {pid}')
    if libc.syscall(434, pid, 0) >= 0:
        fd = libc.syscall(434, pid, 0)
        if libc.syscall(438, fd, 0, 0) >= 0:
            done.append(f'pidfd_getfd {pid}')
    for name in ('root/etc/passwd', 'cwd/.', 'environ', 'mem', 'fd/0', 'ns/mnt', 'maps'):
        attempt(f'{pid}/{name}', lambda: os.close(os.open(f'/proc/{pid}/{name}', os.O_RDONLY)))
    for number in (signal.SIGTERM, signal.SIGKILL):
        attempt(f'kill {pid}', lambda: os.kill(pid, number))
for path in sys.argv[2].split(','):
    there = socket.socket(socket.AF_UNIX)
    attempt(path, lambda: there.connect(path))
    attempt('stat ' + path, lambda: os.stat(path))
"""


@pytest.fixture
def box(client: DockerClient, engine: Engine) -> Iterator[Container]:
    if not engine.embedded:
        pytest.skip("about the embedded engine")
    container = client.containers.run(IMAGE, ["sleep", "600"], detach=True)
    yield container
    container.remove(force=True)


def could(box: Container, program: str, *arguments: str) -> list[str]:
    """What the program could do that it should not."""
    done = box.exec_run(["python3", "-c", BEGIN + program + END, *arguments])
    assert done.exit_code == 0, done.output.decode()
    found: list[str] = json.loads(done.output.splitlines()[-1])
    return found


def test_files_of_the_kernels(box: Container) -> None:
    assert could(box, FILES) == []


def test_devices(box: Container) -> None:
    assert could(box, DEVICES) == []


def test_system_calls(box: Container) -> None:
    assert could(box, CALLS) == []


def test_the_engines_processes_and_sockets(box: Container, engine: Engine) -> None:
    assert engine.root is not None
    pids = [str(pid) for pid in of_engine(engine, box)]
    shim = engine.root / "containers" / str(box.id) / "shim.sock"
    places = [engine.root / "docker.sock", *(engine.root / "run").glob("*.sock"), shim]
    sockets = [str(path) for path in places if path.exists()]
    assert len(pids) >= 3
    assert len(sockets) >= 2
    assert could(box, PROCESSES, ",".join(pids), ",".join(sockets)) == []
    assert [str(pid) for pid in of_engine(engine, box)] == pids


def test_what_is_open_would_be_told(tmp_path: Path) -> None:
    """The same program outside, at a process and a socket that are open to it."""
    path = tmp_path / "open.sock"
    with socket.socket(socket.AF_UNIX) as listening, subprocess.Popen(["sleep", "60"]) as other:
        listening.bind(str(path))
        listening.listen()
        command = [sys.executable, "-c", BEGIN + PROCESSES + END, str(other.pid), str(path)]
        told = json.loads(subprocess.check_output(command, timeout=60))
    assert {f"kill {other.pid}", f"{other.pid}/environ", str(path)} <= set(told)


def test_no_socket_of_the_engines_is_in_a_network(box: Container, engine: Engine) -> None:
    """Those without a path are for all who are in the same network, as with ``--network host``."""
    names = (Path("/proc") / str(engine_pid(engine)) / "net/unix").read_text().splitlines()
    held = {os.readlink(link) for pid in of_engine(engine, box) for link in descriptors(pid)}
    without_path = [line.split() for line in names if "@" in line]
    assert [words[7] for words in without_path if f"socket:[{words[6]}]" in held] == []


def descriptors(pid: int) -> list[Path]:
    return list((Path("/proc") / str(pid) / "fd").iterdir())


def engine_pid(engine: Engine) -> int:
    assert engine.process is not None
    return engine.process.pid


def of_engine(engine: Engine, box: Container) -> list[int]:
    """The engine, its children, and the shim of the container."""
    assert engine.root is not None
    pid = engine_pid(engine)
    tasks = (Path("/proc") / str(pid) / "task").glob("*/children")
    children = [int(word) for task in tasks for word in task.read_text().split()]
    note = json.loads((engine.root / "containers" / str(box.id) / "shim.json").read_text())
    return sorted({pid, *children, int(note["pid"])} - {os.getpid()})
