"""What is claimed of images, on every engine."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from claiming import MINE, bench_of, found
from docker.client import DockerClient

from dockerlab import Lab
from dockerlab.grading.bench import PROBE, Bench
from dockerlab.grading.claims.images import image
from dockerlab.grading.claims.looking.facts import unstarted
from dockerlab.grading.exercise import Claim

NAME, OTHER, NONE = (f"{MINE}claims/{word}" for word in ("app", "other:1.0", "none"))
DOCKERFILE = """FROM busybox
RUN echo milk > /note && ln -s /note /link
WORKDIR /srv/app
ENV GREETING={hello}
LABEL course=yes
EXPOSE 8080
USER 1000
ENTRYPOINT ["sh", "-c"]
CMD ["echo hi"]
"""


@pytest.fixture
def bench(lab: Lab, tmp_path: Path, client: DockerClient) -> Iterator[Bench]:
    client.images.build(fileobj=io.BytesIO(DOCKERFILE.encode()), tag=NAME, rm=True)
    client.images.get(NAME).tag(OTHER)
    yield bench_of(lab, tmp_path)
    for name in (NAME, OTHER):
        client.images.remove(name, force=True)


def claims() -> list[tuple[Claim, str]]:
    app, none = image(NAME), image(NONE)
    return [
        (app.exists(), "met"),
        (none.exists(), "image.absent"),
        (none.is_gone(), "met"),
        (app.is_gone(), "image.still_there"),
        (app.is_also(OTHER), "met"),
        (app.is_also("busybox"), "image.two_images"),
        (app.is_also(NONE), "image.absent"),
        (app.stands_on("busybox"), "met"),
        (app.stands_on("redis"), "image.other_base"),
        (app.stands_on(NONE), "image.no_base"),
        (app.weighs_at_most(50), "met"),
        (app.weighs_at_most(0.1), "image.too_heavy"),
        (app.has_layers(9), "met"),
        (app.has_layers(1), "image.too_many_layers"),
        (app.starts("sh", "-c", "echo hi"), "met"),
        (app.starts("echo", "hi"), "image.other_command"),
        (app.has_user("1000"), "met"),
        (app.has_user("root"), "image.other_user"),
        (app.is_not_root(), "met"),
        (image("busybox").is_not_root(), "image.is_root"),
        (app.has_workdir("/srv/app/"), "met"),
        (app.has_workdir("/srv"), "image.other_workdir"),
        (image("busybox").has_workdir("/"), "met"),
        (app.has_env("GREETING", "{hello}"), "met"),
        (app.has_env("GREETING", "bye"), "image.other_env"),
        (app.has_env("GREET", "bye"), "image.no_env"),
        (app.has_label("course", "yes"), "met"),
        (app.has_label("course", "no"), "image.no_label"),
        (app.exposes(8080), "met"),
        (app.exposes(80), "image.not_exposed"),
        (app.holds("/note", "milk"), "met"),
        (app.holds("/link", "milk"), "met"),
        (app.holds("/note", "honey"), "contents.no_text"),
        (app.holds("/nothing"), "contents.no_file"),
        (app.lacks("/usr/bin/npm"), "met"),
        (app.lacks("/note"), "contents.still_there"),
        (none.lacks("/note"), "image.absent"),
    ]


def test_claims(bench: Bench) -> None:
    wrong = {}
    for claim, expected in claims():
        key = found(bench, claim)
        if key != expected:
            wrong[claim.says.text("en")] = (key, expected)
    assert not wrong


def test_a_look_at_files_leaves_nothing_behind(bench: Bench, client: DockerClient) -> None:
    assert found(bench, image(NAME).holds("/note", "milk")) == "met"
    left = client.containers.list(
        all=True, filters={"label": PROBE, "ancestor": NAME}, ignore_removed=True
    )
    assert not left


def test_a_name_means_the_image_that_had_it_first(
    bench: Bench, client: DockerClient, tmp_path: Path
) -> None:
    lent = f"{MINE}claims/lent:1"
    client.images.get("alpine").tag(lent)
    originals = {lent: client.images.get(lent).id}
    trusting = Bench(bench.lab, tmp_path, bench.fetch, originals)
    try:
        assert found(trusting, image(NAME).stands_on(lent)) == "image.other_base"
        client.images.get("busybox").tag(lent)
        assert found(bench, image(NAME).stands_on(lent)) == "met"
        assert found(trusting, image(NAME).stands_on(lent)) == "image.other_base"
        with unstarted(trusting, lent) as made:
            assert client.api.inspect_container(made)["Image"] == originals[lent]
    finally:
        client.images.remove(lent)
    assert found(trusting, image(lent).is_gone()) == "met"
