"""The files that are seen in a box: by its engine, and (less) by the student.

Both get a root of their own, empty but for what is listed here, everything of the machine's
read-only. Mounts are made detached while the old root is seen, and put in place in the new one,
in which there is no symbolic link of anybody's yet.

What either of them writes is in one file system in memory, of limited size::

    /store/engine    the engine's folder; not in the student's root
    /store/home      = /home/student, at the same path for both: so ``-v $PWD:/app`` works
    /store/tmp       = /tmp, likewise
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dockerlab.engine.run import kernel
from dockerlab.engine.run.namespaces.filesystem import terminals
from dockerlab.grading.classroom.machine import FOLDERS, python_folders
from dockerlab.grading.classroom.sandbox.inside import calls

HOME = "/home/student"
WORK = f"{HOME}/work"
STORE = "/store"
ENGINE = f"{STORE}/engine"
IMAGES = "/images"
SOCKET = f"{ENGINE}/docker.sock"
STUDENTS_SOCKET = "/run/docker.sock"

_NEW_ROOT = "/tmp"
"""Where a new root is mounted until it is the root: a folder that every system has."""
_CLOSED = kernel.MOUNT_NOSUID | kernel.MOUNT_NODEV | kernel.MOUNT_NOEXEC
_WRITABLE = kernel.MOUNT_NOSUID | kernel.MOUNT_NODEV
_SYSTEM = _WRITABLE | kernel.MOUNT_RDONLY
SETTINGS = (
    *("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types"),
    *("os-release", "protocols", "services", "ssl/certs", "terminfo"),
)
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def accounts(student: int) -> dict[str, str]:
    """The files that say who a user is, by name in /etc."""
    return {
        "passwd": (
            "root:x:0:0:root:/root:/bin/sh\n"
            f"student:x:{student}:{student}:student:{HOME}:/bin/bash\n"
            "nobody:x:65534:65534:nobody:/nonexistent:/bin/false\n"
        ),
        "group": f"root:x:0:\nstudent:x:{student}:\nnogroup:x:65534:\n",
    }


WRITTEN = {
    "hosts": "127.0.0.1 localhost\n",
    "hostname": "classroom\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    **accounts(1000),
}


@dataclass(frozen=True)
class Part:
    """A detached mount and where it belongs."""

    target: str
    mount: int
    directory: bool = True


@dataclass(frozen=True)
class Shown:
    """What of the machine a box sees: its system and, for the engine, images."""

    system: Sequence[Part]
    images: Sequence[Part]


def shown(images: str) -> Shown:
    """Mounts of the machine's files; ``images`` is a folder, or empty."""
    found = [Part(IMAGES, _bind(images, _SYSTEM))] if images else []
    return Shown(list(_system()), found)


def build_for_engine(
    disk: int, files: int, student: int, shown: Shown, cgroups: Mapping[str, str]
) -> None:
    """Make the root of the box's first process and its engine, and enter it.

    ``cgroups``: their folders by hierarchy.
    """
    covered = [part for part in shown.system if part.target.startswith((f"{HOME}/", "/tmp/"))]
    parts = [*(part for part in shown.system if part not in covered), *_devices()]
    parts.append(Part("/proc", kernel.new_mount("proc", _CLOSED)))
    parts.append(Part("/sys", kernel.new_mount("sysfs", _CLOSED)))
    parts += [*_cgroups(cgroups), *shown.images]
    size = [("size", str(disk)), ("nr_inodes", str(files)), ("mode", "711")]
    parts.append(Part(STORE, kernel.new_mount("tmpfs", _WRITABLE, size, "box")))
    _build(parts)
    _fill_store(student)
    for name, target in (("home", "/home/student"), ("tmp", "/tmp")):
        kernel.attach(_bind(f"{STORE}/{name}", _WRITABLE), target)
    for part in covered:  # such as a virtual environment below /tmp
        _put("", part)
    _close_root()


def build_for_student() -> None:
    """Make the student's root out of the engine's, and enter it; in a new pid namespace."""
    parts = [Part(path, _bind(path, _WRITABLE)) for path in (HOME, "/tmp")]
    parts += [*_system(), *_devices(), Part("/proc", kernel.new_mount("proc", _CLOSED))]
    if os.path.exists(SOCKET):
        parts.append(Part(STUDENTS_SOCKET, _bind(SOCKET, _CLOSED), directory=False))
    _build(parts)
    _close_root()


