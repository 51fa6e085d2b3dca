from dockerlab.formats.pipeline.outline import TRAVIS
from dockerlab.grading.claims.projects import delivery, travis
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.production import failure_swallowed, line_without

CI = delivery()
BUILD, TEST = "docker build", "npm test"

exercise = Exercise(
    items=("6.6", "6.7", "6.8"),
    level=3,
    checks=[
        Check("valid", CI.can_be_followed()),
        Check("docker", CI.may_use_docker(), needs=["valid"]),
        Check("branches", CI.starts_for("master", "feature"), needs=["valid"]),
        Check(
            "build",
            travis().runs("-f Dockerfile.dev"),
            needs=["valid"],
            spots=[line_without("production-file-in-tests", TRAVIS, BUILD, "-f Dockerfile.dev")],
        ),
        Check("tests", travis().runs(TEST, after=BUILD), needs=["valid"]),
        Check("strict", CI.counts(TEST), points=2, needs=["tests"],
              spots=[failure_swallowed(TRAVIS)]),
        Check("target", CI.deploys("ex6-site", "ex6-site-env"), needs=["valid"]),
        Check("master", CI.deploys_only_from("master"), points=2, needs=["target"]),
        Check("keys", CI.takes_keys_from_settings(), points=2, needs=["target"]),
    ],
)  # fmt: skip
