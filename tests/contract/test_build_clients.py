"""Builds by real clients: docker-py, and the docker command line."""

from __future__ import annotations

import io
import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from buildlab import Builder, context
from commandline import CommandLine, Done
from docker.client import DockerClient
from docker.errors import APIError, BuildError
from engines import Engine


@pytest.fixture
def tag(build: Builder, name: str) -> Iterator[str]:
    """A name for what a test builds, and the label of all images that it makes; gone afterwards."""
    yield name
    for image in build.client.api.images(all=True, filters={"label": f"dltest={name}"}):
        build.remove(image["Id"])


@pytest.fixture
def folder(tmp_path: Path, tag: str) -> Path:
    """A small folder to build; what its Dockerfile makes carries the test's name."""
    (tmp_path / "Dockerfile").write_text(
        f"FROM busybox\nLABEL dltest={tag}\nCOPY . /o\nRUN ls /o\n"
    )
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    return tmp_path


# --- docker-py


def test_docker_py_builds_a_folder(client: DockerClient, folder: Path, tag: str) -> None:
    image, log = client.images.build(path=str(folder), tag=tag, rm=True)
    assert image.tags == [f"{tag}:latest"]
    assert any(line.get("stream") == "a\n" or "a\n" in line.get("stream", "") for line in log)


def test_docker_py_ignores_what_dockerignore_names(
    client: DockerClient, folder: Path, tag: str, build: Builder
) -> None:
    (folder / ".dockerignore").write_text("*\n!b\n")
    image, _ = client.images.build(path=str(folder), tag=tag, rm=True)
    assert sorted(build.tree(image.id, "/o")) == ["o", "o/b"]


def test_docker_py_builds_a_file_object(client: DockerClient, tag: str) -> None:
    image, _ = client.images.build(
        fileobj=io.BytesIO(f"FROM busybox\nLABEL dltest={tag}".encode()), tag=tag, rm=True
    )
    assert image.labels["dltest"] == tag


def test_docker_py_sends_a_packed_context(client: DockerClient, folder: Path, tag: str) -> None:
    lines = list(client.api.build(path=str(folder), tag=tag, gzip=True, decode=True, rm=True))
    assert lines[-1] == {"stream": f"Successfully tagged {tag}:latest\n"}


def test_docker_py_sends_an_own_context(client: DockerClient, tag: str) -> None:
    data = context({"Dockerfile": f"FROM busybox\nLABEL dltest={tag}\nCOPY a /a", "a": "a"})
    lines = client.api.build(
        fileobj=io.BytesIO(data), custom_context=True, tag=tag, decode=True, rm=True
    )
    assert list(lines)[-1] == {"stream": f"Successfully tagged {tag}:latest\n"}


