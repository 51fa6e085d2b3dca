"""Claims of what a CI would do with ``.travis.yml``, from a push to a deployment."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.projects import delivery
from dockerlab.grading.exercise import Claim

FILE = """\
language: generic
services: [docker]
before_install:
  - docker build -t app -f Dockerfile.dev .
script:
  - docker run app npm test
deploy:
  provider: elasticbeanstalk
  region: us-east-1
  app: site
  env: site-env
  access_key_id: $AWS_ACCESS_KEY_ID
  secret_access_key: $AWS_SECRET_ACCESS_KEY
  on: {branch: master}
"""
CI = delivery()
TESTS, TARGET, KEYS = (
    CI.counts("npm test"),
    CI.deploys("site", "site-env"),
    CI.takes_keys_from_settings(),
)
ONLY = CI.deploys_only_from("master")


def found(folder: Path, text: str | None, claim: Claim) -> str:
    """``met``, or the key of the reason; both sentences can be said."""
    if text is not None:
        (folder / ".travis.yml").write_text(text)
    finding = claim.look(Bench(None, folder, None))  # type: ignore[arg-type]
    for saying in (claim.says, finding.why):
        assert saying.text("en") != saying.text("ko")
    return "met" if finding else finding.why.key


@pytest.mark.parametrize(
    "claim",
    [
        CI.can_be_followed(),
        CI.may_use_docker(),
        CI.starts_for("master", "feature"),
        CI.counts("docker build"),
        *(TESTS, TARGET, ONLY, KEYS),
    ],
)
def test_what_is_so(tmp_path: Path, claim: Claim) -> None:
    assert found(tmp_path, FILE, claim) == "met"


@pytest.mark.parametrize(
    ("claim", "old", "new", "key"),
    [
        (CI.can_be_followed(), "script:", "scripts:", "pipeline.invalid"),
        (CI.can_be_followed(), "app: site", "app: [site]", "pipeline.invalid"),
        (CI.may_use_docker(), "services: [docker]\n", "", "delivery.no_docker"),
        (CI.starts_for("feature"), "deploy:", "branches: master\ndeploy:", "pipeline.no_branch"),
        (TESTS, "npm test", "npm start", "pipeline.not_run"),
        (TESTS, "npm test", "npm test || true", "pipeline.swallowed"),
        (TESTS, "script:", "script: 'true'\nafter_success:", "delivery.ignored"),
        (TARGET, "env: site-env", "env: other", "delivery.other"),
        (TARGET, FILE[FILE.index("deploy:") :], "", "delivery.none"),
        (ONLY, FILE[FILE.index("deploy:") :], "", "delivery.none"),
        (KEYS, FILE[FILE.index("deploy:") :], "", "delivery.none"),
        (ONLY, "branch: master", "all_branches: true", "delivery.also_from"),
        (ONLY, "branch: master", "branch: [master, main]", "delivery.also_from"),
        (ONLY, "branch: master", "branch: /master/", "delivery.also_from"),
        (ONLY, "branch: master", "branch: main", "delivery.not_from"),
        (ONLY, "deploy:", "branches: {except: [master]}\ndeploy:", "delivery.not_from"),
        (KEYS, "$AWS_SECRET_ACCESS_KEY", "Zm9yLW5vYm9keQ", "delivery.key_held"),
    ],
)
def test_what_is_not_so(tmp_path: Path, claim: Claim, old: str, new: str, key: str) -> None:
    assert old in FILE
    assert found(tmp_path, FILE.replace(old, new), claim) == key


def test_travis_deploys_from_master_unless_told_otherwise(tmp_path: Path) -> None:
    assert found(tmp_path, FILE.replace("  on: {branch: master}\n", ""), ONLY) == "met"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (None, "pipeline.absent"),
        ("  \n", "pipeline.absent"),
        ("[" * 5000, "pipeline.invalid"),
        ("script: {a: 1}", "pipeline.invalid"),
        ("a plain text", "pipeline.invalid"),
        ("branches: /(/", "pipeline.invalid"),
    ],
)
def test_hostile_files_are_just_wrong(tmp_path: Path, text: str | None, key: str) -> None:
    assert found(tmp_path, text, TESTS) == key
