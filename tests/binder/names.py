"""A cluster's name server without the internet behind it: it answers at once that there is no such
name. Without an answer, whoever asks would wait for seconds.
"""

from __future__ import annotations

import contextlib
import socketserver
import threading
from collections.abc import Iterator

from dockerlab.engine.net.dns import message


class _NoSuchName(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, socket = self.request
        with contextlib.suppress(message.Malformed):
            answer = message.reply(message.parse(data), code=message.NXDOMAIN)
            socket.sendto(answer, self.client_address)


@contextlib.contextmanager
def server(address: str) -> Iterator[None]:
    """Answers at this address of the machine's while the block runs."""
    with socketserver.UDPServer((address, 53), _NoSuchName) as answering:
        thread = threading.Thread(target=answering.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            answering.shutdown()
            thread.join(10)
