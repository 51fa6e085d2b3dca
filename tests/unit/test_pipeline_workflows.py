"""Workflows of GitHub Actions read strictly: a plan, or the line that cannot be followed."""

from __future__ import annotations

import pytest

from dockerlab.errors import PipelineFileError
from dockerlab.formats.pipeline.loading import load
from dockerlab.formats.pipeline.plan import Beanstalk, Checkout, Plan, Script

FILE = ".github/workflows/ci.yml"
WHOLE = """\
name: CI
on:
  push:
    branches: [main, 'release/**', '!release/old']
  workflow_dispatch:
permissions: {contents: read}
env: {A: '${{ secrets.A }}'}
defaults: {run: {shell: bash}}
jobs:
  deploy:
    needs: [test]
    if: github.ref == 'refs/heads/main' && needs.test.result == 'success'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with: {fetch-depth: 0}
      - uses: einaregilsson/beanstalk-deploy@v22
        with:
          aws_access_key: ${{ secrets.ID }}
          aws_secret_key: ${{ secrets.KEY }}
          application_name: app
          environment_name: env
          region: us-east-1
          version_label: ${{ github.sha }}
          deployment_package: deploy.zip
  test:
    name: Tests
    runs-on: ${{ matrix.os }}
    container: {image: 'node:${{ matrix.node }}'}
    strategy:
      fail-fast: false
      matrix:
        os: [ubuntu-latest, ubuntu-22.04]
        node: [20, 22]
        exclude: [{os: ubuntu-22.04, node: 20}]
        include: [{node: 22, extra: yes}, {os: linux, node: 18}]
    timeout-minutes: 2
    outputs: {x: '${{ steps.s.outputs.x }}'}
    steps:
      - id: s
        name: Test ${{ matrix.node }}
        run: npm test
        shell: sh
        working-directory: app
        env: {B: '1'}
        continue-on-error: ${{ matrix.node == 18 }}
        timeout-minutes: 0.5
"""


def workflow(text: str) -> Plan:
    return load(text, FILE)


def test_a_whole_workflow() -> None:
    plan = workflow(WHOLE)
    assert plan.name == "CI"
    assert [trigger.event for trigger in plan.triggers] == ["push", "workflow_dispatch"]
    *tests, deploy = plan.jobs
    assert [job.name for job in tests] == [
        "Tests (ubuntu-latest, 20)",
        "Tests (ubuntu-latest, 22, yes)",
        "Tests (ubuntu-22.04, 22, yes)",
        "Tests (linux, 18)",
    ]
    assert {job.id for job in tests} == {"test"}
    assert not tests[0].fail_fast
    assert tests[0].seconds == 120
    (step,) = tests[0].steps
    assert step.work == Script("npm test", "sh")
    assert (step.folder, step.seconds, step.environment) == ("app", 30, (("B", "1"),))
    assert deploy.needs == ("test",)
    checkout, shipped = deploy.steps
    assert checkout.work == Checkout(0)
    assert isinstance(shipped.work, Beanstalk)
    assert shipped.phase == "deploy"
    assert shipped.work.package == "deploy.zip"


@pytest.mark.parametrize(
    ("branch", "starts"),
    [("main", True), ("release/1/2", True), ("release/old", False), ("mainly", False)],
)
def test_branches_are_patterns_of_which_the_last_decides(branch: str, starts: bool) -> None:
    assert (workflow(WHOLE).refusal("push", branch) == "") is starts


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        ("*", "a.b-c", "a/b"),
        ("**", "a/b/c", None),
        ("v[12].[0-9]+", "v1.10", "v3.1"),
        ("a?b", "b", "aab"),
        ("x.y", "x.y", "xzy"),
        ("\\\\*", "*", "a"),
    ],
)
def test_the_signs_of_a_pattern(pattern: str, fits: str, fails: str | None) -> None:
    text = (
        f'on: {{push: {{branches: "{pattern}"}}}}\njobs: {{a: {{runs-on: linux, steps: [run: x]}}}}'
    )
    plan = workflow(text)
    assert plan.refusal("push", fits) == ""
    assert fails is None or plan.refusal("push", fails)


@pytest.mark.parametrize(
    "on", ["push", "[push, pull_request]", "{push: }", "{push: , pull_request: }"]
)
def test_events_in_all_their_forms(on: str) -> None:
    plan = workflow(f"on: {on}\njobs: {{a: {{runs-on: linux, steps: [run: x]}}}}")
    assert plan.refusal("push", "any") == ""


