"""Claims of networks: who is in them, who reaches whom, and what is open to the outside."""

from __future__ import annotations

from dockerlab.grading.claims.networks.connections import is_apart, reaches
from dockerlab.grading.claims.networks.members import network
from dockerlab.grading.claims.networks.ports import page, port

__all__ = ["is_apart", "network", "page", "port", "reaches"]
