from dockerlab.grading.claims.answers import question
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.answers import answered, chose

exercise = Exercise(
    items=("6.4", "6.6", "6.7", "6.8", "6.9"),
    level=2,
    questions={
        "hangs": "choice",
        "old": "choice",
        "denied": "choice",
        "port": "number",
        "stays": "choices",
    },
    checks=[
        Check("hangs", question("hangs").is_choice("ci"),
              spots=[answered("longer-is-still-for-ever", "hangs", "longer")]),
        Check("old", question("old").is_choice("merge"),
              spots=[answered("again-is-the-same", "old", "again")]),
        Check("denied", question("denied").is_choice("policy"),
              spots=[answered("key-was-known", "denied", "key"),
                     answered("root-may-all", "denied", "root")]),
        Check("port", question("port").is_number(3000),
              spots=[answered("what-the-visitors-ask", "port", 80)]),
        Check("stays", question("stays").is_choice("build", "script"), points=2,
              spots=[chose("too-late-to-matter", "stays", "after"),
                     chose("never-red", "stays", "true")]),
    ],
)  # fmt: skip
