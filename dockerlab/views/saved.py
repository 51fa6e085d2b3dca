"""Keep pictures readable in notebooks that are opened without their kernel.

JupyterLab shows "Error displaying widget: model not found" for a widget whose kernel is gone,
even when a picture is stored right beside it. So what is written to disk keeps the picture and
drops the pointer to the dead widget; the open page is not touched.
"""

from __future__ import annotations

from typing import Any

WIDGET = "application/vnd.jupyter.widget-view+json"
PICTURES = ("image/svg+xml", "image/png", "text/html")


def keep_pictures(notebook: dict[str, Any]) -> int:
    """Drop the widget pointers that have a picture beside them; returns how many were dropped.

    The stored state of widgets goes as well once nothing points to it: nbconvert would prefer
    it to the picture, and then needs the network to show anything.
    """
    bundles = [
        output["data"]
        for cell in notebook.get("cells", ())
        for output in cell.get("outputs", ())
        if WIDGET in output.get("data", {})
    ]
    pictured = [data for data in bundles if any(picture in data for picture in PICTURES)]
    for data in pictured:
        del data[WIDGET]
    if pictured and len(pictured) == len(bundles):
        notebook.get("metadata", {}).pop("widgets", None)
    return len(pictured)


def pre_save(model: dict[str, Any], **_: object) -> None:
    """A hook for Jupyter's ``ContentsManager.pre_save_hook``."""
    if model.get("type") == "notebook" and isinstance(model.get("content"), dict):
        keep_pictures(model["content"])
