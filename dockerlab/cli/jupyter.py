"""How a Jupyter server is set up for the course: what it keeps in a notebook, what it asks.

``dockerlab lab`` writes these settings for one run; an image for Binder or a JupyterHub gets them
once and for all, into its environment: ``python -m dockerlab.cli.jupyter PREFIX/etc/jupyter``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dockerlab import views

EXTENSIONS = Path(views.__file__).with_name("labextensions")
"""What JupyterLab loads besides: text alternatives for the pictures."""
SERVER: dict[str, dict[str, Any]] = {
    # So that a saved notebook, opened without its kernel, shows the pictures and not an error.
    "ContentsManager": {"pre_save_hook": "dockerlab.views.saved.pre_save"},
    "LabApp": {
        "check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "extra_labextensions_path": [str(EXTENSIONS)],
    },
}
PAGE: dict[str, dict[str, Any]] = {
    # It asks on the first start whether there may be news.
    "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True},
}


def write(folder: Path) -> None:
    """Put the settings into a folder of Jupyter's configuration, beside what is there."""
    _merge(folder / "jupyter_server_config.json", SERVER)
    _merge(folder / "labconfig" / "page_config.json", PAGE)


def _merge(path: Path, settings: dict[str, dict[str, Any]]) -> None:
    found = json.loads(path.read_text()) if path.exists() else {}
    for name, values in settings.items():
        found[name] = found.get(name, {}) | values
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=2) + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """``python -m dockerlab.cli.jupyter FOLDER``; returns the exit code."""
    (folder,) = sys.argv[1:] if arguments is None else arguments
    write(Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
