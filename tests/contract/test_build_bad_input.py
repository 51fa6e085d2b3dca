"""Bad Dockerfiles and hostile contexts: a clear error, and nothing left behind."""

from __future__ import annotations

import tarfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from buildlab import Builder, Built, Entry, context, folder, link
from buildsite import Site, serving
from docker.client import DockerClient
from engines import Engine


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving() as started:
        yield started


@pytest.fixture(scope="module")
def _used(session_client: DockerClient, images: None) -> None:
    """The engine has worked once, so that its own files are all there."""
    box = session_client.containers.run(
        "busybox", "true", detach=True, name=f"dltest-{uuid.uuid4().hex}"
    )
    box.wait()
    b"".join(box.get_archive("/etc")[0])
    box.remove()


@pytest.fixture(autouse=True)
def _nothing_left(_used: None, build: Builder, engine: Engine) -> Iterator[None]:
    """What there was in the engine before, and no more, is there after a refused build."""
    before = state(build, engine)
    yield
    build.clear()
    if engine.embedded:  # others use a Docker Engine at the same time
        assert state(build, engine) == before


def state(build: Builder, engine: Engine) -> dict[str, object]:
    api = build.client.api
    return {
        "containers": {row["Id"] for row in api.containers(all=True)},
        "volumes": {volume["Name"] for volume in api.volumes()["Volumes"] or []},
        "images": {row["Id"] for row in api.images(all=True)},
        "files": temporary(engine.root),
    }


def temporary(root: Path | None) -> set[str]:
    """Files of the engine's that are neither a record nor content."""
    if root is None:
        return set()
    places = [root / "run", root / "blobs" / "ingest"]
    found = {str(path) for place in places if place.exists() for path in place.rglob("*")}
    # The engine's own: the first container makes them, and they stay.
    own = (".sock", ".pid", "/views", "/world.json")
    return {path for path in found if "spare" not in path and not path.endswith(own)}


def embedded_tells(built: Built, engine: Engine, *words: str) -> None:
    """The embedded engine's error holds these, wherever it stands."""
    if engine.embedded:
        told = f"{built.error} {built.advice}"
        assert [word for word in words if word not in told] == [], told


DOCKERFILES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "the Dockerfile (Dockerfile) cannot be empty"),
    ("blank", b"\n \n\t\n", "file with no instructions"),
    ("comments", b"# nothing\n# at all", "file with no instructions"),
    ("byte order mark", b"\xef\xbb\xbf", ""),
    ("binary", bytes(range(256)) * 20, ""),
    ("NUL", b"FROM busy\0box\n", ""),
    ("NUL in RUN", b"FROM busybox\nRUN echo a\0b\n", ""),
    ("unknown", b"FROM busybox\nRNU x", "dockerfile parse error line 2: unknown instruction: RNU"),
    ("no FROM", b"RUN true", "no build stage in current context"),
    ("two froms in one", b"FROM a b c", "FROM requires either one or three arguments"),
    ("bad stage name", b"FROM busybox AS 1x", "invalid name for build stage"),
    ("stage twice", b"FROM busybox AS a\nFROM busybox AS a", ""),
    ("circular", b"FROM y AS x\nFROM x AS y", ""),
    ("own stage", b"FROM busybox AS a\nCOPY --from=a /x /y", ""),
    ("own number", b"FROM busybox\nCOPY --from=0 /x /y", ""),
    ("later number", b"FROM busybox\nCOPY --from=1 /x /y\nFROM busybox", ""),
    ("COPY nothing", b"FROM busybox\nCOPY a", "COPY requires at least two arguments"),
    ("bad port", b"FROM busybox\nEXPOSE 70000", "Invalid containerPort: 70000"),
    ("port in words", b"FROM busybox\nEXPOSE x", "Invalid containerPort: x"),
    ("bad flag", b"FROM busybox\nCOPY --nosuch=1 a b", "nosuch"),
    ("bad variable", b"FROM busybox\nENV A=${B", ""),
    ("bad modifier", b"FROM busybox\nENV A=${B!x}", ""),
    ("open quote", b"FROM busybox\nENV A='b", ""),
    ("ENV nothing", b"FROM busybox\nENV A", "ENV must have two arguments"),
    ("bad check", b"FROM busybox\nHEALTHCHECK --interval=x CMD y", "invalid duration"),
    ("short check", b"FROM busybox\nHEALTHCHECK --interval=1us CMD y", "cannot be less than 1ms"),
    ("bad signal", b"FROM busybox\nSTOPSIGNAL NOSUCH", ""),
    ("bad shell", b"FROM busybox\nSHELL x", "SHELL requires the arguments to be in JSON form"),
    ("bad escape", b"# escape=x\nFROM busybox", "invalid escape token 'x' does not match ` or \\"),
    ("escape twice", b"# escape=\\\n# escape=\\\nFROM busybox", "escape parser directive"),
    ("bad base", b"FROM UPPER/case", ""),
]