def look() -> int:
    """The work folder for the grader: a detached mount in which no symbolic link leads anywhere.

    Whoever still writes there (a container does, while the student stands still) could swap a
    file for a link to one of the grader's between two looks.
    """
    return _bind(WORK, _CLOSED | kernel.MOUNT_RDONLY | calls.MOUNT_NOSYMFOLLOW)


def _build(parts: Iterable[Part]) -> None:
    options = [("size", "1m"), ("nr_inodes", "1000"), ("mode", "755")]
    parts = [Part("", kernel.new_mount("tmpfs", _WRITABLE, options, "root")), *parts]
    for part in parts:
        _put(_NEW_ROOT, part)
    kernel.enter_root(_NEW_ROOT)
    for folder in (HOME, "/tmp", "/root", "/var/tmp"):
        os.makedirs(folder, exist_ok=True)
    for name, text in WRITTEN.items():
        Path("/etc", name).write_text(text)
    _link()


def _put(root: str, part: Part) -> None:
    _make(root + part.target, directory=part.directory)
    kernel.attach(part.mount, root + part.target)


def _make(path: str, *, directory: bool) -> None:
    os.makedirs(path if directory else os.path.dirname(path), exist_ok=True)
    if not directory:
        Path(path).touch()


def _fill_store(student: int) -> None:
    for name, owner, mode in (("engine", 0, 0o711), ("home", student, 0o755), ("tmp", 0, 0o1777)):
        path = f"{STORE}/{name}"
        os.mkdir(path)
        os.chown(path, owner, owner)
        os.chmod(path, mode)
    work = f"{STORE}/home/{os.path.basename(WORK)}"
    os.mkdir(work)
    os.chown(work, student, student)


def _close_root() -> None:
    root = os.open("/", os.O_PATH | os.O_CLOEXEC)
    kernel.set_attributes(root, kernel.MOUNT_RDONLY, recursive=False)
    os.close(root)


def _system() -> Iterator[Part]:
    for path in FOLDERS:
        if os.path.isdir(path) and not os.path.islink(path):
            yield Part(path, _bind(path, _SYSTEM))
    for path in python_folders():
        yield Part(path, _bind(path, _SYSTEM))
    for name in SETTINGS:
        if os.path.exists(path := f"/etc/{name}"):
            yield Part(path, _bind(os.path.realpath(path), _SYSTEM), os.path.isdir(path))


def _link() -> None:
    """Links of the machine's root such as /bin → usr/bin, and those of /dev."""
    for link, target in LINKS:
        os.symlink(target, link)
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        os.symlink(f"/proc/self/fd/{number}", f"/dev/{name}")
    os.symlink("/proc/self/fd", "/dev/fd")
    os.symlink("pts/ptmx", "/dev/ptmx")


LINKS = [(path, os.readlink(path)) for path in FOLDERS if os.path.islink(path)]


def _devices() -> Iterator[Part]:
    size = [("mode", "755"), ("size", "64k"), ("nr_inodes", "100")]
    yield Part("/dev", kernel.new_mount("tmpfs", _WRITABLE, size))
    for name in _DEVICES:
        with contextlib.suppress(OSError):  # not every machine has every one
            tree = kernel.clone_mount(f"/dev/{name}")
            kernel.set_attributes(tree, kernel.MOUNT_NOSUID | kernel.MOUNT_NOEXEC)
            yield Part(f"/dev/{name}", tree, directory=False)
    yield Part("/dev/pts", terminals())
    shared = [("mode", "1777"), ("size", "64m"), ("nr_inodes", "1000")]
    yield Part("/dev/shm", kernel.new_mount("tmpfs", _CLOSED, shared))


def _cgroups(shown: Mapping[str, str]) -> Iterator[Part]:
    if shown and "" not in shown:
        options = [("mode", "755"), ("size", "64k")]
        yield Part("/sys/fs/cgroup", kernel.new_mount("tmpfs", _CLOSED, options))
    for name, folder in shown.items():
        yield Part(f"/sys/fs/cgroup/{name}".rstrip("/"), _bind(folder, _CLOSED))


def _bind(path: str, attributes: int) -> int:
    tree = kernel.clone_mount(path)
    kernel.set_attributes(tree, attributes)
    return tree
