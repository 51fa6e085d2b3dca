"""What a hostile program under PRoot tries, and does not get.

Each attempt runs in the container as Python with direct system calls; ``try_`` prints the name
of the error, or the value that came back.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prootlab import Lab, in_lab

PRELUDE = """
import ctypes, errno, os, signal, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
def say(name, value): print(name, value, flush=True)
def call(name, *args):
    ctypes.set_errno(0)
    result = libc.syscall(*(a if isinstance(a, bytes) else ctypes.c_long(a) for a in args))
    say(name, errno.errorcode[ctypes.get_errno()] if result < 0 else 'ok')
def try_(name, action):
    try: action(); say(name, 'ok')
    except OSError as e: say(name, errno.errorcode[e.errno])
host, outside = int(sys.argv[1]), sys.argv[2]
"""


async def attack(lab: Lab, script: str, host: int = 0, **more: object) -> dict[str, str]:
    outside = lab.root / "outside"
    outside.mkdir(exist_ok=True)
    args = ("python3", "-c", PRELUDE + script, str(host), str(outside))
    code, out, err = await lab.run(*args, **more)
    assert code == 0, err
    return dict(line.split(" ", 1) for line in out.splitlines())


@contextmanager
def bystander() -> Iterator[int]:
    """A process of the same user outside of the container."""
    script = "import time; print(1, flush=True); time.sleep(60)"
    environment = {**os.environ, "SECRET": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process.pid
        assert process.poll() is None, "it was ended"
    finally:
        process.kill()
        process.communicate()


async def until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it does not come true")


@in_lab
async def test_paths_lead_nowhere(lab: Lab) -> None:
    script = """
os.symlink(outside, '/tmp/link'); os.symlink('../' * 20 + outside[1:], '/tmp/up')
for path in (outside, '/tmp/link', '/tmp/up', '/..' * 9 + outside, '/proc/self/root' + outside,
             '/proc/self/cwd' + outside, '/proc/1/root' + outside, '/dev/fd/../../..' + outside):
    try_('open', lambda: open(path + '/hole', 'w'))
    try_('mkdir', lambda: os.mkdir(path + '/hole'))
    try_('symlink', lambda: os.symlink('x', path + '/hole'))
    try_('rename', lambda: os.rename('/etc/passwd', path + '/hole'))
    try_('link', lambda: os.link('/etc/passwd', path + '/hole'))
root = os.open('/', os.O_RDONLY)
try_('dir_fd', lambda: os.open('../' * 20 + outside[1:] + '/hole', os.O_CREAT, dir_fd=root))
try_('chdir', lambda: (os.chdir('/tmp'), os.chdir('../' * 20 + outside[1:])))
"""
    assert "ok" not in (await attack(lab, script)).values()
    assert os.listdir(lab.root / "outside") == []


@in_lab
async def test_calls_that_proot_does_not_translate(lab: Lab) -> None:
    script = """
hole = outside.encode() + b'/hole\\0'
call('openat2', 437, -100, hole, struct.pack('QQQ', 0o101, 0o644, 0), 24)
call('renameat2', 316, -100, b'/etc/passwd\\0', -100, hole, 0)
call('execveat', 322, -100, b'/bin/true\\0', 0, 0, 0)
call('statx', 332, -100, outside.encode() + b'\\0', 0, 0xfff, b'x' * 256)
call('faccessat2', 439, -100, outside.encode() + b'\\0', 0, 0)
call('fchmodat2', 452, -100, outside.encode() + b'\\0', 0o777, 0)
call('setxattrat', 463, -100, outside.encode() + b'\\0', 0, b'user.a\\0', b'x' * 16, 16)
call('open_tree', 428, -100, outside.encode() + b'\\0', 0)
call('io_uring', 425, 4, b'\\0' * 120)
call('of_the_future', 500)
call('x32', 0x40000002, hole, 0o101, 0o644)
"""
    found = await attack(lab, script)
    assert found.pop("renameat2") in ("ENOSYS", "ENOENT")  # some PRoots know it
    assert set(found.values()) == {"ENOSYS"}, found
    assert os.listdir(lab.root / "outside") == []


@in_lab
async def test_ways_out_of_being_traced(lab: Lab) -> None:
    script = """
