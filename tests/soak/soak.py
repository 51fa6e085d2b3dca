"""Eight clients at one embedded engine for a while, which is killed now and then: what is left?

``make soak`` takes ten minutes for each kind of engine; ``SOAK=60 make soak`` a minute.
``SOAK_SEED=…`` does again what another run did, as far as clients beside each other can;
``DOCKERLAB_TEST_ENGINES=proot-user`` picks the kinds. It ends with a table, and fails with all
that was not as it should be.
"""

from __future__ import annotations

import os
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import docker
import making
import running
from beliefs import differences, said
from census import Found, census, memory, processes, settled, shims
from client import Client
from docker.client import DockerClient
from engines import Engine, Unavailable, start, wanted
from outages import Outages, moments

from dockerlab.course.prepare import prepare

LOGS = Path(tempfile.gettempdir()) / "dockerlab-soak"
IMAGES = ["alpine", "busybox"]
ACTIONS = running.ACTIONS | making.ACTIONS
CLIENTS = 8
KILLS = 5
FEWEST = 500
"""Operations in ten minutes."""
GROWTH = 12
"""MB that an engine's processes may take more at the end than at the beginning: what Python keeps
of the memory that eight clients needed at once."""


@dataclass
class Report:
    kind: str
    failures: list[str] = field(default_factory=list)
    rows: list[tuple[str, str]] = field(default_factory=list)


def soak(kind: str, seed: int, seconds: float) -> Report:
    report = Report(kind)
    engine = start(kind)
    try:
        client = docker.DockerClient(base_url=engine.url, timeout=120, version="1.41")
        prepare(client, IMAGES, progress=lambda step: None)
        with tempfile.TemporaryDirectory(prefix="dlsoak-") as folder:
            _soak(engine, client, Path(folder), seed, seconds, report)
        client.close()
        _stopped(engine, report)
        said = (engine.root / "engine.log").read_text()  # type: ignore[operator]
        report.failures += re.findall(r"ERROR asyncio: .*\n?.*", said)
        if report.failures:
            LOGS.mkdir(parents=True, exist_ok=True)
            (LOGS / f"{kind}.log").write_text(said)
            report.failures.append(f"the engine's log is in {LOGS}/{kind}.log")
    finally:
        engine.stop()
    return report


def _soak(
    engine: Engine, client: DockerClient, folder: Path, seed: int, seconds: float, report: Report
) -> None:
    outages = Outages(engine)
    clients = [Client(n, seed, engine.url, outages, folder) for n in range(1, CLIENTS + 1)]
    before, at_first, address = _warm(engine, client, Client(0, seed, engine.url, outages, folder))
    for each in clients:
        each.go(ACTIONS, seconds)
    restarts = _interrupt(outages, random.Random(seed), seconds)
    for each in clients:
        each.join(300)
        if each.is_alive():
            report.failures.append(f"{each.name} still waits for an answer")
    report.failures += [failure for each in clients for failure in each.failures]
    report.failures += account(engine, client, clients)
    for each in clients:
        each.clear()
    _tidy(client)
    found = settled(engine, before)
    report.failures += [f"leaked: {count} more of {what} ({kind})" for kind, what, count in found]
    at_last = memory(engine)
    if at_last - at_first > GROWTH:
        report.failures.append(f"memory grew from {at_first:.1f} to {at_last:.1f} MB")
    if _address(client) != address:
        report.failures.append(f"the first free address is no more {address}: {_address(client)}")
    done = sum((each.done for each in clients), Counter[str]())
    if done.total() < FEWEST * seconds / 600:
        report.failures.append(f"only {done.total()} operations were done")
    report.failures += [f"never done: {name}" for name in ACTIONS if not done[name]]
    report.rows = [
        ("operations", str(done.total())),
        ("cut off by a kill", str(sum(each.cut_off for each in clients))),
        ("kills; engine back in", f"{len(restarts)}; {max(restarts, default=0):.1f} s at most"),
        ("memory before, after", f"{at_first:.1f}, {at_last:.1f} MB"),
        ("fewest of one operation", "{1} {0}".format(*done.most_common()[-1])),
    ]


def _warm(engine: Engine, client: DockerClient, first: Client) -> tuple[Found, float, str]:
    """Every action once, then what is there afterwards: things, MB, a container's address."""
    for name, action in ACTIONS.items():
        first.attempt(name, action)
    first.clear()
    if first.failures:
        raise SystemExit("one client alone: " + "\n".join(first.failures))
    address = _address(client)
    _tidy(client)
    before = _quiet(engine)
    return before, memory(engine), address


def _quiet(engine: Engine) -> Found:
    """What is there once nothing changes any more."""
    found = census(engine)
    for _ in range(20):
        time.sleep(1)
        found, last = census(engine), found
        if found == last:
            break
    return found


def _tidy(client: DockerClient) -> None:
    """What builds have kept for the next one: nobody uses it any more."""
    client.api.prune_images({"dangling": True})
    client.api.prune_builds()
    client.close()


def _interrupt(outages: Outages, chance: random.Random, seconds: float) -> list[float]:
    """Kill the engine now and then; how long each next start took."""
    begun = time.monotonic()
    took = []
    for moment in moments(chance, seconds, KILLS):
        time.sleep(max(0.0, begun + moment - time.monotonic()))
        took.append(outages.one(chance))
    return took


def account(engine: Engine, client: DockerClient, clients: list[Client]) -> Iterator[str]:
    """Compare what clients believe, what the engine says and what really runs."""
    names: set[str] = set()
    for each in clients:
        yield from differences(each.beliefs, client, each.prefix)
        names |= each.beliefs.present("container").keys()
    for name in sorted(said(client, "container", "soak").keys() - names):
        yield f"container {name} belongs to nobody"
    listed = client.api.containers(filters={"status": ["running", "paused"]})
    up, really = {each["Id"][:12] for each in listed}, shims(engine)
    yield from (f"container {id} is said to run, and has no process" for id in up - really)
    yield from (f"container {id} runs, and is not said to" for id in really - up)
    for each in listed:
        pid = client.api.inspect_container(each["Id"])["State"]["Pid"]
        if pid not in processes(engine):
            yield f"process {pid} of container {each['Names'][0]} is not there"


def _address(client: DockerClient) -> str:
    """What the next container would get."""
    container = client.containers.run("alpine", ["sleep", "60"], detach=True, name="soak-address")
    try:
        container.reload()
        return str(container.attrs["NetworkSettings"]["IPAddress"])
    finally:
        container.remove(force=True)


def _stopped(engine: Engine, report: Report) -> None:
    """After an orderly end nothing runs."""
    engine.process.terminate()  # type: ignore[union-attr]
    engine.process.wait(60)  # type: ignore[union-attr]
    end = time.monotonic() + 20
    while (left := processes(engine)) and time.monotonic() < end:
        time.sleep(0.2)
    report.failures += [f"still runs after the engine's end: {what}" for what in left.values()]


def main() -> None:
    seconds = float(os.environ.get("SOAK") or 600)
    seed = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(1_000_000))
    failed = False
    for kind in (kind for kind in wanted() if kind != "docker"):
        print(f"{kind}: {CLIENTS} clients for {seconds:g} s, SOAK_SEED={seed}", flush=True)
        try:
            report = soak(kind, seed, seconds)
        except Unavailable as reason:
            print(f"  left out: {reason}")
            continue
        for what, value in report.rows:
            print(f"  {what:<26}{value}")
        for failure in report.failures:
            print(f"  FAILED {failure}")
        failed |= bool(report.failures)
    sys.exit(failed)


if __name__ == "__main__":
    main()
