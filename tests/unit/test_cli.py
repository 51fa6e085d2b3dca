"""The command ``dockerlab``: it speaks plainly also where much is missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dockerlab.cli import lab, main, parser


def dockerlab(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dockerlab", *words],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_help_needs_nothing() -> None:
    done = dockerlab("--help")
    assert done.returncode == 0
    for word in ("lab", "doctor", "engine", "images", "grade", "env"):
        assert word in done.stdout


def test_sizes_are_as_docker_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["grade", "x", "--assignment", "chapter1", "--out", "y", "--memory"]
    sizes = {"512m": 512 << 20, "1g": 1 << 30, "100": 100, "10KB": 10 << 10}
    assert {size: parser().parse_args([*words, size]).memory for size in sizes} == sizes
    for wrong in ("", "g", "-1m", "1t", "1.5.2g"):
        with pytest.raises(SystemExit):
            parser().parse_args([*words, wrong])
        assert "no size" in capsys.readouterr().err or wrong.startswith("-")


def test_without_docker_py_it_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "__init__.py").write_text("raise ImportError('no docker here')")
    done = dockerlab(
        "images",
        "list",
        PYTHONPATH=str(tmp_path),
        DOCKER_HOST="unix:///none",
        DOCKERLAB_ENGINE="docker",
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "→" in done.stderr


def test_env_can_be_taken_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", "--unset"]) == 0
    assert capsys.readouterr().out == "unset DOCKER_HOST DOCKER_BUILDKIT DOCKER_API_VERSION\n"


def test_status_and_stop_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["engine", "status", "--root", str(tmp_path)]) == 3
    assert main(["engine", "stop", "--root", str(tmp_path)]) == 0
    assert main(["engine", "logs", "--root", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "not running" in said
    assert "No engine runs" in said


def test_the_token_is_not_on_the_command_line() -> None:
    assert "token" not in " ".join(lab.command(Path("/course"), 8888))
    assert lab.environment("secret", "/x")["JUPYTER_TOKEN"] == "secret"


def test_a_taken_port_is_passed_over() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert lab.free_port(port) > port
