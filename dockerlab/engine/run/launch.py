"""Everything that has to be there before a container's process starts, and goes after its end."""

from __future__ import annotations

import asyncio
from typing import Any

from dockerlab.engine.errors import Conflict, ServerError
from dockerlab.engine.run import config as configs
from dockerlab.engine.run import hostconfig, mounts
from dockerlab.engine.run.config import Data
from dockerlab.engine.run.container import Container
from dockerlab.engine.run.process import ContainerSpec, Mount, Network, Process, ProcessSpec
from dockerlab.engine.run.process import StartError
from dockerlab.engine.run.roster import Roster
from dockerlab.engine.run.services import Services

# Written by the network for each container and bound over the image's own.
_NAME_FILES = ("resolv.conf", "hostname", "hosts")


class Launcher:
    """Connects a container, publishes its ports and has the runtime start it."""

    def __init__(self, services: Services, roster: Roster) -> None:
        self._services = services
        self._roster = roster

    async def launch(self, container: Container) -> Process:
        """Start it. On an error nothing of it is left; StartError is in Docker's words."""
        network = await self._connect(container)
        try:
            await self._publish_ports(container)
            self._tell_volumes(container, "mount")
            return await self._services.runtime.start(self._spec(container, network))
        except StartError as error:
            await self.release(container)
            raise _explained(error) from error
        except BaseException:
            await self.release(container)
            raise

    async def release(self, container: Container) -> None:
        """Close its ports and give its addresses back."""
        self._services.ports.unpublish(container.id)
        self._services.networks.release(container.id)
        self._tell_volumes(container, "unmount")

    async def rejoin(self, container: Container) -> None:
        """Open the ports of a container that went on while the engine was away."""
        await self._publish_ports(container)
'''
