"""One build: the context goes to the engine, its stream becomes a trace, the trace a ``Build``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docker.types import CancellableStream

from dockerlab.client.builds.causes import Causes, remember
from dockerlab.client.builds.context import Context, Sent
from dockerlab.client.builds.hints import general, specific
from dockerlab.client.builds.memory import Made, Memory
from dockerlab.client.builds.planning import Options, announce, plan
from dockerlab.client.images import Image
from dockerlab.errors import BuildFailed, DockerfileError
from dockerlab.formats import buildkit, buildlog
from dockerlab.formats.buildtrace import BuildTrace, Status, Step
from dockerlab.formats.dockerfile.instructions import Dockerfile
from dockerlab.formats.dockerfile.reader import read
from dockerlab.formats.reference import parse
from dockerlab.formats.table import html_record
from dockerlab.formats.text import short_id, size

Watcher = Callable[[BuildTrace], None]
"""Called with the trace whenever there is something new, and with the whole one at the end."""
Records = Callable[[Mapping[str, Any]], None]
"""Called with each record of the engine's stream as it comes."""

TRACE_HEADER = "X-Dockerlab-Trace"
EVERY = 0.05
"""Seconds between two calls of a watcher while a step only prints."""


class Build:
    """A build that succeeded. ``trace`` tells its steps, ``image`` is the result.

    >>> lab.build("app", tag="web").image.short_id  # doctest: +SKIP
    'da7bfe7823bf'
    """

    def __init__(self, image: Image, trace: BuildTrace, notes: Sequence[str] = ()) -> None:
        self.image = image
        self.trace = trace
        self.notes = tuple(notes)
        """What is worth knowing besides: the engine's warnings, why BuildKit was used."""

    @property
    def tags(self) -> tuple[str, ...]:
        return self.trace.tags

    def __repr__(self) -> str:
        trace = self.trace
        name = trace.tags[0] if trace.tags else short_id(trace.image)
        head = (
            f"<Build {name}: {len(trace.steps)} steps, {trace.hits} cached, {trace.misses} run, "
            f"{trace.seconds:.1f} s>"
        )
        return "\n".join([head, *map(step_line, trace.steps), *self.notes])

    def _repr_html_(self) -> str:
        trace = self.trace
        facts = [
            ("image", short_id(trace.image)),
            ("names", ", ".join(trace.tags)),
            ("steps", f"{len(trace.steps)}: {trace.hits} cached, {trace.misses} run"),
            ("time", f"{trace.seconds:.1f} s"),
            ("size", size(self.image.size)),
        ]
        return html_record("Build", facts)


def step_line(step: Step) -> str:
    """A step on one line: ``2/… cached   RUN make``."""
    cause = f"  ({step.reason.cause.value})" if step.reason is not None else ""
    took = f" {step.seconds:.1f} s" if step.status is Status.RAN and step.seconds else ""
    return f"{step.number:>3} {step.status.value:<7} {step.instruction}{took}{cause}"


@dataclass(slots=True)
class Plan:
    """All that a build needs to know before it begins."""

    context: Context
    options: Options
    tags: tuple[str, ...]
    text: str
    dockerfile: Dockerfile | None
    doubt: DockerfileError | None
    """Why we cannot read the Dockerfile; the engine may all the same."""
    builder: str = "classic"
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, context: Context, options: Options, tags: Sequence[str] = ()) -> Plan:
        text = context.dockerfile
        dockerfile, doubt = None, None
        try:
            dockerfile = read(text)
            announce(dockerfile, options)
        except DockerfileError as error:
            dockerfile, doubt = None, error
        return cls(
            context, options, tuple(tags), text.decode("utf-8", "replace"), dockerfile, doubt
        )

    def use(self, builder: str, notes: tuple[str, ...]) -> None:
        """Build with this builder; ``notes`` say why."""
        self.builder, self.notes = builder, notes
        self.context.whole = builder == "buildkit"

    @property
    def series(self) -> str:
        """Builds of the same series are compared with each other."""
        name = self.context.name
        return "\n".join([str(self.context.folder), name, self.options.target, self.builder])

    @property
    def steps(self) -> tuple[Step, ...]:
        return announce(self.dockerfile, self.options) if self.dockerfile else ()

    def causes(self, before: Sequence[Made], images: Callable[[str], Any]) -> Causes | None:
        """The steps with their inputs; None for a Dockerfile that we cannot read."""
        if self.dockerfile is None:
            return None
        try:
            planned = plan(self.dockerfile, self.context, self.options, images)
        except DockerfileError as error:
            self.doubt = error
            return None
        kit = self.builder == "buildkit"
        return Causes(planned, before, no_cache=self.options.no_cache, by_key=kit)


