"""``lab.build`` and ``lab.forecast``: the record of a build, on every engine there is."""

from __future__ import annotations

import contextlib
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.client import DockerClient

from dockerlab import Build, BuildFailed, BuildTrace, DockerlabError, Lab
from dockerlab.client import patience
from dockerlab.formats.buildtrace import Cause, Reason, Status

NODE = """\
FROM busybox
LABEL dltest=@@
ARG VERSION=1
WORKDIR /app
COPY package.json ./
RUN echo $VERSION > /version
COPY . .
CMD ["true"]
"""
STAGES = """\
FROM busybox AS build
LABEL dltest=@@
COPY src /src
RUN cat /src/* > /out
FROM busybox
LABEL dltest=@@
ENV A=1
COPY --from=build /out /out
"""


@dataclass
class App:
    """A folder with a Dockerfile, and what is built of it."""

    lab: Lab
    folder: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    options: dict[str, Any] = field(default_factory=dict)

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("@@", self.mark))

    def edit(self, old: str, new: str) -> None:
        file = self.folder / "Dockerfile"
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    def build(self, **options: Any) -> Build:
        return self.lab.build(self.folder, **{**self.options, **options})


@pytest.fixture
def app(
    lab: Lab, client: DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[App]:
    monkeypatch.setenv("DOCKERLAB_STATE", str(tmp_path / "state"))
    app = App(lab, tmp_path / "app")
    app.write("Dockerfile", NODE)
    app.write("package.json", "{}")
    app.write("server.js", "one")
    app.write(".dockerignore", "Dockerfile\n.dockerignore\nignored\n")
    yield app
    for box in client.containers.list(
        all=True, filters={"label": f"dltest={app.mark}"}, ignore_removed=True
    ):
        with contextlib.suppress(docker.errors.APIError):  # the engine may be removing it itself
            box.remove(force=True)
    for image in client.images.list(all=True, filters={"label": f"dltest={app.mark}"}):
        with contextlib.suppress(Exception):
            client.images.remove(image.id, force=True)


def pattern(trace: BuildTrace) -> str:
    """A letter a step: ``h`` hit, ``m`` miss, ``x`` failed."""
    letters = {Status.CACHED: "h", Status.RAN: "m", Status.FAILED: "x"}
    return "".join(letters[step.status] for step in trace.steps)


# --- the trace


def test_a_build_and_its_steps(app: App, client: DockerClient, name: str) -> None:
    app.edit("RUN echo $VERSION", "RUN echo hello; echo bad >&2; echo $VERSION")
    built = app.build(tag=name)
    trace = built.trace
    assert client.images.get(name).id == built.image.id == trace.image
    assert trace.tags == (f"{name}:latest",)
    assert pattern(trace) == "hmmmmmmm"
    assert [step.line for step in trace.steps] == list(range(1, 9))
    run = trace.steps[5]
    assert sorted(run.log.splitlines()) == ["bad", "hello"]
    assert run.container
    assert run.added == 2
    assert run.layer in client.images.get(name).attrs["RootFS"]["Layers"]
    assert trace.steps[7].layer == ""
    assert trace.steps[7].image == trace.image
    assert trace.steps[1].reason is not None
    assert trace.steps[1].reason.cause is Cause.FIRST
    assert trace.dockerfile == (app.folder / "Dockerfile").read_text()
    assert "8 steps, 1 cached, 7 run" in repr(built)


def test_progress_tells_each_step_as_it_begins(app: App) -> None:
    seen: list[BuildTrace] = []
    built = app.build(progress=seen.append)
    assert {step.status for step in seen[0].steps} == {Status.PENDING}
    assert len(seen[0].steps) == 8
    running = {
        step.number for trace in seen for step in trace.steps if step.status is Status.RUNNING
    }
    assert {2, 5, 6, 8} <= running
    assert seen[-1] == built.trace


def test_a_build_that_takes_long_says_how_far_it_is(
    app: App, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(patience, "MOMENT", 0.1)
    app.write("Dockerfile", "FROM busybox\nLABEL dltest=@@\nRUN sleep 1\n")
    app.build()
    said = capsys.readouterr().err
    assert "step 3 of 3, RUN sleep 1 (" in said
    assert said.rstrip().endswith(" s)")
    app.build(progress=lambda trace: None, no_cache=True)
    assert capsys.readouterr().err == ""


def test_a_failing_step(app: App) -> None:
    app.edit("RUN echo $VERSION", "RUN echo almost; exit 7")
    with pytest.raises(BuildFailed) as caught:
        app.build()
    error = caught.value
    assert error.line == 6
    assert error.log == ("almost",)
    assert error.step is not None
    assert error.step.exit_code == 7
    assert "returned a non-zero code: 7" in error.message
    assert error.hint
    assert [step.status for step in error.trace.steps[6:]] == [Status.PENDING] * 2
    assert error.trace.image == ""


def test_a_failed_steps_container_is_left_or_removed(app: App, client: DockerClient) -> None:
    app.edit("RUN echo $VERSION", "RUN exit 7")
    for force, left in ((False, 1), (True, 0)):
        with pytest.raises(BuildFailed) as caught:
            app.build(force_rm=force)
        assert caught.value.step is not None
        found = client.containers.list(
            all=True, filters={"id": caught.value.step.container}, ignore_removed=True
        )
        assert len(found) == left
        for container in found:
            container.remove()


def test_a_missing_file(app: App) -> None:
    app.edit("COPY package.json", "COPY pakcage.json")
    with pytest.raises(BuildFailed, match="pakcage.json") as caught:
        app.build()
    assert caught.value.line == 5
    assert caught.value.hint


def test_a_word_that_is_no_instruction(app: App) -> None:
    app.edit("WORKDIR", "WORKDRI")
    with pytest.raises(BuildFailed, match="unknown instruction: WORKDRI") as caught:
        app.build()
    assert caught.value.line == 4
    assert "WORKDIR" in caught.value.hint
    assert caught.value.step is None


def test_a_dockerfile_given_as_text(app: App, client: DockerClient) -> None:
    text = f"FROM busybox\nLABEL dltest={app.mark}\nCOPY . /here\n"
    built = app.lab.build(app.folder, dockerfile=text)
    listed = client.containers.run(built.image.id, ["ls", "-A", "/here"], remove=True)
    assert listed.decode().split() == ["package.json", "server.js"]
    again = app.lab.build(app.folder, dockerfile=text)
    assert pattern(again.trace) == "hhh"


def test_a_dockerfile_of_another_name(app: App) -> None:
    app.write("Dockerfile.dev", "FROM busybox\nLABEL dltest=@@\nENV DEV=1\n")
    built = app.build(dockerfile="Dockerfile.dev")
    assert "DEV=1" in built.image.attrs["Config"]["Env"]


def test_what_is_not_there(app: App) -> None:
    with pytest.raises(DockerlabError, match="not found") as caught:
        app.lab.build(app.folder / "nowhere")
    assert caught.value.hint
    with pytest.raises(DockerlabError, match="does not exist"):
        app.build(dockerfile="Nofile")


def test_an_interrupt_stops_the_build(app: App, client: DockerClient) -> None:
    app.edit("RUN echo $VERSION", "RUN sleep 97")

    def interrupt(trace: BuildTrace) -> None:
        if trace.steps[5].container:
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        app.build(progress=interrupt)
    assert time.monotonic() - began < 60, "the container was told of when it had ended"
    label = {"label": f"dltest={app.mark}", "status": "running"}
    deadline = time.monotonic() + 60
    while client.containers.list(filters=label, ignore_removed=True):
        assert time.monotonic() < deadline, "the step still runs"
        time.sleep(0.1)


def test_builds_at_the_same_time_remember_both(app: App, lab: Lab) -> None:
    texts = [f"FROM busybox\nLABEL n={n} dltest={app.mark}\nENV N=1\n" for n in range(2)]
    jobs = [
        threading.Thread(target=lab.build, args=(app.folder,), kwargs={"dockerfile": text})
        for text in texts
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    for text in texts:
        assert pattern(lab.forecast(app.folder, dockerfile=text).trace) == "hhh"


# --- reasons and forecasts

Edit = Callable[[App], None]


def content(app: App) -> None:
    app.write("server.js", "two")


def added(app: App) -> None:
    app.write("lib/new.js", "new")


def removed(app: App) -> None:
    (app.folder / "server.js").unlink()


def executable(app: App) -> None:
    (app.folder / "package.json").chmod(0o755)


def touched(app: App) -> None:
    (app.folder / "server.js").touch()


def ignored(app: App) -> None:
    app.write("ignored", "anything")


def instruction(app: App) -> None:
    app.edit("RUN echo $VERSION", "RUN echo -n $VERSION")


def argument(app: App) -> None:
    app.options["args"] = {"VERSION": "2"}


def default(app: App) -> None:
    app.edit("ARG VERSION=1", "ARG VERSION=3")


def base(app: App) -> None:
    app.edit("FROM busybox", "FROM alpine")


def order(app: App) -> None:
    app.edit("COPY package.json ./\nRUN echo $VERSION > /version\n", "")
    app.edit("COPY . .", "COPY . .\nCOPY package.json ./\nRUN echo $VERSION > /version")


def inserted(app: App) -> None:
    app.edit("COPY . .", "ENV MODE=new\nCOPY . .")


def appended(app: App) -> None:
    app.edit('CMD ["true"]', 'CMD ["true"]\nEXPOSE 80')


def spelled(app: App) -> None:
    app.edit('COPY . .\nCMD ["true"]', 'COPY ./ .\n# a comment\nCMD [ "true" ]')


def no_cache(app: App) -> None:
    app.options["no_cache"] = True


def labelled(app: App) -> None:
    app.options["labels"] = {"who": "me"}


EDITS: dict[str, tuple[Edit, str]] = {
    "nothing": (lambda app: None, "hhhhhhhh"),
    "touched": (touched, "hhhhhhhh"),
    "ignored": (ignored, "hhhhhhhh"),
    "content": (content, "hhhhhhmm"),
    "added": (added, "hhhhhhmm"),
    "removed": (removed, "hhhhhhmm"),
    "executable": (executable, "hhhhmmmm"),
    "instruction": (instruction, "hhhhhmmm"),
    "argument": (argument, "hhhhhmmm"),
    "default": (default, "hhmmmmmm"),
    "base": (base, "hmmmmmmm"),
    "order": (order, "hhhhmmmm"),
    "inserted": (inserted, "hhhhhhmmm"),
    "appended": (appended, "hhhhhhhhm"),
    "spelled": (spelled, "hhhhhhhh"),
    "no cache": (no_cache, "hmmmmmmm"),
    "labelled": (labelled, "hhhhhhhhm"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_the_forecast_is_what_happens(app: App, edit: str) -> None:
    change, expected = EDITS[edit]
    app.build()
    change(app)
    forecast = app.lab.forecast(app.folder, **app.options)
    assert pattern(forecast.trace) == expected
    built = app.build()
    assert pattern(built.trace) == expected
    assert forecast.compare(built.trace) == ()


@pytest.mark.parametrize(
    ("edit", "step", "expected"),
    [
        ("content", 7, {"cause": Cause.FILES, "changed": ("server.js",)}),
        ("added", 7, {"cause": Cause.FILES, "added": ("lib", "lib/new.js")}),
        ("removed", 7, {"cause": Cause.FILES, "removed": ("server.js",)}),
        ("executable", 5, {"cause": Cause.FILES, "changed": ("package.json",)}),
        ("argument", 6, {"cause": Cause.ARGUMENT, "name": "VERSION", "before": "1", "after": "2"}),
        ("instruction", 6, {"cause": Cause.INSTRUCTION}),
        ("no cache", 6, {"cause": Cause.NO_CACHE}),
        ("content", 8, {"cause": Cause.PARENT, "step": 7}),
    ],
)
def test_the_reason_of_a_miss(app: App, edit: str, step: int, expected: dict[str, Any]) -> None:
    app.build()
    EDITS[edit][0](app)
    forecast = app.lab.forecast(app.folder, **app.options).trace
    for reason in (forecast.steps[step - 1].reason, app.build().trace.steps[step - 1].reason):
        assert reason is not None
        assert {name: getattr(reason, name) for name in expected} == expected


def test_the_reason_of_another_base(app: App) -> None:
    app.build()
    base(app)
    forecast = app.lab.forecast(app.folder).trace
    assert forecast.steps[1].reason == Reason(cause=Cause.BASE, before="busybox", after="alpine")
    assert forecast.steps[2].reason == Reason(cause=Cause.PARENT, step=2)


def test_an_edit_taken_back_is_in_the_cache(app: App) -> None:
    app.build()
    content(app)
    app.build()
    app.write("server.js", "one")
    assert pattern(app.lab.forecast(app.folder).trace) == "hhhhhhhh"
    assert pattern(app.build().trace) == "hhhhhhhh"


def test_after_a_failed_build(app: App) -> None:
    app.build()
    app.edit("RUN echo $VERSION", "RUN false && echo $VERSION")
    with pytest.raises(BuildFailed):
        app.build()
    app.edit("RUN false && echo $VERSION", "RUN echo mended; echo $VERSION")
    forecast = app.lab.forecast(app.folder)
    assert pattern(forecast.trace) == "hhhhhmmm"
    assert forecast.compare(app.build().trace) == ()


def test_a_removed_image(app: App, client: DockerClient, name: str) -> None:
    app.build(tag=name)
    client.images.remove(name, force=True)
    forecast = app.lab.forecast(app.folder)
    assert forecast.compare(app.build().trace) == ()
    assert forecast.trace.misses > 0
    reasons = [step.reason.cause for step in forecast.trace.steps if step.reason]
    assert reasons[0] is Cause.GONE


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("ENV A=1", "ENV A=2", "hhhhhhmm"),
        ("RUN cat", "RUN echo more; cat", "hhhmhhhm"),
        ("", "", "hhhhhhhh"),
    ],
)
def test_the_forecast_of_stages(app: App, old: str, new: str, expected: str) -> None:
    app.write("Dockerfile", STAGES.replace("cat /src/*", "cat /src/*; echo x"))
    app.write("src/a", "a")
    app.build()
    app.edit(old or "FROM", new or "FROM")
    if old == "RUN cat":
        app.edit("> /out", "> /out; echo more >> /out")
    forecast = app.lab.forecast(app.folder)
    built = app.build()
    assert pattern(forecast.trace) == pattern(built.trace) == expected


def test_a_forecast_for_other_text_and_files(app: App) -> None:
    app.build()
    forecast = app.lab.forecast(app.folder)
    assert "server.js" in forecast.files
    assert "ignored" not in forecast.files
    assert pattern(forecast.again(forecast.dockerfile, ["server.js"])) == "hhhhhhmm"
    changed = forecast.dockerfile.replace("RUN echo", "RUN echo -n")
    assert pattern(forecast.again(changed)) == "hhhhhmmm"
    built = forecast.build(changed, ["server.js"])
    assert pattern(built) == "hhhhhmmm"
    assert (app.folder / "server.js").read_text() == "one"
    with pytest.raises(DockerlabError, match="unknown instruction"):
        forecast.again("FROM busybox\nRNU true\n")


# --- BuildKit, where the engine has it


@pytest.fixture
def kit(app: App) -> App:
    if app.lab.embedded:
        with pytest.raises(DockerlabError, match="no BuildKit"):
            app.build(builder="buildkit")
        pytest.skip("the embedded engine has a builder of its own")
    app.options["builder"] = "buildkit"
    app.edit("RUN echo", f"RUN echo {app.mark}; echo")
    return app


def test_buildkit_fills_the_same_record(kit: App, name: str) -> None:
    trace = kit.build(tag=name).trace
    assert trace.builder == "buildkit"
    assert trace.tags == (f"{name}:latest",)
    assert [step.keyword for step in trace.steps] == ["FROM", "WORKDIR", "COPY", "RUN", "COPY"]
    assert trace.steps[3].log == f"{kit.mark}\n"
    assert trace.steps[3].status is Status.RAN
    assert trace.steps[3].added == 2
    assert pattern(kit.build().trace) == "hhhhh"


@pytest.mark.parametrize(
    ("edit", "cause"), [(instruction, Cause.INSTRUCTION), (argument, Cause.ARGUMENT)]
)
def test_buildkit_forecasts_and_reasons(kit: App, edit: Edit, cause: Cause) -> None:
    kit.edit("RUN echo", "RUN echo $VERSION > /version; echo")
    kit.build()
    if edit is argument:
        argument(kit)
    else:
        kit.edit("RUN echo $VERSION", "RUN echo -n $VERSION")
    forecast = kit.lab.forecast(kit.folder, **kit.options)
    built = kit.build().trace
    assert pattern(forecast.trace)[:4] == pattern(built)[:4] == "hhhm"
    for trace in (forecast.trace, built):
        reason = trace.steps[3].reason
        assert reason is not None
        assert reason.cause is cause


def test_buildkit_fails_with_line_and_code(kit: App) -> None:
    kit.edit("RUN echo", "RUN echo almost; exit 7; echo")
    with pytest.raises(BuildFailed) as caught:
        kit.build()
    assert caught.value.line == 6
    assert caught.value.log == ("almost",)
    assert caught.value.step is not None
    assert caught.value.step.exit_code == 7


def test_a_mount_is_built_by_who_can(app: App) -> None:
    app.edit("RUN echo", f"RUN --mount=type=cache,target=/c echo {app.mark}; echo")
    built = app.build()
    assert built.trace.builder == ("classic" if app.lab.embedded else "buildkit")
    assert ("BuildKit" in repr(built)) is not app.lab.embedded
    assert f"{app.mark}\n" in "".join(step.log for step in built.trace.steps)
