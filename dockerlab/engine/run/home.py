"""The engine's own namespaces: get into them, get back in after a crash, say why not.

In them the engine may mount file systems that never show on the host, and is root as far as
its containers are concerned. It stays in the host's network namespace, so published ports are
the host's; the containers' network is kept by the keeper (``net/kernel/keeper.py``), which also
keeps the namespaces alive when the engine is killed.

Two ways, tried in this order: as root with a mount namespace of its own, else in a new user
namespace. There, user ids come from /etc/subuid where newuidmap can be had; otherwise uid 0 is
the only one that exists, and chown and friends are for the runtime to pretend.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dockerlab.engine.errors import ServerError
from dockerlab.engine.net.kernel import keeper as keepers
from dockerlab.engine.net.kernel import netlink
from dockerlab.engine.run import kernel

IdMap = tuple[tuple[int, int, int], ...]
"""(first id inside, first id outside, how many), as /proc/self/uid_map has it."""


class HomeDenied(ServerError):
    """This machine does not let us have namespaces; the message says what, the hint what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where the engine lives now.

    ``kind``: root (the machine's root, own mount namespace), user (root in a user namespace of
    its own) or none (no namespaces: containers run by proot).
    """

    root: Path
    kind: Literal["root", "user", "none"]
    uid_map: IdMap
    gid_map: IdMap
    keeper: keepers.Keeper | None = None
    rejoined: bool = False
    """The keeper was alive: an engine was killed before, containers may still run."""
    spawner: socket.socket | None = None
    """The way to a spawner that is here already, of a template's."""

    @property
    def single_uid(self) -> bool:
        """Only one user or group id exists here, so chown and setuid to others must fail."""
        return min(_count(self.uid_map), _count(self.gid_map)) <= 1

    def leave(self) -> None:
        """End the keeper, and with it the containers' network. For an orderly stop only."""
        if self.keeper is not None:
            self.keeper.stop()


def outside(root: Path) -> Home:
    """The home of an engine that needs no namespaces (proot)."""
    return Home(root, "none", _read_map("uid"), _read_map("gid"))


