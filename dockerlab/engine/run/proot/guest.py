"""The files of a container under PRoot: what is bound where, what may be touched, what runs.

PRoot rewrites paths, so nothing is mounted: a bind mount is one more rewriting, a tmpfs is a
folder that is thrown away. Paths are looked up here before PRoot starts, to be able to say in
Docker's words what is missing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dockerlab.engine.run.process import ContainerSpec, Mount, StartError
from dockerlab.engine.run.program import program
from dockerlab.engine.run.proot import landlock
from dockerlab.engine.run.proot.landlock import Rule
from dockerlab.engine.store import beneath
from dockerlab.engine.store.confined import Confined

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts")
_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
}
_NAMES = ("hosts", "hostname", "resolv.conf")
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
SOCKETS = "/tmp"
"""Where PRoot puts unix sockets whose real path is too long for one."""
_MEMORY = "/dev/shm"
_MAX_LINKS, _MAX_USERS = 40, 4 << 20


@dataclass(frozen=True, slots=True)
class Bind:
    """``source`` (a path of the machine's) is seen at ``target``."""

    source: str
    target: str
    read_only: bool = False


class Guest:
    """The files of one container."""

    def __init__(self, spec: ContainerSpec) -> None:
        self.root = os.path.realpath(spec.rootfs.path)
        self.scratch = scratch_of(spec.directory)
        """PRoot's own files, /dev: thrown away with the container's first process."""
        self._tmpfs = f"{os.path.realpath(spec.directory)}/tmpfs"
        self._spec = spec
        self._mounts = [self._bind(i, mount) for i, mount in enumerate(spec.mounts)]

    @property
    def temporary(self) -> str:
        return f"{self.scratch}/tmp"

    @property
    def loader(self) -> str:
        return f"{self.scratch}/loader"

    def prepare(self, loader: bytes) -> None:
        """Make the folders that binds need, on both sides. Nothing runs inside yet.

        ``loader``: see tools.loader_of.
        """
        self.remove()
        os.mkdir(self.scratch, 0o700)
        for name in ("tmp", "dev/pts", "dev/shm", "shm"):
            os.makedirs(f"{self.scratch}/{name}")
        os.chmod(f"{self.scratch}/shm", 0o1777)
        with open(self.loader, "wb") as file:
            os.fchmod(file.fileno(), 0o500)
            file.write(loader)
        for name in _DEVICES:
            if not os.path.isdir(f"/dev/{name}"):
                open(f"{self.scratch}/dev/{name}", "w").close()
        for name, target in _LINKS.items():
            os.symlink(target, f"{self.scratch}/dev/{name}")
        for mount, bind in zip(self._spec.mounts, self._mounts, strict=True):
            if mount.kind == "tmpfs":
                os.makedirs(bind.source, exist_ok=True)
                os.chmod(bind.source, _mode(mount.options))
            self._make_target(bind)
        for name in ("proc", "sys", "dev"):
            self.make_folder(f"/{name}")

    def remove(self) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        shutil.rmtree(self._tmpfs, ignore_errors=True)

    def binds(self) -> list[Bind]:
        """All of them, what Docker always has first."""
        found = [Bind("/proc", "/proc"), Bind("/sys", "/sys", True)]
        found.append(Bind(f"{self.scratch}/dev", "/dev"))
        found += [Bind(f"/dev/{n}", f"/dev/{n}") for n in _DEVICES if os.path.exists(f"/dev/{n}")]
        found.append(Bind(f"{self.scratch}/shm", "/dev/shm"))
        folder = self._spec.directory
        targets = {bind.target for bind in self._mounts}
        for name in _NAMES:
            if os.path.isfile(f"{folder}/{name}") and f"/etc/{name}" not in targets:
                found.append(Bind(f"{folder}/{name}", f"/etc/{name}", self._spec.read_only))
        return found + self._mounts

    def without_colon(self, path: str) -> str:
        """A path that PRoot can be given, which takes a colon as the end of it."""
        if ":" not in path:
            return path
        link = f"{self.scratch}/{os.urandom(8).hex()}"
        os.symlink(path, link)
        return link

    def rules(self) -> Iterator[Rule]:
        """What the kernel shall allow at most, where it has Landlock."""
        own = landlock.READ if self._spec.read_only else landlock.WRITE
        yield Rule(self.root, own)
        for bind in self._mounts:
            yield Rule(bind.source, landlock.READ if bind.read_only else landlock.WRITE)
        yield Rule(SOCKETS, landlock.MAKE_SOCKET)
        for path in (self.temporary, f"{self.scratch}/shm", "/dev/pts"):
            yield Rule(path)
        for name in _DEVICES:
            yield Rule(f"/dev/{name}")
        for name in _NAMES:
            yield Rule(f"{self._spec.directory}/{name}", own)
        yield Rule(f"{self.scratch}/dev", landlock.READ)
        yield Rule("/proc", landlock.READ | landlock.WRITE_FILE)
        yield Rule("/sys", landlock.READ)
        yield Rule(self.loader, landlock.READ)
        for path in _LIBRARIES:
            yield Rule(path, landlock.READ)

    # ---- looking things up

    def outside(self, path: str) -> str:
        """The machine's path for a path inside, links followed inside. Raises OSError."""
        for _ in range(_MAX_LINKS):
            with Confined(self.root) as root:
                resolved = root.resolve(path)
            bind = self._covering(resolved)
            if bind is None:
                return self.root + resolved
            rest = resolved[len(bind.target) :].strip("/")
            if not os.path.isdir(bind.source):
                return bind.source
            with Confined(bind.source) as folder:
                inner = folder.resolve(rest)
                try:
                    is_link = stat.S_ISLNK(folder.lstat(rest).st_mode) if rest else False
                except OSError:
                    is_link = False
            if not is_link or inner.strip("/") == rest:
                return bind.source + (inner if rest else "")
            # A link in a volume may lead back to the image's files: try it as one of those.
            target = os.readlink(f"{bind.source}/{rest}")
            path = os.path.normpath(os.path.join(os.path.dirname(resolved), target))
        raise OSError(40, "too many levels of symbolic links", path)

    def find(self, name: str, environment: Mapping[bytes, bytes], cwd: str) -> str:
        """The path inside of the program to execute. Raises StartError in Docker's words."""
        if "/" in name:
            self._check_program(name, cwd)
            return name
        for folder in os.fsdecode(environment.get(b"PATH", b"")).split(":"):
            path = os.path.join(cwd, folder or ".", name)
            try:
                outside = self.outside(path)
            except OSError:
                continue
            if os.path.isfile(outside) and os.access(outside, os.X_OK):
                return path
        raise StartError(f'exec: "{name}": executable file not found in $PATH', program.NOT_FOUND)

    def check_folder(self, path: str, *, create: bool) -> None:
        """See that the working directory is there. Raises StartError."""
        reason = "no such file or directory"
        try:
            if create:
                self.make_folder(path)
            if os.path.isdir(self.outside(path)):
                return
            if os.path.lexists(self.outside(path)):
                reason = "not a directory"
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
        text = f'chdir to cwd ("{path}") set in config.json failed: {reason}'
        raise StartError(text, program.NOT_EXECUTABLE)

    def users_folder(self) -> str:
        """A folder of the machine's with copies of the container's passwd and group.

        Copies, as links in the container's /etc must be followed inside.
        """
        folder = f"{self.scratch}/etc"
        os.makedirs(folder, exist_ok=True)
        for name in ("passwd", "group"):
            with open(f"{folder}/{name}", "wb") as copy:
                copy.write(_content(self._try_outside(f"/etc/{name}")))
        return folder

    def _try_outside(self, path: str) -> str:
        try:
            return self.outside(path)
        except OSError:
            return ""

    def make_folder(self, path: str) -> None:
        with _open_to_all():
            os.makedirs(self.outside(path), exist_ok=True)

    def _check_program(self, name: str, cwd: str) -> None:
        path = os.path.join(cwd, name)
        try:
            outside = self.outside(path)
            is_folder = stat.S_ISDIR(os.stat(outside).st_mode)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            denied = isinstance(error, PermissionError)
            code = program.NOT_EXECUTABLE if denied else program.NOT_FOUND
            raise StartError(f'exec: "{name}": stat {name}: {reason}', code) from None
        if is_folder or not os.access(outside, os.X_OK):
            raise StartError(f'exec: "{name}": permission denied', program.NOT_EXECUTABLE)

    # ---- binds

    def _covering(self, path: str) -> Bind | None:
        """The bind that hides the image's own files at ``path``."""
        found = [b for b in self._mounts if f"{path}/".startswith(f"{b.target.rstrip('/')}/")]
        return max(found, key=lambda bind: len(bind.target), default=None)

    def _bind(self, index: int, mount: Mount) -> Bind:
        target = os.path.normpath(mount.target)
        if mount.kind == "tmpfs":
            read_only = "ro" in mount.options.split(",") or mount.read_only
            return Bind(f"{self._tmpfs}/{index}", target, read_only)
        return Bind(_source(mount), target, mount.read_only)

    def _make_target(self, bind: Bind) -> None:
        """As Docker does: what a volume is mounted on is made, be it in another volume."""
        outer = self._outer(bind)
        if outer is None:
            return self._make(self.root, bind.target, bind)
        if not outer.read_only:
            # Where we may not write it is hidden from lists only.
            with contextlib.suppress(OSError):
                self._make(outer.source, bind.target[len(outer.target.rstrip("/")) :], bind)

    @staticmethod
    def _make(base: str, path: str, bind: Bind) -> None:
        with Confined(base) as root:
            outside = base + root.resolve(path)
        if os.path.lexists(outside):
            return
        with _open_to_all():
            if os.path.isdir(bind.source):
                os.makedirs(outside, exist_ok=True)
            else:
                os.makedirs(os.path.dirname(outside), exist_ok=True)
                open(outside, "a").close()

    def _outer(self, bind: Bind) -> Bind | None:
        """The innermost of the other mounts that this one is in."""
        others = (b for b in self._mounts if b is not bind)
        found = [b for b in others if bind.target.startswith(f"{b.target.rstrip('/')}/")]
        return max(found, key=lambda outer: len(outer.target), default=None)


@contextlib.contextmanager
def _open_to_all() -> Iterator[None]:
    """What is made in the container is for every user of it, unlike the shim's own files."""
    before = os.umask(0o022)
    try:
        yield
    finally:
        os.umask(before)


def _source(mount: Mount) -> str:
    """The real path. Raises PermissionError if the mount must not come from there."""
    if not mount.beneath:
        return os.path.realpath(mount.source)
    descriptor = beneath.opened(mount.source, mount.beneath)
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)


def scratch_of(directory: str) -> str:
    """A folder for short-lived small files of the container in ``directory``.

    In memory where that is possible: on a busy disk, making these files takes longer than all
    the rest of starting a container. Known by name, so it can be removed after a crash. Not where
    nothing may be executed (in Docker's and Kubernetes's containers): PRoot's loader is there.
    """
    directory = os.path.realpath(directory)
    name = f"{os.path.basename(directory)[:12]}-{zlib.crc32(os.fsencode(directory)):08x}"
    path = f"{_MEMORY}/dockerlab-{os.getuid()}-{name}"
    try:
        found = os.lstat(path)
        usable = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    except FileNotFoundError:
        usable = os.access(_MEMORY, os.W_OK | os.X_OK)
    except OSError:
        usable = False
    return path if usable and _may_execute(_MEMORY) else f"{directory}/proot"


def _may_execute(folder: str) -> bool:
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC


def _content(path: str) -> bytes:
    """Of a regular file of reasonable size that is not a link any more; else nothing."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        return file.read(_MAX_USERS)


def _mode(options: str) -> int:
    for option in options.split(","):
        name, _, value = option.partition("=")
        if name == "mode":
            return int(value, 8) & 0o7777
    return 0o1777
