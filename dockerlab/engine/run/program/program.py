"""The last steps of a new process in a container: who it is, what it may do, and execve.

Runs between fork and exec, inside the container already. Nothing may be imported here.
"""

from __future__ import annotations

import contextlib
import functools
import os
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from dockerlab.engine.run import kernel, proctree
from dockerlab.engine.run.process import ProcessSpec, StartError
from dockerlab.engine.run.program import capabilities, syscallfilter, users
from dockerlab.engine.run.shim import terminal
from dockerlab.engine.run.shim.isolation import Stdio

NOT_FOUND, NOT_EXECUTABLE, OTHER = 127, 126, 128


@dataclass(frozen=True, slots=True)
class Privileges:
    """What the processes of one container may do."""

    capabilities: frozenset[str]
    last_capability: int
    held: int
    """What the shim itself holds, as a bit mask: nobody inside can have more."""
    filter: bytes
    """A seccomp program, or empty."""
    fake_owner: bool
    """Only one user id is mapped: chown, and setuid once it runs, are pretended."""
    ulimits: tuple[tuple[str, int, int], ...] = ()


@functools.cache
def privileges(
    add: tuple[str, ...],
    drop: tuple[str, ...],
    *,
    privileged: bool,
    ulimits: tuple[tuple[str, int, int], ...] = (),
) -> Privileges:
    """Docker's defaults changed by --cap-add, --cap-drop and --privileged."""
    names = capabilities.chosen(add, drop, privileged=privileged)
    fake = single_user()
    code = b""
    if fake or not privileged:
        code = syscallfilter.program(names, fake_owner=fake)
    return Privileges(names, capabilities.last(), capabilities.held(), code, fake, ulimits)


def single_user() -> bool:
    """Whether this process's user namespace maps one user id, or one group id, only."""
    return any(
        sum(int(line.split()[2]) for line in proctree.read(path).splitlines()) <= 1
        for path in ("/proc/self/uid_map", "/proc/self/gid_map")
    )


def connect(stdio: Stdio) -> None:
    """Make the descriptors 0, 1 and 2, and with a terminal take control of it."""
    place(stdio)
    control(stdio)


def place(stdio: Stdio) -> None:
    """Make the descriptors 0, 1 and 2."""
    for target, source in enumerate((stdio.stdin, stdio.stdout, stdio.stderr)):
        os.dup2(source, target)


def control(stdio: Stdio) -> None:
    """Take control of the terminal, if 0 is one; in a process that leads its session."""
    if stdio.tty:
        terminal.control(0)


def become(spec: ProcessSpec, allowed: Privileges) -> users.User:
    """Turn this process into the spec's user with the container's privileges, for good."""
    user = users.find(spec.user, spec.groups)
    for name, soft, hard in allowed.ulimits:
        resource.setrlimit(getattr(resource, f"RLIMIT_{name.upper()}"), (soft, hard))
    _own_stdio(user)
    if allowed.fake_owner and user.uid != 0:
        _wear(user)
    capabilities.bound(allowed.capabilities, allowed.last_capability)
    if allowed.filter:
        # Now, as it takes CAP_SYS_ADMIN (or no_new_privs, which would break su and sudo).
        kernel.install_filter(allowed.filter)
    if not allowed.fake_owner:
        os.setgroups(user.groups)
        os.setresgid(user.gid, user.gid, user.gid)
        os.setresuid(user.uid, user.uid, user.uid)
    if user.uid == 0:
        capabilities.limit(allowed.capabilities, allowed.held)
    return user


def make_directory(path: str) -> None:
    """Make the working directory where it is missing: as root, for the user may have no right to.

    Raises StartError.
    """
    # Where root may not (a folder of the network's), its user perhaps may: they will see.
    with _directory_errors(path), contextlib.suppress(PermissionError):
        os.makedirs(path, exist_ok=True)


def change_directory(path: str) -> None:
    """Go to the working directory. Raises StartError."""
    with _directory_errors(path):
        os.chdir(path)
        os.getcwd()  # fails outside of the root directory, where a link in /proc may lead


