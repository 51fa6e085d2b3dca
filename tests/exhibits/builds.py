"""A build in each state of a step, two builds, a forecast, an image's layers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import dockerlab
from dockerlab.errors import DockerfileError
from dockerlab.formats.buildtrace import BuildTrace, Cause, Reason, Status, Step
from dockerlab.formats.filetree import Entry, LayerTree
from dockerlab.formats.layers import stacked
from dockerlab.views import ForecastView, LayersView, show

DOCKERFILE = """FROM node:22
WORKDIR /usr/src/app
COPY package.json ./
RUN npm install
COPY ./ ./
CMD ["node", "server.js"]
"""
HIT, RAN, FAILED = Status.CACHED, Status.RAN, Status.FAILED
FILES = Reason(cause=Cause.FILES, changed=("index.js",), added=("new.js",))
READS = Reason(cause=Cause.INSTRUCTION, before="RUN npm ci", after="RUN npm install")
LOG = "npm warn deprecated inflight@1.0.6\nadded 65 packages in 4s\n"


def trace(*statuses: Status, seconds: float = 1.5, **reasons: Reason) -> BuildTrace:
    """Of DOCKERFILE; ``step4=READS`` says why a step missed the cache."""
    steps = []
    for number, line in enumerate(DOCKERFILE.splitlines(), 1):
        status = statuses[min(number, len(statuses)) - 1]
        step = Step(number=number, instruction=line, line=number, stage="0", status=status)
        took = 0.01 if status is HIT else seconds
        started = steps[-1].started + steps[-1].seconds if steps else 0.0
        reason = reasons.get(f"step{number}")
        steps.append(replace(step, seconds=took, started=started, reason=reason, log=LOG))
    total = steps[-1].started + steps[-1].seconds
    return BuildTrace(steps=tuple(steps), seconds=total, dockerfile=DOCKERFILE, tags=("kim/app",))


def after(step: int) -> Reason:
    return Reason(cause=Cause.PARENT, step=step)


PARTLY = trace(HIT, HIT, HIT, HIT, RAN, RAN, step5=FILES, step6=after(5))
BROKEN = trace(
    HIT, HIT, RAN, FAILED, Status.PENDING, step3=Reason(cause=Cause.FIRST), step4=READS
)  # fmt: skip
BROKEN = replace(
    BROKEN,
    error="The command '/bin/sh -c npm install' returned a non-zero code: 1",
    steps=tuple(replace(one, exit_code=1 if one.number == 4 else None) for one in BROKEN.steps),
)
UNDERWAY = trace(HIT, HIT, RAN, Status.RUNNING, Status.PENDING, step3=FILES)
SLOW = trace(HIT, HIT, RAN, RAN, RAN, RAN, step3=FILES, step4=after(3), step5=after(3))


class Bench:
    """A forecast: an edited file makes the last two steps run."""

    def __init__(self) -> None:
        self.dockerfile = DOCKERFILE
        self.files = ("index.js", "package.json", "public/a-picture-with-a-long-name.svg")
        self.trace = PARTLY

    def again(self, dockerfile: str, touched: Collection[str] = ()) -> BuildTrace:
        if "CMDD" in dockerfile:
            raise DockerfileError("unknown instruction: CMDD", "Did you mean CMD?", line=6)
        return replace(PARTLY if touched else trace(HIT), dockerfile=dockerfile)

    def build(self, dockerfile: str = "", touched: Any = (), progress: Any = None) -> BuildTrace:
        return replace(SLOW, image="sha256:1")


def entries(*paths: str, size: int = 10) -> LayerTree:
    folders = [Entry(path.rstrip("/"), "dir") for path in paths if path.endswith("/")]
    files = [Entry(path, "file", size=size) for path in paths if not path.endswith("/")]
    return LayerTree((*folders, *files))


STACK = stacked(
    "app",
    "sha256:1",
    [
        {"created_by": "base", "created": "2025-01-01T00:00:00Z"},
        {"created_by": "/bin/sh -c npm install", "created": "2025-01-03T00:00:00Z"},
        {"created_by": '/bin/sh -c #(nop)  CMD ["node"]', "empty_layer": True},
        {"created_by": "/bin/sh -c rm app/a/lib.js", "created": "2025-01-03T00:00:00Z"},
    ],
    [
        entries("/bin/", "/bin/sh", "/etc/", "/etc/passwd", size=100_000),
        entries("/app/", "/app/a/", "/app/a/lib.js", "/app/b.js", "/etc/passwd", size=10_000),
        LayerTree((Entry("/app/b.js", "file", size=7), Entry("/new", "file")), ("/app/a/lib.js",)),
    ],
)  # fmt: skip
AT = 1736000000.0
EXHIBITS: dict[str, Callable[[Any], Any]] = {
    "build": lambda lang: show(PARTLY, lang),
    "build failed": lambda lang: show(BROKEN, lang),
    "build running": lambda lang: show(UNDERWAY, lang),
    "builds": lambda lang: dockerlab.compare(SLOW, PARTLY, ("all at once", "in two steps"), lang),
    "forecast": lambda lang: ForecastView(Bench(), lang),
    "layers": lambda lang: LayersView(STACK, lang, now=AT),
}
