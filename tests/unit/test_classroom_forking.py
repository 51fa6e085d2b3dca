"""Forks that hands are made by, from a process that has one thread."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
_BEGINNING = """
import os, subprocess, sys, time
from dockerlab.grading.classroom.fleet import forking
from dockerlab.grading.classroom.fleet.forking import Forked
"""


def run(script: str) -> str:
    source = _BEGINNING + textwrap.dedent(script)
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=HERE,
        stdin=subprocess.PIPE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_has_what_it_was_given_and_nothing_else() -> None:
    said = run(
        """
        kept, other = os.open("/dev/zero", 0), os.open("/dev/zero", 0)
        print("once")

        def child():
            folder = "/proc/self/fd"
            links = ((int(name), f"{folder}/{name}") for name in os.listdir(folder))
            there = {number: os.readlink(link) for number, link in links if os.path.exists(link)}
            print(sorted(there)[:4] == [0, 1, 2, kept], other in there, there[0])
            print(os.getsid(0) == os.getpid(), flush=True)
            return 7

        fork = Forked(child, [kept])
        print(fork.wait(), fork.wait())
        """
    )
    assert said.split("\n") == ["once", "True False /dev/null", "True", "7 7", ""]


def test_how_it_ends_is_known() -> None:
    said = run(
        """
        sleeping = Forked(lambda: time.sleep(60) or 0, [])
        try:
            sleeping.wait(0.1)
        except subprocess.TimeoutExpired:
            print("goes on")
        sleeping.kill()
        print(sleeping.wait(60), Forked(lambda: sys.exit(143), []).wait(60))
        print(Forked(lambda: 1 // 0, []).wait(60))
        """
    )
    assert said.split() == ["goes", "on", "-9", "143", "1"]


def test_a_process_with_threads_is_not_forked() -> None:
    said = run(
        """
        import threading
        print(forking.possible())
        event = threading.Event()
        threading.Thread(target=event.wait, daemon=True).start()
        print(forking.possible())
        """
    )
    assert said.split() == ["True", "False"]
