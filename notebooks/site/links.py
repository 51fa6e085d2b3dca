"""Check what a built site links to: ``python links.py FOLDER``.

Sphinx has checked the links in texts; here are those in templates, outputs and between the two
languages as well. Every link inside the site must lead to a page, and to a place in it that is
there; and nothing that a page needs may come from elsewhere, as there may be no internet.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKS = {"a": "href", "area": "href", "use": "href", "form": "action"}
PARTS = {"link": "href", "object": "data"}
"""Attributes by which an element brings something into the page, where it is not ``src``."""


@dataclass
class Page(HTMLParser):
    """What a page links to, what it brings in, and the places in it that can be linked to."""

    path: Path
    links: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Called for each element."""
        found = {name: value for name, value in attributes if value}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        if target := found.get(LINKS.get(tag, "")):
            self.links.add(target)
        if target := found.get(PARTS.get(tag, "src")):
            self.parts.add(target)


page = cache(Page)


def problems(site: Path) -> list[str]:
    """A sentence for each thing that is wrong, with the page that it is on."""
    pages = sorted(site.rglob("*.html"))
    if not pages:
        return [f"There is no page in {site}."]
    return [
        f"{path.relative_to(site)}: {problem}"
        for path in pages
        for problem in (*_foreign(page(path)), *_broken(page(path)))
    ]


def _foreign(this: Page) -> list[str]:
    return [
        f"{part} would be loaded from elsewhere"
        for part in sorted(this.parts)
        if urlsplit(part).netloc
    ]


def _broken(this: Page) -> list[str]:
    inside = [urlsplit(each) for each in sorted(this.links | this.parts)]
    inside = [each for each in inside if not each.scheme and not each.netloc]
    return [
        f"{each.geturl()} leads nowhere"
        for each in inside
        if not _leads_somewhere(this.path, unquote(each.path), unquote(each.fragment))
    ]


def _leads_somewhere(start: Path, path: str, place: str) -> bool:
    target = (start.parent / path).resolve() if path else start
    if not target.is_file():
        return False
    return not place or target.suffix != ".html" or place in page(target).places


def main() -> None:
    """Print what is wrong; the exit code is 1 if anything is."""
    found = problems(Path(sys.argv[1]).resolve())
    print("\n".join(found) or "All links lead somewhere, and nothing comes from elsewhere.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
