"""What goes wrong in a deployment, on every engine: an event says why, the good version stays."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from beanstalklab import PAGE, TWO, Site, deployed, fetch, page, server, timed, zipped
from engines import Engine, running, wanted

from dockerlab.cloud.beanstalk.options import BALANCER, COMMAND, PROCESS
from dockerlab.cloud.errors import AwsError


@pytest.fixture
def site(engine: Engine, images: None, tmp_path: Path, name: str) -> Iterator[Site]:
    with deployed(engine.url, tmp_path, name) as made:
        yield made


BROKEN = PAGE.replace("EXPOSE", "RUN echo about to fail && exit 7\nEXPOSE")
ELSEWHERE = PAGE.replace("EXPOSE 8000", "EXPOSE 9000")
INSIDE = PAGE.replace('"8000"', '"127.0.0.1:8000"')
ENDS = PAGE.replace('["httpd", "-f", "-p", "8000", "-h", "/www"]', "echo no such luck; exit 4")
SILENT = PAGE.replace("EXPOSE 8000\n", "")
NO_PROGRAM = PAGE.replace('"httpd"', '"httpdd"')
FAULTS = {
    "the build fails": (
        page("two", BROKEN),
        ["line 3 of the Dockerfile", "RUN echo about to fail", "    about to fail"],
    ),
    "another port": (
        page("two", ELSEWHERE),
        ["Nothing takes connections at port 9000", "listens at port 8000", "EXPOSE 9000"],
    ),
    "only inside": (page("two", INSIDE), ["127.0.0.1:8000"]),
    "it ends": (page("two", ENDS), ["exit code 4", "    no such luck"]),
    "no EXPOSE": (page("two", SILENT), ["No EXPOSE directive"]),
    "no such program": (page("two", NO_PROGRAM), ["could not be started", "httpdd"]),
    "no page": (
        zipped({"Dockerfile": PAGE.replace("COPY index.html /www/", "RUN mkdir /www")}),
        ["Health checks failed with these codes: [404]"],
    ),
    "no Dockerfile": (
        zipped({"Dockerfile.dev": PAGE, "index.html": "two"}),
        ["no Dockerfile at its top", "Dockerfile.dev is for development"],
    ),
    "no zip": (b"two", ["not a zip file"]),
    "leads out": (
        zipped({"Dockerfile": PAGE, "../../index.html": "two"}),
        ["../../index.html leads out of the source bundle"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_version_is_not_deployed(site: Site, engine: Engine, fault: str) -> None:
    if fault == "only inside" and engine.kind.startswith("proot"):
        pytest.skip("with PRoot a container's 127.0.0.1 is reached by its neighbours, too")
    bundle, words = FAULTS[fault]
    site.create(site.version("v1", page("one")))
    before = site.env.instances
    env = site.update(site.version("v2", bundle), {(COMMAND, "Timeout"): "100"})
    errors = "\n".join(site.told("ERROR"))
    assert all(word in errors for word in words), errors
    assert (env.status, env.version, fetch(env)) == ("Ready", "v1", "one")
    assert [one.id for one in env.instances] == [one.id for one in before]
    assert env.health == "Green"
    assert site.says("version v1 goes on serving")
    assert site.cloud.settings(site.name)[COMMAND, "Timeout"] == "600", "all of it or nothing"


def test_a_first_version_that_fails_leaves_a_red_environment_to_be_updated(site: Site) -> None:
    before = _steps(site)
    site.create(site.version("v1", page("one", BROKEN)))
    env = site.env
    assert (env.status, env.health, env.version, env.instances) == ("Ready", "Red", "", ())
    assert _steps(site) == before, "the container of the step that failed is still there"
    assert site.says("ERROR The environment was created, but with errors")
    assert fetch(site.update(site.version("v2", page("two")))) == "two"


def _steps(site: Site) -> set[str]:
    """The containers of the step that fails in BROKEN."""
    every = site.lab.api.containers(all=True)
    return {one["Id"] for one in every if "about to fail" in one["Command"]}


def test_a_bundle_that_is_gone_from_the_bucket(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    version = site.version("v2", page("two"))
    del site.bundles["v2"]
    site.update(version)
    assert site.says("could not be downloaded from S3: Not Found", "ERROR")
    with pytest.raises(AwsError) as refused:
        site.cloud.create_version("app", "v3", "bucket", "v3")
    assert refused.value.code == "InvalidParameterCombination"
    assert "(Bucket: bucket  Key: v3). Reason: Not Found" in refused.value.message


def test_an_update_aborted_between_batches_goes_back(site: Site) -> None:
    """One of two instances is new already when the update is given up."""
    site.create(site.version("v1", server("one")), TWO)
    options = {(COMMAND, "BatchSizeType"): "Fixed", (COMMAND, "BatchSize"): "1"}
    site.cloud.update_environment(site.name, site.version("v2", server("two")), options)
    site.until(lambda env: any(one.version == "v2" for one in env.in_service))
    site.cloud.abort_update(site.name)
    env = site.ready()
    assert [one.version for one in env.in_service] == ["v1", "v1"], site.told()
    assert env.version == "v1"
    assert fetch(env) == "one "
    assert site.says("WARN Environment update was aborted")


def test_two_deployments_at_once_are_refused(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    site.version("v2", page("two"))
    site.cloud.update_environment(site.name, "v2")
    with pytest.raises(AwsError) as refused:
        site.cloud.update_environment(site.name, "v1")
    assert refused.value.code == "InvalidParameterValue"
    assert "is in an invalid state for this operation. Must be Ready" in refused.value.message
    assert fetch(site.ready()) == "two"


def test_an_update_is_aborted_in_the_middle_of_its_build(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    endless = page("two", PAGE.replace("EXPOSE", "RUN sleep 600\nEXPOSE"))
    site.cloud.update_environment(site.name, site.version("v2", endless))
    site.builds(2)
    site.cloud.abort_update(site.name)
    assert timed(site.ready) < 20
    assert site.says("WARN Environment update was aborted"), "\n".join(site.told())
    assert site.env.version == "v1"
    with pytest.raises(AwsError, match="invalid state"):
        site.cloud.abort_update(site.name)


def test_a_build_without_an_end_is_ended(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    endless = page("two", PAGE.replace("EXPOSE", "RUN sleep 600\nEXPOSE"))
    env = site.update(site.version("v2", endless), {(COMMAND, "Timeout"): "3"})
    assert site.says("not built within the Timeout of 3 seconds", "ERROR")
    assert env.version == "v1"


def test_terminated_in_the_middle_of_an_update(site: Site) -> None:
    site.create(site.version("v1", page("one")))
    endless = page("two", PAGE.replace("EXPOSE", "RUN sleep 600\nEXPOSE"))
    site.cloud.update_environment(site.name, site.version("v2", endless))
    site.builds(2)
    site.cloud.terminate_environment(site.name)
    site.until(lambda env: env.status == "Terminated", 40)


def test_a_taken_port_leaves_nothing(site: Site) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        site.create(site.version("v1", page("one")), {(BALANCER, "Port"): str(port)})
        assert site.says(f"Port {port} of this machine is in use", "ERROR")
        assert site.env.status == "Terminated"
        assert site.left() == []
        site.create("v1")
        assert fetch(site.env) == "one"
        env = site.update(options={(BALANCER, "Port"): str(port)})
        assert fetch(env) == "one"
        assert site.says(f"Port {port} of this machine is in use", "ERROR")


def test_an_app_in_trouble_makes_the_environment_red_and_well_again(site: Site) -> None:
    site.create(site.version("v1", server("one")), {(PROCESS, "UnhealthyThresholdCount"): "2"})
    site.until(lambda env: env.health == "Green")
    site.until(lambda _: site.says("has transitioned from Pending to Ok"))
    site.update(options={(PROCESS, "HealthCheckPath"): "/error"})
    site.until(lambda env: env.health == "Red")
    site.until(lambda _: site.says("has transitioned from Ok to Severe", "WARN"))
    assert "Health checks failed with these codes: [500]." in site.cloud.health(site.name).causes[0]
    site.update(options={(PROCESS, "HealthCheckPath"): "/"})
    site.until(lambda env: env.health == "Green")


@pytest.mark.parametrize("kind", wanted(embedded=True))
def test_the_engine_ends_in_the_middle_of_a_deployment(
    kind: str, tmp_path: Path, name: str
) -> None:
    from dockerlab.course.prepare import prepare

    with running(kind) as engine:
        site = Site(engine.url, tmp_path, name)
        prepare(site.lab.docker, ["nginx", "busybox"])
        site.create(site.version("v1", page("one")), TWO)
        slow = page("two", PAGE.replace("EXPOSE", "RUN sleep 3\nEXPOSE"))
        site.cloud.update_environment(site.name, site.version("v2", slow))
        site.builds(2)
        engine.kill()
        site.until(lambda _: site.says("The deployment of v2 was given up", "ERROR"))
        assert site.cloud.health(site.name).status == "NoData"
        engine.launch()
        env = site.ready()
        assert site.says("It goes on with version v1")
        env = site.until(lambda env: len(env.in_service) == 2 and env.health == "Green")
        assert fetch(env) == "one"
        assert fetch(site.update("v2")) == "two"
        site.cloud.close()
        assert site.left() == []
        site.create("v1")
        engine.kill()
        assert timed(site.cloud.close) < 15
