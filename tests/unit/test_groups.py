"""Which process runs which test, when several share them."""

from __future__ import annotations

import collections
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import group, twice

KINDS = ("docker", "namespaces-root", "namespaces-user", "proot-user")
NOTE = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("engine", {kinds})
def test_it(request, engine, number):
    with pathlib.Path("{log}").open("a") as log:
        log.write(os.environ["PYTEST_XDIST_WORKER"] + " " + request.node.nodeid + "\\n")
"""


@pytest.mark.parametrize(
    ("nodeid", "meant"),
    [
        ("tests/contract/test_exec.py::test_a[docker]", "docker"),
        ("tests/contract/test_exec.py::test_a[proot-user-sh]", "proot-user"),
        ("tests/contract/test_exec.py::TestA::test_a[namespaces-root-1]", "namespaces-root"),
        ("tests/course/test_runs.py::test_runs[proot-user-en/01.ipynb]", "proot-user"),
        ("tests/course/test_answers.py::test_a[namespaces-root-x]", "docker"),
        ("tests/contract/test_classroom_docker.py::test_a", "docker"),
        ("tests/unit/test_text.py::test_a[dockerfile]", "tests/unit/test_text.py"),
        ("tests/unit/test_text.py::test_a", "tests/unit/test_text.py"),
    ],
)
def test_tests_of_one_engine_are_a_group(nodeid: str, meant: str) -> None:
    assert group(nodeid) == meant


@pytest.mark.parametrize(
    ("nodeid", "meant"),
    [
        ("tests/contract/test_compose.py::test_a[namespaces-root-x]", True),
        ("tests/contract/test_compose.py::test_a[namespaces-user-x]", False),
        ("tests/contract/test_client_lab.py::test_a", False),
        ("tests/contract/test_networks.py::test_a[namespaces-root]", False),
        ("tests/contract/test_build_config.py::test_a[namespaces-root]", True),
        ("tests/contract/test_build_run.py::test_a[namespaces-root]", False),
        ("tests/course/test_runs.py::test_runs[namespaces-root]", True),
        ("tests/course/test_runs.py::test_runs[docker-en/01_a.ipynb]", False),
        ("tests/course/test_runs.py::test_runs[docker-ko/01_a.ipynb]", True),
        ("tests/course/test_runs.py::test_runs[docker-en/02_b.ipynb]", True),
        ("tests/course/test_runs.py::test_runs[docker-ko/02_b.ipynb]", False),
        ("tests/contract/test_cloud_deploy.py::test_a[namespaces-root]", True),
        ("tests/contract/test_cloud_deploy.py::test_a[docker]", False),
        ('tests/contract/test_networks.py::test_a[docker-body3-404-plugin "foo"]', True),
        ('tests/contract/test_networks.py::test_a[proot-user-body3-404-plugin "foo"]', False),
        ("tests/course/test_runs.py::test_runs[proot-user-en/01.ipynb]", False),
        ("tests/course/test_runs.py::test_runs[proot-user-ko/01.ipynb]", True),
        ("tests/course/test_runs.py::test_runs[namespaces-user-en/01.ipynb]", True),
    ],
)
def test_what_stands_on_the_api_is_tried_as_learners_have_it(nodeid: str, meant: bool) -> None:
    assert twice(nodeid) == meant


def test_a_group_stays_in_one_process(tmp_path: Path) -> None:
    """As pytest and xdist really share tests out, however many files a group is in."""
    here, log = tmp_path / "tests", tmp_path / "log"
    for folder in ("contract", "course"):
        (here / folder).mkdir(parents=True)
    shutil.copy(Path(__file__).parents[1] / "conftest.py", here)
    for name in ("contract/test_a", "contract/test_b", "course/test_c"):
        (here / f"{name}.py").write_text(NOTE.format(kinds=KINDS, log=log))
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
    subprocess.run([*command, "--rootdir", str(tmp_path), "tests"], cwd=tmp_path, check=True)
    processes: dict[str, set[str]] = collections.defaultdict(set)
    for line in log.read_text().splitlines():
        process, nodeid = line.split(" ", 1)
        processes[group(nodeid)].add(process)
    assert set(processes) == set(KINDS)
    assert {name: len(found) for name, found in processes.items()} == dict.fromkeys(KINDS, 1)
    assert len(set.union(*processes.values())) == 2, "one process ran them all"
