"""A container as the machine of a job: the job's folder is in it, at the same path."""

from __future__ import annotations

import os
import queue
import shlex
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dockerlab.client.sessions import Session, execute
from dockerlab.pipeline.machine.channel import MachineFailed
from dockerlab.pipeline.machine.leftovers import LABEL

_WAITS = "while :; do sleep 3600; done"


class ContainerMachine:
    """Made from an image, which is pulled where it is missing. ``folder`` is the job's."""

    def __init__(self, client: Any, image: str, folder: Path, job: str) -> None:
        self._api = client.api
        self._folder = folder
        self._image = image
        self._id = self._made(client, job)
        self.shells = self._found_shells()
        if not self.shells:
            raise MachineFailed(
                f"a container does not see {folder}: the engine is on another machine, or in one "
                "of its own",
                "take the container: out of the job, or an engine on this machine",
            )

    def _made(self, client: Any, job: str) -> str:
        options = {
            "entrypoint": ["sh", "-c", _WAITS],
            "name": job,
            "labels": {LABEL: job},
            "volumes": {str(self._folder): {"bind": str(self._folder), "mode": "rw"}},
            "user": "0",
            "detach": True,
        }
        try:
            # Where the image is missing, docker-py pulls it.
            return str(client.containers.run(self._image, **options).id)
        except Exception as error:
            said = getattr(error, "explanation", None) or error
            raise MachineFailed(
                f"no container of {self._image} could be started: {said}",
                "is the image's name right, and has it a shell?",
            ) from error

    def _found_shells(self) -> tuple[str, ...]:
        """Those of the image; none where the job's folder is not what it is here."""
        seen = f"test -d {shlex.quote(str(self._folder / 'temp'))} || exit"
        look = ["sh", "-c", f"{seen}; command -v bash >/dev/null && echo bash; echo sh"]
        session = execute(self._api, self._id, _body(look, {}, Path("/")))
        said = b"".join(data for _, data in session.output())
        session.close()
        return tuple(said.decode().split())

    def start(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> ContainerChannel:
        body = _body(command, environment, folder) | {"AttachStdin": True}
        return ContainerChannel(execute(self._api, self._id, body))

    def stop_all(self) -> None:
        """A container's processes end with it; what comes after runs in it anew."""
        with suppress(Exception):
            self._api.restart(self._id, timeout=0)

    def close(self) -> None:
        with suppress(Exception):
            if os.getuid():
                # What root has made in there could not be removed from here.
                opened = ["chmod", "-R", "a+rwX", str(self._folder)]
                session = execute(self._api, self._id, _body(opened, {}, self._folder))
                list(session.output())
                session.close()
        self._api.remove_container(self._id, v=True, force=True)


def _body(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    return {
        "Cmd": list(command),
        "AttachStdout": True,
        "AttachStderr": True,
        "Env": [f"{name}={value}" for name, value in environment.items()],
        "WorkingDir": str(folder),
    }


class ContainerChannel:
    """Reading from an engine cannot be given up in the middle, so a thread does it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._chunks: queue.Queue[bytes] = queue.Queue(maxsize=64)
        self._closed = False
        self._ended = False
        threading.Thread(target=self._follow, daemon=True, name="ci-container").start()

    def _follow(self) -> None:
        for _, data in self._session.output():
            if data and not self._closed:
                self._chunks.put(data)
        self._chunks.put(b"")

    def read(self, seconds: float) -> bytes | None:
        if self._ended:
            return b""
        try:
            data = self._chunks.get(timeout=seconds)
        except queue.Empty:
            return None
        self._ended = not data
        return data

    def send(self, data: bytes) -> None:
        self._session.send(data)

    def exit_code(self) -> int:
        return self._session.exit_code()

    def close(self) -> None:
        self._closed = True
        self._session.close()
        with suppress(queue.Empty):
            while True:
                self._chunks.get_nowait()
