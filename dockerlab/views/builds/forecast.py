"""The cache forecast: what the next build will find in the cache; to try out, then to build."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol

from dockerlab.errors import DockerlabError
from dockerlab.formats.buildtrace import BuildTrace, Status, Step
from dockerlab.views.builds import plain
from dockerlab.views.builds import rows as reading
from dockerlab.views.builds.pace import Pace
from dockerlab.views.builds.reasons import sentence
from dockerlab.views.builds.rows import Row
from dockerlab.views.builds.still import (
    LEFT,
    RIGHT,
    WIDTH,
    Mark,
    StillList,
    StillRow,
    mark,
    stages,
)
from dockerlab.views.drawing import Drawing, wrap
from dockerlab.views.picture import Picture
from dockerlab.views.words import Language

if TYPE_CHECKING:
    from dockerlab.views.live import LiveForecast

MOST_FILES = 60
"""How many files of the context can be marked; of more only their number is told."""
LARGEST_TEXT = 100_000
"""Characters of a Dockerfile that the browser may send."""


class Foretold(Protocol):
    """What ``lab.forecast`` returns: a forecast that can be asked again, and be built."""

    dockerfile: str
    trace: BuildTrace

    @property
    def files(self) -> tuple[str, ...]: ...

    def again(self, dockerfile: str, touched: Collection[str] = ()) -> BuildTrace: ...

    def build(
        self,
        dockerfile: str = "",
        touched: Collection[str] = (),
        progress: Callable[[BuildTrace], None] | None = None,
    ) -> BuildTrace: ...


class ForecastView(Picture):
    """``ForecastView(lab.forecast("app"))``; in the live form files can be marked as edited."""

    def __init__(self, forecast: Foretold, lang: Language | None = None) -> None:
        super().__init__(lang)
        self.forecast = forecast
        self.dockerfile = forecast.dockerfile
        self.touched: frozenset[str] = frozenset()
        self.foretold = forecast.trace
        self.built: BuildTrace | None = None
        """The build that was tried, as far as it is."""
        self.error = ""
        self._asked = 0
        self._lock = threading.RLock()
        # Another one: who works shows as well, and the pace shows from a thread of its own.
        self._turn = threading.Lock()
        self._pace: Pace[None] = Pace(lambda _: self._show())

    @property
    def title(self) -> str:
        return self.words("fc.title")

    @property
    def rows(self) -> tuple[Row, ...]:
        """Of the build where there is one, else of the forecast."""
        return reading.rows(self.built or self.foretold)

    @property
    def right(self) -> list[bool]:
        """For each step that was built, whether it went as forecast."""
        steps = self.built.steps if self.built else ()
        pairs = zip(self.foretold.steps, steps, strict=False)
        return [_hit(guess) == _hit(step) for guess, step in pairs if _ended(step)]

    @property
    def summary(self) -> str:
        """One or two sentences: how many hits, and where the cache will end."""
        words, trace = self.words, self.foretold
        if self.built is not None:
            return self._outcome(self.built)
        if trace.hits == len(trace.steps):
            return words("fc.sum.all")
        told = words("fc.sum.miss", hits=trace.hits, all=len(trace.steps))
        first = next((row.step for row in reading.rows(trace) if row.first), None)
        if first is None or first.reason is None:
            return told
        why = sentence(first.reason, words)
        return f"{told} {words('fc.sum.break', n=first.number, why=why)}"

    def _outcome(self, built: BuildTrace) -> str:
        if built.error:
            return self.words("fc.sum.failed", error=built.error)
        if any(not _ended(step) for step in built.steps):
            return self.words("fc.building")
        right, count = self.right, len(built.steps)
        key = "fc.sum.right" if all(right) and len(right) == count else "fc.sum.wrong"
        return self.words(key, right=sum(right), all=count)

    @property
    def text(self) -> str:
        lines = [self.title, self.summary]
        for row in self.rows:
            told = [one.text for one in self._marks(row)] + [self._verdict(row.step)]
            lines.append(
                f"{row.step.number}. {row.step.instruction} [{', '.join(filter(None, told))}]"
            )
            if row.step.reason:
                why = sentence(row.step.reason, self.words)
                lines.append(f"   {self.words('build.why')}: {why}")
        return "\n".join(lines)

    def _guess(self, number: int) -> Mark:
        row = next((r for r in reading.rows(self.foretold) if r.step.number == number), None)
        if row is None:
            return Mark(self.words("fc.unknown"), guess=True)
        key = "fc.hit" if row.step.status is Status.CACHED else "fc.miss"
        return Mark(f"{row.sign} {self.words(key)}", row.accent, guess=True)

    def _marks(self, row: Row) -> list[Mark]:
        guess = self._guess(row.step.number)
        return [guess] if self.built is None else [guess, mark(row, self.words)]

    def _verdict(self, step: Step) -> str:
        """Whether it went as forecast; nothing before that is known."""
        if self.built is None or not _ended(step) or step.number > len(self.foretold.steps):
            return ""
        right = _hit(self.foretold.steps[step.number - 1]) == _hit(step)
        return f"✓ {self.words('fc.right')}" if right else f"✗ {self.words('fc.wrong')}"

    def draw(self) -> Drawing:
        words, told = self.words, self.summary
        listed = StillList(
            (StillRow(row, words, self._marks(row), timed=False) for row in self.rows),
            stages(self.built or self.foretold),
            words,
        )
        lines = wrap(told, RIGHT - LEFT, 14)
        top = 58 + 20.0 * len(lines) + 10
        height = top + listed.height + 12
        drawing = Drawing(WIDTH, height, self.title, words("fc.desc", summary=told))
        drawing.rect(0.5, 0.5, WIDTH - 1, height - 1, "canvas", "line", 12)
        drawing.text(LEFT, 38, self.title, 17, bold=True)
        drawing.lines(LEFT, 66, lines, 20, size=14)
        listed.draw(drawing, top)
        return drawing

    # -- the live form

    def animate(self) -> LiveForecast | None:
        from dockerlab.views.live import LiveForecast  # costs half a second: only when shown

        words: dict[str, str] = {}
        for prefix in ("build.", "fc.", "view."):
            words |= self.words.all(prefix)
        widget = LiveForecast(words=words, **self._traits())
        widget.on_msg(self._received)
        return widget

    def _traits(self) -> dict[str, Any]:
        rows = plain.rows(self.built or self.foretold, self.words)
        for one, row in zip(rows, self.rows, strict=True):
            one["verdict"] = self._verdict(row.step)
            if self.built is None:
                guess = self._guess(row.step.number)
                one |= {"mark": guess.text, "guess": True, "took": ""}
                one["silent"] = self.words("build.notyet")
        trace = self.built or self.foretold
        head = plain.head(trace, self.words)
        head |= {"summary": self.summary, "bad": bool(self.built and self.built.error)}
        files = self.forecast.files
        return {
            "title": self.title,
            "text": self.text,
            "head": head,
            "rows": rows,
            "logs": plain.logs(trace.steps),
            "dockerfile": self.dockerfile,
            "files": [[path, path in self.touched] for path in files[:MOST_FILES]],
            "more": max(len(files) - MOST_FILES, 0),
            "error": self.error,
        }

    def _show(self) -> None:
        widget: Any = self._widget
        if widget is None:
            return
        with self._lock, widget.hold_sync():
            for name, value in self._traits().items():
                setattr(widget, name, value)

    def _received(self, widget: LiveForecast, content: object, _: object) -> None:
        """A message of the browser: ``{"action": "again" | "build" | "reset", …}``."""
        if not isinstance(content, dict) or widget.busy == "building":
            return
        action = content.get("action")
        if action == "reset":
            self._take(self.forecast.dockerfile, ())
        elif action in ("again", "build"):
            self._take(content.get("dockerfile"), content.get("touched"))
        else:
            return
        self._asked += 1
        widget.busy = "building" if action == "build" else "thinking"
        work = self._build if action == "build" else self._again
        # Not in the kernel's own thread: cells should go on meanwhile.
        threading.Thread(target=self._work, args=(widget, work, self._asked), daemon=True).start()

    def _take(self, dockerfile: object, touched: object) -> None:
        if isinstance(dockerfile, str) and len(dockerfile) <= LARGEST_TEXT:
            self.dockerfile = dockerfile
        if isinstance(touched, list | tuple):
            self.touched = frozenset(path for path in self.forecast.files if path in touched)

    def _work(self, widget: LiveForecast, work: Callable[[], None], asked: int) -> None:
        with self._turn:
            if asked != self._asked:
                return  # something newer is on its way
            self.error = ""
            try:
                work()
            except (DockerlabError, OSError) as error:
                # docker-py's errors are OSErrors (they come from requests).
                self.error = str(error)
            self._pace.flush()
            self._show()
        if asked == self._asked:
            widget.busy = ""

    def _again(self) -> None:
        self.foretold = self.forecast.again(self.dockerfile, self.touched)
        self.built = None

    def _build(self) -> None:
        self.foretold = self.forecast.again(self.dockerfile, self.touched)
        self.built = None
        try:
            self._progress(self.forecast.build(self.dockerfile, self.touched, self._progress))
        except DockerlabError as error:
            failed = getattr(error, "trace", None)
            if not isinstance(failed, BuildTrace):
                raise
            self._progress(failed)

    def _progress(self, trace: BuildTrace) -> None:
        self.built = trace
        self._pace.give(None)


def _hit(step: Step) -> bool:
    return step.status is Status.CACHED


def _ended(step: Step) -> bool:
    return step.status not in (Status.PENDING, Status.RUNNING)
