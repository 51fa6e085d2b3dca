from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered

EVERYTHING = frozenset({"containers", "network", "volume", "image"})

exercise = Exercise(
    items=("5.3", "5.4"),
    level=1,
    questions={"networks": "number", "gone": "choices", "name": "text", "edit": "choice",
               "steps": "order"},
    checks=[
        Check("networks", question("networks").is_number(1),
              spots=[answered("no-line-no-network", "networks", 0),
                     answered("one-for-each", "networks", 2)]),
        Check("name", question("name").is_text("shop-page-2"),
              spots=[answered("first-compose", "name", "shop_page_2")]),
        Check("edit", question("edit").is_choice("up-build"),
              spots=[answered("up-does-not-look", "edit", "up"),
                     answered("restart-keeps-the-image", "edit", "restart")]),
        Check("gone", question("gone").is_choice("containers", "network"),
              spots=[answered("volumes-stay", "gone", EVERYTHING - {"image"}),
                     answered("everything", "gone", EVERYTHING)]),
        Check("steps", question("steps").is_order("build", "network", "store", "page")),
    ],
)  # fmt: skip
