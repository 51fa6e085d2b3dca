"""A mount map in sentences: where each path comes from, what it hides and why it shows again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dockerlab.formats.mounts import Hidden, Mount, MountMap, Origin
from dockerlab.formats.text import SHORT
from dockerlab.formats.text import size as human_size
from dockerlab.views.words import Words

MOST_NAMES, MOST_LISTED = 3, 8


def sentences(mounts: MountMap, words: Words) -> Iterator[str]:
    """The whole map, the root first, then each mount with what follows from it."""
    yield words(
        "mount.say.root",
        name=mounts.image.name,
        layers=layers(mounts, words),
        own=own(mounts, words),
    )
    if not mounts.mounts:
        yield words("mount.none")
    for mount in mounts.mounts:
        yield " ".join(_about(mounts, mount, words))


def _about(mounts: MountMap, mount: Mount, words: Words) -> Iterator[str]:
    access = words("mount.rw" if mount.writable else "mount.ro")
    yield words(f"mount.say.{mount.kind}", path=mount.path, source=short(mount), access=access)
    outer, hidden = mounts.under(mount), mounts.hidden(mount)
    if outer is not None:
        yield words("mount.say.covers", outer=outer.path)
    if not hidden:
        return
    if mount.kind in ("volume", "anonymous"):
        yield words(f"mount.say.filled.{mount.kind}", files=total(hidden, words))
        return
    yield words("mount.say.hides", names=named(hidden, words))
    if kept := _names(hidden, kept=True):
        yield words("mount.say.kept", names=kept)
    if mount.kind == "bind" and (lost := _names(hidden, kept=False)):
        yield words("mount.say.lost", names=lost)


def notes(mounts: MountMap, mount: Mount, words: Words) -> list[str]:
    """The same about one mount in few words, for the drawing."""
    said = [words("mount.by")] if mount.image else []
    outer, hidden = mounts.under(mount), mounts.hidden(mount)
    if outer is not None:
        said.append(words("mount.covers", path=mount.path[len(outer.path.rstrip("/")) + 1 :]))
    if hidden and mount.kind in ("volume", "anonymous"):
        said.append(words(f"mount.filled.{mount.kind}", files=total(hidden, words)))
    elif hidden:
        said.append(words("mount.hides", names=named(hidden, words)))
        kept = _names(hidden, kept=True)
        said += [words("mount.again", names=kept)] if kept else []
    return said


def _names(hidden: Sequence[Hidden], *, kept: bool) -> str:
    found = [base(one.path) for one in hidden if one.kept is kept]
    return ", ".join([*found[:MOST_LISTED], *(["…"] if found[MOST_LISTED:] else [])])


def layers(mounts: MountMap, words: Words) -> str:
    count = sum(not layer.empty for layer in mounts.image.layers)
    return words("mount.image.layers", n=count)


def own(mounts: MountMap, words: Words) -> str:
    """The container's own layer on top of the image."""
    if mounts.read_only:
        return words("mount.own.fixed")
    count = len(mounts.changes)
    return words("mount.own", n=count) if count else words("mount.own.none")


def named(hidden: Sequence[Hidden], words: Words) -> str:
    """``node_modules (68 files, 2MB, layer 4), index.js (…), 2 more``"""
    said = [_group(one, words) for one in hidden[:MOST_NAMES]]
    if len(hidden) > MOST_NAMES:
        said.append(words("mount.more", n=len(hidden) - MOST_NAMES))
    return ", ".join(said)


def total(hidden: Sequence[Hidden], words: Words) -> str:
    """All of it: ``68 files, 2MB, layer 4``"""
    files = sum(one.files for one in hidden)
    return words(
        "mount.sum.one" if files == 1 else "mount.sum",
        files=files,
        size=human_size(sum(one.size for one in hidden)),
        layers=", ".join(map(str, sorted({one.layer for one in hidden}))),
    )


def _group(one: Hidden, words: Words) -> str:
    return words(
        "mount.single" if one.files == 1 else "mount.group",
        name=base(one.path),
        files=one.files,
        size=human_size(one.size),
        layer=one.layer,
    )


def base(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2] or "/"


def short(mount: Mount) -> str:
    """The source, a volume's long number cut as docker cuts ids."""
    return mount.source[:SHORT] if mount.kind == "anonymous" else mount.source


def origin_text(origin: Origin, words: Words) -> str:
    """The answer to "where does this path come from?" """
    said = f"{origin.path} ← {_place(origin, words)}"
    if not origin.below:
        return said
    below = " ← ".join(_place(one, words) for one in origin.below)
    return f"{said}; {words('mount.is.below', all=below)}"


def _place(origin: Origin, words: Words) -> str:
    return words(
        f"mount.is.{origin.kind}",
        layer=origin.layer,
        command=origin.command,
        source=origin.source,
        volume=short(origin.mount) if origin.mount else "",
    )