call('untraced', 56, 0x00800000 | signal.SIGCHLD, 0, 0, 0, 0)
call('newuser', 56, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
call('clone3', 435, b'\\0' * 88, 88)
call('unshare', 272, 0x10000000)
call('setns', 308, 0, 0)
call('filter', 317, 1, 8, 0)
call('prctl', 157, 22, 2, 0)
call('mount', 165, b'/tmp\\0', b'/mnt\\0', 0, 4096, 0)
call('chroot', 161, b'/tmp\\0')
call('bpf', 321, 0, 0, 0)
call('userfaultfd', 323, 0)
call('handle', 304, -100, b'x' * 16, 0)
try_('vsock', lambda: socket.socket(40, socket.SOCK_STREAM))
"""
    assert "ok" not in (await attack(lab, script)).values()


@in_lab
async def test_processes_outside_are_out_of_reach(lab: Lab) -> None:
    script = """
for target in (os.getppid(), host):  # PRoot, and a bystander
    for number in (0, 9, 15, 19):
        try_('kill', lambda: os.kill(target, number))
        call('tgkill', 234, target, target, number)
        call('tkill', 200, target, number)
    call('sigqueue', 129, target, 9, struct.pack('iiiQ', 9, 0, -1, 0).ljust(128, b'\\0'))
    call('pidfd_open', 434, target, 0)
    call('attach', 101, 16, target, 0, 0)
    call('seize', 101, 0x4206, target, 0, 0)
    call('prlimit', 302, target, 0, struct.pack('QQ', 1, 1), 0)
    call('priority', 141, 0, target, 19)
    call('affinity', 203, target, 8, struct.pack('Q', 1))
    word = ctypes.create_string_buffer(8); vector = struct.pack('QQ', ctypes.addressof(word), 8)
    call('vm_readv', 310, target, vector, 1, vector, 1, 0)
    call('vm_writev', 311, target, vector, 1, vector, 1, 0)
    s = socket.socket()
    call('setown', 72, s.fileno(), 8, target)
    call('setown_ex', 72, s.fileno(), 15, struct.pack('ii', 1, target))
    call('fiosetown', 16, s.fileno(), 0x8901, struct.pack('i', target))
try_('killpg', lambda: os.killpg(host, 9))
"""
    with bystander() as pid:
        found = await attack(lab, script, pid)
    assert "ok" not in found.values(), found


@in_lab
async def test_secrets_of_processes_outside(lab: Lab) -> None:
    if not lab.walled:
        return  # said so in the runtime's limitations
    script = """
for name in ('mem', 'environ', 'maps', 'root/etc/passwd', 'cwd/x', 'fd/0', 'exe'):
    try_(name, lambda: open(f'/proc/{host}/{name}'))
"""
    with bystander() as pid:
        found = await attack(lab, script, pid)
    assert "ok" not in found.values(), found


@in_lab
async def test_racing_paths(lab: Lab) -> None:
    """A thread changes the path between PRoot's look at it and the kernel's."""
    if not lab.walled:
        return
    script = """
import threading
inside, hole = b'/tmp/in'.ljust(200, b'\\0'), (outside.encode() + b'/hole').ljust(200, b'\\0')
path, stop = ctypes.create_string_buffer(200), []
def flip():
    while not stop:
        ctypes.memmove(path, hole, 200); ctypes.memmove(path, inside, 200)
threading.Thread(target=flip).start()
for _ in range(400): libc.open(path, os.O_CREAT | os.O_WRONLY, 0o644)
stop.append(1)
"""
    await attack(lab, script, ulimits=(("nofile", 2000, 2000),))
    assert os.listdir(lab.root / "outside") == []


@in_lab
async def test_unix_sockets_outside(lab: Lab) -> None:
    (lab.root / "outside").mkdir()
    path = str(lab.root / "outside" / "s")
    script = """
stream, datagram = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
try_('connect', lambda: datagram.connect(outside + '/s'))
try_('sendto', lambda: datagram.sendto(b'x', outside + '/s'))
try_('sendmsg', lambda: datagram.sendmsg([b'x'], [], 0, outside + '/s'))
try_('bind', lambda: stream.bind(outside + '/new'))
"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as machine:
        machine.bind(path)
        found = await attack(lab, script)
    assert "ok" not in found.values()
    assert os.listdir(lab.root / "outside") == ["s"]


@in_lab
async def test_addresses_behind_a_pointer_with_an_empty_half(lab: Lab) -> None:
    """The filter sees 64 bits as two words: one of them being zero must not look like null."""
    script = """
import mmap
libc.mmap.restype = ctypes.c_void_p
where = libc.mmap(ctypes.c_void_p(1 << 32), 4096, 3, 0x32, -1, 0)
assert where == 1 << 32, where
address = struct.pack('<HH', 2, socket.htons(9)) + socket.inet_aton('172.17.0.99') + b'\\0' * 8
ctypes.memmove(where, address, 16)
s = socket.socket(type=socket.SOCK_DGRAM)
call('sendto', 44, s.fileno(), b'x', 1, 0, where, 16)
"""
    assert await attack(lab, script, address="172.17.0.2") == {"sendto": "EHOSTUNREACH"}


@in_lab
async def test_bad_pointers(lab: Lab) -> None:
    script = """
s = socket.socket(); u = socket.socket(type=socket.SOCK_DGRAM)
for where in (1, 0xdeadbeef000, 0x7fffffffffff, -1, -4096):
    call('connect', 42, s.fileno(), where, 16)
    call('bind', 49, s.fileno(), where, 16)
    call('sendmsg', 46, u.fileno(), where, 0)
    call('sendmmsg', 307, u.fileno(), where, 5, 0)
    call('uname', 63, where)
    call('setsockopt', 54, s.fileno(), 41, 26, where, 4)
call('no_socket', 42, 999, b'\\2\\0' + b'\\0' * 14, 16)
say('alive', 1)
"""
    found = await attack(lab, script, address="172.17.0.2")
    assert found.pop("alive") == "1"
    assert set(found.values()) <= {"EFAULT", "EBADF"}, found


@in_lab
async def test_nothing_is_left_on_the_machine(lab: Lab) -> None:
    def scratch() -> set[Path]:
        own = (p for p in Path("/dev/shm").glob(f"dockerlab-{os.getuid()}-*"))
        return {*Path("/tmp").glob("proot-*"), *own}

    before = scratch()
    script = """
s = socket.socket(socket.AF_UNIX); s.bind('/tmp/my.sock')
if os.fork() == 0:
    os.setsid(); signal.pause()
"""
    await attack(lab, script)
    await until(lambda: scratch() <= before)
    assert not list(lab.root.glob("containers/*/proot"))


@in_lab
async def test_a_shim_that_is_killed_leaves_no_untraced_process(lab: Lab) -> None:
    box = await lab.start("sh", "-c", "while :; do sleep 0.01; done")
    status = Path(f"/proc/{box.process.pid}/status").read_text()
    shim = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid"))
    pids = await box.process.processes()
    os.kill(shim, signal.SIGKILL)
    assert (await box.wait()).code in (137, 255)
    await until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
