"""``dockerlab doctor`` where things are broken, one after the other and all at once: for real."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from engines import ORDINARY

from dockerlab.cli import OLDEST, doctor
from dockerlab.cli.doctor import course, engines, folders, installation, settings
from dockerlab.cli.doctor.check import Check, looked
from dockerlab.cli.doctor.machine import Machine
from dockerlab.client.engine_process import EngineProcess
from dockerlab.engine.run import kernel
from dockerlab.errors import EngineUnavailable

CLONE = Path(doctor.__file__).resolve().parents[3]
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="only root can break it so")
NAMED = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKERLAB_ENGINE", "DOCKERLAB_IMAGES")


@dataclass
class Report:
    """What ``--json`` said, and how the command ended."""

    code: int
    checks: list[dict[str, Any]]

    def one(self, key: str) -> dict[str, Any]:
        (found,) = [check for check in self.checks if check["key"] == key]
        return found


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of an account that has set nothing, short enough for a socket's address."""
    with tempfile.TemporaryDirectory(prefix="dltest-") as folder:
        for name in os.environ:
            if name in NAMED or name.startswith(("XDG_", "DOCKERLAB_")):
                monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", folder)
        monkeypatch.setenv("DOCKER_CONFIG", f"{folder}/.docker")
        yield Path(folder)


def examined(
    command: list[str] | None = None, variables: Mapping[str, str] | None = None, **options: Any
) -> Report:
    """The whole report, by the command as it is typed."""
    done = subprocess.run(
        [*(command or [sys.executable, "-m", "dockerlab", "doctor"]), "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(CLONE), **(variables or {})},
        **options,
    )
    assert done.stderr == ""
    report = json.loads(done.stdout)
    assert report["version"] == 1
    assert done.returncode == (0 if report["ok"] else 1)
    assert sound(report["checks"])
    return Report(done.returncode, report["checks"])


def sound(checks: list[dict[str, Any]]) -> bool:
    """Whatever is wrong has its remedy, and only that; every key is one that is told of."""
    told = {line.split()[0] for line in str(doctor.__doc__).splitlines() if line.strip()}
    for check in checks:
        assert bool(check["remedy"]) == (check["state"] in ("warning", "fault")) or (
            check["key"].startswith("runtime.")
        ), check
        assert "Traceback" not in check["says"]
        stem = check["key"].partition(".")[0]
        assert {check["key"], f"{stem}.NAME"} & told, check["key"]
    return True


def seen(check: Callable[[Machine], Iterator[Check]]) -> list[Check]:
    """One check alone, here and now."""
    return list(check(Machine()))


# --- all at once


def test_all_is_broken_at_once(home: Path) -> None:
    """No package, a home that cannot be written, every setting wrong, an engine that is silent."""
    (home / ".docker").mkdir()
    (home / ".docker" / "config.json").write_bytes(b"\xff{")
    (home / "file").touch()
    program = f"import sys; sys.path.insert(0, {str(CLONE)!r}); from dockerlab.cli import main; "
    with silent(home / "docker.sock") as url:
        report = examined(
            [sys.executable, "-I", "-S", "-c", program + "sys.exit(main(['doctor', '--json']))"],
            {
                "DOCKER_HOST": url,
                "DOCKERLAB_ENGINE": "podman",
                "DOCKERLAB_IMAGES": "/nowhere",
                "DOCKERLAB_ROOT": f"{home}/file/engine",
                "DOCKERLAB_PROOT": "/nowhere/proot",
                "PATH": "/nowhere",
            },
            preexec_fn=deny_namespaces,
        )
    assert report.code == 1
    faults = {check["key"] for check in report.checks if check["state"] == "fault"}
    assert faults >= {
        *("package.docker", "package.aiohttp", "setting.DOCKERLAB_ENGINE"),
        *("setting.DOCKERLAB_IMAGES", "engine", "folder.engine"),
    }
    assert "did not answer within 3 seconds" in report.one("engine")["says"]
    assert "cannot run here without Docker" in report.one("runtime")["says"]
    assert report.one("setting.docker")["remedy"].startswith("mv ")
    assert report.one("package.matplotlib")["state"] == "warning"


def deny_namespaces() -> None:
    """As a container of Docker's does: unshare fails with EPERM."""
    number = {"x86_64": 272, "aarch64": 97}[os.uname().machine]
    program = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (6, 0, 0, 0x00050001), (6, 0, 0, 0x7FFF0000)]
    kernel.no_new_privileges()
    kernel.install_filter(b"".join(struct.pack("=HBBI", *line) for line in program))


