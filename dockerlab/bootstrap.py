"""Set everything up, from nothing but Python: virtual environment, packages, engine tools.

Run by ``make`` with the system's own Python before any package is there, so it imports nothing
but the standard library. Every step is remembered in a stamp; a second run sets up nothing.

Without internet ``dockerlab.course.offline.setup`` does the same out of a bundle.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dockerlab.errors import DockerlabError

HERE = Path(__file__).resolve().parent.parent
VENV = HERE / ".venv"
TOOLS = VENV / "share" / "dockerlab" / "tools"
OLDEST = (3, 11)
TAIL = 25
"""Lines of a failed command's output that are shown."""


class SetupError(DockerlabError):
    """A missing system piece: one plain sentence and the command that brings it."""


def say(text: str) -> None:
    """A line for the person who waits."""
    print(text, flush=True)


def run(title: str, command: Sequence[str], **options: object) -> None:
    """Run a command; while it takes longer than two seconds, show what it is doing."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        **options,  # type: ignore[call-overload]
    )
    lines: list[str] = []
    done = threading.Event()
    ticker = threading.Thread(target=_tick, args=(title, lines, started, done), daemon=True)
    ticker.start()
    with process:
        for line in process.stdout:
            lines.append(line.rstrip())
    code = process.wait()
    done.set()
    ticker.join()
    if code:
        tail = "\n".join("    " + line for line in lines[-TAIL:])
        raise SetupError(f"{title} failed (exit code {code}). The last lines were:\n{tail}")
    say(f"  ✓ {title} ({time.monotonic() - started:.0f} s)")


def _tick(title: str, lines: list[str], started: float, done: threading.Event) -> None:
    terminal = sys.stdout.isatty()
    while not done.wait(2 if terminal else 10):
        last = lines[-1].strip()[:60] if lines else ""
        text = f"  … {title} ({time.monotonic() - started:.0f} s) {last}"
        if terminal:
            print(f"\r\033[K{text}", end="", flush=True)
        else:
            say(text)
    if terminal:
        print("\r\033[K", end="", flush=True)


def interpreter() -> str:
    """The Python to build on.

    The system's own comes first: a Python in somebody's home cannot be run by another user,
    and the grader and the tests start engines as other users.
    """
    name, problems = usable("sys, venv, ensurepip, ssl")
    if name:
        return name
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    raise SetupError(
        f"No usable Python was found ({problems})."
        f"\n  On Debian or Ubuntu:  sudo apt-get install python3-venv python{version}-venv"
    )


def usable(modules: str, versions: Sequence[str] = ()) -> tuple[str, str]:
    """The first Python that has these modules, else what is wrong with each.

    With ``versions`` it is one of those (``3.11``).
    """
    asked = os.environ.get("PYTHON", "")
    problems = []
    for name in filter(None, (asked, "/usr/bin/python3", sys.executable)):
        problem = _problem_of(name, modules, versions)
        if not problem:
            return name, ""
        problems.append(f"{name}: {problem}")
    return "", "; ".join(problems)


def _problem_of(python: str, modules: str, versions: Sequence[str]) -> str:
    check = f"import {modules}; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", check], capture_output=True, text=True, timeout=30)
    except OSError as error:
        return error.strerror or "cannot be run"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["does not run"])[-1]
    found = tuple(int(part) for part in done.stdout.split())
    if found < OLDEST:
        return f"is {found[0]}.{found[1]}, 3.11 or newer is needed"
    other = versions and "{}.{}".format(*found) not in versions
    return f"is {found[0]}.{found[1]}" if other else ""


def packages(extra: str) -> None:
    """The virtual environment with the package and what it needs, in tested versions."""
    if installed(extra):
        return
    python = VENV / "bin" / "python"
    if not runs(python):
        shutil.rmtree(VENV, ignore_errors=True)
        run("Making a virtual environment in .venv", [interpreter(), "-m", "venv", str(VENV)])
    install("Installing Python packages (a minute or two the first time)", extra)


def installed(extra: str) -> bool:
    """Whether these packages are there, in today's versions."""
    # The developers' packages include the learners'.
    return any(_read(_stamp(name)) == _fingerprint(name) for name in {extra, "dev"})


