"""One container, and what a command in it gave."""

from __future__ import annotations

import io
import shlex
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from dockerlab.client.explain import explained
from dockerlab.client.sessions import Session, execute, output_of
from dockerlab.client.wait import wait_until
from dockerlab.formats.resources import Change, StatsRecord
from dockerlab.formats.table import Table, html_record
from dockerlab.formats.text import short_id

if TYPE_CHECKING:
    import docker
    from docker.models.containers import Container as RawContainer


@dataclass(frozen=True, slots=True)
class ExecResult:
    """What a command wrote and how it ended: 0 is success.

    >>> lab.exec(box, "ls /nowhere").exit_code  # doctest: +SKIP
    1
    """

    exit_code: int
    output: str
    error: str = ""

    def __str__(self) -> str:
        return self.output

    def __repr__(self) -> str:
        ending = "" if self.exit_code == 0 else f"\n(exit code {self.exit_code})"
        return (self.output + self.error).rstrip("\n") + ending

    def _repr_html_(self) -> str:
        note = "" if self.exit_code == 0 else f"<p>exit code {self.exit_code}</p>"
        return f"<pre>{escape(self.output + self.error)}</pre>{note}"


@dataclass(frozen=True, slots=True, repr=False)
class RunResult(ExecResult):
    """As ``ExecResult``, with the container that ran (gone already after ``rm=True``)."""

    container: Container | None = None


