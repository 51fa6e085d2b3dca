"""What happened, as plain records: the story of one ``docker run``, the life of a container.

Recorded by the client, drawn by the views; neither knows the other. Times are milliseconds
since the story began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Request:
    """One API request as it went over the socket; ``path`` without the version in front."""

    method: str
    path: str
    status: int
    at: float
    took: float


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the engine's event stream."""

    kind: str
    action: str
    subject: str
    at: float


@dataclass(frozen=True, slots=True)
class RunStory:
    """One ``docker run``, from the typed words to the exit code."""

    image: str
    command: tuple[str, ...]
    """The command that ran: the image's own, or the words that replaced it."""
    own: tuple[str, ...]
    """The image's own start command; of a replaced one, the part that was replaced."""
    typed: tuple[str, ...] | None
    """The words typed after the image's name, None: none."""
    engine: str
    requests: tuple[Request, ...]
    events: tuple[Event, ...] = ()
    cached: bool = True
    pulled: tuple[str, ...] = ()
    """Short ids of the layers that came from the registry."""
    layers: int = 0
    size: int = 0
    """Bytes of the image's files."""
    files: tuple[str, ...] = ()
    """Names at the top of the container's disk."""
    container: str = ""
    output: str = ""
    exit_code: int | None = None
    removed: bool = False
    error: str = ""
    """Docker's own words when it went wrong."""

    @property
    def replaced(self) -> bool:
        """Words were typed, so they stand in the place of the image's own command."""
        return self.typed is not None

    @property
    def total(self) -> float:
        return max((request.at + request.took for request in self.requests), default=0.0)

    def request(self, method: str, ending: str) -> Request | None:
        """The last request with this method whose path (without query) ends so."""
        found = [r for r in self.requests if r.method == method and _bare(r.path).endswith(ending)]
        return found[-1] if found else None

    def event(self, action: str) -> Event | None:
        found = [event for event in self.events if event.action == action]
        return found[-1] if found else None


def _bare(path: str) -> str:
    return path.split("?", 1)[0]


def story_from(
    image: str,
    requests: Iterable[Request],
    events: Iterable[Mapping[str, Any]],
    *,
    began_ns: int,
    progress: Iterable[Mapping[str, Any]] = (),
    inspected_image: Mapping[str, Any] | None = None,
    inspected_container: Mapping[str, Any] | None = None,
    command: Sequence[str] | None = None,
    engine: str = "",
    files: Sequence[str] = (),
    output: str = "",
    exit_code: int | None = None,
    removed: bool = False,
    error: str = "",
) -> RunStory:
    """Put together what the recorder saw; the mappings are the engine's JSON as it came."""
    requests = tuple(requests)
    about = inspected_image or {}
    whole = _words(about.get("Config"))
    own = whole if command is None else tuple((about.get("Config") or {}).get("Cmd") or ())
    refused = any(r.path.startswith("/containers/create") and r.status == 404 for r in requests)
    pulled = any(request.path.startswith("/images/create") for request in requests)
    return RunStory(
        image=image,
        command=_words((inspected_container or {}).get("Config")) or tuple(command or whole),
        own=own,
        typed=None if command is None else tuple(command),
        engine=engine,
        requests=requests,
        events=tuple(_event(event, began_ns) for event in events),
        cached=not (pulled or refused),
        pulled=_pulled(progress),
        layers=len((about.get("RootFS") or {}).get("Layers") or ()),
        size=int(about.get("Size") or 0),
        files=tuple(files),
        container=str((inspected_container or {}).get("Id", ""))[:12],
        output=output,
        exit_code=exit_code,
        removed=removed,
        error=error,
    )


def _words(config: Mapping[str, Any] | None) -> tuple[str, ...]:
    config = config or {}
    return (*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ()))


