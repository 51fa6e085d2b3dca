"""Network cards for containers that run."""

from __future__ import annotations

import os

import pytest

from dockerlab.engine.run.namespaces import hotplug
from dockerlab.engine.run.process import Interface


def test_the_hosts_network_is_left_alone() -> None:
    """A container's process has ended, and another of the host's got its id."""
    card = Interface("eth0", "br-1", "n", "192.0.2.2/24", "192.0.2.1", "02:42:c0:00:02:02")
    with pytest.raises(ProcessLookupError):
        hotplug.plug("/nowhere", os.getpid(), card, "192.0.2.1")
    with pytest.raises(ProcessLookupError):
        hotplug.unplug(os.getpid(), "eth0", "")
