"""Claims of images for production, on every engine: secrets, given tests, fresh containers."""

from __future__ import annotations

from pathlib import Path

import pytest
from buildlab import Builder
from docker.client import DockerClient

from dockerlab import Lab
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers import is_fresh
from dockerlab.grading.claims.images import original, secret
from dockerlab.grading.exercise import Claim
from dockerlab.grading.spots import production as spots

KEY = secret("k-4711-sesame")


@pytest.fixture
def bench(lab: Lab, tmp_path: Path) -> Bench:
    return Bench(lab, tmp_path, lambda *_, **__: (0, ""))


def found(bench: Bench, claim: Claim) -> str:
    finding = claim.look(bench)
    for saying in (claim.says, finding.why):
        assert saying.text("en") != saying.text("ko")
    return "met" if finding else finding.why.key


@pytest.mark.parametrize(
    ("dockerfile", "key", "spot"),
    [
        ("COPY Dockerfile /", "met", None),
        ("COPY key.env /", "secret.in_layer", spots.secret_copied),
        (
            "COPY key.env /\nRUN rm /key.env",
            "secret.in_layer",
            spots.secret_in_an_earlier_layer,
        ),
        ("ENV KEY=k-4711-sesame", "secret.in_settings", spots.secret_in_the_settings),
        ("RUN echo k-4711-sesame", "secret.in_history", spots.secret_in_the_history),
    ],
)
def test_secrets(
    bench: Bench, build: Builder, name: str, dockerfile: str, key: str, spot: object
) -> None:
    build(f"FROM busybox\n{dockerfile}", {"key.env": "KEY=k-4711-sesame"}, t=name)
    assert found(bench, KEY.stays_out_of(name)) == key
    kinds = (
        spots.secret_in_the_settings,
        spots.secret_in_the_history,
        spots.secret_in_an_earlier_layer,
        spots.secret_copied,
    )
    seen = [kind for kind in kinds if kind(KEY, name).see(bench) is not None]
    assert seen[:1] == ([spot] if spot else [])


def test_given_files_and_fresh_containers(
    bench: Bench, build: Builder, client: DockerClient, name: str
) -> None:
    given = original("one\ntwo\n")
    build("FROM busybox\nCOPY tests /", {"tests": "one\r\ntwo"}, t=name)
    assert found(bench, given.is_in(name, "/tests")) == "met"
    assert found(bench, given.is_in(name, "/none")) == "original.missing"
    assert spots.tests_changed(given, name, "/tests").see(bench) is None
    client.api.create_container(name, ["sh", "-c", "x || true"], name=name)
    assert found(bench, is_fresh(name, name)) == "met"
    assert spots.exit_code_swallowed(name).see(bench) is not None

    build("FROM busybox\nCOPY tests /", {"tests": "none"}, t=name)
    assert found(bench, given.is_in(name, "/tests")) == "original.changed"
    assert spots.tests_changed(given, name, "/tests").see(bench) is not None
    assert found(bench, is_fresh(name, name)) == "fresh.older"
    assert spots.one_stage(name, "busybox").see(bench) is not None
    assert spots.one_stage(name, "alpine").see(bench) is None
    assert spots.sources_served(name, "/none", "/tests").see(bench) is not None
    assert spots.dockerfile_not_named(name, "busybox").see(bench) is None
    assert spots.dockerfile_not_named(name, name).see(bench) is not None


def test_what_is_not_there(bench: Bench, name: str) -> None:
    assert found(bench, KEY.stays_out_of(name)) == "image.absent"
    assert found(bench, original("x").is_in(name, "/x")) == "image.absent"
    assert found(bench, is_fresh(name, name)) == "container.absent"
    for spot in (
        spots.secret_copied(KEY, name),
        spots.one_stage(name, "busybox"),
        spots.sources_served(name, "/x"),
        spots.tests_changed(original("x"), name, "/x"),
        spots.exit_code_swallowed(name),
        spots.dockerfile_not_named(name, name),
    ):
        assert spot.see(bench) is None
