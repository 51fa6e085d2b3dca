"""What may stand at the end of a typed line."""

from __future__ import annotations

import pytest

from dockerlab.formats.grammar import groups
from dockerlab.magics.completion import candidates

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
