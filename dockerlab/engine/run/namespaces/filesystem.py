"""The file system a container sees: its root, /proc, /dev, /sys, volumes, what is hidden.

Works in two steps. While the host's files are still seen, every mount is made *detached*, as a
descriptor. Then the container's root becomes the root directory, and the mounts are attached.
Whatever symbolic links an image has, they can only lead to places inside the container.

Devices: /dev has bind mounts of six harmless ones, and every mount is ``nodev``, so a device
that a container's root makes cannot be opened. That needs no device cgroup.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dockerlab.engine.run import kernel
from dockerlab.engine.run.process import ContainerSpec, Mount
from dockerlab.engine.store import beneath, mounts
from dockerlab.engine.store.rootfs import Rootfs

_NOSUID, _NODEV, _NOEXEC, _RDONLY = (
    kernel.MOUNT_NOSUID,
    kernel.MOUNT_NODEV,
    kernel.MOUNT_NOEXEC,
    kernel.MOUNT_RDONLY,
)
_CLOSED = _NOSUID | _NODEV | _NOEXEC

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = {
    "/dev/fd": "/proc/self/fd",
    "/dev/stdin": "/proc/self/fd/0",
    "/dev/stdout": "/proc/self/fd/1",
    "/dev/stderr": "/proc/self/fd/2",
    "/dev/ptmx": "pts/ptmx",
}
_MASKED = (
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
)
_READ_ONLY = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")

_TMPFS_ATTRIBUTES = {
    "ro": (_RDONLY, 0),
    "rw": (0, _RDONLY),
    "nosuid": (_NOSUID, 0),
    "suid": (0, _NOSUID),
    "nodev": (_NODEV, 0),
    "noexec": (_NOEXEC, 0),
    "exec": (0, _NOEXEC),
}
"""Word in the options of a tmpfs → attributes it sets, attributes it clears."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A detached mount and where it will be attached."""

    target: str
    mount: int
    directory: bool = True
    follow: bool = False


def terminals() -> int:
    """A new, detached devpts: terminals that only one container can see."""
    options = [("ptmxmode", "0666"), ("mode", "0620")]
    try:
        return kernel.new_mount("devpts", _NOSUID | _NOEXEC, [*options, ("gid", "5")])
    except OSError:  # group 5 (tty) is not mapped in this user namespace
        return kernel.new_mount("devpts", _NOSUID | _NOEXEC, options)


def build(spec: ContainerSpec, devpts: int, cgroups: Mapping[str, str]) -> None:
    """Make the container's root, and make it this process's root directory.

    Called in a process that has its own, fresh mount namespace. ``devpts`` is that of
    ``terminals``; ``cgroups`` says which host directory to show at which path below
    /sys/fs/cgroup ("" for the folder itself). /proc is still writable afterwards (for sysctls):
    ``restrict`` closes it. Raises OSError.
    """
    os.umask(0o022)  # what is made for a mount is for every user of the container
    kernel.make_private()
    _mount_root(spec.rootfs)
    parts = [*_system(spec, devpts, cgroups), *_volumes(spec.mounts)]
    kernel.enter_root(spec.rootfs.path)
    for part in parts:
        _make_target(part)
        kernel.attach(part.mount, part.target, follow=part.follow)
    for link, target in _LINKS.items():
        os.symlink(target, link)


def restrict(spec: ContainerSpec) -> None:
    """Hide and write-protect what Docker hides and write-protects."""
    if not spec.privileged:
        for path in _MASKED:
            _mask(path)
        for path in _READ_ONLY:
            _write_protect(path)
    if spec.read_only:
        root = os.open("/", os.O_PATH | os.O_CLOEXEC)
        kernel.set_attributes(root, _RDONLY, recursive=False)
        os.close(root)


