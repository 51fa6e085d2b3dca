"""Answers to questions: right ones however they are written, and whatever else may stand there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockerlab.grading.bench import ANSWERS, Bench
from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Claim
from dockerlab.grading.spots.answers import answered

NAME = question("q")


def bench(folder: Path, text: str) -> Bench:
    (folder / ANSWERS).write_text(text)
    return Bench(None, folder, None)  # type: ignore[arg-type]


def state(folder: Path, claim: Claim, answer: Any) -> str:
    found = claim.look(bench(folder, json.dumps({"q": answer})))
    assert found.why.text("en") != found.why.text("ko")
    return found.state


@pytest.mark.parametrize(
    ("claim", "answer"),
    [
        (NAME.is_choice("b"), "b"),
        (NAME.is_choice("b"), ["b"]),
        (NAME.is_choice("a", "c"), ["c", "a"]),
        (NAME.is_number(5500), 5500),
        (NAME.is_number(5500), " 5500 "),
        (NAME.is_number(3.14, within=0.01), "3.145"),
        (NAME.is_number(lambda bench: 7), 7),
        (NAME.is_order("x", "y", "z"), ["x", "y", "z"]),
        (NAME.is_text("redis-server"), " Redis-Server\n"),
        (NAME.is_text("2"), 2),
    ],
)
def test_right_answers(tmp_path: Path, claim: Claim, answer: Any) -> None:
    assert state(tmp_path, claim, answer) == "met"


@pytest.mark.parametrize(
    ("claim", "answer", "key"),
    [
        (NAME.is_choice("b"), "a", "answer.wrong_choice"),
        (NAME.is_choice("a", "c"), ["a"], "answer.choice_missing"),
        (NAME.is_choice("a", "c"), ["a", "b", "c"], "answer.wrong_choice"),
        (NAME.is_choice("b"), 7, "answer.no_choice"),
        (NAME.is_number(5500), 8080, "answer.wrong_number"),
        (NAME.is_number(5500), "many", "answer.no_number"),
        (NAME.is_number(1), True, "answer.no_number"),
        (NAME.is_order("x", "y", "z"), ["x", "z", "y"], "answer.wrong_order"),
        (NAME.is_order("x", "y", "z"), ["x", "y"], "answer.no_order"),
        (NAME.is_order("x", "y"), ["x", "y", "y"], "answer.wrong_order"),
        (NAME.is_text("yes"), "no", "answer.wrong_text"),
        (NAME.is_text("yes"), {"deep": []}, "answer.no_text"),
    ],
)
def test_wrong_answers_say_why(tmp_path: Path, claim: Claim, answer: Any, key: str) -> None:
    found = claim.look(bench(tmp_path, json.dumps({"q": answer})))
    assert (found.state, found.why.key) == ("unmet", key)
    assert found.why.text("en") != found.why.text("ko")


ALL = [NAME.is_choice("b"), NAME.is_number(1), NAME.is_order("x", "y"), NAME.is_text("yes")]


@pytest.mark.parametrize("claim", ALL)
@pytest.mark.parametrize("text", ["", "{}", "[]", "nothing", '{"q": ""}', '{"q": null}', "\0"])
def test_no_answer_is_nothing_to_look_at(tmp_path: Path, claim: Claim, text: str) -> None:
    assert claim.look(bench(tmp_path, text)).state == "absent"


@pytest.mark.parametrize("claim", ALL)
@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "1e999", '"' + "9" * 5000 + '"', "9" * 4000, '[[["x"]]]', "{}"]
)
def test_hostile_answers_are_just_wrong(tmp_path: Path, claim: Claim, text: str) -> None:
    found = claim.look(bench(tmp_path, '{"q": ' + text + "}"))
    assert found.state == "unmet"
    assert len(found.why.text("en")) < 400


def test_a_misconception_shows_in_an_answer(tmp_path: Path) -> None:
    spot = answered("door-of-the-app", "q", 8080, "8080/tcp")
    assert spot.see(bench(tmp_path, '{"q": "8080"}')) == {}
    assert spot.see(bench(tmp_path, '{"q": ["8080/TCP"]}')) is None
    assert spot.see(bench(tmp_path, '{"q": "8080/TCP"}')) == {}
    assert spot.see(bench(tmp_path, '{"q": 5500}')) is None
    assert spot.see(bench(tmp_path, "")) is None