@contextlib.contextmanager
def _directory_errors(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = _lower(error)
        text = f'chdir to cwd ("{path}") set in config.json failed: {reason}'
        raise StartError(text, NOT_EXECUTABLE) from None


def environment(spec: ProcessSpec, user: users.User) -> dict[bytes, bytes]:
    """The environment as execve takes it; HOME is looked up when it was not given, or empty."""
    pairs = [entry.partition("=") for entry in spec.env if "=" in entry]
    variables = {os.fsencode(name): os.fsencode(value) for name, _, value in pairs if name}
    if not variables.get(b"HOME"):
        variables[b"HOME"] = os.fsencode(user.home)
    return variables


def find(name: str, environment: Mapping[bytes, bytes]) -> str:
    """The path of the program to execute. Raises StartError in Docker's words."""
    if "/" in name:
        _check_program(name)
        return name
    for folder in os.fsdecode(environment.get(b"PATH", b"")).split(":"):
        path = f"{folder or '.'}/{name}"
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise StartError(f'exec: "{name}": executable file not found in $PATH', NOT_FOUND)


def execute(path: str, spec: ProcessSpec, environment: Mapping[bytes, bytes]) -> NoReturn:
    """Replace this process; what the kernel refuses now is the program's own failure.

    As with Docker (runc), a script whose interpreter is missing or a file of another machine
    has *started*: it says so on its stderr and ends with 1.
    """
    restore_signals()
    os.umask(0o022)
    try:
        os.execve(path, spec.args, environment)
    except OSError as error:
        os.write(2, f"exec {path}: {_lower(error)}\n".encode(errors="replace"))
    os._exit(1)


def restore_signals() -> None:
    """Undo what Python (ignores SIGPIPE) and the shim (handlers) changed."""
    for number in changed_signals():
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


@functools.cache
def changed_signals() -> tuple[int, ...]:
    """The signals that do not do what they do by default.

    Asking for all 64 takes longer than many a program runs, so whoever forks often asks once
    before, when it has set its own handlers.
    """
    all = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}
    return tuple(n for n in all if signal.getsignal(n) is not signal.SIG_DFL)


def explain(error: BaseException) -> StartError:
    """Any failure before execve as a StartError, without the prefix that Docker adds."""
    if isinstance(error, StartError):
        return error
    if isinstance(error, users.UnknownUser):
        return StartError(str(error), NOT_EXECUTABLE)
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{os.fsdecode(error.filename)}: {_lower(error)}"
    elif isinstance(error, OSError):
        text = str(error).removeprefix(f"[Errno {error.errno}] ")
    else:
        text = f"{type(error).__name__}: {error}"
        sys.excepthook(type(error), error, error.__traceback__)
    return StartError(f"error during container init: {text}", OTHER)


def _wear(user: users.User) -> None:
    """Be ``user`` where the machine lends us one id only: that id by another number.

    A user namespace of this process's own shows the one id as the user's. Files that root of
    the container owns look like the user's, too, as there is only one owner.
    """
    kernel.unshare(kernel.CLONE_NEWUSER)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user.uid} 0 1"),
        ("gid_map", f"{user.gid} 0 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _own_stdio(user: users.User) -> None:
    """Let the user reopen its own output, e.g. by /dev/stdout (nginx's log goes there)."""
    null = os.stat("/dev/null").st_rdev
    for descriptor in (0, 1, 2):
        if os.fstat(descriptor).st_rdev != null:
            try:
                os.fchown(descriptor, user.uid, -1)
            except OSError:
                return  # not mapped in this user namespace, where there is only one owner


def _check_program(path: str) -> None:
    try:
        is_folder = os.path.isdir(path)
        os.stat(path)
    except OSError as error:
        code = NOT_EXECUTABLE if isinstance(error, PermissionError) else NOT_FOUND
        raise StartError(f'exec: "{path}": stat {path}: {_lower(error)}', code) from None
    if is_folder or not os.access(path, os.X_OK):
        raise StartError(f'exec: "{path}": permission denied', NOT_EXECUTABLE)


def _lower(error: OSError) -> str:
    """The kernel's reason as Go programs write it: without a capital."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
