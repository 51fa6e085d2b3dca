"""The build timeline and the comparison: reasons, roles, summary, picture, live rows."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

import dockerlab
from dockerlab.formats.buildcomparison import BuildComparison
from dockerlab.formats.buildtrace import BuildTrace, Cause, Reason, Status, Step
from dockerlab.views import ComparisonView, TimelineView
from dockerlab.views.builds import rows as reading
from dockerlab.views.builds.pace import Pace
from dockerlab.views.builds.reasons import Piece, flow, marked, sentence
from dockerlab.views.following import follow
from dockerlab.views.words import Words

SVG = "{http://www.w3.org/2000/svg}"
DOCKERFILE = (
    'FROM node\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY ./ ./\nCMD ["node"]\n'
)
HIT, RAN = Status.CACHED, Status.RAN
FILES = Reason(cause=Cause.FILES, changed=("index.js",))


def _trace(*steps: tuple[str, Status, Reason | None, float], **more: Any) -> BuildTrace:
    made, at = [], 0.0
    for number, (text, status, reason, seconds) in enumerate(steps, 1):
        made.append(
            Step(
                number=number,
                instruction=text,
                line=number,
                stage="0",
                status=status,
                reason=reason,
                seconds=seconds,
                started=at,
            )
        )
        at += seconds
    return BuildTrace(steps=tuple(made), seconds=at, **more)


def _after(step: int) -> Reason:
    return Reason(cause=Cause.PARENT, step=step)


QUICK = _trace(
    ("FROM node", HIT, None, 0.01),
    ("WORKDIR /app", HIT, None, 0.01),
    ("COPY package.json ./", HIT, None, 0.01),
    ("RUN npm install", HIT, None, 0.01),
    ("COPY ./ ./", RAN, FILES, 0.3),
    ('CMD ["node"]', RAN, _after(5), 0.1),
    dockerfile=DOCKERFILE,
    tags=("kim/app",),
)
SLOW = _trace(
    ("FROM node", HIT, None, 0.01),
    ("WORKDIR /app", HIT, None, 0.01),
    ("COPY ./ ./", RAN, FILES, 0.3),
    ("RUN npm install", RAN, _after(3), 6.0),
    ('CMD ["node"]', RAN, _after(4), 0.1),
)


def _with(step: int, trace: BuildTrace = QUICK, **changes: Any) -> BuildTrace:
    steps = list(trace.steps)
    steps[step - 1] = replace(steps[step - 1], **changes)
    return replace(trace, steps=tuple(steps))


REASONS = [
    (Reason(cause=Cause.FIRST), "nothing like it was built before"),
    (
        Reason(cause=Cause.INSTRUCTION, before="RUN npm i", after="RUN npm ci"),
        "instruction changed: RUN npm i → RUN npm ci",
    ),
    (Reason(cause=Cause.INSTRUCTION, after="RUN x"), "this instruction is new here"),
    (Reason(cause=Cause.FILES, changed=("src/server.js",)), "src/server.js changed"),
    (
        Reason(cause=Cause.FILES, changed=tuple("abcde"), added=("f",), removed=("g",)),
        "a, b, c, 2 more changed; f added; g removed",
    ),
    (Reason(cause=Cause.FILES), "files that it copies are others now"),
    (
        Reason(cause=Cause.ARGUMENT, name="V", before="1", after="2"),
        "build argument V changed: 1 → 2",
    ),
    (Reason(cause=Cause.ARGUMENT, name="V", after="2"), "build argument V is set now: 2"),
    (
        Reason(cause=Cause.ARGUMENT, name="V", before="1"),
        "build argument V is no longer set, it was 1",
    ),
    (Reason(cause=Cause.PARENT, step=3), "step 3 above is run anew"),
    (
        Reason(cause=Cause.BASE, before="sha256:" + "a" * 64, after="b" * 64),
        "the base image is another one: aaaaaaaaaaaa → bbbbbbbbbbbb",
    ),
    (Reason(cause=Cause.STAGE, name="build"), "what it copies from is another one now: build"),
    (Reason(cause=Cause.NO_CACHE), "no cache was asked for (--no-cache)"),
    (Reason(cause=Cause.GONE), "it was built before, but its image has been removed"),
]


@pytest.mark.parametrize(("reason", "told"), REASONS)
def test_each_reason_is_a_plain_sentence(reason: Reason, told: str) -> None:
    assert sentence(reason, Words("en")) == told


def test_every_cause_has_words_in_korean() -> None:
    assert {reason.cause for reason, _ in REASONS} == set(Cause)
    for reason, english in REASONS:
        korean = sentence(reason, Words("ko"))
        assert korean != english
        assert any("가" <= char <= "힣" for char in korean)


def test_only_what_differs_is_marked() -> None:
    reason = Reason(cause=Cause.INSTRUCTION, before="RUN npm i", after="RUN npm ci")
    assert marked(reason, Words("en"))[1:] == (
        Piece("RUN npm", "code"),
        Piece(" "),
        Piece("i", "old"),
        Piece(" → "),
        Piece("RUN npm", "code"),
        Piece(" "),
        Piece("ci", "new"),
    )


def test_pieces_flow_into_lines_and_lose_nothing() -> None:
    pieces = (Piece("why: "), Piece("RUN " + "x" * 200, "code"), Piece(" y " * 20, "new"))
    lines = flow(pieces, 200, 12)
    assert len(lines) > 3
    joined = "".join(piece.text for line in lines for piece in line)
    assert joined.replace(" ", "") == "".join(piece.text for piece in pieces).replace(" ", "")


def _roles(trace: BuildTrace) -> list[str]:
    return [row.role for row in reading.rows(trace)]


def test_the_first_miss_is_told_from_its_consequences() -> None:
    assert _roles(QUICK) == ["hit"] * 4 + ["root", "consequence"]
    assert [row.step.number for row in reading.rows(QUICK) if row.first] == [5]


def test_a_first_build_has_nothing_that_stands_out() -> None:
    first = Reason(cause=Cause.FIRST)
    trace = _trace(
        ("FROM node", HIT, None, 0), ("RUN a", RAN, first, 1), ("RUN b", RAN, _after(2), 1)
    )
    assert _roles(trace) == ["hit", "plain", "plain"]
    assert "first time" in reading.summary(trace, Words("en"))


def test_a_copy_from_a_changed_stage_is_a_consequence_but_from_an_image_is_not() -> None:
    stage = Reason(cause=Cause.STAGE, name="0")
    assert _roles(_with(6, reason=stage))[5] == "consequence"
    assert _roles(_with(6, reason=replace(stage, name="nginx")))[5] == "root"


ALL_HIT = replace(QUICK, steps=tuple(replace(s, status=HIT, reason=None) for s in QUICK.steps))
NO_CACHE = replace(
    QUICK,
    steps=tuple(replace(s, status=RAN, reason=Reason(cause=Cause.NO_CACHE)) for s in QUICK.steps),
)
WAITING = replace(
    QUICK, steps=tuple(replace(s, status=Status.PENDING, reason=None) for s in QUICK.steps)
)
FAILED = replace(
    _with(5, status=Status.FAILED, log="one\nboom\n", exit_code=254),
    error="returned a non-zero code: 254",
    error_line=5,
)


@pytest.mark.parametrize(
    ("trace", "told"),
    [
        (QUICK, "At step 5 the cache ends: index.js changed. The step after it"),
        (ALL_HIT, "All steps came from the cache"),
        (NO_CACHE, "No cache was asked for"),
        (WAITING, "Nothing has run yet"),
        (BuildTrace(), "no step yet"),
        (FAILED, "Step 5 failed (line 5 of the Dockerfile). returned a non-zero code: 254"),
        (BuildTrace(error="no space"), "The build failed: no space"),
        (_with(4, status=Status.RUNNING), "Step 4 of 6 is running."),
    ],
)
def test_the_summary_says_what_matters(trace: BuildTrace, told: str) -> None:
    assert told in reading.summary(trace, Words("en"))
    assert any("가" <= char <= "힣" for char in reading.summary(trace, Words("ko")))


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("trace", [QUICK, FAILED, WAITING, BuildTrace(), NO_CACHE])
def test_picture_and_text_tell_each_step(trace: BuildTrace, lang: Any) -> None:
    view = TimelineView(trace, lang)
    root = ElementTree.fromstring(view.svg)
    drawn = [part.get("data-step") for part in root.iter(f"{SVG}g") if part.get("data-step")]
    assert drawn == [str(step.number) for step in trace.steps]
    for step in trace.steps:
        assert f"{step.number}. {step.instruction} [" in view.text
        assert view.words(f"build.{step.status}") in view.text


def test_marks_do_not_rest_on_colour() -> None:
    root = ElementTree.fromstring(TimelineView(QUICK, "en").svg)
    texts = ["".join(part.itertext()) for part in root.iter(f"{SVG}text")]
    assert texts.count("✓ cached") == 4
    assert texts.count("● ran") == 2
    assert "the cache ends here" in texts


def test_a_changed_word_is_struck_out_and_underlined() -> None:
    reason = Reason(cause=Cause.INSTRUCTION, before="COPY a b", after="COPY a <c>")
    root = ElementTree.fromstring(TimelineView(_with(5, reason=reason), "en").svg)
    looks = {span.text: span.get("text-decoration") for span in root.iter(f"{SVG}tspan")}
    assert looks["b"] == "line-through"
    assert looks["<c>"] == "underline"


def test_what_a_dockerfile_says_stays_text() -> None:
    evil = """RUN "'><script>alert(1)</script><image href=x onload=y /><a href="javascript:1">"""
    reasons = [
        Reason(cause=Cause.INSTRUCTION, before=evil, after=f"{evil}\x1b]0;x\x07"),
        Reason(cause=Cause.FILES, changed=(evil, "\x00\ud800")),
        Reason(cause=Cause.BASE, before=evil, after=evil),
        Reason(cause=Cause.ARGUMENT, name=evil, before=evil, after=evil),
    ]
    for reason in reasons:
        trace = _with(5, reason=reason, instruction=evil, stage=evil)
        for view in (
            TimelineView(trace, "en"),
            ComparisonView(BuildComparison(QUICK, trace), "en"),
        ):
            root = ElementTree.fromstring(view.svg)
            for part in root.iter():
                assert part.tag.removeprefix(SVG) not in ("script", "image", "a", "foreignObject")
                assert not [name for name in part.attrib if name.startswith("on") or "href" in name]


