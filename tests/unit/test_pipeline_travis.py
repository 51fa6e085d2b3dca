"""``.travis.yml`` read strictly: a plan, or the line that cannot be followed."""

from __future__ import annotations

import pytest

from dockerlab.errors import PipelineFileError
from dockerlab.formats.pipeline.loading import load
from dockerlab.formats.pipeline.plan import PHASES, Beanstalk, Flavour, Job, Plan, Script

COURSE = """\
sudo: required
language: generic
services:
  - docker
before_install:
  - echo "Start making an image"
  - docker build -t app -f Dockerfile.dev .
script:
  - docker run -e CI=true app npm run test -- --coverage
after_success:
  - echo "Test success"
deploy:
  edge: true
  provider: elasticbeanstalk
  region: ap-northeast-2
  app: docker-react-app
  env: DockerReactApp-env
  bucket_name: elasticbeanstalk-ap-northeast-2-1
  bucket_path: docker-react-app
  on:
    branch: master
  access_key_id: $AWS_ACCESS_KEY
  secret_access_key: $AWS_SECRET_ACCESS_KEY
"""


def travis(text: str) -> Plan:
    return load(text, ".travis.yml")


def only(text: str) -> Job:
    (job,) = travis(text).jobs
    return job


def test_the_courses_file_is_one_job_with_a_deployment() -> None:
    plan = travis(COURSE)
    job = only(COURSE)
    assert plan.flavour is Flavour.TRAVIS
    assert [step.phase for step in job.steps] == [
        "before_install",
        "before_install",
        "script",
        "after_success",
        "deploy",
    ]
    assert job.docker
    assert job.image == ""
    assert job.steps[1].work == Script("docker build -t app -f Dockerfile.dev .")
    deploy = job.steps[-1]
    assert isinstance(deploy.work, Beanstalk)
    assert deploy.work.secret_key == "$AWS_SECRET_ACCESS_KEY"
    assert (deploy.work.bucket, deploy.work.path) == (
        "elasticbeanstalk-ap-northeast-2-1",
        "docker-react-app",
    )
    assert deploy.branches is not None
    assert deploy.branches.has("master")
    assert not deploy.branches.has("main")


def test_a_word_on_without_quotes_is_the_key_and_no_yes() -> None:
    text = "language: generic\ndeploy:\n  provider: script\n  script: x\n  on:\n    branch: a\n"
    branches = only(text).steps[0].branches
    assert branches is not None
    assert branches.has("a")
    assert not branches.has("master")


def test_phases_come_in_the_order_in_which_they_run() -> None:
    backwards = "".join(f"{phase}: x {phase}\n" for phase in reversed(PHASES) if phase != "deploy")
    job = only("language: generic\n" + backwards)
    assert [step.phase for step in job.steps] == [phase for phase in PHASES if phase != "deploy"]


