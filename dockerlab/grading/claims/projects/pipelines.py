"""What can be claimed of a CI's file: only read, as nothing here runs it.

workflow(".github/workflows/ci.yml").runs("docker build")
travis().runs("docker run", after="docker build")
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dockerlab.errors import ComposeFileError
from dockerlab.formats.pipeline.outline import TRAVIS, Job, Pipeline, pipeline
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.excerpts import excerpt
from dockerlab.grading.exercise import Claim
from dockerlab.grading.outcome import Finding, Saying, absent, met, say, unmet

_SWALLOWING = re.compile(r"(?:\|\||;)\s*(?:true|:|exit 0|echo)(?![\w-])|set \+e\b")
"""Makes a step good whatever comes of it."""


@dataclass(frozen=True, slots=True)
class PipelineFile:
    """A CI's file in the exercise's folder."""

    name: str

    def is_valid(self) -> Claim:
        return self._claim(say("pipeline.valid", file=self.name), lambda _: met())

    def starts_on(self, event: str, branch: str = "") -> Claim:
        """``event`` starts it, and on that branch."""
        says = say("pipeline.event", file=self.name, event=event)
        return self._claim(says, lambda found: self._started(found, event, branch))

    def uses(self, action: str) -> Claim:
        """A job has this ready-made step, whatever its version."""
        says = say("pipeline.uses", file=self.name, action=action)
        return self._claim(says, lambda found: self._used(found, action))

    def runs(self, words: str, *, after: str = "") -> Claim:
        """A line of it has these words, and comes after the line with those."""
        key = "pipeline.runs_after" if after else "pipeline.runs"
        says = say(key, file=self.name, words=words, after=after)
        return self._claim(says, lambda found: self._ran(found, words, after))

    def fails_with(self, words: str) -> Claim:
        """When the line with these words fails, so does the whole."""
        says = say("pipeline.strict", file=self.name, words=words)
        return self._claim(says, lambda found: self._strict(found, words))

    def waits(self, words: str, *, for_: str) -> Claim:
        """The job with the one line begins when that with the other has succeeded."""
        says = say("pipeline.waits", file=self.name, words=words, other=for_)
        return self._claim(says, lambda found: self._waited(found, words, for_))

    def _claim(self, says: Saying, judge: Callable[[Pipeline], Finding]) -> Claim:
        def look(bench: Bench) -> Finding:
            text = bench.read(self.name)
            if text is None or not text.strip():
                return absent("pipeline.absent", file=self.name)
            return self.judged(text, judge)

        return Claim(says, look)

    def judged(self, text: str, judge: Callable[[Pipeline], Finding]) -> Finding:
        try:
            found = pipeline(text, self.name)
        except ComposeFileError as error:
            first = error.findings[0]
            fields = {"file": self.name, "line": first.line, "words": excerpt(first.text)}
            return unmet("pipeline.invalid", **fields)
        return judge(found) if found.jobs else unmet("pipeline.no_jobs", file=self.name)

    def _started(self, found: Pipeline, event: str, branch: str) -> Finding:
        if event not in found.events:
            events = excerpt(", ".join(found.events))
            return unmet("pipeline.no_event", file=self.name, event=event, found=events)
        if branch and found.branches and branch not in found.branches:
            return unmet("pipeline.no_branch", file=self.name, branch=branch)
        return met()

    def _used(self, found: Pipeline, action: str) -> Finding:
        used = {each.partition("@")[0] for job in found.jobs.values() for each in job.uses}
        return met() if action in used else unmet("pipeline.unused", file=self.name, action=action)

    def _ran(self, found: Pipeline, words: str, after: str) -> Finding:
        job = found.job_of(words)
        if job is None:
            return unmet("pipeline.not_run", file=self.name, words=words)
        if not after or self._comes_after(found, job, words, after):
            return met()
        return unmet("pipeline.too_early", file=self.name, words=words, after=after)

    def _comes_after(self, found: Pipeline, job: Job, words: str, after: str) -> bool:
        first, second = job.place(after), job.place(words)
        if first is not None and second is not None:
            return first < second
        earlier = found.job_of(after)
        return earlier is not None and earlier.name in found.before(job)

    def _strict(self, found: Pipeline, words: str) -> Finding:
        job = found.job_of(words)
        if job is None:
            return unmet("pipeline.not_run", file=self.name, words=words)
        line = job.lines[job.place(words) or 0]
        if job.forgiving or swallowing(line):
            return unmet("pipeline.swallowed", file=self.name, words=words, line=excerpt(line))
        return met()

    def _waited(self, found: Pipeline, words: str, other: str) -> Finding:
        job, first = found.job_of(words), found.job_of(other)
        if job is None or first is None:
            missing = words if job is None else other
            return unmet("pipeline.not_run", file=self.name, words=missing)
        if first.name in found.before(job):
            return met()
        if job.name == first.name and (job.place(other) or 0) < (job.place(words) or 0):
            return met()
        return unmet("pipeline.at_once", file=self.name, words=words, other=other)


def workflow(name: str) -> PipelineFile:
    """A workflow of GitHub Actions."""
    return PipelineFile(name)


def travis() -> PipelineFile:
    return PipelineFile(TRAVIS)


def swallowing(line: str) -> str:
    """The part of a line that turns a failure into a success; "" where there is none.

    >>> swallowing("npm test || true"), swallowing("npm test")
    ('|| true', '')
    """
    found = _SWALLOWING.search(line)
    return found[0] if found else ""
