"""The CI on every engine: images built and tests run in containers, from a real push."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.client import DockerClient
from engines import Engine
from pipelinelab import WORKFLOW, Project, outcomes, project, said, steps

from dockerlab.client.ci.ci import Ci
from dockerlab.formats.pipeline.run import Run, Status
from dockerlab.pipeline.machine.leftovers import LABEL, remove_as_root

MINE = f"dltest-ci-{uuid.uuid4().hex[:6]}-"
IMAGE = f"{MINE}app"
TRAVIS = f"""\
language: generic
services: [docker]
before_install: docker build -t {IMAGE} -f Dockerfile.dev .
script: docker run -e CI=true {IMAGE} sh test.sh
"""
FILES = {
    "Dockerfile.dev": "FROM alpine\nWORKDIR /app\nCOPY . .\n",
    "test.sh": "grep -q hello app.txt && echo CI=$CI passes\n",
    "app.txt": "hello\n",
    ".travis.yml": TRAVIS,
}


@pytest.fixture
def app(engine: Engine, client: DockerClient) -> Iterator[Project]:
    folder = Path(engine.shared_folder())
    made = project(folder, engine.url, seconds=120)
    # The engine may be another user's, as only in tests, and a container gets the job's folder.
    made.ci.folder.root.chmod(0o755)
    yield made
    made.ci.remove()
    assert ours(client) == []
    with contextlib.suppress(docker.errors.ImageNotFound):
        client.images.remove(IMAGE, force=True)


def ours(client: DockerClient) -> list[str]:
    """What jobs have left on the engine, of all kinds."""
    found = client.containers.list(all=True, filters={"label": LABEL}, ignore_removed=True)
    mine = [one.name for one in found if "ci-app-" in one.labels[LABEL]]
    networks = [one.name for one in client.networks.list(filters={"label": LABEL})]
    return mine + networks + [one.name for one in client.volumes.list(filters={"label": LABEL})]


def test_a_push_is_built_and_tested_and_a_broken_one_fails(app: Project) -> None:
    app.commit(FILES, "Greet")
    told = app.push()
    assert "remote: CI=true passes" in told
    assert "DEPRECATED" not in told
    app.commit({"app.txt": "goodbye\n"}, "Break it")
    told = app.push()
    good, bad = app.ci.runs
    assert good.passed
    assert bad.status is Status.FAILED
    assert [step.phase for step in bad.jobs[0].steps if step.status.bad] == ["script"]
    assert bad.subject == "Break it"


def test_a_broken_dockerfile_is_an_error_before_any_test(app: Project) -> None:
    app.commit({**FILES, "Dockerfile.dev": "FROM alpine\nRUN exit 9\n"})
    app.push()
    run = app.ci.last
    assert run is not None
    assert run.status is Status.ERRORED
    assert set(outcomes(run).values()) == {"failed", "skipped"}
    assert "returned a non-zero code: 9" in said(run)


def test_a_dockerfile_that_is_not_in_the_commit_is_told_so(app: Project) -> None:
    run = app.travis(TRAVIS)
    assert run.status is Status.ERRORED
    assert "commit" in steps(run)[f"docker build -t {IMAGE} -f Dockerfile.dev ."].note


def test_without_a_docker_command_dockerlabs_own_does_it(
    app: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("git", "sh", "bash", "env", "grep", "cat"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(tmp_path))
    app.commit(FILES)
    assert "CI=true passes" in app.push()
    assert app.ci.last is not None
    assert app.ci.last.passed


def test_a_workflow_builds_and_tests_the_same(app: Project) -> None:
    text = f"""\
on: {{push: {{branches: [master]}}}}
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: docker build -t {IMAGE} -f Dockerfile.dev .
      - run: docker run -e CI=true {IMAGE} sh test.sh
  ship:
    needs: test
    runs-on: ubuntu-latest
    steps: [{{run: echo shipped}}]
"""
    del (files := dict(FILES))[".travis.yml"]
    app.commit({**files, WORKFLOW: text})
    app.push()
    app.commit({"app.txt": "goodbye\n"})
    app.push()
    good, bad = app.ci.runs
    assert good.passed
    assert [str(job.status) for job in bad.jobs] == ["failed", "skipped"]


def test_a_job_in_a_container_has_the_files_and_keeps_what_steps_make(app: Project) -> None:
    app.write({"app.txt": "hello\n"})
    run = app.workflow(
        """\
on: push
jobs:
  inside:
    runs-on: ubuntu-latest
    container: alpine
    env: {COLOUR: blue}
    steps:
      - uses: actions/checkout@v4
      - run: cat app.txt; test ! -e /usr/bin/git; echo made > new.txt
      - run: cat new.txt; echo $COLOUR; echo "A=b" >> $GITHUB_ENV
      - {run: 'echo $A; exit 4'}
      - {run: 'echo more', if: failure()}
