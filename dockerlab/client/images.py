"""Images, and what ``lab`` can do with them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dockerlab.client.explain import explained, stream_error
from dockerlab.client.patience import Pulled, telling
from dockerlab.client.sessions import request
from dockerlab.formats.reference import parse
from dockerlab.formats.resources import HistoryRecord, ImageRecord
from dockerlab.formats.table import Table, html_record
from dockerlab.formats.text import age, ellipsis, short_id, size

if TYPE_CHECKING:
    import docker
    from docker.models.images import Image as RawImage

Progress = Callable[[Mapping[str, Any]], None]
"""Called with each message of a pull or load, as the engine sends it."""

IMAGES = ("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE")
HISTORY = ("IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT")


class Image:
    """An image on the connected engine. ``raw`` is docker-py's own object.

    >>> lab.image("alpine").command  # doctest: +SKIP
    ['/bin/sh']
    """

    def __init__(self, raw: RawImage) -> None:
        self.raw = raw

    @property
    def id(self) -> str:
        return str(self.raw.id)

    @property
    def short_id(self) -> str:
        return short_id(self.id)

    @property
    def attrs(self) -> dict[str, Any]:
        """What ``docker inspect`` shows."""
        return dict(self.raw.attrs)

    @property
    def tags(self) -> list[str]:
        return list(self.attrs.get("RepoTags") or [])

    @property
    def size(self) -> int:
        """Bytes of all its layers."""
        return int(self.attrs.get("Size") or 0)

    @property
    def command(self) -> list[str]:
        """What a container of it starts: entry point and command together."""
        config = self.attrs.get("Config") or {}
        return [*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])]

    @property
    def layers(self) -> list[str]:
        """Its layers' digests, lowest first."""
        return list((self.attrs.get("RootFS") or {}).get("Layers") or [])

    def __str__(self) -> str:
        return self.tags[0] if self.tags else self.short_id

    def __repr__(self) -> str:
        return f"<Image {self} ({self.short_id}): {len(self.layers)} layers, {size(self.size)}>"

    def _repr_html_(self) -> str:
        facts = [
            ("id", self.short_id),
            ("names", ", ".join(self.tags)),
            ("size", size(self.size)),
            ("layers", str(len(self.layers))),
            ("starts", " ".join(self.command)),
        ]
        return html_record(f"Image {self}", facts)


def image_rows(records: list[ImageRecord]) -> list[tuple[str, str, ImageRecord]]:
    """Repository and tag of each line of ``docker images``: one line a name."""
    rows: list[tuple[str, str, ImageRecord]] = []
    for record in records:
        for name in record.tags:
            repository, _, tag = name.rpartition(":")
            rows.append((repository, tag, record))
        if not record.tags:
            named = record.digests[0].partition("@")[0] if record.digests else "<none>"
            rows.append((named, "<none>", record))
    return rows


def history_cells(row: HistoryRecord, now: float, *, whole: bool = False) -> tuple[str, ...]:
    """The columns of ``docker history``."""
    made_by = row.created_by.replace("\t", " ")
    return (
        row.id if whole else short_id(row.id),
        age(row.created, now),
        made_by if whole else ellipsis(made_by, 45),
        size(row.size),
        row.comment,
    )


def messages(stream: Iterator[Any]) -> Iterator[dict[str, Any]]:
    """The messages of a pull, load or import; an error among them is raised."""
    for message in stream:
        if "error" in message:
            raise stream_error(str(message["error"]))
        yield message


def fetch(api: Any, name: str, *, platform: str = "", progress: Progress | None = None) -> None:
    """Pull one image, waiting for its end."""
    reference = parse(name)
    stream = api.pull(
        reference.repository,
        reference.digest or reference.tag,
        stream=True,
        decode=True,
        platform=platform or None,
    )
    for message in messages(stream):
        if progress is not None:
            progress(message)


class ImageCalls:
    """The part of ``Lab`` that deals with images."""

    docker: docker.DockerClient
    api: Any

    @explained()
    def images(self, name: str = "", *, all: bool = False) -> Table[ImageRecord]:
        """The images that are here.

        >>> lab.images("alpine")  # doctest: +SKIP
        """
        found = self.api.images(name or None, all=all)
        now = time.time()
        records = [ImageRecord.of(item) for item in found]
        cells: dict[int, list[tuple[str, str]]] = {}
        rows = image_rows(records)
        for repository, tag, record in rows:
            cells.setdefault(id(record), []).append((repository, tag))

        def texts(record: ImageRecord) -> tuple[str, ...]:
            names = cells[id(record)]
            # An image with several names has a line for each in docker's table; here it is one
            # record, so its further names are listed beside the first.
            repository = ", ".join(dict.fromkeys(name for name, _ in names))
            tags = ", ".join(dict.fromkeys(tag for _, tag in names))
            shown = (short_id(record.id), age(record.created, now), size(record.size))
            return (repository, tags, *shown)

        return Table(IMAGES, records, texts, caption="Images")

    @explained()
    def image(self, name: str) -> Image:
        """The image with this name or id.

        >>> lab.image("redis").size  # doctest: +SKIP
        """
        return Image(self.docker.images.get(name))

    @explained()
    def pull(self, name: str, *, platform: str = "", progress: Progress | None = None) -> Image:
        """Fetch an image from its registry; ``latest`` unless a tag is given.

        ``progress`` is told each of the engine's messages, in place of the line that shows how
        far it is when it takes long.

        >>> lab.pull("alpine")  # doctest: +SKIP
        """
        with telling(f"Pulling {name}", silent=progress is not None) as at:
            fetch(self.api, name, platform=platform, progress=progress or Pulled(at))
        return self.image(name)

    @explained()
    def tag(self, name: str, new_name: str) -> Image:
        """Give an image a further name."""
        reference = parse(new_name)
        self.api.tag(name, reference.repository, reference.tag)
        return self.image(new_name)

    @explained()
    def rmi(self, *names: str, force: bool = False) -> list[str]:
        """Remove names of images, and the images when their last name goes.

        Gives what happened as docker words it: ``Untagged: …``, ``Deleted: …``.
        """
        done: list[str] = []
        for name in names:
            for item in self.api.remove_image(name, force=force):
                done += [f"{what}: {which}" for what, which in item.items()]
        return done

    @explained()
    def history(self, name: str) -> Table[HistoryRecord]:
        """The steps that made an image, the last on top."""
        steps = [HistoryRecord.of(step) for step in self.api.history(name)]
        now = time.time()
        return Table(
            HISTORY, steps, lambda step: history_cells(step, now), caption=f"History of {name}"
        )

    @explained()
    def save(self, names: str | list[str], path: str | Path) -> Path:
        """Write images into a tar archive that ``load`` reads."""
        wanted = [names] if isinstance(names, str) else names
        target = Path(path)
        with target.open("wb") as file:
            for piece in saved(self.api, wanted):
                file.write(piece)
        return target

    @explained()
    def load(self, path: str | Path) -> list[str]:
        """Read images from a tar archive; gives their names."""
        with Path(path).open("rb") as file:
            texts = [str(m.get("stream", "")) for m in messages(self.api.load_image(file))]
        loaded = (text.partition(": ") for text in texts if text.startswith("Loaded image"))
        return [name.strip() for _, _, name in loaded]


def saved(api: Any, names: list[str]) -> Iterator[bytes]:
    """The archive of ``docker save``. docker-py's own call takes one image only."""
    response = request(api, "GET", "/images/get", params={"names": names})
    yield from response.iter_content(1 << 20)
