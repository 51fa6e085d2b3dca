"""The image that repo2docker would make of this checkout, made without Docker Hub and conda.

The file system is the distribution's (by mmdebstrap: the packages of ``apt.txt`` and what
repo2docker's base image has anyway), the Python environment a virtual one. What conda hands to pip
out of ``environment.yml`` pip gets here, too; the wheels are those that a bundle would have. Home
and environment are folders of this machine, so that nothing which prunes an engine reaches them.
"""

from __future__ import annotations

import platform
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import yaml
from docker.types import Mount
from engines import HERE

from dockerlab.course.cache import Cache
from dockerlab.course.catalog import CATALOG
from dockerlab.course.offline import gather
from dockerlab.course.progress import silent
from dockerlab.course.standins.workshop import Workshop

USER = 1000
HOME = "/home/jovyan"
PREFIX = "/srv/conda/envs/notebook"
BASE = ("ca-certificates", "git", "less", "locales", "python3", "python3-venv", "unzip", "wget")
SOURCES = (
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d/debian.sources",
    "/etc/apt/sources.list.d/ubuntu.sources",
)
# As the images have it that Docker Hub calls debian and ubuntu.
NO_DOCUMENTATION = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man")]
# What a pod of mybinder.org has, and nothing that an engine usually wants. Seccomp: Docker's own.
LIMITS: dict[str, Any] = {
    "user": f"{USER}:{USER}",
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "mem_limit": "2g",
    "memswap_limit": "2g",
    "nano_cpus": 10**9,
    "read_only": True,
}
ENVIRONMENT = {
    "HOME": HOME,
    "LANG": "C.UTF-8",
    "NB_PYTHON_PREFIX": PREFIX,
    "PATH": f"{PREFIX}/bin:/usr/local/bin:/usr/bin:/bin",
    "SHELL": "/bin/bash",
    "USER": "jovyan",
}


@dataclass(frozen=True)
class Image:
    """Docker's image of the system, and the folder with what the user may write."""

    name: str
    folder: Path

    def settings(self, *, building: bool = False) -> dict[str, Any]:
        """How a container of it runs. The environment is part of the image: built once."""
        mounts = [
            Mount(HOME, str(self.folder / "home"), "bind"),
            Mount(PREFIX, str(self.folder / "environment"), "bind", read_only=not building),
            Mount("/tmp", str(self.folder / "tmp"), "bind"),
        ]
        if building:
            mounts.append(Mount("/kept", str(self.folder / "kept"), "bind"))
        return {
            **LIMITS,
            "image": self.name,
            "mounts": mounts,
            "environment": ENVIRONMENT | ({"DOCKERLAB_CACHE": "/kept"} if building else {}),
            "working_dir": HOME,
        }

    def build(self, client: docker.DockerClient, *words: str) -> None:
        """Run a step of the building; ContainerError carries what it wrote to stderr."""
        client.containers.run(
            command=list(words),
            network_mode="none",
            remove=True,
            **self.settings(building=True),
            **preferred(client),
        )


def preferred(client: docker.DockerClient) -> dict[str, Any]:
    """A pod's processor is its own: here the container gets it before other programs do."""
    # Docker's own group of control groups has no more weight than one program outside of it.
    above = {"cgroup_parent": "/"} if client.info()["CgroupDriver"] == "cgroupfs" else {}
    return {"cpu_shares": 8192, **above}


def make(client: docker.DockerClient, name: str, folder: Path) -> Image:
    """Build it: the system to Docker's image ``name``, all else to ``folder``."""
    image = Image(name, folder)
    for each in ("home", "environment", "tmp", "kept"):
        (folder / each).mkdir()
    checkout(folder / "home")
    keep(folder / "kept")
    subprocess.run(["chown", "-R", f"{USER}:{USER}", str(folder)], check=True, timeout=60)
    archive = system(folder / "system.tar")
    client.api.import_image_from_file(str(archive), repository=name, tag="latest")
    archive.unlink()
    image.build(client, "python3", "-m", "venv", PREFIX)
    image.build(client, *pip(folder / "home"))
    image.build(client, "./postBuild")
    shutil.rmtree(folder / "kept")
    return image


def system(path: Path) -> Path:
    """The distribution's packages, installed as its installer does, as a tar."""
    lines = (HERE / "apt.txt").read_text().splitlines()
    packages = [*BASE, *(name for line in lines if (name := line.partition("#")[0].strip()))]
    sources = [each for each in SOURCES if Path(each).is_file()]
    options = ["--quiet", "--variant=minbase", f"--include={','.join(packages)}"]
    user = f'--customize-hook=chroot "$1" useradd --uid {USER} --home-dir {HOME} jovyan'
    places = f'--customize-hook=mkdir -p "$1"{HOME} "$1"{PREFIX} "$1"/kept'
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    done = subprocess.run(
        ["mmdebstrap", *options, *NO_DOCUMENTATION, user, places, release, str(path), *sources],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return path


def checkout(folder: Path) -> None:
    """The course's own files as they are now: all that git would not ignore.

    A repository that has none of them yet is asked, so that this one need not be a clone.
    """
    with tempfile.TemporaryDirectory() as empty:
        _git("init", "--quiet", "--bare", empty)
        where = [f"--git-dir={empty}", f"--work-tree={HERE}"]
        names = _git(*where, "ls-files", "--others", "--exclude-standard", "-z")
    for name in filter(None, names.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / name, folder / name, follow_symlinks=False)


def _git(*words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=HERE, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout


def keep(folder: Path) -> None:
    """What building would fetch from the internet: fetched once for all runs, and copied."""
    cache = Cache()
    wheels = gather.packages(cache, silent)
    made = Workshop(cache, silent).make(CATALOG)
    assert not made.failed, made.failed
    (folder / "wheels").mkdir()
    for wheel in wheels:
        shutil.copy(wheel, folder / "wheels")
    shutil.copytree(cache.folder("images"), folder / "images")


def pip(home: Path) -> list[str]:
    """The command by which conda has pip install what is under ``pip:``."""
    wanted = yaml.safe_load((home / "environment.yml").read_text())["dependencies"][-1]["pip"]
    words = [word for line in wanted for word in shlex.split(line)]
    python = f"{PREFIX}/bin/python"
    return [python, "-m", "pip", "install", "--no-index", "--find-links=/kept/wheels", *words]
