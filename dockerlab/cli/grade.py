"""``dockerlab grade``: a class's submissions of one assignment, each in a sandbox of its own.

What grades is in ``grading.py``, and takes a while to load, as the sandboxes' templates do; so both
are loaded at the same time.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence

from dockerlab.client.engine_process import default_root
from dockerlab.grading.classroom.sandbox.opening.templates import Templates


def run(options: argparse.Namespace) -> int:
    """Grade what is not graded yet, then write all reports."""
    folder = options.images or default_root().with_name("grading-images")
    options.images = folder.absolute()
    with _templates(options) as shared:
        from dockerlab.cli import grading

        return grading.run(options, shared)


def _templates(options: argparse.Namespace) -> contextlib.AbstractContextManager[Sequence[int]]:
    """Those of sandboxes on this machine; a cluster's workers have their own."""
    if options.engine == "embedded" and not (options.scheduler or options.cluster):
        return Templates(options.images)
    return contextlib.nullcontext(())
