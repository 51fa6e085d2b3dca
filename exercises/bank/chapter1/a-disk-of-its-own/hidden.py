from dockerlab.grading.claims.containers import container
from dockerlab.grading.exercise import Check

# The instruction names the image: two containers of two images would prove nothing.
checks = [
    Check("one-image", container("ex1-one").is_of("alpine"), needs=["one"]),
    Check("same-image", container("ex1-other").is_of("alpine"), needs=["other"]),
]