def show_console(terminal: str) -> None:
    """Let /dev/console be the terminal, e.g. ``/dev/pts/0``."""
    os.close(os.open("/dev/console", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    kernel.attach(kernel.clone_mount(terminal), "/dev/console")


def _mount_root(rootfs: Rootfs) -> None:
    if rootfs.lower:
        flags = mounts.MS_NODEV
        mounts.overlay(rootfs.path, rootfs.lower, rootfs.upper, rootfs.work, flags)
    else:
        tree = kernel.clone_mount(rootfs.path)
        kernel.set_attributes(tree, _NODEV)
        kernel.attach(tree, rootfs.path)


def _system(spec: ContainerSpec, devpts: int, cgroups: Mapping[str, str]) -> Iterator[_Part]:
    yield _Part("/proc", kernel.new_mount("proc", _CLOSED))
    yield from _devices(spec, devpts)
    yield _Part("/sys", _sysfs(spec))
    yield from _cgroups(cgroups, spec.privileged)


def _devices(spec: ContainerSpec, devpts: int) -> Iterator[_Part]:
    size = [("mode", "755"), ("size", "65536k")]
    yield _Part("/dev", kernel.new_mount("tmpfs", _NOSUID | _NODEV, size))
    for name in _device_names(spec.privileged):
        with contextlib.suppress(OSError):  # not every machine has every one
            yield _Part(f"/dev/{name}", _device(f"/dev/{name}"), directory=False)
    yield _Part("/dev/pts", devpts)
    shm = [("mode", "1777"), ("size", str(spec.shm_size))]
    yield _Part("/dev/shm", kernel.new_mount("tmpfs", _CLOSED, shm, "shm"))
    with contextlib.suppress(OSError):  # a kernel without POSIX message queues
        yield _Part("/dev/mqueue", kernel.new_mount("mqueue", _CLOSED))


def _device_names(privileged: bool) -> tuple[str, ...]:
    if not privileged:
        return _DEVICES
    with os.scandir("/dev") as entries:
        nodes = [e.name for e in entries if not e.is_symlink() and _is_device(e.path)]
    return tuple({*_DEVICES, *nodes} - {"console", "ptmx"})


def _device(path: str) -> int:
    """The host's own node, so read-only: it can be used, but not given another mode or owner."""
    tree = kernel.clone_mount(path)
    kernel.set_attributes(tree, _NOSUID | _NOEXEC | _RDONLY)
    return tree


def _is_device(path: str) -> bool:
    mode = os.stat(path).st_mode
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


def _sysfs(spec: ContainerSpec) -> int:
    attributes = _CLOSED | (0 if spec.privileged else _RDONLY)
    try:
        return kernel.new_mount("sysfs", attributes)
    except OSError:
        # The network namespace is the host's and this user namespace does not own it.
        tree = kernel.clone_mount("/sys")
        kernel.set_attributes(tree, _CLOSED | _RDONLY)
        return tree


def _cgroups(shown: Mapping[str, str], writable: bool) -> Iterator[_Part]:
    attributes = _CLOSED | (0 if writable else _RDONLY)
    if shown and "" not in shown:
        options = [("mode", "755")]
        yield _Part("/sys/fs/cgroup", kernel.new_mount("tmpfs", _CLOSED, options))
    for name, directory in shown.items():
        tree = kernel.clone_mount(directory)
        kernel.set_attributes(tree, attributes)
        yield _Part(f"/sys/fs/cgroup/{name}".rstrip("/"), tree)


def _volumes(wanted: tuple[Mount, ...]) -> Iterator[_Part]:
    for mount in sorted(wanted, key=lambda m: os.path.normpath(m.target).count("/")):
        target = os.path.normpath("/" + mount.target)
        if mount.kind == "tmpfs":
            yield _Part(target, _tmpfs(mount), follow=True)
        else:
            yield _Part(target, _bind(mount), os.path.isdir(mount.source), follow=True)


def _bind(mount: Mount) -> int:
    tree = _clone_beneath(mount) if mount.beneath else kernel.clone_mount(mount.source)
    kernel.set_attributes(tree, _NODEV | (_RDONLY if mount.read_only else 0))
    return tree


def _clone_beneath(mount: Mount) -> int:
    source = beneath.opened(mount.source, mount.beneath)
    try:
        return kernel.clone_mount(f"/proc/self/fd/{source}")
    finally:
        os.close(source)


def _tmpfs(mount: Mount) -> int:
    attributes = _CLOSED | (_RDONLY if mount.read_only else 0)
    options = []
    for word in filter(None, mount.options.split(",")):
        if word in _TMPFS_ATTRIBUTES:
            added, cleared = _TMPFS_ATTRIBUTES[word]
            attributes = (attributes | added) & ~cleared
        else:
            name, _, value = word.partition("=")
            options.append((name, value))
    return kernel.new_mount("tmpfs", attributes, options)


def _make_target(part: _Part) -> None:
    with contextlib.suppress(OSError):  # nearly always this is all there is to do
        if part.directory:
            os.mkdir(part.target)
        else:
            _touch(part.target)
        return
    if os.path.exists(part.target):
        return
    if part.directory:
        os.makedirs(part.target, exist_ok=True)
        return
    path = os.path.realpath(part.target)  # a link of the image's may lead to what is not there
    os.makedirs(os.path.dirname(path), exist_ok=True)
    _touch(path)


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o755))


def _mask(path: str) -> None:
    if os.path.isdir(path):
        kernel.attach(kernel.new_mount("tmpfs", _CLOSED | _RDONLY), path)
    elif os.path.exists(path):
        kernel.attach(kernel.clone_mount("/dev/null"), path)


def _write_protect(path: str) -> None:
    if os.path.exists(path):
        tree = kernel.clone_mount(path)
        kernel.set_attributes(tree, _CLOSED | _RDONLY)
        kernel.attach(tree, path)
