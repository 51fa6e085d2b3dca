"""A job's folders, the variables that its commands find, and the ``docker`` on their PATH.

Of the user's own variables only KEPT get through: a job must not pass for what is set here.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import dockerlab
from dockerlab.pipeline.machine.leftovers import LABEL

KEPT = (
    *("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    *("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_API_VERSION"),
)
NOT_STARTED = "unix:///run/docker-not-started.sock"
"""Where docker looks in a job that has not asked for it."""


@dataclass(frozen=True, slots=True)
class Place:
    """``root`` holds all of it; ``job`` is the label of what it makes on the engine."""

    root: Path
    name: str
    job: str
    engine: str

    @property
    def work(self) -> Path:
        """Where commands begin, and the commit's files are."""
        return self.root / "work" / self.name

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def temp(self) -> Path:
        return self.root / "temp"

    @property
    def used(self) -> Path:
        """A file that is there once the job may have made something on the engine."""
        return self.temp / "docker-used"

    def make(self) -> None:
        for folder in (self.work, self.home, self.temp, self.root / "bin"):
            folder.mkdir(parents=True, exist_ok=True)
        docker = self.root / "bin" / "docker"
        docker.write_text(_docker(self))
        docker.chmod(0o755)

    def open_to_all(self) -> None:
        """Let the users of a container write there, whoever they are on this machine."""
        for folder, _, files in os.walk(self.root):
            os.chmod(folder, 0o777)
            for name in files:
                path = Path(folder, name)
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | 0o666)

    def environment(self, *, docker: bool) -> dict[str, str]:
        """What commands on this machine find set, before the CI and the file add theirs."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | {
            "PATH": f"{self.root / 'bin'}:{kept.get('PATH', os.defpath)}",
            "HOME": str(self.home),
            "TERM": "dumb",
            "DOCKER_HOST": self.engine if docker else NOT_STARTED,
            "DOCKER_BUILDKIT": "0",
            "COMPOSE_PROJECT_NAME": self.job,
        }


def _docker(place: Place) -> str:
    """A script that labels what it starts, so that nothing of it is left when the job is over."""
    label = f"--label {LABEL}={shlex.quote(place.job)}"
    real = shlex.join(docker_command())
    used = f": > {shlex.quote(str(place.used))}"
    return f"""#!/bin/sh
case "$1 $2" in
"compose "*)
    {used} ;;
"container run"*|"container create"*|"network create"*|"volume create"*)
    {used}
    group=$1 action=$2; shift 2
    exec {real} "$group" "$action" {label} "$@" ;;
"run "*|"create "*)
    {used}
    action=$1; shift
    exec {real} "$action" {label} "$@" ;;
{_build(real)}
esac
exec {real} "$@"
"""


def _build(real: str) -> str:
    """Docker's own command says at each build that the classic builder is of yesterday, which is
    the only one that all engines here have: without that, and with the build's exit code."""
    if not (shutil.which("docker") and shutil.which("sed")):
        return ""
    return f"""\
"build "*)
    exec 3>&1
    code=$( {{ {{ {real} "$@" 2>&1 >&3 3>&- 4>&-; echo $? >&4; }} |
        sed '/^DEPRECATED: The legacy builder/,/^$/d' >&2 3>&- 4>&-; }} 4>&1 )
    exit "$code" ;;"""


def docker_command(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The real docker command line, or, where there is none, dockerlab's own."""
    found = shutil.which("docker", path=environment.get("PATH", os.defpath))
    if found:
        return [found]
    package = Path(dockerlab.__file__).resolve().parents[1]
    # -P: the commit's own folder must not be where Python looks for modules.
    python = [sys.executable, "-P", "-m", "dockerlab", "docker"]
    return ["env", f"PYTHONPATH={package}", *python]
