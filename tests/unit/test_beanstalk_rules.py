"""What Beanstalk decides without an engine: options, scaling, health, texts of events."""

from __future__ import annotations

import time

import pytest

from dockerlab.cloud.beanstalk.environment.condition import condition
from dockerlab.cloud.beanstalk.environment.journal import KEPT, Journal
from dockerlab.cloud.beanstalk.environment.scaling import Scaling
from dockerlab.cloud.beanstalk.fleet.image import NotBuilt, exposed, tag_of
from dockerlab.cloud.beanstalk.fleet.instances import Instance, Release, tail
from dockerlab.cloud.beanstalk.fleet.nginx import Target, configuration
from dockerlab.cloud.beanstalk.fleet.traffic import Traffic, lines
from dockerlab.cloud.beanstalk.options import (
    BALANCER,
    CATALOGUE,
    CLOCK,
    COMMAND,
    ENVIRONMENT,
    GROUP,
    KIND,
    PROCESS,
    TRIGGER,
    ConfigurationInvalid,
    Settings,
    check,
    complete,
)

# --- options ---


def test_all_defaults_are_allowed() -> None:
    check(complete({}))
    assert set(complete({})) == set(CATALOGUE)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ((GROUP, "Minsize"), "1", "Unknown configuration setting"),
        (("aws:nowhere", "MinSize"), "1", "(Namespace: 'aws:nowhere', OptionName: 'MinSize')"),
        ((GROUP, "MinSize"), "two", "Value is not an integer"),
        ((GROUP, "MinSize"), "٣", "Value is not an integer"),
        ((GROUP, "MinSize"), "0", "between 1 and 10"),
        ((GROUP, "MaxSize"), "1000000", "between 1 and 10"),
        ((GROUP, "MinSize"), "7", "MinSize (7) must not be greater than MaxSize (4)"),
        ((TRIGGER, "MeasureName"), "CPUUtilization", "not one of the allowed values"),
        ((TRIGGER, "UpperThreshold"), "nan", "between"),
        ((TRIGGER, "LowerThreshold"), "100", "LowerThreshold must not be greater"),
        ((COMMAND, "DeploymentPolicy"), "AllAtOnce", "not one of the allowed values"),
        ((PROCESS, "HealthCheckPath"), "health", "a path, such as /health"),
        ((PROCESS, "HealthCheckPath"), "/a b", "a path, such as /health"),
        ((PROCESS, "HealthCheckPath"), "/a\nb", "a path, such as /health"),
        ((PROCESS, "MatcherHTTPCode"), "2xx", "codes, such as 200"),
        ((BALANCER, "Port"), "70000", "between 0 and 65535"),
        ((CLOCK, "SecondsPerMinute"), "0", "between 0.1 and 60"),
        ((ENVIRONMENT, "A B"), "1", "not a variable's name"),
        ((ENVIRONMENT, "A"), "a\0b", "not a variable's name"),
    ],
)
def test_settings_that_cannot_be(option: tuple[str, str], value: str, words: str) -> None:
    with pytest.raises(ConfigurationInvalid) as refused:
        check({option: value})
    assert refused.value.code == "ConfigurationValidationException"
    assert words in refused.value.message


def test_what_has_no_effect_is_known() -> None:
    settings = Settings({("aws:ec2:instances", "InstanceTypes"): "t3.micro"})
    check(settings.options)
    assert settings.unused == ("InstanceTypes",)


def test_a_single_instance_is_one() -> None:
    settings = Settings({(KIND, "EnvironmentType"): "SingleInstance", (GROUP, "MinSize"): "3"})
    assert (settings.minimum, settings.maximum) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "size", "of", "batch"),
    [
        ("Percentage", "100", 4, 4),
        ("Percentage", "50", 3, 2),
        ("Percentage", "1", 4, 1),
        ("Fixed", "2", 4, 2),
        ("Fixed", "9", 4, 4),
    ],
)
def test_batches(kind: str, size: str, of: int, batch: int) -> None:
    settings = Settings({(COMMAND, "BatchSizeType"): kind, (COMMAND, "BatchSize"): size})
    assert settings.batch(of) == batch


def test_codes_that_are_healthy() -> None:
    settings = Settings({(PROCESS, "MatcherHTTPCode"): "200-299,404"})
    assert [code for code in (0, 200, 250, 300, 404, 500) if settings.accepts(code)] == [
        200,
        250,
        404,
    ]
    assert not Settings({}).accepts(302)


