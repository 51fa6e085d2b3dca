"""What ``language:`` brings: an image to run in, and what is done where the file says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dockerlab.formats.pipeline.reading import Node

NEWEST = ("node", "lts/*", "stable", "latest")
"""Words for a version that all mean: the one that the course uses."""


@dataclass(frozen=True, slots=True)
class Language:
    """``image`` without its tag is where the commands run; empty: on the CI's own machine."""

    image: str = ""
    default: str = ""
    install: str = ""
    script: str = ""


GENERIC = ("generic", "minimal", "bash", "sh", "shell")
LANGUAGES: Mapping[str, Language] = {
    **dict.fromkeys(GENERIC, Language()),
    "node_js": Language(
        "node", "22", "if [ -f package-lock.json ]; then npm ci; else npm install; fi", "npm test"
    ),
    "python": Language("python", "3.11", "pip install -r requirements.txt"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The language, and one image for each version (an empty one on the CI's own machine)."""

    language: Language
    images: tuple[str, ...] = ("",)


def chosen(keys: Mapping[str, Node], whole: Node) -> Chosen:
    """What ``language:`` and the key of its versions say."""
    if "language" not in keys:
        whole.fail(
            "language is missing, and Travis would take Ruby",
            "a project that only needs docker says: language: generic",
        )
    node = keys["language"]
    name = node.word()
    if name not in LANGUAGES:
        node.fail(f"{name} is not supported here", f"there are: {', '.join(LANGUAGES)}")
    for other in ("node_js", "python"):
        if other in keys and other != name:
            keys[other].fail(f"has no effect with language: {name}", f"write language: {other}")
    language = LANGUAGES[name]
    if not language.image:
        return Chosen(language)
    versions = [one.word() for one in keys[name].listed()] if name in keys else []
    return Chosen(language, tuple(_image(language, one) for one in versions or [""]))


def _image(language: Language, version: str) -> str:
    tag = language.default if version in ("", *NEWEST) else version
    return f"{language.image}:{tag}"