class Container:
    """A container on the connected engine.

    It knows the facts of its last look at the engine; ``reload()`` looks again. ``raw`` is
    docker-py's own object.

    >>> box = lab.run("alpine", "sleep 60", detach=True)  # doctest: +SKIP
    >>> box.exec("echo hi").output  # doctest: +SKIP
    'hi\\n'
    """

    def __init__(self, client: docker.DockerClient, raw: RawContainer) -> None:
        self._client = client
        self.raw = raw

    # --- facts ---

    @property
    def id(self) -> str:
        return str(self.raw.id)

    @property
    def short_id(self) -> str:
        return short_id(self.id)

    @property
    def attrs(self) -> dict[str, Any]:
        """What ``docker inspect`` shows, as of the last look."""
        return dict(self.raw.attrs)

    @property
    def name(self) -> str:
        return str(self.attrs.get("Name", "")).lstrip("/")

    @property
    def image(self) -> str:
        return str(self.attrs.get("Config", {}).get("Image", ""))

    @property
    def status(self) -> str:
        """created, running, paused, restarting or exited, as the engine says it now."""
        return str(self.reload().attrs["State"]["Status"])

    @property
    def exit_code(self) -> int:
        """Of its last run; 0 while it has not ended."""
        return int(self.reload().attrs["State"]["ExitCode"])

    @property
    def address(self) -> str:
        """Its IP address in its first network; empty when it has none."""
        networks = self.reload().attrs["NetworkSettings"].get("Networks") or {}
        return next((str(n["IPAddress"]) for n in networks.values() if n.get("IPAddress")), "")

    @property
    def ports(self) -> dict[str, str]:
        """Published ports: ``{"80/tcp": "127.0.0.1:8080"}``, ready for a URL."""
        published = self.reload().attrs["NetworkSettings"].get("Ports") or {}
        return {key: _reachable(hosts[0]) for key, hosts in published.items() if hosts}

    @explained()
    def reload(self) -> Container:
        """Look at the engine again."""
        self.raw.reload()
        return self

    def __str__(self) -> str:
        return self.name or self.short_id

    def __repr__(self) -> str:
        state = self.attrs.get("State", {}).get("Status", "unknown")
        return f"<Container {self.name} ({self.short_id}) of {self.image}: {state}>"

    def _repr_html_(self) -> str:
        state = self.attrs.get("State", {}).get("Status", "unknown")
        facts = [("id", self.short_id), ("image", self.image), ("status", state)]
        return html_record(f"Container {self.name}", facts)

    # --- its life ---

    @explained()
    def start(self) -> Container:
        """Start it again; its files are as it left them."""
        self.raw.start()
        return self.reload()

    @explained()
    def stop(self, *, timeout: int = 10) -> Container:
        """Ask it to end (SIGTERM) and kill it after ``timeout`` seconds."""
        self.raw.stop(timeout=timeout)
        return self.reload()

    @explained()
    def kill(self, signal: str = "KILL") -> Container:
        """End it at once, or send another signal."""
        self.raw.kill(signal)
        return self.reload()

    @explained()
    def restart(self, *, timeout: int = 10) -> Container:
        self.raw.restart(timeout=timeout)
        return self.reload()

    @explained()
    def pause(self) -> Container:
        """Freeze its processes where they are."""
        self.raw.pause()
        return self.reload()

    @explained()
    def unpause(self) -> Container:
        self.raw.unpause()
        return self.reload()

    @explained()
    def rename(self, name: str) -> Container:
        self.raw.rename(name)
        return self.reload()

    @explained()
    def rm(self, *, force: bool = False, volumes: bool = False) -> None:
        """Remove it; ``force`` kills it first, ``volumes`` takes its anonymous volumes along."""
        self.raw.remove(force=force, v=volumes)

    @explained()
    def wait(self, *, timeout: float | None = None) -> int:
        """Wait until it has ended; its exit code."""
        return int(self.raw.wait(timeout=timeout)["StatusCode"])

    def wait_for_log(self, text: str, *, timeout: float = 30.0) -> Container:
        """Wait until its output contains ``text``: servers say so when they are ready."""
        wait_until(lambda: text in self.logs(), timeout=timeout, what=f"{text!r} in its output")
        return self

    def wait_healthy(self, *, timeout: float = 60.0) -> Container:
        """Wait until its health check is content."""
        wait_until(self._healthy, timeout=timeout, what=f"{self.name} to be healthy")
        return self

    def _healthy(self) -> bool:
        state = self.reload().attrs["State"]
        return bool(state.get("Health", {}).get("Status") == "healthy")

    # --- looking inside ---

    @explained()
    def exec(
        self,
        command: str | Sequence[str],
        *,
        user: str = "",
        workdir: str = "",
        env: Sequence[str] = (),
    ) -> ExecResult:
        """Run a command inside while it runs. An interrupt ends the command.

        >>> box.exec(["sh", "-c", "echo $HOME"])  # doctest: +SKIP
        /root
        """
        words = shlex.split(command) if isinstance(command, str) else list(command)
        body = {"Cmd": words, "AttachStdout": True, "AttachStderr": True, "Env": list(env)}
        body |= {"User": user} if user else {}
        body |= {"WorkingDir": workdir} if workdir else {}
        session = execute(self._client.api, self.id, body)
        try:
            return ExecResult(*_ordered(session))
        except KeyboardInterrupt:
            session.end()
            raise
        finally:
            session.close()

    @explained()
    def logs(self, *, tail: int | None = None, timestamps: bool = False) -> str:
        """What it has written so far."""
        lines = "all" if tail is None else tail
        raw: Any = self.raw
        return _decoded(raw.logs(tail=lines, timestamps=timestamps))

    @explained()
    def top(self) -> Table[list[str]]:
        """Its processes, as the host sees them."""
        answer = self.raw.top()
        return Table(answer["Titles"], answer["Processes"] or [], list, caption="Processes")

    @explained()
    def stats(self) -> StatsRecord:
        """What it uses now."""
        raw: Any = self.raw
        return StatsRecord.of(raw.stats(stream=False))

    def inspect(self) -> dict[str, Any]:
        """All facts about it."""
        return self.reload().attrs

    @explained()
    def diff(self) -> Table[Change]:
        """The files that differ from its image."""
        changes = [Change.of(item) for item in self.raw.diff() or []]
        return Table(("", "PATH"), changes, lambda c: (c.kind, c.path), caption="Changed files")

    @explained()
    def read(self, path: str, *, limit: int = 10_000_000) -> bytes:
        """The content of a file in it, running or not; ValueError beyond ``limit`` bytes."""
        stream, _ = self.raw.get_archive(path)
        archive = bytearray()
        for piece in stream:
            archive += piece
            if len(archive) > limit + 10_240:
                raise ValueError(f"{path} is larger than {limit} bytes")
        with tarfile.open(fileobj=io.BytesIO(bytes(archive))) as tar:
            member = tar.next()
            file = tar.extractfile(member) if member is not None and member.isfile() else None
            if file is None:
                raise IsADirectoryError(path)
            return file.read()

    @explained()
    def write(self, path: str, content: bytes | str) -> None:
        """Put a file into it; its folder must be there."""
        data = content.encode() if isinstance(content, str) else content
        folder, _, name = path.rpartition("/")
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        self.raw.put_archive(folder or "/", buffer.getvalue())

    @contextmanager
    def removed_after(self) -> Iterator[Container]:
        """Remove it at the end of a ``with`` block, whatever happens in it."""
        try:
            yield self
        finally:
            self.rm(force=True, volumes=True)


def _ordered(session: Session) -> tuple[int, str, str]:
    out, err = output_of(session)
    return session.exit_code(), out, err


def _decoded(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace")


def _reachable(host: dict[str, str]) -> str:
    address = host.get("HostIp", "")
    everywhere = address in ("", "0.0.0.0", "::")
    return f"{'127.0.0.1' if everywhere else address}:{host['HostPort']}"
