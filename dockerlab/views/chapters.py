"""The story of a run in steps: what happened, why, and what was seen of it."""

from __future__ import annotations

from dataclasses import dataclass

from dockerlab.formats.story import Request, RunStory
from dockerlab.formats.text import size as human_size
from dockerlab.views.words import Words

ACCENTS = {
    "send": "blue",
    "look": "purple",
    "pull": "orange",
    "snapshot": "purple",
    "start": "green",
    "output": "blue",
    "end": "red",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One step of the story: what happened, why, and what was seen of it."""

    key: str
    number: int
    title: str
    why: str
    proof: tuple[str, ...]
    took: float | None = None
    failed: bool = False

    @property
    def accent(self) -> str:
        return "red" if self.failed else ACCENTS[self.key]


def chapters(story: RunStory, words: Words) -> tuple[Chapter, ...]:
    """The story in steps; it ends at the step that failed."""
    told: list[Chapter] = []
    for tell in (_send, _look, _pull, _snapshot, _start, _output, _end):
        chapter = tell(story, words, len(told) + 1)
        if chapter is None:
            continue
        told.append(chapter)
        if chapter.failed:
            break
    return tuple(told)


def _send(story: RunStory, words: Words, number: int) -> Chapter:
    first = [r for r in story.requests if r.path.startswith("/containers/create")][:1]
    proof = tuple(f"{request.method} {_short(request.path)}" for request in first)
    return Chapter("send", number, words("run.send"), words("run.send.why"), proof)


def _look(story: RunStory, words: Words, number: int) -> Chapter:
    answer, found = ("hit", "found") if story.cached else ("miss", "lacking")
    seen = words(f"run.look.{found}", image=story.image)
    if story.cached and story.size:
        seen += f" ({layers(story.layers, words)}, {human_size(story.size)})"
    why = words(f"run.look.{answer}")
    return Chapter("look", number, words("run.look"), why, (seen,))


def _pull(story: RunStory, words: Words, number: int) -> Chapter | None:
    pull = next((r for r in story.requests if r.path.startswith("/images/create")), None)
    if pull is None:
        return None
    tries = sum(request.path.startswith("/containers/create") for request in story.requests)
    failed = tries == 1
    proof = [request_line(pull)]
    if story.pulled:
        proof.append(layers(len(story.pulled), words))
    proof += [story.error] if failed else []
    why = words("run.pull.failed" if failed else "run.pull.why")
    return Chapter("pull", number, words("run.pull"), why, tuple(proof), pull.took, failed)


def _snapshot(story: RunStory, words: Words, number: int) -> Chapter | None:
    create = story.request("POST", "/containers/create")
    if create is None:
        return None
    answer = words("run.answer", status=create.status)
    if not story.container:
        title, why = words("run.refused"), words("run.refused.why")
        return Chapter("snapshot", number, title, why, (answer, story.error), failed=True)
    event = words("run.event", kind="container", action=f"create {story.container}")
    proof = (answer, event)
    why = words("run.snapshot.why")
    return Chapter("snapshot", number, words("run.snapshot"), why, proof, create.took)


def _start(story: RunStory, words: Words, number: int) -> Chapter | None:
    start = story.request("POST", "/start")
    if start is None:
        return None
    failed = start.status >= 400
    proof = [request_line(start)]
    if story.event("start"):
        proof.append(words("run.event", kind="container", action="start"))
    proof += [story.error] if failed else []
    missing = "not found" in story.error or "no such file" in story.error
    why = words("run.start.why")
    if failed:
        why = words("run.start.failed" if missing else "run.start.refused")
    title = words("run.start.no" if failed else "run.start")
    return Chapter("start", number, title, why, tuple(proof), start.took, failed)


def _output(story: RunStory, words: Words, number: int) -> Chapter | None:
    attach = story.request("POST", "/attach")
    if attach is None:
        return None
    said = story.output.strip("\n").splitlines()
    proof = (
        request_line(attach),
        *(said[:2] or (words("run.nothing"),)),
        *(["…"] if said[2:] else []),
    )
    return Chapter("output", number, words("run.output"), words("run.output.why"), proof)


def _end(story: RunStory, words: Words, number: int) -> Chapter | None:
    if story.exit_code is None:
        return None
    died = words("run.event", kind="container", action="die")
    proof = [f"{died}, {words('run.exit', code=story.exit_code)}"]
    removal = next((r for r in story.requests if r.method == "DELETE"), None)
    if removal:
        proof.append(request_line(removal))
    why = words("run.end.removed" if story.removed else "run.end.why")
    return Chapter("end", number, words("run.end"), why, tuple(proof))


def request_line(request: Request) -> str:
    return f"{request.method} {_short(request.path)} → {request.status}"


def _short(path: str) -> str:
    """Without the query, and with ids as short as docker shows them."""
    parts = path.split("?", 1)[0].split("/")
    return "/".join(part[:12] if len(part) == 64 else part for part in parts)


def layers(count: int, words: Words) -> str:
    return words("run.layer") if count == 1 else words("run.layers", n=count)


def milliseconds(value: float) -> str:
    """Always whole milliseconds, so that a notebook's checker can find and mask them."""
    return f"{max(round(value), 1)} ms"
