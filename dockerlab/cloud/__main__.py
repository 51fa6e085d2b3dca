"""``python -m dockerlab.cloud``: the cloud as a process, until SIGTERM."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from dockerlab.client.connect import connect
from dockerlab.client.lab import Lab
from dockerlab.cloud.api.accounts import Account, new_keys
from dockerlab.cloud.api.actions.call import Cloud
from dockerlab.cloud.api.control import Control
from dockerlab.cloud.api.front import Front
from dockerlab.cloud.api.server import PORT, Server
from dockerlab.cloud.beanstalk.service import Beanstalk
from dockerlab.errors import DockerlabError
from dockerlab.formats.cloudprocess import FILE, Running

log = logging.getLogger("dockerlab.cloud")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the cloud; the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    os.umask(0o077)
    ended = threading.Event()
    if options.clear:
        ended.set()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    try:
        _run(options, ended)
    except DockerlabError as error:
        print(f"dockerlab cloud: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dockerlab.cloud", description="A cloud on this machine: a process."
    )
    parser.add_argument("--root", metavar="DIR", type=Path, required=True, help="its folder")
    parser.add_argument("--engine", metavar="URL", required=True, help="where it deploys to")
    parser.add_argument("--port", type=int, default=PORT, help=f"first port to try ({PORT})")
    parser.add_argument("--region", default="us-east-1", help="what it calls itself (us-east-1)")
    parser.add_argument(
        "--clear", action="store_true", help="only remove what one that was killed left behind"
    )
    return parser


def _run(options: argparse.Namespace, ended: threading.Event) -> None:
    """From an empty folder to none."""
    root: Path = options.root.absolute()
    _prepare(root)
    lab = connect(options.engine, quiet=True)
    keys = new_keys()
    account = Account(keys)
    server = Server(options.port)
    beanstalk = Beanstalk(lab, root / "beanstalk", account.open)
    try:
        cloud = Cloud(beanstalk, account, options.region)
        server.start(Front(cloud, Control(beanstalk, keys.secret), root / "files"))
        facts = (server.endpoint, options.engine, options.region, keys.id, keys.secret)
        _tell(root, Running(os.getpid(), *facts))
        log.info("ready at %s, deploying to %s", server.endpoint, options.engine)
        ended.wait()
        log.info("stopping")
    finally:
        server.stop()
        beanstalk.close()
    if _answers(lab):
        shutil.rmtree(root, ignore_errors=True)
    else:
        log.error("the engine does not answer: the next start, or stop, removes what is there")
    lab.close()


def _answers(lab: Lab) -> bool:
    try:
        return bool(lab.docker.ping())
    except Exception:  # docker-py's, requests' or urllib3's, as it comes
        return False


def _prepare(root: Path) -> None:
    """What others must not read: bundles, and the keys of an account."""
    files = root / "files"
    try:
        files.mkdir(parents=True, exist_ok=True, mode=0o700)
        root.chmod(0o700)
    except OSError as error:
        raise DockerlabError(
            f"the cloud's folder cannot be made: {error}", "set XDG_DATA_HOME to a folder of yours"
        ) from error
    tempfile.tempdir = str(files)  # moto keeps objects in temporary files


def _tell(root: Path, running: Running) -> None:
    """Complete, or not there: whoever finds the file finds a cloud that answers."""
    draft = root / f"{FILE}.new"
    draft.write_text(running.text())
    draft.replace(root / FILE)


if __name__ == "__main__":
    sys.exit(main())