def install(title: str, extra: str, *words: str, **options: object) -> None:
    """Have pip install the package and what it needs; ``words`` are more options of pip's."""
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    constraints = ["--constraint", str(HERE / "constraints.txt")]
    run(title, [*pip, *words, *constraints, "--editable", f"{HERE}[{extra}]"], **options)
    _stamp(extra).write_text(_fingerprint(extra))


def _stamp(extra: str) -> Path:
    return VENV / f".installed-{extra}"


def _fingerprint(extra: str) -> str:
    parts = [extra.encode(), str(HERE).encode()]
    parts += [(HERE / name).read_bytes() for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def runs(python: Path, code: str = "") -> bool:
    """Whether this Python is there and runs this."""
    try:
        return subprocess.run([python, "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def tools() -> None:
    """The engine's helpers that the machine lacks, out of Debian's packages, without root.

    PRoot runs containers where nothing else is allowed; slirp4netns brings those in namespaces to
    the internet.
    """
    missing = missing_tools()
    if not missing:
        return
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        if "proot" in missing:
            say("  ! PRoot is not installed and apt-get is not here: without user namespaces and")
            say("    without Docker no container can run. Install the package 'proot' if it")
            say("    comes up.")
        return
    TOOLS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="dockerlab-setup-") as name:
        apt = ["apt-get", *private_apt(Path(name) / "apt")]
        for tool in missing:
            try:
                if tool == missing[0]:
                    run("Reading the list of system packages", [*apt, "update"])
                _unpack(tool, apt, Path(name))
            except SetupError as error:
                say(f"  ! {tool} could not be fetched, going on without it.\n{error}")
    (TOOLS / "slirp4netns.tried").touch()


def missing_tools() -> list[str]:
    """The engine's helpers that are neither on the system nor unpacked."""
    return [name for name in ("proot", "slirp4netns") if not _is_there(name)]


def _is_there(tool: str) -> bool:
    """What could be had once, or could not: it is no reason to wait for apt each time."""
    found = shutil.which(tool) or (TOOLS / "usr" / "bin" / tool).exists()
    return bool(found) or (TOOLS / f"{tool}.tried").exists()


def _unpack(tool: str, apt: Sequence[str], folder: Path) -> None:
    """Fetch a package, with the libraries that the system lacks, and unpack it to TOOLS."""
    if tool == "proot":
        run("Fetching PRoot", [*apt, "download", "proot", "libtalloc2"], cwd=folder)
        debs = folder
    else:
        words = ["install", "--yes", "--download-only", "--no-install-recommends", tool]
        run(f"Fetching {tool}", [*apt, *words], cwd=folder)
        debs = folder / "apt" / "cache" / "archives"
    unpack_all(sorted(debs.glob("*.deb")))


def unpack_all(debs: Sequence[Path]) -> None:
    """Unpack Debian packages to TOOLS."""
    for deb in debs:
        title = f"Unpacking {deb.name.split('_')[0]}"
        run(title, ["dpkg-deb", "-x", str(deb), str(TOOLS)])


def private_apt(folder: Path) -> list[str]:
    """Options that let apt-get read the system's sources without touching the system."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return [
        *("-o", f"Dir::State={folder}/state", "-o", f"Dir::Cache={folder}/cache"),
        *("-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "Debug::NoLocking=true"),
        *("-o", "APT::Sandbox::User=", "-o", "Acquire::Languages=none"),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """``python3 -m dockerlab.bootstrap [course|dev]``; returns the exit code."""
    extra = (list(arguments if arguments is not None else sys.argv[1:]) or ["course"])[0]
    return attempt(set_up, extra)


def set_up(extra: str) -> None:
    """Everything, out of the internet."""
    packages(extra)
    tools()


def attempt(task: Callable[..., None], *arguments: object) -> int:
    """Do it; what goes wrong becomes a sentence. Returns the exit code."""
    try:
        task(*arguments)
    except DockerlabError as error:
        print(f"dockerlab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndockerlab: interrupted; run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