def test_a_long_instruction_is_cut_and_kept_as_a_tooltip() -> None:
    long = "RUN " + " && ".join(f"command-{n}" for n in range(60))
    root = ElementTree.fromstring(TimelineView(_with(5, instruction=long), "en").svg)
    assert long in [title.text for title in root.iter(f"{SVG}title")]
    shown = ["".join(part.itertext()) for part in root.iter(f"{SVG}text")]
    assert any(text.endswith("…") and "command" in text for text in shown)


def test_stages_have_headings() -> None:
    assert "[stage 1]" in TimelineView(_with(6, stage="1"), "en").text
    assert "[stage" not in TimelineView(QUICK, "en").text


def test_live_rows_are_plain_data_with_the_line_of_the_dockerfile() -> None:
    pytest.importorskip("anywidget")
    widget = TimelineView(FAILED, "en").widget
    assert widget is not None
    row = widget.rows[4]
    assert row["source"] == [[5, "COPY ./ ./"]]
    assert ["exit code", "254"] in row["facts"]
    assert row["cut"] == "the cache ends here"
    assert widget.logs == {"5": "one\nboom\n"}
    assert widget.head["bad"]
    assert widget.rows[0]["silent"].startswith("It was not run")


def test_updates_reach_the_widget_and_the_last_is_never_lost() -> None:
    pytest.importorskip("anywidget")
    view = TimelineView(WAITING, "en")
    widget = view.widget
    for number in range(200):
        view.update(_with(4, status=Status.RUNNING, log=f"line {number}\n"))
    view.update(QUICK)
    view.finish()
    assert widget is not None
    assert [row["status"] for row in widget.rows] == [str(s.status) for s in QUICK.steps]
    assert widget.tails == {}
    assert not widget.head["busy"]


