"""The images of the course, and what it needs of each.

A stand-in or a pulled image is good enough when it has the ``commands`` listed
here; the tests hold every recipe and every prepared image against this list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class CourseImage:
    """One image: its name as a learner types it, and why it has to be there.

    ``tags`` are the references that must exist in the engine, the plain name
    first. ``commands`` must be found by its PATH. ``offline`` marks the images
    that a chapter uses without asking a registry, so a stand-in has to exist;
    ``apps`` the one whose stand-in holds the packages of the course's apps.
    """

    name: str
    why: str
    chapters: tuple[int, ...]
    tags: tuple[str, ...]
    commands: tuple[str, ...]
    platform: str = "linux"
    offline: bool = True
    apps: bool = False

    @property
    def reference(self) -> str:
        """The reference to run it by: ``redis:latest``."""
        return self.tags[0]


_SHELL = ("sh", "ls", "cat", "echo", "ps", "sleep")

_IMAGES = (
    CourseImage(
        name="hello-world",
        why="the first run; has one program and no shell, so `ls` in it fails",
        chapters=(1, 2),
        tags=("hello-world:latest",),
        commands=("/hello",),
    ),
    CourseImage(
        name="busybox",
        why="the smallest image with a shell",
        chapters=(1, 2, 3),
        tags=("busybox:latest",),
        commands=(*_SHELL, "wget", "nc"),
    ),
    CourseImage(
        name="alpine",
        why="the note's image for trailing commands, life cycle, stop and kill",
        chapters=(1, 2, 3),
        tags=("alpine:latest",),
        commands=(*_SHELL, "ping", "top", "env", "id", "wget", "nc", "tar", "mkdir"),
    ),
    CourseImage(
        name="redis",
        why="a server installed in one step, exec into it; the store of the visit counter",
        chapters=(1, 2, 5),
        tags=("redis:latest",),
        commands=("sh", "redis-server", "redis-cli"),
    ),
    CourseImage(
        name="nginx",
        why="a web server: published ports, and the run stage of the production image",
        chapters=(1, 4, 6),
        tags=("nginx:latest",),
        commands=("sh", "nginx"),
    ),
    CourseImage(
        name="node",
        why="base image of the Node.js and React apps",
        chapters=(1, 4, 5, 6),
        tags=("node:latest", "node:22"),
        commands=("sh", "node", "npm", "npx"),
        apps=True,
    ),
    CourseImage(
        name="python",
        why="a third kind of program, started by the very same call",
        chapters=(1,),
        tags=("python:latest",),
        commands=("sh", "python3", "python"),
    ),
)

CATALOG: Mapping[str, CourseImage] = MappingProxyType({image.name: image for image in _IMAGES})


def for_chapters(chapters: Iterable[int]) -> list[str]:
    """Names of the images that these chapters use, in the catalogue's order."""
    wanted = set(chapters)
    return [image.name for image in CATALOG.values() if wanted & set(image.chapters)]
