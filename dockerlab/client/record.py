"""Watch a ``docker run`` happen: every API request that goes out, every event that comes back.

Nothing is made up afterwards: the requests are taken where docker-py sends them, the events are
the engine's own.
"""

from __future__ import annotations

import tarfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

from docker.errors import APIError, DockerException
from docker.utils import parse_repository_tag, split_command

from dockerlab.formats.story import Request, RunStory, story_from

if TYPE_CHECKING:
    import docker

LISTED = 64 << 20
"""Images up to this many bytes get the names at their top listed; larger ones take too long."""
READ_AT_MOST = 1 << 20
"""Bytes of output that a story keeps."""


class HasDocker(Protocol):
    """Whatever holds a connected docker-py client, as ``Lab`` does."""

    @property
    def docker(self) -> docker.DockerClient: ...


@dataclass
class Tape:
    """The requests that this thread sends over one docker-py client, while recording."""

    api: Any
    """docker-py's ``APIClient``: a requests session, whose hooks its stubs do not know."""
    began_ns: int = field(default_factory=time.time_ns)
    requests: list[Request] = field(default_factory=list)
    _paused: bool = False
    _skips: list[tuple[int, int]] = field(default_factory=list)
    _thread: int = field(default_factory=threading.get_ident)

    def note(self, response: Any, **_: object) -> None:
        """A hook of the requests library; it is called when the answer's headers are there."""
        if self._paused or threading.get_ident() != self._thread:
            return
        now = (self.clock(time.time_ns()) - self.began_ns) / 1e6
        took = response.elapsed.total_seconds() * 1000
        method, url = response.request.method or "", str(response.request.url)
        at = max(now - took, 0.0)
        self.requests.append(Request(method, short_path(url), response.status_code, at, took))

    def stretch(self) -> None:
        """The last request answered with a stream: it took until now, where that has ended."""
        last = self.requests[-1]
        now = (self.clock(time.time_ns()) - self.began_ns) / 1e6
        self.requests[-1] = replace(last, took=max(now - last.at, last.took))

    @contextmanager
    def recording(self) -> Iterator[Tape]:
        hooks = self.api.hooks.setdefault("response", [])
        hooks.append(self.note)
        try:
            yield self
        finally:
            hooks.remove(self.note)

    @contextmanager
    def off_the_record(self) -> Iterator[None]:
        """For what a look at the engine needs and a real ``docker run`` does not."""
        self._paused, began = True, time.time_ns()
        try:
            yield
        finally:
            self._paused = False
            self._skips.append((began, time.time_ns() - began))

    def clock(self, ns: int) -> int:
        """A moment as it would have been without what was off the record."""
        return ns - sum(length for began, length in self._skips if began < ns)


def short_path(url: str) -> str:
    """``/v1.41/containers/create?name=x`` as a person reads it: without host and version."""
    parts = urlsplit(url)
    path = unquote(parts.path)
    first, _, rest = path.lstrip("/").partition("/")
    if first[:1] == "v" and first[1:].replace(".", "").isdigit():
        path = f"/{rest}"
    return f"{path}?{unquote(parts.query)}" if parts.query else path


def record(
    lab: HasDocker,
    image: str,
    command: str | Sequence[str] | None = None,
    *,
    remove: bool = True,
    pull: bool = True,
    timeout: float = 60,
    progress: Callable[[Mapping[str, Any]], None] | None = None,
    **options: Any,
) -> RunStory:
    """Run a container to its end and return the story of it.

    Does what ``docker run`` does, in its order: create (pull when the image is not there, create
    again), attach, start, read, wait, remove. ``options`` go to docker-py's ``create_container``.
    What the engine refuses becomes the story's ``error``; only an unreachable engine raises.
    The container is killed after ``timeout`` seconds. ``progress`` is told each line of a pull.
    """
    run = _Run(Tape(lab.docker.api), image, _words(command), options, tell=progress)
    with run.tape.recording():
        try:
            run.create(pull)
            run.go(timeout)
        except APIError as error:
            run.error = str(error.explanation or error)
        finally:
            if run.container:
                run.look()
            if run.container and remove:
                run.remove()
    return run.story()


def _words(command: str | Sequence[str] | None) -> list[str] | None:
    if command is None:
        return None
    if isinstance(command, str):
        return list(split_command(command))
    return list(command)


