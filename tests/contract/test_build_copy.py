"""COPY and ADD: what comes where, of what mode and owner; what .dockerignore keeps out."""

from __future__ import annotations

import stat
import tarfile
from collections.abc import Iterator

import pytest
from buildlab import Builder, Built, Entry, context, folder, link
from buildsite import Site, serving


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as started:
        yield started


TREE = {
    "d/": folder(),
    "d/x": "x",
    "d/e/": folder(0o700),
    "d/e/y": Entry(b"y", 0o640),
    "d/l": link("x"),
    "a.t": "a",
    "b.t": "b",
    "c.u": "c",
}


def names(build: Builder, built: Built, path: str = "/o") -> list[str]:
    """Names at and below the path, folders with a slash; the path itself left out."""
    found = build.tree(built, path)
    top = path.rsplit("/", 1)[-1] + "/"
    return sorted(
        name.removeprefix(top) + ("/" if member.isdir() else "")
        for name, member in found.items()
        if name.rstrip("/") + "/" != top
    )


COPIES: list[tuple[str, list[str]]] = [
    ("COPY a.t /o/", ["a.t"]),
    ("COPY a.t /o/z", ["z"]),
    ("COPY a.t b.t /o/", ["a.t", "b.t"]),
    ("COPY *.t /o/", ["a.t", "b.t"]),
    ("COPY [ab].? /o/", ["a.t", "b.t"]),
    ("COPY ?.u *.t /o/", ["a.t", "b.t", "c.u"]),
    ("COPY d /o", ["e/", "e/y", "l", "x"]),
    ("COPY d/ /o/", ["e/", "e/y", "l", "x"]),
    ("COPY d /o/d", ["d/", "d/e/", "d/e/y", "d/l", "d/x"]),
    ("COPY d/e a.t /o/", ["a.t", "y"]),
    ("COPY d/* /o/", ["l", "x", "y"]),
    ("COPY /a.t /o/", ["a.t"]),
    ("COPY ./d/../a.t /o/", ["a.t"]),
    ("COPY d/l /o/", ["l"]),
    ('COPY ["a.t", "b.t", "/o/"]', ["a.t", "b.t"]),
    ("WORKDIR /o\nCOPY a.t .", ["a.t"]),
    ("WORKDIR /o\nCOPY a.t z", ["z"]),
    ("WORKDIR /\nCOPY a.t o/", ["a.t"]),
    ("ENV N=a T=/o\nCOPY ${N}.t $T/$N", ["a"]),
    ("ADD a.t d /o/", ["a.t", "e/", "e/y", "l", "x"]),
    ("COPY a.t /o/p/q/r", ["p/", "p/q/", "p/q/r"]),
]


@pytest.mark.parametrize(("lines", "expected"), COPIES, ids=[c[0] for c in COPIES])
def test_what_comes_where(build: Builder, lines: str, expected: list[str]) -> None:
    assert names(build, build(f"FROM busybox\n{lines}", TREE)) == expected


def test_modes_links_and_times_are_kept(build: Builder) -> None:
    found = build.tree(build("FROM busybox\nCOPY d /o", TREE), "/o")
    assert stat.S_IMODE(found["o/e"].mode) == 0o700
    assert stat.S_IMODE(found["o/e/y"].mode) == 0o640
    assert found["o/e/y"].mtime == 1_500_000_000
    assert found["o/l"].linkname == "x"


def test_owners_are_root(build: Builder) -> None:
    """Whoever owned the files of the context, and whoever USER is."""
    files = {"a": Entry(b"a", uid=1000, gid=1000)}
    built = build("FROM busybox\nUSER 7:8\nCOPY a /o/", files)
    assert build.owners(built) == {"o": (0, 0), "o/a": (0, 0)}


OWNERS = [("5:6", 5, 6), ("5", 5, 5), ("nobody", 65534, 65534), ("root:5", 0, 5)]


@pytest.mark.parametrize(("words", "uid", "gid"), OWNERS)
def test_owners_asked_for(build: Builder, words: str, uid: int, gid: int) -> None:
    dockerfile = (
        "FROM busybox\nRUN echo nobody:x:65534:65534::/:/bin/sh >> /etc/passwd;"
        " echo nobody:x:65534: >> /etc/group\n"
        f"COPY --chown={words} d /o\nADD --chown={words} a.t /o/"
    )
    built = build(dockerfile, TREE)
    owners = {**build.owners(built, -2), "o/a.t": build.owners(built)["o/a.t"]}
    assert {"o", "o/e/y", "o/l"} <= set(owners)
    assert set(owners.values()) == {(uid, gid)}


def test_an_unknown_owner(build: Builder) -> None:
    built = build("FROM busybox\nCOPY --chown=nosuch a.t /o", TREE)
    assert "can't find uid for user nosuch: no such user: nosuch" in built.error


def test_a_file_takes_the_place_of_a_file(build: Builder) -> None:
    built = build("FROM busybox\nCOPY a.t /o\nCOPY b.t /o", TREE)
    assert build.read(built, "/o") == b"b"


def test_a_folder_is_merged(build: Builder) -> None:
    built = build("FROM busybox\nRUN mkdir /o; echo 1 >/o/x; echo 2 >/o/z\nCOPY d /o", TREE)
    assert names(build, built) == ["e/", "e/y", "l", "x", "z"]
    assert build.read(built, "/o/x") == b"x"


