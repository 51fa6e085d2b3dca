"""What is claimed of containers, on every engine: right states, wrong ones and hostile ones."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import pytest
from claiming import MINE, bench_of, found, seen
from docker.client import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container as RawContainer

import dockerlab
from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.containers import container, limits, logs, process
from dockerlab.grading.exercise import Claim
from dockerlab.grading.spots import containers as spots
from dockerlab.grading.spots.limits import (
    decimal_megabytes,
    pinned_is_no_limit,
    shares_are_no_limit,
    soft_limit,
)

FILL = (
    "mkdir /d; mkfifo /d/pipe; echo 'remember the milk' > /d/note; ln -s note /d/link;"
    "ln -s a /d/b; ln -s b /d/a; head -c 2000000 /dev/zero > /d/large;"
    "printf '\\033[31mready \\377 {container}\\033[0m\\n'; sleep 300 & exec sleep 500"
)
BOX, ENDED, CREATED, FAILED, PAUSED = (
    f"{MINE}claim-{word}" for word in ("box", "ended", "created", "failed", "paused")
)
box, ended, created = container(BOX), container(ENDED), container(CREATED)
failed, paused, nobody = container(FAILED), container(PAUSED), container(f"{MINE}nobody")


@pytest.fixture(scope="module")
def bench(
    engine_url: str,
    session_client: DockerClient,
    images: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bench]:
    made = list(boxes(session_client))
    lab = dockerlab.connect(engine_url)
    try:
        yield bench_of(lab, tmp_path_factory.mktemp("folder"))
    finally:
        lab.close()
        for one in made:
            remove(one)


def boxes(client: DockerClient) -> Iterator[RawContainer]:
    """One container in each state."""
    make = client.containers.create
    yield (running := make("alpine", ["sh", "-c", FILL], name=BOX, **OPTIONS))
    running.start()
    yield (done := make("alpine", ["sh", "-c", "echo bye; exit 3"], name=ENDED))
    done.start()
    yield make("alpine", ["echo", "{hi}"], name=CREATED)
    yield (broken := make("hello-world", ["ls"], name=FAILED))
    with pytest.raises(APIError):
        broken.start()
    yield (frozen := make("alpine", ["sleep", "500"], name=PAUSED, user="1000"))
    frozen.start()
    frozen.pause()
    done.wait()
    until(lambda: b"ready" in running.logs())


OPTIONS = {
    "environment": {"GREETING": "{hello}", "EMPTY": ""},
    "labels": {"course": "yes"},
    "hostname": "books",
    "mem_limit": "64m",
    "nano_cpus": 500_000_000,
    "pids_limit": 50,
    "restart_policy": {"Name": "on-failure", "MaximumRetryCount": 3},
}


def remove(made: RawContainer) -> None:
    with contextlib.suppress(NotFound):
        made.remove(force=True)


def until(done) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


STATES = [
    (box.exists(), "met"),
    (nobody.exists(), "container.absent"),
    (nobody.is_gone(), "met"),
    (box.is_gone(), "container.still_there"),
    (box.is_running(), "met"),
    (ended.is_running(), "container.not_running"),
    (paused.is_running(), "container.not_running"),
    (failed.is_running(), "container.not_running"),
    (nobody.is_running(), "container.absent"),
    (paused.is_paused(), "met"),
    (box.is_paused(), "container.not_paused"),
    (created.is_created(), "met"),
    (failed.is_created(), "container.not_created"),
    (box.is_created(), "container.not_created"),
    (ended.has_ended(), "met"),
    (ended.has_ended(3), "met"),
    (ended.has_ended(0, 3), "met"),
    (ended.has_ended(0), "container.other_code"),
    (created.has_ended(), "container.not_ended"),
    (failed.has_ended(), "container.not_ended"),
    (failed.could_not_start(), "met"),
    (created.could_not_start(), "container.not_failed"),
    (ended.could_not_start(), "container.not_failed"),
]
MAKING = [
    (box.is_of("alpine"), "met"),
    (box.is_of("alpine:latest"), "met"),
    (box.is_of("redis"), "container.other_image"),
    (box.is_of("dltest/none"), "container.other_image"),
    (created.starts("echo", "{hi}"), "met"),
    (created.starts("echo", "ho"), "container.other_command"),
    (box.restarts("on-failure:3"), "met"),
    (box.restarts("on-failure"), "container.other_policy"),
    (ended.restarts("always"), "container.other_policy"),
    (ended.restarts("no"), "met"),
    (paused.has_user("1000"), "met"),
    (paused.has_user("root"), "container.other_user"),
    (box.has_user("root"), "met"),
    (paused.is_not_root(), "met"),
    (box.is_not_root(), "container.is_root"),
    (box.has_env("GREETING"), "met"),
    (box.has_env("GREETING", "{hello}"), "met"),
    (box.has_env("GREETING", "bye"), "container.other_env"),
    (box.has_env("EMPTY", "full"), "container.other_env"),
    (box.has_env("GREET"), "container.no_env"),
    (box.has_label("course", "yes"), "met"),
    (box.has_label("course", "no"), "container.no_label"),
    (box.has_hostname("books"), "met"),
    (paused.has_hostname("books"), "container.other_host"),
]
LIMITS = [
    (limits(BOX).memory("64m"), "met"),
    (limits(BOX).memory("64000000"), "limits.other_memory"),
    (limits(ENDED).memory("64m"), "limits.no_memory"),
    (limits(BOX).cpus(0.5), "met"),
    (limits(BOX).cpus(2), "limits.other_cpus"),
    (limits(ENDED).cpus(0.5), "limits.no_cpus"),
    (limits(BOX).processes(50), "met"),
    (limits(BOX).processes(51), "limits.other_processes"),
    (limits(ENDED).processes(50), "limits.no_processes"),
    (limits(f"{MINE}nobody").memory("64m"), "container.absent"),
]
INSIDE = [
    (box.holds("/d/note", "milk"), "met"),
    (box.holds("/d/note", "honey"), "contents.no_text"),
    (box.holds("/d/link", "milk"), "met"),
    (box.holds("/d"), "met"),
    (box.holds("/d", "milk"), "contents.no_regular_file"),
    (box.holds("/d/pipe", "milk"), "contents.no_regular_file"),
    (box.holds("/d/large", "milk"), "contents.too_large"),
    (box.holds("/d/a", "milk"), "contents.no_file"),
    (box.holds("/d/note/x"), "contents.no_file"),
    (box.holds("/nowhere/at/all"), "contents.no_file"),
    (ended.holds("/bin/sh"), "met"),
    (paused.holds("/bin/sh"), "met"),
    (ended.lacks("/d"), "met"),
    (box.lacks("/d/note"), "contents.still_there"),
    (box.lacks("/d/note/x"), "met"),
    (nobody.lacks("/d"), "container.absent"),
    (process(BOX, "sleep 300").is_running(), "met"),
    (process(BOX, "sleep 30").is_running(), "process.absent"),
    (process(PAUSED, "sleep 500").is_running(), "met"),
    (process(ENDED, "sleep 500").is_running(), "container.not_running"),
    (process(f"{MINE}nobody", "sleep 500").is_running(), "container.absent"),
    (logs(ENDED).contain("bye"), "met"),
    (logs(ENDED).contain(lambda bench: "bye"), "met"),
    (logs(ENDED).contain("hello"), "logs.without"),
    (logs(BOX).contain("steady"), "logs.without"),
    (logs(CREATED).contain("hello"), "logs.empty"),
    (logs(f"{MINE}nobody").contain("hello"), "container.absent"),
    (logs(ENDED).lack("hello"), "met"),
    (logs(ENDED).lack("bye"), "logs.with"),
]


@pytest.mark.parametrize(
    "claims", [STATES, MAKING, LIMITS, INSIDE], ids=["states", "making", "limits", "inside"]
)
def test_claims(bench: Bench, claims: list[tuple[Claim, str]]) -> None:
    wrong = {}
    for claim, expected in claims:
        key = found(bench, claim)
        if key != expected:
            wrong[claim.says.text("en")] = (key, expected)
    assert not wrong


MISTAKES = {
    BOX: {"already-started", "rm-of-running"},
    ENDED: {"already-started", "command-replaced"},
    CREATED: {"only-created"},
    FAILED: {"no-such-program"},
    PAUSED: {"already-started", "rm-of-running"},
    f"{MINE}nobody": set(),
}


@pytest.mark.parametrize("name", MISTAKES, ids=lambda name: name.rpartition("-")[2])
def test_mistakes_are_seen_where_they_are_only(bench: Bench, name: str) -> None:
    """The exercises' wrong answers show each of them; here it is what is *not* seen."""
    kinds = (
        spots.already_started,
        spots.command_replaced,
        spots.computed_not_printed,
        spots.deaf_first_process,
        spots.ended_by_force,
        spots.line_as_one_word,
        spots.needs_a_shell,
        spots.no_such_program,
        spots.nothing_to_do,
        spots.only_created,
        spots.options_after_image,
        spots.rm_of_running,
        spots.unquoted_line,
        decimal_megabytes,
        pinned_is_no_limit,
        shares_are_no_limit,
        soft_limit,
    )
    found = {spot.name for spot in (kind(name) for kind in kinds) if seen(bench, spot) is not None}
    assert found == MISTAKES[name]


