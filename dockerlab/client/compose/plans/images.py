"""Plan the images of a project: which must be built, which pulled."""

from __future__ import annotations

from collections.abc import Sequence

from dockerlab.client.compose.looking.state import State
from dockerlab.errors import DockerlabError
from dockerlab.formats.composed.plan import Step
from dockerlab.formats.composefile.model import Service
from dockerlab.formats.reference import parse


def plan(
    services: Sequence[Service],
    state: State,
    *,
    build: bool = False,
    pull: str = "",
) -> list[Step]:
    """The steps that get the images: those that are missing, and those that are asked for.

    ``build`` builds also what is there; ``pull`` is Compose's policy for all (``always``,
    ``missing``, ``never``), "" for what each service says.
    """
    steps: dict[str, Step] = {}
    # One service may build the image that another only names.
    built = {service.image_name for service in services if service.build is not None}
    for service in services:
        name = service.image_name
        policy = pull or service.pull_policy
        there = name in state.images
        if service.build is not None and (build or policy == "build" or not there):
            steps[name] = _build(service, "it is asked to be built" if there else "")
        elif name in built:
            continue
        elif policy == "never" and not there:
            raise DockerlabError(
                f"No such image: {name}",
                f"the service {service.name} says that it is never pulled: build or load it",
            )
        elif policy == "always" or not there:
            steps[name] = _pull(service, "it is always pulled" if there else "")
    return list(steps.values())


def _build(service: Service, reason: str) -> Step:
    assert service.build is not None
    return Step(
        id=f"build {service.image_name}",
        action="build image",
        target=service.image_name,
        service=service.name,
        reason=reason or "there is no such image yet",
        call=("POST", f"/build?t={service.image_name}", {"context": service.build.context}),
        says=("Building", "Built"),
    )


def _pull(service: Service, reason: str) -> Step:
    image = parse(service.image_name)
    tag = image.digest or image.tag
    return Step(
        id=f"image {service.image_name}",
        action="pull image",
        target=service.image_name,
        service=service.name,
        reason=reason or "there is no such image here",
        call=("POST", f"/images/create?fromImage={image.repository}&tag={tag}", None),
        says=("Pulling", "Pulled"),
    )
