"""Builds that mean harm: to the host, to who else uses the engine, to what others build next."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
import tarfile
import threading
import time
import uuid
from collections.abc import Iterator

import pytest
from buildlab import Builder, UnixHTTP, context, link
from engines import Engine

PATIENCE = 40
"""Seconds that a build of these may take on a busy machine. Each took minutes, or hours, once."""


@pytest.fixture
def quick(engine: Engine) -> Iterator[None]:
    """What the test does takes no time, for nobody."""
    if not engine.embedded:
        pytest.skip("could harm a Docker Engine that others use")
    with Watch(engine.url) as watch:
        begun = time.monotonic()
        yield
        took = time.monotonic() - begun
    assert took < PATIENCE
    assert watch.longest < PATIENCE / 4


class Watch:
    """Asks the engine again and again, and notes how long it took to answer."""

    def __init__(self, url: str) -> None:
        self.longest, self._url = 0.0, url
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            begun = time.monotonic()
            connection = UnixHTTP(self._url, 120)
            connection.request("GET", "/_ping")
            connection.getresponse().read()
            connection.close()
            self.longest = max(self.longest, time.monotonic() - begun)


LONG = "\\\n".join(["a/" * 30_000] * 16)
"""A path of a megabyte, on lines that are short enough."""

SLOW: list[tuple[str, str, dict[str, object]]] = [
    ("stars", "COPY " + "*a" * 25 + "b /o/", {"a" * 200: "x"}),
    ("stars to be ignored", "COPY . /o", {".dockerignore": "*k" * 40 + "b", "a" * 90: "x"}),
    ("a long target", f"COPY a /{LONG}", {"a": "a"}),
    ("a long folder", f"WORKDIR /{LONG}", {}),
    ("a deep folder", "WORKDIR /" + "a/" * 1500 + "\nCOPY a .", {"a": "a"}),
    ("a deep mount", "RUN --mount=type=cache,target=/" + "a/" * 1500 + " true", {}),
    ("a link in a circle", "RUN --mount=type=cache,target=l true", {"l": link("l")}),
    ("many labels", "LABEL a=b\n" * 30_000 + "RNU", {}),
    ("long numbers", "COPY --chown=" + "9" * 5000 + " a /", {"a": "a"}),
    ("long modes", "ENV A=" + "7" * 5000 + "\nRUN --mount=type=cache,target=/c,mode=$A x", {}),
    ("a stage of many digits", "COPY --from=" + "9" * 5000 + " /a /b", {}),
    ("doubled again and again", "ENV A=0123456789\n" + "ENV A=$A$A\n" * 40, {}),
    ("doubled in one", "ARG A=0123456789\n" + "ARG A=$A$A$A$A$A$A$A$A\n" * 20, {}),
]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("lines", "files"), [c[1:] for c in SLOW], ids=[c[0] for c in SLOW])
def test_what_could_keep_the_engine_busy(
    build: Builder, lines: str, files: dict[str, object]
) -> None:
    built = build(f"FROM busybox\nLABEL x=@@\n{lines}", files)  # type: ignore[arg-type]
    assert built.image or built.error
    assert "failed inside" not in built.error


def member(name: str, kind: bytes = tarfile.REGTYPE, to: str = "", **pax: str) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.pax_headers = kind, to, pax
    return made


REFUSED: list[tuple[str, tarfile.TarInfo]] = [
    ("the folder itself as a link", member(".", tarfile.SYMTYPE, "/etc")),
    ("the folder itself as a file", member("./")),
    ("deeper than a path can be", member("a/" * 3000 + "x")),
    ("much deeper", member("a/" * 400_000 + "x")),
    ("a link longer than a path can be", member("l", tarfile.SYMTYPE, "a/" * 400_000)),
    ("NUL in a name", member("l", path="a\0b")),
    ("NUL in a link", member("l", tarfile.SYMTYPE, linkpath="a\0b")),
    ("NUL in an owner", member("l", uname="a\0b")),
    ("an endless time", member("l", mtime="inf")),
]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("odd", [r[1] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_archives_that_no_tool_makes(build: Builder, odd: tarfile.TarInfo) -> None:
    built = build.send(whole(odd, build, "FROM busybox\nLABEL x=@@\nCOPY . /o"))
    assert built.status == 400
    assert "failed inside" not in built.error


def whole(odd: tarfile.TarInfo, build: Builder, dockerfile: str) -> bytes:
    return odd.tobuf(tarfile.PAX_FORMAT) + context({"Dockerfile": build.marked(dockerfile)})


@pytest.mark.usefixtures("quick")
def test_a_thousand_folders_in_each_other(build: Builder) -> None:
    files = {"a/" * 1200 + "x": "here"}
    built = build(
        "FROM busybox AS a\nLABEL x=@@\nCOPY . /o\nFROM busybox\nCOPY --from=a /o /p", files
    )
    assert build.run(built, "sh", "-c", "cd /p; cat " + "a/" * 1200 + "x") == "here"


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore"])
def test_a_file_of_the_build_that_is_a_circle(build: Builder, engine: Engine, name: str) -> None:
    if not engine.embedded:
        pytest.skip("how Docker Engine says it is its own matter")
    built = build.send(context({"Dockerfile": "FROM busybox", name: link(name)}))
    assert "failed inside" not in built.error
    assert name == ".dockerignore" or "Cannot locate specified Dockerfile" in built.error


def test_users_of_many_digits(build: Builder) -> None:
    """Ids are cut to 32 bits, as the kernel has them."""
    line = "COPY --chown=4294967297:4294967298 a /a"
    built = build(f"FROM busybox\nLABEL x=@@\n{line}", {"a": "a"})
    assert build.owners(built)["a"] == (1, 2)


TRIGGERS: list[tuple[list[str], str]] = [
    (["FROM busybox"], "FROM isn't allowed as an ONBUILD trigger"),
    (["ONBUILD RUN true"], "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
    (["MAINTAINER me"], "MAINTAINER isn't allowed as an ONBUILD trigger"),
    (["COPY ../../../etc/passwd /o"], "forbidden path outside the build context"),
    (["LABEL a=b\nLABEL c=d"], ""),
    (["LABEL a=b"] * 5000, ""),
]


@pytest.mark.parametrize(("triggers", "error"), TRIGGERS)
def test_triggers_that_no_dockerfile_could_have_made(
    build: Builder, engine: Engine, triggers: list[str], error: str
) -> None:
    if not engine.embedded:
        pytest.skip("brings an image made by hand into a Docker Engine that others use")
    name = f"dltest-{uuid.uuid4().hex}"
    made = build.client.images.load(image(name, {"OnBuild": triggers}))[0]
    try:
        built = build(f"FROM {name}\nLABEL x=@@")
        assert error in built.error
        assert built.error
    finally:
        build.client.images.remove(made.id, force=True)


def image(name: str, config: dict[str, object]) -> bytes:
    """An archive as of ``docker save``, of one small layer."""
    layer = context({"x": "y"})
    digest = "sha256:" + hashlib.sha256(layer).hexdigest()
    text = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [digest]},
        }
    )
    file = hashlib.sha256(text.encode()).hexdigest() + ".json"
    manifest = [{"Config": file, "RepoTags": [f"{name}:latest"], "Layers": ["a/layer.tar"]}]
    return context({"a/layer.tar": layer, file: text, "manifest.json": json.dumps(manifest)})


ADDRESSES = ["http://[::1/x", "http://" + "a" * 70 + ".x/", "http://localhost:99999/x"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_that_are_none(build: Builder, address: str) -> None:
    built = build(f"FROM busybox\nADD {address} /o/")
    assert built.error
    assert "failed inside" not in built.error
    built = build(None, remote=address)
    assert built.error
    assert "failed inside" not in built.error


@pytest.mark.parametrize("cut", [9, 60])
def test_an_archive_that_is_cut(build: Builder, cut: int) -> None:
    """It is neither taken apart by half nor copied as it is."""
    whole = gzip.compress(context({"x": "y" * 50_000}), mtime=0)
    built = build("FROM busybox\nLABEL x=@@\nADD a.tgz /o/", {"a.tgz": whole[:-cut]})
    assert built.error.startswith("failed to copy files: Error processing tar file")


def test_a_dockerfile_of_more_steps_than_memory_has_room_for(
    build: Builder, engine: Engine
) -> None:
    if not engine.embedded:
        pytest.skip("Docker Engine makes them all")
    built = build("FROM busybox\n" + "LABEL a=b\n" * 1000)
    assert "no more than 1000 steps" in built.error


def test_no_secret_stays_behind(build: Builder, engine: Engine) -> None:
    """Neither in the image, nor in its history, nor in the container of a step that failed."""
    if not engine.embedded:
        pytest.skip("classic builds have no secrets")
    assert engine.root is not None
    secret = f"secret-{uuid.uuid4().hex}"
    mount = "RUN --mount=type=secret,id=s,env=WORD --mount=type=secret,id=s test -n"
    lines = f'FROM busybox\nLABEL x=@@\n{mount} "$WORD"\n{mount} "$WORD" -a -f /nosuch'
    built = build(lines, secrets={"s": encoded(secret)})
    assert "returned a non-zero code" in built.error
    kept = build.client.containers.get(built.containers[-1])
    assert secret not in json.dumps(kept.attrs)
    for path in engine.root.rglob("*"):
        if path.is_file() and not re.search(r"/(cgroup|proc|views)/", str(path)):
            assert secret.encode() not in path.read_bytes(), path
    kept.remove()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
