"""The course's images: in the engine that is used, and kept in the cache."""

from __future__ import annotations

from collections.abc import Iterator

from dockerlab.cli.doctor.check import Check
from dockerlab.cli.doctor.machine import Machine
from dockerlab.formats.text import size


def check_images(machine: Machine) -> Iterator[Check]:
    """Whether they are in the engine; starts none for it."""
    key, name = "images", "course images"
    if not (url := _engine(machine)):
        yield Check(key, name, "note", "not looked at: no engine runs yet")
        return
    try:
        states = _states(url)
    except Exception as error:  # docker-py missing, an engine that answers nonsense, …
        says = f"the engine cannot be asked for them: {str(error).splitlines()[0]}"
        yield Check(key, name, "warning", says, "the lines above say what is wrong with it")
        return
    missing = [image for image, state in states.items() if state == "missing"]
    if missing:
        says = f"missing: {', '.join(missing)}"
        yield Check(key, name, "warning", says, "dockerlab images prepare", states)
    else:
        standins = list(states.values()).count("stand-in")
        says = f"all {len(states)} are there" + (f", {standins} as stand-ins" if standins else "")
        yield Check(key, name, "ok", says, "", states)


def _engine(machine: Machine) -> str:
    chosen, _ = machine.search()
    if chosen is None or machine.uses_embedded:
        return machine.embedded.url if machine.status.running else ""
    return chosen.place.url


def _states(url: str) -> dict[str, str]:
    from dockerlab.client.connect import connect
    from dockerlab.course.catalog import CATALOG
    from dockerlab.course.presence import Presence

    lab = connect(url, quiet=True)
    try:
        present = Presence(lab.api)
        return {name: present.state(image) for name, image in CATALOG.items()}
    finally:
        lab.close()


def check_cache(_machine: Machine) -> Iterator[Check]:
    """Whether kept stand-ins are still what they were; damaged ones are made anew by themselves."""
    from dockerlab.course.cache import Cache, file_digest

    try:
        cache = Cache()
        kept = sorted((cache.root / "images").glob("*.tar"))
    except (RuntimeError, OSError):  # no home, or not ours: other checks tell of that
        return
    damaged = [
        path.stem
        for path in kept
        if file_digest(path) != cache.read_json(path.with_suffix(".json")).get("sha256")
    ]
    where = f"{len(kept)} images kept at {cache.root}"
    total = size(sum(path.stat().st_size for path in kept))
    if damaged:
        says = f"{where}, of which damaged: {', '.join(damaged)}"
        remedy = "dockerlab images prepare makes those anew where the engine lacks them"
        yield Check("cache", "cache", "warning", says, remedy)
    elif kept:
        yield Check("cache", "cache", "ok", f"{where} ({total}), all whole")
    else:
        yield Check("cache", "cache", "note", f"nothing is kept at {cache.root} yet")
