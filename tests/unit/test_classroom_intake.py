"""Taking in whatever is handed in: folders, archives, names, and what is wrong with each."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import zipfile
from pathlib import Path

import pytest

from dockerlab.errors import DockerlabError
from dockerlab.grading.classroom.intake import submissions, trees
from dockerlab.grading.classroom.intake.senders import Sender, own_name, sender_of
from dockerlab.grading.classroom.intake.submissions import Submission, sources
from dockerlab.grading.classroom.intake.trees import Archive, Refused

NOTEBOOK = b'{"cells": []}'


def put(place: Path, data: bytes = NOTEBOOK) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return place


def packed(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def taken(place: Path) -> dict[str, Submission]:
    return {source.sender.name: source.load() for source in sources(place, "chapter1")}


def said(submission: Submission) -> list[str]:
    return [note.key for note in submission.notes]


# ---- what may be handed in


def test_nbgraders_tree(tmp_path: Path) -> None:
    put(tmp_path / "anna" / "chapter1" / "chapter1.ipynb")
    put(tmp_path / "anna" / "chapter1" / "leave-a-note" / "note.txt", b"hello")
    put(tmp_path / "anna" / "chapter2" / "chapter2.ipynb")
    put(tmp_path / "ben" / "chapter1-ko" / "chapter1-ko.ipynb")
    found = taken(tmp_path)
    assert found["anna"].files == {"chapter1.ipynb": NOTEBOOK, "leave-a-note/note.txt": b"hello"}
    assert found["anna"].language is None
    assert found["ben"].notebook == "chapter1-ko.ipynb"
    assert found["ben"].language == "ko"


def test_a_folder_of_notebooks(tmp_path: Path) -> None:
    for name in ("anna.ipynb", "kim-ko.ipynb", "names.csv", ".hidden"):
        put(tmp_path / name)
    found = taken(tmp_path)
    assert list(found) == ["anna", "kim-ko"]
    assert found["kim-ko"].language is None


def test_moodles_zip(tmp_path: Path) -> None:
    files = {
        "Anna Kim_4711_assignsubmission_file/chapter1.ipynb": NOTEBOOK,
        "Anna Kim_4711_assignsubmission_file/leave-a-note/note.txt": b"hello",
        "김민_4712_assignsubmission_file_chapter1-ko.ipynb": NOTEBOOK,
    }
    found = taken(put(tmp_path / "class.zip", packed(files)))
    assert found["Anna Kim"].sender == Sender("Anna Kim", "4711")
    assert set(found["Anna Kim"].files) == {"chapter1.ipynb", "leave-a-note/note.txt"}
    assert (found["김민"].notebook, found["김민"].language) == ("chapter1-ko.ipynb", "ko")


def test_canvas_zip(tmp_path: Path) -> None:
    files = {
        "kimanna_17_90210_chapter1-2.ipynb": NOTEBOOK,
        "limbo_LATE_18_90211_chapter1.ipynb": NOTEBOOK,
        "limbo_LATE_18_90212_notes.txt": b"",
    }
    found = taken(put(tmp_path / "class.zip", packed(files)))
    assert found["kimanna"].notebook == "chapter1-2.ipynb"
    assert found["limbo"].sender.number == "18"
    assert set(found["limbo"].files) == {"chapter1.ipynb", "notes.txt"}


def test_a_zip_with_all_in_one_folder(tmp_path: Path) -> None:
    files = {f"submitted/{name}/chapter1/chapter1.ipynb": NOTEBOOK for name in ("anna", "ben")}
    assert list(taken(put(tmp_path / "class.zip", packed(files)))) == ["anna", "ben"]


def test_a_students_own_zip(tmp_path: Path) -> None:
    inner = {"work/chapter1.ipynb": NOTEBOOK, "work/leave-a-note/note.txt": b"hello"}
    put(tmp_path / "anna" / "all.zip", packed(inner))
    anna = taken(tmp_path)["anna"]
    assert anna.files == {"chapter1.ipynb": NOTEBOOK, "leave-a-note/note.txt": b"hello"}


def test_two_of_one_name_stay_two(tmp_path: Path) -> None:
    for number in (1, 2):
        put(tmp_path / f"Kim Min_{number}_assignsubmission_file_chapter1.ipynb")
    found = sources(tmp_path, "chapter1")
    assert len({source.sender.key for source in found}) == 2


def test_the_notebook_of_the_assignments_name_is_graded(tmp_path: Path) -> None:
    for name in ("a.ipynb", "chapter1.ipynb", "chapter1-copy.ipynb"):
        put(tmp_path / "anna" / name)
    anna = taken(tmp_path)["anna"]
    assert anna.notebook == "chapter1.ipynb"
    assert not anna.notes


def test_of_several_the_first_is_graded_and_that_is_told(tmp_path: Path) -> None:
    for name in ("b.ipynb", "a.ipynb"):
        put(tmp_path / "anna" / name)
    anna = taken(tmp_path)["anna"]
    assert (anna.notebook, said(anna)) == ("a.ipynb", ["intake.several"])


# ---- what is wrong with it


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DockerlabError, match="no submissions of chapter1"):
        sources(tmp_path, "chapter1")
    with pytest.raises(DockerlabError, match="there are no submissions at"):
        sources(tmp_path / "missing", "chapter1")
    with pytest.raises(DockerlabError, match="no folder and no zip"):
        sources(put(tmp_path / "a.zip", b"PK no"), "chapter1")


def test_an_empty_folder_is_a_student_without_a_notebook(tmp_path: Path) -> None:
    (tmp_path / "anna" / "chapter1").mkdir(parents=True)
    assert taken(tmp_path)["anna"].notebook == ""


def test_links_are_never_followed(tmp_path: Path) -> None:
    secret = put(tmp_path / "teacher" / "chapter1.ipynb", b"secret")
    handed = tmp_path / "handed"
    put(handed / "anna" / "chapter1" / "chapter1.ipynb")
    (handed / "anna" / "chapter1" / "key.txt").symlink_to(secret)
    (handed / "anna" / "chapter1" / "all").symlink_to(secret.parent)
    (handed / "ben").mkdir()
    (handed / "ben" / "chapter1").symlink_to(secret.parent)
    (handed / "cho.ipynb").symlink_to(secret)
    (handed / "dan").symlink_to(secret.parent)
    found = taken(handed)
    assert b"secret" not in b"".join(b"".join(each.files.values()) for each in found.values())
    assert said(found["anna"]) == ["intake.link", "intake.link"]
    assert found["ben"].notebook == ""
    assert said(found["ben"]) == said(found["cho"]) == said(found["dan"]) == ["intake.link"]


def test_links_in_a_zip_are_not_followed(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        link = zipfile.ZipInfo("anna/chapter1.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("ben/chapter1.ipynb", NOTEBOOK)
    found = taken(put(tmp_path / "class.zip", made.getvalue()))
    assert found["anna"].files == {}
    assert said(found["anna"]) == ["intake.link"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    put(tmp_path / "anna" / "chapter1.ipynb")
    os.mkfifo(tmp_path / "anna" / "pipe")
    assert said(taken(tmp_path)["anna"]) == ["intake.unreadable"]


def test_names_that_lead_out_are_left_out(tmp_path: Path) -> None:
    inner = {
        "chapter1.ipynb": NOTEBOOK,
        "../../out.txt": b"",
        "/etc/cron.d/x": b"",
        "C:\\x": b"",
        "a\\..\\..\\b": b"",
    }
    put(tmp_path / "anna" / "all.zip", packed(inner))
    anna = taken(tmp_path)["anna"]
    assert set(anna.files) == {"chapter1.ipynb"}
    assert said(anna) == ["intake.outside"] * 4


def test_a_bomb_is_read_no_further_than_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "MOST_BYTES", 1 << 16)
    inner = {"chapter1.ipynb": NOTEBOOK, "zeros": bytes(1 << 20)}
    put(tmp_path / "anna" / "all.zip", packed(inner))
    anna = taken(tmp_path)["anna"]
    assert (set(anna.files), said(anna)) == ({"chapter1.ipynb"}, ["intake.too_big"])


def test_an_archive_that_lies_about_a_size(tmp_path: Path) -> None:
    data = bytearray(packed({"chapter1.ipynb": bytes(100_000)}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    put(tmp_path / "anna" / "all.zip", bytes(data))
    put(tmp_path / "ben" / "all.zip", data[: len(data) // 2])
    found = taken(tmp_path)
    assert said(found["anna"]) in ([], ["intake.bad_zip"])
    assert said(found["ben"]) == ["intake.bad_zip"]


@pytest.mark.parametrize("kind", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_broken_zip_is_no_reason_to_stop(kind: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.writestr("chapter1.ipynb", NOTEBOOK)
    whole = file.getvalue()
    for place in range(len(whole)):
        for byte in (0, 0xFF):
            with contextlib.suppress(Refused):
                broken = Archive(whole[:place] + bytes([byte]) + whole[place + 1 :])
                for name in broken.top():
                    broken.read(name, 1000)


def test_a_zip_of_countless_entries_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kim").mkdir()
    place = put(tmp_path / "kim" / "work.zip", b"PK\x01\x02" * (trees.MOST_ENTRIES + 1))
    assert said(taken(tmp_path)[place.parent.name]) == ["intake.bad_zip"]


def test_too_many_files_do_not_hide_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "MOST_FILES", 5)
    put(tmp_path / "anna" / "chapter1.ipynb")
    for number in range(4):
        put(tmp_path / "anna" / f"a{number}")
    put(tmp_path / "anna" / "b")
    anna = taken(tmp_path)["anna"]
    assert len(anna.files) == 5
    assert (anna.notebook, said(anna)) == ("chapter1.ipynb", ["intake.too_many"])


def test_folders_in_folders_without_end(tmp_path: Path) -> None:
    deep = tmp_path / "anna" / "/".join("d" * 200)
    put(deep / "x")
    put(tmp_path / "anna" / "chapter1.ipynb")
    assert set(taken(tmp_path)["anna"].files) == {"chapter1.ipynb"}


def test_korean_names_of_older_programs(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("XXXX_5_assignsubmission_file_chapter1.ipynb", NOTEBOOK)
    data = made.getvalue().replace(b"XXXX", "김민".encode("cp949"))
    assert list(taken(put(tmp_path / "class.zip", data))) == ["김민"]


# ---- names


@pytest.mark.parametrize(
    "name", ["../../etc", "a/b", "a\0b", "", "..", "-rf", "x" * 300, "<b>", "\udcff", "a b", "\n"]
)
def test_keys_are_harmless_and_never_the_same(name: str) -> None:
    key = Sender(name).key
    assert "/" not in key
    assert key[0] not in ".-"
    assert len(key.encode()) < 200
    assert key != Sender(f"{name} ").key


def test_a_plain_name_is_its_own_key() -> None:
    assert Sender("anna").key == "anna"
    assert Sender("김민", "12").key == "김민-12"


def test_whose_it_is_by_its_name() -> None:
    assert sender_of("anna.kim") == Sender("anna.kim")
    assert sender_of("a_b_c.ipynb") == Sender("a_b_c")
    assert own_name("Kim_5_assignsubmission_file_my work.ipynb") == "my work.ipynb"


# ---- what a result depends on


def test_a_digest_changes_with_any_file(tmp_path: Path) -> None:
    put(tmp_path / "anna" / "chapter1.ipynb")
    before = taken(tmp_path)["anna"].digest
    assert taken(tmp_path)["anna"].digest == before
    put(tmp_path / "anna" / "note", b"1")
    assert taken(tmp_path)["anna"].digest != before
