"""Claims of builds and of what comes of them, on every engine; hostile builds and images too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from buildlab import Builder
from docker.client import DockerClient
from engines import Engine

from dockerlab import Lab
from dockerlab.grading.bench import PROBE, Bench
from dockerlab.grading.claims.disks import file
from dockerlab.grading.claims.images import result, trial
from dockerlab.grading.claims.images.builds import build as building
from dockerlab.grading.exercise import Claim
from dockerlab.grading.spots import builds as spots

INSTALL = "RUN true|npm install"
FAST = "FROM busybox\nCOPY package.json ./\nRUN true\nCOPY . .\n"
SLOW = "FROM busybox\nCOPY . .\nRUN true\n"
TWO_STAGES = (
    "FROM busybox AS one\nCOPY index.js ./\nFROM busybox\nCOPY --from=one /index.js /\nRUN true\n"
)
SHOP = "trap 'exit 0' TERM; echo open; sleep 1000 & wait"


@pytest.fixture
def bench(lab: Lab, tmp_path: Path) -> Bench:
    (tmp_path / "index.js").write_text("old\n")
    (tmp_path / "package.json").write_text("{}\n")
    return Bench(lab, tmp_path, lambda *_, **__: (0, ""))


@pytest.fixture(autouse=True)
def nothing_is_left(client: DockerClient, engine: Engine) -> Iterator[None]:
    yield
    if not engine.embedded:  # others may be trying something there
        return
    tags = [tag for image in client.images.list() for tag in image.tags]
    assert not [tag for tag in tags if tag.startswith(PROBE)]
    assert not client.containers.list(all=True, filters={"label": PROBE}, ignore_removed=True)


def found(bench: Bench, claim: Claim, dockerfile: str = "") -> str:
    """The key of what was found; both sentences can be said."""
    if dockerfile:
        (bench.folder / "Dockerfile").write_text(dockerfile)
    finding = claim.look(bench)
    for saying in (claim.says, finding.why):
        assert saying.text("en") != saying.text("ko")
        assert "{" not in saying.text("en")
    return "met" if finding else finding.why.key


# --- the cache ---


@pytest.mark.parametrize(
    ("dockerfile", "kept", "repeated"),
    [
        (FAST, "met", "met"),
        (SLOW, "build.missed", "met"),
        (FAST.replace("package.json ./", "package.json index.js ./"), "build.missed", "met"),
        ("FROM busybox\nRUN true\nCOPY . .\n", "met", "build.kept"),
        (TWO_STAGES, "build.missed", "build.kept"),
        ("FROM busybox\nCOPY . .\n", "recipe.no_step", "recipe.no_step"),
        ("RNU true", "recipe.illegible", "recipe.illegible"),
    ],
)
def test_what_an_edit_costs(bench: Bench, dockerfile: str, kept: str, repeated: str) -> None:
    assert found(bench, building().keeps(INSTALL, after="index.js"), dockerfile) == kept
    assert found(bench, building().repeats(INSTALL, after="package.json")) == repeated
    assert (bench.folder / "index.js").read_text() == "old\n"


def test_an_ignored_file_costs_nothing(bench: Bench) -> None:
    claim = building().keeps("COPY .", after="notes.txt")
    assert found(bench, claim) == "recipe.absent"
    assert found(bench, claim, SLOW) == "build.missed"
    (bench.folder / ".dockerignore").write_text("notes.txt\n")
    assert found(bench, claim) == "met"


def test_what_is_missed_is_explained_by_its_cause(bench: Bench) -> None:
    (bench.folder / "Dockerfile").write_text(SLOW)
    why = building().keeps(INSTALL, after="index.js").look(bench).why
    assert (why.fields["line"], why.fields["cause"]) == (2, "COPY . .")


# --- building ---


def test_a_folder_that_builds(bench: Bench) -> None:
    claim = building().succeeds()
    assert found(bench, claim) == "recipe.absent"
    assert found(bench, claim, FAST) == "met"


@pytest.mark.parametrize(
    ("dockerfile", "key"),
    [
        ("FROM busybox\nRUN echo no such luck; false\n", "build.failed"),
        ("FROM busybox\nCOPY nowhere /\n", "build.failed"),
        ("RNU true", "build.refused"),
    ],
)
def test_a_folder_that_does_not(bench: Bench, dockerfile: str, key: str) -> None:
    assert found(bench, building().succeeds(), dockerfile) == key


@pytest.mark.parametrize("command", ["sleep 60", "yes"])
def test_a_build_that_never_ends(bench: Bench, command: str) -> None:
    began = time.monotonic()
    claim = building().succeeds(within=2)
    assert found(bench, claim, f"FROM busybox\nRUN {command}\n") == "build.endless"
    assert time.monotonic() - began < 30


# --- what came of it ---


def test_an_image_beside_its_base(bench: Bench, build: Builder, name: str) -> None:
    claim = result(name).adds_at_most(100_000, to="busybox")
    assert found(bench, claim) == "image.absent"
    build("FROM busybox\nRUN head -c 300000 /dev/zero > /z\nRUN rm /z", {}, t=name)
    assert found(bench, claim) == "result.too_much"
    assert found(bench, result(name).adds_at_most(10_000_000, to="busybox")) == "met"


def test_a_container_of_the_image_before(
    bench: Bench, client: DockerClient, build: Builder, name: str
) -> None:
    claim = result(name).is_in(f"{name}-box")
    build("FROM busybox\nCMD true", {}, t=name)
    assert found(bench, claim) == "container.absent"
    client.containers.create(name, name=f"{name}-box")
    assert found(bench, claim) == "met"
    build("FROM busybox\nCMD false", {}, t=name)
    assert found(bench, claim) == "result.older"


def test_a_file_as_it_was_when_the_image_was_built(bench: Bench, build: Builder, name: str) -> None:
    claim = file("index.js").is_in(name, "/index.js")
    spot = spots.not_rebuilt(name, "index.js", "/index.js")
    assert found(bench, claim) == "image.absent"
    build("FROM busybox\nCOPY index.js /", {"index.js": "old\n"}, t=name)
    assert found(bench, claim) == "met"
    assert spot.see(bench) is None
    (bench.folder / "index.js").write_text("new\n")
    assert found(bench, claim) == "file.packed_older"
    assert spot.see(bench) == {"file": "index.js", "image": name}
    assert found(bench, file("index.js").is_in(name, "/app/index.js")) == "file.not_packed"
    assert found(bench, file("index.js").is_in(name, "/bin")) == "file.not_packed"


# --- trying an image ---


@pytest.mark.parametrize(
    ("command", "claims"),
    [
        (
            'CMD ["sh", "-c", "echo one; echo two"]',
            {"prints": "met", "just": "met", "ends": "met", "same": "met", "new": "trial.repeated"},
        ),
        (
            "RUN echo one\nCMD cat /proc/sys/kernel/random/uuid; exit 3",
            {"prints": "trial.other", "ends": "trial.code", "same": "trial.renewed", "new": "met"},
        ),
        ("CMD true", {"prints": "trial.silent", "same": "trial.few_lines"}),
        ('CMD ["nowhere"]', {"prints": "trial.refused", "ends": "trial.refused"}),
        ("CMD sleep 60", {"prints": "trial.silent", "ends": "trial.endless"}),
        ("CMD yes one", {"prints": "trial.other", "just": "trial.other"}),
    ],
)
def test_a_trial(
    bench: Bench, build: Builder, name: str, command: str, claims: dict[str, str]
) -> None:
    build(f"FROM busybox\n{command}", {}, t=name)
    tried = trial(name, within=1.5)
    claimed = {
        "prints": tried.prints("one", "two"),
        "just": tried.prints_just("one", "two"),
        "ends": tried.ends(),
        "same": tried.repeats_line(1),
        "new": tried.renews_line(1),
    }
    assert {key: found(bench, claimed[key]) for key in claims} == claims


def test_no_image_is_nothing_to_try(bench: Bench, name: str) -> None:
    assert trial(name).prints("one").look(bench).state == "absent"


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (f'CMD ["sh", "-c", "{SHOP}"]', "met"),
        ('CMD ["sh", "-c", "echo open; sleep 60; true"]', "trial.killed"),
        ('CMD ["sh", "-c", "trap \'exit 7\' TERM; echo open; sleep 1; sleep 1"]', "trial.bad_end"),
        ('CMD ["echo", "closed"]', "trial.not_ready"),
    ],
)
def test_being_told_to_stop(
    bench: Bench, build: Builder, name: str, command: str, key: str
) -> None:
    build(f"FROM busybox\n{command}", {}, t=name)
    assert found(bench, trial(name, within=5.0).heeds_stop(ready="open")) == key


def test_how_a_start_command_is_written(bench: Bench, build: Builder, name: str) -> None:
    shell, none = spots.shell_form_cmd(name), spots.no_shell(name)
    assert shell.see(bench) is none.see(bench) is None
    build("FROM busybox\nCMD echo $HOME", {}, t=name)
    assert shell.see(bench) == {"image": name, "command": "echo $HOME"}
    assert none.see(bench) is None
    build('FROM busybox\nCMD ["echo", "$HOME"]', {}, t=name)
    assert shell.see(bench) is None
    assert none.see(bench) == {"sign": "$"}
    assert spots.no_cmd(name, "busybox").see(bench) is None
    build("FROM busybox\nRUN true", {}, t=name)
    assert spots.no_cmd(name, "busybox").see(bench) == {"image": name}
    assert spots.has_image("there", name).see(bench) == {"image": name}
