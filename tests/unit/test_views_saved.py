"""What is written to disk keeps the picture and drops the pointer to a widget that will be gone."""

from __future__ import annotations

from typing import Any

from dockerlab.views.saved import WIDGET, keep_pictures, pre_save


def _notebook(*bundles: dict[str, Any]) -> dict[str, Any]:
    outputs: list[dict[str, Any]] = [
        {"output_type": "display_data", "data": dict(bundle)} for bundle in bundles
    ]
    outputs.append({"output_type": "stream", "name": "stdout", "text": "x"})
    return {"cells": [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": outputs}]}


def test_a_widget_with_a_picture_is_dropped() -> None:
    notebook = _notebook({WIDGET: {}, "image/svg+xml": "<svg/>", "text/plain": "x"})
    assert keep_pictures(notebook) == 1
    assert set(notebook["cells"][1]["outputs"][0]["data"]) == {"image/svg+xml", "text/plain"}


def test_a_widget_without_a_picture_stays() -> None:
    notebook = _notebook({WIDGET: {}, "text/plain": "Button()"})
    assert keep_pictures(notebook) == 0


def test_stored_state_goes_when_nothing_needs_it_any_more() -> None:
    notebook = _notebook({WIDGET: {}, "image/png": "…"})
    notebook["metadata"] = {"widgets": {"state": {}}, "kernelspec": {}}
    keep_pictures(notebook)
    assert set(notebook["metadata"]) == {"kernelspec"}
    mixed = _notebook({WIDGET: {}, "image/png": "…"}, {WIDGET: {}, "text/plain": "Button()"})
    mixed["metadata"] = {"widgets": {"state": {}}}
    assert keep_pictures(mixed) == 1
    assert "widgets" in mixed["metadata"]


def test_the_hook_leaves_other_files_alone() -> None:
    notebook = _notebook({WIDGET: {}, "image/png": "…"})
    pre_save({"type": "file", "content": "text"}, path="a.txt", contents_manager=None)
    pre_save({"type": "notebook", "content": notebook}, path="a.ipynb", contents_manager=None)
    assert WIDGET not in notebook["cells"][1]["outputs"][0]["data"]
