"""Configs and secrets that are no files here: their content goes into the container as one."""

from __future__ import annotations

import io
import tarfile
import time
from collections.abc import Mapping
from typing import Any

from dockerlab.formats.composefile.model import FileMount, Project

READABLE = 0o444


def archive(project: Project, what: Mapping[str, Any]) -> bytes:
    """The archive to unpack at ``/`` of a container, for a step that copies a config or secret."""
    here = project.secrets if what["what"] == "secret" else project.configs
    use = _use(project, what)
    content = here[what["source"]].content.encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        member = tarfile.TarInfo(str(what["path"]).lstrip("/"))
        member.size = len(content)
        member.mode = use.mode if use.mode is not None else READABLE
        member.mtime = int(time.time())
        member.uid, member.gid = _number(use.uid), _number(use.gid)
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _use(project: Project, what: Mapping[str, Any]) -> FileMount:
    every = project.every.values()
    uses = (use for one in every for use in (*one.configs, *one.secrets))
    matching = (u for u in uses if (u.source, u.target) == (what["source"], what["path"]))
    return next(matching)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0
