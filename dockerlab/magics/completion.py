"""Completes words with Tab: in ``%docker`` lines and ``%%docker`` cells commands, flags, and names
that the engine knows; those also in calls, see ``calling``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from dockerlab.client.connect import current
from dockerlab.client.lab import Lab
from dockerlab.formats.grammar import Spec, groups, specs, top_words
from dockerlab.magics.calling import called

Names = Callable[[Lab], Iterable[str]]
_TYPED = re.compile(
    r"^\s*(?:\w+\s*=\s*)?([%!]docker(?:-compose)?\s.*|%%(?:docker|dockerfile)\s.*)$"
)


def register(shell: Any) -> None:
    """Have an IPython shell ask here first; where there is nothing to say it asks the others."""
    from IPython.core.completer import context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]
    def docker_names(context: Any) -> dict[str, Any]:
        """What may stand at the cursor."""
        found = complete(context.full_text, context.cursor_line, context.text_until_cursor, shell)
        return _result(*found) if found else {"completions": []}

    shell.Completer.custom_matchers.append(docker_names)


def _result(word: str, words: Iterable[str]) -> dict[str, Any]:
    from IPython.core.completer import SimpleCompletion

    completions = [SimpleCompletion(text=one, type="docker") for one in words]
    # The word is ours to say: IPython's own ends at a colon, and nginx:alpine has one.
    return {"completions": completions, "matched_fragment": word, "suppress": bool(completions)}


def complete(cell: str, row: int, text: str, shell: Any) -> tuple[str, list[str]] | None:
    """The begun word and what it may become; ``text`` is line ``row`` of the cell up to the
    cursor. None where nothing of ours stands."""
    line = typed(cell, row, text)
    if line is None:
        return called(text, shell.user_ns, names_for)
    word = re.split(r"\s", line)[-1]
    return word, candidates(line, engine_names)


def typed(cell: str, row: int, text: str) -> str | None:
    """The docker line that ``text`` is; None if it is something else.

    >>> typed("x = %docker ps -", 0, "x = %docker ps -")
    '%docker ps -'
    >>> typed("%%docker\\nps -", 1, "ps -")
    '%docker ps -'
    """
    head = cell.split("\n", 1)[0]
    if (
        row
        and re.match(r"%%docker(?:\s|$)", head)
        and text.strip()
        and text.lstrip()[0] not in "#%"
    ):
        return f"%docker {text.lstrip()}"
    found = _TYPED.match(text)
    return found.group(1).replace("!docker", "%docker", 1) if found else None


def engine_names(kind: str) -> list[str]:
    """Names of containers, images, volumes or networks; none when no engine answers."""
    return names_for(kind, None)


def names_for(kind: str, owner: Any) -> list[str]:
    """The same from the engine that ``owner`` is connected to, a Lab or a Compose project."""
    with suppress(Exception):  # completion must never disturb typing
        if kind == "service" and owner is not None:
            return sorted(owner.project.services)
        return sorted(set(_NAMES[kind](owner or current(quiet=True))))
    return []


def candidates(text: str, names: Callable[[str], Iterable[str]]) -> list[str]:
    """What may stand at the end of ``text``, a line beginning with ``%docker`` or
    ``%%dockerfile``, whose flags are those of ``build``.

    >>> candidates("%docker ima", lambda kind: [])
    ['image', 'images']
    """
    if text.startswith("%%dockerfile"):
        text = text.replace("%%dockerfile", "%docker build", 1)
    text = text.replace("%docker-compose", "%docker compose", 1)
    words = text.split()
    if text.endswith((" ", "\t")) or len(words) < 2:
        words.append("")
    typed, word = words[1:-1], words[-1]
    if typed[:1] == ["--trace"]:
        typed = typed[1:]
    found = [one for one in _possible(typed, word, names) if one.startswith(word)]
    return sorted(found)


def _possible(typed: list[str], word: str, names: Callable[[str], Iterable[str]]) -> Iterable[str]:
    if not typed:
        return [*top_words(), "--help", "--trace"] if not word or word[0] != "-" else ["--trace"]
    if typed[0] in groups():
        typed = _without_leading(typed)
        if len(typed) == 1 and not word.startswith("-"):
            return groups()[typed[0]]
    spec = _spec(typed)
    if spec is None:
        return ()
    if word.startswith("-"):
        return [name for flag in spec.flags for name in flag.names if name.startswith("--")]
    before = spec.flag(typed[-1])
    if before is not None and before.kind != "switch":
        wanted = _VALUES.get(before.long)
        return names(wanted) if wanted else ()
    kind = _KINDS.get(_argument(spec, typed))
    return names(kind) if kind else ()


def _without_leading(typed: list[str]) -> list[str]:
    """``compose -f app.yaml up`` without the flags before the word."""
    spec = specs().get(typed[0])
    rest = typed[1:]
    while spec and rest and rest[0].startswith("-"):
        flag = spec.flag(rest[0].partition("=")[0])
        valued = flag is not None and flag.kind != "switch" and "=" not in rest[0]
        rest = rest[2:] if valued else rest[1:]
    return [typed[0], *rest]


def _spec(typed: list[str]) -> Spec | None:
    return specs().get(" ".join(typed[:2])) or (
        specs().get(typed[0]) if typed[0] not in groups() or typed[0] in specs() else None
    )


def _argument(spec: Spec, typed: list[str]) -> str:
    """The kind of word that comes next: ``CONTAINER``, ``IMAGE`` …"""
    kinds = spec.arguments.replace("--", " ").split()
    if not kinds:
        return ""
    place = min(_arguments(spec, typed), len(kinds) - 1)
    return kinds[place].strip("[].").rstrip(".")


def _arguments(spec: Spec, typed: list[str]) -> int:
    """How many words were typed that are neither the command nor a flag nor its value."""
    count, value = 0, False
    for word in typed[2 if " ".join(typed[:2]) in specs() else 1 :]:
        if value:
            value = False
        elif word.startswith("-"):
            flag = spec.flag(word)
            value = flag is not None and flag.kind != "switch"
        else:
            count += 1
    return count


_VALUES = {"network": "network", "link": "container", "volumes-from": "container"}
"""Flags whose value is the name of something."""
_KINDS = {
    "CONTAINER": "container",
    "IMAGE": "image",
    "SOURCE_IMAGE": "image",
    "REPOSITORY": "image",
    "VOLUME": "volume",
    "SERVICE": "service",
    "SERVICE=NUMBER": "service",
    "NETWORK": "network",
    "NAME": "container",
    "SOURCE": "container",
}
_NAMES: dict[str, Names] = {
    "container": lambda lab: [row.name for row in lab.ps(all=True)],
    "image": lambda lab: [tag.removesuffix(":latest") for row in lab.images() for tag in row.tags],
    "volume": lambda lab: [row.name for row in lab.volumes()],
    "network": lambda lab: [row.name for row in lab.networks()],
    "service": lambda lab: lab.compose().project.services,
    "any": lambda lab: [
        name for kind in ("container", "image", "volume", "network") for name in _NAMES[kind](lab)
    ],
}
