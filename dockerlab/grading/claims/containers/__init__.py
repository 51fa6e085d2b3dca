"""Claims of containers: their state, their limits, what runs in them and what they wrote."""

from __future__ import annotations

from dockerlab.grading.claims.containers.commands import command
from dockerlab.grading.claims.containers.freshness import is_fresh
from dockerlab.grading.claims.containers.groups import containers
from dockerlab.grading.claims.containers.limiting import limits
from dockerlab.grading.claims.containers.output import logs
from dockerlab.grading.claims.containers.processes import process
from dockerlab.grading.claims.containers.states import container

__all__ = ["command", "container", "containers", "is_fresh", "limits", "logs", "process"]
