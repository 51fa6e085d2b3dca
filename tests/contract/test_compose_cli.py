"""The real ``docker compose`` (2.26) against every engine, as people type it."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import composeplugin
import pytest
from commandline import CommandLine, Done
from engines import Engine

CLEAR_LINE = "\x1b[2K"
FILES = Path(__file__).resolve().parent.parent / "data" / "compose"


@dataclass
class Compose:
    """``compose("up", "-d")`` in a project's folder."""

    folder: Path
    name: str
    command: CommandLine

    def words(self, *words: str) -> tuple[str, ...]:
        file = str(self.folder / "compose.yaml")
        return ("compose", "-p", self.name, "--progress", "plain", "-f", file, *words)

    def try_(self, *words: str, timeout: float = 90) -> Done:
        return self.command(*self.words(*words), timeout=timeout)

    def __call__(self, *words: str, timeout: float = 90) -> str:
        done = self.try_(*words, timeout=timeout)
        assert done.code == 0, f"compose {' '.join(words)}: {done.err}\n{done.out}"
        return done.out

    def ps(self, *words: str) -> dict[str, dict[str, object]]:
        """What ps shows, by container."""
        lines = self("ps", "--format", "json", *words).splitlines()
        return {row["Name"]: row for row in map(json.loads, lines)}

    def url(self, service: str, port: int) -> str:
        host, _, number = self("port", service, str(port)).strip().rpartition(":")
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{number}/"

    def get(self, service: str = "web", port: int = 80) -> str:
        """What the page says; a server may need a moment."""
        end = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(self.url(service, port), timeout=30) as page:
                    return str(page.read().decode())
            except OSError:
                assert time.monotonic() < end, self("logs")
                time.sleep(0.1)


@contextlib.contextmanager
def visited(project: Compose) -> Iterator[None]:
    """Somebody looks at the page again and again."""
    enough = threading.Event()
    url = project.url("web", 80)

    def visit() -> None:
        while not enough.wait(0.2):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url, timeout=30).close()

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield
    finally:
        enough.set()
        visitor.join()


@pytest.fixture(scope="module")
def real(cli: list[str]) -> CommandLine:
    """The docker command line with the real plugin."""
    return CommandLine([cli[0], "--config", str(composeplugin.folder()), *cli[1:]])


def _project(source: str, folder: Path, name: str, real: CommandLine) -> Iterator[Compose]:
    shutil.copytree(FILES / source, folder, dirs_exist_ok=True)
    compose = Compose(folder, name, real)
    yield compose
    done = compose.try_("--profile", "*", "down", "-v", "--rmi", "local", "-t", "1")
    assert done.code == 0, done.err


@pytest.fixture(scope="module")
def shop(
    images: None, real: CommandLine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Compose]:
    """A page that counts its visits in Redis, up for all tests that only look."""
    name = f"dltest-{uuid.uuid4().hex[:8]}-shop"
    for compose in _project("shop", tmp_path_factory.mktemp("shop"), name, real):
        compose("up", "-d", "--build")
        yield compose


@pytest.fixture
def project(images: None, real: CommandLine, tmp_path: Path, name: str) -> Iterator[Compose]:
    """The same project, not up yet, for tests that change it."""
    yield from _project("shop", tmp_path, name, real)


