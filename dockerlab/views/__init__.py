"""Pictures that people would rather look at than read. Each draws a record; none asks an engine.

RunView(story)          the story of a ``docker run``              formats.story.RunStory
LifeView(watch)         a container's life cycle, with buttons     client.watch.Watch, story.Life
IsolationView(report)   namespaces and limits, side by side        formats.reports.IsolationReport
VmView(footprint)       VM against container                       formats.reports.Footprint
ImageView(report)       an image, opened                           formats.reports.ImageReport
TimelineView(trace)     a build, step by step                      formats.buildtrace.BuildTrace
ForecastView(forecast)  what the cache will do for the next build  client.builds.forecast.Forecast
ComparisonView(both)    two builds side by side                    formats.buildcomparison
LayersView(stack)       an image's layers and their files          formats.layers.LayerStack
PortsView(ports)        which port leads into which container     formats.ports.PortMap
MountsView(mounts)      which path comes from where               formats.mounts.MountMap
ComposeView(compose)    a project: services and what they share   client.compose.compose.Compose
ReachView(reach)        who reaches whom, by which name and port  formats.composed.reach.Reach
LogsView(log)           what a project's services wrote           formats.composed.lines.ProjectLog
PipelineView(run)       a CI's run: stages, steps, what failed    formats.pipeline.run.Run
EnvironmentView(env)    a cloud's environment and its instances   formats.cloud.Environment
HistoryView(history)    how it went along: load and instances     formats.cloud.History
LoadView(load)          what came of requests, who answered       formats.cloud.Load

``repr`` tells the picture in words, ``.svg`` is the picture, ``.widget`` the live form. All take
``lang="en"`` or ``"ko"``, by default the edition's. ``show(record)`` finds the view of a record;
in a notebook with ``%load_ext dockerlab`` a record at the end of a cell is shown by itself.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from dockerlab.views.gallery import show
    from dockerlab.views.imagebox import ImageView
    from dockerlab.views.isolation import IsolationView
    from dockerlab.views.lifecycle import LifeView
    from dockerlab.views.pipelines.pipeline import PipelineView
    from dockerlab.views.places.mountmap import MountsView
    from dockerlab.views.places.portmap import PortsView
    from dockerlab.views.runstory import RunView
    from dockerlab.views.vmcompare import VmView

__all__ = [
    "ComparisonView",
    "ComposeView",
    "EnvironmentView",
    "ForecastView",
    "HistoryView",
    "ImageView",
    "IsolationView",
    "LayersView",
    "LifeView",
    "LoadView",
    "LogsView",
    "MountsView",
    "PipelineView",
    "PortsView",
    "ReachView",
    "RunView",
    "TimelineView",
    "VmView",
    "show",
]


def __getattr__(name: str) -> Any:
    # Whoever wants the words or one picture need not wait for all of them: a fifth of a second.
    if name not in __all__:
        raise AttributeError(f"module 'dockerlab.views' has no attribute {name!r}")
    return getattr(import_module("dockerlab.views.gallery"), name)