@pytest.mark.parametrize(
    ("branches", "good", "bad"),
    [
        ("only: [master, /^v\\d+/]", ("master", "v1.2"), ("main", "xv1", "master2")),
        ("except: [/^wip-.*/]", ("master", "x"), ("wip-1",)),
        ("only: [/.*/]\n  except: old", ("master",), ("old",)),
    ],
)
def test_branches_are_names_or_patterns(
    branches: str, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    text = f"language: generic\nbranches:\n  {branches}\n".replace("[/", "['/").replace("/]", "/']")
    text = text.replace(", /^v\\d+/'", ", '/^v\\d+/'")
    plan = travis(text)
    assert all(plan.refusal("push", branch) == "" for branch in good)
    assert all(branch in plan.refusal("push", branch) for branch in bad)
    assert "pull_request" in plan.refusal("pull_request", good[0])


@pytest.mark.parametrize(
    ("env", "jobs"),
    [
        ("A=1", [("A=1",)]),
        ("[A=1, 'B=2 C=\"3 4\"']", [("A=1",), ('B=2 C="3 4"',)]),
        (
            "{global: [A=1, {B: 2}], jobs: [C=3, D=4]}",
            [("A=1", 'B="2"', "C=3"), ("A=1", 'B="2"', "D=4")],
        ),
        ("{A: 1, B: 'x \"y\" $Z `w`'}", [('A="1" B="x \\"y\\" $Z \\`w\\`"',)]),
        ("{global: {secure: abc=}}", [()]),
    ],
)
def test_variables_in_all_their_forms(env: str, jobs: list[tuple[str, ...]]) -> None:
    assert [job.exports for job in travis(f"language: generic\nenv: {env}\n").jobs] == jobs


def test_what_only_travis_can_decrypt_is_counted() -> None:
    assert only("language: generic\nenv: {global: [{secure: a}, {secure: b}, C=1]}\n").secure == 2


def test_a_language_has_an_image_for_each_version() -> None:
    plan = travis("language: node_js\nnode_js: [20, lts/*]\n")
    assert [job.image for job in plan.jobs] == ["node:20", "node:22"]
    assert [step.phase for step in plan.jobs[0].steps] == ["install", "script"]
    job = only("language: node_js\ninstall: skip\nscript: x\n")
    assert [step.phase for step in job.steps] == ["script"]
    assert only("language: python\nscript: pytest\n").image == "python:3.11"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "mapping"),
        ("- a", 1, "mapping"),
        ("a", 1, "mapping"),
        ("language: generic\nscripts: x", 2, "did you mean script"),
        ("language: generic\n---\nlanguage: generic", 1, "several documents"),
        ("script: x", 1, "Ruby"),
        ("language: cobol", 1, "cobol is not supported here"),
        ("language: generic\nservices:\n  - docker\n  - mysql", 4, "mysql is not supported"),
        ("language: node_js\nservices: docker\nscript: x", 2, "language: generic"),
        ("language: python", 1, "script is missing"),
        ("language: generic\nos: osx", 2, "osx is not supported"),
        ("language: generic\nnode_js: 22", 2, "no effect"),
        ("language: generic\nscript:\n  a: b", 2, "must be a text, not a mapping"),
        ("language: generic\nenv:\n  global:\n    - A", 4, "'A' is not NAME=value"),
        ("language: generic\nenv: 'A=\"1'", 2, "cannot be read"),
        ("language: generic\nenv: {global: {A: {secure: x}}}", 2, "settings"),
        ("language: generic\nbranches:\n  only: '/(/'", 3, "no regular expression"),
        ("language: generic\nmatrix: {include: []}", 2, "is not supported here"),
        ("language: generic\ndeploy:\n  app: x", 2, "provider is missing"),
        ("language: generic\ndeploy:\n  provider: heroku", 3, "heroku is not supported here"),
        ("language: generic\ndeploy:\n  provider: script", 2, "script is missing"),
        (COURSE.replace("  app: docker-react-app\n", ""), 12, "app is missing"),
        (COURSE.replace("  region", "  regoin"), 15, "did you mean region"),
        (COURSE.replace("    branch", "    tags: true\n    branch"), 21, "tags: is not supported"),
        (COURSE.replace("$AWS_SECRET_ACCESS_KEY", "{secure: abc}"), 23, "settings"),
        ("language: generic\nscript: [\n", 3, "flow node"),
        ("language: generic\n\tscript: x\n", 2, "tab"),
        ("language: generic\nscript: x\nscript: y\n", 3, "already defined"),
        ("language: generic\nscript: *a\n", 2, "anchor"),
        ('language: generic\nscript: "a\\0b"\n', 2, "NUL"),
        ("language: generic\nenv: [" + "A=1, " * 65 + "]", 2, "64 is the most"),
    ],
)
def test_what_cannot_be_followed_fails_by_name_with_its_line(
    text: str, line: int, words: str
) -> None:
    with pytest.raises(PipelineFileError) as caught:
        travis(text)
    assert words in str(caught.value)
    assert caught.value.line == line
    assert str(caught.value).startswith(f".travis.yml:{line}: ")
