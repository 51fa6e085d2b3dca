"""One of every view that a learner can meet, made of records: no engine is asked.

They show what is hard to read rather than what is pretty: failures, long names, every state that
has a colour. ``EXHIBITS[NAME](LANG)`` makes one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dockerlab.views.words import Language
from tests.exhibits import builds, containers, deliveries, learning, projects, tables, welcome

Exhibits = Mapping[str, Callable[[Language], Any]]
PICTURES: Exhibits = {
    **containers.EXHIBITS,
    **builds.EXHIBITS,
    **projects.EXHIBITS,
    **deliveries.EXHIBITS,
}
"""Those that have a drawing, too."""
EXHIBITS: Exhibits = {**PICTURES, **learning.EXHIBITS, **tables.EXHIBITS, **welcome.EXHIBITS}


class Still:
    """A view as it stands in a notebook that nobody runs, or on GitHub: only its picture."""

    def __init__(self, view: Any) -> None:
        self.view = view

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        forms, about = self.view._repr_mimebundle_()
        return {kind: forms[kind] for kind in ("text/plain", "image/svg+xml")}, about
