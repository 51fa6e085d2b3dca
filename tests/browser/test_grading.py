"""An exercise in a real JupyterLab: its quiz by keyboard, what a check says, how far one is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.jupyter import Lab, Server

pytestmark = pytest.mark.timeout(180)

EXERCISE = """\
from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.outcome import Finding
from dockerlab.grading.spots.answers import answered

exercise = Exercise(
    items=("4.1",),
    level=2,
    checks=[
        Check("port", question("port").is_number(80), 2, spots=[answered("inside", "port", 8080)]),
        Check("why", question("why").is_choice("a"), needs=["port"]),
        Check("all", question("all").is_choice("a", "b")),
        Check("steps", question("steps").is_order("build", "run", "fetch")),
    ],
    questions={"port": "number", "why": "choice", "all": "choices", "steps": "order"},
)
"""
EN = """\
# The way to the page
Look.
## Hints
1. Ask `docker port`.
2. It is the one on the **left**:

   ```
   docker run -p 80:8080 web
   ```
## spot: inside
`8080` is the port inside the container. Your browser stands outside, and knocks at the door that
`-p` opened there.
## question: port
`docker run -p 80:8080 web`: which port does your browser ask?
## question: why
Why can two containers both listen to port 8080?
- a: Each has its own network, with ports of its own.
- b: They take turns.
- c: Docker changes the number that the program asked for.
## question: all
Which of these publish a port?
- a: `-p 80:8080`
- b: `-P`
- c: `EXPOSE 8080` in the Dockerfile
## question: steps
What comes first, what comes last?
- fetch: Ask the page.
- build: Build the image.
- run: Run a container of it.
"""
BEGIN = "import dockerlab\nfrom dockerlab.grading import *\nlab = dockerlab.connect(quiet=True)"


@pytest.fixture
def exercise(jupyter_server: Server) -> str:
    """An exercise in a bank beside the notebooks; both editions say the same here."""
    place = jupyter_server.folder / "exercises" / "bank" / "chapter4" / "way-to-the-page"
    place.mkdir(parents=True, exist_ok=True)
    (place / "exercise.py").write_text(EXERCISE)
    for name in ("en.md", "ko.md"):
        (place / name).write_text(EN)
    return place.name


def cells(exercise: str, kept: Path) -> list[str]:
    return [
        f"%env DOCKERLAB_PROGRESS={kept}\n%env DOCKERLAB_LANG=en\n{BEGIN}",
        f'start("{exercise}")',
        f'quiz("{exercise}")',
        f'check("{exercise}")',
        f'hint("{exercise}"); hint("{exercise}")',
        "progress()",
    ]


def run_again(page: Any, number: int) -> None:
    """Run one cell, as Shift-Enter does."""
    page.evaluate(
        """async number => {
          const app = window.jupyterapp, notebook = app.shell.currentWidget.content;
          notebook.activeCellIndex = number;
          await app.commands.execute('notebook:run-cell');
        }""",
        number,
    )


def test_a_quiz_by_keyboard_and_what_its_check_says(
    lab: Callable[..., Lab], exercise: str, shots: Path, tmp_path: Path
) -> None:
    opened = lab(cells(exercise, tmp_path / "progress.json"), "quiz")
    page = opened.page
    quiz = page.locator(".dl-quiz")
    quiz.wait_for()
    outcome = page.locator(".dl-outcome")
    assert "not started" in outcome.locator(".dl-head").inner_text()

    # A number, with a slip first; Enter keeps it.
    number = page.get_by_role("textbox", name="which port does your browser ask?")
    number.focus()
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="That is not a number.").wait_for()
    assert number.get_attribute("aria-invalid") == "true"
    number.fill("8080")
    page.keyboard.press("Enter")
    quiz.get_by_text("Kept: 8080").wait_for()

    # A choice by the arrow keys, which JupyterLab would like for itself.
    page.get_by_role("radio", name="Each has its own network").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    quiz.get_by_text("Kept: They take turns.").wait_for()
    page.keyboard.press("ArrowUp")
    quiz.get_by_text("Kept: Each has its own network").wait_for()
    for option in ("-p 80:8080", "-P"):
        page.get_by_role("checkbox", name=option, exact=True).focus()
        page.keyboard.press("Space")
    quiz.get_by_text("Kept: -p 80:8080, -P").wait_for()

    # An order: the button pressed stays the one in focus, and the new place is told.
    page.get_by_role("button", name="Move down: Ask the page.").focus()
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Ask the page.: place 2 of 3").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Ask the page.: place 3 of 3").wait_for()
    assert page.evaluate("document.activeElement.ariaLabel") == "Move up: Ask the page."
    page.get_by_role("button", name="This is the order").press("Enter")
    quiz.get_by_text("Kept: Build the image. → Run a container of it. → Ask the page.").wait_for()
    assert "port=8080," in quiz.locator("pre").inner_text()
    page.locator(".dl-view", has=quiz).screenshot(path=shots / "quiz.png")

    # Run once more, the cell holds the answers, and is handed in with the notebook.
    run_again(page, 2)
    page.locator(".jp-Notebook").get_by_text("port=8080,").first.wait_for()
    quiz.get_by_text("Kept: 8080").wait_for()
    assert not quiz.locator("pre").is_visible()

    # What is missing, why, and the hint that fits the answer.
    run_again(page, 3)
    outcome.filter(has_text="partly done").wait_for()
    assert outcome.locator(".dl-points").first.inner_text() == "2 of 5 points"
    assert "the port inside the container" in outcome.locator(".dl-hint").inner_text()
    assert outcome.get_by_role("list", name="What was checked").get_by_role("listitem").count() == 4
    outcome.screenshot(path=shots / "outcome.png")
    run_again(page, 5)
    overview = page.locator(".dl-overview")
    overview.filter(has_text="2 of 5 points").wait_for()
    assert overview.get_by_role("row", name="The way to the page").count() == 1
    overview.screenshot(path=shots / "progress.png")
    hint = page.locator(".dl-note").filter(has_text="Hint 2 of 2")
    assert hint.locator("pre").inner_text() == "docker run -p 80:8080 web"
    hint.screenshot(path=shots / "hint.png")

    opened.dark()
    page.wait_for_timeout(800)
    for name, part in (("quiz", page.locator(".dl-view", has=quiz)), ("outcome", outcome)):
        part.screenshot(path=shots / f"{name}-dark.png")
    overview.screenshot(path=shots / "progress-dark.png")
    opened.dark(False)
    assert opened.problems == []