def _event(event: Mapping[str, Any], began_ns: int) -> Event:
    actor = event.get("Actor") or {}
    name = (actor.get("Attributes") or {}).get("name") or str(actor.get("ID", ""))[:12]
    at = (int(event.get("timeNano") or 0) - began_ns) / 1e6
    return Event(str(event.get("Type", "")), str(event.get("Action", "")), name, max(at, 0.0))


def _pulled(progress: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    done = ("Pull complete", "Download complete")
    ids = (str(line.get("id", "")) for line in progress if line.get("status") in done)
    return tuple(dict.fromkeys(filter(None, ids)))


State = Literal["absent", "created", "running", "paused", "restarting", "exited", "removed"]

# What may be asked for in which state, and where it leads. Docker stops and kills a paused
# container too (it wakes it up for that); `rm` of a running one it refuses without --force.
TRANSITIONS: dict[str, dict[str, State]] = {
    "absent": {"create": "created"},
    "created": {"start": "running", "restart": "running", "rm": "removed"},
    "running": {"pause": "paused", "stop": "exited", "kill": "exited", "restart": "running"},
    "paused": {
        "unpause": "running",
        "stop": "exited",
        "kill": "exited",
        "restart": "running",
    },
    "restarting": {"stop": "exited", "kill": "exited"},
    "exited": {"start": "running", "restart": "running", "rm": "removed"},
    "removed": {"create": "created"},
}
ACTIONS = ("create", "start", "pause", "unpause", "stop", "kill", "restart", "rm")

_AFTER: dict[str, State] = {
    "create": "created",
    "start": "running",
    "pause": "paused",
    "unpause": "running",
    "die": "exited",
    "destroy": "removed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One move of a container's life: by which action, from where to where, when."""

    action: str
    before: State
    after: State
    at: float
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """A container's life at one moment, to be drawn."""

    name: str
    state: State
    history: tuple[Step, ...] = ()
    can_create: bool = True


def life_of(events: Iterable[Mapping[str, Any]], began: State = "absent") -> tuple[Step, ...]:
    """The moves that a container's events tell, in order.

    A stop is two or three events (kill, die, stop) and one move: it happens at ``die``, and the
    last ``stop``, ``kill`` or ``restart`` around it gives it its name ("end" when the program
    ended by itself). Times count from the first event.
    """
    steps: list[Step] = []
    state, signalled, zero = began, "", 0
    for event in events:
        action = str(event.get("Action", "")).split(":", 1)[0]
        now = int(event.get("timeNano") or 0)
        zero = zero or now
        if action == "kill":
            signalled = _by_signal(event)
        elif action in ("stop", "restart") and steps:
            steps = _renamed(steps, action)
        after = _AFTER.get(action)
        if after is None or after == state:
            continue
        name = (signalled or "end") if action == "die" else {"destroy": "rm"}.get(action, action)
        steps.append(Step(name, state, after, (now - zero) / 1e6, _exit_code(event)))
        state, signalled = after, ""
    return tuple(steps)


def _by_signal(event: Mapping[str, Any]) -> str:
    attributes = (event.get("Actor") or {}).get("Attributes") or {}
    return "kill" if str(attributes.get("signal", "9")) in ("9", "KILL", "SIGKILL") else "stop"


def _exit_code(event: Mapping[str, Any]) -> int | None:
    code = ((event.get("Actor") or {}).get("Attributes") or {}).get("exitCode")
    return int(code) if code is not None and str(code).lstrip("-").isdigit() else None


def _renamed(steps: list[Step], action: str) -> list[Step]:
    """``stop`` and ``restart`` are only told after the moves that they caused."""
    last = steps[-1]
    if action == "stop" and last.after == "exited":
        return [*steps[:-1], Step("stop", last.before, last.after, last.at, last.exit_code)]
    if action == "restart" and last.after == "running":
        kept = [*steps[:-1]]
        if kept and kept[-1].after == "exited" and kept[-1].before == "running":
            ended = kept.pop()
            return [*kept, Step("restart", "running", "running", last.at, ended.exit_code)]
        return [*kept, Step("restart", last.before, "running", last.at)]
    return steps
