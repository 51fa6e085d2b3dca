"""Claims of a CI's file: workflows of GitHub Actions, and Travis's."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.formats.pipeline.outline import pipeline
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.projects import travis, workflow
from dockerlab.grading.exercise import Claim, Spot
from dockerlab.grading.spots import production as spots

NAME = ".github/workflows/ci.yml"
FILE = """\
on:
  push:
    branches: [master]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: |
          # docker build is next
          docker build -t app \\
            -f Dockerfile.dev .
      - run: docker run app npm test
  package:
    needs: [test]
    runs-on: ubuntu-latest
    steps:
      - run: docker build -t done .
  deploy:
    needs: package
    runs-on: ubuntu-latest
    steps:
      - run: sh deploy.sh
        env: {KEY: '${{ secrets.KEY }}'}
"""
TRAVIS = """\
language: generic
services: docker
before_install: docker build -t app -f Dockerfile.dev .
script:
  - docker run app npm test
branches: {only: [master]}
deploy: {provider: elasticbeanstalk, app: site}
"""
CI = workflow(NAME)


def bench(folder: Path, text: str | None, name: str = NAME) -> Bench:
    if text is not None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return Bench(None, folder, None)  # type: ignore[arg-type]


def found(folder: Path, text: str | None, claim: Claim, name: str = NAME) -> str:
    finding = claim.look(bench(folder, text, name))
    for saying in (claim.says, finding.why):
        assert saying.text("en") != saying.text("ko")
    return "met" if finding else finding.why.key


@pytest.mark.parametrize(
    ("claim", "key"),
    [
        (CI.is_valid(), "met"),
        (CI.starts_on("push", "master"), "met"),
        (CI.starts_on("push", "main"), "pipeline.no_branch"),
        (CI.starts_on("pull_request"), "pipeline.no_event"),
        (CI.uses("actions/checkout"), "met"),
        (CI.uses("actions/cache"), "pipeline.unused"),
        (CI.runs("-t app -f Dockerfile.dev"), "met"),
        (CI.runs("npm test", after="docker build"), "met"),
        (CI.runs("deploy.sh", after="npm test"), "met"),
        (CI.runs("docker build", after="npm test"), "pipeline.too_early"),
        (CI.runs("npm install"), "pipeline.not_run"),
        (CI.fails_with("npm test"), "met"),
        (CI.fails_with("pytest"), "pipeline.not_run"),
        (CI.waits("deploy.sh", for_="npm test"), "met"),
        (CI.waits("npm test", for_="deploy.sh"), "pipeline.at_once"),
        (CI.waits("aws", for_="npm test"), "pipeline.not_run"),
    ],
)
def test_a_workflow(tmp_path: Path, claim: Claim, key: str) -> None:
    assert found(tmp_path, FILE, claim) == key


@pytest.mark.parametrize(
    ("claim", "key"),
    [
        (travis().is_valid(), "met"),
        (travis().starts_on("push", "master"), "met"),
        (travis().starts_on("push", "main"), "pipeline.no_branch"),
        (travis().runs("npm test", after="-f Dockerfile.dev"), "met"),
        (travis().fails_with("npm test"), "met"),
        (travis().waits("elasticbeanstalk", for_="npm test"), "met"),
    ],
)
def test_travis(tmp_path: Path, claim: Claim, key: str) -> None:
    assert found(tmp_path, TRAVIS, claim, ".travis.yml") == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (None, "pipeline.absent"),
        ("  \n", "pipeline.absent"),
        ("jobs: [", "pipeline.invalid"),
        ("\tjobs:", "pipeline.invalid"),
        ("[" * 5000, "pipeline.invalid"),
        ("a plain text", "pipeline.no_jobs"),
        ("jobs: 7", "pipeline.no_jobs"),
        ("jobs: [test]", "pipeline.no_jobs"),
        ("jobs: {test: 7}", "pipeline.not_run"),
        ("jobs: {test: {steps: {run: npm test}}}", "pipeline.not_run"),
        ("jobs: {test: {steps: [7, {run: [npm test]}]}}", "pipeline.not_run"),
    ],
)
def test_hostile_files_are_just_wrong(tmp_path: Path, text: str | None, key: str) -> None:
    assert found(tmp_path, text, CI.runs("npm test")) == key


def test_jobs_that_wait_for_each_other_in_a_circle() -> None:
    found = pipeline("jobs: {a: {needs: b}, b: {needs: [a, none]}}", NAME)
    assert found.before(found.jobs["a"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("npm test", "npm test || true"),
        ("npm test", "npm test; exit 0"),
        ("- run: docker run", "- continue-on-error: true\n        run: docker run"),
    ],
)
def test_a_failure_that_nobody_notices(tmp_path: Path, old: str, new: str) -> None:
    text = FILE.replace(old, new)
    assert found(tmp_path, text, CI.fails_with("npm test")) == "pipeline.swallowed"
    assert spots.failure_swallowed(NAME).see(bench(tmp_path, text)) is not None
    assert spots.failure_swallowed(NAME).see(bench(tmp_path, FILE)) is None


def test_misconceptions(tmp_path: Path) -> None:
    def both(spot: Spot, old: str, new: str) -> None:
        assert spot.see(bench(tmp_path, FILE)) is None
        assert spot.see(bench(tmp_path, FILE.replace(old, new))) is not None

    both(spots.deploy_without_tests(NAME, "deploy.sh", "npm test"), "needs: package", "if: true")
    both(spots.text_in_file("secret", NAME, "k-1"), "${{ secrets.KEY }}", "k-1")
    both(spots.line_without("x", NAME, "docker build -t app", "-f"), "-f Dockerfile.dev ", "")
    for spot in (spots.failure_swallowed("none"), spots.deploy_without_tests("none", "a", "b")):
        assert spot.see(bench(tmp_path, None)) is None