def test_the_nearest_name_is_named_and_no_right_one(bench: Bench) -> None:
    typo = BOX.replace("box", "bax")
    assert seen(bench, spots.similar_name(typo)) == {"name": typo, "there": BOX}
    assert seen(bench, spots.similar_name(BOX)) is None
    assert seen(bench, spots.similar_name("nothing-of-the-kind")) is None
    right = (BOX, ENDED, CREATED, FAILED, PAUSED)
    assert seen(bench, spots.similar_name(typo, *right)) is None


def test_a_file_in_another_container_is_found(bench: Bench) -> None:
    there = seen(bench, spots.written_elsewhere(ENDED, "/d/note"))
    assert there == {"container": ENDED, "path": "/d/note", "there": BOX}
    assert seen(bench, spots.written_elsewhere(ENDED, "/d/note", BOX)) is None
    assert seen(bench, spots.written_elsewhere(BOX, "/d/note")) is None


def test_reasons_name_what_was_found(bench: Bench) -> None:
    assert "code 3" in ended.is_running().look(bench).why.text("en")
    assert "executable file not found" in failed.is_running().look(bench).why.text("en")
    assert "ready" in logs(BOX).contain("steady").look(bench).why.text("en")


def test_output_without_end_is_read_in_part(session_client: DockerClient, bench: Bench) -> None:
    shout = ["sh", "-c", "head -c 8000000 /dev/zero"]
    shouting = session_client.containers.run("alpine", shout, name=f"{MINE}shout", detach=True)
    shouting.wait()
    began = time.monotonic()
    assert found(bench, logs(f"{MINE}shout").contain("hello")) == "logs.without"
    assert time.monotonic() - began < 30
    remove(shouting)


def test_a_name_that_another_image_has_by_now(session_client: DockerClient, bench: Bench) -> None:
    """A container stays one of the image that it was made from."""
    name, tag = f"{MINE}heir", f"{MINE}claims/heir"
    session_client.images.get("alpine").tag(tag)
    try:
        made = session_client.containers.create(tag, ["true"], name=name)
        session_client.images.get("busybox").tag(tag)
        assert found(bench, container(name).is_of(tag)) == "met"
        remove(made)
    finally:
        session_client.images.remove(tag)
