"""``lab.compose``: projects of several containers, on every engine."""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient
from engines import Engine
from freeports import free_port
from projects import Snapshot, cleared, copied

from dockerlab.client import patience
from dockerlab.client.compose.compose import Compose
from dockerlab.client.lab import Lab
from dockerlab.errors import ComposeFailed, DockerlabError
from dockerlab.formats.composed.plan import Progress

LOOP = """["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"]"""
LOOP_WORDS = json.loads(LOOP)
Project = Callable[..., Compose]


@pytest.fixture
def shop(client: DockerClient, lab: Lab, name: str) -> Iterator[Project]:
    """``shop(text)``: a project of the test's own, cleared away after it."""
    with cleared(client, name):
        yield lambda text, **more: lab.compose(text, name=name, **more)


def two(**web: str) -> str:
    more = "".join(f"    {key}: {value}\n" for key, value in web.items())
    return (
        f"services:\n  db:\n    image: busybox\n    command: {LOOP}\n"
        f"  web:\n    image: busybox\n    command: {LOOP}\n    depends_on: [db]\n{more}"
    )


def ids(compose: Compose) -> dict[str, str]:
    return {c.name: c.id for one in compose.state() for c in one.containers}


# --- up, again up, down ---


def test_up_and_down(shop: Project, client: DockerClient, name: str) -> None:
    project = shop(two())
    said: list[Progress] = []
    done = project.up(progress=said.append)
    assert f" Container {name}-web-1  Started" in done.lines
    order = [p.text for p in said if p.text.endswith("Started")]
    assert order == [f"Container {name}-db-1  Started", f"Container {name}-web-1  Started"]
    assert [one.running for one in project.state()] == [1, 1]
    before = ids(project)
    again = project.up()
    assert again.plan.changes == ()
    assert ids(project) == before
    down = project.down(timeout=2)
    assert f" Network {name}_default  Removed" in down.lines
    assert Snapshot.of(client, name) == Snapshot({}, {}, {})
    assert "No resource found" in repr(project.down())


