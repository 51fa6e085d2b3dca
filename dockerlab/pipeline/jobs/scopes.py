"""What the names in a workflow's expressions stand for: ``github``, ``env``, ``needs`` …"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dockerlab.errors import FormatError
from dockerlab.formats.pipeline.actions.evaluation import Scope, fill
from dockerlab.formats.pipeline.plan import Job, Pairs, Scalar
from dockerlab.formats.pipeline.run import Status
from dockerlab.pipeline.jobs.context import Context

RESULTS: Mapping[Status, str] = {
    Status.PASSED: "success",
    Status.FAILED: "failure",
    Status.ERRORED: "failure",
    Status.CANCELLED: "cancelled",
    Status.SKIPPED: "skipped",
}
"""GitHub's words for how something ended."""


@dataclass(slots=True)
class Result:
    """Of a job, for those that need it; of a matrix, the worst of its combinations."""

    result: str
    outputs: dict[str, str] = field(default_factory=dict)

    def add(self, other: Result) -> None:
        order = ("skipped", "success", "cancelled", "failure")
        self.result = max(self.result, other.result, key=order.index)
        self.outputs |= {name: value for name, value in other.outputs.items() if value}


def github(context: Context, job: Job, workspace: str = "") -> dict[str, Any]:
    commit = context.commit
    return {
        "actor": "local",
        "event_name": context.event,
        "head_ref": "",
        "job": job.id,
        "ref": f"refs/heads/{commit.branch}",
        "ref_name": commit.branch,
        "ref_type": "branch",
        "repository": f"local/{context.name}",
        "repository_owner": "local",
        "run_id": str(context.number),
        "run_number": str(context.number),
        "run_attempt": "1",
        "sha": commit.id,
        "workflow": context.plan.name,
        "workspace": workspace,
        "event": {"head_commit": {"message": commit.subject}},
    }


def outer(
    context: Context, job: Job, results: Mapping[str, Result], *, cancelled: bool = False
) -> Scope:
    """What a job's own keys see, before it has begun."""
    needed = {
        name: {"result": results[name].result, "outputs": results[name].outputs}
        for name in job.needs
        if name in results
    }
    matrix: dict[str, Scalar] = dict(job.matrix)
    values = {
        "github": github(context, job),
        "needs": needed,
        "vars": context.settings.plain,
        "secrets": context.settings.secrets,
        "matrix": matrix,
    }
    before = _before(job.needs, results, context.plan.jobs)
    return Scope(values, failed="failure" in before or "skipped" in before, cancelled=cancelled)


def _before(names: Iterable[str], results: Mapping[str, Result], jobs: Iterable[Job]) -> set[str]:
    """How all jobs ended that came before: those that were needed, and what they needed."""
    needs = {job.id: job.needs for job in jobs}
    left, seen = list(names), set[str]()
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left += needs.get(name, ())
    return {results[name].result for name in seen if name in results}


def variables(pairs: Pairs, scope: Scope) -> dict[str, str]:
    """An ``env:`` with its holes filled."""
    return {name: fill(text, scope) for name, text in pairs}


def written(text: str) -> dict[str, str]:
    """What a step has put into GITHUB_ENV or GITHUB_OUTPUT: NAME=value, or NAME<<WORD … WORD."""
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, sign, rest = line.partition("=")
        heredoc, marks, word = line.partition("<<")
        if marks and len(heredoc) < len(name):
            found[heredoc.strip()] = "\n".join(_until(word, lines))
        elif sign:
            found[name.strip()] = rest
        elif line.strip():
            raise FormatError(
                f"a line that is not NAME=value: {line[:60]!r}",
                'as in: echo "NAME=value" >> "$GITHUB_OUTPUT"',
            )
    return found


def _until(word: str, lines: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if line == word:
            return kept
        kept.append(line)
    raise FormatError(f"the line {word} that ends the value is missing")
