"""``%docker build``: what docker's own command line prints and answers, on every engine."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient

from dockerlab import Lab
from dockerlab.magics.output import Output
from dockerlab.magics.runner import Runner

HEX = re.compile(r"[0-9a-f]{12,64}")


class Typed:
    """Types ``docker build`` in a folder, and keeps what came of it."""

    def __init__(self, lab: Lab, folder: Path, tag: str) -> None:
        self.lab, self.folder, self.tag = lab, folder, tag
        self.mark = uuid.uuid4().hex
        self.out = self.err = ""

    def write(self, *lines: str, name: str = "Dockerfile") -> None:
        label = f"LABEL dltest={self.mark}"
        (self.folder / name).write_text("\n".join([lines[0], label, *lines[1:]]) + "\n")

    def __call__(self, text: str) -> int:
        out, err = io.StringIO(), io.StringIO()
        code = Runner(lambda: self.lab, Output(out, err)).run(text)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code


@pytest.fixture
def typed(
    lab: Lab,
    client: DockerClient,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Typed]:
    monkeypatch.setenv("DOCKERLAB_STATE", str(tmp_path / "state"))
    (tmp_path / "app").mkdir()
    typed = Typed(lab, tmp_path / "app", name)
    yield typed
    for box in client.containers.list(
        all=True, filters={"label": f"dltest={typed.mark}"}, ignore_removed=True
    ):
        box.remove(force=True)
    for image in client.images.list(all=True, filters={"label": f"dltest={typed.mark}"}):
        with contextlib.suppress(Exception):
            client.images.remove(image.id, force=True)


def test_it_prints_what_docker_prints(typed: Typed, engine_url: str) -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("the docker command line is not installed")
    typed.write("FROM busybox", "RUN echo out", 'CMD ["true"]')
    assert typed(f"build -t {typed.tag} {typed.folder}") == 0
    assert typed.err == ""
    ours = typed(f"build -t {typed.tag} {typed.folder}") or typed.out
    real = subprocess.run(
        [docker, "--host", engine_url, "build", "-t", typed.tag, str(typed.folder)],
        env={"DOCKER_BUILDKIT": "0", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert _after_sending(str(ours)) == _after_sending(real.stdout)
    assert str(ours).startswith("Sending build context to Docker daemon  ")
    assert "Successfully tagged" in str(ours)


def _after_sending(text: str) -> str:
    return text.partition("\nStep 1/")[2]


def test_a_failing_command(typed: Typed) -> None:
    typed.write("FROM busybox", "RUN echo before; exit 3")
    assert typed(f"build {typed.folder}") == 3
    assert "before\n" in typed.out
    assert typed.err.startswith(
        "The command '/bin/sh -c echo before; exit 3' returned a non-zero code: 3\n→ "
    )


def test_a_mistake_in_the_dockerfile(typed: Typed) -> None:
    typed.write("FROM busybox", "RNU true")
    assert typed(f"build {typed.folder}") == 1
    assert typed.out == ""
    first, hint = typed.err.splitlines()[:2]
    assert first == (
        "Error response from daemon: dockerfile parse error line 3: unknown instruction: RNU"
    )
    assert "RUN" in hint


def test_quiet_prints_the_id_only(typed: Typed) -> None:
    typed.write("FROM busybox")
    assert typed(f"build -q {typed.folder}") == 0, typed.err
    assert re.fullmatch(r"sha256:[0-9a-f]{64}\n", typed.out)
    typed.write("FROM busybox", "RUN echo why; false")
    assert typed(f"build -q {typed.folder}") == 1
    assert "why\n" in typed.out


def test_flags_reach_the_build(typed: Typed, client: DockerClient) -> None:
    typed.write("FROM busybox AS first", "ARG V", "ENV V=$V", "FROM first", name="Other")
    command = f"build -t {typed.tag} -t {typed.tag}:2 -f {typed.folder}/Other --build-arg V=7"
    assert typed(f"{command} --label who=me --target first {typed.folder}") == 0, typed.err
    image = client.images.get(f"{typed.tag}:2")
    assert "V=7" in image.attrs["Config"]["Env"]
    assert image.labels["who"] == "me"
    assert image.id == client.images.get(typed.tag).id
    assert typed(f"build --no-cache -f {typed.folder}/Other {typed.folder}") == 0
    assert "Using cache" not in typed.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("build -", "standard input is not supported"),
        ("build -f - .", "standard input is not supported"),
        ("build https://example.com/x.git", "an address is not supported"),
        ("build --progress fast .", "invalid progress mode fast"),
        ("build nowhere", "path 'nowhere' not found"),
        ("build", "requires 1 argument"),
    ],
)
def test_what_is_refused(typed: Typed, words: str, told: str) -> None:
    assert typed(words) == 125
    assert told in typed.err
    assert "\n→ " in typed.err


def test_containers_may_be_kept(typed: Typed, client: DockerClient) -> None:
    typed.write("FROM busybox", "RUN true")
    mine = {"label": f"dltest={typed.mark}"}
    assert typed(f"build --no-cache {typed.folder}") == 0
    assert client.containers.list(all=True, filters=mine, ignore_removed=True) == []
    assert typed(f"build --no-cache --rm=false {typed.folder}") == 0
    assert "Removing intermediate container" not in typed.out
    kept = client.containers.list(all=True, filters=mine, ignore_removed=True)
    assert "/bin/sh -c true" in {" ".join(box.attrs["Config"]["Cmd"]) for box in kept}


def test_the_other_names_of_it(typed: Typed) -> None:
    typed.write("FROM busybox")
    assert typed(f"image build -q {typed.folder}") == 0
    assert typed(f"builder build -q {typed.folder}") == 0
