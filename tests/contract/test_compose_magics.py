"""``%docker compose`` and ``%%compose``: what they print and answer, on every engine."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import composeplugin
import pytest
from docker.client import DockerClient
from jupyter_client.manager import start_new_kernel
from kernels import Kernel

from dockerlab import Lab
from dockerlab.client.compose.looking.labels import FOLLOWED
from dockerlab.magics.output import Output
from dockerlab.magics.runner import Runner

# Not a loop of short sleeps: Docker Engine cannot always freeze what forks all the time.
SLEEP = "trap 'exit 0' TERM; sleep 1000 & wait"
FILE = f"""
services:
  web:
    image: busybox
    command: ["sh", "-c", "echo hello; echo oops >&2; {SLEEP}"]
    ports: ["127.0.0.1::8080"]
    depends_on: [db]
  db:
    image: busybox
    command: ["sh", "-c", "printf '\\\\033[31mred\\\\033[0m \\\\033[2Jrest\\\\n'; {SLEEP}"]
    volumes: [data:/data]
volumes:
  data: {{}}
"""
ENDS = """
services:
  job:
    image: busybox
    command: ["sh", "-c", "echo working; exit 3"]
"""


class Typed:
    """Types docker commands in a project's folder, and keeps what came of it."""

    def __init__(self, lab: Lab, project: str) -> None:
        self.lab, self.project = lab, project
        self.out = self.err = ""

    def __call__(self, text: str, lines: list[str] | None = None) -> int:
        out, err = io.StringIO(), io.StringIO()
        typed = text if text.startswith("docker ") else f"compose -p {self.project} {text}"
        runner = Runner(lambda: self.lab, Output(out, err))
        code = runner.run(typed.removeprefix("docker "), lines)
        self.out, self.err = out.getvalue(), err.getvalue()
        return code

    @property
    def lines(self) -> list[str]:
        """What was printed, with APP for the project's name."""
        return self.out.replace(self.project, "APP").splitlines()


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "compose.yaml").write_text(FILE)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def typed(lab: Lab, client: DockerClient, name: str, work: Path) -> Iterator[Typed]:
    typed = Typed(lab, name)
    yield typed
    typed("down -v -t 1")


def test_up_and_down(typed: Typed, client: DockerClient) -> None:
    assert typed("up -d") == 0
    assert typed.err == ""
    assert sorted(typed.lines) == [
        " Container APP-db-1  Created",
        " Container APP-db-1  Creating",
        " Container APP-db-1  Started",
        " Container APP-db-1  Starting",
        " Container APP-web-1  Created",
        " Container APP-web-1  Creating",
        " Container APP-web-1  Started",
        " Container APP-web-1  Starting",
        " Network APP_default  Created",
        " Network APP_default  Creating",
        ' Volume "APP_data"  Created',
        ' Volume "APP_data"  Creating',
    ]
    assert typed.lines.index(" Container APP-db-1  Started") < typed.lines.index(
        " Container APP-web-1  Starting"
    )
    assert typed("up -d") == 0
    assert typed.lines == [" Container APP-db-1  Running", " Container APP-web-1  Running"]

    assert typed("--progress quiet down") == 0
    assert (typed.out, typed.err) == ("", "")
    assert typed("down") == 0
    assert typed.err == f'Warning: No resource found to remove for project "{typed.project}".\n'
    assert client.volumes.get(f"{typed.project}_data")
    assert typed("down -v") == 0
    assert client.volumes.list(filters={"name": typed.project}) == []


