"""The command ``dockerlab``: opens the course, looks after engines and images, finds faults.

    dockerlab lab [--headless] [--port N]        JupyterLab on the course
    dockerlab doctor [--json]                    what works here, what does not, what to do
    dockerlab engine start|stop|status|logs      the embedded engine (stop --purge removes it)
    dockerlab images prepare|list                the course's images
    dockerlab images bundle|load FILE            the same in one file, for where no internet is
    dockerlab images serve [--address ADDRESS]   the same for a class, from the teacher's machine
    dockerlab cloud start|stop|status|logs       chapter 6's cloud, for the connected engine
    dockerlab grade SUBMISSIONS --assignment NAME --out DIR    a class's submissions
    dockerlab docker COMMAND …                   docker commands, where Docker's own is missing
    dockerlab env [--unset]                      exports for the real docker command line

It imports late: ``doctor`` has to speak where docker-py or the widgets are missing.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from dockerlab.errors import DockerlabError

__all__ = ["main"]

OLDEST = (3, 11)
_TOO_OLD = (
    "dockerlab: this is Python {0[0]}.{0[1]}, and it takes 3.11 or newer\n"
    "→ install one (Debian, Ubuntu: apt install python3.11 python3.11-venv), then make lab "
    "PYTHON=python3.11; or take an environment that has one: conda create -n dockerlab python=3.11"
)
"""Said by whatever Python: this file, and what it imports at once, is to be read by 3.9, too."""
Action = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Errors become one sentence and what to do."""
    if sys.version_info[:2] < OLDEST:
        print(_TOO_OLD.format(sys.version_info), file=sys.stderr)
        return 1
    options = _parsed(sys.argv[1:] if arguments is None else arguments)
    home, name = options.action.split(":")
    try:
        action: Action = getattr(import_module(f"dockerlab.cli.{home}"), name)
        return action(options)
    except DockerlabError as error:
        print(f"dockerlab: {error}", file=sys.stderr)
        return 1
    except ImportError as error:
        print(
            f"dockerlab: a package is missing: {error}\n"
            "→ make lab sets everything up; dockerlab doctor says what is missing",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130


def _parsed(typed: Sequence[str]) -> argparse.Namespace:
    """The options. What comes after ``docker`` is docker's, hyphens and all."""
    own = typed[:1] if list(typed[:1]) == ["docker"] else typed
    options = parser().parse_args(own)
    options.words = typed[len(own) :]
    return options


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="dockerlab", description="Learn Docker in a notebook, with or without Docker."
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    lab = commands.add_parser("lab", help="open JupyterLab on the course")
    lab.add_argument("--headless", action="store_true", help="print the address, open no browser")
    lab.add_argument("--port", type=int, default=8888, help="first port to try (8888)")
    lab.set_defaults(action="lab:run")

    doctor = commands.add_parser(
        "doctor", help="look what works here and what to do about the rest"
    )
    doctor.add_argument("--json", action="store_true", help="for machines")
    doctor.set_defaults(action="doctor:run")

    _add_engine(commands)
    _add_images(commands)
    _add_cloud(commands)
    _add_grade(commands)

    docker = commands.add_parser("docker", help="docker commands, where Docker's own is missing")
    docker.set_defaults(action="docker:run")

    env = commands.add_parser("env", help='exports for a shell: eval "$(dockerlab env)"')
    env.add_argument("--unset", action="store_true", help="take them back")
    env.set_defaults(action="engine:env")
    return top


def _add_engine(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    engine = commands.add_parser("engine", help="start, stop and look at the embedded engine")
    actions = engine.add_subparsers(metavar="ACTION", required=True)
    for name, about in (
        ("start", "start it; the last line is its DOCKER_HOST"),
        ("stop", "stop it and its containers"),
        ("status", "whether it runs"),
        ("logs", "the end of its log"),
    ):
        one = actions.add_parser(name, help=about)
        one.add_argument("--root", metavar="DIR", help="its folder (the user's own by default)")
        one.set_defaults(action=f"engine:{name}")
        if name == "start":
            one.add_argument("--runtime", choices=("auto", "namespaces", "proot"), default="auto")
        if name == "stop":
            _add_purge(one)
        if name == "logs":
            one.add_argument("--lines", type=int, default=40, help="how many lines (40)")


def _add_purge(stop: argparse.ArgumentParser) -> None:
    stop.add_argument(
        "--purge",
        action="store_true",
        help="and remove all it has for good: containers, images, volumes, its folder, and the "
        "clouds and CIs that use it; asks before",
    )
    stop.add_argument("-f", "--force", action="store_true", help="with --purge: do not ask")


def _add_images(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    images = commands.add_parser("images", help="the course's images")
    actions = images.add_subparsers(metavar="ACTION", required=True)
    prepare = actions.add_parser(
        "prepare", help="have them in the engine: pull, or build stand-ins"
    )
    prepare.add_argument("names", nargs="*", metavar="NAME", help="only these")
    prepare.add_argument(
        "--from",
        dest="mirror",
        default="",
        metavar="URL",
        help="the teacher's machine, as `images serve` shows it there (or set DOCKERLAB_MIRROR)",
    )
    prepare.set_defaults(action="images:prepare")
    bundle = actions.add_parser("bundle", help="write them into one file, for a stick or a folder")
    bundle.add_argument("file", type=_path, metavar="FILE")
    bundle.add_argument("names", nargs="*", metavar="NAME", help="only these")
    bundle.add_argument(
        "--wheels",
        action="store_true",
        help="take along what sets the course up on a machine without any network",
    )
    bundle.set_defaults(action="images:bundle")
    load = actions.add_parser("load", help="have those of such a file in the engine")
    load.add_argument("file", type=_path, metavar="FILE")
    load.add_argument("names", nargs="*", metavar="NAME", help="only these")
    load.set_defaults(action="images:load")
    serve = actions.add_parser("serve", help="give them to a class from this machine")
    serve.add_argument("names", nargs="*", metavar="NAME", help="only these")
    serve.add_argument(
        "--address",
        default="127.0.0.1",
        help="one of this machine's; 0.0.0.0 are all (127.0.0.1: for this machine only)",
    )
    serve.add_argument("--port", type=int, default=5000, help="its port (5000); 0 is any")
    serve.set_defaults(action="images:serve")
    listing = actions.add_parser("list", help="what the course needs, and what is there")
    listing.set_defaults(action="images:list_all")


def _add_cloud(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    cloud = commands.add_parser("cloud", help="S3, IAM and Elastic Beanstalk on this machine")
    actions = cloud.add_subparsers(metavar="ACTION", required=True)
    for name, about in (
        ("start", "start it; the last lines are what AWS's tools need"),
        ("stop", "stop it with all that is in it"),
        ("status", "whether it runs"),
        ("logs", "the end of its log"),
    ):
        one = actions.add_parser(name, help=about)
        one.add_argument("--root", metavar="DIR", help="its folder (the user's own by default)")
        one.set_defaults(action=f"cloud:{name}")
        if name == "start":
            one.add_argument("--port", type=int, help="first port to try")
            one.add_argument("--region", default="us-east-1", help="its name (us-east-1)")
        if name == "logs":
            one.add_argument("--lines", type=int, default=40, help="how many lines (40)")


def _add_grade(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    grade = commands.add_parser(
        "grade",
        help="grade a class's submissions, each in a sandbox with an engine of its own",
        description="Grade a class. Interrupted, it goes on where it was when started again.",
    )
    grade.add_argument(
        "submissions",
        type=Path,
        metavar="SUBMISSIONS",
        help="nbgrader's submitted/, a folder of notebooks, or the zip of Moodle or Canvas",
    )
    grade.add_argument("--assignment", required=True, metavar="NAME", help="as chapter1")
    grade.add_argument("--out", required=True, type=Path, metavar="DIR", help="for the reports")
    grade.add_argument("--course", type=Path, metavar="DIR", help="exercises/ of the course")
    grade.add_argument(
        "--engine",
        choices=("embedded", "docker"),
        default="embedded",
        help="what a sandbox is made of: this machine's namespaces (embedded), or a container on "
        "its Docker Engine, slower, where those are not allowed",
    )
    _add_machines(grade)
    grade.add_argument(
        "--language", choices=("en", "ko"), help="of all reports; each student's own"
    )
    grade.add_argument(
        "--gradebook",
        nargs="?",
        const="sqlite:///gradebook.db",
        metavar="URL",
        help="write the grades into nbgrader's gradebook, too (sqlite:///gradebook.db)",
    )
    grade.add_argument("--seconds", type=float, default=180.0, help="for a submission (180)")
    grade.add_argument("--cell-seconds", type=float, default=60.0, help="for one cell (60)")
    grade.add_argument(
        "--memory", type=_bytes, default=1 << 30, metavar="SIZE", help="for a submission (1g)"
    )
    grade.set_defaults(action="grade:run")


def _add_machines(grade: argparse.ArgumentParser) -> None:
    where = grade.add_mutually_exclusive_group()
    where.add_argument("--workers", type=int, metavar="N", help="at a time (one a core)")
    where.add_argument("--cluster", metavar="local:N", help="a new Dask cluster here")
    where.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="a Dask cluster")
    grade.add_argument("--images", type=Path, metavar="DIR", help="where their images are kept")


def _path(text: str) -> Path:
    """As make hands it on: ``~`` is not expanded yet."""
    return Path(text).expanduser()


def _bytes(text: str) -> int:
    """``512m``, ``1g``: as docker has it."""
    found = re.fullmatch(r"(\d+)([kmg]?)b?", text.lower())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; 512m and 1g are")
    number, unit = found.groups()
    return int(number) << 10 * " kmg".index(unit or " ")