@dataclass
class _Run:
    tape: Tape
    image: str
    command: list[str] | None
    options: dict[str, Any]
    container: str = ""
    progress: list[Mapping[str, Any]] = field(default_factory=list)
    about_image: Mapping[str, Any] | None = None
    about_container: Mapping[str, Any] | None = None
    files: tuple[str, ...] = ()
    output: str = ""
    exit_code: int | None = None
    removed: bool = False
    error: str = ""
    tell: Callable[[Mapping[str, Any]], None] | None = None

    @property
    def api(self) -> Any:
        return self.tape.api

    def create(self, pull: bool) -> None:
        self.api.ping()
        try:
            self._create()
        except APIError as error:
            if not pull or error.status_code != 404:
                raise
            self._pull()
            self._create()

    def _create(self) -> None:
        answer = self.api.create_container(self.image, self.command, **self.options)
        self.container = str(answer["Id"])

    def _pull(self) -> None:
        name, tag = parse_repository_tag(self.image)
        for line in self.api.pull(name, tag or "latest", stream=True, decode=True):
            self.progress.append(line)
            if self.tell:
                self.tell(line)
            if "error" in line:
                raise APIError("pull failed", explanation=str(line["error"]))
        self.tape.stretch()

    def go(self, timeout: float) -> None:
        stream = self.api.attach(self.container, stdout=True, stderr=True, stream=True)
        self.api.start(self.container)
        watchdog = threading.Timer(timeout, self._kill)
        watchdog.daemon = True
        watchdog.start()
        try:
            self.output = _read(stream)
            self.exit_code = int(self.api.wait(self.container)["StatusCode"])
        finally:
            watchdog.cancel()

    def _kill(self) -> None:
        # A client of its own would be cleaner; this one runs in another thread and the tape
        # takes no notice of it.
        try:
            self.api.kill(self.container)
        except DockerException:
            return

    def look(self) -> None:
        """Read what the picture needs besides, once the run is over."""
        with self.tape.off_the_record():
            self.about_container = self.api.inspect_container(self.container)
            self.about_image = self.api.inspect_image(str(self.about_container["Image"]))
            if int(self.about_image.get("Size") or 0) <= LISTED:
                self.files = top_names(self.api.export(self.container))

    def remove(self) -> None:
        try:
            self.api.remove_container(self.container, v=True, force=True)
        except APIError as error:
            self.error = self.error or str(error.explanation or error)
        else:
            self.removed = True

    def story(self) -> RunStory:
        return story_from(
            self.image,
            self.tape.requests,
            self._events(),
            began_ns=self.tape.began_ns,
            progress=self.progress,
            inspected_image=self.about_image,
            inspected_container=self.about_container,
            command=self.command,
            engine=engine_name(self.api),
            files=self.files,
            output=self.output,
            exit_code=self.exit_code,
            removed=self.removed,
            error=self.error,
        )

    def _events(self) -> list[dict[str, Any]]:
        """The engine remembers its events: they are asked for afterwards, once."""
        since, until = self.tape.began_ns / 1e9 - 0.001, time.time() + 0.05
        told = self.api.events(since=f"{since:.6f}", until=f"{until:.6f}", decode=True)
        kept = [
            {**event, "timeNano": self.tape.clock(int(event.get("timeNano") or 0))}
            for event in told
            if self._mine(event)
        ]
        return sorted(kept, key=lambda event: event["timeNano"])

    def _mine(self, event: Mapping[str, Any]) -> bool:
        actor = event.get("Actor") or {}
        attributes = actor.get("Attributes") or {}
        if event.get("Action") == "export":
            return False
        if event.get("Type") == "image":
            return event.get("Action") == "pull" and bool(self.progress)
        return bool(self.container) and self.container in (
            actor.get("ID"),
            attributes.get("container"),
        )


def _read(stream: Iterator[bytes]) -> str:
    kept = bytearray()
    for chunk in stream:
        kept += chunk[: max(READ_AT_MOST - len(kept), 0)]
    return kept.decode(errors="replace").replace("\r\n", "\n")


def engine_name(api: Any) -> str:
    """``Docker Engine 20.10.24`` or ``embedded engine (proot)``, from the engine's own answer."""
    version: Mapping[str, Any] = api.version()
    platform = str((version.get("Platform") or {}).get("Name") or "")
    if platform.startswith("dockerlab"):
        return platform.removeprefix("dockerlab ")
    parts = version.get("Components") or [{}]
    name = str(parts[0].get("Name") or "Engine")
    name = "Docker Engine" if name == "Engine" else name
    return f"{name} {str(version.get('Version', '')).split('+', 1)[0]}".strip()


def top_names(archive: Iterator[bytes]) -> tuple[str, ...]:
    """The names at the top of an exported file system, sorted."""
    names = set()
    stream: Any = Joined(archive)
    with tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            first = member.name.removeprefix("./").lstrip("/").split("/", 1)[0]
            if first not in ("", "."):
                names.add(first)
    return tuple(sorted(names))


class Joined:
    """A stream of byte chunks as the file that tarfile wants to read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = iter(chunks)
        self._left = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._left) < size:
            chunk = next(self._chunks, b"")
            if not chunk:
                break
            self._left += chunk
        cut = len(self._left) if size < 0 else size
        taken, self._left = self._left[:cut], self._left[cut:]
        return taken