def test_what_is_listed(typed: Typed) -> None:
    assert typed("up -d") == 0
    assert typed("ps") == 0
    header, first, second = typed.lines
    assert header.split() == ["NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"]
    assert first.split()[:2] == ["APP-db-1", "busybox"]
    assert re.search(r"\sweb\s.*\sUp .*127\.0\.0\.1:\d+->8080/tcp$", second)
    assert typed("ps -q") == 0
    assert all(re.fullmatch("[0-9a-f]{64}", line) for line in typed.lines)
    assert typed("ps --format json web") == 0
    facts = json.loads(typed.out)
    assert (facts["Name"], facts["State"]) == (f"{typed.project}-web-1", "running")
    assert facts["Publishers"][0]["TargetPort"] == 8080
    assert typed("ps --services") == 0
    assert typed.lines == ["db", "web"]
    assert typed('ps --format "{{.Service}} {{.State}}"') == 0
    assert typed.lines == ["db running", "web running"]

    assert typed("stop -t 5 web") == 0
    assert typed.lines == [" Container APP-web-1  Stopping", " Container APP-web-1  Stopped"]
    assert typed("ps -q") == 0
    assert len(typed.lines) == 1
    assert typed("ps -a --status exited") == 0
    assert "Exited (0)" in typed.lines[1]
    assert typed("ps --filter color=red") == 125

    assert typed("images") == 0
    assert typed.lines[0].split() == ["CONTAINER", "REPOSITORY", "TAG", "IMAGE", "ID", "SIZE"]
    assert typed.lines[1].split()[:3] == ["APP-db-1", "busybox", "latest"]
    assert typed("images -q") == 0
    assert len(typed.lines) == 1
    assert typed("top") == 0
    assert typed.lines[0] == "APP-db-1"
    assert "sh -c" in typed.out

    assert typed("docker compose ls") == 0
    assert typed.lines[0].split() == ["NAME", "STATUS", "CONFIG", "FILES"]
    mine = next(line for line in typed.lines if line.startswith("APP"))
    assert mine.split()[1:] == ["exited(1),", "running(1)", str(Path.cwd() / "compose.yaml")]
    assert typed(f"docker compose ls -q --filter name={typed.project}") == 0
    assert typed.lines == ["APP"]


def test_the_port(typed: Typed) -> None:
    assert typed("up -d") == 0
    assert typed("port web 8080") == 0
    assert re.fullmatch(r"127\.0\.0\.1:\d+\n", typed.out)
    assert typed("port web 9") == 1
    assert typed.err.startswith(f"no port 9/tcp for container {typed.project}-web-1\n→ ")
    assert typed("port web http") == 125


def test_the_config(typed: Typed, work: Path) -> None:
    assert typed("config") == 0
    assert typed.lines[0] == "name: APP"
    assert typed("config -q") == 0
    assert typed.out == ""
    for flag, lines in (
        ("--services", ["db", "web"]),
        ("--volumes", ["data"]),
        ("--images", ["busybox", "busybox"]),
        ("--profiles", []),
    ):
        assert typed(f"config {flag}") == 0
        assert typed.lines == lines
    assert typed("config --hash web") == 0
    assert re.fullmatch("web [0-9a-f]{64}\n", typed.out)
    assert typed("config --format json -o out.json") == 0
    assert set(json.loads((work / "out.json").read_text())["services"]) == {"db", "web"}
    (work / "more.yaml").write_text("services: {cache: {image: redis}}\n")
    assert typed("-f compose.yaml -f more.yaml config --services") == 0
    assert typed.lines == ["cache", "db", "web"]


def test_versions(typed: Typed) -> None:
    assert typed("docker compose version --short") == 0
    assert typed.out == f"{FOLLOWED}\n"
    assert typed("docker compose version") == 0
    assert typed.out.startswith(f"Docker Compose version v{FOLLOWED}")


def test_the_logs(typed: Typed) -> None:
    assert typed("up -d") == 0
    for _ in range(50):
        assert typed("logs --no-color") == 0
        if len(typed.lines) == 3:
            break
    assert sorted(typed.lines) == [
        "db-1   | \x1b[31mred\x1b[0m rest\x1b[0m",
        "web-1  | hello",
        "web-1  | oops",
    ]
    assert typed("logs web") == 0
    assert "\x1b[33mweb-1  | \x1b[0mhello\n" in typed.out
    assert typed("logs --no-log-prefix -n 1 -t web") == 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (hello|oops)\n", typed.out)
    assert typed("logs --since 2100-01-01T00:00:00Z") == 0
    assert typed.out == ""
    assert typed("logs nope") == 1


def test_into_a_container(typed: Typed, work: Path) -> None:
    assert typed("up -d") == 0
    assert typed("exec web echo hi") == 0
    assert typed.out == "hi\n"
    assert typed("exec -e A=b -w /tmp web sh -c 'echo $A; pwd; exit 7'") == 7
    assert typed.out == "b\n/tmp\n"
    assert typed("exec web cat", ["typed", "in"]) == 0
    assert typed.out == "typed\nin\n"
    assert typed("exec nope true") == 1
    assert "no such service: nope" in typed.err
    assert typed("stop db") == 0
    assert typed("exec db true") == 1
    assert typed.err.startswith('service "db" is not running\n→ docker compose start db')

    (work / "file").write_text("here\n")
    assert typed("cp file web:/tmp/there") == 0
    assert typed("exec web cat /tmp/there") == 0
    assert typed.out == "here\n"
    assert typed("cp web:/tmp/there back") == 0
    assert (work / "back").read_text() == "here\n"