def test_docker_py_takes_a_dockerfile_outside(
    client: DockerClient, folder: Path, tag: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "Dockerfile.other"
    outside.write_text(f"FROM busybox\nLABEL where=outside dltest={tag}\nCOPY a /a")
    image, _ = client.images.build(path=str(folder), dockerfile=str(outside), tag=tag, rm=True)
    assert image.labels["where"] == "outside"


def test_docker_py_gives_everything(client: DockerClient, folder: Path, tag: str) -> None:
    (folder / "Dockerfile").write_text(
        f"FROM busybox AS one\nLABEL dltest={tag}\nARG V\nENV V=$V\n"
        "RUN grep some.example /etc/hosts\nFROM nosuch"
    )
    image, _ = client.images.build(
        path=str(folder),
        tag=tag,
        buildargs={"V": tag},
        target="one",
        labels={"l": "1"},
        extra_hosts={"some.example": "192.0.2.7"},
        network_mode="none",
        nocache=True,
        forcerm=True,
        shmsize=64 << 20,
        container_limits={"memory": 256 << 20},
        cache_from=[],
        rm=True,
    )
    assert f"V={tag}" in image.attrs["Config"]["Env"]
    assert image.labels["l"] == "1"


def test_docker_py_sees_a_failure(client: DockerClient, folder: Path, tag: str) -> None:
    (folder / "Dockerfile").write_text(f"FROM busybox\nRUN echo {tag}; exit 3")
    with pytest.raises(BuildError, match="returned a non-zero code: 3") as error:
        client.images.build(path=str(folder), tag=tag, rm=True, forcerm=True)
    assert {"stream": f"{tag}\n"} in list(error.value.build_log)


def test_docker_py_sees_a_refusal(client: DockerClient, tag: str) -> None:
    with pytest.raises(APIError, match="unknown instruction: RNU"):
        client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRNU x"), tag=tag)


# --- the command line


def build_by(docker: CommandLine, *words: str, stdin: str = "") -> Done:
    done = docker("build", *words, stdin=stdin)
    # The client's own words about the classic builder, and how much it sends.
    done.out = re.sub(r"^Sending build context.*\n", "", done.out.replace("\r", "\n"), flags=re.M)
    return done


def test_the_command_line_builds(docker: CommandLine, folder: Path, tag: str) -> None:
    done = build_by(docker, "-t", tag, str(folder))
    assert done.code == 0, done.err
    assert [line for line in done.out.splitlines() if line.startswith("Step")] == [
        "Step 1/4 : FROM busybox",
        f"Step 2/4 : LABEL dltest={tag}",
        "Step 3/4 : COPY . /o",
        "Step 4/4 : RUN ls /o",
    ]
    assert done.out.endswith(f"Successfully tagged {tag}:latest\n")
    again = build_by(docker, "-t", tag, str(folder))
    assert again.out.count("---> Using cache") == 3


def test_the_command_line_ignores(docker: CommandLine, folder: Path, tag: str) -> None:
    """An ignored file does not count for the cache; the ignore file itself does."""
    (folder / ".dockerignore").write_text("b\nDockerfile\n.dockerignore\n")
    assert build_by(docker, "-t", tag, str(folder)).out.count("Using cache") == 0
    (folder / "b").write_text("another")
    assert build_by(docker, "-t", tag, str(folder)).out.count("Using cache") == 3
    (folder / "a").touch()
    assert build_by(docker, "-t", tag, str(folder)).out.count("Using cache") == 3
    (folder / "a").write_text("another")
    assert build_by(docker, "-t", tag, str(folder)).out.count("Using cache") == 1
    assert docker("run", "--rm", tag, "ls", "-A", "/o").out == "a\n"


def test_the_command_line_with_all_its_flags(
    docker: CommandLine, client: DockerClient, folder: Path, tag: str
) -> None:
    (folder / "D.dev").write_text(
        f"ARG B\nFROM $B AS one\nLABEL dltest={tag}\nARG V=1\nENV V=$V\n"
        "RUN cat /etc/hosts\nFROM nosuch"
    )
    done = build_by(
        docker,
        *("-f", str(folder / "D.dev"), "-t", f"{tag}:1", "-t", f"{tag}:2", "--target", "one"),
        *("--build-arg", "B=busybox", "--build-arg", "V=2", "--label", "l=1", "--no-cache"),
        *("--add-host", "some.example:192.0.2.7", "--network", "none", "--force-rm"),
        str(folder),
    )
    assert done.code == 0, done.err
    assert "192.0.2.7\tsome.example" in done.out
    image = client.images.get(f"{tag}:1")
    assert sorted(image.tags) == [f"{tag}:1", f"{tag}:2"]
    assert "V=2" in image.attrs["Config"]["Env"]
    assert image.labels["l"] == "1"


def test_a_dockerfile_outside_of_the_folder(
    docker: CommandLine, folder: Path, tag: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "Dockerfile"
    outside.write_text(f"FROM busybox\nLABEL dltest={tag}\nCOPY a /from-outside\n")
    done = build_by(docker, "-f", str(outside), "-t", tag, str(folder))
    assert done.code == 0, done.err
    assert docker("run", "--rm", tag, "cat", "/from-outside").out == "a"


def test_a_dockerfile_by_stdin(docker: CommandLine, folder: Path, tag: str) -> None:
    done = build_by(docker, "-t", tag, "-", stdin=f"FROM busybox\nLABEL dltest={tag}\n")
    assert done.code == 0, done.err
    text = f"FROM busybox\nLABEL dltest={tag}\nCOPY b /b\n"
    done = build_by(docker, "-t", tag, "-f", "-", str(folder), stdin=text)
    assert done.code == 0, done.err
    assert docker("run", "--rm", tag, "cat", "/b").out == "b"


def test_quiet_gives_the_id(
    docker: CommandLine, client: DockerClient, folder: Path, tag: str
) -> None:
    done = docker("build", "-q", "-t", tag, str(folder))
    assert done.out == f"{client.images.get(tag).id}\n"


def test_an_id_file(docker: CommandLine, client: DockerClient, folder: Path, tag: str) -> None:
    file = folder.parent / f"{tag}.id"
    assert docker("build", "--iidfile", str(file), "-t", tag, str(folder)).code == 0
    assert file.read_text() == client.images.get(tag).id
    file.unlink()


def test_the_code_of_a_failure(docker: CommandLine, folder: Path, tag: str) -> None:
    (folder / "Dockerfile").write_text(f"FROM busybox\nRUN echo {tag}; exit 7")
    done = build_by(docker, "--force-rm", "-t", tag, str(folder))
    assert done.code == 7
    assert f"{tag}\n" in done.out
    assert f"The command '/bin/sh -c echo {tag}; exit 7' returned a non-zero code: 7" in done.err


def test_a_bad_dockerfile_by_the_command_line(docker: CommandLine, folder: Path) -> None:
    (folder / "Dockerfile").write_text("FROM busybox\n\nRNU x")
    done = build_by(docker, str(folder))
    assert done.code == 1
    assert "dockerfile parse error line 3: unknown instruction: RNU" in done.err


def test_pull_fails_offline(docker: CommandLine, folder: Path, tag: str) -> None:
    (folder / "Dockerfile").write_text("FROM 127.0.0.1:1/nosuch")
    done = build_by(docker, "--pull", "-t", tag, str(folder))
    assert done.code == 1
    assert "127.0.0.1:1" in done.err


def test_ctrl_c_ends_the_build(
    docker: CommandLine, client: DockerClient, folder: Path, tag: str
) -> None:
    (folder / "Dockerfile").write_text(f"FROM busybox\nRUN echo {tag}; sleep 600")
    with docker.begin("build", "--force-rm", str(folder)) as process:
        assert process.stdout is not None
        while process.stdout.readline() != f"{tag}\n":
            assert process.poll() is None
        assert named(client, tag)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) != 0
    end = time.monotonic() + 60
    while named(client, tag):
        assert time.monotonic() < end, "the container is still there"
        time.sleep(0.1)


def named(client: DockerClient, text: str) -> list[str]:
    return [row["Id"] for row in client.api.containers(all=True) if text in row["Command"]]


def test_builder_prune_answers(docker: CommandLine, build: Builder, engine: Engine) -> None:
    if not engine.embedded:
        pytest.skip("would take others' cache away")
    build("FROM busybox\nRUN echo @@ > /x")
    done = docker("builder", "prune", "-f")
    assert done.code == 0, done.err
    assert "Total reclaimed space" in done.out or "Total:" in done.out


def test_history_and_inspect_of_what_was_built(docker: CommandLine, folder: Path, tag: str) -> None:
    build_by(docker, "-t", tag, str(folder))
    rows = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", tag).out.splitlines()
    assert rows[0] == "/bin/sh -c ls /o"
    assert rows[1].startswith("/bin/sh -c #(nop) COPY dir:")
    assert rows[2] == f"/bin/sh -c #(nop)  LABEL dltest={tag}"
    labels = json.loads(docker("inspect", "-f", "{{json .Config.Labels}}", tag).out)
    assert labels["dltest"] == tag
