"""Leaves what a few weeks of work leave behind. What was swept away comes back: %run mess.py"""

import contextlib

import docker.errors

import dockerlab

engine = dockerlab.connect(quiet=True).docker


def leave(container: str, volume: str, line: str) -> None:
    """A container that has ended, and has written a line into a file of its volume."""
    with contextlib.suppress(docker.errors.NotFound):
        engine.containers.get(container).remove(force=True)
    command = ["sh", "-c", f"echo '{line}' > /data/notes.txt"]
    box = engine.containers.create(
        "node:22", command, name=container, volumes=[f"{volume}:/data"], network_mode="none"
    )
    box.start()
    box.wait()


for name in ("ex4-cache", "ex4-logs"):
    engine.volumes.create(name, labels={"ex4": "scrap"})
leave("ex4-old", "ex4-logs", "nothing to report")
leave("ex4-shop", "ex4-ledger", "sold: 41")
leave("ex4-writer", "ex4-letters", "Dear Ada")
engine.containers.get("ex4-writer").remove()
