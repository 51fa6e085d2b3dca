"""``dockerlab engine`` and ``dockerlab env``."""

from __future__ import annotations

import argparse
import shlex

from dockerlab.cli import purging
from dockerlab.client.connect import connect
from dockerlab.client.engine_process import EngineProcess

NEGOTIATED = "1.44"
"""The oldest API that the first Docker 29 command lines use without being told to."""


def start(options: argparse.Namespace) -> int:
    """Start an engine of its own folder beside whatever else runs."""
    engine = EngineProcess(options.root)
    before = engine.status().running
    status = engine.start(options.runtime)
    facts = dict(status.info)
    runtime = f", runtime {facts['runtime']}" if "runtime" in facts else ""
    said = "runs already" if before else "is ready"
    print(f"The embedded engine {said} (process {status.pid}{runtime}, folder {engine.root}).")
    print('Point the docker command line at it with the line below, or: eval "$(dockerlab env)"')
    print(f"DOCKER_HOST={shlex.quote(engine.url)}")
    return 0


def stop(options: argparse.Namespace) -> int:
    """Stop it in order; nothing of it stays but its folder, and with --purge not even that."""
    engine = EngineProcess(options.root)
    if options.purge:
        return purging.run(engine, force=options.force)
    if engine.stop():
        print(
            f"The engine of {engine.root} has ended; its images and stopped containers stay there."
        )
    else:
        print(f"No engine runs at {engine.root}.")
    return 0


def status(options: argparse.Namespace) -> int:
    """Exit code 0 if it runs, 3 if not (as ``systemctl status`` does)."""
    engine = EngineProcess(options.root)
    found = engine.status()
    if found.running:
        facts = dict(found.info)
        shown = "".join(f", {name} {facts[name]}" for name in ("runtime", "api") if name in facts)
        print(f"running: process {found.pid}{shown}")
        print(f"DOCKER_HOST={shlex.quote(engine.url)}")
        return 0
    print(f"not running: {engine.socket} {found.reason}")
    return 3


def logs(options: argparse.Namespace) -> int:
    """The end of its log."""
    engine = EngineProcess(options.root)
    lines = engine.log_lines(options.lines)
    print("\n".join(lines) if lines else f"{engine.log} is empty or not there.")
    return 0


def env(options: argparse.Namespace) -> int:
    """Exports that point the real docker command line at the engine."""
    if options.unset:
        print("unset DOCKER_HOST DOCKER_BUILDKIT DOCKER_API_VERSION")
        return 0
    lab = connect(quiet=True)
    print(f"# {lab.why}")
    print(f"export DOCKER_HOST={shlex.quote(lab.url)}")
    # The embedded engine has the classic builder only; with the other the docker command line
    # would try to start a builder container.
    print("export DOCKER_BUILDKIT=0")
    spoken = str(lab.docker.version()["ApiVersion"])
    if _older(spoken, NEGOTIATED):
        print(f"export DOCKER_API_VERSION={spoken}")
    return 0


def _older(one: str, other: str) -> bool:
    return [int(part) for part in one.split(".")] < [int(part) for part in other.split(".")]
