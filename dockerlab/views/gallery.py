"""Which picture belongs to which record, so that a learner need not know their names.

``show(lab.story("alpine", "ls"))`` anywhere; in a notebook with ``%load_ext dockerlab`` simply
``lab.story("alpine", "ls")`` at the end of a cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from dockerlab.views.builds.comparison import ComparisonView
from dockerlab.views.builds.forecast import ForecastView
from dockerlab.views.builds.layers import LayersView
from dockerlab.views.builds.timeline import TimelineView
from dockerlab.views.cloud.environment import EnvironmentView
from dockerlab.views.cloud.history import HistoryView
from dockerlab.views.cloud.load import LoadView
from dockerlab.views.compose.graph import ComposeView
from dockerlab.views.compose.logs import LogsView
from dockerlab.views.compose.reach import ReachView
from dockerlab.views.imagebox import ImageView
from dockerlab.views.isolation import IsolationView
from dockerlab.views.lifecycle import LifeView
from dockerlab.views.picture import Picture
from dockerlab.views.pipelines.pipeline import PipelineView
from dockerlab.views.places.mountmap import MountsView
from dockerlab.views.places.portmap import PortsView
from dockerlab.views.runstory import RunView
from dockerlab.views.vmcompare import VmView
from dockerlab.views.words import Language

PICTURES: dict[tuple[str, str], type[Picture]] = {
    ("dockerlab.formats.story", "RunStory"): RunView,
    ("dockerlab.formats.story", "Life"): LifeView,
    ("dockerlab.client.watch", "Watch"): LifeView,
    ("dockerlab.formats.reports", "IsolationReport"): IsolationView,
    ("dockerlab.formats.reports", "ImageReport"): ImageView,
    ("dockerlab.formats.reports", "Footprint"): VmView,
    ("dockerlab.formats.buildtrace", "BuildTrace"): TimelineView,
    ("dockerlab.client.builds.build", "Build"): TimelineView,
    ("dockerlab.client.builds.forecast", "Forecast"): ForecastView,
    ("dockerlab.formats.buildcomparison", "BuildComparison"): ComparisonView,
    ("dockerlab.formats.layers", "LayerStack"): LayersView,
    ("dockerlab.formats.ports", "PortMap"): PortsView,
    ("dockerlab.formats.mounts", "MountMap"): MountsView,
    ("dockerlab.client.compose.compose", "Compose"): ComposeView,
    ("dockerlab.views.compose.scene", "Snapshot"): ComposeView,
    ("dockerlab.formats.composed.reach", "Reach"): ReachView,
    ("dockerlab.formats.composed.lines", "ProjectLog"): LogsView,
    ("dockerlab.formats.pipeline.run", "Run"): PipelineView,
    ("dockerlab.client.ci.ci", "Ci"): PipelineView,
    ("dockerlab.client.ci.following", "Following"): PipelineView,
    ("dockerlab.formats.cloud", "Environment"): EnvironmentView,
    ("dockerlab.client.cloud.following", "Following"): EnvironmentView,
    ("dockerlab.formats.cloud", "History"): HistoryView,
    ("dockerlab.formats.cloud", "Load"): LoadView,
}
"""Module and name of a record → its view. By name, since views may not import the client."""


def show(record: object, lang: Language | None = None, **options: Any) -> Picture:
    """The picture of a record; ``options`` are the view's own, as ``apps=2`` for a footprint.

    Of an iterator of records, as ``ci.follow()``, it is a picture that moves as they come.

    >>> import dockerlab
    >>> dockerlab.show(lab.footprint("alpine"), apps=2)  # doctest: +SKIP
    """
    if isinstance(record, Picture):
        return record
    kind: type[Any] = type(record)
    if isinstance(record, Iterator):
        first = next(record, None)
        record, kind = chain([first], record), type(first)
    view: Any = PICTURES.get((kind.__module__, kind.__name__))
    if view is None:
        raise TypeError(f"there is no picture of a {kind.__name__}")
    picture: Picture = view(record, lang, **options)
    return picture


def register(shell: Any) -> None:
    """Have an IPython shell show these records as their pictures."""
    formatter = shell.display_formatter.mimebundle_formatter
    for module, name in PICTURES:
        formatter.for_type_by_name(module, name, bundle)


def bundle(record: object, include: Any = None, exclude: Any = None) -> Any:
    """What a notebook's output holds for a record."""
    return show(record)._repr_mimebundle_()
