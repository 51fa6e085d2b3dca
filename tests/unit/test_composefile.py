"""Compose files are understood as Docker Compose 2.26 understands them."""

from __future__ import annotations

import json

import composecases as cases
import composeplugin
import pytest
import yaml

from dockerlab.formats.composefile import dump, hash_of


@pytest.mark.parametrize("name", cases.NAMES)
def test_a_file_is_printed_as_docker_compose_config_prints_it(name: str) -> None:
    project = cases.read(name)
    expected = cases.expected(name)
    assert json.loads(dump(project, "json")) == expected["json"]
    assert yaml.safe_load(dump(project)) == yaml.safe_load(expected["yaml"])
    if name != "commands":  # which breaks a quoted line that has signs no block may have
        assert dump(project) == expected["yaml"]


@pytest.mark.parametrize("name", cases.NAMES)
def test_a_service_has_the_hash_that_docker_compose_gives_it(name: str) -> None:
    services = cases.read(name).services
    expected = cases.expected(name)
    printed = {key: service.printed_hash for key, service in services.items()}
    assert printed == expected["printed_hashes"]
    assert {key: service.config_hash for key, service in services.items()} == expected["hashes"]
    assert {key: hash_of(service) for key, service in services.items()} == expected["hashes"]


@pytest.fixture(scope="module")
def plugin() -> cases.Plugin:
    return cases.Plugin(["docker", "--config", str(composeplugin.folder())])


@pytest.mark.parametrize("name", cases.NAMES)
def test_the_real_docker_compose_still_answers_so(name: str, plugin: cases.Plugin) -> None:
    assert plugin.answers(name) == cases.expected(name)
