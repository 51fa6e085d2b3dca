"""Which of the course's images an engine has, and whether they are stand-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dockerlab.course.apps import fingerprint
from dockerlab.course.catalog import CourseImage

if TYPE_CHECKING:
    import docker

STANDIN_LABEL = "dockerlab.standin"
APPS_LABEL = "dockerlab.standin.apps"

State = Literal["missing", "there", "stand-in"]


def platform_of(api: docker.APIClient) -> str:
    """What the engine's images are made for: ``linux/amd64``."""
    version = api.version()
    return f"{version.get('Os') or 'linux'}/{version.get('Arch')}"


class Presence:
    """The engine's list of images, asked for once, as the course looks at it."""

    def __init__(self, api: docker.APIClient) -> None:
        self._listed: list[dict[str, Any]] = api.images()

    def find(self, tag: str) -> dict[str, Any] | None:
        """The row of the image with this tag."""
        # Podman lists full names, docker.io/library/alpine:latest.
        names = {tag, f"docker.io/library/{tag}"}
        return next((each for each in self._listed if names & set(each["RepoTags"] or ())), None)

    def state(self, image: CourseImage) -> State:
        """Whether ``image`` is there with all its tags.

        A stand-in has the tags that are true for it only: no node:22 on a node 18. One that
        was made for other apps, or before there were any, is to be made anew.
        """
        complete = all(self.find(tag) for tag in image.tags)
        labels = (self.find(image.reference) or {}).get("Labels") or {}
        if labels.get(STANDIN_LABEL) != "true":
            return "there" if complete else "missing"
        outdated = image.apps and complete and labels.get(APPS_LABEL) not in _for_apps()
        return "missing" if outdated else "stand-in"


def _for_apps() -> tuple[str, str]:
    """What the label of a stand-in says that is made for today's apps, or could not be."""
    return fingerprint(), "none"
