from dockerlab.grading.claims.projects import project, service
from dockerlab.grading.exercise import Check

PROJECT = project("ex5-three")

# One count needs one store, which the pages really reach, and which nobody reaches from outside.
checks = [
    Check("one-store", PROJECT.runs("store", 1), needs=["healthy"]),
    Check("reached", PROJECT.reaches("page", "store", 6379), needs=["three"]),
    Check("closed", service("store").publishes_nothing(), needs=["one-store"]),
]
