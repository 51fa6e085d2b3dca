"""What ``up``, ``down`` and the like plan, without an engine."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from dockerlab.client.compose.looking.labels import (
    DEPENDS,
    HASH,
    IMAGE,
    NETWORK,
    NUMBER,
    ONEOFF,
    PROJECT,
    REPLACE,
    SERVICE,
    VOLUME,
)
from dockerlab.client.compose.looking.state import Found, FoundImage, Mounted, State, Thing
from dockerlab.client.compose.plans import bringing, images, stopping
from dockerlab.client.compose.plans.bringing import Up
from dockerlab.client.compose.plans.stopping import Down
from dockerlab.errors import DockerlabError
from dockerlab.formats.composed.plan import Plan, Step
from dockerlab.formats.composefile.model import (
    Attachment,
    Build,
    Dependency,
    FileMount,
    FileObject,
    Mount,
    Network,
    Port,
    Project,
    Service,
    Volume,
)

HEALTHY = Dependency("service_healthy")
IMAGES = {"app": FoundImage("sha256:app"), "redis": FoundImage("sha256:redis", ("/data",))}


def service(name: str, image: str = "app", **more: Any) -> Service:
    more.setdefault("networks", {"default": None})
    return Service(name, image=image, image_name=image, config_hash=f"hash-{name}", **more)


def project(*services: Service, **more: Any) -> Project:
    more.setdefault("networks", {"default": Network("default", "shop_default")})
    return Project(
        "shop", "/shop", ("/shop/compose.yaml",), {one.name: one for one in services}, **more
    )


def shop(**web: Any) -> Project:
    return project(
        service("redis", "redis"), service("web", depends_on={"redis": Dependency()}, **web)
    )


def found(
    service: str,
    number: int = 1,
    *,
    state: str = "running",
    hash: str = "",
    image: str = "sha256:app",
    depends: str = "",
    name: str = "",
    id: str = "",
    oneoff: bool = False,
    replaces: str = "",
    **more: Any,
) -> Found:
    labels = {
        PROJECT: "shop",
        SERVICE: service,
        NUMBER: str(number),
        HASH: hash or f"hash-{service}",
        IMAGE: "sha256:redis" if service == "redis" else image,
        ONEOFF: str(oneoff),
        DEPENDS: depends,
    }
    if replaces:
        labels[REPLACE] = replaces
    more.setdefault("created", float(number))
    return Found(
        id=id or f"{service}{number}".ljust(64, "0"),
        name=name or f"shop-{service}-{number}",
        service=service,
        number=number,
        state=state,
        labels=labels,
        **more,
    )


def there(*containers: Found, **more: Any) -> State:
    more.setdefault("images", IMAGES)
    more.setdefault(
        "networks",
        {"shop_default": Thing("shop_default", "n1", {PROJECT: "shop", NETWORK: "default"})},
    )
    return State(containers=containers, **more)


def up(project: Project, state: State, **options: Any) -> Plan:
    return bringing.up(project, state, Up(**options))


def did(plan: Plan) -> list[str]:
    return [str(step) for step in plan.steps]


def body(plan: Plan, id: str) -> Any:
    call = plan.step(id).call
    assert call is not None
    return call[2]


def test_the_first_up_makes_and_starts_everything() -> None:
    plan = up(shop(), there(networks={}))
    assert did(plan) == [
        "create network shop_default",
        "create container shop-redis-1",
        "create container shop-web-1",
        "start container shop-redis-1",
        "start container shop-web-1",
    ]
    assert plan.step("create shop-redis-1").needs == ("network shop_default",)
    assert plan.step("start shop-web-1").needs == ("create shop-web-1", "start shop-redis-1")
    assert all(step.reason for step in plan.steps)


def test_every_step_comes_after_what_it_needs() -> None:
    plan = up(shop(), there(networks={}))
    seen: set[str] = set()
    for step in plan.steps:
        assert seen.issuperset(step.needs)
        seen.add(step.id)


def test_an_up_of_what_is_up_changes_nothing() -> None:
    plan = up(shop(), there(found("redis"), found("web")))
    assert plan.changes == ()
    assert did(plan) == ["keep container shop-redis-1", "keep container shop-web-1"]
    assert "nothing to do" in repr(plan)


def test_a_stopped_container_is_only_started() -> None:
    plan = up(shop(), there(found("redis"), found("web", state="exited")))
    assert [str(step) for step in plan.changes] == ["start container shop-web-1"]


def test_a_paused_container_goes_on() -> None:
    plan = up(shop(), there(found("redis"), found("web", state="paused")))
    assert [str(step) for step in plan.changes] == ["unpause container shop-web-1"]


def test_another_configuration_makes_a_container_anew() -> None:
    plan = up(shop(), there(found("redis"), found("web", hash="old")))
    old = found("web").id
    assert [step.id for step in plan.changes] == [
        "create shop-web-1",
        "stop shop-web-1",
        "remove shop-web-1",
        f"rename {old[:12]}_shop-web-1",
        "start shop-web-1",
    ]
    create = plan.step("create shop-web-1")
    assert create.action == "recreate container"
    assert "compose file" in create.reason
    assert create.call is not None
    assert create.call[1] == f"/containers/create?name={old[:12]}_shop-web-1"
    assert body(plan, create.id)["Labels"][REPLACE] == old
    assert [step.says for step in plan.changes[:4]] == [
        ("Recreate", ""),
        ("", ""),
        ("", ""),
        ("", "Recreated"),
    ]


def test_another_image_makes_a_container_anew() -> None:
    plan = up(shop(), there(found("redis"), found("web", image="sha256:old")))
    assert plan.step("create shop-web-1").reason == "app is another image by now"


def test_who_depends_on_what_is_made_anew_is_made_anew_too() -> None:
    plan = up(shop(), there(found("redis", hash="old"), found("web")))
    assert "redis" in plan.step("create shop-web-1").reason


@pytest.mark.parametrize(("policy", "made"), [("never", 0), ("always", 2)])
def test_making_anew_can_be_asked_for_or_ruled_out(policy: str, made: int) -> None:
    plan = up(shop(), there(found("redis"), found("web", hash="old")), recreate=policy)
    assert sum(step.action == "recreate container" for step in plan.steps) == made


def test_of_named_services_only_these_are_made_anew_on_request() -> None:
    plan = up(shop(), there(found("redis"), found("web")), recreate="always", services=("web",))
    remade = [step.service for step in plan.steps if step.action == "recreate container"]
    assert remade == ["web"]


def test_a_dependency_must_be_healthy_first() -> None:
    project_ = project(service("redis", "redis"), service("web", depends_on={"redis": HEALTHY}))
    plan = up(project_, there())
    wait = plan.step("wait for shop-redis-1 to be healthy")
    assert wait.needs == ("start shop-redis-1",)
    assert wait.id in plan.step("start shop-web-1").needs
    assert wait.says == ("Waiting", "Healthy")


def test_a_healthy_dependency_is_not_waited_for() -> None:
    project_ = project(service("redis", "redis"), service("web", depends_on={"redis": HEALTHY}))
    plan = up(project_, there(found("redis", status="Up 3 seconds (healthy)"), found("web")))
    assert not [step for step in plan.steps if step.action == "wait"]


def test_a_dependency_that_must_end_first() -> None:
    done = Dependency("service_completed_successfully")
    project_ = project(service("job"), service("web", depends_on={"job": done}))
    plan = up(project_, there())
    assert plan.step("wait for shop-job-1 to be completed successfully").says[1] == "Exited"


def test_named_services_bring_what_they_depend_on() -> None:
    project_ = project(service("other"), *shop().services.values())
    assert "create container shop-redis-1" in did(up(project_, there(), services=("web",)))
    assert not [s for s in did(up(project_, there(), services=("web",))) if "other" in s]
    alone = up(project_, there(), services=("web",), dependencies=False)
    assert did(alone) == ["create container shop-web-1", "start container shop-web-1"]


def test_an_unknown_service_is_refused_with_those_there_are() -> None:
    with pytest.raises(DockerlabError, match="no such service: wbe") as refused:
        up(shop(), there(), services=("wbe",))
    assert "redis, web" in refused.value.hint


def test_a_named_service_is_switched_on_whatever_its_profile() -> None:
    project_ = replace(shop(), disabled={"debug": service("debug", profiles=("dev",))})
    assert "create container shop-debug-1" in did(up(project_, there(), services=("debug",)))
    assert "create container shop-debug-1" not in did(up(project_, there()))


def test_scaling_up_counts_on_and_scaling_down_takes_the_newest() -> None:
    plan = up(shop(), there(found("redis"), found("web")), scale={"web": 3})
    made = [step.target for step in plan.steps if step.action == "create container"]
    assert made == ["shop-web-2", "shop-web-3"]
    less = up(shop(), there(found("redis"), found("web", 1), found("web", 2)), scale={"web": 1})
    assert [step.target for step in less.changes] == ["shop-web-2", "shop-web-2"]
    assert up(shop(), there(found("redis"), found("web")), scale={"web": 0}).changes


def test_a_container_name_of_ones_own_cannot_be_scaled() -> None:
    with pytest.raises(DockerlabError, match="custom container name"):
        up(shop(container_name="web"), there(), scale={"web": 2})


def test_orphans_are_named_or_removed() -> None:
    state = there(found("redis"), found("web"), found("gone"))
    plan = up(shop(), state)
    assert "shop-gone-1" in plan.warnings[0]
    assert not plan.changes
    plan = up(shop(), state, remove_orphans=True)
    assert [str(step) for step in plan.changes] == [
        "stop container shop-gone-1",
        "remove container shop-gone-1",
    ]


def test_what_an_interrupted_up_has_left_is_cleared_away() -> None:
    old = found("web", hash="old")
    half = found("web", name=f"{old.id[:12]}_shop-web-1", id="new" + 61 * "0", replaces=old.id)
    plan = up(shop(), there(found("redis"), old, half))
    assert plan.step(f"remove {half.name}").call is not None
    assert plan.step(f"remove {half.name}").id in plan.step("create shop-web-1").needs


def test_a_new_container_without_its_name_gets_it() -> None:
    half = found("web", name="0123456789ab_shop-web-1", replaces="0123456789ab" + 52 * "0")
    plan = up(shop(), there(found("redis"), half))
    assert [str(step) for step in plan.changes] == ["rename container shop-web-1"]
    assert not [step for step in plan.steps if step.action.startswith(("create", "recreate"))]


def test_it_gets_its_name_before_it_is_replaced_in_turn() -> None:
    name = "0123456789ab_shop-web-1"
    half = found("web", name=name, hash="old", replaces="0123456789ab" + 52 * "0")
    plan = up(shop(), there(found("redis"), half))
    assert f"rename {name}" in plan.step("create shop-web-1").needs


def test_anonymous_volumes_go_over_to_the_new_container() -> None:
    mounts = (Mounted("volume", "abc", "/data"), Mounted("volume", "shop_files", "/files"))
    project_ = project(
        service("redis", "redis", volumes=(Mount("volume", "/files", "files"),)),
        volumes={"files": Volume("files", "shop_files")},
    )
    volumes = {"shop_files": Thing("shop_files", "", {PROJECT: "shop", VOLUME: "files"})}
    state = there(found("redis", hash="old", mounts=mounts), volumes=volumes)
    kept = body(up(project_, state), "create shop-redis-1")["HostConfig"]["Mounts"]
    assert {mount["Target"]: mount["Source"] for mount in kept} == {
        "/data": "abc",
        "/files": "shop_files",
    }
    new = body(up(project_, state, keep_volumes=False), "create shop-redis-1")
    assert [mount["Target"] for mount in new["HostConfig"]["Mounts"]] == ["/files"]


def test_further_networks_are_joined_after_the_container_is_made() -> None:
    networks = {
        "back": Network("back", "shop_back"),
        "front": Network("front", "shop_front"),
    }
    web = service("web", networks={"back": Attachment(("w",)), "front": None})
    plan = up(project(web, networks=networks), there(networks={}))
    made = body(plan, "create shop-web-1")
    assert made["HostConfig"]["NetworkMode"] == "shop_back"
    endpoints = made["NetworkingConfig"]["EndpointsConfig"]
    assert endpoints == {"shop_back": {"Aliases": ["shop-web-1", "web", "w"]}}
    joined = plan.step("connect shop-web-1 to shop_front")
    assert "network shop_front" in joined.needs
    assert joined.id in plan.step("start shop-web-1").needs


def test_contents_from_a_variable_are_copied_in() -> None:
    secrets = {"key": FileObject("key", "shop_key", environment="KEY", content="s3cret")}
    web = service("web", secrets=(FileMount("key", "/run/secrets/key"),))
    plan = up(project(web, secrets=secrets), there())
    copy = plan.step("copy /run/secrets/key to shop-web-1")
    assert "s3cret" not in repr(copy)
    assert copy.id in plan.step("start shop-web-1").needs


def test_sharing_a_network_waits_for_the_id_of_the_other() -> None:
    side = service(
        "side", network_mode="service:web", networks={}, depends_on={"web": Dependency()}
    )
    plan = up(project(service("web"), side), there())
    create = plan.step("create shop-side-1")
    assert create.refers == ("shop-web-1",)
    assert "create shop-web-1" in create.needs
    assert body(plan, create.id)["HostConfig"]["NetworkMode"] == "container:shop-web-1"


def test_links_give_every_name_of_the_other() -> None:
    web = service("web", links=("redis:cache",), depends_on={"redis": Dependency(restart=True)})
    plan = up(project(service("redis", "redis"), web), there())
    made = body(plan, "create shop-web-1")
    links = made["NetworkingConfig"]["EndpointsConfig"]["shop_default"]["Links"]
    assert links == [
        "shop-redis-1:cache",
        "shop-redis-1:redis-1",
        "shop-redis-1:shop-redis-1",
    ]
    assert made["Labels"][DEPENDS] == "redis:service_started:true"


def test_ports_and_what_is_empty() -> None:
    made = body(up(shop(ports=(Port(80, "8080"),)), there()), "create shop-web-1")
    assert made["HostConfig"]["PortBindings"] == {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}
    assert made["ExposedPorts"] == {"80/tcp": {}}
    assert "Cmd" not in made
    assert "Binds" not in made["HostConfig"]
    emptied = body(up(shop(command=()), there()), "create shop-web-1")
    assert emptied["Cmd"] == []


@pytest.mark.parametrize("external", [True, False])
def test_a_network_that_is_somebody_elses(external: bool) -> None:
    network = Network("default", "shop_default", external=external)
    web = project(service("web"), networks={"default": network})
    foreign = there(networks={"shop_default": Thing("shop_default", "n", {})})
    if external:
        assert not [s for s in up(web, foreign).steps if s.action == "create network"]
        with pytest.raises(DockerlabError, match="declared as external"):
            up(web, there(networks={}))
    else:
        with pytest.raises(DockerlabError, match="incorrect label"):
            up(web, foreign)


def test_a_volume_that_is_somebody_elses_is_used_with_a_word() -> None:
    web = project(
        service("web", volumes=(Mount("volume", "/d", "data"),)),
        volumes={"data": Volume("data", "shop_data")},
    )
    other = there(volumes={"shop_data": Thing("shop_data", "", {PROJECT: "bakery"})})
    assert 'project "bakery"' in up(web, other).warnings[0]


def test_images_are_built_or_pulled_when_they_are_missing() -> None:
    built = service("web", "shop-web", build=Build("/shop"))
    bare = State(images={})
    plan = [str(step) for step in images.plan([built, service("r", "redis")], bare)]
    assert plan == ["build image shop-web", "pull image redis"]
    here = State(images={"shop-web": FoundImage("x"), "redis": FoundImage("y")})
    assert images.plan([built, service("r", "redis")], here) == []
    assert len(images.plan([built], here, build=True)) == 1
    with pytest.raises(DockerlabError, match="No such image"):
        images.plan([service("r", "redis", pull_policy="never")], bare)


def test_an_image_that_another_service_builds_is_not_pulled() -> None:
    built = service("web", "app", build=Build("/shop"))
    plan = images.plan([built, service("worker", "app")], State())
    assert [str(step) for step in plan] == ["build image app"]
    here = State(images={"app": FoundImage("x")})
    assert images.plan([service("worker", "app"), built], here, pull="always") == []


# --- taking down ---


def down(state: State, project_: Project | None = None, **options: Any) -> Plan:
    return stopping.down(project_ or shop(), state, Down(**options))


def test_down_takes_dependants_first_and_keeps_volumes() -> None:
    volumes = {"shop_data": Thing("shop_data", "", {PROJECT: "shop"})}
    plan = down(there(found("redis"), found("web"), volumes=volumes))
    assert did(plan) == [
        "stop container shop-web-1",
        "remove container shop-web-1",
        "stop container shop-redis-1",
        "remove container shop-redis-1",
        "remove network shop_default",
    ]
    assert plan.step("stop shop-redis-1").needs == ("stop shop-web-1",)
    assert set(plan.step("remove network shop_default").needs) == {
        "remove shop-web-1",
        "remove shop-redis-1",
    }
    assert "remove volume shop_data" in did(
        down(there(found("web"), volumes=volumes), volumes=True)
    )


def test_down_follows_the_labels_where_the_file_has_changed() -> None:
    state = there(found("redis"), found("new", depends="redis:service_started:false"))
    plan = down(state, project(service("redis", "redis"), service("new")))
    assert plan.step("stop shop-redis-1").needs == ("stop shop-new-1",)


def test_down_of_nothing_says_so() -> None:
    assert down(there(networks={})).warnings == ('No resource found to remove for project "shop".',)


def test_down_leaves_orphans_and_single_runs_unless_asked() -> None:
    state = there(found("gone"), found("web", oneoff=True, name="shop-web-run-1"))
    assert "stop container shop-gone-1" not in did(down(state))
    both = did(down(state, remove_orphans=True))
    assert "remove container shop-gone-1" in both
    assert "remove container shop-web-run-1" in both


def test_down_of_a_service_takes_its_dependants_and_no_network() -> None:
    plan = down(there(found("redis"), found("web")), services=("redis",))
    assert did(plan)[-1] == "remove container shop-redis-1"
    assert "stop container shop-web-1" in did(plan)


def test_down_survives_services_that_depend_on_each_other_by_their_labels() -> None:
    state = there(
        found("a", depends="b:service_started:false"),
        found("b", depends="a:service_started:false"),
    )
    plan = down(state, project(service("a"), service("b")))
    assert len([step for step in plan.steps if step.action == "remove container"]) == 2


def test_images_go_when_asked() -> None:
    # The image of one that is only built is named after it.
    web = replace(service("web", "", build=Build("/x")), image_name="shop-web")
    both = project(web, service("redis", "redis"))
    state = there(found("web"), images={"shop-web": FoundImage("x"), **IMAGES})

    def gone(which: str) -> list[tuple[str, str]]:
        steps = down(state, both, images=which).steps
        return [(s.subject, s.call[1]) for s in steps if s.call and s.action == "remove image"]

    assert gone("") == []
    assert gone("local") == [("Image shop-web:latest", "/images/shop-web")]
    assert gone("all") == [*gone("local"), ("Image redis:latest", "/images/redis")]


def test_stop_goes_backwards_and_restart_forwards() -> None:
    state = there(
        found("redis"),
        found("web", depends="redis:service_started:true"),
        found("old", state="exited"),
    )
    halted = stopping.halt(shop(), state, (), 3)
    assert [step.target for step in halted.steps] == ["shop-web-1", "shop-redis-1"]
    assert "?t=3" in str(halted.steps[0].call)
    again = stopping.restart(shop(), state, ("redis",), None)
    assert [step.target for step in again.steps] == ["shop-redis-1", "shop-web-1"]
    assert again.steps[1].needs == ("restart shop-redis-1",)


def test_two_hundred_services_are_planned_in_no_time() -> None:
    chain = [
        service(f"s{n}", depends_on={f"s{n - 1}": Dependency()} if n else {}) for n in range(200)
    ]
    plan = up(project(*chain), there(networks={}))
    assert len(plan.changes) == 401


def test_a_step_says_what_it_is_about() -> None:
    assert Step("x", "create network", "n").subject == "Network n"
    assert Step("x", "wait", "c").subject == "Container c"
    assert Step("x", "kill container", "c").subject == "Container c"