class silent:
    """A socket that takes every connection and never says a word."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> str:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self._path))
        self._listening.listen()
        return f"unix://{self._path}"

    def __exit__(self, *_: object) -> None:
        self._listening.close()


# --- the installation


def test_packages_that_cannot_be_imported(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {"docker": "raise ImportError('half of it')", "ipywidgets": "import os; os._exit(7)"}
    for name, text in broken.items():
        (home / name).mkdir()
        (home / name / "__init__.py").write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(home))
    found = {check.key: check for check in seen(installation.check_packages)}
    assert "ImportError: half of it" in found["package.docker"].says
    assert found["package.docker"].state == "fault"
    assert found["package.ipywidgets"].state == "warning"
    assert "pip install --force-reinstall docker" in found["package.docker"].remedy


def test_a_python_that_is_too_old() -> None:
    """Files that any Python has to read before it can be told so hold to what 3.9 knows."""
    for name in ("__init__.py", "__main__.py", "errors.py", "cli/__init__.py"):
        text = (CLONE / "dockerlab" / name).read_text()
        ast.parse(text, name, feature_version=(3, 9))
    code = (
        "import sys; sys.version_info = (3, 9, 2, 'final', 0); "
        "from dockerlab.cli import main; sys.exit(main(['doctor']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "this is Python 3.9, and it takes 3.11 or newer\n→ install one" in done.stderr
    needed = (CLONE / "pyproject.toml").read_text()
    assert f'requires-python = ">={OLDEST[0]}.{OLDEST[1]}"' in needed


# --- settings


@pytest.mark.parametrize("text", [b"[]", b"{", b"\xff", b'{"currentContext": 5}'])
def test_dockers_settings_in_disorder(home: Path, text: bytes) -> None:
    (home / ".docker").mkdir()
    (home / ".docker" / "config.json").write_bytes(text)
    checks = seen(settings.check_setting) + seen(engines.check_engine)
    wrong = [check for check in checks if check.key == "setting.docker" or "context" in check.says]
    assert [check.state for check in wrong] == ["warning"]
    assert wrong[0].remedy


def test_a_context_that_is_not_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "far")
    first = seen(engines.check_engine)[0]
    assert (first.state, first.remedy) == ("warning", "unset DOCKER_CONTEXT")


@AS_ROOT
def test_an_account_without_a_home() -> None:
    bare = {"PATH": os.environ["PATH"], "DOCKERLAB_ENGINE": "embedded"}
    done = subprocess.run(
        [sys.executable, "-m", "dockerlab", "doctor", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        env=bare | {"PYTHONPATH": str(CLONE)},
        user=ORDINARY,
        group=ORDINARY,
        extra_groups=[],
        cwd="/",
    )
    checks = json.loads(done.stdout)["checks"]
    assert done.returncode == 1
    assert sound(checks)
    said = {check["key"]: check for check in checks}
    assert said["setting.HOME"]["remedy"] == "export HOME=/a/folder/of/yours"
    assert "nobody has foreseen" not in done.stdout


# --- engines


def test_engines_that_do_not_answer(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(home / "old.sock"))
    stale.close()
    with silent(home / "mute.sock") as mute:
        for url, says in (
            (mute, "did not answer within"),
            (f"unix://{home}/old.sock", "nothing listens"),
            (f"unix://{home}/none.sock", "is not there"),
            ("tcp://127.0.0.1:1", "cannot be reached"),
            ("nonsense", "cannot be reached"),
        ):
            monkeypatch.setenv("DOCKER_HOST", url)
            (check,) = seen(engines.check_engine)
            assert (check.state, check.details["url"]) == ("fault", url)
            assert says in check.says
            assert "unset DOCKER_HOST" in check.remedy


def test_a_denied_socket_has_its_remedy() -> None:
    assert "usermod -aG docker" in engines.remedy("permission denied", "Docker's socket")


def test_the_engine_that_is_named_but_not_started(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKERLAB_ROOT", str(home))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{home}/docker.sock")
    (named,) = seen(engines.check_engine)
    (embedded,) = seen(engines.check_engine_embedded)
    assert (named.state, embedded.state) == ("note", "note")
    assert "it is used and started when needed" in embedded.says


@pytest.fixture
def own(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineProcess]:
    """The account's own engine, at work."""
    monkeypatch.setenv("DOCKERLAB_ROOT", str(home / "engine"))
    monkeypatch.setenv("DOCKERLAB_ENGINE", "embedded")
    process = EngineProcess()
    try:
        process.start()
    except EngineUnavailable as error:
        pytest.skip(f"no embedded engine here: {error.message}")
    yield process
    process.purge(timeout=5)


def test_our_engine_hangs(own: EngineProcess) -> None:
    pid = own.status().pid
    os.kill(pid, signal.SIGSTOP)
    try:
        (check,) = seen(engines.check_engine_embedded)
        assert check.state == "fault"
        assert f"process {pid} is there, but its socket did not answer" in check.says
        assert check.remedy.startswith(f"kill -9 {pid}")
    finally:
        os.kill(pid, signal.SIGCONT)


def test_our_engines_state_is_damaged(own: EngineProcess) -> None:
    own.stop()
    (network, *_) = (own.root / "networks").glob("*.json")
    network.write_text('{"Name":')
    (own.root / "engine.json").write_text("[]")
    own.start()
    (own.root / "engine.json").write_text('{"pid": "')
    (log,) = seen(engines.check_engine_log)
    assert "is damaged: this network is left out" in log.says
    (check,) = seen(engines.check_engine_embedded)
    assert (check.state, check.details["answers"]) == ("note", True)
    own.stop()
    assert seen(engines.check_engine_log) == []  # of its last run it is, not of all that ever was


