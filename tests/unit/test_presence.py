from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dockerlab.course.apps import fingerprint
from dockerlab.course.catalog import CATALOG
from dockerlab.course.presence import Presence

STANDIN = {"dockerlab.standin": "true"}


def presence(*rows: tuple[list[str] | None, dict[str, str] | None]) -> Presence:
    listed = [{"RepoTags": tags, "Labels": labels} for tags, labels in rows]
    api: Any = SimpleNamespace(images=lambda: listed)
    return Presence(api)


def test_an_image_is_there_with_all_its_tags() -> None:
    node = CATALOG["node"]
    assert presence((list(node.tags), None)).state(node) == "there"
    assert presence((["node:latest"], None)).state(node) == "missing"
    assert presence().state(node) == "missing"


def test_a_stand_in_has_the_tags_that_are_true_for_it() -> None:
    assert presence((["node:latest", "node:18"], STANDIN)).state(CATALOG["node"]) == "stand-in"


@pytest.mark.parametrize(
    ("label", "state"),
    [(fingerprint(), "stand-in"), ("none", "stand-in"), ("other", "missing"), (None, "missing")],
)
def test_a_node_for_other_apps_is_made_anew(label: str | None, state: str) -> None:
    node = CATALOG["node"]
    labels = STANDIN | ({} if label is None else {"dockerlab.standin.apps": label})
    assert presence((list(node.tags), labels)).state(node) == state


def test_podman_lists_full_names_and_dangling_images_have_none() -> None:
    found = presence((None, None), (["docker.io/library/alpine:latest"], {}))
    assert found.state(CATALOG["alpine"]) == "there"
    assert found.find("busybox:latest") is None