def test_a_run_of_its_own(typed: Typed, client: DockerClient) -> None:
    assert typed("run --rm -e A=b web sh -c 'echo $A; exit 4'") == 4
    assert typed.out == "b\n"
    assert f"Container {typed.project}-db-1  Started" in typed.err
    assert typed("run --rm --no-deps web cat", ["typed"]) == 0
    assert typed.out == "typed\n"
    assert typed("run -d --name " + typed.project + "-own web") == 0
    box = client.containers.get(typed.out.strip())
    assert box.name == typed.project + "-own"
    assert box.labels["com.docker.compose.oneoff"] == "True"
    box.remove(force=True)
    left = client.containers.list(all=True, filters={"name": typed.project}, ignore_removed=True)
    assert [one.name for one in left] == [f"{typed.project}-db-1"]


def test_one_thing_to_each(typed: Typed) -> None:
    assert typed("up -d --scale web=2 web") == 0
    assert " Container APP-web-2  Started" in typed.lines
    assert typed("scale db=2 web=1") == 0
    assert " Container APP-web-2  Removed" in typed.lines
    assert " Container APP-db-2  Started" in typed.lines
    assert typed("restart -t 5 web") == 0
    assert typed.lines == [" Container APP-web-1  Restarting", " Container APP-web-1  Started"]
    assert typed("pause web") == 0
    assert typed.lines == [" Container APP-web-1  Paused"]
    assert typed("unpause web") == 0
    assert typed.lines == [" Container APP-web-1  Unpaused"]
    assert typed("kill web") == 0
    assert typed.lines == [" Container APP-web-1  Killing", " Container APP-web-1  Killed"]
    assert typed("rm") == 125
    assert "docker compose rm -f" in typed.err
    assert typed("rm -f") == 0
    assert typed.lines == [
        "Going to remove APP-web-1",
        " Container APP-web-1  Removing",
        " Container APP-web-1  Removed",
    ]
    assert typed("rm -f") == 0
    assert typed.out == "No stopped containers\n"
    assert typed("stop") == 0
    assert typed("start") == 0
    assert " Container APP-db-1  Started" in typed.lines
    assert typed("scale web=many") == 125


def test_a_rehearsal_does_nothing(typed: Typed, client: DockerClient) -> None:
    assert typed("up -d --dry-run") == 0
    assert " DRY-RUN MODE -  Container APP-web-1  Creating" in typed.lines
    assert "<Plan: up APP, 6 steps>" in typed.lines
    assert "POST /containers/create?name=APP-web-1" in typed.out.replace(typed.project, "APP")
    assert (
        client.containers.list(all=True, filters={"name": typed.project}, ignore_removed=True) == []
    )
    for text in ("down", "start", "stop", "restart", "kill", "rm"):
        assert typed(f"--dry-run {text}") == 0
        assert f"<Plan: {text} {typed.project}, nothing to do>" in typed.out
    assert typed("--dry-run pull") == 0
    assert "pull image busybox" in typed.out


def test_in_the_foreground(typed: Typed, work: Path) -> None:
    (work / "ends.yaml").write_text(ENDS)
    assert typed("-f ends.yaml up --no-color") == 0
    assert typed.lines[-3:] == [
        "Attaching to job-1",
        "job-1  | working",
        "job-1 exited with code 3",
    ]
    assert typed("-f ends.yaml up --abort-on-container-exit --no-color") == 3


def test_what_goes_wrong(typed: Typed, work: Path) -> None:
    (work / "bad.yaml").write_text("services:\n  web:\n    image: busybox\n    port: ['80']\n")
    assert typed("-f bad.yaml up -d") == 15
    assert "bad.yaml:4" in typed.err
    assert "ports" in typed.err
    assert typed("up -d nope") == 1
    assert "no such service: nope" in typed.err
    (work / "compose.yaml").unlink()
    assert typed("docker compose up") == 14
    assert typed.err.startswith("no configuration file provided: not found")
    assert typed("docker compose frob") == 125
    assert typed("docker compose -f - up") == 125


