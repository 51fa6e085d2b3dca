"""The life of a container: start, stop, kill, pause, its end, and what happens then.

Who changes a container holds its lock; who waits for its end does not. The end is noticed in
one place, ``_watch``, whoever caused it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine
from typing import Any

from dockerlab.engine.background import keep
from dockerlab.engine.containers import restart
from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.launch import Launcher
from dockerlab.engine.containers.looks import clock
from dockerlab.engine.containers.programs import health
from dockerlab.engine.containers.programs.execs import Execs
from dockerlab.engine.containers.removal import Remover
from dockerlab.engine.containers.request import signals
from dockerlab.engine.containers.services import Services
from dockerlab.engine.errors import APIError, Conflict, NotModified, ServerError
from dockerlab.engine.run.process import Exit, Process, StartError

log = logging.getLogger("dockerlab.engine.run")

STOP_TIMEOUT = 10
KILL_TIMEOUT = 10.0
UNKNOWN_EXIT = 255
"""Docker's code for a container whose end nobody saw."""


class Lifecycle:
    """Starts and ends containers."""

    def __init__(
        self, services: Services, launcher: Launcher, remover: Remover, execs: Execs
    ) -> None:
        self._services = services
        self._launcher = launcher
        self._execs = execs
        self._remover = remover
        self._closing = False

    def publish(self, container: Container, action: str, **attributes: str) -> None:
        """An event of this container."""
        self._services.events.publish(
            "container", action, container.id, {**container.attributes(), **attributes}
        )

    async def start(self, container: Container) -> None:
        """Start it. Raises NotModified, Conflict, StartError and what the network says."""
        if container.state.restarting:
            await self._abandon_restart(container)
        async with container.lock:
            if container.state.paused:
                raise Conflict("cannot start a paused container, try unpause instead")
            if container.state.running:
                raise NotModified("")
            if container.removing or container.state.dead:
                raise Conflict("container is marked for removal and cannot be started")
            container.restarts, container.delay = 0, 0.0
            container.state.stopped_by_hand = False
            try:
                await self._launch(container)
            except APIError:
                if container.host["AutoRemove"]:
                    self._spawn(container, "removal", self._remove_quietly(container))
                raise

    async def _launch(self, container: Container) -> None:
        """Run it. The caller holds the lock; a failure is written into the state."""
        if self._closing:
            raise ServerError("the engine is being stopped")
        container.no_restart = False
        try:
            process = await self._launcher.launch(container)
        except Exception as error:
            self._note_failure(container, error)
            raise
        state = container.state
        state.running, state.paused, state.restarting = True, False, False
        state.dead, state.oom_killed = False, False
        state.exit_code, state.error = 0, ""
        state.started_at = clock.stamp(int(process.started_at * 1e9) or clock.now())
        self._follow(container, process)
        self._keep(container)
        self.publish(container, "start")

    def _note_failure(self, container: Container, error: Exception) -> None:
        state = container.state
        state.running = state.restarting = False
        state.pid = 0
        state.exit_code = error.code if isinstance(error, StartError) else 128
        state.error = error.message if isinstance(error, APIError) else str(error)
        self._keep(container)
        container.tell_ended()

    def _follow(self, container: Container, process: Process) -> None:
        """Take charge of a process that runs."""
        container.process = process
        container.state.pid = process.pid
        self._spawn(container, "monitor", self._watch(container, process))
        container.tell_started()
        config = container.config
        probe = health.parse(config.get("Healthcheck"), config.get("Shell"))
        container.health = None
        if probe is not None:
            monitor = health.Monitor(container, probe, self._execs, self._services.events)
            self._spawn(container, "health", monitor.run())

    def _spawn(self, container: Container, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"{name} {container.id[:12]}")
        container.tasks[name] = keep(task)

    async def _watch(self, container: Container, process: Process) -> None:
        """Wait for the end of a process and see to what follows."""
        try:
            end = await process.wait()
        except OSError as error:
            end = Exit(UNKNOWN_EXIT, clock.now() / 1e9, error=str(error))
        try:
            async with container.lock:
                self._note_end(container, end)
                again = await self._after_end(container)
                self._keep(container)
        finally:
            container.tell_ended()
        if again:
            self._spawn(container, "restart", self._restart_later(container))
        elif container.host["AutoRemove"] and not container.keep:
            await self._remove_quietly(container)

    def _note_end(self, container: Container, end: Exit) -> None:
        state = container.state
        container.process = None
        container.committing = False
        container.cancel("health")
        state.running = state.paused = False
        state.pid = 0
        state.exit_code, state.error = end.code, end.error
        state.oom_killed = end.oom_killed
        state.finished_at = clock.stamp(int(end.finished_at * 1e9))
        if container.health is not None:
            container.health.status = "unhealthy"
        if end.oom_killed:
            self.publish(container, "oom")
        self.publish(container, "die", exitCode=str(end.code))

    async def _after_end(self, container: Container) -> bool:
        """Let go of the network; say whether it is to be started again."""
        state = container.state
        await self._release(container)
        again = not (container.no_restart or self._closing or container.removing)
        again = again and container.policy.wants(
            state.exit_code, container.restarts, state.stopped_by_hand
        )
        if again:
            # Docker counts a container that waits for its restart as running.
            state.running = state.restarting = True
            ran_for = (clock.unix(state.finished_at) - clock.unix(state.started_at)) / 1e9
            container.delay = restart.next_delay(container.delay, ran_for)
            container.restarts += 1
        return again

    async def _release(self, container: Container) -> None:
        """Let go of the network; a full disk must not keep an end from being noted."""
        try:
            await self._launcher.release(container)
        except (APIError, OSError) as error:
            log.error("cannot release the network of %s: %s", container.name, error)

    def _keep(self, container: Container) -> None:
        """Save it; if that fails, what is known goes on being true in memory."""
        try:
            container.save()
        except (APIError, OSError) as error:
            log.error("cannot save %s: %s", container.name, error)

    async def _restart_later(self, container: Container) -> None:
        await asyncio.sleep(container.delay)
        async with container.lock:
            if not container.state.restarting or container.removing:
                return
            container.tasks.pop("restart", None)
            try:
                await self._launch(container)
            except APIError as error:
                log.warning("cannot restart %s: %s", container.name, error.message)

    async def _abandon_restart(self, container: Container) -> None:
        """A container that waits for its restart stays ended."""
        container.cancel("restart")
        async with container.lock:
            if container.state.restarting:
                container.state.running = container.state.restarting = False
                self._keep(container)
        container.tell_ended()

    async def _remove_quietly(self, container: Container) -> None:
        try:
            await self._remover.remove(container, volumes=True)
        except APIError as error:
            log.warning("cannot remove %s: %s", container.name, error.message)

    async def stop(self, container: Container, timeout: int | None = None) -> None:
        """Ask it to end, and make it after ``timeout`` seconds (-1: wait for ever)."""
        if not container.state.running:
            raise NotModified("")
        await self._halt(container, timeout)
        self.publish(container, "stop")

    async def _halt(self, container: Container, timeout: int | None) -> None:
        container.no_restart = True
        if not self._closing:
            container.state.stopped_by_hand = True
        if container.state.restarting:
            await self._abandon_restart(container)
            return
        if timeout is None:
            timeout = container.config.get("StopTimeout", STOP_TIMEOUT)
        ended = container.wait_end()
        number = signals.parse(container.config.get("StopSignal") or "TERM")
        await self._send(container, number)
        if await _within(ended, None if timeout < 0 else float(timeout)):
            return
        await self._send(container, signal.SIGKILL)
        if not await _within(ended, KILL_TIMEOUT):
            raise ServerError(f"container {container.id} did not end after SIGKILL")

    async def kill(self, container: Container, number: int = signal.SIGKILL) -> None:
        """Send a signal; after SIGKILL wait for the end."""
        if not container.state.running or container.state.restarting:
            why = "restarting" if container.state.restarting else "not running"
            raise Conflict(
                f"Cannot kill container: {container.name}: Container {container.id} is {why}"
            )
        container.state.stopped_by_hand = True
        final = {signal.SIGKILL, signals.parse(container.config.get("StopSignal") or "TERM")}
        container.no_restart = container.no_restart or number in final
        ended = container.wait_end() if number == signal.SIGKILL else None
        await self._send(container, number)
        if ended is not None:
            await _within(ended, KILL_TIMEOUT)

    async def end(self, container: Container) -> None:
        """Make it end now, whatever state it is in (for ``rm -f``)."""
        if container.state.restarting:
            container.no_restart = True
            await self._abandon_restart(container)
        elif container.state.running:
            await self.kill(container)

    async def _send(self, container: Container, number: int) -> None:
        process = container.process
        if process is None:
            return
        await process.signal(number)
        self.publish(container, "kill", signal=str(int(number)))
        if container.state.paused:
            # A frozen process cannot take the signal.
            await process.resume()
            container.state.paused = False

    async def restart(self, container: Container, timeout: int | None = None) -> None:
        """Stop it if it runs, then start it."""
        container.keep = True
        try:
            if container.state.running:
                await self._halt(container, timeout)
                self.publish(container, "stop")
            await self.start(container)
        finally:
            container.keep = False
        self.publish(container, "restart")

    async def pause(self, container: Container, *, committing: bool = False) -> None:
        """Freeze all its processes; ``committing``: while an image is made of it."""
        async with container.lock:
            process = running(container)
            if container.state.paused:
                raise Conflict(f"Container {container.id} is already paused")
            await process.pause()
            container.state.paused, container.committing = True, committing
            container.save()
        self.publish(container, "pause")

    async def unpause(self, container: Container) -> None:
        """Let a frozen container go on."""
        async with container.lock:
            if not container.state.paused or container.process is None:
                raise ServerError(f"Container {container.id} is not paused")
            await container.process.resume()
            container.state.paused = container.committing = False
            container.save()
        self.publish(container, "unpause")

    async def adopt(self, container: Container) -> None:
        """Take up a container again after the engine was started anew."""
        state = container.state
        known = state.running and not state.restarting
        found: Process | Exit | None = None
        if state.running or (container.directory / "shim.json").exists():
            found = await self._services.runtime.adopt(str(container.directory))
        if found is not None and not isinstance(found, Exit):
            await self._rejoin(container, found)
        elif known:
            end = found or Exit(UNKNOWN_EXIT, clock.now() / 1e9)
            async with container.lock:
                self._note_end(container, end)
                state.running = False
                await self._release(container)
                self._keep(container)
        elif state.restarting:
            state.running = state.restarting = False

    async def _rejoin(self, container: Container, process: Process) -> None:
        async with container.lock:
            state = container.state
            if not state.running:
                # The engine was killed between the start and its record.
                state.running, state.error, state.exit_code = True, "", 0
                state.started_at = clock.stamp(int(process.started_at * 1e9))
            state.restarting = False
            if container.committing:  # the engine was killed in the middle of that
                await process.resume()
                state.paused = container.committing = False
            try:
                await self._launcher.rejoin(container, process)
            except APIError as error:
                # Another program took its port meanwhile, say: it still runs.
                log.error("cannot serve %s again as before: %s", container.name, error)
            self._follow(container, process)
            self._keep(container)

    async def revive(self, container: Container) -> None:
        """After ``adopt``: start what its policy wants to run, remove what nobody wants."""
        state = container.state
        if state.running or state.started_at == clock.NEVER:
            return
        if container.host["AutoRemove"]:
            await self._remove_quietly(container)
        elif container.policy.wants(state.exit_code, container.restarts, state.stopped_by_hand):
            with contextlib.suppress(APIError):
                async with container.lock:
                    await self._launch(container)

    async def close(self, containers: list[Container]) -> None:
        """End all that runs, as an orderly stop of Docker Engine does."""
        self._closing = True
        results = await asyncio.gather(*map(self._close, containers), return_exceptions=True)
        for container, result in zip(containers, results, strict=True):
            if isinstance(result, Exception):
                log.warning("cannot stop %s: %s", container.name, result)

    async def _close(self, container: Container) -> None:
        async with container.lock:
            pass  # whoever is starting it just now has done so
        if container.state.running:
            await self._halt(container, None)


def running(container: Container) -> Process:
    """Its process. Raises Conflict when it does not run."""
    if container.process is None or not container.state.running:
        raise Conflict(f"Container {container.id} is not running")
    return container.process


async def _within(future: asyncio.Future[int], seconds: float | None) -> bool:
    """Whether the future was resolved in time."""
    done, _ = await asyncio.wait([future], timeout=seconds)
    return bool(done)
