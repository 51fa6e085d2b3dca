from dockerlab.grading.claims.disks import file
from dockerlab.grading.claims.projects import workflow
from dockerlab.grading.exercise import Check, Exercise
from dockerlab.grading.spots.production import (
    deploy_without_tests,
    failure_swallowed,
    line_without,
    text_in_file,
)

FILE = ".github/workflows/ci.yml"
CI = workflow(FILE)
BUILD, TEST, DEPLOY = "docker build", "npm test", "deploy.sh"

exercise = Exercise(
    items=("6.4", "6.6", "6.8"),
    level=3,
    checks=[
        Check("valid", CI.is_valid()),
        Check("push", CI.starts_on("push", "master"), needs=["valid"]),
        Check("source", CI.uses("actions/checkout"), needs=["valid"]),
        Check(
            "build",
            CI.runs("-f Dockerfile.dev"),
            needs=["valid"],
            spots=[line_without("production-file-in-tests", FILE, BUILD, "-f Dockerfile.dev")],
        ),
        Check("tests", CI.runs(TEST, after=BUILD), needs=["valid"]),
        Check("strict", CI.fails_with(TEST), points=2, needs=["tests"],
              spots=[failure_swallowed(FILE)]),
        Check(
            "deploys",
            CI.waits(DEPLOY, for_=TEST),
            points=2,
            needs=["tests"],
            spots=[deploy_without_tests(FILE, DEPLOY, TEST)],
        ),
        Check(
            "secret",
            file(FILE).holds("secrets.DEPLOY_KEY"),
            needs=["deploys"],
            spots=[text_in_file("secret-in-the-file", FILE, "k-0815")],
        ),
        Check("no-secret", file(FILE).lacks("k-0815"), needs=["valid"],
              spots=[text_in_file("secret-in-the-file", FILE, "k-0815")]),
    ],
)  # fmt: skip
