"""Which way of isolating containers works on this machine: found out by trying."""

from __future__ import annotations

import os
import select
import shutil
import struct
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from dockerlab.engine.errors import ServerError
from dockerlab.engine.run import home, kernel, tools
from dockerlab.engine.run.process import ContainerSpec, Network, ProcessSpec, StartError
from dockerlab.engine.run.proot import proot, seccomp
from dockerlab.engine.run.shim.isolation import Stdio
from dockerlab.engine.store.rootfs import Rootfs

Name = Literal["namespaces", "proot"]

_PATIENCE = 10.0
_WHY: dict[Name, str] = {
    "namespaces": "this machine lets us have namespaces: real isolation, and the fastest way",
    "proot": "no privilege is needed for it",
}


class NoRuntime(ServerError):
    """Containers cannot run here in the way that was wanted, or in no way at all."""


@dataclass(frozen=True, slots=True)
class Trial:
    """How the attempt to run something went; ``reason`` is why not."""

    name: Name
    ok: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The runtime to use and why, with what was tried for it."""

    name: Name
    why: str
    tried: tuple[Trial, ...]


def choose(root: str | os.PathLike[str], wanted: str = "auto") -> Choice:
    """The best runtime that works; ``wanted`` may name one. Raises NoRuntime.

    Forks, so it must be called before there are threads. ``root`` is the engine's folder, which
    may not exist yet.
    """
    if wanted not in ("auto", "namespaces", "proot"):
        raise NoRuntime(f"there is no runtime {wanted!r}", "Use auto, namespaces or proot.")
    tried: list[Trial] = []
    for name in _order(wanted):
        tried.append(attempt(name, root))
        if tried[-1].ok:
            return Choice(name, _why(name, wanted, tried), tuple(tried))
    reasons = "\n".join(f"{trial.name}: {trial.reason}" for trial in tried)
    hint = "" if wanted == "auto" else "Use --runtime auto to take what works here."
    raise NoRuntime(f"containers cannot run here.\n{reasons}", hint)


def untried(wanted: str) -> Choice | None:
    """The runtime that was asked for, taken on trust; None if none was named."""
    for name in _WHY:
        if name == wanted:
            return Choice(name, f"{name} was asked for", ())
    return None


def attempt_all(root: str | os.PathLike[str]) -> tuple[Trial, ...]:
    """Try every runtime, for a report."""
    return tuple(attempt(name, root) for name in _order("auto"))


def attempt(name: Name, root: str | os.PathLike[str]) -> Trial:
    """Try one runtime for real, in a process of its own."""
    if name == "namespaces":
        return Trial(name, *home.probe(Path(os.path.abspath(root))))
    reason = _try_proot(root)
    return Trial(name, not reason, reason)


def _order(wanted: str) -> tuple[Name, ...]:
    if wanted == "proot":
        return ("proot",)
    return ("namespaces",) if wanted == "namespaces" else ("namespaces", "proot")


def _why(name: Name, wanted: str, tried: list[Trial]) -> str:
    if wanted != "auto":
        return f"{name} was asked for, and works"
    failed = "".join(
        f"{trial.name} failed ({trial.reason.splitlines()[0].rstrip('.')}); "
        for trial in tried
        if not trial.ok
    )
    return failed + _WHY[name]


def _try_proot(root: str | os.PathLike[str]) -> str:
    """Run a tiny program in a container of its own; empty if it went well, else why not.

    Where the containers are going to be: a machine may well refuse to run what is in /tmp.
    """
    if not seccomp.supported():
        return f"PRoot mode is made for x86-64, this machine is {os.uname().machine}."
    if tools.find_proot() is None:
        return tools.why_no_proot()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _be_shim(writer, root if os.path.isdir(root) else None)
    os.close(writer)
    with open(reader, "rb") as file:
        ready = select.select([file], [], [], _PATIENCE)[0]
        answer = file.read().decode() if ready else "PRoot did not answer in time."
    if not ready:
        os.kill(child, 9)
    os.waitpid(child, 0)
    return "" if answer == "ok" else answer or "the attempt died"


def _be_shim(writer: int, place: str | os.PathLike[str] | None) -> NoReturn:
    folder = tempfile.mkdtemp(prefix="dockerlab-probe-", dir=place)
    try:
        code = _run_tiny(folder)
        answer = "ok" if code == _CODE else f"a program ended with {code} instead of {_CODE}"
    except (StartError, OSError) as error:
        answer = _explain(error)
    except BaseException as error:
        answer = repr(error)
    shutil.rmtree(folder, ignore_errors=True)
    os.write(writer, answer.encode())
    os._exit(0)


def _run_tiny(folder: str) -> int:
    kernel.become_subreaper()
    os.makedirs(f"{folder}/root")
    with open(f"{folder}/root/tiny", "wb") as file:
        os.fchmod(file.fileno(), 0o755)
        file.write(_tiny_program())
    process = ProcessSpec(("/tiny",), user="0:0")
    spec = ContainerSpec("probe", folder, process, Rootfs(f"{folder}/root"), network=Network())
    container = proot.Proot(spec, proot.settings(folder))
    null = os.open("/dev/null", os.O_RDWR)
    pid = container.start(spec, Stdio(null, null, null))
    deadline = time.monotonic() + _PATIENCE / 2
    ready = container.descriptors()
    while True:
        for descriptor in select.select(list(ready), [], [], 0.01)[0]:
            ready[descriptor]()
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended or time.monotonic() > deadline:
            break
    code = container.exit_code(pid, status)
    container.close()
    return code


def _explain(error: StartError | OSError) -> str:
    text = error.message if isinstance(error, StartError) else str(error)
    if "seccomp" in text:
        return f"seccomp user notification is not allowed here ({text})"
    return f"PRoot could not run a program: {text}"


_CODE = 42


def _tiny_program() -> bytes:
    """The smallest ELF program that asks for the host's name and ends with _CODE.

    Both calls go to the supervisor, so a right answer proves all of it: ptrace, the filter, the
    notifier and the memory of another process.
    """
    base, entry = 0x400000, 64 + 56
    machine_code = bytes.fromhex(
        "4881ec00040000"  # sub rsp, 1024
        "4889e7"  # mov rdi, rsp
        "b83f0000000f05"  # uname(rdi)
        "85c07505"  # if it failed, skip the next
        f"bf{_CODE:02x}000000"  # mov edi, _CODE
        "b8e70000000f05"  # exit_group(edi)
    )
    size = entry + len(machine_code)
    head = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01",
        *(2, 62, 1, base + entry, 64, 0, 0, 64, 56, 1, 64, 0, 0),
    )
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 4096)
    return head + segment + machine_code