def enter(root: Path, *, warm: bool = False) -> Home:
    """Move this process into the engine's namespaces; ``root`` is the engine's folder.

    To be called before any thread (so before asyncio). Raises HomeDenied. ``warm``: this process
    is a template's and has the keeper's code loaded, which it then need not start Python for.
    """
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("enter() needs a process with one thread")
    root = Path(os.path.abspath(root))
    (root / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
    client = keepers.Keeper(str(root / "run" / "keeper.sock"))
    folder = os.getcwd()
    rejoined = client.alive()
    if rejoined:
        _rejoin(client)
    else:
        _leave_host()
        _start_keeper(client.path, warm)
    with contextlib.suppress(OSError):
        os.chdir(folder)  # a change of mount namespace put us at /
    uid_map, gid_map = _read_map("uid"), _read_map("gid")
    kind: Literal["root", "user"] = "root" if _is_initial(uid_map) else "user"
    return Home(root, kind, uid_map, gid_map, client, rejoined)


def probe(root: Path | None = None) -> tuple[bool, str]:
    """Whether ``enter`` and a container's file system would work here, and if not why.

    Everything is tried in a child process that then ends, in a temporary folder below ``root``
    (which should be where the engine's folder is to be: not every file system can hold layers).
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _report(writer, lambda: _try_everything(root))
    os.close(writer)
    with open(reader, "rb") as file:
        answer = file.read().decode()
    os.waitpid(child, 0)
    return answer == "ok", "" if answer == "ok" else answer or "the probe died"


def _report(writer: int, action: Callable[[], None]) -> None:
    """In a child: do it, write ``ok`` or what went wrong, and end."""
    answer = "ok"
    try:
        action()
    except HomeDenied as error:
        answer = str(error)
    except OSError as error:
        answer = error.strerror or str(error)
    except BaseException as error:
        answer = repr(error)
    finally:
        os.write(writer, answer.encode())
        os._exit(0)


def _try_everything(root: Path | None) -> None:
    _leave_host()
    try:
        kernel.unshare(kernel.CLONE_NEWNET)
        netlink.link_up("lo")
        netlink.create_bridge("probe0", "02:42:00:00:00:01")
        netlink.add_address("probe0", "172.17.0.1/16")
    except OSError as error:
        raise _denied("a network of their own for containers", error) from None
    where = next((p for p in [root, *(root.parents if root else ())] if p and p.is_dir()), None)
    folder = tempfile.mkdtemp(prefix=".dockerlab-probe-", dir=where)
    try:
        _try_overlay(Path(folder))
    except OSError as error:
        raise _denied(f"overlay mounts in {folder.rsplit('/', 1)[0]}", error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try_overlay(folder: Path) -> None:
    """Mount layers and delete a file of the lower one, which needs a whiteout."""
    for name in ("lower", "upper", "work", "merged"):
        (folder / name).mkdir()
    (folder / "lower" / "file").touch()
    layers = [(f"{name}dir", f"{folder}/{name}") for name in ("lower", "upper", "work")]
    merged = folder / "merged"
    kernel.attach(kernel.new_mount("overlay", 0, [*layers, ("userxattr", "")]), str(merged))
    try:
        (merged / "file").unlink()
        if not stat.S_ISCHR(os.lstat(folder / "upper" / "file").st_mode):
            raise OSError("no whiteout was made")
    finally:
        kernel.unmount(str(merged))


def _leave_host() -> None:
    """Get into new namespaces: a mount namespace as root, else a user and a mount namespace."""
    try:
        kernel.unshare(kernel.CLONE_NEWNS)
    except PermissionError:
        become_root()
    try:
        kernel.make_private()
    except OSError as error:
        raise _denied("mounts of its own for the engine", error) from None


def become_root() -> None:
    """Be root in a new user namespace, with subordinate ids where there are. Raises HomeDenied."""
    uid, gid = os.geteuid(), os.getegid()
    mapper = _Mapper(uid, gid)
    try:
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
    except OSError as error:
        mapper.give_up()
        raise _denied("user namespaces", error) from None
    mapper.finish()
    try:
        if not _read_map("gid"):
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/gid_map").write_text(f"0 {gid} 1")
        if not _read_map("uid"):
            Path("/proc/self/uid_map").write_text(f"0 {uid} 1")
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
    except OSError as error:
        raise _denied("user ids in a user namespace", error) from None


class _Mapper:
    """A child that stays outside and maps the ids of /etc/subuid for us, if there are any.

    newuidmap must run in the parent namespace, after we left it; hence the child made before.
    """

    def __init__(self, uid: int, gid: int) -> None:
        reader, self._go = os.pipe()
        target = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._go)
            try:
                if os.read(reader, 1):
                    _map_ids("newgidmap", "/etc/subgid", target, uid, gid)
                    _map_ids("newuidmap", "/etc/subuid", target, uid, uid)
            finally:
                os._exit(0)
        os.close(reader)

    def finish(self) -> None:
        os.write(self._go, b"x")
        self.give_up()

    def give_up(self) -> None:
        os.close(self._go)
        os.waitpid(self._pid, 0)


def _map_ids(tool: str, table: str, target: int, user: int, own: int) -> None:
    """Map 0 to our own id and 1… to the ids that ``table`` gives to ``user``."""
    program, entry = shutil.which(tool), _subordinate(table, user)
    if program is None or entry is None:
        return
    start, count = entry
    arguments = [program, str(target), "0", str(own), "1", "1", str(start), str(count)]
    quiet = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    os.waitpid(os.posix_spawn(program, arguments, os.environ, file_actions=quiet), 0)


def _subordinate(table: str, uid: int) -> tuple[int, int] | None:
    """The first range (start, count) that the table has for a user, by name or number."""
    names = {str(uid)}
    with contextlib.suppress(KeyError):
        names.add(pwd.getpwuid(uid).pw_name)
    with contextlib.suppress(OSError):
        for line in Path(table).read_text().splitlines():
            name, _, numbers = line.strip().partition(":")
            start, _, count = numbers.partition(":")
            if name in names and start.isdecimal() and count.isdecimal() and int(count) > 0:
                return int(start), int(count)
    return None


def _rejoin(client: keepers.Keeper) -> None:
    namespaces = client.namespaces()
    try:
        if os.fstat(namespaces["user"]).st_ino != os.stat("/proc/self/ns/user").st_ino:
            kernel.setns(namespaces["user"], kernel.CLONE_NEWUSER)
            os.setresgid(0, 0, 0)
            os.setresuid(0, 0, 0)
        kernel.setns(namespaces["mnt"], kernel.CLONE_NEWNS)
    except OSError as error:
        raise _denied("the namespaces of the engine that ran here before", error) from None
    finally:
        for fd in namespaces.values():
            os.close(fd)


def _start_keeper(path: str, warm: bool) -> None:
    """Start the keeper in a network namespace of its own; wait until it serves.

    It is not ours to wait for: it is the template's child, else forked twice and so init's.
    """
    listener = keepers.bind(path)
    reader, writer = os.pipe()
    child = kernel.clone(kernel.CLONE_PARENT) if warm else os.fork()
    if child == 0:
        if warm or os.fork() == 0:
            _report(writer, lambda: _become_keeper(path, listener.fileno(), writer, warm))
        os._exit(0)
    if not warm:
        os.waitpid(child, 0)
    os.close(writer)
    listener.close()
    with open(reader, "rb") as file:
        answer = file.read().decode()
    if answer != "ok":
        raise HomeDenied(f"The containers' network could not be set up: {answer or 'it died'}")


def _become_keeper(path: str, listener: int, status: int, warm: bool) -> None:
    os.setsid()
    os.chdir("/")
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    kernel.close_others([listener, status])  # nobody's pipe may be kept open for as long
    kernel.unshare(kernel.CLONE_NEWNET)
    if warm:
        # Loaded here only where it is already: a cold engine leaves it to the new process.
        from dockerlab.engine.net.kernel import keeperserver

        kernel.set_title(["dockerlab-keeper"])
        keeperserver.serve(path, listener, status)
        os._exit(0)
    for fd in (listener, status):
        os.set_inheritable(fd, True)
    arguments = keepers.command(path, listener, status)
    os.execve(arguments[0], arguments, {"LC_ALL": "C.UTF-8"})


def _denied(what: str, error: OSError) -> HomeDenied:
    reason = os.strerror(error.errno) if error.errno else str(error)
    return HomeDenied(f"This machine does not allow {what} ({reason}).", _advice())


def _advice() -> str:
    """What to change, going by the switches that Linux distributions have for this."""
    settings = (
        ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    )
    for name, denying, wanted in settings:
        with contextlib.suppress(OSError):
            if Path("/proc/sys", name).read_text().strip() == denying:
                return f"Allow it with: sudo sysctl -w {wanted}. Or use --runtime proot."
    return "Inside a container this is normal: use --runtime proot, which needs no privilege."


def _read_map(kind: Literal["uid", "gid"]) -> IdMap:
    rows = Path(f"/proc/self/{kind}_map").read_text().splitlines()
    return tuple((int(a), int(b), int(c)) for a, b, c in (row.split() for row in rows))


def _is_initial(ids: IdMap) -> bool:
    return _count(ids) >= 1 << 31


def _count(ids: IdMap) -> int:
    return sum(count for _, _, count in ids)
