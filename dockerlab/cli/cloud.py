"""``dockerlab cloud``: the cloud that deploys to the connected engine."""

from __future__ import annotations

import argparse
import shlex

from dockerlab.client.cloud.cloud import Cloud
from dockerlab.client.cloud.process import CloudProcess
from dockerlab.client.connect import connect


def start(options: argparse.Namespace) -> int:
    """Start it; its last lines are for a shell, as those of ``dockerlab env``."""
    process = _process(options)
    before = process.find()
    running = process.start(port=options.port, region=options.region)
    said = "runs already" if before else "is ready"
    print(f"# The cloud {said} (process {running.pid}), deploying to {running.engine}.")
    print(
        "# aws older than 2.13 (2) or 1.29 (1) wants --endpoint-url as well. The keys are root's."
    )
    for name, value in Cloud(process, running).variables().items():
        print(f"export {name}={shlex.quote(value)}")
    return 0


def stop(options: argparse.Namespace) -> int:
    """Stop it; nothing of it stays."""
    process = _process(options)
    if process.stop():
        print("The cloud has ended, and nothing of it is left.")
    else:
        print(f"No cloud runs for {process.engine}.")
    return 0


def status(options: argparse.Namespace) -> int:
    """Exit code 0 if it runs, 3 if not (as ``systemctl status`` does)."""
    process = _process(options)
    running = process.find()
    if running is None:
        print(f"not running: no cloud for {process.engine}")
        return 3
    print(f"running: process {running.pid}, {running.endpoint}, {running.region}")
    for one in Cloud(process, running).environments():
        print(f"{one.name}: {one.status}, {one.health}, {one.version or 'no version'} {one.url}")
    return 0


def logs(options: argparse.Namespace) -> int:
    """The end of its log."""
    process = _process(options)
    lines = process.log_lines(options.lines)
    print("\n".join(lines) if lines else f"{process.log} is empty or not there.")
    return 0


def _process(options: argparse.Namespace) -> CloudProcess:
    return CloudProcess(connect(quiet=True).url, options.root)
