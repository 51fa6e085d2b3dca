"""The commands, one module a subject. Each maps docker's main names to functions."""

from __future__ import annotations

from dockerlab.magics.commands import (
    build,
    compose,
    containers,
    copying,
    images,
    inspecting,
    networks,
    running,
    system,
    volumes,
)
from dockerlab.magics.invocation import Commands, Handler

_ALL: tuple[Commands, ...] = (
    running.COMMANDS,
    containers.COMMANDS,
    inspecting.COMMANDS,
    copying.COMMANDS,
    images.COMMANDS,
    build.COMMANDS,
    compose.COMMANDS,
    volumes.COMMANDS,
    networks.COMMANDS,
    system.COMMANDS,
)

COMMANDS: dict[str, Handler] = {name: run for part in _ALL for name, run in part.items()}
