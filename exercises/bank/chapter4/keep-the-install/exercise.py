from dockerlab.grading.claims.disks import file
from dockerlab.grading.claims.images import build, image
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.builds import copy_before_install, has_step, lacks_step, not_rebuilt

FAST, APP = "ex4/fast", "/usr/src/app"
INSTALL = "RUN npm install|npm ci|npm i"

exercise = Exercise(
    items=("4.5",),
    level=2,
    images=("node",),
    checks=[
        Check(
            "kept",
            build().keeps(INSTALL, after="index.js"),
            points=2,
            spots=[copy_before_install(), has_step("edited-file-above", "COPY index.js")],
            edits="Dockerfile",
        ),
        Check("fresh", build().repeats(INSTALL, after="package.json"), needs=["kept"]),
        Check("image", image(FAST).exists(), needs=["kept"]),
        Check(
            "whole",
            file("index.js").is_in(FAST, f"{APP}/index.js"),
            needs=["image"],
            spots=[
                lacks_step("app-not-copied", "COPY .|index.js"),
                not_rebuilt(FAST, "index.js", f"{APP}/index.js"),
            ],
        ),
    ],
)
