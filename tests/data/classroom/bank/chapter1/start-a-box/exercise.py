from dockerlab.grading.claims.containers import container
from dockerlab.grading.exercise import Check, Exercise

exercise = Exercise(
    items=("1.2",),
    level=2,
    images=("busybox",),
    checks=[Check("runs", container("ex1-box").is_running(), points=3)],
)
