"""Claims of compose files: as Compose reads them, from the learner's folder and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerlab.grading.bench import Bench
from dockerlab.grading.claims.projects import compose_file, service
from dockerlab.grading.exercise import Claim, Spot
from dockerlab.grading.spots import compose as spots

FILE = """\
name: ex5-shop
services:
  store:
    image: redis:7
    volumes:
      - data:/data
    healthcheck:
      test: redis-cli ping
  page:
    build:
      context: .
      dockerfile: Dockerfile.dev
    ports:
      - "5503-5505:8080"
    environment:
      STORE: store
    volumes:
      - ./src:/usr/src/app/src
      - /cache
    depends_on:
      store:
        condition: service_healthy
volumes:
  data:
"""
STORE, PAGE = service("store"), service("page")


def bench(folder: Path, text: str | None, name: str = "compose.yaml") -> Bench:
    if text is not None:
        (folder / name).write_text(text)
    return Bench(None, folder, None)  # type: ignore[arg-type]


def found(folder: Path, text: str | None, claim: Claim) -> str:
    """The key of what was found; both sentences can be said."""
    finding = claim.look(bench(folder, text))
    for saying in (claim.says, finding.why):
        assert saying.text("en") != saying.text("ko")
    return "met" if finding else finding.why.key


RIGHT = [
    compose_file().is_valid(),
    compose_file().is_named("ex5-shop"),
    compose_file().has("page", "store"),
    compose_file().lists_volume("data"),
    STORE.exists(),
    STORE.has_image("redis"),
    STORE.publishes_nothing(),
    STORE.keeps("/data/"),
    STORE.asks_whether_ready("redis-cli ping"),
    PAGE.is_built(),
    PAGE.is_built(dockerfile="Dockerfile.dev"),
    PAGE.publishes(5504, 8080),
    PAGE.needs("store"),
    PAGE.needs("store", "service_healthy"),
    PAGE.shows("src", "/usr/src/app/src"),
    PAGE.sets("STORE", "store"),
]

WRONG = [
    (compose_file().is_named("shop"), "compose.other_name"),
    (compose_file().has("store"), "compose.surplus"),
    (compose_file().has("store", "page", "db"), "compose.no_service"),
    (compose_file().lists_volume("cache"), "compose.no_volume"),
    (service("db").exists(), "compose.no_service"),
    (service("db").shows(".", "/app"), "compose.no_service"),
    (STORE.has_image("postgres"), "service.other_image"),
    (PAGE.has_image("node"), "service.no_image"),
    (STORE.is_built(), "service.not_built"),
    (PAGE.is_built(dockerfile="Dockerfile"), "service.other_file"),
    (PAGE.is_built(target="builder"), "service.other_target"),
    (STORE.publishes(6379, 6379), "service.no_ports"),
    (PAGE.publishes(5506, 8080), "service.other_ports"),
    (PAGE.publishes_nothing(), "service.open_door"),
    (STORE.needs("page"), "service.independent"),
    (PAGE.needs("store", "service_started"), "service.other_condition"),
    (STORE.keeps("/var"), "service.no_mount"),
    (PAGE.keeps("/cache"), "service.anonymous"),
    (PAGE.keeps("/usr/src/app/src"), "service.bound"),
    (PAGE.shows("src", "/app"), "service.no_bind"),
    (PAGE.shows(".", "/usr/src/app/src"), "service.other_folder"),
    (PAGE.sets("STORE", "redis"), "service.other_value"),
    (PAGE.sets("PORT", "8080"), "service.unset"),
    (PAGE.asks_whether_ready("wget"), "service.no_healthcheck"),
    (STORE.asks_whether_ready("redis-cli get"), "service.other_healthcheck"),
]


@pytest.mark.parametrize("claim", RIGHT)
def test_what_is_so(tmp_path: Path, claim: Claim) -> None:
    assert found(tmp_path, FILE, claim) == "met"


@pytest.mark.parametrize(("claim", "key"), WRONG)
def test_what_is_not_so(tmp_path: Path, claim: Claim, key: str) -> None:
    assert found(tmp_path, FILE, claim) == key


@pytest.mark.parametrize("claim", RIGHT)
def test_no_file(tmp_path: Path, claim: Claim) -> None:
    assert found(tmp_path, None, claim) == "compose.absent"


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{below}'] * 9)}]\n"
    for below, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "services:\n\tpage:",
        "services: [",
        "services: {page: {port: [1]}}",
        "[" * 5000,
        BOMB,
        "\0",
        "\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
        "services: {page: {image: x, env_file: /etc/passwd}}",
        "services: {page: {extends: {file: /etc/passwd, service: x}}}",
        "include: [../../secret.yaml]\nservices: {page: {image: x}}",
        "services: {page: {image: x, depends_on: [page]}}",
        "services: {page: {image: '${HOME:?not here}'}}",
    ],
)
def test_hostile_files_are_just_wrong(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text, PAGE.needs("store")) in (
        "compose.invalid",
        "compose.unreadable",
        "service.independent",
    )


def test_no_file_outside_of_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.env").write_text("KEY=k-4711\n")
    work = tmp_path / "work"
    work.mkdir()
    (work / "link.env").symlink_to(tmp_path / "secret.env")
    for name in ("../secret.env", str(tmp_path / "secret.env"), "link.env"):
        text = f"services: {{page: {{image: x, env_file: {name}}}}}"
        finding = service("page").sets("KEY", "k-4711").look(bench(work, text))
        assert not finding
        assert "4711" not in finding.why.text("en").replace("to be k-4711", "")
    (work / "own.env").write_text("KEY=k-4711\n")
    text = "services: {page: {image: x, env_file: own.env}}"
    assert found(work, text, service("page").sets("KEY", "k-4711")) == "met"


def seen(folder: Path, text: str, spot: Spot) -> bool:
    return spot.see(bench(folder, text)) is not None


def test_misconceptions(tmp_path: Path) -> None:
    def both(spot: Spot, old: str, new: str) -> None:
        """It is seen after the change, and not before."""
        assert old in FILE
        assert not seen(tmp_path, FILE, spot)
        assert seen(tmp_path, FILE.replace(old, new), spot)

    waits = "    depends_on:\n      store:\n        condition: service_healthy\n"
    both(spots.no_depends_on("page", "store"), waits, "")
    both(spots.started_is_not_ready("page", "store"), waits, "    depends_on: [store]\n")
    both(spots.ports_turned_round("page", 5503, 8080), "5503-5505:8080", "8080:5503")
    both(spots.one_door_for_many("page"), "5503-5505:8080", "5503:8080")
    both(spots.name_for_many("page"), "    build:", "    container_name: x\n    build:")
    both(spots.volume_without_name("store", "/data"), "data:/data", "/data")
    both(spots.localhost_between_services("page"), "STORE: store", "STORE: localhost")
    both(spots.unknown_key(), "ports:", "port:")
    both(spots.volume_not_listed("data"), "volumes:\n  data:", "x-volumes:\n  data:")
    both(spots.unmounted("page", "src"), "./src:/usr/src/app/src", "data:/usr/src/app/src")
    both(spots.elsewhere("page", "src", "/usr/src/app/src"), "src:/usr/src/app", "src:/app")


def test_no_misconception_where_there_is_no_file(tmp_path: Path) -> None:
    for spot in (spots.no_depends_on("a", "b"), spots.unknown_key(), spots.unmounted("a", "b")):
        assert spot.see(bench(tmp_path, None)) is None


def test_what_is_quoted_is_short_and_plain(tmp_path: Path) -> None:
    text = FILE.replace("redis:7", '"' + "x" * 100_000 + '\\u001b[31m"')
    finding = STORE.has_image("redis").look(bench(tmp_path, text))
    for lang in ("en", "ko"):
        assert len(finding.why.text(lang)) < 400
        assert "\x1b" not in finding.why.text(lang)
