"""A workflow of GitHub Actions to a plan."""

from __future__ import annotations

import posixpath

from dockerlab.formats.pipeline.actions.checking import IN_WORKFLOW
from dockerlab.formats.pipeline.actions.jobs import Defaults, defaults, jobs
from dockerlab.formats.pipeline.actions.steps import environment
from dockerlab.formats.pipeline.actions.triggers import triggers
from dockerlab.formats.pipeline.plan import Flavour, Plan
from dockerlab.formats.pipeline.reading import Node

_KEYS = ("name", "run-name", "on", "permissions", "env", "defaults", "jobs")


def workflow(node: Node) -> Plan:
    """The plan of the whole file; PipelineFileError names the line."""
    keys = node.mapping(_KEYS, needs=("on", "jobs"))
    name = keys["name"].text() if "name" in keys else posixpath.basename(node.file)
    found = jobs(keys["jobs"], defaults(keys.get("defaults"), Defaults()))
    called = [job.name for job in found]
    for job in found:
        if called.count(job.name) > 1:
            keys["jobs"].fail(f"two jobs are called {job.name!r}", "give them different names")
    return Plan(
        node.file,
        Flavour.ACTIONS,
        name,
        triggers(keys["on"]),
        found,
        environment(keys.get("env"), IN_WORKFLOW),
    )
