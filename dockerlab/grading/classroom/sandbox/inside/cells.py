"""Runs the cells that come over a channel, in IPython, in the student's process.

What it says of itself is the student's word: a submission can have it say anything. So nothing
that counts depends on it, only what is shown as the cell's output and error.
"""

from __future__ import annotations

import builtins
import gc
import getpass
import json
import os
import signal
import socket
import sys
import tempfile
from typing import Any, NoReturn

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from traitlets.config import Config

from dockerlab.grading.classroom.sandbox.inside import places

_LONGEST_ERROR = 20_000
_BEGINNING = (
    "from dockerlab.grading import answer, check, hint, quiz, solution, start",
    "import dockerlab, docker, netrc; dockerlab.connect, dockerlab.show",
    "docker.DockerClient(base_url='unix:///nowhere', version='1.41').close()",
    "%load_ext dockerlab",
    "from dockerlab.formats.command import lines, parse, words; parse(words(lines('run x')[0]))",
    "from dockerlab.client.explain import hint_for; hint_for('')",
    "1 / 0",
)
"""What nearly every submission begins with and does, as far as that takes no engine, and a
traceback."""
_NO_INPUT = "input() cannot be used here: nobody is there to answer while a notebook is graded."


class Shell(InteractiveShell):
    """Keeps the traceback of a cell instead of printing it, as a notebook's kernel does."""

    said = ""

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.said = "\n".join(stb)

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no window to show anything in."""


def warm_up() -> None:
    """Make the shell and use it once, with all that a submission's first cells load."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    config.InteractiveShell.cache_size = 0
    with tempfile.TemporaryDirectory() as folder:
        make_profile: Any = ProfileDir.create_profile_dir
        profile = make_profile(folder, config=config)
        shell = _shell(config=config, ipython_dir=folder, profile_dir=profile)
    for source in _BEGINNING:
        shell.run_cell(source, silent=True)
    shell.extension_manager.loaded.clear()  # a submission loads it for itself
    shell.reset(new_session=True)
    shell.said = ""
    gc.freeze()  # else the first collection in a box would write to, and so copy, every page


def serve(channel: socket.socket) -> None:
    """Run cell after cell until the channel ends; in the student's process."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(places.WORK)
    _open_streams()
    builtins.input = _refuse_input
    getpass.getpass = _refuse_input
    shell = _shell()
    with channel.makefile("rb") as requests:
        while line := _next(requests):
            error = _run(shell, json.loads(line)["source"])
            answer = {"done": True, "error": error[-_LONGEST_ERROR:]}
            channel.sendall(json.dumps(answer).encode() + b"\n")


def _shell(**options: Any) -> Any:
    """The one shell; untyped, as most of IPython is."""
    return Shell.instance(**options)


def _next(requests: Any) -> bytes:
    while True:
        try:
            return bytes(requests.readline())
        except KeyboardInterrupt:  # the cell ended just before it was interrupted
            continue


def _run(shell: Any, source: str) -> str:
    shell.said = ""
    try:
        shell.run_cell(source, store_history=True)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except BaseException as error:  # of the student's own making, in IPython's hooks or streams
        return f"{type(error).__name__}: {error}"
    return str(shell.said)


def _open_streams() -> None:
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = open(  # noqa: SIM115  # as long as the process
            descriptor, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _refuse_input(prompt: object = "", *_: object, **__: object) -> NoReturn:
    raise EOFError(_NO_INPUT)