# --- how containers could run


@AS_ROOT
def test_a_way_out_that_is_closed(home: Path) -> None:
    """An ordinary user who may have namespaces, but may not open the device of the way out."""
    if not shutil.which("slirp4netns") or not Path("/dev/net/tun").exists():
        pytest.skip("there is no way out on this machine")
    home.chmod(0o777)
    closed = home / "closed"
    closed.touch(0o600)
    owner = f"exec setpriv --reuid {ORDINARY} --regid {ORDINARY} --clear-groups "
    script = f'mount --bind {closed} /dev/net/tun && {owner} "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh"]
    report = examined(
        [*command, sys.executable, "-m", "dockerlab", "doctor"], {"DOCKERLAB_ENGINE": "embedded"}
    )
    assert report.one("runtime")["details"]["runtime"] == "namespaces"
    limits = [check["says"] for check in report.checks if check["key"] == "runtime.limit"]
    assert any("sudo chmod 666 /dev/net/tun" in limit for limit in limits)


# --- the course, and where it is


def test_images_and_kept_ones(own: EngineProcess, home: Path) -> None:
    (check,) = seen(course.check_images)
    assert (check.state, check.remedy) == ("warning", "dockerlab images prepare")
    assert set(check.details.values()) == {"missing"}
    (check,) = seen(course.check_cache)
    assert check.state == "note"
    kept = home / ".cache" / "dockerlab" / "images"
    kept.mkdir(parents=True)
    (kept / "alpine.tar").write_bytes(b"cut off")
    (kept / "alpine.json").write_text('{"sha256": "0"}')
    (check,) = seen(course.check_cache)
    assert check.state == "warning"
    assert "damaged: alpine" in check.says


@AS_ROOT
def test_a_home_of_somebody_elses(home: Path) -> None:
    """As after ``su`` without a hyphen: HOME is a folder that one may not even enter."""
    home.chmod(0o700)
    code = (
        "from dockerlab.cli import doctor; from dockerlab.cli.doctor.machine import Machine\n"
        "for module, key in (('settings', 'setting'), ('engines', 'engine'), "
        "('engines', 'engine.embedded'), ('engines', 'engine.log'), ('course', 'cache'), "
        "('folders', 'folder')):\n"
        "    for check in doctor.looked('dockerlab.cli.doctor.' + module, key, Machine(), 30):\n"
        "        print(check.key, check.state, check.says, check.remedy)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(CLONE)},
        user=ORDINARY,
        group=ORDINARY,
        extra_groups=[],
        cwd="/",
    )
    assert done.stderr == ""
    assert "could not be looked at" not in done.stdout
    for name, variable in (("engine", "ROOT"), ("cache", "CACHE"), ("state", "STATE")):
        (line,) = [one for one in done.stdout.splitlines() if one.startswith(f"folder.{name} ")]
        assert "fault" in line
        assert f"set DOCKERLAB_{variable} to a folder of yours" in line


@AS_ROOT
@pytest.mark.parametrize(("size", "state"), [("64k", "fault"), ("200m", "warning")])
def test_a_full_disk(home: Path, size: str, state: str) -> None:
    options = f"size={size},mode=777"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "x", home], check=True)
    try:
        (check,) = [check for check in seen(folders.check_folder) if check.key == "folder.engine"]
        assert check.state == state
        assert "DOCKERLAB_ROOT" in check.remedy
        if state == "fault":
            with pytest.raises(OSError, match="No space left"):
                (home / "fill").write_bytes(b"x" * 100_000)
            checks = seen(folders.check_folder)
            assert {check.state for check in checks} == {"fault"}
            assert "No space left" in checks[0].says
    finally:
        subprocess.run(["umount", home], check=True)


# --- the report itself


def test_a_check_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ever = threading.Event()
    monkeypatch.setattr(folders, "check_folder", lambda machine: ever.wait())
    (check,) = looked("dockerlab.cli.doctor.folders", "folder", Machine(), 0.1)
    ever.set()
    assert check.state == "warning"
    assert "took more than 0.1 seconds" in check.says
    assert check.remedy


def test_a_check_that_fails_or_is_not_there_does_not_end_the_others() -> None:
    (gone,) = looked("dockerlab.cli.doctor.nothing", "folder", Machine(), 5)
    assert (gone.state, "make lab" in gone.remedy) == ("fault", True)
    (failed,) = looked("dockerlab.cli.doctor.folders", "folder", None, 5)  # type: ignore[arg-type]
    assert "AttributeError" in failed.says
    assert failed.remedy


def test_people_see_the_remedies(capsys: pytest.CaptureFixture[str]) -> None:
    doctor._show(Check("disk", "disk", "fault", "is full", "free some"))
    assert capsys.readouterr().out == "✗ disk: is full\n    → free some\n"