def test_the_pace_passes_on_few_and_the_newest() -> None:
    seen: list[int] = []
    pace = Pace(seen.append, interval=60)
    for number in range(1000):
        pace.give(number)
    assert seen == [0]
    pace.flush()
    assert seen == [0, 999]
    pace.flush()
    assert seen == [0, 999]


def test_what_waits_is_passed_on_without_being_asked_for() -> None:
    seen: list[int] = []
    pace = Pace(seen.append, interval=0.01)
    pace.give(1)
    pace.give(2)
    end = time.monotonic() + 60
    while seen[-1] != 2 and time.monotonic() < end:
        time.sleep(0.005)
    assert seen[-1] == 2


def test_outside_a_notebook_following_just_builds() -> None:
    assert follow(lambda *words, **options: (words, options), "app", tag="x") == (
        ("app",),
        {"tag": "x"},
    )


# -- side by side


def _pairs(both: BuildComparison) -> list[tuple[int, int, int]]:
    return [
        (
            pair.before.number if pair.before else 0,
            pair.after.number if pair.after else 0,
            pair.moved,
        )
        for pair in both.pairs
    ]


def test_steps_are_aligned_by_what_costs_most() -> None:
    both = BuildComparison(SLOW, QUICK)
    assert _pairs(both) == [
        (1, 1, 0),
        (2, 2, 0),
        (3, 0, 5),
        (0, 3, 0),
        (4, 4, 0),
        (0, 5, 3),
        (5, 6, 0),
    ]
    assert both.saved == pytest.approx(5.98)
    assert both.decisive is not None
    assert both.decisive.before == SLOW.steps[3]


def test_an_edited_instruction_stays_beside_its_like() -> None:
    edited = _with(4, instruction="RUN npm ci")
    assert (4, 4, 0) in _pairs(BuildComparison(QUICK, edited))
    assert _pairs(BuildComparison(QUICK, BuildTrace()))[0] == (1, 0, 0)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_comparison_tells_what_was_saved_and_by_which_step(lang: Any) -> None:
    view = dockerlab.compare(SLOW, QUICK, ("all at once", "package.json first"), lang)
    assert "RUN npm install" in view.summary
    assert view.words("cmp.saved", seconds=reading.took(5.98, view.words)) in view.svg
    ElementTree.fromstring(view.svg)
    assert "package.json first: " in view.text


def test_the_slower_one_is_not_praised() -> None:
    view = ComparisonView(BuildComparison(QUICK, SLOW), "en")
    assert "more than Build 1" in view.summary
    same = ComparisonView(BuildComparison(QUICK, QUICK), "en")
    assert same.summary.startswith("Both took")


def test_the_live_comparison_has_both_sides() -> None:
    pytest.importorskip("anywidget")
    widget: Any = dockerlab.compare(SLOW, QUICK, lang="en").widget
    assert [side["name"] for side in widget.sides] == ["Build 1", "Build 2"]
    assert widget.pairs[2]["after"] is None
    assert widget.pairs[2]["lonely"] == "moved, step 5 on the other side"
