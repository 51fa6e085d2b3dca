"""Remove what a chapter made, and nothing else: its things are known by their names.

Run first and last in a notebook, so that it can be run again and leaves a learner's own things
alone on an engine that holds others.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from docker.errors import NotFound

from dockerlab.client.ci.ci import default_folder
from dockerlab.client.cloud.process import CloudProcess
from dockerlab.client.explain import explained

if TYPE_CHECKING:
    import docker

    from dockerlab.client.lab import Lab


class HasDocker(Protocol):
    """A Lab, or anything else that holds a docker-py client."""

    @property
    def docker(self) -> docker.DockerClient: ...


@explained()
def tidy(lab: HasDocker, chapter: str) -> None:
    """Remove containers, volumes, networks called ``ch2-…``, images ``ch2/…`` or labelled ch2.

    What Compose made for a project ``ch2`` goes too: its names begin with ``ch2-`` or ``ch2_``.

    >>> tidy(lab, "ch2")  # doctest: +SKIP
    """
    api: Any = lab.docker.api
    prefixes = (f"{chapter}-", f"{chapter}_")
    for box in api.containers(all=True, filters={"name": chapter}):
        # The filter finds the text anywhere in a name: "batch2-job" is not ours.
        if any(name.lstrip("/").startswith(prefixes) for name in box["Names"]):
            _gone(api.remove_container, box["Id"], v=True, force=True)
    for image in api.images():
        for tag in image.get("RepoTags") or ():
            if tag.removeprefix("localhost/").startswith((f"{chapter}/", *prefixes)):
                _gone(api.remove_image, tag, force=True)
    api.prune_images({"dangling": True, "label": [chapter]})
    for volume in api.volumes().get("Volumes") or ():
        if volume["Name"].startswith(prefixes):
            _gone(api.remove_volume, volume["Name"])
    for network in api.networks():
        if network["Name"].startswith(prefixes):
            _gone(api.remove_network, network["Id"])


@explained()
def end_services(lab: Lab, chapter: str) -> None:
    """End the cloud of this engine, and remove the CIs called ``ch6-…``; none need be there.

    Before ``tidy``: a cloud would make anew what is taken away from it.

    >>> end_services(lab, "ch6")  # doctest: +SKIP
    """
    CloudProcess(lab.url).stop()
    for folder in default_folder(chapter).parent.glob(f"{chapter}-*"):
        lab.ci(folder.name).remove()


def _gone(remove: Any, name: str, **options: Any) -> None:
    """Remove it, unless someone else just did."""
    with suppress(NotFound):
        remove(name, **options)
