"""What teachers are given for a hub holds to what the chart of Zero to JupyterHub takes."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

HERE = Path(__file__).resolve().parent.parent
EXERCISES = HERE.parent / "exercises"
VALUES: dict[str, Any] = yaml.safe_load((EXERCISES / "jupyterhub" / "values.yaml").read_text())
SCHEMA = yaml.safe_load((HERE / "data" / "jupyterhub" / "values.schema.yaml").read_text())


def wrong(values: object) -> list[str]:
    """What the chart would refuse, with its place."""
    found = Draft7Validator(SCHEMA).iter_errors(values)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in found]


def shown() -> list[dict[str, Any]]:
    """The values in the page for teachers."""
    text = (EXERCISES / "README.md").read_text().split("## On a JupyterHub")[1]
    found = [yaml.safe_load(block) for block in re.findall(r"```\n(.*?)```", text, re.DOTALL)]
    return [block for block in found if isinstance(block, dict)]


def merged(values: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """As helm does with several files."""
    whole = copy.deepcopy(values)
    for key, value in more.items():
        inner = whole.get(key)
        both = isinstance(inner, dict) and isinstance(value, dict)
        whole[key] = merged(inner, value) if both else value  # type: ignore[arg-type]
    return whole


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_the_values_are_what_the_chart_takes() -> None:
    assert wrong(VALUES) == []


def test_so_are_those_in_the_page_for_teachers() -> None:
    (kept_homes,) = shown()
    assert kept_homes["singleuser"]["lifecycleHooks"]
    assert wrong(kept_homes) == []
    assert wrong(merged(VALUES, kept_homes)) == []


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("singleUser", {}, "'singleUser' was unexpected"),
        ("singleuser.memory.limits", "2G", "'limits' was unexpected"),
        ("singleuser.image.tag", 1, "1 is not of type 'string'"),
        ("singleuser.image.tags", "1", "'tags' was unexpected"),
        ("singleuser.cpu.limit", "2", "'2' is not of type 'number', 'null'"),
        ("singleuser.storage.type", None, "None is not one of"),
        ("singleuser.storage.type", "no", "'no' is not one of"),
        ("singleuser.networkPolicy.egressAllowRules.nonPrivateIP", False, "was unexpected"),
        ("singleuser.extraResource.limit", {}, "'limit' was unexpected"),
        ("cull.timeout", "1h", "'1h' is not of type"),
    ],
)
def test_a_slip_is_refused(place: str, value: object, said: str) -> None:
    changed = copy.deepcopy(VALUES)
    *way, last = place.split(".")
    inner = changed
    for name in way:
        inner = inner[name]
    inner[last] = value
    (found,) = wrong(changed)
    assert said in found


def test_a_learner_gets_what_the_course_was_measured_with() -> None:
    """The limits of Binder, below which the course was seen to run whole."""
    memory, storage = VALUES["singleuser"]["memory"], VALUES["singleuser"]["storage"]
    assert memory == {"guarantee": "1G", "limit": "2G"}
    assert storage == {"type": "none"}
