"""Speed and memory of the embedded engine, as ratios against Docker Engine in the same run.

``make bench`` prints one table, ``BENCH=build make bench`` a part of it. Rounds of the engines are
interleaved, so that whatever else the machine does hits all of them alike. Nothing here is a
test: goals are printed, not asserted.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import builds
import compose
import deploying
import grading
from engines import KINDS, Engine, Unavailable, start
from measuring import Clients, Row, against_docker, client_of, interleaved, milliseconds

IMAGE = "alpine"


def run_true(clients: Clients, rounds: int) -> list[Row]:
    actions = {
        kind: lambda c=client: c.containers.run(IMAGE, "true", remove=True)
        for kind, client in clients.items()
    }
    goals = {"namespaces-root": ">= 8x", "namespaces-user": ">= 8x", "proot-user": ">= 4x"}
    return against_docker("run --rm true", interleaved(actions, rounds), goals)


def exec_true(clients: Clients, rounds: int) -> list[Row]:
    held = {
        k: c.containers.run(IMAGE, ["sleep", "600"], detach=True, name="dlbench-exec")
        for k, c in clients.items()
    }
    try:
        actions = {kind: lambda c=each: c.exec_run("true") for kind, each in held.items()}
        goals = dict.fromkeys((k for k in clients if k != "docker"), ">= 3x")
        return against_docker("exec true", interleaved(actions, rounds), goals)
    finally:
        for each in held.values():
            each.remove(force=True)


def list_500(clients: Clients, rounds: int) -> list[Row]:
    names = [f"dlbench-{n}" for n in range(500)]
    try:
        for client in clients.values():
            for name in names:
                client.api.create_container(IMAGE, ["true"], name=name)
        actions = {k: lambda c=c: c.api.containers(all=True) for k, c in clients.items()}
        goals = dict.fromkeys((k for k in clients if k != "docker"), ">= 1x")
        return against_docker("ps -a, 500 containers", interleaved(actions, rounds), goals)
    finally:
        for client in clients.values():
            for container in client.api.containers(all=True, filters={"name": "dlbench-"}):
                client.api.remove_container(container["Id"], force=True)


def tree(engine: Engine) -> list[int]:
    """The engine's processes and its containers': all that carry its home in their environment."""
    mark = b"HOME=" + str(engine.root.parent).encode()  # type: ignore[union-attr]
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (
                mark in (entry / "environ").read_bytes()
                or mark[5:] in (entry / "cmdline").read_bytes()
            ):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def pss_kib(pids: list[int]) -> int:
    """Proportional set size: shared pages are counted once, divided among those who share."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1])
    return total


def memory(engines: dict[str, Engine], clients: Clients) -> list[Row]:
    rows: list[Row] = []
    for kind, engine in engines.items():
        if not engine.embedded:
            continue
        engine.process.terminate()  # type: ignore[union-attr]
        engine.process.wait()  # type: ignore[union-attr]
        engine.launch()
        client = clients[kind] = client_of(engine)
        time.sleep(1)
        idle = pss_kib(tree(engine))
        held = [
            client.containers.run(IMAGE, ["sleep", "600"], detach=True, name=f"dlbench-{n}")
            for n in range(10)
        ]
        time.sleep(1)
        more = (pss_kib(tree(engine)) - idle) / len(held)
        for each in held:
            each.remove(force=True)
        rows.append(("memory, idle (Pss)", kind, f"{idle / 1024:.1f} MB", "–", "< 45 MB"))
        rows.append(("memory, a container", kind, f"{more / 1024:.1f} MB", "–", "< 8 MB"))
    return rows


def ready(engines: dict[str, Engine]) -> list[Row]:
    rows: list[Row] = []
    for kind, engine in engines.items():
        if not engine.embedded:
            continue
        times = []
        for _ in range(5):
            engine.process.terminate()  # type: ignore[union-attr]
            engine.process.wait()  # type: ignore[union-attr]
            times.append(milliseconds(engine.launch))
        rows.append(("engine ready", kind, f"{statistics.median(times):.0f} ms", "–", "< 500 ms"))
    return rows


def importing() -> list[Row]:
    command = [sys.executable, "-c", "import dockerlab"]
    bare = [sys.executable, "-c", "pass"]
    times = [milliseconds(lambda: subprocess.run(command, check=True)) for _ in range(9)]
    empty = [milliseconds(lambda: subprocess.run(bare, check=True)) for _ in range(9)]
    took = statistics.median(times) - statistics.median(empty)
    return [("import dockerlab", "–", f"{took:.0f} ms", "–", "< 250 ms")]


def started() -> dict[str, Engine]:
    engines = {}
    for kind in KINDS:
        try:
            engines[kind] = start(kind)
        except Unavailable as reason:
            print(f"{kind}: left out, {reason}")
    return engines


def show(rows: list[Row]) -> None:
    table = [("what", "engine", "measured", "against Docker", "goal"), *rows]
    widths = [max(len(row[i]) for row in table) for i in range(5)]
    for number, row in enumerate(table):
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        )
        if number == 0:
            print("  ".join("-" * width for width in widths))


PARTS = (
    "run",
    "exec",
    "list",
    "build",
    "compose",
    "deploy",
    "grading",
    "memory",
    "ready",
    "import",
)


def measured(part: str, engines: dict[str, Engine], clients: Clients, rounds: int) -> list[Row]:
    match part:
        case "run":
            return run_true(clients, rounds)
        case "exec":
            return exec_true(clients, rounds)
        case "list":
            return list_500(clients, rounds)
        case "build":
            return builds.all_rows(clients, rounds)
        case "compose":
            return compose.all_rows(engines, clients, rounds)
        case "deploy":
            return deploying.all_rows(engines)
        case "grading":
            return grading.all_rows(engines)
        case "memory":
            return memory(engines, clients)
        case "ready":
            return ready(engines)
        case _:
            return importing()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    options.add_argument("--rounds", type=int, default=15)
    chosen = options.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        options.error(f"no such part: {', '.join(unknown)}")
    parts = [part for part in PARTS if part in (chosen.parts or PARTS)]
    engines = started()
    try:
        clients = {kind: client_of(engine) for kind, engine in engines.items()}
        from dockerlab.course.prepare import prepare

        for client in clients.values():
            images = {
                "build": builds.IMAGES,
                "compose": compose.IMAGES,
                "deploy": deploying.IMAGES,
                "grading": grading.IMAGES,
            }
            wanted = (name for part in parts for name in images.get(part, ()))
            prepare(client, list(dict.fromkeys([IMAGE, *wanted])))
        show([row for part in parts for row in measured(part, engines, clients, chosen.rounds)])
    finally:
        for engine in engines.values():
            engine.stop()


if __name__ == "__main__":
    main()
