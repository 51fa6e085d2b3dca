"""What to try after a build that failed: the usual failures, known by what was printed.

A command's own output says more than its exit code, so it is looked at first.
"""

from __future__ import annotations

import re

from dockerlab.client.builds.context import Context
from dockerlab.client.explain import hint_for
from dockerlab.formats.buildtrace import BuildTrace

_LOG_HINTS = (
    (
        r"(?s)ENOENT.*package\.json|package\.json.*ENOENT",
        "package.json is not in the image at this step: write COPY package.json ./ above it",
    ),
    (
        r"Cannot find module '?(?P<what>[^'\n]+)",
        "{what} is not in the image at this step: COPY it, or install it, above",
    ),
    (
        r"EAI_AGAIN|ENOTFOUND|Could not resolve|Temporary failure (in name )?resol|bad address"
        r"|Name or service not known|Network is unreachable|ENETUNREACH",
        "the step looked for something on the network and found none: "
        "is there a network, and was --network none given?",
    ),
    (
        r"(?P<what>[\w./-]+): Permission denied|EACCES|Operation not permitted",
        "the step's user may not do that: see USER and WORKDIR above, and chmod +x for a program",
    ),
    (
        r"No space left on device|ENOSPC",
        "the disk is full: docker system prune frees what is not used",
    ),
    (
        r"(?:sh: (?:\d+: |line \d+: )?|exec: \")(?P<what>[\w./-]+)\"?: ?(?:command )?not found",
        "the image has no program {what} at this step: install it above, or take another base",
    ),
    (
        r"can't open '?(?P<what>[^':\n]+)'?|(?P<that>[\w./-]+): No such file or directory",
        "{what} is not in the image at this step: COPY it above, and mind the WORKDIR",
    ),
)
_ERROR_HINTS = (
    (
        r"(COPY|ADD) failed: (file not found|no source files)",
        "COPY takes files of the folder that is built only: is it there, spelled like that?",
    ),
    (r"(COPY|ADD) failed: forbidden path", "a Dockerfile reaches only the folder that is built"),
    (r"requires BuildKit", 'build it with builder="buildkit"'),
    (
        r"non-zero code: 127|exit code: 127",
        "the image has no such program at this step: install it above",
    ),
    (r"non-zero code: 137|exit code: 137", "the command was killed: was there memory enough?"),
    (r"non-zero code|exit code: \d+", "the last lines that the step printed say what went wrong"),
)
_MISSING = re.compile(r"(?:stat |\"/)(?P<path>[^\s:\"]+)")
_TAIL = 8000
"""Characters of the log's end in which the reason stands."""


def specific(trace: BuildTrace, context: Context) -> str:
    """What the failed step's output, or .dockerignore, tells; empty when neither says it."""
    step = trace.failed
    if step is None:
        return ""
    if step.keyword in ("COPY", "ADD"):
        return _ignored(trace.error, context)
    for words, hint in _LOG_HINTS:
        found = list(re.finditer(words, step.log[-_TAIL:]))
        if found:
            names = found[-1].groupdict()
            what = names.get("what") or names.get("that") or "that file"
            return hint.format(what=what.strip())
    return ""


def general(trace: BuildTrace) -> str:
    """What the engine's words alone suggest."""
    own = next((hint for words, hint in _ERROR_HINTS if re.search(words, trace.error)), "")
    return own or hint_for(trace.error)


def _ignored(message: str, context: Context) -> str:
    match = _MISSING.search(message)
    pattern = context.ignored_by(match["path"]) if match else ""
    if not match or not pattern:
        return ""
    return f"{match['path']} is there, but .dockerignore keeps it out with the pattern {pattern}"
