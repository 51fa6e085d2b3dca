"""What students are given: nbgrader's ``release/``, made from ``source/`` by nbgrader itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"


def course(folder: Path, names: Sequence[str]) -> Path:
    """A copy of the course with these assignments, for nbgrader to write into."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(EXERCISES / "nbgrader_config.py", folder)
    for name in names:
        shutil.copytree(EXERCISES / "source" / name, folder / "source" / name)
    return folder


def nbgrader(folder: Path, *arguments: str, **environment: str) -> str:
    """Run nbgrader in a course. Raises RuntimeError with what it said when it failed."""
    # It calls alembic by its name.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=folder, env={**os.environ, "PATH": path, **environment},
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"nbgrader {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def release(course: Path, names: Sequence[str]) -> Path:
    """Make ``release/`` of these assignments, and say where."""
    # One process for all of them: nbgrader takes two seconds to load.
    done = subprocess.run(
        [sys.executable, __file__, *names], cwd=course, capture_output=True, text=True, timeout=600
    )
    if done.returncode:
        raise RuntimeError(f"nbgrader generate_assignment:\n{done.stdout}{done.stderr}")
    return course / "release"


def main() -> None:
    """Release the assignments that are named, in the course in the current folder."""
    from nbgrader.apps import GenerateAssignmentApp

    for name in sys.argv[1:]:
        GenerateAssignmentApp.clear_instance()
        GenerateAssignmentApp.launch_instance([name, "--no-db", "--force"])


if __name__ == "__main__":
    main()
