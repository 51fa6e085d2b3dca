"""``docker top``: a process table read from /proc, so that no ``ps`` is needed anywhere."""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dockerlab.engine.errors import ServerError

Table = dict[str, list[str] | list[list[str]]]

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Row:
    """What /proc says about one process."""

    pid: int
    ppid: int
    uid: int
    comm: str
    state: str
    command: str
    tty: str
    cpu_seconds: float
    started: float
    """Unix time."""
    cpu_percent: float
    memory: int
    virtual: int
    """Bytes."""
    pgid: int
    sid: int
    nice: int
    threads: int

    @property
    def user(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _short_clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _begun(row: Row) -> str:
    recent = time.time() - row.started < 86400
    return time.strftime("%H:%M" if recent else "%b%d", time.localtime(row.started))


def _percent_memory(row: Row) -> str:
    total = os.sysconf("SC_PHYS_PAGES") * _PAGE
    return f"{100 * row.memory / total:.1f}"


# Name as after ``-o``: heading and how to show it.
_COLUMNS: dict[str, tuple[str, Callable[[Row], str]]] = {
    "pid": ("PID", lambda row: str(row.pid)),
    "ppid": ("PPID", lambda row: str(row.ppid)),
    "pgid": ("PGID", lambda row: str(row.pgid)),
    "sid": ("SID", lambda row: str(row.sid)),
    "user": ("USER", lambda row: row.user),
    "uid": ("UID", lambda row: str(row.uid)),
    "comm": ("COMMAND", lambda row: row.comm),
    "args": ("COMMAND", lambda row: row.command),
    "stat": ("STAT", lambda row: row.state),
    "tty": ("TT", lambda row: row.tty),
    "time": ("TIME", lambda row: _clock(row.cpu_seconds)),
    "bsdtime": ("TIME", lambda row: _short_clock(row.cpu_seconds)),
    "etime": ("ELAPSED", lambda row: _elapsed(time.time() - row.started)),
    "stime": ("STIME", _begun),
    "start": ("STARTED", _begun),
    "pcpu": ("%CPU", lambda row: f"{row.cpu_percent:.1f}"),
    "pmem": ("%MEM", _percent_memory),
    "c": ("C", lambda row: str(int(row.cpu_percent))),
    "rss": ("RSS", lambda row: str(row.memory >> 10)),
    "vsz": ("VSZ", lambda row: str(row.virtual >> 10)),
    "nice": ("NI", lambda row: str(row.nice)),
    "nlwp": ("NLWP", lambda row: str(row.threads)),
}
_ALIASES = {
    "cmd": "args", "command": "args", "euser": "user", "ruser": "user", "ucmd": "comm",
    "state": "stat", "s": "stat", "tname": "tty", "tt": "tty", "cputime": "time", "%cpu": "pcpu",
    "%mem": "pmem", "rssize": "rss", "vsize": "vsz", "ni": "nice", "euid": "uid", "pgrp": "pgid",
    "sess": "sid", "start_time": "stime", "thcount": "nlwp", "ucomm": "comm", "fname": "comm",
}  # fmt: skip
_FULL = (
    ("UID", "user"), ("PID", "pid"), ("PPID", "ppid"), ("C", "c"), ("STIME", "stime"),
    ("TTY", "tty"), ("TIME", "time"), ("CMD", "args"),
)  # fmt: skip
_AUX = (
    ("USER", "user"), ("PID", "pid"), ("%CPU", "pcpu"), ("%MEM", "pmem"), ("VSZ", "vsz"),
    ("RSS", "rss"), ("TTY", "tty"), ("STAT", "stat"), ("START", "start"), ("TIME", "bsdtime"),
    ("COMMAND", "args"),
)  # fmt: skip
_SHORT = (("PID", "pid"), ("TTY", "tty"), ("TIME", "time"), ("CMD", "comm"))


def table(pids: Iterable[int], arguments: str = "-ef") -> Table:
    """The answer of ``/top``: Titles and Processes. Raises ServerError for unknown columns."""
    columns = _columns(arguments)
    if "PID" not in (title for title, _ in columns):
        raise ServerError("Couldn't find PID field in ps output")
    rows = [row for row in map(read, pids) if row is not None]
    return {
        "Titles": [title for title, _ in columns],
        "Processes": [[show(row) for _, show in columns] for row in rows],
    }


def _columns(arguments: str) -> list[tuple[str, Callable[[Row], str]]]:
    words = arguments.split()
    wanted = _after_o(words)
    if wanted:
        return [_column(name) for name in wanted]
    flags = "".join(word.lstrip("-") for word in words)
    layout = _FULL if "f" in flags else _AUX if "u" in flags else _SHORT
    if not set(flags) <= set("aAefuxwlHjT"):
        raise ServerError("ps: error: unsupported option (supported: -ef, aux, -o columns)")
    return [(title, _COLUMNS[name][1]) for title, name in layout]


def _after_o(words: list[str]) -> list[str]:
    names: list[str] = []
    for index, word in enumerate(words):
        if word in ("-o", "o", "-eo", "-O", "--format", "-Ao"):
            names += ",".join(words[index + 1 : index + 2]).split(",")
        elif word.startswith(("-o", "--format=")):
            names += word.removeprefix("--format=").removeprefix("-o").split(",")
    return [name for name in names if name]


def _column(text: str) -> tuple[str, Callable[[Row], str]]:
    name, equals, title = text.partition("=")
    name = _ALIASES.get(name.lower(), name.lower())
    if name not in _COLUMNS:
        raise ServerError(f'ps: error: unknown user-defined format specifier "{text}"')
    heading, show = _COLUMNS[name]
    shown = text.partition("=")[0].upper() if name in ("args", "tty") else heading
    return (title if equals else {"ARGS": "COMMAND", "TTY": "TT"}.get(shown, shown)), show


def read(pid: int) -> Row | None:
    """One process; None when it has ended meanwhile."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            text = file.read()
        with open(f"/proc/{pid}/cmdline", "rb") as binary:
            words = binary.read(64 << 10).replace(b"\0", b" ").decode(errors="replace").strip()
        uid = os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return None
    comm = text[text.index("(") + 1 : text.rindex(")")]
    fields = text[text.rindex(")") + 2 :].split()
    seconds = (int(fields[11]) + int(fields[12])) / _TICKS
    started = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + int(fields[19]) / _TICKS
    return Row(
        pid=pid,
        ppid=int(fields[1]),
        uid=uid,
        comm=comm,
        state=_state(fields, pid),
        command=words or f"[{comm}]",
        tty=_terminal(int(fields[4])),
        cpu_seconds=seconds,
        started=started,
        cpu_percent=100 * seconds / max(time.time() - started, 0.01),
        memory=int(fields[21]) * _PAGE,
        virtual=int(fields[20]),
        pgid=int(fields[2]),
        sid=int(fields[3]),
        nice=int(fields[16]),
        threads=int(fields[17]),
    )


def _state(fields: list[str], pid: int) -> str:
    """The letter, with ps's marks: session leader, many threads, in the foreground."""
    leader = "s" if int(fields[3]) == pid else ""
    many = "l" if int(fields[17]) > 1 else ""
    front = "+" if int(fields[5]) == int(fields[2]) else ""
    return fields[0] + leader + many + front


def _terminal(number: int) -> str:
    if number == 0:
        return "?"
    major, minor = os.major(number), os.minor(number)
    return f"pts/{minor + (major - 136) * 256}" if 136 <= major < 144 else f"tty{minor}"


def _elapsed(seconds: float) -> str:
    whole = max(int(seconds), 0)
    days, rest = divmod(whole, 86400)
    text = f"{rest // 60 % 60:02d}:{rest % 60:02d}"
    if days or rest >= 3600:
        text = f"{rest // 3600:02d}:{text}"
    return f"{days}-{text}" if days else text
