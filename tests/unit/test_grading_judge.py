"""Judging: states, points, patience, looks that never end or raise, and the hint that fits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from dockerlab.grading.bank import Entry
from dockerlab.grading.bench import Bench
from dockerlab.grading.exercise import Check, Claim, Exercise, Spot
from dockerlab.grading.judge import goes_on, judge
from dockerlab.grading.outcome import Finding, Outcome, absent, met, say, unmet
from dockerlab.grading.texts import Texts

BENCH = Bench(None, Path("/nowhere"), None)  # type: ignore[arg-type]
TEXTS = Texts(
    title=("One", "하나"),
    instruction=("Do.", "하세요."),
    checks={"second": ("Try again.", "다시 해 보세요.")},
    spots={"typo": ("You wrote {word}.", "{word} 라고 썼습니다.")},
)


def claim(look: Callable[[Bench], Finding] | Finding) -> Claim:
    return Claim(say("judging.ok"), look if callable(look) else lambda bench: look)


def judged(*checks: Check, hidden: tuple[Check, ...] = ()) -> Outcome:
    exercise = Exercise(items=("1.1",), level=1, checks=checks)
    return judge(Entry("one", 1, Path("/nowhere"), exercise, TEXTS), BENCH, hidden=hidden)


NO = unmet("judging.ok")


def test_all_passed_is_full_points() -> None:
    outcome = judged(Check("first", claim(met()), points=2), Check("second", claim(met())))
    assert (outcome.state, outcome.points, outcome.of) == ("passed", 3.0, 3.0)


def test_what_needs_another_waits_for_it() -> None:
    outcome = judged(
        Check("first", claim(NO)),
        Check("second", claim(met()), needs=["first"]),
        Check("third", claim(met()), needs=["second"]),
        Check("fourth", claim(met())),
    )
    states = [verdict.state for verdict in outcome.verdicts]
    assert states == ["not_yet", "waiting", "waiting", "passed"]
    assert outcome.verdicts[1].why.text("en") == "This comes first: Done."
    assert (outcome.state, outcome.points) == ("partly", 1.0)


def test_nothing_there_is_not_attempted() -> None:
    outcome = judged(Check("first", claim(absent("judging.ok"))))
    assert (outcome.state, outcome.points) == ("not_attempted", 0.0)


def test_what_was_given_is_no_attempt(tmp_path: Path) -> None:
    """Nor is it a misconception of the learner's, whatever is wrong with it."""
    starter, folder = tmp_path / "one" / "starter", tmp_path / "work"
    for place in (starter, folder):
        place.mkdir(parents=True)
        (place / "Dockerfile").write_text("FRMO alpine")
    typo = Spot("typo", lambda bench: {"word": "FRMO"})
    check = Check("second", claim(NO), spots=[typo], edits="Dockerfile")
    exercise = Exercise(items=("3.1",), level=1, checks=[check])
    entry = Entry("one", 3, tmp_path / "one", exercise, TEXTS)
    bench = Bench(None, folder, None)  # type: ignore[arg-type]
    (verdict,) = judge(entry, bench).verdicts
    assert (verdict.state, verdict.spotted) == ("not_attempted", "")
    assert verdict.hint
    assert verdict.hint.text("en") == "Try again."
    (folder / "Dockerfile").write_text("FRMO alpine:3")
    (verdict,) = judge(entry, bench).verdicts
    assert (verdict.state, verdict.spotted) == ("not_yet", "typo")


def test_an_error_is_no_verdict_on_the_learner() -> None:
    def look(bench: Bench) -> Finding:
        raise RuntimeError("the engine\n went away")

    outcome = judged(Check("first", claim(look)), Check("second", claim(met())))
    assert outcome.state == "unchecked"
    assert outcome.verdicts[0].why.text("en").endswith("the engine went away")


def test_a_look_that_never_ends_is_given_up() -> None:
    end = threading.Event()

    def look(bench: Bench) -> Finding:
        end.wait(60)
        return met()

    began = time.monotonic()
    outcome = judged(Check("first", claim(look), seconds=0.05, patience=9))
    assert time.monotonic() - began < 30
    end.set()
    assert outcome.verdicts[0].why.key == "judging.slow"
    assert "0.05 seconds" in outcome.verdicts[0].why.text("en")
    assert goes_on()
    end.set()
    while goes_on() and time.monotonic() - began < 60:
        time.sleep(0.01)
    assert not goes_on()


def test_patience_looks_again() -> None:
    looks: list[int] = []

    def look(bench: Bench) -> Finding:
        looks.append(1)
        return met() if len(looks) > 1 else NO

    assert judged(Check("first", claim(look), patience=5)).state == "passed"
    assert len(looks) == 2
    looks.clear()
    assert judged(Check("first", claim(look))).state == "not_yet"


def test_nothing_is_waited_for_where_nothing_was_begun() -> None:
    began = time.monotonic()
    outcome = judged(Check("first", claim(absent("judging.ok")), patience=60))
    assert outcome.state == "not_attempted"
    assert time.monotonic() - began < 30


def test_the_first_misconception_seen_gives_the_hint() -> None:
    def broken(bench: Bench) -> None:
        raise KeyError("x")

    spots = [
        Spot("absent", lambda bench: None),
        Spot("broken", broken),
        Spot("typo", lambda bench: {"word": "wbe"}),
    ]
    verdict = judged(Check("second", claim(NO), spots=spots)).verdicts[0]
    assert verdict.spotted == "typo"
    assert verdict.hint is not None
    assert verdict.hint.text("en") == "You wrote wbe."


def test_where_none_is_seen_the_check_has_its_own_hint() -> None:
    first, second = judged(Check("first", claim(NO)), Check("second", claim(NO))).verdicts
    assert first.hint is None
    assert second.hint is not None
    assert (second.hint.text("en"), second.spotted) == ("Try again.", "")


def test_hidden_checks_count_but_are_not_shown() -> None:
    outcome = judged(Check("first", claim(met())), hidden=(Check("extra", claim(NO)),))
    assert (outcome.state, outcome.of) == ("partly", 2.0)
    assert [verdict.name for verdict in outcome.seen().verdicts] == ["first"]
