"""The bank: an exercise is read from its folder, and what is wrong with a file is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.grading.bank import Bank, NoBank, NoExercise, find
from dockerlab.grading.cells import split_cells
from dockerlab.grading.texts import ExerciseError

PY = """\
from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered

exercise = Exercise(
    items=("1.1",),
    level=1,
    checks=[
        Check("port", question("port").is_number(80), spots=[answered("inside", "port", 8080)]),
        Check("why", question("why").is_choice("a"), needs=["port"]),
    ],
    questions={"port": "number", "why": "choice"},
)
"""
EN = """\
# Which port

Look at it.

```
## not a part
```

## Hints

1. First.
2. Second,
   which goes on.

## check: port

Ask `docker port`.

## spot: inside

That is the one inside.

## question: port

Which port?

## question: why

Why?

- a: Because.
- b: Why
  not.
"""
KO = (
    EN.replace("Which port\n", "어느 포트일까요\n")
    .replace("Look at it.", "살펴보세요.")
    .replace("First.", "하나.")
    .replace("Why?", "왜 그럴까요?")
    .replace("Because.", "그래서요.")
)
FILES = {
    "exercise.py": PY,
    "en.md": EN,
    "ko.md": KO,
    "solution.py": "answer('port', 80)\n",
    "wrong/inside.py": "answer('port', 8080)\n",
    "wrong/port--far.py": "# %%\nanswer('port', 1)\n# %% again\nanswer('port', 2)\n",
    "hidden.py": PY.replace("exercise = Exercise(", "checks = list(Exercise(").replace(
        '"choice"},\n)', '"choice"},\n).checks)'
    ),
}


def bank(folder: Path, **changed: str) -> Bank:
    place = folder / "bank" / "chapter4" / "which-port"
    for name, text in {**FILES, **changed}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return Bank(folder)


def test_an_exercise_is_read_from_its_folder(tmp_path: Path) -> None:
    entry = bank(tmp_path).get("which-port")
    assert (entry.id, entry.chapter, entry.exercise.points) == ("which-port", 4, 2.0)
    assert entry.texts.title == ("Which port", "어느 포트일까요")
    assert "## not a part" in entry.texts.instruction[0]
    assert entry.texts.tiers == (("First.", "하나."), ("Second,\nwhich goes on.",) * 2)
    assert entry.texts.hints["inside"][0] == "That is the one inside."
    why = entry.texts.questions["why"]
    assert why.prompt == ("Why?", "왜 그럴까요?")
    assert why.options == {"a": ("Because.", "그래서요."), "b": ("Why\nnot.",) * 2}


def test_answers_are_cells(tmp_path: Path) -> None:
    entry = bank(tmp_path).get("which-port")
    assert entry.solution() == ("answer('port', 80)",)
    inside, far = entry.wrong()
    assert (inside.name, inside.hint, len(inside.cells)) == ("inside", "inside", 1)
    assert (far.name, far.hint, len(far.cells)) == ("port--far", "port", 2)


def test_hidden_checks_are_read_only_when_asked_for(tmp_path: Path) -> None:
    entry = bank(tmp_path, **{"hidden.py": "raise SystemError('read')"}).get("which-port")
    with pytest.raises(ExerciseError, match="SystemError: read"):
        entry.hidden()
    assert len(bank(tmp_path).get("which-port").hidden()) == 2


def test_ids_are_in_the_order_of_the_course(tmp_path: Path) -> None:
    assert bank(tmp_path).ids() == ("which-port",)
    assert bank(tmp_path).ids(chapter=4) == ("which-port",)
    assert bank(tmp_path).ids(chapter=1) == ()
    with pytest.raises(NoExercise, match="which-port"):
        bank(tmp_path).get("other")


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("exercise.py", "level=1", "levl=1", "exercise.py:5: TypeError.*levl"),
        ("exercise.py", "level=1,", "level=1 1", "exercise.py:7: SyntaxError"),
        ("exercise.py", "exercise = ", "other = ", "exercise.py: it is to say: exercise = "),
        ("exercise.py", '["port"]', '["prot"]', "why needs prot"),
        ("exercise.py", '"why", q', '"port", q', "two checks are named port"),
        ("exercise.py", '"number", "why"', '"choice", "why"', "options of the question port"),
        ("exercise.py", '"inside", "port"', '"outside", "port"', "nothing is said of the spot"),
        ("en.md", "# Which port", "Which port", "en.md:1: the title is missing"),
        ("en.md", "## Hints", "## Hint", "en.md:9: no such part"),
        ("en.md", "2. Second,", "* Second,", "en.md:12: this is no item"),
        ("en.md", "2. Second,", "", "ko.md:9: 2 hints, but 1 in en.md"),
        ("en.md", "## spot: inside", "## spot: beside", "has no such part"),
        ("en.md", "Ask `docker port`.", "", "en.md:15: this part is empty"),
        ("en.md", "## check: port", "## spot: inside", "there twice"),
        ("ko.md", "- b:", "- c:", "ko.md:27: its options are not those of en.md"),
        ("ko.md", "That is the", "{port} is the", r"ko.md:19: its \{fields\} are not"),
        ("ko.md", "왜 그럴까요?", "", "ko.md:27: the question asks nothing"),
    ],
)
def test_errors_name_file_and_line(
    tmp_path: Path, name: str, old: str, new: str, told: str
) -> None:
    assert old in FILES[name]
    broken = bank(tmp_path, **{name: FILES[name].replace(old, new)})
    with pytest.raises(ExerciseError, match=told):
        broken.get("which-port")


def test_a_wrong_answer_is_named_after_a_hint(tmp_path: Path) -> None:
    entry = bank(tmp_path, **{"wrong/nothing.py": "1"}).get("which-port")
    with pytest.raises(ExerciseError, match=r"nothing\.py: nothing is no hint"):
        entry.wrong()


def test_two_exercises_cannot_have_one_name(tmp_path: Path) -> None:
    other = tmp_path / "bank" / "chapter5" / "which-port"
    other.mkdir(parents=True)
    (other / "exercise.py").write_text(PY)
    with pytest.raises(ExerciseError, match="same name"):
        bank(tmp_path).get("which-port")


def test_the_bank_is_found_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    below = tmp_path / "exercises" / "release" / "chapter1"
    below.mkdir(parents=True)
    (tmp_path / "exercises" / "bank").mkdir()
    monkeypatch.chdir(below)
    monkeypatch.delenv("DOCKERLAB_EXERCISES", raising=False)
    assert find() == tmp_path / "exercises"
    monkeypatch.setenv("DOCKERLAB_EXERCISES", str(tmp_path))
    with pytest.raises(NoBank):
        find()


def test_cells_begin_with_their_magic() -> None:
    assert split_cells("%%file Dockerfile\nFROM x\n\n# %% run\n\n%docker ps\n# %%\n") == (
        "%%file Dockerfile\nFROM x",
        "%docker ps",
    )
