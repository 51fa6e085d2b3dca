"""A CI's file to the plan that it asks for."""

from __future__ import annotations

import posixpath

from dockerlab.formats.pipeline.actions.workflow import workflow
from dockerlab.formats.pipeline.outline import TRAVIS
from dockerlab.formats.pipeline.plan import Plan
from dockerlab.formats.pipeline.reading import root
from dockerlab.formats.pipeline.travis.file import travis


def load(text: str, name: str) -> Plan:
    """The plan of ``.travis.yml`` or of a workflow; PipelineFileError names the line."""
    node = root(text, name)
    return travis(node) if posixpath.basename(name) == TRAVIS else workflow(node)
