"""Which kernel settings a container may have."""

from __future__ import annotations

import pytest

from dockerlab.engine.run.namespaces import sysctls
from dockerlab.engine.run.process import Network

OWN = Network("bridge")


@pytest.mark.parametrize("name", ["kernel.shmmax", "fs.mqueue.msg_max", "net.core.somaxconn"])
def test_its_own(name: str) -> None:
    sysctls.check(name, OWN)


@pytest.mark.parametrize(
    "name", ["kernel.core_pattern", "kernel.panic", "vm.swappiness", "fs.file-max", "", "nets.x"]
)
def test_the_machines(name: str) -> None:
    with pytest.raises(OSError, match="is not in a separate kernel namespace"):
        sysctls.check(name, OWN)


@pytest.mark.parametrize("mode", ["host", "container"])
def test_a_network_that_is_not_its_own(mode: str) -> None:
    with pytest.raises(OSError, match="not allowed in .* network namespace"):
        sysctls.check("net.core.somaxconn", Network(mode))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "name", ["kernel/panic", "net/../kernel/panic", "net.ipv4/../../kernel/panic", "net\0"]
)
def test_other_spellings_lead_nowhere_else(name: str) -> None:
    with pytest.raises((OSError, ValueError)):
        sysctls.apply({name: "1"}, OWN)


def test_slashes_and_dots() -> None:
    assert sysctls._dotted("net/ipv4/conf/eth0.1/forwarding") == "net.ipv4.conf.eth0/1.forwarding"
    assert sysctls._dotted("net.ipv4.conf.eth0/1.forwarding") == "net.ipv4.conf.eth0/1.forwarding"
