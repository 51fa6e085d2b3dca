"""What may stand at the end of a typed line."""

from __future__ import annotations

import pytest

from dockerlab.formats.grammar import groups
from dockerlab.magics.calling import called
from dockerlab.magics.completion import candidates, typed

NAMES = {
    "container": ["web", "worker"],
    "image": ["redis", "alpine"],
    "volume": ["data"],
    "network": ["bridge"],
    "service": ["web", "db"],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%docker ru", ["run"]),
        ("%docker --tr", ["--trace"]),
        ("%docker --trace ima", ["image", "images"]),
        ("%docker rm w", ["web", "worker"]),
        ("%docker rm web wo", ["worker"]),
        ("%docker rm -f w", ["web", "worker"]),
        ("%docker run --na", ["--name"]),
        ("%docker run --name w", []),
        ("%docker run --network b", ["bridge"]),
        ("%docker run --link w", ["web", "worker"]),
        ("%docker run r", ["redis"]),
        ("%docker run --name r r", ["redis"]),
        ("%docker run -d redis r", []),
        ("%docker network ", sorted(groups()["network"])),
        ("%docker network rm bridge b", ["bridge"]),
        ("%docker network connect b", ["bridge"]),
        ("%docker network connect --alias b bridge w", ["web", "worker"]),
        ("%docker network disconnect -f bridge w", ["web", "worker"]),
        ("%docker rename web w", []),
        ("%docker container pru", ["prune"]),
        ("%docker volume rm ", ["data"]),
        ("%docker nonsense x", []),
        ("%docker compose --prof", ["--profile"]),
        ("%docker compose -p shop unp", ["unpause"]),
        ("%docker compose --profile=a --dry-run -f x.yaml up --bui", ["--build"]),
        ("%docker compose up d", ["db"]),
        ("%docker compose exec db ", []),
        ("%docker-compose sca", ["scale"]),
        ("%docker build --no", ["--no-cache"]),
        ("%%dockerfile --tar", ["--target"]),
    ],
)
def test_candidates(text: str, expected: list[str]) -> None:
    assert [c for c in candidates(text, NAMES.__getitem__) if c != "import"] == expected


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("%docker ps", "%docker ps"),
        ("    %docker ps", "%docker ps"),
        ("out = %docker ps", "%docker ps"),
        ("!docker ps", "%docker ps"),
        ("%docker-compose up ", "%docker-compose up "),
        ("%%dockerfile -t ", "%%dockerfile -t "),
        ("%%docker\nps -", "%docker ps -"),
        ("%%docker\n# ps", None),
        ("%%dockerfile\nFROM al", None),
        ("print('%docker ps", None),
        ("x = docker.ps", None),
    ],
)
def test_what_is_a_docker_line(cell: str, line: str | None) -> None:
    rows = cell.split("\n")
    assert typed(cell, len(rows) - 1, rows[-1]) == line


class Lab: ...


class Compose: ...


VARIABLES = {"lab": Lab(), "mine": Lab(), "shop": Compose(), "text": "text"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lab.run('al", ["alpine"]),
        ('x = mine.run("', ["alpine", "redis"]),
        ("lab.run('alpine', 'r", None),
        ("lab.run('alpine', network='b", ["bridge"]),
        ("lab.run('alpine', name='b", None),
        ("lab.logs('w", ["web", "worker"]),
        ("lab.rm('web', 'w", ["web", "worker"]),
        ("lab.connect('br", ["bridge"]),
        ("lab.connect('bridge', 'wo", ["worker"]),
        ("lab.remove_volume('", ["data"]),
        ("print(lab.container('we", ["web"]),
        ("shop.logs('d", ["db"]),
        ("shop.run('", ["db", "web"]),
        ("lab.version('", None),
        ("text.run('al", None),
        ("nobody.run('al", None),
        ("lab.run('alpine')", None),
    ],
)
def test_names_in_calls(text: str, expected: list[str] | None) -> None:
    found = called(text, VARIABLES, lambda kind, owner: NAMES[kind])
    assert (found and found[1]) == expected


def test_a_word_with_a_colon_is_one_word() -> None:
    found = called("lab.run('node:2", VARIABLES, lambda kind, owner: ["node:22"])
    assert found == ("node:2", ["node:22"])
