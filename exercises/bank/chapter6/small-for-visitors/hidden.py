from dockerlab.grading.claims.images import image
from dockerlab.grading.exercise import Check

# Neither what it was built with, nor what it was built from.
checks = [
    Check("no-node", image("ex6/small").lacks("/usr/local/bin/node"), needs=["small"]),
    Check("no-tests", image("ex6/small").lacks("/usr/src/app"), needs=["small"]),
]
