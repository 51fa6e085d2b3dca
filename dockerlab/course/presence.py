"""Which of the course's images an engine has, and whether they are stand-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from dockerlab.course.catalog import CourseImage

if TYPE_CHECKING:
    import docker

STANDIN_LABEL = "dockerlab.standin"

State = Literal["missing", "there", "stand-in"]


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

        A stand-in has the tags that are true for it only: no node:22 on a node 18.
        """
        first = self.find(image.reference)
        if first is not None and (first.get("Labels") or {}).get(STANDIN_LABEL) == "true":
            return "stand-in"
        return "there" if all(self.find(tag) for tag in image.tags) else "missing"
