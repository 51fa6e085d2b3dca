"""What the engine can be told when it is started."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from dockerlab.engine.settings import Settings

_LEVELS = ("debug", "info", "warning", "error")


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options; those of the process itself by default. SystemExit with a usage message."""
    parser = argparse.ArgumentParser(
        prog="python -m dockerlab.engine", description="Docker's engine, embedded: a process."
    )
    parser.add_argument("--root", metavar="DIR", help="the engine's folder")
    parser.add_argument("--probe", action="store_true", help="say what works here, as JSON")
    parser.add_argument(
        "--purge", action="store_true", help="end and remove all that an engine left at --root"
    )
    parser.add_argument("--runtime", default="auto", choices=("auto", "namespaces", "proot"))
    parser.add_argument("--socket", metavar="PATH", help="default: DIR/docker.sock")
    parser.add_argument("--log-level", default="info", choices=_LEVELS)
    _add_walls(parser.add_argument_group("for an engine in which somebody else's work runs"))
    options = parser.parse_args(arguments)
    if not options.root and not options.probe:
        parser.error("--root is needed")
    return options


def _add_walls(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--images",
        metavar="DIR",
        help="the folder of another engine (its --root): its images are here as well, read where "
        "they are and never changed; nobody may remove any of them there meanwhile",
    )
    group.add_argument(
        "--binds",
        metavar="DIR",
        action="append",
        help="refuse bind mounts but from below this folder; may be repeated ('': refuse all)",
    )
    group.add_argument(
        "--no-uplink",
        action="store_true",
        help="nothing leaves this machine: containers reach each other only, and nothing is "
        "fetched but from this machine's own loopback addresses",
    )
    group.add_argument(
        "--containers",
        metavar="N",
        type=int,
        default=0,
        help="refuse to have more containers than this at a time",
    )


def settings(options: argparse.Namespace) -> Settings:
    """What the options say of the engine as a whole."""
    binds = options.binds
    return Settings(
        images=Path(os.path.abspath(options.images)) if options.images else None,
        binds=None if binds is None else tuple(os.path.abspath(path) for path in binds if path),
        uplink=not options.no_uplink,
        containers=options.containers,
    )