STORY = (
    "up -d",
    "up -d",
    "ps",
    "ps -a web",
    "ps --services",
    "images",
    "config",
    "config --format json",
    "config --services",
    "config --volumes",
    "config --images",
    "config --hash *",
    "logs --no-log-prefix web",
    "exec -T web echo hi",
    "pause web",
    "unpause web",
    "restart -t 1 db",
    "scale web=2",
    "kill web",
    "rm -f",
    "stop -t 1",
    "start",
    "down -t 1",
    "down",
    "down -v",
    "ps",
)


def test_it_prints_what_compose_prints(
    typed: Typed, engine_url: str, cli: list[str], work: Path
) -> None:
    real = f"{typed.project}-real"
    command = [cli[0], "--config", str(composeplugin.folder()), "--host", engine_url, "compose"]
    for text in STORY:
        ran = subprocess.run(
            [*command, "-p", real, *text.split()],
            capture_output=True,
            text=True,
            timeout=90,
        )
        code = typed(text)
        ours = settled(typed.out + typed.err, typed.project)
        assert (code, ours) == (ran.returncode, settled(ran.stdout + ran.stderr, real)), text


BUILT = """
services:
  app:
    build: {context: ., args: {WHO: me}}
    init: true
  bad:
    build: {context: ., dockerfile: Bad}
    profiles: [bad]
"""