class TestLooking:
    def test_up_waits_for_health_and_builds(self, shop: Compose) -> None:
        rows = shop.ps()
        assert set(rows) == {f"{shop.name}-redis-1", f"{shop.name}-web-1"}
        redis, web = rows[f"{shop.name}-redis-1"], rows[f"{shop.name}-web-1"]
        assert (redis["Service"], redis["State"], redis["Health"]) == (
            "redis",
            "running",
            "healthy",
        )
        assert (web["Image"], web["State"]) == (f"{shop.name}-web", "running")
        assert "(healthy)" in shop("ps", "redis")

    def test_the_service_counts(self, shop: Compose) -> None:
        numbers = [int(re.findall(r"\d+", shop.get())[0]) for _ in range(3)]
        assert numbers == list(range(numbers[0], numbers[0] + 3))

    def test_exec_and_its_exit_code(self, shop: Compose) -> None:
        assert shop("exec", "-T", "redis", "redis-cli", "ping") == "PONG\n"
        assert shop.try_("exec", "-T", "web", "sh", "-c", "exit 7").code == 7
        assert (
            shop("exec", "-T", "-e", "GREETING=hi", "web", "sh", "-c", "echo $GREETING") == "hi\n"
        )

    def test_names_and_aliases(self, shop: Compose) -> None:
        script = "import socket; print(socket.gethostbyname('redis') == socket.gethostbyname('{}'))"
        words = ("exec", "-T", "web", "python", "-c")
        assert shop(*words, script.format("store")) == "True\n"
        assert shop(*words, script.format(f"{shop.name}-redis-1")) == "True\n"

    def test_networks_and_volumes_are_the_projects(self, shop: Compose) -> None:
        only = (
            "--filter",
            f"label=com.docker.compose.project={shop.name}",
            "--format",
            "{{.Name}}",
        )
        networks = shop.command("network", "ls", *only).out.split()
        assert sorted(networks) == [f"{shop.name}_back", f"{shop.name}_front"]
        assert shop.command("volume", "ls", *only).out.split() == [f"{shop.name}_data"]
        (back,) = json.loads(shop.command("network", "inspect", f"{shop.name}_back").out)
        assert back["Internal"] is True
        assert back["Labels"]["com.docker.compose.network"] == "back"
        assert sorted(c["Name"] for c in back["Containers"].values()) == [
            f"{shop.name}-redis-1",
            f"{shop.name}-web-1",
        ]

    def test_logs(self, shop: Compose) -> None:
        shop.get()
        text = shop("logs", "--no-color", "web")
        assert "web-1  | serving\n" in text
        assert shop("logs", "--no-color", "--no-log-prefix", "--tail", "1", "web").strip()

    def test_logs_follow(self, shop: Compose) -> None:
        words = shop.words("logs", "-f", "--no-color", "--tail", "0")
        with shop.command.begin(*words) as process, visited(shop):
            assert process.stdout is not None
            lines = (line.replace(CLEAR_LINE, "") for line in process.stdout)
            line = next(line for line in lines if "GET /" in line)
        assert re.match(r"web-1 +\| .*GET /", line)

    def test_port_top_and_images(self, shop: Compose) -> None:
        assert re.fullmatch(r"(0\.0\.0\.0|127\.0\.0\.1):\d+\n", shop("port", "web", "80"))
        top = shop("top", "redis")
        assert f"{shop.name}-redis-1" in top
        assert "redis-server" in top
        assert f"{shop.name}-web" in shop("images", "web")

    def test_cp_both_ways(self, shop: Compose, tmp_path: Path) -> None:
        (tmp_path / "note").write_text("to the container")
        shop("cp", str(tmp_path / "note"), "web:/tmp/note")
        assert shop("exec", "-T", "web", "cat", "/tmp/note") == "to the container"
        shop("cp", "web:/app/server.py", str(tmp_path / "back.py"))
        assert (tmp_path / "back.py").read_text() == (shop.folder / "web/server.py").read_text()

    def test_run_has_its_own_container(self, shop: Compose) -> None:
        assert shop("run", "--rm", "-T", "web", "echo", "once") == "once\n"
        assert shop.try_("run", "--rm", "-T", "web", "sh", "-c", "exit 4").code == 4
        text = shop("run", "--rm", "-T", "tool", "sh", "-c", "echo from $0; nslookup -type=a redis")
        assert "Address" in text
        assert set(shop.ps("-a")) == {f"{shop.name}-redis-1", f"{shop.name}-web-1"}

    def test_ls_and_config(self, shop: Compose) -> None:
        projects = json.loads(shop.command("compose", "ls", "--format", "json").out)
        (mine,) = [p for p in projects if p["Name"] == shop.name]
        assert mine["Status"] == "running(2)"
        assert sorted(shop("config", "--services").split()) == ["redis", "web"]

    def test_up_again_changes_nothing(self, shop: Compose) -> None:
        before = {row["ID"] for row in shop.ps().values()}
        shop("up", "-d")
        assert {row["ID"] for row in shop.ps().values()} == before

    def test_events(self, shop: Compose) -> None:
        with shop.command.begin(*shop.words("events", "--json")) as process:
            assert process.stdout is not None
            time.sleep(1)
            shop("exec", "-T", "web", "true")
            events = map(json.loads, process.stdout)  # those of health checks are among them
            event = next(event for event in events if event["service"] == "web")
        assert event["action"] == "exec_create: true "

    def test_a_shell_on_a_terminal(self, shop: Compose) -> None:
        with shop.command.terminal(*shop.words("exec", "redis", "sh")) as terminal:
            terminal.type("tty; exit 5")
            terminal.expect(rb"/dev/pts/\d")
            assert terminal.wait() == 5
        with shop.command.terminal(*shop.words("run", "--rm", "tool", "sh")) as terminal:
            terminal.type("nslookup -type=a store | tail -n 2; tty; exit 6")
            terminal.expect(rb"Address: \d+")
            terminal.expect(rb"/dev/pts/\d")
            assert terminal.wait() == 6

    def test_run_with_more_of_its_own(self, shop: Compose, engine: Engine) -> None:
        here = engine.shared_folder()
        (here / "note").touch()
        words = ("run", "--rm", "-T", "--no-deps", "-v", f"{here}:/here:ro", "-w", "/here")
        assert shop(*words, "-u", "0", "--entrypoint", "ls", "tool") == "note\n"
        piped = shop.command(*shop.words("run", "--rm", "-T", "tool", "cat"), stdin="through\n")
        assert (piped.code, piped.out) == (0, "through\n")


