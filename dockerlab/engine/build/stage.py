"""How far a stage has come: its image, the configuration so far, its arguments."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from dockerlab.engine.build.files.stack import Stack
from dockerlab.engine.containers.request.config import SEARCH_PATH
from dockerlab.engine.errors import BadParameter
from dockerlab.engine.store.image import Image, runtime_section
from dockerlab.engine.store.layers import Layer, Layers
from dockerlab.formats.dockerfile.arguments import Arguments
from dockerlab.formats.dockerfile.instructions import number
from dockerlab.formats.dockerfile.sections import Section


@dataclass(slots=True)
class Stage:
    """One stage while it is built. ``image`` None: nothing yet on top of ``scratch``."""

    name: str
    """Its name, or its number."""
    base: str
    """The image of FROM, as it is called there."""
    arguments: Arguments
    family: str = ""
    """The name that the build is to have, and the stage: see ``cache.Probe``."""
    on_stage: bool = False
    """``base`` is another stage."""
    image: Image | None = None
    section: Section = field(default_factory=dict)
    """The ``config`` section as the steps so far leave it."""
    author: str = ""
    own_cmd: bool = False
    position: int = 0
    """Steps since FROM."""

    @property
    def image_id(self) -> str:
        return self.image.id if self.image is not None else ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        return self.image.layers if self.image is not None else ()

    def begin(self, image: Image | None) -> list[str]:
        """Take up the base image; the triggers that it holds for this build are returned."""
        self.image = image
        self.section = copy.deepcopy(image.runtime_config) if image else runtime_section({})
        self.section |= {"Hostname": "", "OpenStdin": False, "StdinOnce": False}
        environment = self.section.get("Env") or []
        if not any(entry.startswith("PATH=") for entry in environment):
            self.section["Env"] = [*environment, SEARCH_PATH]
        triggers = list(self.section.get("OnBuild") or ())
        self.section["OnBuild"] = None
        self.settle()
        return triggers

    def settle(self) -> None:
        """Note, as Docker does, on which image the next one is made."""
        self.section["Image"] = self.image_id

    def values(self) -> dict[str, str]:
        """What variables mean in the next instruction: ARG, and over it ENV."""
        environment = self.section.get("Env") or ()
        own = dict(entry.partition("=")[::2] for entry in environment)
        return {**self.arguments.values(environment), **own}

    def config(self, **changes: Any) -> dict[str, Any]:
        """The configuration of a step's container."""
        return {**copy.deepcopy(self.section), **changes}

    def tree(self, layers: Layers) -> Stack:
        """The files of the stage so far."""
        return Stack(layers, self.layers)


@dataclass(slots=True)
class Results:
    """The stages that are done: what ``FROM name`` and ``--from`` can mean."""

    _images: list[Image | None] = field(default_factory=list)
    _names: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, image: Image | None) -> None:
        """A stage is done."""
        if name:
            self._names[name.lower()] = len(self._images)
        self._images.append(image)

    def check_name(self, name: str) -> None:
        """Refuse a name that a stage has already. Raises BadParameter."""
        if name and name.lower() in self._names:
            raise BadParameter(f"{name.lower()} stage name already used")

    def named(self, name: str) -> tuple[bool, Image | None]:
        """(whether there is a stage of that name, what it made)."""
        number = self._names.get(name.lower())
        return (False, None) if number is None else (True, self._images[number])

    def get(self, name: str) -> tuple[bool, Image | None]:
        """The same, for a name or a number. Raises BadParameter."""
        index = number(name)
        if name.lower() in self._names or index is None:
            return self.named(name)
        if index == len(self._images):
            raise BadParameter("refers to current build stage")
        if index > len(self._images):
            raise BadParameter("index out of bounds")
        return True, self._images[index]
