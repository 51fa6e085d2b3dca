"""Environments on every engine: created, updated without a dropped request, scaled, taken away."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from beanstalklab import TWO, Site, deployed, fetch, page, server
from engines import Engine
from freeports import free_port

from dockerlab.client.cloud.load import load
from dockerlab.cloud.beanstalk.options import BALANCER, COMMAND, ENVIRONMENT, GROUP, TRIGGER
from dockerlab.formats.cloud import Environment, Load


@pytest.fixture
def site(engine: Engine, images: None, tmp_path: Path, name: str) -> Iterator[Site]:
    with deployed(engine.url, tmp_path, name) as made:
        yield made


def test_a_version_is_deployed_and_taken_away(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    env = site.env
    assert (env.status, env.version, fetch(env)) == ("Ready", "v1", "one")
    (instance,) = env.in_service
    assert (instance.version, instance.health) == ("v1", "Green")
    assert site.says("createEnvironment is starting")
    assert site.says("Successfully launched")
    assert site.cloud.resources(site.name).instances == (instance.id,)
    site.cloud.terminate_environment(site.name)
    site.until(lambda env: env.status == "Terminated")
    assert site.left() == []
    assert site.env.instances == ()
    assert site.says("terminateEnvironment completed")


def test_the_answer_says_which_instance_it_is_from(site: Site) -> None:
    site.create(site.version("v1", page("one")), TWO)
    with urllib.request.urlopen(site.env.url, timeout=30) as response:
        assert response.headers["X-Instance-Id"] in {one.id for one in site.env.instances}


def test_an_update_drops_no_request(site: Site) -> None:
    """At 200 requests a second; what instances got before they went is answered by them."""
    site.create(site.version("v1", server("one")), TWO)
    before = {one.id for one in site.env.instances}
    sent: list[Load] = []
    sender = threading.Thread(target=lambda: sent.append(load(site.env.url, 200, 12)))
    sender.start()
    env = site.update(site.version("v2", server("two")))
    sender.join()
    assert (env.version, fetch(env)) == ("v2", "two ")
    after = {one.id for one in env.instances}
    assert len(after) == 2
    assert not before & after
    (found,) = sent
    assert found.failed == 0, found
    assert found.sent > 2000
    assert {one for one, _ in found.instances} == before | after


def test_a_request_under_way_is_answered_before_its_instance_goes(site: Site) -> None:
    site.create(site.version("v1", server("one")))
    said: list[str] = []

    def ask() -> None:
        said.append(fetch(site.env, "slow"))

    version = site.version("v2", server("two"))
    site.cloud.update_environment(site.name, version)
    while site.env.status != "Ready":
        one = threading.Thread(target=ask)
        one.start()
        one.join(0.3)
    site.ready()
    one.join()
    site.until(lambda env: fetch(env) == "two ")
    assert set(said) == {"slow"}


def test_an_update_in_batches_serves_both_for_a_while(site: Site) -> None:
    site.create(site.version("v1", page("one")), TWO)
    options = {(COMMAND, "BatchSizeType"): "Fixed", (COMMAND, "BatchSize"): "1"}
    site.cloud.update_environment(site.name, site.version("v2", page("two")), options)
    site.until(lambda env: {one.version for one in env.in_service} == {"v1", "v2"}, 60)
    env = site.ready()
    assert [one.version for one in env.in_service] == ["v2", "v2"]
    assert sum("in service" in message for message in site.told()) >= 3


def test_load_scales_out_and_its_end_scales_in(site: Site) -> None:
    rule = {
        (GROUP, "Cooldown"): "60",
        (TRIGGER, "BreachDuration"): "1",
        (TRIGGER, "UpperThreshold"): "20",
        (TRIGGER, "LowerThreshold"): "5",
        (TRIGGER, "UpperBreachScaleIncrement"): "3",
        (TRIGGER, "LowerBreachScaleIncrement"): "-3",
    }
    site.create(site.version("v1", page("one")), rule)
    sender = threading.Thread(target=lambda: load(site.env.url, 120, 15))
    sender.start()
    env = site.until(lambda env: len(env.in_service) == 4, 30)
    assert site.says("Adding 3 instances: RequestCount was")
    site.until(lambda env: sum(one.requests > 10 for one in env.in_service) == 4, 15)
    sender.join()
    env = site.until(lambda env: len(env.instances) == 1, 30)
    assert site.says("Removing 3 instances")
    assert env.status == "Ready"


def test_other_limits_make_more_and_fewer_instances(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    site.update(options={(GROUP, "MinSize"): "3", (GROUP, "MaxSize"): "3"})
    site.until(lambda env: len(env.in_service) == 3)
    site.update(options={(GROUP, "MinSize"): "1", (GROUP, "MaxSize"): "1"})
    site.until(lambda env: len(env.instances) == 1)
    assert fetch(site.env) == "one"


def test_variables_reach_the_app_with_new_instances(site: Site) -> None:
    site.create(site.version("v1", server("one")), {(ENVIRONMENT, "GREETING"): "hello"})
    (before,) = site.env.instances
    assert fetch(site.env) == "one hello"
    env = site.update(options={(ENVIRONMENT, "GREETING"): "good bye"})
    assert fetch(env) == "one good bye"
    assert env.version == "v1"
    assert before.id not in {one.id for one in env.instances}


def test_a_restart_replaces_the_instances(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    (before,) = site.env.instances
    site.cloud.restart(site.name)
    env = site.ready()
    (after,) = env.instances
    assert after.id != before.id
    assert fetch(env) == "one"


def test_a_dead_instance_is_replaced_while_the_other_answers(site: Site) -> None:
    site.create(site.version("v1", page("one")), TWO)
    victim = site.env.instances[0]
    site.lab.api.kill(victim.container)
    site.until(lambda env: victim.id not in {one.id for one in env.instances})
    assert fetch(site.env) == "one"
    site.until(lambda env: len(env.in_service) == 2)
    assert site.says(f"WARN Instance {victim.id} is replaced. Its app ended with exit code 137")


def test_a_dead_balancer_comes_back(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    site.lab.api.remove_container(f"{site.name}-balancer", force=True)
    site.until(lambda _: site.says("The load balancer had ended"))
    site.until(lambda env: _answers(env) == "one")


def _answers(env: Environment) -> str:
    try:
        return fetch(env)
    except OSError:
        return ""


def test_the_balancer_moves_to_another_port(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    before = site.env.url
    port = str(free_port())
    env = site.update(options={(BALANCER, "Port"): port})
    assert env.url == f"http://127.0.0.1:{port}/" != before
    assert fetch(env) == "one"


def test_an_environment_may_have_no_version_at_first(site: Site) -> None:
    site.create("")
    assert (site.env.status, site.env.health, site.env.instances) == ("Ready", "Grey", ())
    env = site.update(site.version("v1", page("one")))
    assert fetch(env) == "one"


def test_what_a_killed_cloud_left_is_removed_by_the_next(site: Site, tmp_path: Path) -> None:
    site.create(site.version("v1", page("one")))
    site.abandon()
    assert len(site.left()) == 4
    assert Site(site.lab.url, tmp_path, site.name).left() == []