"""
    )
    assert run.status is Status.FAILED, app.ci.log()
    lines = said(run).split("\n")
    assert [line for line in lines if line in ("hello", "made", "blue", "b", "more")] == [
        "hello",
        "made",
        "blue",
        "b",
        "more",
    ]
    assert run.jobs[0].steps[3].exit_code == 4
    assert not app.ci.folder.jobs.exists()


def test_a_language_of_travis_is_a_container_with_one_shell(app: Project) -> None:
    run = app.travis(
        "language: python\npython: '3.11'\ninstall: skip\n"
        "script: [A=1, cd /tmp, 'echo \"$A $PWD\"', 'python -c \"print(6 * 7)\"', '(exit 3)']\n"
    )
    assert run.status is Status.FAILED, app.ci.log()
    assert said(run).split("\n") == ["1 /tmp", "42"]
    assert steps(run)["(exit 3)"].exit_code == 3


def test_a_test_that_hangs_in_a_container_is_ended_with_it(
    app: Project, engine: Engine, client: DockerClient
) -> None:
    app.ci = Ci("app", engine.url, root=app.ci.folder.root, step_seconds=4)
    run = app.travis(
        "language: generic\nservices: [docker]\n"
        f"script: docker run --name {MINE}hangs alpine sh -c 'trap \"\" TERM; echo on; sleep 600'\n"
    )
    assert run.status is Status.ERRORED
    assert "did not end within 4 seconds" in run.jobs[0].steps[0].note
    assert ours(client) == []


def test_a_container_that_hangs_as_the_machine_is_ended(app: Project, client: DockerClient) -> None:
    began = time.monotonic()
    run = app.workflow(
        """\
on: push
jobs:
  inside:
    runs-on: ubuntu-latest
    container: alpine
    steps:
      - {run: 'while :; do sleep 1; done', timeout-minutes: 0.03}
      - {run: 'echo after', if: always()}
"""
    )
    assert run.status is Status.ERRORED
    assert said(run) == "after", app.ci.log()
    assert time.monotonic() - began < 60
    assert ours(client) == []


def test_what_a_job_makes_on_the_engine_is_gone_with_it(app: Project, client: DockerClient) -> None:
    run = app.travis(
        "language: generic\nservices: [docker]\nscript:\n"
        f"  - docker run -d --name {MINE}box alpine sleep 600\n"
        f"  - docker create --name {MINE}made alpine true\n"
        f"  - docker network create {MINE}net\n"
        f"  - docker volume create {MINE}vol\n"
    )
    assert run.passed, app.ci.log()
    assert ours(client) == []


def test_an_image_that_is_nowhere_is_told_of(app: Project) -> None:
    run = app.workflow(
        "on: push\njobs:\n  inside:\n    runs-on: ubuntu-latest\n"
        "    container: localhost:1/nobody/nothing\n    steps: [{run: 'true'}]\n"
    )
    assert run.status is Status.ERRORED
    assert "no container of localhost:1/nobody/nothing" in run.jobs[0].note
    assert not app.ci.folder.jobs.exists()


def test_an_engine_that_is_not_there_fails_and_leaves_nothing(app: Project, tmp_path: Path) -> None:
    gone = project(tmp_path, "unix:///nowhere/docker.sock")
    run = gone.travis("language: generic\nservices: [docker]\nscript: docker ps\n")
    assert run.status is Status.FAILED
    assert "engine" in run.jobs[0].steps[0].note
    assert not gone.ci.folder.jobs.exists()


def test_an_engine_that_dies_in_the_middle_is_told_of_and_cleared_after(
    app: Project, engine: Engine, client: DockerClient
) -> None:
    if not engine.embedded:
        pytest.skip("the Docker Engine is everybody's")
    app.write({
        ".travis.yml": "language: generic\nservices: [docker]\n"
        f"script: [docker run -d --name {MINE}a alpine sleep 600, "
        f"docker run --name {MINE}b alpine sleep 600]\n"
    })  # fmt: skip
    ran: list[Run] = []
    thread = threading.Thread(target=lambda: ran.append(app.ci.run(app.folder, quiet=True)))
    thread.start()
    try:
        end = time.monotonic() + 60
        while len(ours(client)) < 2:
            assert time.monotonic() < end
            time.sleep(0.1)
        engine.kill()
        thread.join(60)
    finally:
        engine.launch()
    assert [run.status for run in ran] == [Status.FAILED]
    assert "may be left on the engine" in app.ci.log()
    app.travis("language: generic\nscript: 'true'\n")
    assert ours(client) == []
    assert not app.ci.folder.jobs.exists()


def test_what_containers_wrote_as_root_is_removed_as_root(
    engine: Engine, client: DockerClient
) -> None:
    folder = Path(engine.shared_folder()) / "job"
    (folder / "deep").mkdir(parents=True)
    for each in (folder, folder / "deep"):
        each.chmod(0o777)
    (folder / "deep" / "file").touch()
    remove_as_root(client, folder)
    assert not folder.exists()
