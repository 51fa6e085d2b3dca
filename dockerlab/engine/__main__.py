"""``python -m dockerlab.engine``: the embedded engine as a process.

Order matters: the runtime is tried and namespaces are entered in a process with one thread and
little memory, before asyncio and aiohttp are imported.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from dockerlab.engine.run import choose, home
from dockerlab.errors import DockerlabError

_LEVELS = ("debug", "info", "warning", "error")


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM; the exit code."""
    options = _parse(arguments)
    if options.probe:
        return _probe(options)
    root = Path(os.path.abspath(options.root))
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _lock(root)
        choice = choose.choose(root, options.runtime)
        place = home.enter(root) if choice.name == "namespaces" else home.outside(root)
    except DockerlabError as error:
        print(f"dockerlab engine: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"dockerlab engine: {root}: {error.strerror}", file=sys.stderr)
        return 1
    _log_to(root / "engine.log", options.log_level)
    # Heavy, and only now: see above.
    with _without_certificates():
        from dockerlab.engine.serve import serve

    socket = Path(os.path.abspath(options.socket)) if options.socket else root / "docker.sock"
    try:
        return serve(root, choice, place, socket)
    finally:
        os.close(lock)


@contextlib.contextmanager
def _without_certificates() -> Iterator[None]:
    """For the import of aiohttp, which loads the system's certificates: 2 MB for good.

    They are for a context that the engine never uses; each pull makes its own
    (``registry/access.py``).
    """
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    before = {name: os.environ[name] for name in names if name in os.environ}
    os.environ.update(dict.fromkeys(names, os.devnull))
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]
        os.environ.update(before)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dockerlab.engine", description=__doc__)
    parser.add_argument("--root", metavar="DIR", help="the engine's folder")
    parser.add_argument("--probe", action="store_true", help="say what works here, as JSON")
    parser.add_argument("--runtime", default="auto", choices=("auto", "namespaces", "proot"))
    parser.add_argument("--socket", metavar="PATH", help="default: DIR/docker.sock")
    parser.add_argument("--log-level", default="info", choices=_LEVELS)
    options = parser.parse_args(arguments)
    if not options.root and not options.probe:
        parser.error("--root is needed")
    return options


def _probe(options: argparse.Namespace) -> int:
    """Try every runtime for real and print what works, and what the chosen one cannot do."""
    with tempfile.TemporaryDirectory(prefix="dockerlab-") as folder:
        # Not every file system can hold layers: try where the engine is to live, if that exists.
        root = _existing(Path(os.path.abspath(options.root))) if options.root else Path(folder)
        tried = choose.attempt_all(root)
        try:
            choice: choose.Choice | None = choose.choose(root, options.runtime)
        except DockerlabError:
            choice = None
    report = {
        "runtime": choice.name if choice else "",
        "why": choice.why if choice else "",
        "tried": [asdict(trial) for trial in tried],
        "cannot": _limitations(choice.name) if choice else [],
    }
    print(json.dumps(report))
    return 0


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.is_dir())


def _limitations(runtime: str) -> list[str]:
    # Heavy (asyncio), and not wanted before the trials, which fork.
    from dockerlab.engine.run.prootruntime import ProotRuntime
    from dockerlab.engine.run.runtimes import NamespacesRuntime

    kind = ProotRuntime if runtime == "proot" else NamespacesRuntime
    return list(kind("/").limitations)


def _lock(root: Path) -> int:
    """Make sure that no other engine uses this folder; the lock goes with the process."""
    descriptor = os.open(root / "engine.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise DockerlabError(
            f"another engine already uses {root}",
            "Use that one, stop it (dockerlab engine stop), or give another --root.",
        ) from None
    return descriptor


def _log_to(path: Path, level: str) -> None:
    logging.basicConfig(
        filename=path,
        level=level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )


if __name__ == "__main__":
    sys.exit(main())
