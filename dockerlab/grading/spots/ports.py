"""Misconceptions about published ports and mounted folders.

no_port("ex4-web")
wrong_port("ex4-web", inside=8080, outside=5401)
bind_hides("ex4-live", "/usr/src/app", "node_modules")
"""

from __future__ import annotations

import posixpath

from dockerlab.formats.mounts import mounts_of
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.looking.facts import container_facts, image_facts
from dockerlab.grading.claims.networks.ports import HERE, asked, doors
from dockerlab.grading.exercise import Spot

Seen = dict[str, object] | None


def no_port(container: str) -> Spot:
    """There is a container, and no port of the host leads to it."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, container)
        wanted = ((facts or {}).get("HostConfig") or {}).get("PortBindings")
        return {"container": container} if facts is not None and not wanted else None

    return Spot("no-port", see)


def wrong_port(container: str, *, inside: int, outside: int) -> Spot:
    """The door leads to a port at which the program does not wait."""

    def see(bench: Bench) -> Seen:
        open_ = doors(container_facts(bench, container) or {})
        if not open_ or any(one.port == inside for one in open_) or swapped(bench):
            return None
        return {"there": open_[0].port, "inside": inside, "outside": outside}

    def swapped(bench: Bench) -> bool:
        return swapped_ports(container, inside=inside, outside=outside).see(bench) is not None

    return Spot("wrong-port", see)


def swapped_ports(container: str, *, inside: int, outside: int) -> Spot:
    """``-p`` was given the container's port first."""

    def see(bench: Bench) -> Seen:
        open_ = doors(container_facts(bench, container) or {})
        turned = any((one.port, one.host_port) == (outside, inside) for one in open_)
        return {"inside": inside, "outside": outside} if turned else None

    return Spot("swapped-ports", see)


def everywhere(container: str) -> Spot:
    """The door is open to every machine that reaches this one."""

    def see(bench: Bench) -> Seen:
        open_ = asked(container_facts(bench, container) or {})
        wide = next((one for one in open_ if one.host not in HERE), None)
        return {"outside": wide.host_port} if wide else None

    return Spot("everywhere", see)


def exposed_only(container: str, number: int) -> Spot:
    """The image EXPOSEs the port, which opens nothing."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, container) or {}
        named = f"{number}/tcp" in ((facts.get("Config") or {}).get("ExposedPorts") or {})
        return {"port": number} if named and not doors(facts) else None

    return Spot("expose-is-no-door", see)


def bind_hides(container: str, folder: str, hidden: str = "node_modules") -> Spot:
    """The learner's folder lies over the app's, and what was installed there is covered.

    Called ``bind-hides-node_modules`` and so on, an underscore written as a dash.
    """

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, container)
        mounts = mounts_of(facts, {}) if facts else ()
        covered = any(one.kind == "bind" and one.path == folder for one in mounts)
        kept = any(one.path == posixpath.join(folder, hidden) for one in mounts)
        return {"folder": folder, "hidden": hidden} if covered and not kept else None

    return Spot(f"bind-hides-{hidden.replace('_', '-')}", see)


def no_bind(container: str, folder: str) -> Spot:
    """Nothing of the learner's machine is mounted there: the container has a copy only."""

    def see(bench: Bench) -> Seen:
        facts = container_facts(bench, container)
        if facts is None:
            return None
        bound = any(one.kind == "bind" and one.path == folder for one in mounts_of(facts, {}))
        return None if bound else {"folder": folder}

    return Spot("no-bind", see)


def old_container(container: str, image: str) -> Spot:
    """The name was built anew, and the container still is one of the image before."""

    def see(bench: Bench) -> Seen:
        facts, now = container_facts(bench, container), image_facts(bench, image)
        if facts is None or now is None or facts["Image"] == now["Id"]:
            return None
        return {"container": container, "image": image}

    return Spot("old-container", see)
