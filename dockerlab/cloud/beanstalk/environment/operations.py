"""What can be done to an environment: create, update, restart, terminate, recover.

Generators, as in ``deployment``. Each ends with the environment in a state that can be named: what
was there before, when it fails; only a lost engine (``EngineUnavailable``) leaves it half way, and
then ``recover`` is the next operation.
"""

from __future__ import annotations

import time
from collections.abc import Generator

from dockerlab.client.explain import explained
from dockerlab.cloud.beanstalk.environment.deployment import (
    Aborted,
    Work,
    loaded,
    replaced,
    switched,
)
from dockerlab.cloud.beanstalk.environment.kept import Kept, Source
from dockerlab.cloud.beanstalk.fleet.balancer import PortTaken
from dockerlab.cloud.beanstalk.fleet.fleet import Fleet
from dockerlab.cloud.beanstalk.fleet.image import NotBuilt
from dockerlab.cloud.beanstalk.fleet.instances import Release
from dockerlab.cloud.beanstalk.fleet.site import INSTANCE, ROLE, remove_container
from dockerlab.cloud.beanstalk.options import COMMAND, Settings
from dockerlab.errors import DockerlabError, EngineUnavailable


def create(env: Kept, version: str, source: Source | None) -> Work:
    """Network, balancer, and the instances of a version."""
    journal = env.journal
    try:
        env.fleet.site.make_network()
        _open(env)
        yield from loaded(env.fleet)
    except EngineUnavailable:
        raise
    except DockerlabError as error:
        journal.error(f"Creating the load balancer failed: {error.message.rstrip('.')}.")
        journal.error("Failed to launch the environment: it is taken away again.")
        yield from terminate(env)
        return
    journal.info(f"Created the load balancer {env.fleet.balancer.name}: {env.fleet.balancer.url}")
    if source is None:
        journal.info("The environment has no version yet, and so no instances.")
    else:
        try:
            yield from _deploy(env, version, source)
        except EngineUnavailable:
            raise
        except DockerlabError as error:
            journal.error(error.message, version)
            journal.error("The environment was created, but with errors: no version runs in it.")
            env.settle()
            return
    journal.info(f"Successfully launched environment: {env.name}", version)
    env.settle()


def _open(env: Kept) -> None:
    fleet = env.fleet
    fleet.balancer.start(env.settings.port, delay=fleet.delay, patience=fleet.patience)


def update(env: Kept, version: str, source: Source | None, settings: Settings) -> Work:
    """Another version, other settings, or both; all of it or nothing."""
    before, old = env.settings, env.release
    env.use(settings)
    try:
        yield from _moved(env, before)
        if source is not None:
            yield from _deploy(env, version, source)
        elif old is not None and before.variables != settings.variables:
            yield from replaced(env.fleet, env.journal, old, env.wanted)
    except EngineUnavailable:
        env.use(before)
        raise
    except DockerlabError as error:
        env.use(before)
        yield from _given_up(env, before, version, error)
    else:
        env.journal.info("Environment update completed successfully.", version)
    env.settle()


def _given_up(env: Kept, before: Settings, version: str, error: DockerlabError) -> Work:
    if isinstance(error, Aborted):
        env.journal.warn("Environment update was aborted.", version)
    else:
        env.journal.error(error.message, version)
        env.journal.error("Failed to deploy the update; nothing of it stays.", version)
    running = f"version {env.version} goes on serving" if env.version else "no version runs"
    env.journal.warn(f"The environment is as it was before: {running}.", env.version)
    if env.fleet.balancer.port != before.port and before.port:
        yield from _opened_at(env, before.port)


def _moved(env: Kept, before: Settings) -> Work:
    """The balancer at another port, when the settings say so."""
    port, balancer = env.settings.port, env.fleet.balancer
    if port == before.port or not port or port == balancer.port:
        return
    old = balancer.port
    try:
        yield from _opened_at(env, port)
    except PortTaken:
        yield from _opened_at(env, old)
        raise
    env.journal.info(f"The load balancer has moved: {balancer.url}")


def _opened_at(env: Kept, port: int) -> Work:
    fleet = env.fleet
    fleet.balancer.remove()
    fleet.balancer.start(port, delay=fleet.delay, patience=fleet.patience)
    yield from switched(fleet)


def _deploy(env: Kept, version: str, source: Source) -> Work:
    """Build a version, then put it in place of what runs."""
    release = yield from _built(env, version, source)
    env.wanted = max(env.settings.minimum, min(env.settings.maximum, env.wanted))
    yield from replaced(env.fleet, env.journal, release, env.wanted)
    env.release, env.version = release, version


def _built(env: Kept, version: str, source: Source) -> Generator[None, None, Release]:
    began, limit = time.monotonic(), env.settings.whole(COMMAND, "Timeout")
    job = env.job(version, source)
    try:
        while job.is_alive():
            if time.monotonic() > began + limit:
                raise NotBuilt(f"The image was not built within the Timeout of {limit} seconds.")
            yield
    finally:
        job.stop()
        env.fleet.keep_images(job.made)
    release = job.result()
    env.journal.info(
        f"Built the image in {time.monotonic() - began:.1f} s; its app is expected at port "
        f"{release.port}.",
        version,
    )
    return release


def restart(env: Kept) -> Work:
    """New instances of the version that runs."""
    if env.release is not None:
        try:
            yield from replaced(env.fleet, env.journal, env.release, env.wanted)
        except EngineUnavailable:
            raise
        except DockerlabError as error:
            env.journal.error(f"The restart failed. {error.message}", env.version)
        else:
            env.journal.info("All instances were restarted.", env.version)
    env.settle()


def terminate(env: Kept) -> Work:
    """Nothing of it stays."""
    yield
    try:
        env.fleet.clear()
    except EngineUnavailable:
        raise
    except DockerlabError as error:
        env.journal.error(f"Something of the environment stays on the engine: {error.message}")
    env.release = None
    env.status = "Terminated"
    env.journal.info("terminateEnvironment completed successfully.")


def recover(env: Kept) -> Work:
    """After the engine was lost: what is there becomes what should be there."""
    fleet = env.fleet
    if not fleet.balancer.port:
        env.journal.error("Failed to launch the environment: the engine ended meanwhile.")
        yield from terminate(env)
        return
    fleet.retire([one for one in fleet.instances if one.release != env.release])
    _remove_strangers(fleet)
    for one in fleet.instances:
        one.state = "InService" if one.state == "Terminating" else one.state
    try:
        if not fleet.balancer_runs:
            fleet.balancer.revive()
        yield from switched(fleet)
    except EngineUnavailable:
        raise
    except DockerlabError as error:
        env.journal.error(f"The load balancer does not come back: {error.message}")
    running = f"It goes on with version {env.version}." if env.version else "No version runs in it."
    env.journal.info(f"The environment has been put in order again. {running}", env.version)
    env.settle()


@explained()
def _remove_strangers(fleet: Fleet) -> None:
    """Containers that an interrupted operation made and nobody knows of."""
    known = {one.id for one in fleet.instances}
    for found in fleet.site.containers():
        labels = found.get("Labels") or {}
        if labels.get(ROLE) == "instance" and labels.get(INSTANCE) not in known:
            remove_container(fleet.site.api, str(found["Id"]))