def test_an_action_that_takes_long_says_how_far_it_is(
    shop: Project, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(patience, "MOMENT", 0.1)
    health = "{test: [CMD, 'true'], interval: 1s}"
    project = shop(two(healthcheck=health))
    project.up(wait=True)
    said = capsys.readouterr().err
    assert f"up {name}: Container {name}-web-1 " in said
    assert said.rstrip().endswith(" s)")
    project.down(timeout=0, progress=lambda step: None)
    assert capsys.readouterr().err == ""


def test_the_plan_is_what_is_done_and_does_nothing_itself(
    shop: Project, client: DockerClient, name: str, lab: Lab
) -> None:
    project = shop(two())
    plan = project.plan()
    assert Snapshot.of(client, name) == Snapshot({}, {}, {})
    assert f"create container {name}-web-1" in repr(plan)
    assert all(step.reason for step in plan.steps)
    with lab.trace() as requests:
        project.up()
    asked = [r.method for r in requests if r.method != "GET"]
    assert len(asked) == len(plan.changes)
    assert [str(step) for step in project.plan("down").steps][
        -1
    ] == f"remove network {name}_default"


def test_names_reach_across_the_project_and_not_out_of_it(shop: Project, name: str) -> None:
    project = shop(two())
    project.up()
    hosts = project.exec("web", ["sh", "-c", "nslookup db || getent hosts db || ping -c1 -W1 db"])
    assert f"{name}-db-1" in hosts.output or "Address" in hosts.output or "from" in hosts.output
    project.down(timeout=0)


def test_only_what_changed_is_made_anew_and_keeps_its_anonymous_volume(
    shop: Project,
) -> None:
    first = shop(two(volumes="[/kept]"))
    first.up()
    before = ids(first)
    first.exec("web", ["sh", "-c", "echo here > /kept/file"])
    second = shop(two(volumes="[/kept]", environment="{NEW: value}"))
    plan = second.plan()
    assert {step.service for step in plan.changes} == {"web"}
    done = second.up(timeout=2)
    assert any(line.endswith("web-1  Started") for line in done.lines)
    after = ids(second)
    assert [name for name in before if before[name] != after[name]] == [
        next(name for name in before if name.endswith("web-1"))
    ]
    assert second.exec("web", "cat /kept/file").output == "here\n"
    assert second.exec("web", ["sh", "-c", "echo $NEW"]).output == "value\n"
    second.up(force_recreate=True, keep_volumes=False, timeout=2)
    assert second.exec("web", "ls /kept").output == ""
    assert second.up(no_recreate=True).plan.changes == ()


def test_a_changed_dependency_takes_those_along_that_stand_on_it(shop: Project) -> None:
    shop(two()).up()
    changed = shop(two().replace("  web:", "    hostname: other\n  web:"))
    remade = [s.service for s in changed.plan().steps if s.action == "recreate container"]
    assert remade == ["db", "web"]


def test_named_volumes_outlive_down_but_not_down_with_volumes(
    shop: Project, client: DockerClient, name: str
) -> None:
    text = two(volumes="['data:/data']") + "volumes:\n  data:\n"
    project = shop(text)
    project.up()
    project.exec("web", ["sh", "-c", "echo 7 > /data/visits"])
    project.down(timeout=0)
    project.up()
    assert project.exec("web", "cat /data/visits").output == "7\n"
    project.down(volumes=True, timeout=0)
    assert Snapshot.of(client, name).volumes == {}


def test_scaling(shop: Project) -> None:
    project = shop(two())
    project.up(scale={"web": 3})
    assert [one.running for one in project.state()] == [1, 3]
    project.scale(web=1)
    assert [one.running for one in project.state()] == [1, 1]
    assert next(iter(project.state())).service == "db"
    project.up(scale={"web": 0}, timeout=0)
    assert [one.running for one in project.state()] == [1, 0]


def test_orphans(shop: Project) -> None:
    shop(two()).up()
    less = shop(f"services:\n  db:\n    image: busybox\n    command: {LOOP}\n")
    assert "Found orphan containers" in less.up().plan.warnings[0]
    less.up(remove_orphans=True, timeout=0)
    assert len(ids(less)) == 1


def test_profiles_and_named_services(shop: Project) -> None:
    text = two() + f"  tool:\n    image: busybox\n    command: {LOOP}\n    profiles: [tools]\n"
    project = shop(text)
    project.up(["db"])
    assert [one.service for one in project.state() if one.running] == ["db"]
    project.up(["tool"])
    assert {one.service for one in project.state() if one.running} == {"db", "tool"}
    with pytest.raises(DockerlabError, match="no such service: nothing"):
        project.up(["nothing"])


# --- conditions ---


def test_healthy_and_completed_dependencies(shop: Project) -> None:
    project = shop(
        f"""services:
  job:
    image: busybox
    command: ["sh", "-c", "sleep 0.3; exit 0"]
  db:
    image: busybox
    command: ["sh", "-c", "sleep 0.4; touch /ready; exec sleep 1000"]
    healthcheck: {{test: ["CMD", "test", "-f", "/ready"], interval: 200ms, retries: 30}}
  web:
    image: busybox
    command: {LOOP}
    depends_on:
      job: {{condition: service_completed_successfully}}
      db: {{condition: service_healthy}}
"""
    )
    done = project.up(wait=False)
    words = [p.text.rpartition("  ")[::2] for p in done.progress if p.text]
    order = [f"{what.rpartition('-')[0].rpartition('-')[2]} {word}" for what, word in words]
    assert order.index("db Healthy") < order.index("web Starting")
    assert order.index("job Exited") < order.index("web Starting")
    states = {one.service: one.containers[0] for one in project.state()}
    assert states["db"].health == "healthy"
    assert states["job"].exit_code == 0
    project.down(timeout=0)


def test_a_service_that_never_gets_healthy_is_named_with_its_last_lines(shop: Project) -> None:
    project = shop(
        f"""services:
  db:
    image: busybox
    command: ["sh", "-c", "echo cannot open the data; exec sleep 1000"]
    healthcheck: {{test: ["CMD", "false"], interval: 200ms, retries: 2}}
  web: {{image: busybox, command: {LOOP}, depends_on: {{db: {{condition: service_healthy}}}}}}
"""
    )
    with pytest.raises(ComposeFailed, match="is unhealthy") as failed:
        project.up()
    assert failed.value.service == "db"
    assert "cannot open the data" in failed.value.log
    assert "down takes it away" in failed.value.hint
    assert [one.running for one in project.state()] == [1, 0]
    project.down(timeout=0)
    assert ids(project) == {}


def test_patience_with_a_slow_service_ends(shop: Project) -> None:
    project = shop(
        f"""services:
  db:
    image: busybox
    command: ["sh", "-c", "echo not yet; exec sleep 1000"]
    healthcheck: {{test: ["CMD", "false"], interval: 30s, retries: 100, start_period: 100s}}
  web: {{image: busybox, command: {LOOP}, depends_on: {{db: {{condition: service_healthy}}}}}}
"""
    )
    with pytest.raises(ComposeFailed, match=r"waited 0\.5 seconds") as failed:
        project.up(wait_timeout=0.5)
    assert failed.value.service == "db"
    assert failed.value.log == ("not yet",)


def test_a_job_that_fails_holds_up_who_waits_for_it(shop: Project) -> None:
    project = shop(
        f"""services:
  job: {{image: busybox, command: ["sh", "-c", "echo broken; exit 3"]}}
  web:
    image: busybox
    command: {LOOP}
    depends_on: {{job: {{condition: service_completed_successfully}}}}
"""
    )
    with pytest.raises(ComposeFailed, match="didn't complete successfully: exit 3") as failed:
        project.up()
    assert failed.value.log == ("broken",)


# --- what goes wrong half-way ---


def test_a_port_that_is_taken_half_way(shop: Project, name: str) -> None:
    port = free_port()
    project = shop(two(ports=f"['{port}:80']"))
    with socket.create_server(("0.0.0.0", port)), pytest.raises(ComposeFailed) as failed:
        project.up()
    assert failed.value.service == "web"
    assert "address already in use" in failed.value.message or "allocated" in failed.value.message
    assert f"started so far: {name}-db-1" in failed.value.hint
    assert f"made, not started: {name}-web-1" in failed.value.hint
    assert f"has the port ({port}) already" in failed.value.hint
    project.up()  # the port is free again: the next up goes on
    assert [one.running for one in project.state()] == [1, 1]
    project.down(timeout=0)


def test_three_containers_cannot_have_one_port(shop: Project) -> None:
    port = free_port()
    project = shop(two(ports=f"['{port}:80']"))
    assert "cannot all have the host's port" in project.plan(scale={"web": 3}).warnings[0]
    with pytest.raises(ComposeFailed) as failed:
        project.up(scale={"web": 3})
    assert f"{port}-{port + 2}:80" in failed.value.hint
    project.down(timeout=0)
    assert ids(project) == {}


def test_a_range_of_ports_gives_each_its_own(shop: Project) -> None:
    port = next(p for p in itertools.count(21450, 3) if p % 2)
    project = shop(two(ports=f"['{port}-{port + 2}:80']"))
    project.up(scale={"web": 3})
    web = project.state()[1]
    assert {p.outside for c in web.containers for p in c.ports if p.outside} == {
        port,
        port + 1,
        port + 2,
    }


def test_an_image_that_nobody_has(shop: Project) -> None:
    project = shop("services:\n  web:\n    image: localhost:1/nowhere/nothing:1\n")
    with pytest.raises(ComposeFailed, match="service web is not here and cannot be pulled") as no:
        project.up()
    assert "build: in the service web" in no.value.hint
    never = shop("services:\n  web:\n    image: nothing-at-all\n    pull_policy: never\n")
    with pytest.raises(DockerlabError, match="No such image: nothing-at-all"):
        never.up()


@pytest.mark.parametrize("then", ["up", "down"])
def test_an_interrupted_up_is_put_right_by_the_next(
    shop: Project, then: str, client: DockerClient, name: str
) -> None:
    shop(two()).up()
    changed = shop(two(environment="{NEW: value}", stop_grace_period="1s"))

    def interrupt(progress: Progress) -> None:
        if progress.step.action == "stop container":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        changed.up(progress=interrupt)
    half = [
        one.name
        for one in client.containers.list(all=True, filters={"name": name}, ignore_removed=True)
    ]
    assert len(half) == 3  # the old one, the one that was to replace it, and db
    if then == "up":
        changed.up()
        assert set(ids(changed)) == {f"{name}-db-1", f"{name}-web-1"}
        assert [one.running for one in changed.state()] == [1, 1]
        assert changed.plan().changes == ()
    changed.down(timeout=0)
    assert Snapshot.of(client, name) == Snapshot({}, {}, {})


# --- the other actions ---


def test_stop_start_restart_pause_kill_rm(shop: Project) -> None:
    project = shop(two())
    project.up()
    before = ids(project)
    assert [step.service for step in project.stop(timeout=2).plan.steps] == ["web", "db"]
    assert [one.running for one in project.state()] == [0, 0]
    assert [p.step.service for p in project.start().progress if p.state == "done"] == ["db", "web"]
    project.restart("web", timeout=0)
    project.pause("web")
    assert project.state()[1].containers[0].state == "paused"
    project.unpause("web")
    assert ids(project) == before
    project.kill("db")
    assert project.state()[0].containers[0].exit_code == 137
    assert project.rm("db").lines == (f" Container {project.name}-db-1  Removed",)
    project.rm(stop=True)
    assert ids(project) == {}


def test_a_restart_takes_those_along_that_ask_for_it(shop: Project) -> None:
    text = two().replace(
        "depends_on: [db]", "depends_on: {db: {condition: service_started, restart: true}}"
    )
    project = shop(text)
    project.up()
    assert [step.service for step in project.restart("db", timeout=0).plan.steps] == ["db", "web"]
    assert [one.running for one in project.state()] == [1, 1]
    assert [step.service for step in project.restart("web", timeout=0).plan.steps] == ["web"]


def test_events_of_the_project(shop: Project, name: str) -> None:
    began = time.time()
    project = shop(two())
    project.up()
    events = project.events(since=began)
    seen = [next(events) for _ in range(4)]
    assert {event.name for event in seen} == {f"{name}-db-1", f"{name}-web-1"}
    assert [event.action for event in seen if event.name == f"{name}-db-1"] == ["create", "start"]


def test_logs_of_all_services_in_the_order_of_time(shop: Project) -> None:
    project = shop(
        """services:
  one: {image: busybox, command: ["sh", "-c", "echo 1; sleep 0.6; echo 3"]}
  two: {image: busybox, command: ["sh", "-c", "sleep 0.3; echo 2 >&2; sleep 0.6; echo 4"]}
"""
    )
    project.up()
    lines = list(project.follow())
    assert sorted(line.text for line in lines) == ["1", "2", "3", "4"]
    log = project.logs()
    assert [line.text for line in log.lines] == ["1", "2", "3", "4"]
    assert {(line.label, line.stream) for line in log.lines} == {
        ("one-1", "out"),
        ("two-1", "err"),
        ("two-1", "out"),
    }
    assert [line.text for line in project.logs("one", tail=1).lines] == ["3"]


def test_following_ends_when_it_is_closed(shop: Project) -> None:
    project = shop(
        'services:\n  web: {image: busybox, command: ["sh", "-c", '
        '"while :; do echo tick; sleep 0.1; done"]}\n'
    )
    project.up()
    following = project.follow()
    threading.Timer(0.5, following.close).start()
    begun = time.monotonic()
    assert all(line.text == "tick" for line in following)
    assert time.monotonic() - begun < 60
    project.down(timeout=0)


def test_up_in_the_foreground(shop: Project) -> None:
    project = shop(
        f"""services:
  web: {{image: busybox, command: ["sh", "-c", "echo working; sleep 0.5; exit 4"]}}
  other: {{image: busybox, command: {LOOP}}}
"""
    )
    seen: list[str] = []
    done = project.up(
        detach=False,
        abort_on_container_exit=True,
        output=lambda line: seen.append(line.text),
        timeout=2,
    )
    assert "working" in seen
    assert done.exit_code == 4
    assert [one.running for one in project.state()] == [0, 0]
    seen.clear()
    again = project.up(
        detach=False, exit_code_from="web", output=lambda line: seen.append(line.text), timeout=2
    )
    assert again.exit_code == 4
    assert seen == ["working"]  # not what it wrote the first time


def test_an_interrupt_in_the_foreground_stops_everything(shop: Project) -> None:
    project = shop(
        'services:\n  web: {image: busybox, command: ["sh", "-c", '
        "\"trap 'exit 0' TERM; while :; do echo tick; sleep 0.1; done\"]}\n"
    )

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    assert project.up(detach=False, output=interrupt, timeout=2).exit_code == 130
    assert [one.running for one in project.state()] == [0]


def test_exec_run_port_top_images_cp(shop: Project, tmp_path: Path, name: str) -> None:
    project = shop(two(ports="['80']", environment="{A: b}"))
    project.up()
    assert project.exec("web", ["sh", "-c", "echo $A; exit 3"]).exit_code == 3
    assert project.run("web", ["sh", "-c", "echo $A $X"], rm=True, env=["X=y"]).output == "b y\n"
    assert project.run("web", "cat", rm=True, input="typed\n").output == "typed\n"
    left = project.run("web", "true")
    assert left.container is not None
    assert left.container.name.startswith(f"{name}-web-run-")
    assert left.container.attrs["Config"]["Labels"]["com.docker.compose.oneoff"] == "True"
    assert project.port("web", 80).rpartition(":")[2].isdigit()
    with pytest.raises(DockerlabError, match="no port 81/tcp"):
        project.port("web", 81)
    assert any("sleep" in " ".join(row) for row in project.top("web"))
    assert {row[1] for row in project.images()} == {"busybox"}
    assert [row.name for row in project.ps()] == [f"{name}-db-1", f"{name}-web-1"]
    (tmp_path / "page").write_text("hello\n")
    project.cp(str(tmp_path / "page"), "web:/tmp/page")
    assert project.exec("web", "cat /tmp/page").output == "hello\n"
    project.cp("web:/tmp/page", str(tmp_path / "back"))
    assert (tmp_path / "back").read_text() == "hello\n"
    with pytest.raises(DockerlabError, match="no such service"):
        project.exec("nothing", "true")
    project.stop("web", timeout=0)
    with pytest.raises(DockerlabError, match='service "web" is not running'):
        project.exec("web", "true")
    project.down(timeout=0, remove_orphans=True)


def test_what_others_still_use_is_left_with_a_word(
    shop: Project, client: DockerClient, name: str
) -> None:
    project = shop(two())
    project.up()
    project.run("web", LOOP_WORDS, detach=True)
    down = project.down(timeout=0)
    assert f" Network {name}_default  Resource is still in use" in down.lines
    project.down(remove_orphans=True, timeout=0)
    assert Snapshot.of(client, name) == Snapshot({}, {}, {})


def test_build_gives_a_trace_and_an_edit_a_new_container(
    engine: Engine, client: DockerClient, lab: Lab, name: str
) -> None:
    folder = copied("build", engine, name)
    with cleared(client, name):
        project = lab.compose(folder, name=name)
        traces: list[str] = []
        done = project.up(building=lambda service, trace: traces.append(service))
        assert set(done.builds) == {"web", "other"}
        assert done.builds["other"].trace.steps
        assert {"web", "other"} <= set(traces)
        before = ids(project)
        assert not project.up(build=True).plan.changes
        dockerfile = folder / "app" / "Dockerfile"
        dockerfile.write_text(dockerfile.read_text() + "LABEL new=yes\n")
        project.up(build=True, timeout=0)
        after = ids(project)
        assert [n for n in before if before[n] != after[n]] == [f"{name}-web-1"]
        assert set(project.build("web").builds) == {"web"}
        project.down(rmi="all", timeout=0)


def test_config_is_the_file_written_out(shop: Project, name: str) -> None:
    text = shop(two()).config()
    assert text.startswith(f"name: {name}\n")
    assert "service_started" in text


# --- many, and hostile ---


def test_twenty_services(shop: Project, client: DockerClient, name: str) -> None:
    services = "".join(
        f"  s{n}:\n    image: busybox\n    command: [sleep, '1000']\n" for n in range(20)
    )
    project = shop(f"services:\n{services}")
    project.up()
    assert sum(one.running for one in project.state()) == 20
    assert project.up().plan.changes == ()
    project.down(timeout=0)
    assert Snapshot.of(client, name) == Snapshot({}, {}, {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("services:\n\tweb: {}\n", "tab"),
        ("services:\n  a: {image: x}\n  a: {image: y}\n", "a"),
        ("services:\n  a: {image: x, portz: []}\n", "portz"),
        (
            "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n",
            "cycle",
        ),
        ("services:\n  a: {image: '${MUST:?say which}'}\n", "say which"),
        ("services:\n  a: {image: x, depends_on: [nobody]}\n", "nobody"),
        ("services:\n  a: {}\n", "image"),
        ("a: &a [x, x]\nb: &b [*a, *a]\n" + "".join(
            f"{chr(99 + n)}: &{chr(99 + n)} [{', '.join(['*' + chr(98 + n)] * 9)}]\n"
            for n in range(9)
        ), ""),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_meant_touches_nothing(
    text: str, said: str, shop: Project, client: DockerClient, name: str
) -> None:
    begun = time.monotonic()
    with pytest.raises(DockerlabError) as bad:
        shop(text).up()
    assert said in str(bad.value)
    assert time.monotonic() - begun < 60
    assert Snapshot.of(client, name) == Snapshot({}, {}, {})


def test_no_file_is_said_with_what_to_do(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(DockerlabError, match="no configuration file provided") as none:
        lab.compose(tmp_path)
    assert "compose.yaml" in none.value.hint
    with pytest.raises(DockerlabError, match="no such file"):
        lab.compose(tmp_path / "nothing.yaml")