def test_settings_are_changed_and_put_back() -> None:
    settings = Settings({(GROUP, "MinSize"): "2", (ENVIRONMENT, "A"): "1"})
    changed = settings.changed({(ENVIRONMENT, "B"): "2"}, [(GROUP, "MinSize")])
    assert changed.variables == {"A": "1", "B": "2"}
    assert (changed.minimum, settings.minimum) == (1, 2)


# --- scaling ---

RULE = {
    (TRIGGER, "UpperThreshold"): "50",
    (TRIGGER, "LowerThreshold"): "10",
    (TRIGGER, "BreachDuration"): "3",
    (GROUP, "Cooldown"): "300",
}


def decided(scaling: Scaling, values: dict[float, float], instances: int) -> dict[float, int]:
    found = {now: scaling.decide(now, value, instances) for now, value in values.items()}
    return {now: one.change for now, one in found.items() if one is not None}


def test_only_a_lasting_breach_counts() -> None:
    scaling = Scaling(Settings(RULE))
    values = {100.0: 90, 102.0: 90, 102.5: 20, 103.5: 90, 106.0: 90, 106.6: 90}
    assert decided(scaling, values, 1) == {106.6: 1}


def test_after_a_change_there_is_a_rest() -> None:
    scaling = Scaling(Settings(RULE))
    values = {float(at): 90.0 for at in range(100, 115)}
    assert decided(scaling, values, 2) == {103.0: 1, 108.0: 1, 113.0: 1}


def test_within_its_limits() -> None:
    rule = {**RULE, (TRIGGER, "UpperBreachScaleIncrement"): "9"}
    assert decided(Scaling(Settings(rule)), {1.0: 90, 4.0: 90}, 2) == {4.0: 2}
    assert decided(Scaling(Settings(rule)), {1.0: 90, 4.0: 90}, 4) == {}
    assert decided(Scaling(Settings(rule)), {1.0: 1, 4.0: 1}, 2) == {4.0: -1}
    assert decided(Scaling(Settings(rule)), {1.0: 1, 4.0: 1}, 1) == {}


def test_what_is_measured() -> None:
    assert Scaling(Settings({})).measure(80, 0.5, 4) == 20
    assert Scaling(Settings({(TRIGGER, "Statistic"): "Sum"})).measure(80, 0.5, 4) == 80
    assert Scaling(Settings({(TRIGGER, "MeasureName"): "Latency"})).measure(80, 0.5, 4) == 0.5


def test_a_minute_lasts_as_long_as_the_clock_says() -> None:
    rule = {**RULE, (CLOCK, "SecondsPerMinute"): "60"}
    assert decided(Scaling(Settings(rule)), {1.0: 90, 100.0: 90, 181.0: 90}, 1) == {181.0: 1}


# --- traffic and health ---


def told(*answers: tuple[str, int], traffic: Traffic | None = None) -> Traffic:
    """Requests of a second ago."""
    traffic = traffic or Traffic()
    for instance, code in answers:
        traffic.count(f"{time.time() - 1.0:.3f} {code} 0.010 {instance}")
    return traffic


def test_rates_by_instance() -> None:
    traffic = told(*[("i-1", 200)] * 30, *[("i-2", 502)] * 10, ("-", 503))
    assert traffic.rates(2) == {"i-1": 15, "i-2": 5, "-": 0.5}
    assert traffic.answers(2) == {2: 30, 5: 11}
    assert traffic.latency(2) == 0.01


@pytest.mark.parametrize("line", ["", "x", "1 2", "now 200 0.1 i-1", "1.0 200 - i-1", "[notice]"])
def test_other_lines_are_passed_over(line: str) -> None:
    traffic = Traffic()
    traffic.count(line)
    assert not traffic.rates()


def test_lines_come_in_pieces() -> None:
    assert list(lines([b"a\nb", b"c\n", b"d"])) == ["a", "bc"]
    assert list(lines([b"x" * 70_000, b"\nrest\n"])) == ["", "rest"]


def instance(health: str, state: str = "InService", cause: str = "") -> Instance:
    release = Release("v1", "image", 80)
    return Instance(f"i-{health}", "name", release, {}, state=state, health=health, cause=cause)