@pytest.mark.parametrize(
    ("text", "error"), [d[1:] for d in DOCKERFILES], ids=[d[0] for d in DOCKERFILES]
)
def test_bad_dockerfiles(build: Builder, engine: Engine, text: bytes, error: str) -> None:
    built = build(text, {"a": "a"})
    assert built.error
    assert error in built.error
    assert built.image == ""
    assert built.status in (200, 400, 500)
    assert len(built.error) < 2000


def test_dots_in_a_target_stay_in_the_image(build: Builder) -> None:
    built = build("FROM busybox\nLABEL x=@@\nCOPY a ../../../../x", {"a": "a"})
    assert build.read(built, "/x") == b"a"


def test_a_dockerfile_of_ten_megabytes(build: Builder) -> None:
    """Of comments: it builds, or says that it is too large; soon in either case."""
    built = build((b"# " + b"x" * 60 + b"\n") * 160_001 + b"FROM busybox")
    assert built.image or "10080075 bytes" in built.error


def test_a_line_of_ten_megabytes(build: Builder) -> None:
    built = build(b"FROM busybox\nLABEL a=@@ b=" + b"x" * 10_000_000)
    assert built.error
    assert len(built.error) < 2000


def test_very_many_steps(build: Builder, engine: Engine) -> None:
    if not engine.embedded:
        pytest.skip("minutes of work for a Docker Engine that others use")
    built = build("FROM busybox\n" + "LABEL a=@@\n" * 300)
    assert built.image or built.error


CONTEXTS: list[tuple[str, dict[str, Entry | str], str, str]] = [
    ("a missing source", {}, "COPY nosuch /o", "file not found in build context"),
    ("out by dots", {}, "COPY ../x /o", "forbidden path outside the build context"),
    ("a link out", {"l": link("/etc/passwd")}, "COPY l/x /o", ""),
    ("a link by dots", {"l": link("../../../../etc/passwd")}, "COPY l/x /o", ""),
    ("a folder by a link", {"l": link("/etc")}, "COPY l/passwd /o", ""),
    ("a circle of links", {"l": link("m"), "m": link("l")}, "COPY l/x /o", ""),
]


@pytest.mark.parametrize(
    ("files", "line", "error"), [c[1:] for c in CONTEXTS], ids=[c[0] for c in CONTEXTS]
)
def test_sources_that_are_not_there(
    build: Builder, engine: Engine, files: dict[str, Entry | str], line: str, error: str
) -> None:
    built = build(f"FROM busybox\nENV A=1\n{line}", files)
    assert error in built.error
    assert built.error
    embedded_tells(built, engine, "ine 3")


@pytest.mark.parametrize("target", ["/etc/hostname", "../../../../../../etc/hostname"])
def test_a_link_out_of_the_context_brings_no_file_of_the_host(build: Builder, target: str) -> None:
    """A link is copied as a link, or refused; its target's content never comes."""
    built = build("FROM busybox\nLABEL x=@@\nCOPY l /o/l", {"l": link(target)})
    if built.image:
        found = build.tree(built, "/o")
        assert found["o/l"].issym() or found["o/l"].size == 0


HOSTILE: list[tuple[str, dict[str, Entry | str]]] = [
    ("dots", {"../../../../{out}": "escaped"}),
    ("absolute", {"{out}": "escaped"}),
    ("through a link", {"way": link("{folder}"), "way/outside": "escaped"}),
    ("through a dotted link", {"way": link("../../../../../..{folder}"), "way/outside": "escaped"}),
    ("hard link", {"h": Entry(link="{victim}", kind=tarfile.LNKTYPE), "h2": "x"}),
    ("hard link written", {"h": Entry(link="{victim}", kind=tarfile.LNKTYPE), "./h": "escaped"}),
    ("device", {"null": Entry(kind=tarfile.CHRTYPE)}),
    ("block device", {"disk": Entry(kind=tarfile.BLKTYPE)}),
    ("fifo", {"pipe": Entry(kind=tarfile.FIFOTYPE)}),
    ("file under a file", {"f": "x", "f/g": "y"}),
    ("long name", {"n" * 300: "x"}),
    ("deep", {"/".join("d" * 600): "x"}),
    ("same twice", {"f": "1", "./f": "2"}),
]


