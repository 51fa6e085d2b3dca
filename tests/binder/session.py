"""A session on Binder: the Jupyter server in a container, and a browser's requests to it."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import requests
import websocket
from docker.models.containers import Container
from docker.types import Mount

from tests.binder import names
from tests.binder.image import Image, preferred

PORT = 8888
BASE = "/user/someone/"
TOKEN = "learner"
SERVER = [
    *("./start", "jupyter", "lab", "--no-browser", "--ServerApp.ip=0.0.0.0"),
    *(f"--ServerApp.port={PORT}", f"--ServerApp.base_url={BASE}"),
    f"--IdentityProvider.token={TOKEN}",
]
SHOWN = ("execute_result", "display_data", "stream", "error")
Message = dict[str, Any]


class Session:
    """A running server; ``origin`` is where this machine reaches it, without the base URL."""

    def __init__(self, container: Container, network: str) -> None:
        self.container = container
        container.reload()
        address = container.attrs["NetworkSettings"]["Networks"][network]["IPAddress"]
        self._place = f"{address}:{PORT}"

    @property
    def origin(self) -> str:
        return f"http://{self._place}"

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code and output of a program that is begun as the server is."""
        done = self.container.exec_run(["./start", *words])
        return done.exit_code, done.output.decode(errors="replace")

    def ask(
        self, path: str, body: Message | None = None, *, method: str = "GET", token: str = TOKEN
    ) -> str:
        """What a path of the server answers. HTTPError for refusals.

        Who has another token is sent to where one logs in, and gets that page.
        """
        answer = requests.request(
            method,
            self.origin + path,
            json=body,
            headers={"Authorization": f"token {token}"},
            timeout=60,
        )
        answer.raise_for_status()
        return answer.text

    def socket(self, path: str) -> closing[websocket.WebSocket]:
        address = f"ws://{self._place}{BASE}{path}"
        headers = [f"Authorization: token {TOKEN}"]
        return closing(websocket.create_connection(address, timeout=120, header=headers))

    def terminal(self, *commands: str) -> str:
        """What a new terminal shows when these commands are typed there."""
        name = json.loads(self.ask(f"{BASE}api/terminals", method="POST"))["name"]
        shown = ""
        with self.socket(f"terminals/websocket/{name}") as screen:
            for number, command in enumerate(commands):
                screen.send(json.dumps(["stdin", f"{command}; echo over-{number}-$?\r"]))
                while not re.search(rf"over-{number}-\d", shown):
                    kind, text = json.loads(screen.recv())
                    shown += text if kind == "stdout" else ""
        return shown

    def cell(self, code: str) -> list[Message]:
        """The outputs of a cell in a new kernel, by the messages that JupyterLab exchanges."""
        made = self.ask(f"{BASE}api/kernels", {"path": "notebooks/en"}, method="POST")
        kernel = f"api/kernels/{json.loads(made)['id']}"
        asked = _request(code)
        with self.socket(f"{kernel}/channels") as channels:
            channels.send(json.dumps(asked))
            messages = list(_answers(channels, asked["header"]["msg_id"]))
        self.ask(BASE + kernel, method="DELETE")
        return [each["content"] for each in messages if each["msg_type"] in SHOWN]


def _request(code: str) -> Message:
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "session": uuid.uuid4().hex,
        "username": "",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "allow_stdin": False}
    return {
        "channel": "shell",
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
    }


def _answers(channels: websocket.WebSocket, asked: str) -> Iterator[Message]:
    """What belongs to a request, until the kernel has no more to do for it."""
    while True:
        message = json.loads(channels.recv())
        if message["parent_header"].get("msg_id") == asked:
            if message["content"].get("execution_state") == "idle":
                return
            yield message


@contextmanager
def running(client: docker.DockerClient, image: Image, name: str) -> Iterator[Session]:
    """A session of its own, in a network of which Docker drops what would lead out."""
    network = client.networks.create(name, internal=True)
    with ExitStack() as stack:
        stack.callback(network.remove)
        network.reload()
        here = network.attrs["IPAM"]["Config"][0]["Gateway"]
        stack.enter_context(names.server(here))
        settings = image.settings() | preferred(client)
        settings["mounts"].append(resolver(image.folder / "resolv.conf", here))
        container = client.containers.run(
            command=SERVER, name=name, network=name, detach=True, **settings
        )
        stack.callback(container.remove, force=True)
        yield _ready(Session(container, name))


def resolver(path: Path, address: str) -> Mount:
    """A pod's /etc/resolv.conf. Docker's own names 127.0.0.11, of no use to containers within."""
    path.write_text(f"nameserver {address}\n")
    return Mount("/etc/resolv.conf", str(path), "bind", read_only=True)


def _ready(session: Session, seconds: float = 120) -> Session:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            session.ask(f"{BASE}api/status")
            return session
        except requests.RequestException:
            time.sleep(0.2)
    raise RuntimeError(f"the server does not answer:\n{session.container.logs(tail=40).decode()}")
