"""A machine without any network: from a clone and a bundle to the first cell that runs.

A network namespace without a single route is that machine, and an ordinary user without Docker,
without pip and without the users' caches sits at it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from engines import HERE, ORDINARY, running

from dockerlab.course.offline import gather
from dockerlab.course.progress import silent

NEEDED = ("git", "unshare", "ip", "setpriv", "make")

LEARNER = """
set -eu
test "$(wc -l < /proc/net/route)" -le 1
make lab OFFLINE=../class.tar HEADLESS=1 > ../lab.out 2>&1 &
lab=$!
until grep -q token= ../lab.out; do kill -0 $lab 2> /dev/null || exit 7; sleep 0.2; done
trap 'kill $lab; wait $lab || true; .venv/bin/dockerlab engine stop' EXIT
.venv/bin/python -c 'import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).status)' \
    "$(grep -o 'http://[^ ]*' ../lab.out)"
.venv/bin/jupyter execute --output=../../ran.ipynb notebooks/index.ipynb
"""


@pytest.fixture
def possible() -> None:
    if os.getuid() != 0 or not all(map(shutil.which, NEEDED)) or not (HERE / ".git").exists():
        pytest.skip(f"root clones the course and takes a network away, with {', '.join(NEEDED)}")


@pytest.fixture
def desk(possible: None) -> Iterator[Path]:
    """A folder that an ordinary user owns, with a clone of the course in it."""
    with tempfile.TemporaryDirectory(prefix="dloff-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        # Whoever runs the tests may not be the one whose clone this is.
        git = ["git", "-c", "safe.directory=*", "clone", "--quiet", "--depth=1"]
        subprocess.run([*git, f"file://{HERE}", str(folder / "course")], check=True, timeout=60)
        subprocess.run(["chown", "-R", f"{ORDINARY}:{ORDINARY}", name], check=True)
        yield folder


@pytest.mark.timeout(400)
def test_from_a_clone_and_a_bundle_to_the_first_cell(desk: Path) -> None:
    with running("proot-user") as engine:
        client = docker.DockerClient(base_url=engine.url, timeout=60, version="1.41")
        lab = type("Lab", (), {"docker": client})
        gather.bundle(lab, desk / "class.tar", ["hello-world"], wheels=True, progress=silent)
        client.close()
    machine = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    user = ["setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups"]
    done = subprocess.run(
        [*machine, *user, "sh", "-c", LEARNER],
        cwd=desk / "course",
        env={
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(desk),
            "PYTHON": getattr(sys, "_base_executable", sys.executable),
            "DOCKERLAB_ENGINE": "embedded",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
    told = (desk / "lab.out").read_text()
    print(told)
    assert done.returncode == 0, f"{told}\n{done.stdout}\n{done.stderr}"
    assert "hello-world: bundle" in told
    assert "Hello from" in (desk / "ran.ipynb").read_text()
