"""Folders as they are sent, and the records of earlier builds."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from dockerlab.client.builds import memory
from dockerlab.client.builds.context import OUTSIDE, Context, find, is_text
from dockerlab.client.builds.memory import Made, Memory
from dockerlab.errors import DockerlabError
from dockerlab.formats.buildtrace import Inputs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    app = tmp_path / "app"
    (app / "lib").mkdir(parents=True)
    (app / "Dockerfile").write_text("FROM alpine\n")
    (app / "a").write_text("content")
    (app / "lib/b").write_bytes(b"x" * 1000)
    (app / "link").symlink_to("a")
    return app


def members(context: Context) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(context.pack()))) as tar:
        return {member.name: member for member in tar.getmembers()}


def content(context: Context, path: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(b"".join(context.pack()))) as tar:
        file = tar.extractfile(path)
        assert file is not None
        return file.read()


def test_a_folder_is_sent_as_it_is(folder: Path):
    found = members(find(folder, "Dockerfile"))
    assert sorted(found) == ["Dockerfile", "a", "lib", "lib/b", "link"]
    assert found["lib"].isdir()
    assert found["link"].linkname == "a"
    assert {(one.uid, one.gid, one.uname) for one in found.values()} == {(0, 0, "")}
    assert content(find(folder, "Dockerfile"), "lib/b") == b"x" * 1000


def test_names_of_any_kind_and_length(folder: Path):
    names = ["한글", "n" * 150, "new\nline", "sp ace"]
    for name in names:
        (folder / name).write_text("x")
    os.close(os.open(os.fsencode(folder) + b"/\xff\xfe", os.O_CREAT))
    assert set(names) <= set(members(find(folder, "Dockerfile")))


def test_the_bytes_sent_are_told(folder: Path):
    told: list[int] = []
    size = sum(map(len, find(folder, "Dockerfile").pack(told.append)))
    assert told[-1] == size
    assert told == sorted(told)


def test_ignored_files_stay(folder: Path):
    (folder / ".dockerignore").write_text("lib\nDockerfile\n.dockerignore\n")
    context = find(folder, "Dockerfile")
    assert context.files == ("a", "link")
    # The builder needs these two, and takes them out itself.
    assert sorted(members(context)) == [".dockerignore", "Dockerfile", "a", "link"]
    context.whole = True
    assert context.files == (".dockerignore", "Dockerfile", "a", "link")


def test_what_counts_in_a_digest(folder: Path):
    def digest() -> str:
        return find(folder, "Dockerfile").digest("a")

    before = digest()
    os.utime(folder / "a", (1, 1))
    assert digest() == before
    (folder / "a").chmod(0o755)
    executable = digest()
    assert executable != before
    (folder / "a").write_text("CONTENT")
    assert digest() not in (before, executable)


def test_packing_gives_the_same_digests(folder: Path):
    packed, looked_at = find(folder, "Dockerfile"), find(folder, "Dockerfile")
    list(packed.pack())
    for path in looked_at.paths:
        assert packed.digest(path) == looked_at.digest(path)


def test_a_pretended_edit(folder: Path):
    context = Context(folder, None, "Dockerfile", ["a"])
    assert content(context, "a") != b"content"
    assert context.digest("a") != find(folder, "Dockerfile").digest("a")
    assert (folder / "a").read_text() == "content"


@pytest.mark.parametrize("as_text", [True, False])
def test_a_dockerfile_from_elsewhere(folder: Path, as_text: bool):
    text = "FROM busybox\nRUN true\n"
    elsewhere = folder.parent / "Other"
    elsewhere.write_text(text)
    context = find(folder, text if as_text else elsewhere)
    assert context.dockerfile == text.encode()
    assert content(context, OUTSIDE) == text.encode()
    assert OUTSIDE in content(context, ".dockerignore").decode().split()
    assert OUTSIDE not in context.files
    assert ".dockerignore" not in context.files


def test_a_dockerfile_in_a_folder_below(folder: Path):
    (folder / "lib/Dockerfile.dev").write_text("FROM busybox\n")
    assert find(folder, "lib/Dockerfile.dev").name == "lib/Dockerfile.dev"
    assert find(folder, folder / "lib/Dockerfile.dev").name == "lib/Dockerfile.dev"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Dockerfile", False), ("FROM alpine", True), ("# x\nFROM a", True), ("from", False)],
)
def test_texts_and_names(text: str, expected: bool):
    assert is_text(text) is expected


def test_a_file_that_grows_meanwhile_spoils_nothing(folder: Path):
    context = find(folder, "Dockerfile")
    with (folder / "a").open("a") as file:
        file.write("more than before")
    assert content(context, "a") == b"content"
    (folder / "lib/b").write_text("")
    assert members(context)["lib/b"].size == 1000


def test_an_unreadable_folder_is_told(tmp_path: Path):
    with pytest.raises(DockerlabError, match="not found"):
        find(tmp_path / "nowhere", "Dockerfile")


# --- the record of earlier builds


def made(number: int) -> Made:
    return Made(0, Inputs(instruction=f"RUN {number}", files={"a": "1"}), f"image{number}")


def test_what_is_kept_comes_back(tmp_path: Path):
    Memory("engine", lambda image: True, tmp_path).keep("app", [made(1)], {"key": "image1"})
    again = Memory("engine", lambda image: True, tmp_path)
    assert again.series("app") == (made(1),)
    assert again.find("key") == "image1"
    assert again.series("other") == ()
    assert Memory("another", lambda image: True, tmp_path).find("key") == ""


def test_the_youngest_image_that_is_there(tmp_path: Path):
    gone = {"image3"}
    kept = Memory("engine", lambda image: image not in gone, tmp_path)
    for number in (1, 2, 3):
        kept.keep("app", [], {"key": f"image{number}"})
    assert kept.find("key") == "image2"
    gone.add("image2")
    assert kept.find("key") == "image1"


def test_only_so_much_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "KEYS_KEPT", 3)
    monkeypatch.setattr(memory, "SERIES_KEPT", 2)
    kept = Memory("engine", lambda image: True, tmp_path)
    for number in range(6):
        kept.keep(f"app{number}", [made(number)], {f"key{number}": "image"})
    assert [kept.find(f"key{number}") for number in (2, 3, 5)] == ["", "image", "image"]
    assert kept.series("app5") == (made(5),)
    assert len(list(tmp_path.glob("*/*.json"))) == 3


def test_damaged_records_are_as_none(tmp_path: Path):
    kept = Memory("engine", lambda image: True, tmp_path)
    kept.keep("app", [made(1)], {"key": "image1"})
    for path in tmp_path.glob("*/*.json"):
        path.write_text('{"steps": [{"stage": "x"}], "key"')
    fresh = Memory("engine", lambda image: True, tmp_path)
    assert fresh.series("app") == ()
    assert fresh.find("key") == ""
    fresh.keep("app", [made(2)], {"key": "image2"})
    assert fresh.find("key") == "image2"


def test_a_folder_that_cannot_be_written_harms_nothing(tmp_path: Path):
    (tmp_path / "file").write_text("")
    kept = Memory("engine", lambda image: True, tmp_path / "file")
    kept.keep("app", [made(1)], {"key": "image1"})
    assert kept.series("app") == ()