def test_a_link_in_the_image_is_followed(build: Builder) -> None:
    built = build("FROM busybox\nRUN mkdir /real; ln -s /real /o\nCOPY a.t /o/\nCOPY d /o", TREE)
    assert build.read(built, "/real/a.t") == b"a"
    assert build.tree(built, "/o")["o"].issym()


ARCHIVES = ["", "gz", "bz2", "xz"]


@pytest.mark.parametrize("compression", ARCHIVES)
def test_add_unpacks_archives(build: Builder, compression: str) -> None:
    packed = context(
        {"p/": folder(0o750), "p/q": Entry(b"q", 0o601, uid=3, gid=4)}, compression=compression
    )
    built = build("FROM busybox\nADD x /o/\nCOPY x /packed", {"x": packed})
    found = build.tree(built, "/o")
    assert sorted(found) == ["o", "o/p", "o/p/q"]
    assert stat.S_IMODE(found["o/p/q"].mode) == 0o601
    assert build.owners(built, -2)["o/p/q"] == (3, 4)
    assert build.read(built, "/packed") == packed


def test_add_does_not_unpack_what_only_looks_so(build: Builder) -> None:
    built = build("FROM busybox\nADD x.tar /o/", {"x.tar": "no archive"})
    assert build.read(built, "/o/x.tar") == b"no archive"


def test_add_from_an_address(build: Builder, site: Site) -> None:
    site.files |= {"/f": Entry(b"text", mtime=1_400_000_000), "/x.tar": context({"y": "y"})}
    built = build(
        f"FROM busybox\nADD {site.url}/f /o/\nADD {site.url}/x.tar /o/\nADD {site.url}/f /n"
    )
    found = build.tree(built, "/o")
    assert stat.S_IMODE(found["o/f"].mode) == 0o600
    assert found["o/f"].mtime == 1_400_000_000
    assert "o/x.tar" in found
    assert build.read(built, "/n") == b"text"


def test_add_from_an_address_without_a_name(build: Builder, site: Site) -> None:
    site.files["/"] = "index"
    assert "cannot determine filename" in build(f"FROM busybox\nADD {site.url}/ /o/").error


def test_add_from_an_address_that_is_not_there(build: Builder, site: Site) -> None:
    error = build(f"FROM busybox\nADD {site.url}/nosuch /o").error
    assert error.startswith("ADD failed: failed to GET ")
    assert "404" in error


def test_progress_of_a_download(build: Builder, site: Site) -> None:
    site.files["/big"] = b"x" * 2_000_000
    built = build(f"FROM busybox\nADD {site.url}/big /o")
    assert any(record.get("status") == "Downloading" for record in built.records)


MISSING = (
    "file not found in build context or excluded by .dockerignore: stat nosuch: file does not exist"
)
SEVERAL = (
    "When using COPY with more than one source file,"
    " the destination must be a directory and end with a /"
)
REFUSALS = [
    ("COPY nosuch /o", f"COPY failed: {MISSING}"),
    ("ADD nosuch /o", f"ADD failed: {MISSING}"),
    ("COPY *.nosuch /o", "COPY failed: no source files were specified"),
    ("COPY ../x /o", "COPY failed: forbidden path outside the build context: ../x ()"),
    ("COPY d/../../x /o", "COPY failed: forbidden path outside the build context: d/../../x ()"),
    ("COPY a.t b.t /o", SEVERAL),
    ("COPY *.t /o", SEVERAL),
    ("COPY a.t /bin/busybox/x", ""),
]


@pytest.mark.parametrize(("line", "error"), REFUSALS, ids=[r[0] for r in REFUSALS])
def test_what_cannot_be_copied(build: Builder, line: str, error: str) -> None:
    built = build(f"FROM busybox\n{line}", TREE)
    assert built.error.startswith(error)
    assert built.error
    assert built.pattern == "Fx" or built.status == 400


IGNORES: list[tuple[str, list[str]]] = [
    ("Dockerfile\n", [".dockerignore"]),
    ("Dockerfile\n.dockerignore", []),
    (".*\nDocker*", []),
    ("*\n!Dockerfile", ["Dockerfile"]),
    ("# Dockerfile", [".dockerignore", "Dockerfile"]),
]


@pytest.mark.parametrize(("ignore", "left"), IGNORES)
def test_the_engine_takes_out_its_own_files_only(
    build: Builder, ignore: str, left: list[str]
) -> None:
    """The rest of .dockerignore is the client's work: what was sent, was meant to be sent."""
    built = build("FROM busybox\nCOPY . /o", {"a": "a", ".dockerignore": ignore})
    assert names(build, built) == [*left, "a"]


def test_empty_folders_are_copied(build: Builder) -> None:
    assert names(build, build("FROM busybox\nCOPY d /o", {"d/": folder(), "d/e/": folder()})) == [
        "e/"
    ]


def test_names_that_are_hard_to_write(build: Builder) -> None:
    files = {"a b": "1", "ü": "2", "[x]": "3", "-n": "4"}
    lines = 'COPY ["a b", "ü", "-n", "/o/"]\nCOPY [[]x] /o/'
    assert names(build, build(f"FROM busybox\n{lines}", files)) == ["-n", "[x]", "a b", "ü"]


def test_hard_links_stay_files(build: Builder) -> None:
    hard = Entry(link="d/x", kind=tarfile.LNKTYPE)
    built = build("FROM busybox\nCOPY d /o", {"d/": folder(), "d/x": "x", "d/y": hard})
    assert build.run(built, "cat", "/o/x", "/o/y") == "xx"
