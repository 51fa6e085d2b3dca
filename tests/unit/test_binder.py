"""The files that repo2docker reads, by its rules."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from dockerlab.cli import jupyter

HERE = Path(__file__).resolve().parents[2]
PACKAGES = [
    name for line in (HERE / "apt.txt").read_text().splitlines() if (name := line.split("#")[0])
]


def test_nothing_overrides_them() -> None:
    assert not [name for name in ("Dockerfile", "binder", ".binder") if (HERE / name).exists()]


def test_the_python_version_is_written_as_repo2docker_reads_it() -> None:
    wanted = yaml.safe_load((HERE / "environment.yml").read_text())["dependencies"]
    assert [line for line in wanted if isinstance(line, str) and "python=" in line] == [
        "python=3.11"
    ]
    assert wanted[-1] == {"pip": ["--constraint constraints.txt", "--editable .[course]"]}


def test_what_the_browser_and_the_hub_meet_is_pinned() -> None:
    pinned = (HERE / "constraints.txt").read_text()
    for name in ("jupyterlab", "jupyter_server_proxy", "ipykernel"):
        assert re.search(rf"^{name}==", pinned, re.MULTILINE)


def test_the_packages_are_the_distributions() -> None:
    if shutil.which("apt-cache") is None:
        pytest.skip("no apt here")
    names = [name.strip() for name in PACKAGES]
    assert all(re.fullmatch(r"[a-z0-9.+-]+", name) for name in names)
    shown = subprocess.run(["apt-cache", "policy", *names], capture_output=True, text=True)
    if "500 " not in shown.stdout:
        pytest.skip("apt has no lists here")
    assert shown.stdout.count("Candidate: (none)") == 0
    assert shown.stdout.count("Candidate: ") == len(names)


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_the_scripts_are_programs_of_bash(name: str) -> None:
    path = HERE / name
    assert path.read_text().startswith("#!/bin/bash\n")
    assert path.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", path], check=True)


def test_a_start_replaces_itself_by_the_server() -> None:
    assert (HERE / "start").read_text().endswith('exec "$@"\n')


def test_settings_are_put_beside_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "jupyter_server_config.json"
    path.write_text('{"ServerApp": {"a": 1}, "LabApp": {"b": 2}}')
    jupyter.write(tmp_path)
    jupyter.write(tmp_path)
    text = path.read_text()
    assert '"a": 1' in text
    assert '"b": 2' in text
    assert "dockerlab.views.saved.pre_save" in text


def test_a_hubs_values_fit_the_image() -> None:
    values = yaml.safe_load((HERE / "exercises" / "jupyterhub" / "values.yaml").read_text())
    user = values["singleuser"]
    assert (HERE / user["defaultUrl"].removeprefix("/lab/tree/")).is_file()
    # A volume over the home would cover what postBuild has not put elsewhere: the course itself.
    assert user["storage"] == {"type": "none"}
    # repo2docker's own command is a server that no hub knows.
    assert user["cmd"] == "jupyterhub-singleuser"


def test_the_teachers_page_leads_somewhere() -> None:
    folder = HERE / "exercises"
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", (folder / "README.md").read_text())
    assert links
    assert [link for link in links if not (folder / link).exists()] == []
