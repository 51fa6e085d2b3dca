"""The panel at the top of the start page: where one is, and a button for a first container."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, get_args

from dockerlab.formats.story import RunStory
from dockerlab.formats.welcome import Here
from dockerlab.views.chapters import chapters, milliseconds
from dockerlab.views.words import Language, Words

if TYPE_CHECKING:
    from dockerlab.views.welcome.box import LivePanel

FIRST_IMAGE = "hello-world"
FIRST_COMMAND = f"docker run --rm {FIRST_IMAGE}"


class Panel:
    """What the panel says of ``here`` and of the first container.

    Of that there is a ``story``, or an ``error`` where there was nobody to ask, or nothing yet.
    """

    def __init__(
        self,
        here: Here,
        story: RunStory | None = None,
        lang: Language | None = None,
        *,
        error: str = "",
    ) -> None:
        self.here = here
        self.story = story
        self.error = error or (story.error if story else "")
        self.words = Words(lang)

    @property
    def title(self) -> str:
        return self.words("welcome.title")

    @property
    def name(self) -> str:
        """The engine's: its own, or for the course's engine one that a learner can read."""
        own = self.here.mode in ("namespaces", "proot")
        return self.words(f"welcome.name.{self.here.mode}") if own else self.here.name

    @property
    def cannot(self) -> list[str]:
        """What does not work here, a sentence each; none where there is no engine."""
        if self.here.mode == "none":
            return []
        return [self.words(f"welcome.cannot.{key}") for key in self.here.cannot or ("nothing",)]

    @property
    def where(self) -> list[str]:
        """Where one is, a paragraph each."""
        told = [self.words(f"welcome.mode.{self.here.mode}")]
        told += [self.here.why] if self.here.mode == "none" and self.here.why else []
        return told + [self.words("welcome.binder")] * self.here.binder

    @property
    def remedy(self) -> list[str]:
        """What to do where no engine answers."""
        if self.here.mode != "none":
            return []
        return [*filter(None, [self.here.remedy]), self.words("welcome.remedy.doctor")]

    @property
    def text(self) -> str:
        words = self.words
        engine = [f"{words('welcome.engine')}: {self.name}"] if self.name else []
        cannot = [f"{words('welcome.cannot')}:", *(f"- {one}" for one in self.cannot)]
        return "\n".join(
            [
                self.title,
                words("welcome.lead"),
                "",
                words("welcome.here"),
                *engine,
                *self.where,
                *(cannot if self.cannot else []),
                *self.remedy,
                "",
                words("welcome.first"),
                f"{words('welcome.first.lead')} {FIRST_COMMAND}",
                *self._told(),
            ]
        )

    def _told(self) -> list[str]:
        output = [self.story.output.strip()] if self.story else []
        return [*filter(None, [self.result]), *output, *(one["title"] for one in self.steps)]

    @property
    def result(self) -> str:
        """How the first container ended."""
        if self.error:
            ill = self.words("welcome.first.ill", error=self.error)
            return f"{ill} {self.words('welcome.first.prepare')}"
        if self.story is None:
            return ""
        took = milliseconds(self.story.total)
        return self.words("welcome.first.done", code=self.story.exit_code, took=took)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """What happened, step by step."""
        told = chapters(self.story, self.words) if self.story else ()
        return [
            {"title": one.title, "why": one.why, "proof": list(one.proof), "failed": one.failed}
            for one in told
        ]

    def traits(self) -> dict[str, Any]:
        """What the widget shows."""
        here, story = self.here, self.story
        return {
            "title": self.title,
            "text": self.text,
            "words": self.words.all("welcome.") | self.words.all("view."),
            "lang": self.words.lang,
            "here": {
                "mode": here.mode,
                "name": self.name,
                "where": self.where,
                "cannot": self.cannot,
                "remedy": self.remedy,
                "says": [*([here.why] if here.mode != "none" else []), *here.says],
            },
            "command": FIRST_COMMAND,
            "result": self.result,
            "failed": bool(self.error),
            "output": story.output.strip() if story else "",
            "steps": self.steps,
        }

    def live(self, **more: Any) -> LivePanel | None:
        """The widget; None where the notebook extras are not installed."""
        try:
            from dockerlab.views.welcome.box import LivePanel  # costs half a second
        except ModuleNotFoundError as error:
            if error.name not in ("anywidget", "ipywidgets"):
                raise
            return None
        return LivePanel(**self.traits(), **more)

    def html(self) -> str:
        """What stays in a notebook that is opened without its kernel: it is for whoever comes
        next, on whatever machine, so it says nothing of this one."""
        hints = "".join(
            f'<p lang="{lang}"><strong>▶</strong> {escape(Words(lang)("welcome.saved"))}</p>'
            for lang in get_args(Language)
        )
        return f'<section aria-label="{escape(self.title)}">{hints}</section>'
