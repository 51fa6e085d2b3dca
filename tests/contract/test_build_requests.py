"""The request: contexts of all kinds, where the Dockerfile is, names, refusals."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import pytest
from buildlab import Builder, Entry, context
from buildsite import serving
from engines import Engine


@pytest.mark.parametrize("compression", ["", "gz", "bz2", "xz"])
def test_a_compressed_context(build: Builder, compression: str) -> None:
    files = {"Dockerfile": build.marked("FROM busybox\nCOPY a /@@"), "a": "a"}
    assert build.send(context(files, compression=compression)).image


def test_a_context_with_content_encoding(build: Builder) -> None:
    body = gzip.compress(context({"Dockerfile": build.marked("FROM busybox\nENV A=@@")}))
    assert build.send(body, {"Content-Encoding": "gzip"}).image


def test_names_of_a_context_as_tar_writes_them(build: Builder) -> None:
    """``tar -C folder -c .`` puts ``./`` before each."""
    files = {
        "./": Entry(mode=0o755, kind=tarfile.DIRTYPE),
        "./Dockerfile": build.marked("FROM busybox\nCOPY d/a /@@"),
        "./d/a": "a",
    }
    assert build.send(context(files)).image


@pytest.mark.parametrize("path", ["other", "d/e/Dockerfile.dev", "./other"])
def test_another_dockerfile(build: Builder, path: str) -> None:
    files = {path: build.marked("FROM busybox\nENV A=@@"), "Dockerfile": "FROM nosuch"}
    assert build.send(context(files), dockerfile=path).image


def test_a_dockerfile_in_small_letters(build: Builder) -> None:
    built = build.send(context({"dockerfile": build.marked("FROM busybox\nENV A=@@")}))
    assert built.image


MISSING = [
    ({}, "Dockerfile"),
    ({"a": "a"}, "Dockerfile"),
    ({"Dockerfile": "FROM busybox"}, "nosuch"),
]


@pytest.mark.parametrize(("files", "path"), MISSING)
def test_a_missing_dockerfile(build: Builder, files: dict[str, str], path: str) -> None:
    built = build.send(context(files), dockerfile=path)
    assert (built.status, built.error) == (
        500,
        f"Cannot locate specified Dockerfile: {path}",
    )


def test_a_dockerfile_outside_the_context(build: Builder) -> None:
    built = build.send(context({"a": "a"}), dockerfile="../Dockerfile")
    assert built.status in (400, 500)
    assert "../Dockerfile" in built.error or "outside" in built.error


def test_a_dockerfile_that_is_a_link(build: Builder) -> None:
    files = {"real": build.marked("FROM busybox\nENV A=@@"), "Dockerfile": Entry(link="real")}
    assert build.send(context(files)).image


@pytest.mark.parametrize("body", [b"", b"no tar archive at all" * 100, b"\x1f\x8bbroken gzip"])
def test_a_body_that_is_no_context(build: Builder, body: bytes) -> None:
    built = build.send(body)
    assert built.status in (400, 500)
    assert built.error


def test_a_context_that_breaks_off(build: Builder) -> None:
    whole = context({"a": b"x" * 100_000, "Dockerfile": "FROM busybox\nENV A=1"})
    built = build.send(whole[:50_000])
    assert built.status in (400, 500)
    assert built.error


NAMES = ["UPPER", "a b", "x:y:z", "-x"]


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_tag(build: Builder, name: str) -> None:
    built = build("FROM busybox\nENV A=@@", t=name)
    assert built.status in (400, 500)
    assert built.records == []
    assert "invalid" in built.error


def test_a_tag_moves_to_the_new_image(build: Builder) -> None:
    first = build("FROM busybox\nENV A=1@@", t="@@")
    second = build("FROM busybox\nENV A=2@@", t="@@")
    assert build.client.images.get(build.mark).id == second.image
    assert build.client.images.get(first.image).tags == []


BAD_QUERIES = [
    ("buildargs", "no json", "error reading build args: "),
    ("labels", "[1", "error reading labels: "),
    ("ulimits", "x", "error reading ulimit"),
]


@pytest.mark.parametrize(("key", "value", "error"), BAD_QUERIES)
def test_bad_queries(build: Builder, key: str, value: str, error: str) -> None:
    built = build("FROM busybox\nENV A=@@", **{key: value})
    assert built.status == 400
    assert built.error.startswith(error)


def test_pulling_fails_without_a_registry(build: Builder) -> None:
    """A name of no registry here; the image that has the name is not taken in its place."""
    build("FROM busybox\nENV A=@@", t="127.0.0.1:1/dltest-@@")
    try:
        built = build("FROM 127.0.0.1:1/dltest-@@\nENV B=1", pull=1)
        assert "127.0.0.1:1" in built.error
        assert not build("FROM 127.0.0.1:1/dltest-@@\nENV B=1").error
    finally:
        build.client.images.remove(f"127.0.0.1:1/dltest-{build.mark}")


def test_a_base_that_is_nowhere(build: Builder) -> None:
    built = build("FROM 127.0.0.1:1/nosuch\nENV B=1")
    assert built.steps == ["FROM 127.0.0.1:1/nosuch"]
    assert "127.0.0.1:1" in built.error


def test_a_remote_dockerfile(build: Builder) -> None:
    with serving() as site:
        site.files["/Dockerfile"] = build.marked("FROM busybox\nENV A=@@")
        site.files["/context.tar"] = context(
            {"Dockerfile": build.marked("FROM busybox\nCOPY a /@@"), "a": "a"}
        )
        assert build.send(b"", remote=f"{site.url}/Dockerfile").image
        assert build.send(b"", remote=f"{site.url}/context.tar").image
        built = build.send(b"", remote=f"{site.url}/nosuch")
        assert built.status == 404
        assert "with status 404" in built.error


def test_build_prune_answers(build: Builder) -> None:
    """Its keys only: on an engine that others use too nothing is pruned."""
    answer = build.client.api._post(
        build.client.api._url("/build/prune"), params={"filters": '{"id":["nosuch"]}'}
    )
    assert answer.status_code == 200
    assert set(answer.json()) == {"CachesDeleted", "SpaceReclaimed"}


def test_nothing_stays_in_the_temporary_folder(build: Builder, engine: Engine) -> None:
    if engine.root is None:
        pytest.skip("the engine's own folder is not ours to look into")
    before = strays(engine.root)
    build("FROM busybox\nCOPY a /@@\nRUN exit 1", {"a": "a"}, forcerm=1)
    build("FROM busybox\nCOPY a /@@", {"a": "a"})
    build.send(b"no tar" * 1000)
    assert strays(engine.root) - before == set()


def strays(root: Path) -> set[str]:
    """Temporary files of the engine's: what has a name of neither an object nor a layer."""
    return {str(path) for path in root.rglob("*tmp*") if path.is_file()}