class Run:
    """A build on its way. ``memory`` knows earlier builds, ``images`` inspects an image.

    ``silence`` is how many seconds the engine may say nothing before the build is given up; the
    client's own timeout error comes of it.
    """

    def __init__(
        self,
        api: Any,
        work: Plan,
        memory: Memory,
        images: Callable[[str], Mapping[str, Any]],
        silence: float | None = None,
    ) -> None:
        self._api, self._plan, self._memory, self._images = api, work, memory, images
        self._silence = silence
        self._causes: Causes | None = None
        self._before: tuple[Made, ...] = ()
        self._reasons: dict[int, Any] = {}
        self._shown = 0.0
        self._state: Any = None
        self._response: Any = None
        kit = work.builder == "buildkit"
        self._reader: buildlog.Reader | buildkit.Reader = (
            buildkit.Reader(work.steps, dockerfile=work.text)
            if kit
            else buildlog.Reader(work.steps, dockerfile=work.text)
        )

    @property
    def warnings(self) -> list[str]:
        return self._reader.warnings

    def run(
        self, watch: Watcher | None = None, records: Records | None = None, sent: Sent | None = None
    ) -> BuildTrace:
        """Build to the end; the trace of it, also of one that failed.

        An interrupt closes the connection, which stops the build in the engine.
        """
        if watch is not None:
            watch(self._reader.trace)
        for record in self._stream(sent):
            if self._causes is None:
                self._prepare()
            self._reader.feed(record)
            if records is not None:
                records(record)
            self._show(watch)
        self._reader.finish()
        trace = self._detailed(self._trace())
        self._keep(trace)
        if watch is not None:
            watch(trace)
        return trace

    def stop(self) -> None:
        """End it from another thread: the connection is closed, which stops it in the engine."""
        if self._response is not None:
            CancellableStream(iter(()), self._response).close()

    # --- the request ---

    def _stream(self, sent: Sent | None) -> Iterator[Mapping[str, Any]]:
        api = self._api
        headers = {"Content-Type": "application/x-tar", TRACE_HEADER: "1"}
        api._set_auth_headers(headers)
        response = api._post(
            api._url("/build"),
            data=self._plan.context.pack(sent),
            params=self._query(),
            headers=headers,
            stream=True,
            timeout=self._silence,
        )
        self._response = response
        try:
            if response.status_code == 400 and "message" in response.json():
                yield {"error": response.json()["message"]}
                return
            api._raise_for_status(response)
            yield from api._stream_helper(response, decode=True)
        finally:
            response.raw.close()
            response.close()

    def _query(self) -> dict[str, Any]:
        options, context = self._plan.options, self._plan.context
        wanted: dict[str, Any] = {
            "t": list(self._plan.tags),
            "dockerfile": context.name,
            "rm": "1" if options.rm else "0",
            "forcerm": int(options.force_rm),
            "nocache": int(options.no_cache),
            "pull": 1 if options.pull else None,
            "target": options.target,
            "networkmode": options.network,
            "buildargs": json.dumps(dict(options.args)) if options.args else None,
            "labels": json.dumps(dict(options.labels)) if options.labels else None,
            "version": 2 if self._plan.builder == "buildkit" else None,
        }
        return {name: value for name, value in wanted.items() if value not in ("", None, [], 0)}

    # --- what it tells ---

    def _prepare(self) -> None:
        """What went into the steps: known once the context is sent, for sending digests it."""
        self._before = self._memory.series(self._plan.series)
        self._causes = self._plan.causes(self._before, self._images)

    def _trace(self) -> BuildTrace:
        """The reader's trace, with reasons where the engine gives none."""
        trace = self._reader.trace
        if self._causes is None:
            return trace
        known: dict[int, Step] = {}
        for step in trace.steps:
            number = self._causes.number(step)
            if step.status in (Status.RAN, Status.FAILED, Status.RUNNING) and step.reason is None:
                step = replace(step, reason=self._reason(number, known))
            known[number] = step
        return replace(trace, steps=tuple(known.values()))

    def _reason(self, number: int, known: Mapping[int, Step]) -> Any:
        assert self._causes is not None
        if number not in self._reasons:
            self._reasons[number] = self._causes.reason(number, known)
        return self._reasons[number]

    def _show(self, watch: Watcher | None) -> None:
        """Tell of each change of a step at once, of output now and then."""
        if watch is None:
            return
        state, now = self._reader.state, time.monotonic()
        if state != self._state or now - self._shown > EVERY:
            self._state, self._shown = state, now
            watch(self._trace())

    def _keep(self, trace: BuildTrace) -> None:
        if self._causes is not None:
            steps = {self._causes.number(step): step for step in trace.steps}
            remember(self._causes, self._memory, self._plan.series, self._before, steps)

    # --- sizes and layers ---

    def _detailed(self, trace: BuildTrace) -> BuildTrace:
        """With the bytes and layers that the engine did not tell, asked of the images."""
        if trace.builder == "buildkit":
            return self._weighed(trace)
        steps: list[Step] = []
        parent: Mapping[str, Any] = {}
        for step in trace.steps:
            image = self._images(step.image) if step.image else {}
            if image and step.keyword != "FROM" and not step.layer:
                step = _with_layer(step, parent, image)
            if image:
                step = replace(step, image=str(image["Id"]))
            parent = image
            steps.append(step)
        return replace(trace, steps=tuple(steps))

    def _weighed(self, trace: BuildTrace) -> BuildTrace:
        """BuildKit has an image of the last stage only, whose history has the sizes."""
        if not trace.image:
            return trace
        rows = [
            int(row.get("Size") or 0)
            for row in self._api.history(trace.image)
            if str(row.get("CreatedBy", "")).startswith(buildkit.LAYERED[1:])
        ]
        last = [step for step in trace.steps if step.stage == trace.steps[-1].stage][1:]
        sizes = dict(zip((step.number for step in reversed(last)), rows, strict=False))
        steps = tuple(replace(step, added=sizes.get(step.number, 0)) for step in trace.steps)
        named = (parse(tag) for tag in self._plan.tags)
        tags = tuple(f"{name.repository}:{name.tag}" for name in named)
        return replace(trace, steps=steps, tags=tags)


def _with_layer(step: Step, parent: Mapping[str, Any], image: Mapping[str, Any]) -> Step:
    below, layers = (list((one.get("RootFS") or {}).get("Layers") or ()) for one in (parent, image))
    if len(layers) <= len(below):
        return step
    added = int(image.get("Size") or 0) - int(parent.get("Size") or 0)
    return replace(step, layer=layers[-1], added=max(0, added))


def failure(trace: BuildTrace, plan: Plan) -> BuildFailed:
    """The error for a trace that ended in one."""
    # The embedded engine's hint stands in its message, where other clients show it too.
    message, _, told = trace.error.partition("\n→ ")
    trace = replace(trace, error=message or "the engine ended the build without a word")
    doubt = plan.doubt.hint if plan.doubt is not None else ""
    hint = specific(trace, plan.context) or told or doubt or general(trace)
    return BuildFailed(trace.error, hint, trace=trace)
