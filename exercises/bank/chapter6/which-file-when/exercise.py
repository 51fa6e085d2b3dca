from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered

exercise = Exercise(
    items=("6.1", "6.6", "6.8", "6.9"),
    level=1,
    questions={
        "steps": "order",
        "code": "number",
        "recipe": "choice",
        "key": "choice",
        "tests": "choices",
    },
    checks=[
        Check("steps", question("steps").is_order("push", "build", "test", "deploy")),
        Check("code", question("code").is_number(1), spots=[answered("zero-is-good", "code", 0)]),
        Check("recipe", question("recipe").is_choice("dockerfile"),
              spots=[answered("tests-stay-behind", "recipe", "dockerfile-dev"),
                     answered("no-image-travels", "recipe", "finished")]),
        Check("key", question("key").is_choice("settings"),
              spots=[answered("repository-is-read", "key", "repository"),
                     answered("image-is-read", "key", "image")]),
        Check("tests", question("tests").is_choice("laptop", "ci")),
    ],
)  # fmt: skip
