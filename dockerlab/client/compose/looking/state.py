"""Look: what the engine has of a project, by the labels that Compose puts on everything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from dockerlab.client.compose.looking.labels import (
    HASH,
    IMAGE,
    NUMBER,
    ONEOFF,
    PROJECT,
    REPLACE,
    SERVICE,
)
from dockerlab.client.compose.looking.wire import Wire, filters, part
from dockerlab.client.explain import explained

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mounted:
    """A volume or a folder of a container that is there."""

    kind: str
    source: str
    target: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A container of the project, as the list of containers tells of it."""

    id: str
    name: str
    service: str = ""
    number: int = 1
    state: str = "running"
    status: str = ""
    created: float = 0.0
    labels: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[Mounted, ...] = ()
    row: Json = field(default_factory=dict, compare=False, repr=False)

    @property
    def oneoff(self) -> bool:
        return self.labels.get(ONEOFF) == "True"

    @property
    def hash(self) -> str:
        return self.labels.get(HASH, "")

    @property
    def image(self) -> str:
        """The id of the image that it was made of."""
        return self.labels.get(IMAGE, "")

    @property
    def healthy(self) -> bool:
        return "(healthy)" in self.status

    @property
    def unfinished(self) -> bool:
        """Made to take another one's place, and not yet called by its final name."""
        return bool(self.labels.get(REPLACE)) and self.name.startswith(
            self.labels[REPLACE][:12] + "_"
        )

    @classmethod
    def of(cls, row: Json) -> Found:
        labels = row.get("Labels") or {}
        names = [name.lstrip("/") for name in row.get("Names") or []]
        number = labels.get(NUMBER, "1")
        return cls(
            id=str(row["Id"]),
            # A name with a slash inside is another container's link to this one.
            name=next((name for name in names if "/" not in name), ""),
            service=labels.get(SERVICE, ""),
            number=int(number) if number.isdigit() else 1,
            state=str(row.get("State", "")),
            status=str(row.get("Status", "")),
            created=float(row.get("Created") or 0),
            labels=labels,
            mounts=tuple(_mounted(mount) for mount in row.get("Mounts") or []),
            row=row,
        )


def _mounted(mount: Json) -> Mounted:
    kind = str(mount.get("Type") or "bind")
    source = mount.get("Name") if kind == "volume" else mount.get("Source")
    return Mounted(
        kind, str(source or ""), str(mount.get("Destination", "")), not mount.get("RW", True)
    )


@dataclass(frozen=True, slots=True)
class Thing:
    """A network or a volume that is there."""

    name: str
    id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: Json) -> Thing:
        return cls(str(data["Name"]), str(data.get("Id", "")), data.get("Labels") or {})


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An image that is there; ``volumes`` are the paths that its Dockerfile declares."""

    id: str
    volumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """All that there is of a project. Networks, volumes and images by their names."""

    containers: tuple[Found, ...] = ()
    networks: Mapping[str, Thing] = field(default_factory=dict)
    volumes: Mapping[str, Thing] = field(default_factory=dict)
    images: Mapping[str, FoundImage] = field(default_factory=dict)

    def of(self, service: str) -> list[Found]:
        """A service's containers, the oldest first, without those of ``compose run``."""
        mine = [one for one in self.containers if one.service == service and not one.oneoff]
        return sorted(mine, key=lambda one: (one.created, one.number))

    def container(self, name: str) -> Found | None:
        return next((one for one in self.containers if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names that a plan will ask the state for."""

    images: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()


class Eye:
    """Looks at one project on one engine."""

    def __init__(self, wire: Wire, project: str) -> None:
        self._wire = wire
        self.project = project

    @explained()
    def look(self, wanted: Wanted | None = None) -> State:
        """Everything with the project's label, and what else is ``wanted`` by name."""
        wanted = wanted or Wanted()
        return State(
            containers=self.containers(),
            networks=self._things("/networks", "", wanted.networks),
            volumes=self._things("/volumes", "Volumes", wanted.volumes),
            images=self.images(wanted.images),
        )

    def containers(self) -> tuple[Found, ...]:
        labels = filters(label=[f"{PROJECT}={self.project}", HASH])
        rows = self._wire.get("/containers/json", all=1, filters=labels)
        return tuple(Found.of(row) for row in rows)

    def images(self, names: Iterable[str]) -> dict[str, FoundImage]:
        found = {}
        for name in sorted(names):
            image = self._wire.maybe(f"/images/{quote(name, safe=':/@')}/json")
            if image is not None:
                declared = (image.get("Config") or {}).get("Volumes") or {}
                found[name] = FoundImage(str(image["Id"]), tuple(declared))
        return found

    def _things(self, path: str, key: str, wanted: frozenset[str]) -> dict[str, Thing]:
        answer = self._wire.get(path, filters=filters(label=[f"{PROJECT}={self.project}"]))
        rows = (answer.get(key) if key else answer) or []
        found = {str(row["Name"]): Thing.of(row) for row in rows}
        for name in sorted(wanted - set(found)):
            # One that somebody else made: external, or in the way.
            data = self._wire.maybe(f"{path}/{part(name)}")
            if data is not None and data["Name"] == name:
                found[name] = Thing.of(data)
        return found
