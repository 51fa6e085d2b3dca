"""A notebook's kernel for the tests: runs cells and keeps what they gave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager


@dataclass
class Cell:
    """What a cell gave: its streams, and the kinds of what it displayed."""

    stdout: str = ""
    stderr: str = ""
    error: str = ""
    displayed: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Kernel:
    manager: KernelManager
    client: BlockingKernelClient

    def run(
        self,
        code: str,
        *,
        interrupt_after: float = 0,
        interrupt_when: Callable[[], object] | None = None,
    ) -> Cell:
        cell, request = Cell(), self.client.execute(code)
        if interrupt_after:
            threading.Timer(interrupt_after, self.manager.interrupt_kernel).start()
        if interrupt_when:
            threading.Thread(target=self._interrupt, args=(interrupt_when,)).start()
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != request:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                setattr(cell, content["name"], getattr(cell, content["name"]) + content["text"])
            elif kind == "error":
                cell.error += content["evalue"]
            elif kind == "display_data":
                cell.displayed.append(content["data"])
            elif kind == "status" and content["execution_state"] == "idle":
                assert not cell.error, cell.error
                return cell

    def _interrupt(self, when: Callable[[], object]) -> None:
        end = time.monotonic() + 30
        while not when() and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(0.3)  # what it waits for has begun; it is to be found waiting
        self.manager.interrupt_kernel()

    def complete(self, code: str) -> list[str]:
        request = self.client.complete(code, len(code))
        while True:
            message = self.client.get_shell_msg(timeout=30)
            if message["parent_header"]["msg_id"] == request:
                return list(message["content"]["matches"])
