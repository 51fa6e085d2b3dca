"""A class of sixty: right, wrong, and everything that can be handed in to do harm.

Each student is a row: what is handed in, and the points, the end and the notes that it must get.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroomlab import BOX, NOTE, STARTED, WROTE, Json, answered, cell_of, hand_in

from dockerlab.grading.bank import Bank
from dockerlab.views.words import Language

NOTE_POINTS, BOX_POINTS = 4.0, 3.0
ALL = NOTE_POINTS + BOX_POINTS
LIMITS = {"seconds": 25, "cell-seconds": 5, "memory": "400m"}
Change = Callable[[Json, Path], Any]
"""Does something to the notebook, and to the folder it is handed in with; what it gives, if it
gives something, is handed in instead."""


@dataclass(frozen=True)
class Student:
    """``ended``: one of these. ``notes``: what these keys say must be told."""

    name: str
    points: float
    note: str = WROTE
    box: str = STARTED
    ended: tuple[str, ...] = ("finished",)
    notes: tuple[str, ...] = ()
    change: Change | None = None
    lang: Language = "en"


def harm(name: str, points: float, code: str, *ended: str) -> Student:
    """Does it where the second answer would be; the first one is right."""
    ends = ended or ("finished",)
    notes = (
        tuple(f"ended.{end}" for end in ends) if ends != ("finished",) and len(ends) == 1 else ()
    )
    return Student(name, points, box=textwrap.dedent(code), ended=ends, notes=notes)


def rows() -> list[Student]:
    return [*_ordinary(), *_processes(), *_space(), *_engine(), *_cheats(), *_files()]


def _ordinary() -> list[Student]:
    python = "from pathlib import Path\nPath('note.txt').write_text('hello from Python')"
    client = "lab.docker.containers.create('busybox', ['sleep', '600'], name='ex1-box').start()"
    shell = "!mkdir -p sub && echo hello > sub/x && mv sub/x note.txt"
    return [
        Student("right", ALL),
        Student("right-by-python", ALL, note=python, box=client),
        Student("right-by-a-shell", ALL, note=shell),
        *(Student(f"right-{number}", ALL) for number in range(1, 4)),
        Student("right-in-korean", ALL, lang="ko"),
        Student("wrong", 1.0, note="%%file note.txt\nbye", box="%docker run busybox true"),
        Student("nothing", 0.0, note="", box=""),
        Student("half", NOTE_POINTS, box="%docker create --name ex1-box busybox sleep 600"),
        Student("hidden-one-fails", 6.0, note="%%file note.txt\nhello HELLO"),
        Student("syntax-error", NOTE_POINTS, box="%docker run -d ((("),
        Student("error-after-all", ALL, box=f"{STARTED}\n1 / 0"),
        Student("asks-a-question", NOTE_POINTS, box=f"input('name? ')\n{STARTED}"),
    ]


def _processes() -> list[Student]:
    kill = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    deaf = """
        import signal, time
        while True:
            try:
                time.sleep(9)
            except KeyboardInterrupt:
                pass
    """
    bomb = """
        import os, time
        while True:
            try:
                os.fork()
            except OSError:
                time.sleep(0.1)
    """
    daemon = f"""
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(600)
            os._exit(0)
        get_ipython().run_line_magic('docker', {STARTED.removeprefix("%docker ")!r})
    """
    return [
        harm("endless-loop", NOTE_POINTS, "while True:\n    pass"),
        harm("endless-and-deaf", NOTE_POINTS, deaf, "time"),
        harm("endless-after-all", ALL, f"{STARTED}\nwhile True: pass"),
        harm("kills-its-kernel", NOTE_POINTS, kill, "died"),
        harm("kills-after-all", ALL, f"{STARTED}\n{kill}", "died"),
        harm("raises-half-a-character", NOTE_POINTS, "raise Exception(chr(0xD800))"),
        harm("leaves-by-exit", NOTE_POINTS, "import os; os._exit(0)", "died"),
        harm("sys-exit", NOTE_POINTS, "import sys; sys.exit()"),
        harm("crashes", NOTE_POINTS, "import ctypes; ctypes.string_at(0)", "died"),
        harm("fork-bomb", NOTE_POINTS, bomb, "pids", "finished", "time", "memory"),
        harm("leaves-a-daemon", ALL, daemon),
        harm("stops-itself", NOTE_POINTS, "import os; os.kill(os.getpid(), 19)", "time"),
    ]


def _space() -> list[Student]:
    big = """
        with open('big', 'wb') as file:
            for _ in range(10_000):
                file.write(bytes(1 << 20))
    """
    many = """
        for number in range(100_000):
            open(f'f{number}', 'w').close()
    """
    return [
        harm("ten-gigabytes", NOTE_POINTS, big, "disk", "memory", "finished", "died"),
        harm("a-hundred-thousand-files", NOTE_POINTS, many, "files", "finished", "memory"),
        harm(
            "all-memory",
            NOTE_POINTS,
            "x = bytearray(4 << 30)\nx[::4096] = b'1' * (1 << 20)",
            "memory",
            "finished",
            "died",
        ),
        harm("prints-without-end", NOTE_POINTS, "while True: print('x' * 10_000)", "output"),
        harm("prints-much", ALL, f"print('x' * (2 << 20))\n{STARTED}"),
    ]


def _engine() -> list[Student]:
    again = "%docker run -d --restart always --name ex1-loop busybox false\n"
    build = """
        from pathlib import Path
        Path('Dockerfile').write_text('FROM busybox\\nRUN {}\\n')
        get_ipython().run_line_magic('docker', 'build -t big .')
    """
    layer = build.format("dd if=/dev/zero of=/big bs=1M count=5000")
    project = """
        from pathlib import Path
        services = ''.join(
            f'  s{n}: {{image: busybox, command: ["sleep", "600"]}}\\n' for n in range(100)
        )
        Path('compose.yaml').write_text('services:\\n' + services)
        get_ipython().run_line_magic('docker', 'compose up -d')
    """
    return [
        harm("restarts-for-ever", ALL, again + STARTED),
        harm("five-gigabytes-of-image", NOTE_POINTS, layer, "disk", "memory", "finished"),
        harm("builds-without-end", NOTE_POINTS, build.format("sleep 100000")),
        harm(
            "a-hundred-services",
            NOTE_POINTS,
            project,
            "finished",
            "pids",
            "memory",
            "time",
        ),
        harm("removes-the-images", ALL, f"{STARTED}\n%docker rmi -f busybox"),
        harm(
            "mounts-the-machine",
            NOTE_POINTS,
            "%docker run -v /:/host --name ex1-box busybox sleep 600",
        ),
        harm(
            "privileged",
            NOTE_POINTS,
            "%docker run --privileged --name ex1-box busybox cat /proc/1/environ",
        ),
    ]


def _cheats() -> list[Student]:
    equal = """
        class Yes:
            def __eq__(self, other): return True
            def __bool__(self): return True
        ex1_box = Yes()
    """
    patch = """
        import dockerlab.grading as grading
        from dockerlab.grading import judge, outcome
        grading.check = check = lambda *_: 3.0
        outcome.Finding.__bool__ = lambda self: True
        judge.judge = lambda *a, **k: None
        get_ipython().run_cell = print
    """
    forge = """
        import os
        for number in range(3, 64):
            for text in (b'{"exercise": "start-a-box", "points": 3}\\n', b'passed\\n'):
                try:
                    os.write(number, text)
                except OSError:
                    pass
    """
    spy = """
        import glob, os
        found = [p for p in glob.glob('/proc/[0-9]*/environ') if b'@CLASS@' in open(p, 'rb').read()]
        places = ['@CLASS@', '/home/teacher', '/proc/1/root/@CLASS@', '/root']
        if found or any(map(os.path.exists, places)) or len(glob.glob('/home/*')) > 1:
            get_ipython().run_line_magic('docker', 'run -d --name ex1-box busybox sleep 600')
    """
    outside = """
        import socket
        for place in (('1.1.1.1', 53), ('127.0.0.1', 22), ('172.17.0.1', 2375)):
            try:
                socket.create_connection(place, 0.5)
            except OSError:
                continue
            get_ipython().run_line_magic('docker', 'run -d --name ex1-box busybox sleep 600')
    """
    book = """
        import sqlite3
        for path in ('@CLASS@/gradebook.db', '../gradebook.db', '/home/gradebook.db'):
            try:
                sqlite3.connect(path).execute('create table grade (auto_score)')
            except sqlite3.Error as error:
                print(error)
        import shutil
        for path in ('@CLASS@/out/feedback', '../feedback', '/tmp'):
            shutil.rmtree(path, ignore_errors=True)
    """
    link = "import os\nos.symlink('/etc/hostname', 'note.txt')"
    return [
        harm("always-equal", NOTE_POINTS, equal),
        harm("patches-everything", NOTE_POINTS, patch),
        harm("forges-the-channel", NOTE_POINTS, forge, "finished", "died"),
        harm("spies", NOTE_POINTS, spy),
        harm("calls-outside", NOTE_POINTS, outside),
        harm("writes-the-gradebook", NOTE_POINTS, book),
        Student("links-to-a-file", BOX_POINTS, note=link),
        Student("forges-an-answer-file", 0.0, note="%%file .answers.json\n{}", box=""),
    ]


def _files() -> list[Student]:
    def strip(notebook: Json, _: Path) -> None:
        for cell in notebook["cells"]:
            cell["metadata"] = {}
            del cell["id"]

    def tamper(notebook: Json, _: Path) -> None:
        for cell in notebook["cells"]:
            cell["metadata"] = {"nbgrader": {"grade": True, "points": 1e9, "grade_id": "x" * 999}}

    def repeat(notebook: Json, _: Path) -> None:
        notebook["cells"] += [cell_of(notebook, NOTE)] * 5

    def lose_check(notebook: Json, _: Path) -> None:
        notebook["cells"].remove(cell_of(notebook, NOTE))

    def lose_start(notebook: Json, _: Path) -> None:
        for id in ("setup", f"{NOTE}-start"):
            notebook["cells"].remove(cell_of(notebook, id))

    def change_check(notebook: Json, _: Path) -> None:
        cell_of(notebook, BOX)["source"] = "3.0"

    def link_away(notebook: Json, place: Path) -> None:
        (place / NOTE).mkdir()
        (place / NOTE / "note.txt").symlink_to("/etc/hostname")

    def has_files(notebook: Json, place: Path) -> None:
        (place / NOTE).mkdir()
        (place / NOTE / "note.txt").write_text("hello by an editor")

    def encoded(encoding: str) -> Change:
        def change(notebook: Json, _: Path) -> bytes:
            text = json.dumps(notebook, ensure_ascii=False).replace("…", "...")
            return "".join(c if c < "\x80" or c >= "가" else "-" for c in text).encode(encoding)

        return change

    said = "print('안녕하세요')\n" + STARTED
    return [
        Student("metadata-stripped", ALL, change=strip),
        Student("metadata-tampered", ALL, change=tamper),
        Student("check-repeated", ALL, change=repeat, notes=("notebook.repeated",)),
        Student("check-deleted", ALL, change=lose_check, notes=("notebook.missing",)),
        Student("start-deleted", ALL, change=lose_start, notes=("notebook.restored",)),
        Student("check-changed", ALL, change=change_check, notes=("notebook.changed",)),
        Student("hands-in-a-link", BOX_POINTS, note="", change=link_away, notes=("intake.link",)),
        Student("hands-in-files", ALL, note="", change=has_files),
        Student("utf-16", ALL, box=said, change=encoded("utf-16"), notes=("notebook.encoding",)),
        Student("cp949", ALL, box=said, change=encoded("cp949"), notes=("notebook.encoding",)),
        Student(
            "empty-file", 0.0, change=lambda *_: b"", ended=("unread",), notes=("notebook.empty",)
        ),
        Student(
            "no-notebook",
            0.0,
            change=lambda *_: b"\x89PNG",
            ended=("unread",),
            notes=("notebook.none",),
        ),
        Student(
            "no-cells",
            0.0,
            change=lambda *_: b'{"cells": []}',
            ended=("unread",),
            notes=("notebook.no_cells",),
        ),
        Student(
            "deep-json",
            0.0,
            change=lambda *_: b"[" * 500_000,
            ended=("unread",),
            notes=("notebook.none",),
        ),
    ]


def make_class(folder: Path, bank: Bank, students: list[Student]) -> None:
    """As nbgrader collects it, in ``folder``/submitted. What they write can name the folder."""
    for student in students:
        notebook = answered(bank, student.note, student.box, lang=student.lang)
        place = hand_in(folder / "submitted", student.name, notebook)
        if student.change:
            instead = student.change(notebook, place)
            data = instead if isinstance(instead, bytes) else json.dumps(notebook).encode()
            (place / "chapter1.ipynb").write_bytes(data)
        elif "@CLASS@" in student.box:
            text = json.dumps(notebook).replace("@CLASS@", str(folder))
            (place / "chapter1.ipynb").write_text(text)
