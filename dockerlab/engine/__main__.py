"""``python -m dockerlab.engine``: the embedded engine as a process."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from dockerlab.engine import commandline, starting
from dockerlab.engine.run import choose
from dockerlab.engine.settings import identity
from dockerlab.errors import DockerlabError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM; the exit code."""
    options = commandline.parse(arguments)
    if options.probe:
        return _probe(options)
    try:
        if options.purge:
            return _purge(Path(os.path.abspath(options.root)))
        starting.start(options)
    except DockerlabError as error:
        print(f"dockerlab engine: {error}", file=sys.stderr)
        return 1
    return 0


def _purge(root: Path) -> int:
    """End and remove all that is left; what there was, as JSON."""
    # Not loaded by an engine that runs.
    from dockerlab.engine.purge import purge

    print(json.dumps({"id": identity(root), "gone": purge(root)}))
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
