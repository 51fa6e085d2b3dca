"""Where a container's paths come from, by the note's own example and some odd ones."""

from __future__ import annotations

import pytest

from dockerlab.formats.filetree import Change, Entry, Kind, LayerTree
from dockerlab.formats.layers import LayerStack, stacked
from dockerlab.formats.mounts import Hidden, Mount, MountMap, mounts_of

APP = "/usr/src/app"
NUMBER = "f" * 64


def tree(**sizes: int) -> LayerTree:
    paths = {"/" + name.replace("__", "/"): size for name, size in sizes.items()}
    return LayerTree(tuple(Entry(path, "file", size=size) for path, size in paths.items()))


def image() -> LayerStack:
    base = LayerTree((Entry("/bin", "symlink", link="usr/bin"), Entry("/usr/bin/sh", "file")))
    steps = ("base", "/bin/sh -c npm install", "/bin/sh -c #(nop) COPY . .")
    trees = (
        base,
        tree(usr__src__app__node_modules__x=100, usr__src__app__node_modules__y=50),
        tree(**{"usr__src__app__server.js": 7}),
    )
    return stacked("app", "i", [{"created_by": step} for step in steps], trees)


BIND = Mount(APP, "bind", "/home/kim/app")
MODULES = Mount(f"{APP}/node_modules", "anonymous", NUMBER)
MAP = MountMap("web", image(), (BIND, MODULES), workdir=APP)


def test_a_bind_shadows_the_image_and_the_anonymous_volume_shows_again() -> None:
    served = MAP.origin("server.js")
    assert (served.kind, served.source) == ("bind", "/home/kim/app/server.js")
    assert [(one.kind, one.layer) for one in served.below] == [("layer", 3)]
    assert repr(served) == (
        "/usr/src/app/server.js: host folder or file /home/kim/app/server.js; "
        "hides: image layer 3 (COPY . .)"
    )
    module = MAP.origin(f"{APP}/node_modules/x")
    assert (module.kind, module.source) == ("anonymous", "x")
    assert [one.kind for one in module.below] == ["bind", "layer"]
    assert module.below[1].command == "RUN npm install"


def test_what_a_mount_hides() -> None:
    assert MAP.hidden(BIND) == (
        Hidden(f"{APP}/node_modules", 2, 150, 2, kept=True),
        Hidden(f"{APP}/server.js", 1, 7, 3),
    )
    assert [one.path for one in MAP.hidden(MODULES)] == [
        f"{APP}/node_modules/x",
        f"{APP}/node_modules/y",
    ]
    assert MAP.under(MODULES) == BIND
    assert MAP.under(BIND) is None


def test_a_file_mounted_over_a_file() -> None:
    mount = Mount(f"{APP}/server.js", "bind", "/home/kim/other.js", writable=False)
    made = MountMap("web", image(), (mount,))
    assert made.hidden(mount) == (Hidden(f"{APP}/server.js", 1, 7, 3),)
    assert made.origin(f"{APP}/server.js").source == "/home/kim/other.js"
    assert made.origin(f"{APP}/server.jsx").kind == "none"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/usr/bin/sh", "layer"),
        ("/bin/sh", "layer"),
        ("/", "layer"),
        ("/etc/hosts", "engine"),
        ("/proc/1", "engine"),
        ("/new", "container"),
        ("/usr/src/app/../../bin/sh", "layer"),
        ("../../../../../bin/sh", "layer"),
        ("/usr/src/app/gone", "none"),
        ("/nowhere", "none"),
        ("//usr//bin/sh", "layer"),
    ],
)
def test_other_origins(path: str, kind: str) -> None:
    changes = (Change("/new", Kind.ADDED), Change("/usr", Kind.MODIFIED))
    assert MountMap("web", image(), (), changes, APP).origin(path).kind == kind


def test_a_changed_and_a_removed_file_tell_what_they_hide() -> None:
    changes = (Change(f"{APP}/server.js", Kind.MODIFIED), Change("/usr/bin/sh", Kind.DELETED))
    made = MountMap("web", image(), (), changes)
    changed, removed = made.origin(f"{APP}/server.js"), made.origin("/usr/bin/sh")
    assert (changed.kind, changed.below[0].layer) == ("container", 3)
    assert (removed.kind, removed.below[0].layer) == ("none", 1)


def test_links_in_a_circle_end() -> None:
    loop = LayerTree((Entry("/a", "symlink", link="b"), Entry("/b", "symlink", link="/a")))
    made = MountMap("web", stacked("x", "i", [{}], [loop]))
    assert made.origin("/a/x").kind == "none"


def test_what_inspect_says() -> None:
    facts = {
        "Mounts": [
            {"Type": "bind", "Source": "/srv", "Destination": "/data/", "RW": False},
            {"Type": "volume", "Name": "kept", "Destination": "/kept", "RW": True},
            {"Type": "volume", "Name": NUMBER, "Destination": "/var/log", "RW": True},
            {"Type": "tmpfs", "Destination": "/run", "RW": True},
        ],
        "HostConfig": {"Tmpfs": {"/scratch": "ro,size=1m", "/run": ""}},
    }
    assert mounts_of(facts, {"/var/log/": {}}) == (
        Mount("/data", "bind", "/srv", writable=False),
        Mount("/kept", "volume", "kept"),
        Mount("/run", "tmpfs"),
        Mount("/scratch", "tmpfs", writable=False, size="1m"),
        Mount("/var/log", "anonymous", NUMBER, image=True),
    )
    assert mounts_of({}, {}) == ()
