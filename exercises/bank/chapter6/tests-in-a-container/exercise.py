from pathlib import Path

from dockerlab.grading.claims.containers import container, is_fresh, logs
from dockerlab.grading.claims.images import image, original
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.ports import old_container
from dockerlab.grading.spots.production import exit_code_swallowed, tests_changed

IMAGE, BOX, TESTS = "ex6/tests", "ex6-tests", "/usr/src/app/test/page.test.js"
GIVEN = original((Path(__file__).parent / "starter" / "test" / "page.test.js").read_text("utf-8"))

exercise = Exercise(
    items=("6.4",),
    level=2,
    images=("node",),
    checks=[
        Check("image", image(IMAGE).holds("/usr/src/app/package.json")),
        Check("tests", GIVEN.is_in(IMAGE, TESTS), needs=["image"],
              spots=[tests_changed(GIVEN, IMAGE, TESTS)]),
        Check(
            "command",
            container(BOX).starts("npm", "test"),
            needs=["image"],
            spots=[exit_code_swallowed(BOX)],
        ),
        Check(
            "green",
            container(BOX).has_ended(0),
            points=2,
            needs=["command"],
            patience=4,
        ),
        Check("passed", logs(BOX).contain("pass 2"), needs=["green", "tests"]),
        Check("newest", is_fresh(BOX, IMAGE), needs=["green"],
              spots=[old_container(BOX, IMAGE)]),
    ],
)  # fmt: skip
