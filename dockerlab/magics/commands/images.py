"""Commands on images: their list, names, history and removal."""

from __future__ import annotations

import time

from dockerlab.client.explain import explained
from dockerlab.client.images import image_rows
from dockerlab.errors import CommandError, EngineRefused
from dockerlab.formats.reference import has_tag, parse
from dockerlab.formats.resources import HistoryRecord, ImageRecord
from dockerlab.formats.text import age, ellipsis, short_id, size
from dockerlab.magics.invocation import Commands, Invocation
from dockerlab.magics.listing import Row, show
from dockerlab.magics.pulling import pull as fetch

_IMAGES = [
    ("REPOSITORY", "Repository"),
    ("TAG", "Tag"),
    ("IMAGE ID", "ID"),
    ("CREATED", "CreatedSince"),
    ("SIZE", "Size"),
]
_HISTORY = [
    ("IMAGE", "ID"),
    ("CREATED", "CreatedSince"),
    ("CREATED BY", "CreatedBy"),
    ("SIZE", "Size"),
    ("COMMENT", "Comment"),
]


def images(call: Invocation) -> int:
    """One line for each name of each image."""
    command = call.command
    filters = call.filters()
    if call.words:
        filters["reference"] = [*filters.get("reference", []), *call.words]
    found = call.api.images(all=command.on("all"), filters=filters)
    records = [ImageRecord.of(item) for item in found]
    named = image_rows(records)
    rows = [_row(name, tag, record, command.on("no-trunc")) for name, tag, record in named]
    shown = [*_IMAGES[:2], ("DIGEST", "Digest"), *_IMAGES[2:]]
    return show(call, shown if command.on("digests") else _IMAGES, rows, quiet="ID")


def _row(name: str, tag: str, record: ImageRecord, whole: bool) -> Row:
    digest = next((d.partition("@")[2] for d in record.digests if d.startswith(name + "@")), "")
    return {
        "Repository": name,
        "Tag": tag,
        "Digest": digest or "<none>",
        "ID": record.id if whole else short_id(record.id),
        "CreatedSince": age(record.created, time.time()),
        "CreatedAt": time.strftime("%Y-%m-%d %H:%M:%S %z %Z", time.localtime(record.created)),
        "Size": size(record.size),
        "Containers": "N/A" if record.containers < 0 else str(record.containers),
    }


def pull(call: Invocation) -> int:
    """Fetch an image, showing its layers."""
    name = call.words[0]
    if call.command.on("all-tags"):
        raise CommandError("--all-tags is not supported here", "pull the tags that you need")
    reference = parse(name)
    quiet = call.command.on("quiet")
    if not has_tag(name) and not quiet:
        call.output.line(f"Using default tag: {reference.tag}")
    write = (lambda text: None) if quiet else call.output.text
    fetch(call.api, name, write, platform=call.command.text("platform"))
    call.output.line(reference.canonical)
    return 0


def push(call: Invocation) -> int:
    """Send an image to its registry."""
    reference = parse(call.words[0])
    for message in call.api.push(reference.repository, reference.tag, stream=True, decode=True):
        if "error" in message:
            raise EngineRefused(str(message["error"]), "docker login first, if it is yours")
        if message.get("status") and "progressDetail" not in message:
            layer = f"{message['id']}: " if message.get("id") else ""
            call.output.line(f"{layer}{message['status']}")
    return 0


def tag(call: Invocation) -> int:
    """A further name for an image."""
    reference = parse(call.words[1])
    call.api.tag(call.words[0], reference.repository, reference.tag)
    return 0


def rmi(call: Invocation) -> int:
    """Remove names, and images when their last name goes."""
    code = 0
    for name in call.words:
        try:
            with explained():
                done = call.api.remove_image(
                    name, force=call.command.on("force"), noprune=call.command.on("no-prune")
                )
        except EngineRefused as error:
            call.refused(error)
            code = 1
            continue
        for item in done:
            for what, which in item.items():
                call.output.line(f"{what}: {which}")
    return code


def history(call: Invocation) -> int:
    """The steps that made an image, the last on top."""
    whole = call.command.on("no-trunc")
    now = time.time()
    human = call.command.get("human", True)
    rows: list[Row] = []
    for step in map(HistoryRecord.of, call.api.history(call.words[0])):
        made_by = step.created_by.replace("\t", " ")
        rows.append(
            {
                "ID": step.id if whole else short_id(step.id),
                "CreatedSince": age(step.created, now),
                "CreatedAt": _iso(step.created),
                "CreatedBy": made_by if whole else ellipsis(made_by, 45),
                "Size": size(step.size) if human else str(step.size),
                "Comment": step.comment,
            }
        )
    shown = _HISTORY if human else [(h, "CreatedAt" if h == "CREATED" else f) for h, f in _HISTORY]
    return show(call, shown, rows, quiet="ID")


def _iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(seconds))


def prune(call: Invocation) -> int:
    """Nameless images, with ``-a`` all that no container uses."""
    filters = {"dangling": [str(not call.command.on("all")).lower()], **call.filters()}
    answer = call.api.prune_images(filters)
    items = answer.get("ImagesDeleted") or ()
    if items:
        lines = [f"{what.lower()}: {which}" for item in items for what, which in item.items()]
        call.output.line("Deleted Images:\n" + "\n".join(lines) + "\n")
    call.output.line(f"Total reclaimed space: {size(answer.get('SpaceReclaimed') or 0, 4)}")
    return 0


def search(call: Invocation) -> int:
    """What Docker Hub has under a word; asks the engine, which asks the Hub."""
    found = call.api.search(call.words[0], limit=call.command.get("limit"))
    rows = [
        {
            "Name": str(item.get("name", "")),
            "Description": ellipsis(str(item.get("description", "")).replace("\n", " "), 45),
            "StarCount": str(item.get("star_count", 0)),
            "IsOfficial": "[OK]" if item.get("is_official") else "",
        }
        for item in found
    ]
    shown = [
        ("NAME", "Name"),
        ("DESCRIPTION", "Description"),
        ("STARS", "StarCount"),
        ("OFFICIAL", "IsOfficial"),
    ]
    return show(call, shown, rows)


COMMANDS: Commands = {
    "images": images,
    "pull": pull,
    "push": push,
    "tag": tag,
    "rmi": rmi,
    "history": history,
    "image prune": prune,
    "search": search,
}
