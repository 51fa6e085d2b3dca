"""The live layer explorer: Python keeps what is open and gives the rows; the page draws them.

A big image has tens of thousands of files. Only the rows in sight go to the browser.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from dockerlab.formats.text import size as human_size
from dockerlab.views.builds.filerows import MOST_ROWS, FileTree, Row
from dockerlab.views.builds.layerwords import MARK_WORDS, ago

if TYPE_CHECKING:
    from dockerlab.formats.layers import Layer
    from dockerlab.views.builds.layers import LayersView
    from dockerlab.views.live import LiveLayers

_LINES = 20
"""Rows that fit without scrolling."""


class Explorer:
    """What a learner opened so far in one ``LayersView``."""

    def __init__(self, view: LayersView) -> None:
        self._view = view
        self._trees: dict[tuple[int, bool], tuple[FileTree, set[str]]] = {}

    def widget(self) -> LiveLayers:
        from dockerlab.views.live import LiveLayers  # costs half a second: only when shown

        view = self._view
        live = LiveLayers(
            text=view.text,
            title=view.title,
            words=view.words.all("lay.") | view.words.all("view."),
            chips=self._chips(),
            layers=[self._layer(layer) for layer in reversed(view.stack.layers)],
            waste=self._waste(),
            big=self._big(),
            layer=view.number,
            whole=view.whole,
        )
        self._show(live)
        live.observe(lambda _: self._show(live), ["layer", "whole", "filter"])
        live.on_msg(lambda _, message, __: self._heard(live, message))
        return live

    def _heard(self, live: LiveLayers, message: dict[str, Any]) -> None:
        """A click on a folder: ``{"toggle": path}``."""
        opened = self._tree(live.layer, live.whole)[1]
        opened.symmetric_difference_update({str(message.get("toggle"))})
        self._show(live)

    def _tree(self, number: int, whole: bool) -> tuple[FileTree, set[str]]:
        key = (number, whole)
        if key not in self._trees:
            tree = FileTree.of(self._view.stack, number, whole)
            self._trees[key] = tree, tree.unfolded(_LINES)
        return self._trees[key]

    def _show(self, live: LiveLayers) -> None:
        number = min(max(live.layer, 1), len(self._view.stack.layers))
        tree, opened = self._tree(number, live.whole)
        found = tree.rows(opened, live.filter.strip())
        rows = [self._row(row) for row in islice(found, MOST_ROWS)]
        rest = sum(1 for _ in found)
        with live.hold_sync():
            live.rows = rows
            live.note = self._note(number, bool(rows), rest, live.filter.strip())

    def _note(self, number: int, any_rows: bool, rest: int, wanted: str) -> str:
        words = self._view.words
        if rest:
            return words("lay.files.more", n=rest)
        if any_rows:
            return ""
        if wanted:
            return words("lay.files.unmatched")
        unread = self._view.stack.layer(number).tree is None
        return words("lay.unread" if unread else "lay.files.none")

    def _row(self, row: Row) -> dict[str, Any]:
        size = human_size(row.size) if row.size else ""
        told = [row.path, *([self._view.words(MARK_WORDS[row.mark])] if row.mark else [])]
        if row.type == "dir":
            told.append(self._folder(row.files))
        return {
            "path": row.path,
            "name": row.name,
            "depth": row.depth,
            "folder": row.type == "dir",
            "open": row.open,
            "files": row.files if row.type == "dir" else 0,
            "mark": row.mark,
            "link": row.link,
            "size": size,
            "said": ", ".join([*told, *([size] if size else [])]),
        }

    def _folder(self, files: int) -> str:
        if not files:
            return self._view.words("lay.folder.empty")
        return self._view.words("lay.folder.one" if files == 1 else "lay.folder", n=files)

    def _layer(self, layer: Layer) -> dict[str, Any]:
        view = self._view
        heaviest = max(one.size for one in view.stack.layers) or 1
        counts = view.counts(layer)
        return {
            "n": layer.number,
            "step": view.step(layer),
            "size": view.weight(layer),
            "part": layer.size / heaviest,
            "age": ago(layer.created, view.now, view.lang == "ko"),
            "counts": " · ".join(counts),
            "tree": view.words("lay.tree", number=layer.number),
            "changed": view.words("lay.files.changed", number=layer.number),
            "whole": view.words("lay.files.whole", number=layer.number),
        }

    def _chips(self) -> list[dict[str, str]]:
        tips = ["", *self._view.judgement()]
        chips = zip(self._view.chips(), tips, strict=True)
        return [{"text": text, "accent": accent, "tip": tip} for (text, accent), tip in chips]

    def _waste(self) -> list[dict[str, Any]]:
        view = self._view
        return [
            {
                "path": one.path,
                "size": human_size(one.total),
                "note": view.copies(one),
                "layer": one.written[-1] if one.written else one.removed[-1],
            }
            for one in view.stack.efficiency.files[:50]
        ]

    def _big(self) -> list[dict[str, Any]]:
        view, owners = self._view, self._view.stack.origins()
        return [
            {
                "path": path,
                "size": human_size(entry.size),
                "note": view.origin(path),
                "layer": owners[path],
            }
            for path, entry in view.biggest(10)
        ]
