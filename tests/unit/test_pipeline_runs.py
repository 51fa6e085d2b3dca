"""Runs of the CI's process where no engine is needed: rules, limits, secrets, turns, leftovers."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest
from pipelinelab import NOWHERE, Project, git, outcomes, project, said, steps

from dockerlab.client.ci.ci import Ci
from dockerlab.client.ci.folder import birth
from dockerlab.errors import DockerlabError
from dockerlab.formats.pipeline.run import Status

GENERIC = "language: generic\n"


@pytest.fixture
def app(tmp_path: Path) -> Project:
    return project(tmp_path)


def nothing_left(app: Project) -> bool:
    return not app.ci.folder.jobs.exists()


# --- Travis


def test_all_phases_run_in_their_order(app: Project) -> None:
    run = app.travis(
        GENERIC + "after_script: echo 6\nafter_success: echo 5\nscript: [echo 3, echo 4]\n"
        "install: echo 2\nbefore_install: echo 1\nafter_failure: echo never\n"
    )
    assert run.passed
    assert said(run).split() == ["1", "2", "3", "4", "5", "6"]
    assert steps(run)["echo never"].status is Status.SKIPPED
    assert nothing_left(app)


@pytest.mark.parametrize("phase", ["before_install", "install", "before_script"])
def test_a_phase_before_the_script_ends_the_job_as_errored(app: Project, phase: str) -> None:
    run = app.travis(
        GENERIC + f"{phase}: [(exit 3), echo second]\n"
        "script: echo script\nafter_failure: echo failure\nafter_script: echo last\n"
    )
    assert run.status is Status.ERRORED
    assert run.jobs[0].steps[0].exit_code == 3
    assert set(outcomes(run).values()) == {"failed", "skipped"}
    assert phase in steps(run)["echo script"].note


def test_a_script_goes_on_after_a_failure_and_fails(app: Project) -> None:
    run = app.travis(
        GENERIC + "script: ['false', echo second]\nafter_success: echo good\n"
        "after_failure: echo bad $TRAVIS_TEST_RESULT\n"
        "deploy: {provider: script, script: echo ship}\n"
    )
    assert run.status is Status.FAILED
    assert said(run).split("\n") == ["second", "bad 1"]
    assert outcomes(run)["echo ship"] == "skipped"


def test_what_comes_after_the_script_changes_nothing(app: Project) -> None:
    run = app.travis(GENERIC + "script: 'true'\nafter_success: 'false'\nafter_script: exit 9\n")
    assert run.passed
    assert outcomes(run)["false"] == "failed"


def test_commands_share_one_shell(app: Project) -> None:
    run = app.travis(
        GENERIC + "env: {global: [A=1, 'B=\"$A 2\"']}\nbefore_script: [mkdir x, cd x, C=3]\n"
        "script: ['echo \"$A,$B,$C,$(basename \"$PWD\")\"', cd .., 'test -d x']\n"
    )
    assert said(run) == "1,1 2,3,x"
    assert run.passed


def test_exit_in_a_command_ends_the_shell_of_all(app: Project) -> None:
    run = app.travis(GENERIC + "script: [exit 4, echo on]\n")
    assert run.status is Status.FAILED
    assert steps(run)["exit 4"].exit_code == 4
    assert "exit" in steps(run)["echo on"].note


def test_a_variable_set_makes_a_job_each(app: Project) -> None:
    run = app.travis(GENERIC + "env: {jobs: [N=1, N=2]}\nscript: test $N = 1\n")
    assert [(job.name, job.status) for job in run.jobs] == [
        ("build (N=1)", Status.PASSED),
        ("build (N=2)", Status.FAILED),
    ]
    assert run.status is Status.FAILED


@pytest.mark.parametrize(
    ("on", "branch", "ships"),
    [
        ("", "master", True),
        ("", "main", False),
        ("on: {branch: main}", "main", True),
        ("on: {branch: [main, '/^v[0-9]+$/']}", "v12", True),
        ("on: {all_branches: true}", "x/y", True),
        ("on: {condition: $NO = yes}", "master", False),
        ("on: {condition: $CI = true}", "master", True),
    ],
)
def test_only_permitted_branches_are_deployed(
    app: Project, on: str, branch: str, ships: bool
) -> None:
    app.write(
        {".travis.yml": GENERIC + f"deploy:\n  provider: script\n  script: echo ship\n  {on}\n"}
    )
    run = app.ci.run(app.folder, branch=branch, quiet=True)
    assert run.passed
    assert (outcomes(run)["echo ship"] == "passed") is ships


def test_a_deployment_that_fails_is_an_error(app: Project) -> None:
    run = app.travis(
        GENERIC + "script: 'true'\ndeploy: {provider: script, script: 'false'}\n"
        "after_deploy: echo after\n"
    )
    assert run.status is Status.ERRORED
    assert outcomes(run)["echo after"] == "skipped"


def test_a_deployment_without_its_key_says_which_is_missing(app: Project) -> None:
    run = app.travis(
        GENERIC + "deploy: {provider: elasticbeanstalk, app: a, env: e, region: us-east-1, "
        "bucket_name: b, access_key_id: $KEY_ID, secret_access_key: $KEY}\n"
    )
    step = steps(run)["elasticbeanstalk"]
    assert step.status is Status.ERRORED
    assert "$KEY_ID" in said(run)
    assert "settings" in step.note


def test_docker_has_to_be_asked_for(app: Project) -> None:
    run = app.travis(GENERIC + "script: docker ps\n")
    assert run.status is Status.FAILED
    assert "services" in steps(run)["docker ps"].note


# --- Actions


HEAD = "on: [push, pull_request]\njobs:\n"


def job(name: str, *lines: str, more: str = "") -> str:
    listed = "".join(f"      - {line}\n" for line in lines)
    return f"  {name}:\n    runs-on: ubuntu-latest\n{more}    steps:\n{listed}"


def test_a_step_that_fails_ends_the_job(app: Project) -> None:
    run = app.workflow(
        HEAD
        + job(
            "a",
            "run: exit 3",
            "run: echo 2",
            "{run: echo 3, if: always()}",
            "{run: echo 4, if: failure()}",
        )
    )
    assert run.status is Status.FAILED
    assert [step.status for step in run.jobs[0].steps] == ["failed", "skipped", "passed", "passed"]


def test_a_line_that_fails_ends_the_step(app: Project) -> None:
    run = app.workflow(HEAD + job("a", '{run: "false\\necho on"}'))
    assert run.status is Status.FAILED
    assert said(run) == ""


def test_without_checkout_there_are_no_files(app: Project) -> None:
    app.write({"file.txt": "x"})
    run = app.workflow(
        HEAD + job("a", "run: test ! -e file.txt", "uses: actions/checkout@v4", "run: cat file.txt")
    )
    assert run.passed, said(run)


def test_jobs_wait_for_what_they_need(app: Project) -> None:
    run = app.workflow(
        HEAD
        + job("c", "run: echo c", more="    needs: b\n")
        + job("b", "run: echo ${{ needs.a.outputs.x }}; false", more="    needs: a\n")
        + job(
            "a",
            "{id: s, run: 'echo x=7 >> $GITHUB_OUTPUT'}",
            more="    outputs: {x: '${{ steps.s.outputs.x }}'}\n",
        )
        + job("d", "run: echo ${{ needs.b.result }}", more="    needs: b\n    if: always()\n")
    )
    assert {one.name: str(one.status) for one in run.jobs} == {
        "a": "passed",
        "b": "failed",
        "c": "skipped",
        "d": "passed",
    }
    assert said(run).split("\n") == ["7", "failure"]
    assert run.job("c").needs == ("b",)  # type: ignore[union-attr]


def test_a_matrix_fails_fast_unless_told_otherwise(app: Project) -> None:
    matrix = "    strategy: {FAST matrix: {n: [1, 2, 3]}}\n"
    text = HEAD + job("a", "run: test ${{ matrix.n }} != 1", more=matrix)
    run = app.workflow(text.replace("FAST", ""))
    assert [str(one.status) for one in run.jobs] == ["failed", "cancelled", "cancelled"]
    run = app.workflow(text.replace("FAST", "fail-fast: false,"))
    assert [str(one.status) for one in run.jobs] == ["failed", "passed", "passed"]
    assert run.status is Status.FAILED


def test_a_forgiven_failure_spoils_nothing(app: Project) -> None:
    run = app.workflow(
        HEAD
        + job(
            "a",
            "{run: exit 2, continue-on-error: true, id: s}",
            "run: echo ${{ steps.s.outcome }} ${{ steps.s.conclusion }}",
        )
        + job("b", "run: 'false'", more="    continue-on-error: true\n")
        + job("c", "run: echo c", more="    needs: [a, b]\n")
    )
    assert run.passed
    assert said(run).split("\n") == ["failure success", "c"]


def test_variables_come_from_three_levels_and_from_steps(app: Project) -> None:
    run = app.workflow(
        "on: push\nenv: {A: 1, B: 1, C: 1}\njobs:\n"
        + job(
            "a",
            "run: \"echo D=4 >> $GITHUB_ENV; printf 'E<<.\\\\n5\\\\n6\\\\n.\\\\n' >> $GITHUB_ENV\"",
            "{run: 'echo $A$B$C$D $E', env: {C: 3}}",
            more="    env: {B: 2}\n",
        )
    )
    assert run.passed, app.ci.log()
    assert said(run) == "1234 5 6"


def test_secrets_are_seen_only_where_they_are_named(app: Project) -> None:
    app.ci.settings["TOKEN"] = "abc-secret-xyz"
    app.ci.settings.plain["COLOUR"] = "blue"
    run = app.workflow(
        HEAD
        + job(
            "a",
            "run: echo none:$TOKEN $COLOUR",
            "{run: 'echo $T ${#T} ${{ vars.COLOUR }}', env: {T: '${{ secrets.TOKEN }}'}}",
        )
    )
    assert said(run).split("\n") == ["none:", "*** 14 blue"]


def test_a_workflow_starts_on_its_events_and_branches_only(app: Project) -> None:
    text = "on: {push: {branches: ['release/**', '!release/old']}}\njobs:\n" + job(
        "a", "run: echo a"
    )
    assert app.workflow(text, branch="release/1/x").passed
    for branch in ("master", "release/old"):
        run = app.workflow(text, branch=branch)
        assert run.status is Status.SKIPPED
        assert branch in run.error
    assert app.workflow(text, event="pull_request").status is Status.SKIPPED


# --- files that cannot be followed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n- b\n", "mapping"),
        ("language: generic\nscripts: x\n", ".travis.yml:2: scripts: is not supported here"),
        ("language: generic\nscript: [\n", ".travis.yml:"),
        ("", "mapping"),
    ],
)
def test_a_file_that_cannot_be_followed_is_an_error(app: Project, text: str, words: str) -> None:
    run = app.travis(text)
    assert run.status is Status.ERRORED
    assert words in run.error
    assert run.jobs == ()
    assert nothing_left(app)


def test_a_folder_without_a_file_or_with_several_is_told_so(app: Project) -> None:
    with pytest.raises(DockerlabError, match=r"neither \.travis\.yml nor"):
        app.ci.run(app.folder)
    with pytest.raises(DockerlabError, match="no folder"):
        app.ci.run(app.folder / "missing")
    app.write({".travis.yml": GENERIC, ".github/workflows/a.yml": "x"})
    with pytest.raises(DockerlabError, match="several"):
        app.ci.run(app.folder)


# --- limits


def test_a_script_that_never_ends_is_ended(tmp_path: Path) -> None:
    app = project(tmp_path, seconds=1)
    run = app.travis(
        GENERIC
        + "script: [echo $$; sleep 1000 & trap '' TERM; while :; do sleep 0.1; done, echo on]\n"
    )
    assert run.status is Status.ERRORED
    first, second = run.jobs[0].steps
    assert "did not end within 1 seconds" in first.note
    assert second.status is Status.SKIPPED
    assert not birth(int(first.log[0]))
    assert nothing_left(app)


def test_a_step_of_a_workflow_has_its_own_limit(app: Project) -> None:
    run = app.workflow(
        HEAD + job("a", "{run: sleep 100, timeout-minutes: 0.01}", "{run: echo on, if: always()}")
    )
    assert [step.status for step in run.jobs[0].steps] == ["errored", "passed"]
    assert (run.seconds or 99) < 20


def test_what_a_job_leaves_running_is_ended_with_it(app: Project) -> None:
    run = app.travis(
        GENERIC + "script: ['sleep 1000 & echo $!', '(setsid sleep 1000 & echo $!)', echo done]\n"
    )
    assert run.passed
    assert (run.seconds or 99) < 30
    left = [int(line) for line in said(run).split() if line.isdigit()]
    assert len(left) == 2
    assert not any(birth(pid) for pid in left)


def test_fifty_megabytes_of_log_are_cut(app: Project) -> None:
    app.ci.settings["TOKEN"] = "abc-secret-xyz"
    run = app.travis(
        GENERIC + "script: ['yes abc-secret-xyz-0123456789 | head -c 50000000', echo after]\n"
    )
    assert run.passed
    log = app.ci.log()
    assert 3 << 20 < len(log) < 5 << 20
    assert "log is cut here" in log
    assert "abc-secret" not in log
    record = (app.ci.folder.run(run.number) / "run.json").stat().st_size
    assert record < 1 << 20


# --- secrets


def test_a_secret_is_masked_however_it_is_written(app: Project) -> None:
    secret = "wJalr/K7MDENG+bPx Rfi"
    app.ci.settings["TOKEN"] = secret
    run = app.travis(
        GENERIC + "script:\n"
        "  - echo $TOKEN\n"
        '  - printf %s "$TOKEN" | base64\n'
        '  - printf user:%s "$TOKEN" | base64\n'
        '  - for i in 1 2 3 4 5 6 7 8 9; do printf %s "$(printf %s "$TOKEN" | cut -c$i)"; '
        'sleep 0.02; done; printf %s "$TOKEN" | cut -c10-\n'
        "  - python3 -c 'import os, urllib.parse as u; "
        'print(u.quote(os.environ["TOKEN"], safe=""))\'\n'
        '  - echo "$TOKEN" >&2\n'
    )
    assert run.passed, app.ci.log()
    log, record = app.ci.log(), (app.ci.folder.run(run.number) / "run.json").read_text()
    for text in (log, record):
        assert secret not in text
        assert "wJalr" not in text
        assert "d0phbHIv" not in text  # wJalr/ in base64
        assert "%2FK7MDENG" not in text
    assert log.count("[secure]") >= 6


def test_a_secret_in_the_repository_is_reported(app: Project) -> None:
    app.ci.settings["TOKEN"] = "abc-secret-xyz"
    app.commit({".travis.yml": GENERIC + "script: 'true'\n", "old.txt": "\nabc-secret-xyz\n"})
    app.commit({"old.txt": "gone", "src/key.py": "a = 1\nb = 'abc-secret-xyz'\n"}, "abc-secret-xyz")
    told = app.push()
    run = app.ci.last
    assert run is not None
    assert [(one.secret, one.file, one.line) for one in run.findings] == [
        ("TOKEN", "src/key.py", 2),
        ("TOKEN", "old.txt", 2),
    ]
    assert run.findings[0].commit == ""
    assert run.findings[1].commit == git("rev-parse", "HEAD~1", at=app.folder).strip()
    assert "SECRET in the repository" in told
    assert "abc-secret" not in told + run.subject


def test_a_key_in_the_file_itself_is_reported_and_masked(app: Project) -> None:
    key = "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz"
    run = app.travis(
        GENERIC
        + f"script: grep -i secret .travis.yml\ndeploy: {{provider: elasticbeanstalk, app: a, "
        f"env: e, region: r, access_key_id: AKIAABCDEFGHIJKLMNOP,\n  secret_access_key: {key},\n"
        "  on: {branch: other}}\n"
    )
    assert {one.secret for one in run.findings} == {
        "the secret key of a deployment",
        "an AWS access key id",
    }
    assert key not in app.ci.log()


def test_settings_are_the_owners_alone_and_never_shown(app: Project) -> None:
    app.ci.settings["TOKEN"] = "abc-secret-xyz"
    app.ci.settings.plain["COLOUR"] = "blue"
    assert app.ci.folder.settings.stat().st_mode & 0o777 == 0o600
    assert "abc-secret" not in repr(app.ci.settings) + repr(app.ci)
    assert "blue" in repr(app.ci.settings)
    assert dict(app.ci.settings) == {"TOKEN": "abc-secret-xyz"}
    del app.ci.settings["TOKEN"]
    assert dict(app.ci.settings) == {}
    for name, value in (("A B", "long enough"), ("A", "abc"), ("A", "x\0yzabc")):
        with pytest.raises(DockerlabError):
            app.ci.settings[name] = value


def test_a_job_sees_nothing_of_the_users_variables(
    app: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-the-user")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    run = app.travis(GENERIC + "script: ['env', git log -1 --format=%H, 'echo $HOME']\n")
    assert run.passed
    assert "of-the-user" not in app.ci.log()
    assert str(app.ci.folder.root) in steps(run)["echo $HOME"].log[0]


# --- pushes


def test_a_push_runs_every_file_and_says_so(app: Project) -> None:
    app.commit(
        {
            ".travis.yml": GENERIC + "script: echo travis\n",
            ".github/workflows/ci.yml": HEAD + job("a", "run: echo actions"),
        },
        "Both",
    )
    told = app.push()
    assert "remote: travis" in told
    assert "remote: actions" in told
    commit = git("rev-parse", "HEAD", at=app.folder).strip()
    assert {(run.commit, run.branch, run.subject) for run in app.ci.runs} == {
        (commit, "master", "Both")
    }
    assert len(app.ci.runs) == 2
    assert nothing_left(app)


def test_a_push_without_a_file_or_of_no_branch_runs_nothing(app: Project) -> None:
    app.commit({"a": "b"})
    assert "nothing to run" in app.push("topic")
    git("push", "origin", "HEAD:refs/tags/v1", at=app.folder)
    git("push", "origin", "--delete", "topic", at=app.folder)
    assert app.ci.runs == []
    assert app.ci.last is None


def test_a_failed_run_does_not_undo_the_push(app: Project) -> None:
    app.commit({".travis.yml": GENERIC + "script: 'false'\n"})
    app.push()
    assert app.ci.last is not None
    assert app.ci.last.status is Status.FAILED
    assert git("rev-parse", "HEAD", at=app.folder) == git(
        "rev-parse", "master", at=Path(app.ci.remote)
    )


def test_two_pushes_at_once_go_one_after_the_other(app: Project) -> None:
    told: dict[str, str] = {}

    def push(branch: str) -> None:
        told[branch] = app.push(branch)

    app.commit({".travis.yml": GENERIC + "script: sleep 1.5\n"})
    pushes = [threading.Thread(target=push, args=(name,)) for name in ("one", "two")]
    for thread in pushes:
        thread.start()
    for thread in pushes:
        thread.join(60)
    first, second = app.ci.runs
    assert first.passed
    assert second.passed
    assert (first.ended or 0) <= (second.began or 0)
    assert "Waiting for run 1" in "".join(told.values())


def test_a_run_can_be_cancelled_and_leaves_nothing(app: Project) -> None:
    app.commit({".travis.yml": GENERIC + "script: [echo $$; sleep 100, echo on]\n"})
    push = subprocess.Popen(
        ["git", "push", "origin", "master"],
        cwd=app.folder,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until(lambda: bool(app.ci.last and said(app.ci.last)))
    assert app.ci.last is not None
    shell = int(said(app.ci.last))
    os.killpg(push.pid, signal.SIGINT)
    push.communicate(timeout=30)
    until(lambda: bool(app.ci.last and app.ci.last.status.over))
    assert app.ci.last.status is Status.CANCELLED
    assert set(outcomes(app.ci.last).values()) == {"cancelled"}
    until(lambda: not birth(shell))
    until(lambda: nothing_left(app))


def test_a_process_that_was_killed_is_told_of_and_cleared_after(app: Project) -> None:
    app.commit({".travis.yml": GENERIC + "script: sleep 2\n"})
    push = subprocess.Popen(
        ["git", "push", "origin", "master"], cwd=app.folder, stderr=subprocess.DEVNULL
    )
    until(lambda: bool(app.ci.last and outcomes(app.ci.last).get("sleep 2") == "running"))
    os.kill(int((app.ci.folder.run(1) / "process").read_text().split()[0]), signal.SIGKILL)
    push.wait(30)
    assert app.ci.last is not None
    assert app.ci.last.status is Status.ERRORED
    assert "killed" in app.ci.last.error
    assert not nothing_left(app)
    assert app.travis(GENERIC + "script: 'true'\n").passed
    assert nothing_left(app)


def test_whoever_pushed_may_go_away(app: Project) -> None:
    app.commit({".travis.yml": GENERIC + "script: [sleep 1, seq 200000, echo end]\n"})
    push = subprocess.Popen(
        ["git", "push", "origin", "master"], cwd=app.folder, stderr=subprocess.DEVNULL
    )
    until(lambda: bool(app.ci.last and app.ci.last.status is Status.RUNNING))
    push.kill()
    push.wait()
    until(lambda: bool(app.ci.last and app.ci.last.status.over), 30)
    assert app.ci.last is not None
    assert app.ci.last.passed


def test_following_a_run_sees_it_grow(app: Project) -> None:
    app.write({".travis.yml": GENERIC + "script: [echo a; sleep 0.7, echo b]\n"})
    thread = threading.Thread(target=lambda: app.ci.run(app.folder, quiet=True))
    thread.start()
    until(lambda: app.ci.last is not None)
    seen = [run.status for run in app.ci.follow()]
    thread.join()
    assert seen[-1] is Status.PASSED
    assert Status.RUNNING in seen


def test_removing_a_ci_leaves_nothing(app: Project) -> None:
    app.commit({".travis.yml": GENERIC + "script: sleep 100\n"})
    push = subprocess.Popen(
        ["git", "push", "origin", "master"], cwd=app.folder, stderr=subprocess.DEVNULL
    )
    until(lambda: bool(app.ci.last and app.ci.last.status is Status.RUNNING))
    app.ci.remove()
    push.wait(30)
    assert not app.ci.folder.root.exists()


def test_without_git_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DockerlabError, match="git is not installed"):
        Ci("x", "unix:///nowhere", root=tmp_path / "ci")


def until(condition, seconds: float = 60) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not come about in time"
        time.sleep(0.05)


def test_a_run_from_a_cell_tells_how_far_it_is(app: Project) -> None:
    app.write({".travis.yml": GENERIC + "script: [echo a; sleep 0.7, echo b]\n"})
    told: list[Status] = []
    run = app.ci.run(app.folder, progress=lambda record: told.append(record.status))
    assert run.passed
    assert told[-1] is Status.PASSED
    assert Status.RUNNING in told


def test_a_cloud_is_the_one_that_the_settings_name(app: Project) -> None:
    app.ci.settings.plain["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1"
    run = app.workflow(HEAD + job("a", "run: echo $AWS_ENDPOINT_URL"))
    assert said(run) == "http://127.0.0.1:1"
    run = app.travis(
        GENERIC + "deploy: {provider: elasticbeanstalk, app: a, env: e, region: us-east-1, "
        "bucket_name: b, access_key_id: $CI, secret_access_key: $CI-of-the-deployment}\n"
    )
    assert "nothing answers at http://127.0.0.1:1" in said(run)
    assert "lab.cloud()" in steps(run)["elasticbeanstalk"].note


def test_without_boto3_a_deployment_says_so(
    app: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "boto3.py").write_text("raise ImportError('not here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = app.travis(
        GENERIC + "deploy: {provider: elasticbeanstalk, app: a, env: e, region: us-east-1, "
        "bucket_name: b, access_key_id: $CI, secret_access_key: $CI-of-the-deployment}\n"
    )
    assert "boto3 is missing" in said(run)
    assert "pip install" in steps(run)["elasticbeanstalk"].note


def test_steps_add_to_the_path_of_those_after_them(app: Project) -> None:
    run = app.workflow(
        HEAD
        + job(
            "a",
            "run: 'mkdir bin; echo echo mine > bin/mine; chmod +x bin/mine'",
            'run: echo "$PWD/bin" >> $GITHUB_PATH',
            "run: mine",
        )
    )
    assert said(run) == "mine", app.ci.log()


def test_a_secret_in_a_command_is_masked_in_its_name_from_the_start(app: Project) -> None:
    app.ci.settings["TOKEN"] = "abc-secret-xyz"
    seen: list[str] = []
    app.write({".travis.yml": GENERIC + "script: [sleep 0.3, echo abc-secret-xyz]\n"})
    app.ci.run(app.folder, progress=lambda run: seen.append(repr(run)))
    assert seen
    assert not any("abc-secret" in one for one in seen)


def test_a_job_has_a_limit_for_all_its_steps(tmp_path: Path) -> None:
    app = project(tmp_path)
    app.ci = Ci("app", NOWHERE, root=app.ci.folder.root, job_seconds=1.5)
    run = app.workflow(
        HEAD + job("a", "run: sleep 1", "run: sleep 9", "{run: 'true', if: always()}")
    )
    assert [str(step.status) for step in run.jobs[0].steps] == ["passed", "errored", "errored"]
    assert "whole job" in run.jobs[0].steps[2].note
    assert (run.seconds or 99) < 15
