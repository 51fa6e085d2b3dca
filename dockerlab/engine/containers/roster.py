"""All containers of the engine in memory: found by name, id or the beginning of an id."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlab.engine.containers.container import Container
from dockerlab.engine.containers.request import names
from dockerlab.engine.errors import BadParameter, Conflict, NotFound

SHORT_ID = 12


class Roster:
    """The containers and the names that they, or those being created, have."""

    def __init__(self) -> None:
        self._by_id: dict[str, Container] = {}
        self._names: dict[str, str] = {}

    def __iter__(self) -> Iterator[Container]:
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def reserved(self) -> int:
        """How many containers there are, with those being created."""
        return len(self._names)

    def add(self, container: Container) -> None:
        """Take in a container; its name was reserved or comes from the disk."""
        self._by_id[container.id] = container
        self._names[container.name] = container.id

    def drop(self, container: Container) -> None:
        """Forget a removed container and free its name."""
        self._by_id.pop(container.id, None)
        self.free(container.name, container.id)

    def reserve(self, name: str, id: str, shown: str | None = None) -> str:
        """Take a name (an invented one when empty) for an id. Raises Conflict, BadParameter."""
        bare = names.check(name, shown) if name else names.invent(self._names)
        if owner := self._names.get(bare):
            raise Conflict(
                f'Conflict. The container name "/{bare}" is already in use by container "{owner}". '
                "You have to remove (or rename) that container to be able to reuse that name."
            )
        self._names[bare] = id
        return bare

    def free(self, name: str, id: str) -> None:
        """Give a name back, when it is this id's."""
        if self._names.get(name) == id:
            del self._names[name]

    def find(self, reference: str) -> Container | None:
        """The container of that name or id, None when there is none or it is ambiguous."""
        if found := self._by_id.get(reference):
            return found
        if id := self._names.get(reference.removeprefix("/")):
            return self._by_id.get(id)
        matches = [c for id, c in self._by_id.items() if id.startswith(reference)]
        return matches[0] if reference and len(matches) == 1 else None

    def get(self, reference: str) -> Container:
        """Like ``find``. Raises NotFound, and BadParameter for an ambiguous beginning."""
        if found := self.find(reference):
            return found
        if reference and sum(id.startswith(reference) for id in self._by_id) > 1:
            raise BadParameter(f"Multiple IDs found with provided prefix: {reference}")
        raise NotFound(f"No such container: {reference}")
