"""``python -m dockerlab.engine``: the embedded engine as a process.

Order matters: the runtime is tried and namespaces are entered in a process with one thread and
little memory, before asyncio and aiohttp are imported.
"""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import sys
from pathlib import Path

from dockerlab.engine.run import choose, home
from dockerlab.errors import DockerlabError

_LEVELS = ("debug", "info", "warning", "error")


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM; the exit code."""
    options = _parse(arguments)
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
    from dockerlab.engine.serve import serve

    socket = Path(os.path.abspath(options.socket)) if options.socket else root / "docker.sock"
    try:
        return serve(root, choice, place, socket)
    finally:
        os.close(lock)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dockerlab.engine", description=__doc__)
    parser.add_argument("--root", required=True, metavar="DIR", help="the engine's folder")
    parser.add_argument("--runtime", default="auto", choices=("auto", "namespaces", "proot"))
    parser.add_argument("--socket", metavar="PATH", help="default: DIR/docker.sock")
    parser.add_argument("--log-level", default="info", choices=_LEVELS)
    return parser.parse_args(arguments)


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
