from dockerlab.grading.claims.containers import container
from dockerlab.grading.exercise import Check

# A program that only answers as Redis does is not what was asked for.
checks = [Check("redis", container("ex2-redis").is_of("redis"), needs=["running"])]
