"""Misconceptions that show in a CI's file."""

from __future__ import annotations

from dockerlab.errors import ComposeFileError
from dockerlab.formats.pipeline.outline import Pipeline, pipeline
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.excerpts import excerpt
from dockerlab.grading.claims.pipelines import swallowing
from dockerlab.grading.exercise import Spot

Seen = dict[str, object] | None


def failure_swallowed(file: str) -> Spot:
    """A line that is good whatever comes of it, or a job that may fail."""

    def see(bench: Bench) -> Seen:
        found = readable(bench, file)
        jobs = found.jobs.values() if found else ()
        lines = (line for job in jobs for line in job.lines)
        part = next(filter(None, map(swallowing, lines)), "")
        if part:
            return {"found": part}
        return {"found": "continue-on-error"} if any(job.forgiving for job in jobs) else None

    return Spot("failure-swallowed", see)


def deploy_without_tests(file: str, deploying: str, testing: str) -> Spot:
    """The job with the one line does not wait for that with the other."""

    def see(bench: Bench) -> Seen:
        found = readable(bench, file)
        job, first = (found.job_of(deploying), found.job_of(testing)) if found else (None, None)
        if found is None or job is None or first is None or job.name == first.name:
            return None
        waits = first.name in found.before(job)
        return None if waits else {"job": excerpt(job.name), "first": excerpt(first.name)}

    return Spot("deploy-without-tests", see)


def text_in_file(name: str, file: str, text: str) -> Spot:
    """A file has a text that has no business there: a secret, say."""

    def see(bench: Bench) -> Seen:
        return {"file": file} if text in (bench.read(file) or "") else None

    return Spot(name, see)


def line_without(name: str, file: str, words: str, missing: str) -> Spot:
    """A line has the words, but not what belongs to them."""

    def see(bench: Bench) -> Seen:
        found = readable(bench, file)
        lines = [line for job in found.jobs.values() for line in job.lines] if found else []
        line = next((one for one in lines if words in one and missing not in one), "")
        return {"file": file, "line": excerpt(line)} if line else None

    return Spot(name, see)


def readable(bench: Bench, file: str) -> Pipeline | None:
    text = bench.read(file)
    try:
        return pipeline(text, file) if text else None
    except ComposeFileError:
        return None