@pytest.mark.parametrize("files", [h[1] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_hostile_contexts_stay_inside(
    build: Builder, engine: Engine, files: dict[str, Entry | str]
) -> None:
    place = engine.shared_folder()
    victim = place / "victim"
    victim.write_text("untouched")
    facts = {"out": str(place / "outside"), "folder": str(place), "victim": str(victim)}
    members = {path.format(**facts): filled(entry, facts) for path, entry in files.items()}
    members["Dockerfile"] = build.marked("FROM busybox\nLABEL x=@@\nCOPY . /o").decode()
    built = build.send(context(members))
    assert built.image or built.error
    assert not (place / "outside").exists()
    assert victim.read_text() == "untouched"
    if built.image:
        listing = build.run(built, "sh", "-c", "cat /o/h 2>/dev/null; true")
        assert "untouched" not in listing


def filled(entry: Entry | str, facts: dict[str, str]) -> Entry | str:
    if isinstance(entry, str) or not entry.link:
        return entry
    return Entry(entry.content, entry.mode, entry.link.format(**facts), entry.kind)


def test_a_context_that_claims_a_huge_file(build: Builder) -> None:
    """The header promises more than comes."""
    big = tarfile.TarInfo("big")
    big.size = 1 << 40
    built = build.send(big.tobuf() + context({"Dockerfile": "FROM busybox"}))
    assert built.status in (400, 500)
    assert built.error


def test_a_sparse_file(build: Builder, engine: Engine) -> None:
    """A few bytes of archive that mean a terabyte are refused, or stay what they are: nothing."""
    if not engine.embedded:
        pytest.skip("would fill the disk of a Docker Engine that others use")
    built = build.send(sparse() + context({"Dockerfile": "FROM busybox\nCOPY . /o"}))
    assert built.error


def sparse() -> bytes:
    """A member in GNU's sparse format, version 0.1: a size of 1 TiB, no data."""
    header = tarfile.TarInfo("sparse")
    header.pax_headers = {
        "GNU.sparse.size": str(1 << 40),
        "GNU.sparse.numblocks": "1",
        "GNU.sparse.map": f"{1 << 40},0",
    }
    return header.tobuf(tarfile.PAX_FORMAT)


def test_an_archive_that_unpacks_outside(build: Builder, engine: Engine) -> None:
    place = engine.shared_folder()
    packed = context(
        {f"../../../../../..{place}/outside": "x", "way": link(str(place)), "way/in": "x"}
    )
    built = build("FROM busybox\nLABEL x=@@\nADD a.tar /o/", {"a.tar": packed, "d/": folder()})
    assert built.image or built.error
    assert sorted(path.name for path in place.iterdir()) == []


ADDRESSES: list[tuple[str, str]] = [
    ("/circle", "redirects"),
    ("/broken", ""),
    ("/nosuch", "404"),
]


@pytest.mark.parametrize(("path", "error"), ADDRESSES)
def test_addresses_that_do_not_give(
    build: Builder, engine: Engine, site: Site, path: str, error: str
) -> None:
    built = build(f"FROM busybox\nENV A=1\nADD {site.url}{path} /o")
    assert built.error.startswith("ADD failed: ") or not engine.embedded
    assert built.error
    assert error in built.error
    embedded_tells(built, engine, "ine 3")


def test_an_address_that_gives_too_much(build: Builder, engine: Engine, site: Site) -> None:
    built = build(f"FROM busybox\nADD {site.url}/huge /o")
    assert built.error


def test_an_address_that_never_answers(build: Builder, engine: Engine, site: Site) -> None:
    """The client's patience ends it; Docker Engine's download goes on all the same."""
    body = context({"Dockerfile": f"FROM busybox\nADD {site.url}/silence /o"})
    with build.request(body) as answer:
        assert b"Step 1/2" in answer.readline()
        assert site.waiting.wait(60)
        answer.close()
    assert build.client.ping()
    if engine.embedded:
        assert site.left.wait(60)


def test_a_body_that_is_no_archive(build: Builder) -> None:
    built = build.send(b"x" * 5000)
    assert built.status in (400, 500)
    assert built.error


def test_a_dockerfile_above_the_context(build: Builder) -> None:
    built = build.send(context({"a": "a"}), dockerfile="../../etc/passwd")
    assert built.status in (400, 500)
    assert "etc/passwd" in built.error