HEAD = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n"
STEPS = "    steps:\n      - run: x\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("jobs: {}", 1, "on is missing"),
        ("on: push", 1, "jobs is missing"),
        ("on: push\njobs: {}", 2, "is empty"),
        ("on: fork\n" + HEAD[9:] + STEPS, 1, "fork is not supported here"),
        ("on: []\n" + HEAD[9:] + STEPS, 1, "names no event"),
        ("on:\n  push:\n    paths: [x]\n" + HEAD[9:] + STEPS, 3, "paths: is not supported here"),
        ("on: {push: {branches: ['!a']}}\n" + HEAD[9:] + STEPS, 1, "includes none"),
        ("on:\n  schedule: x\n" + HEAD[9:] + STEPS, 2, "schedule"),
        (HEAD, 3, "steps is missing"),
        ("on: push\njobs:\n  a:\n" + STEPS, 3, "runs-on is missing"),
        (HEAD.replace("ubuntu", "windows") + STEPS, 4, "windows-latest is not supported"),
        (HEAD + "    services: {db: x}\n" + STEPS, 5, "services: is not supported here"),
        (HEAD + "    needs: b\n" + STEPS, 5, "there is no job b"),
        (HEAD + "    needs: a\n" + STEPS, 3, "circle"),
        (HEAD + "    steps: []\n", 5, "is empty"),
        (HEAD + "    steps:\n      - name: x\n", 6, "either run: or uses:"),
        (HEAD + STEPS + "        uses: actions/checkout@v4\n", 6, "either run: or uses:"),
        (
            HEAD + "    steps:\n      - uses: actions/cache@v4\n",
            6,
            "actions/cache is not supported",
        ),
        (HEAD + "    steps:\n      - uses: actions/checkout\n", 6, "the version is missing"),
        (
            HEAD + "    steps:\n      - uses: actions/checkout@v4\n        with: {repository: x}\n",
            7,
            "repository",
        ),
        (
            HEAD + "    steps:\n      - uses: actions/checkout@v4\n        with: {path: ../x}\n",
            7,
            "within",
        ),
        (HEAD + STEPS + "        shell: pwsh\n", 7, "pwsh is not supported"),
        (HEAD + STEPS + "        if: a == 'b'\n", 7, "Unrecognized named-value: 'a'"),
        (HEAD + STEPS + "        if: secrets.A == 'b'\n", 7, "cannot see secrets"),
        (HEAD + STEPS + "        if: github.ref = 'b'\n", 7, "= alone"),
        (HEAD + STEPS + '        if: github.ref == "b"\n', 7, "single quotes"),
        (HEAD + STEPS + "        if: x ${{ true }}\n", 7, "always true"),
        (HEAD + STEPS + "        if: fromJSON('x')\n", 7, "fromJSON() is not supported"),
        (HEAD + STEPS + "        if: contains('x')\n", 7, "takes 2 arguments"),
        (HEAD + STEPS + "        env: {A: '${{ success() }}'}\n", 7, "can only stand in an if"),
        (HEAD + STEPS + "        env: {A: '${{ github.ref }'}\n", 7, "not closed"),
        (HEAD + STEPS + "        env: {A-B: x}\n", 7, "cannot be the name of a variable"),
        (HEAD + STEPS + "        continue-on-error: maybe\n", 7, "must be true"),
        (HEAD + STEPS + "        timeout-minutes: soon\n", 7, "must be a number"),
        (HEAD + STEPS + "        timeout-minutes: 9999\n", 7, "from 0.001 to 360"),
        (HEAD + STEPS + "        with: {a: b}\n", 7, "belongs to uses"),
        (HEAD + "    if: env.A\n" + STEPS, 5, "Unrecognized named-value: 'env'"),
        (HEAD + "    strategy: {matrix: {a: []}}\n" + STEPS, 5, "is an empty list"),
        (HEAD + "    strategy: {matrix: {a: x}}\n" + STEPS, 5, "must be a list"),
        (HEAD + "    strategy: {matrix: {a: [[1]]}}\n" + STEPS, 5, "must be a text"),
        (HEAD + "    strategy: {matrix: '${{ fromJSON(x) }}'}\n" + STEPS, 5, "mapping"),
        (
            HEAD + f"    strategy: {{matrix: {{a: &l {list(range(20))}, b: *l}}}}\n" + STEPS,
            5,
            "256",
        ),
        (
            HEAD + "    strategy: {matrix: {a: [1], exclude: [{a: 1}]}}\n" + STEPS,
            5,
            "no combination",
        ),
        (
            HEAD + STEPS + "  b:\n    runs-on: linux\n    name: a\n" + STEPS,
            2,
            "two jobs are called",
        ),
        (HEAD + "    steps:\n      - {id: s, run: x}\n      - {id: s, run: y}\n", 5, "the same id"),
        (WHOLE.replace("          region: us-east-1\n", ""), 18, "region is missing"),
    ],
)
def test_what_cannot_be_followed_fails_by_name_with_its_line(
    text: str, line: int, words: str
) -> None:
    with pytest.raises(PipelineFileError) as caught:
        workflow(text)
    assert words in str(caught.value)
    assert caught.value.line == line, str(caught.value)