@pytest.mark.parametrize(
    ("status", "instances", "colour", "word"),
    [
        ("Ready", ["Green", "Green"], "Green", "Ok"),
        ("Ready", ["Green", "Red"], "Yellow", "Warning"),
        ("Ready", ["Red"], "Red", "Severe"),
        ("Ready", [], "Red", "Severe"),
        ("Updating", ["Green"], "Green", "Info"),
        ("Launching", [], "Grey", "Pending"),
        ("Terminated", [], "Grey", "Unknown"),
    ],
)
def test_health(status: str, instances: list[str], colour: str, word: str) -> None:
    there = [instance(health, cause="" if health == "Green" else "so") for health in instances]
    found = condition("env", status, there, there, Traffic(), False)
    assert (found.colour, found.status) == (colour, word)


def test_answers_count_for_health() -> None:
    there = [instance("Green")]
    traffic = told(*[("i-1", 200)] * 80, *[("i-1", 500)] * 20)
    found = condition("env", "Ready", there, there, traffic, False)
    assert found.colour == "Yellow"
    assert found.causes == ("20% of the requests of the last 10 seconds failed with HTTP 5xx.",)
    assert found.answers == {2: 80, 5: 20}
    told(*[("i-1", 500)] * 20, traffic=traffic)
    assert condition("env", "Ready", there, there, traffic, False).colour == "Red"


def test_whom_no_request_gets_to_yet_does_not_count() -> None:
    there = [instance("Green"), instance("Green")]
    found = condition("env", "Ready", there, (), Traffic(), False)
    assert (found.colour, found.causes) == ("Red", ("No instance is in service.",))
    assert condition("env", "Ready", there, there[:1], Traffic(), False).colour == "Green"


def test_of_a_lost_engine_nothing_is_known() -> None:
    there = [instance("Green")]
    found = condition("env", "Ready", there, there, Traffic(), True)
    assert (found.colour, found.status) == ("Grey", "NoData")


def test_events_are_kept_in_order_and_only_so_many() -> None:
    journal = Journal("app", "env")
    for number in range(KEPT + 10):
        journal.info(str(number))
    events = journal.events
    assert len(events) == KEPT
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert (events[-1].message, events[-1].environment) == (str(KEPT + 9), "env")


def test_waiting_for_what_is_new() -> None:
    journal = Journal("app", "env")
    assert journal.wait(0, 0.01) == 0
    journal.info("something")
    assert journal.wait(0, 5) == 1


# --- the balancer's configuration ---


def text(*targets: Target) -> str:
    return configuration(targets, token="t0ken", generation=7, delay=20, patience=5)


def test_the_configuration_names_instances_by_where_they_are() -> None:
    found = text(Target("i-1", "172.18.0.3", 3000), Target("i-2", "172.18.0.4", 3000))
    assert "server 172.18.0.3:3000 max_fails=0;" in found
    assert r'"~(^|[ ,])172\.18\.0\.4:3000$" "i-2";' in found
    assert found.count("{") == found.count("}")
    assert '"7"' in found


def test_nobody_is_in_service() -> None:
    assert "return 503" in text()
    assert "upstream instances" not in text()


# --- Dockerfiles and texts ---


@pytest.mark.parametrize(
    ("dockerfile", "port"),
    [
        ("FROM a\nEXPOSE 80", "80"),
        ("FROM a\nEXPOSE 3000 80\nEXPOSE 1", "3000"),
        ("FROM a\nEXPOSE 53/udp 80/tcp", "80"),
        ("FROM a\nEXPOSE 1\nFROM b\nEXPOSE 2", "2"),
        ("FROM a\nEXPOSE 8000-8010", "8000"),
        ("FROM a\nENV P=1\nEXPOSE $P", "$P"),
    ],
)
def test_the_port_of_an_app(dockerfile: str, port: str) -> None:
    assert exposed(dockerfile.encode()) == port


@pytest.mark.parametrize("steps", ["", "EXPOSE 1/udp", "EXPOSE 1\nFROM b"])
def test_no_port_is_known(steps: str) -> None:
    with pytest.raises(NotBuilt, match="No EXPOSE directive"):
        exposed(f"FROM a\n{steps}".encode())


@pytest.mark.parametrize(
    ("label", "tag"),
    [("v1", "v1"), ("travis-1 (a)", "travis-1--a-"), ("가", "version"), ("-x", "x")],
)
def test_labels_as_tags(label: str, tag: str) -> None:
    assert tag_of(label) == tag


def test_the_end_of_a_log() -> None:
    log = "\n".join(["first", *(f"line {n}" for n in range(20)), "", "x" * 1000, "\x1b[31mred"])
    shown = tail(log).splitlines()
    assert len(shown) == 8
    assert shown[-1] == "     [31mred"
    assert max(map(len, shown)) < 310
