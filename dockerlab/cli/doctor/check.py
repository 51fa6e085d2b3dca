"""What a check says, and how one is made: alone, in a limited time, whatever it meets."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from dockerlab.errors import DockerlabError

if TYPE_CHECKING:
    from dockerlab.cli.doctor.machine import Machine

State = Literal["ok", "note", "warning", "fault"]
_SETUP = "make lab sets everything up again"
_UNKNOWN = "nobody has foreseen this: please tell of it, with this line"


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, how it is, and what to do about it (empty when nothing)."""

    key: str
    name: str
    state: State
    says: str
    remedy: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def looked(module: str, key: str, machine: Machine, seconds: float) -> Iterator[Check]:
    """What the function of this check, of the key's name, has to say; it takes a machine.

    In a thread: an engine or a disk that never answers is given up, and the report goes on.
    """
    found: queue.Queue[list[Check]] = queue.Queue()
    work = threading.Thread(target=lambda: found.put(_look(module, key, machine)), daemon=True)
    work.start()
    try:
        yield from found.get(timeout=seconds)
    except queue.Empty:
        says = f"could not be looked at: it took more than {seconds:g} seconds"
        remedy = "something in it does not answer; the lines around this one say what"
        yield Check(key, key, "warning", says, remedy)


def _look(module: str, key: str, machine: Machine) -> list[Check]:
    try:
        check: Callable[[Machine], Iterator[Check]]
        check = getattr(import_module(module), "check_" + key.replace(".", "_"))
    except ImportError as error:
        return [Check(key, key, "fault", f"cannot be looked at: {error}", _SETUP)]
    found: list[Check] = []
    try:
        found.extend(check(machine))
    except DockerlabError as error:
        says = f"could not be looked at: {error.message}"
        found.append(Check(key, key, "warning", says, error.hint or _UNKNOWN))
    except Exception as error:
        says = f"could not be looked at: {type(error).__name__}: {error}"
        found.append(Check(key, key, "warning", says, _UNKNOWN))
    return found