class TestChanging:
    def test_ctrl_c_stops_what_is_in_the_foreground(self, project: Compose) -> None:
        words = project.words("up", "--build", "--no-color")
        with project.command.terminal(*words) as terminal:
            terminal.expect(rb"web-1 +\| serving", timeout=60)
            terminal.press(b"\x03")
            terminal.wait(60)  # its code is now 130, now 2
        rows = project.ps("-a")
        assert {row["State"] for row in rows.values()} == {"exited"}
        assert rows[f"{project.name}-redis-1"]["ExitCode"] == 0

    def test_create_start_and_wait(self, project: Compose) -> None:
        file = project.folder / "compose.yaml"
        file.write_text(file.read_text().replace("echo done; exit 3", "sleep 3; exit 3"))
        project("create", "once")
        assert project.ps("-a")[f"{project.name}-once-1"]["State"] == "created"
        project("start", "once")
        assert project.try_("wait", "once").code == 3

    def test_up_can_wait_until_all_is_well(self, project: Compose) -> None:
        project("up", "-d", "--build", "--wait")
        assert project.ps()[f"{project.name}-redis-1"]["Health"] == "healthy"
        project.get()
        text = project("logs", "--no-color", "-t", "--since", "10m", "web")
        assert re.search(r"web-1 +\| 20\d\d-\S+Z serving", text)

    def test_up_in_the_foreground(self, project: Compose) -> None:
        words = project.words("up", "--abort-on-container-exit", "--no-color", "once")
        with project.command.begin(*words) as process:
            out, _ = process.communicate(timeout=60)
        assert "once-1  | done\n" in out
        assert "once-1 exited with code 3" in out

    def test_stop_start_restart(self, project: Compose) -> None:
        project("up", "-d", "--build")
        project("stop", "-t", "1")
        assert {row["State"] for row in project.ps("-a").values()} == {"exited"}
        assert project.ps() == {}
        project("start")
        assert {row["State"] for row in project.ps().values()} == {"running"}
        first = int(re.findall(r"\d+", project.get())[0])
        project("restart", "-t", "1", "web")
        assert int(re.findall(r"\d+", project.get())[0]) > first
        project("pause", "web")
        assert project.ps()[f"{project.name}-web-1"]["State"] == "paused"
        project("unpause", "web")
        project("kill", "web")
        project("rm", "-f", "web")
        assert set(project.ps("-a")) == {f"{project.name}-redis-1"}

    def test_an_edit_is_built_and_only_it_is_replaced(self, project: Compose) -> None:
        project("build")
        project("up", "-d")
        before = project.ps()
        source = project.folder / "web" / "server.py"
        source.write_text(source.read_text().replace("visits", "calls"))
        project("up", "-d", "--build")
        after = project.ps()
        web, redis = f"{project.name}-web-1", f"{project.name}-redis-1"
        assert after[redis]["ID"] == before[redis]["ID"]
        assert after[web]["ID"] != before[web]["ID"]
        assert "calls" in project.get()

    def test_scale_shares_one_counter(self, project: Compose) -> None:
        file = project.folder / "compose.yaml"
        file.write_text(file.read_text().replace('"127.0.0.1::80"', '"80"'))
        project("up", "-d", "--build", "--scale", "web=3")
        assert sum("-web-" in name for name in project.ps()) == 3
        script = "import socket; print(len(set(a[4][0] for a in socket.getaddrinfo('web', 80))))"
        assert project("exec", "-T", "web", "python", "-c", script) == "3\n"
        project("up", "-d", "--scale", "web=1")
        assert sum("-web-" in name for name in project.ps()) == 1
        project("scale", "web=2")
        assert sum("-web-" in name for name in project.ps()) == 2

    def test_down_keeps_volumes_unless_told(self, project: Compose) -> None:
        project("up", "-d", "--build")
        count = int(re.findall(r"\d+", project.get())[0])
        project("exec", "-T", "redis", "redis-cli", "save")
        project("down", "-t", "3")
        assert project.ps("-a") == {}
        only = ("--filter", f"label=com.docker.compose.project={project.name}", "-q")
        assert project.command("network", "ls", *only).out == ""
        assert len(project.command("volume", "ls", *only).out.split()) == 1
        project("up", "-d")
        assert int(re.findall(r"\d+", project.get())[0]) == count + 1
        project("down", "-v", "-t", "1")
        assert project.command("volume", "ls", *only).out == ""

    def test_profiles(self, project: Compose) -> None:
        project("--profile", "tools", "up", "-d", "--build")
        assert f"{project.name}-tool-1" in project.ps("-a")
        project("--profile", "tools", "down", "-t", "1")
        project("up", "-d")
        assert f"{project.name}-tool-1" not in project.ps("-a")

    def test_an_unhealthy_service_holds_the_rest_back(self, project: Compose) -> None:
        file = project.folder / "compose.yaml"
        file.write_text(file.read_text().replace("redis-cli, ping", "'false'"))
        done = project.try_("up", "-d", "--build")
        assert done.code == 1
        assert f"dependency failed to start: container {project.name}-redis-1 is unhealthy" in (
            done.err
        )
        assert f"{project.name}-web-1" not in project.ps()

    def test_a_taken_port_is_told_and_can_be_repaired(
        self, project: Compose, engine: Engine
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            file = project.folder / "compose.yaml"
            original = file.read_text()
            file.write_text(original.replace("127.0.0.1::80", f"127.0.0.1:{port}:80"))
            done = project.try_("up", "-d", "--build")
            assert done.code == 1
            assert "address already in use" in done.err
        project("up", "-d")
        assert "visits" in project.get()

    def test_orphans(self, project: Compose) -> None:
        project("up", "-d", "--build")
        file = project.folder / "compose.yaml"
        text = file.read_text()
        file.write_text(text[: text.index("  web:")] + text[text.index("  tool:") :])
        done = project.try_("up", "-d")
        assert f"Found orphan containers ([{project.name}-web-1])" in done.err
        project("up", "-d", "--remove-orphans")
        assert set(project.ps("-a")) == {f"{project.name}-redis-1"}
