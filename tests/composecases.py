"""The compose files of tests/data/composefile, and what the real plugin makes of them.

A case is a folder: its files, ``case.json`` (what is said on the command line) and
``expected.json`` (what Docker Compose 2.26 answers). Paths are part of the answers, so the cases
are read as if they lay in ``ROOT``. ``python tests/composecases.py`` writes the answers anew.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from dockerlab.formats.composefile import Disk, Project, load

FOLDER = Path(__file__).parent / "data" / "composefile"
ROOT = "/tmp/dockerlab-compose"
ENVIRONMENT = {"HOME": "/home/learner", "PATH": os.environ.get("PATH", "")}
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


class Moved(Disk):
    """The folder of the cases, as if it lay in ROOT and one were in the case's folder."""

    def __init__(self, name: str) -> None:
        self.name = name

    def here(self) -> str:
        return f"{ROOT}/{self.name}"

    def read(self, path: str) -> str:
        return super().read(self.real_path(path))

    def is_file(self, path: str) -> bool:
        return super().is_file(self.real_path(path))

    def is_folder(self, path: str) -> bool:
        return super().is_folder(self.real_path(path))

    @staticmethod
    def real_path(path: str) -> str:
        return str(FOLDER) + path.removeprefix(ROOT) if path.startswith(ROOT) else path


def options(name: str) -> dict[str, Any]:
    file = FOLDER / name / "case.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def expected(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / name / "expected.json").read_text()))


def read(name: str) -> Project:
    """The case, read by dockerlab."""
    said = options(name)
    return load(
        said.get("files", ()),
        project_directory=said.get("project_directory"),
        project_name=said.get("project_name"),
        environment=ENVIRONMENT | said.get("environment", {}),
        profiles=said.get("profiles", ()),
        env_files=said.get("env_files", ()),
        reader=Moved(name),
    )


class Plugin:
    """The real ``docker compose``, run on cases that are copied to ROOT."""

    def __init__(self, docker: list[str]) -> None:
        self.docker = docker

    def answers(self, name: str) -> dict[str, Any]:
        """What it makes of a case."""
        said = options(name)
        shutil.copytree(FOLDER / name, f"{ROOT}/{name}", dirs_exist_ok=True)
        try:
            return self.asked(name, said)
        finally:
            shutil.rmtree(f"{ROOT}/{name}")

    def asked(self, name: str, said: dict[str, Any]) -> dict[str, Any]:
        environment = ENVIRONMENT | said.get("environment", {})
        words = [
            *(word for file in said.get("files", ()) for word in ("-f", file)),
            *(word for file in said.get("env_files", ()) for word in ("--env-file", file)),
            *(word for profile in said.get("profiles", ()) for word in ("--profile", profile)),
        ]
        for key, option in (("project_directory", "--project-directory"), ("project_name", "-p")):
            words += [option, said[key]] if key in said else []
        printed = self.config(name, words, environment)
        hashes = _hashes(self.config(name, words, environment, "--hash", "*"))
        return {
            "json": json.loads(self.config(name, words, environment, "--format", "json")),
            "yaml": printed,
            "printed_hashes": hashes,
            "hashes": self.label_hashes(name, printed, environment) if _has_files(name) else hashes,
        }

    def label_hashes(self, name: str, printed: str, environment: dict[str, str]) -> dict[str, str]:
        """What is printed has its env files read in, as what a container's label is made of."""
        written = f"{ROOT}/{name}/written.yaml"
        Path(written).write_text(printed)
        words = ["-f", written, "--profile", "*"]
        more = ("--no-consistency", "--hash", "*")
        return _hashes(self.config(name, words, environment, *more))

    def config(self, name: str, words: list[str], environment: dict[str, str], *more: str) -> str:
        done = subprocess.run(
            [*self.docker, "compose", *words, "config", *more],
            cwd=f"{ROOT}/{name}",
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr}")
        return done.stdout


def _has_files(name: str) -> bool:
    return any("env_file" in path.read_text() for path in (FOLDER / name).rglob("*.y*ml"))


def _hashes(text: str) -> dict[str, str]:
    return dict(line.split() for line in text.splitlines())


def main() -> None:
    import composeplugin

    plugin = Plugin(["docker", "--config", str(composeplugin.folder())])
    for name in sys.argv[1:] or NAMES:
        answers = plugin.answers(name)
        text = json.dumps(answers, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        (FOLDER / name / "expected.json").write_text(text)


if __name__ == "__main__":
    main()