def test_builds(typed: Typed, engine_url: str, cli: list[str], work: Path) -> None:
    """Built by both, one after the other: line for line the same."""
    (work / "compose.yaml").write_text(BUILT)
    (work / "Dockerfile").write_text(
        f'FROM busybox\nARG WHO\nRUN echo {typed.project} for $WHO\nCMD ["sleep", "60"]\n'
    )
    (work / "Bad").write_text("FROM busybox\nRUN echo why; exit 3\n")
    real = f"{typed.project}-real"
    command = [cli[0], "--config", str(composeplugin.folder()), "--host", engine_url, "compose"]
    for text in ("build --no-cache", "build", "up -d --build", "down --rmi all"):
        ran = subprocess.run(
            [*command, "-p", real, *text.split()],
            env={**os.environ, "DOCKER_BUILDKIT": "0"},
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert typed(text) == ran.returncode == 0, (typed.err, ran.stderr)
        theirs = (ran.stdout + ran.stderr).replace(real, typed.project)
        assert steps(typed.out) == steps(theirs), text
    assert typed("build -q") == 0
    assert (typed.out, typed.err) == ("", "")
    assert typed("build --build-arg WHO=you") == 0
    assert f"{typed.project} for you" in typed.out
    assert typed("--profile bad build bad") == 17
    assert "why\n" in typed.out
    assert typed.err.startswith(
        "The command '/bin/sh -c echo why; exit 3' returned a non-zero code: 3\n"
    )
    assert typed("down --rmi local") == 0


def steps(text: str) -> list[str]:
    """The lines of builds in their order, and then the others in one of their own."""
    lines = [re.sub("[0-9a-f]{12}", "ID", line) for line in text.splitlines() if line]
    lines = [line for line in lines if "Sending build context" not in line]
    others = sorted(line for line in lines if line.startswith((" Container", " Network", " Image")))
    return [*(line for line in lines if line not in others), *others]


def settled(text: str, project: str) -> list[str]:
    """Lines in an order of their own, without what differs from run to run."""
    shown = text.replace(project, "APP").replace("\x1b[2K", "")
    shown = re.sub(r"(About|Less than) an? (\w+)|\d+ (second|minute)s?", "A WHILE", shown)
    shown = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", shown)
    return sorted(" ".join(line.split()) for line in shown.splitlines() if line.strip())


# --- in a notebook ---


@pytest.fixture
def kernel(engine_url: str, typed: Typed, work: Path) -> Iterator[Kernel]:
    environment = {**os.environ, "DOCKER_HOST": engine_url}
    manager, connection = start_new_kernel(kernel_name="python3", env=environment, cwd=str(work))
    kernel = Kernel(manager, connection)
    kernel.run("%load_ext dockerlab\nimport dockerlab\nlab = dockerlab.connect()")
    kernel.run(f"import os\nos.environ['COMPOSE_PROJECT_NAME'] = {typed.project!r}")
    yield kernel
    connection.stop_channels()
    manager.shutdown_kernel(now=False)


def test_a_cell_becomes_a_project(
    kernel: Kernel, typed: Typed, work: Path, client: DockerClient
) -> None:
    cell = f"%%compose shop.yaml -p {typed.project}\n{ENDS}"
    ran = kernel.run(cell)
    assert ran.stderr == ""
    assert ran.stdout.splitlines()[0] == "shop.yaml is new"
    assert f" Container {typed.project}-job-1  Started" in ran.stdout
    assert (work / "shop.yaml").read_text() == ENDS
    assert kernel.run("print(_compose.name, _exit_code)").stdout == f"{typed.project} 0\n"

    again = kernel.run(f"%%compose shop.yaml --no-up -C . -p {typed.project}\n{ENDS}")
    assert again.stdout == "shop.yaml is the same as before\n"
    dry = kernel.run(f"%%compose shop.yaml -p {typed.project} --force-recreate --dry-run\n{ENDS}")
    assert "DRY-RUN MODE" in dry.stdout
    # One that still runs would be joined, and has said all that it has to say.
    client.containers.get(f"{typed.project}-job-1").wait(timeout=30)
    followed = kernel.run(f"%%compose shop.yaml -p {typed.project} --attach\n{ENDS}")
    assert "working" in followed.stdout

    wrong = kernel.run("%%compose\nservices:\n  web:\n    imag: busybox\n")
    assert wrong.stdout == "compose.yaml has changed\n"
    assert "compose.yaml:3" in wrong.stderr
    assert "image" in wrong.stderr
    assert kernel.run("print(_exit_code)").stdout == "15\n"
    outside = kernel.run("%%compose ../away.yaml\nservices: {}\n")
    assert "outside the notebook's folder" in outside.stderr


def test_the_old_word(kernel: Kernel, typed: Typed) -> None:
    first = kernel.run("%docker-compose config --services")
    assert first.stdout.startswith("docker-compose is written docker compose now")
    assert first.stdout.endswith("\n\ndb\nweb\n")
    assert kernel.run("%docker-compose config --services").stdout == "db\nweb\n"
    assert kernel.run("%%docker\ndocker-compose config --volumes\n").stdout == "data\n"
    assert kernel.complete("%docker-compose u") == ["unpause", "up"]
    assert kernel.complete("%docker compose -p x up --bu") == ["--build"]
    assert kernel.complete("%docker compose stop w") == ["web"]


def test_an_interrupt_ends_what_is_followed(
    kernel: Kernel, typed: Typed, client: DockerClient
) -> None:
    assert typed("up -d") == 0
    ran = kernel.run("%docker compose logs -f --no-color", interrupt_after=2.5)
    assert "web-1  | hello\n" in ran.stdout
    assert kernel.run("print(_exit_code)").stdout == "130\n"
    assert client.containers.get(f"{typed.project}-web-1").status == "running"
    ran = kernel.run("%docker compose up -t 5 --no-color", interrupt_after=2.5)
    assert f" Container {typed.project}-web-1  Stopped\n" in ran.stdout
    assert kernel.run("print(_exit_code)").stdout == "130\n"
    assert client.containers.get(f"{typed.project}-web-1").status == "exited"


def test_a_project_is_a_picture(kernel: Kernel, typed: Typed) -> None:
    shown = kernel.run("from IPython.display import display\ndisplay(lab.compose())").displayed
    assert "image/svg+xml" in shown[0]
    assert "Start order: 1. db → 2. web" in shown[0]["text/plain"]
    assert typed("up -d") == 0
    shown = kernel.run("display(lab.compose().logs())").displayed
    assert shown[0]["text/plain"].startswith(f"What the project {typed.project} writes")


def test_a_picture_hears_of_every_move(typed: Typed, lab: Lab) -> None:
    project = lab.compose(name=typed.project)
    moved = threading.Event()
    told: list[object] = []

    def listener(subject: object) -> None:
        told.append(subject)
        moved.set()

    project.listen(listener)
    assert typed("up -d") == 0
    assert moved.wait(60)
    assert told[0] is project
    moved.clear()
    project.do("down")
    assert moved.wait(60)
    assert [one.containers for one in project.state()] == [(), ()]
    with pytest.raises(ValueError, match="unknown action"):
        project.do("explode")
