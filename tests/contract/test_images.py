"""Images: lists, names, archives, commits, refusals. Docker Engine is the judge."""

from __future__ import annotations

import io
import json
import os
import tarfile

import pytest
from docker.client import DockerClient
from docker.errors import APIError, ImageLoadError, ImageNotFound

IMAGE = "alpine"


@pytest.fixture
def tag(client: DockerClient, name: str):
    """A tag of the test's own; gone afterwards."""
    yield f"{name}:1"
    for image in client.images.list(filters={"reference": f"{name}*"}):
        for each in (t for t in image.tags if t.startswith(name)):
            client.images.remove(each)


def small_tar(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            member.mode = 0o755
            tar.addfile(member, io.BytesIO(content))
    return data.getvalue()


def test_the_list_has_dockers_keys(client: DockerClient) -> None:
    row = next(r for r in client.api.images() if "alpine:latest" in (r["RepoTags"] or []))
    assert {"Id", "ParentId", "RepoTags", "Created", "Size", "VirtualSize", "Labels"} <= set(row)
    assert row["Id"].startswith("sha256:")
    assert 1_000_000 < row["Size"] < 50_000_000


def test_inspect_by_every_way_to_name_it(client: DockerClient) -> None:
    whole = client.images.get(IMAGE).id
    short = whole.removeprefix("sha256:")[:12]
    names = (IMAGE, "alpine:latest", "docker.io/library/alpine:latest", whole, short)
    assert {client.images.get(n).id for n in names} == {whole}


def test_inspect_has_dockers_keys(client: DockerClient) -> None:
    attrs = client.images.get(IMAGE).attrs
    assert {
        *("Id", "RepoTags", "RepoDigests", "Parent", "Comment", "Created", "DockerVersion"),
        *("Author", "Config", "Architecture", "Os", "Size", "GraphDriver", "RootFS", "Metadata"),
    } <= set(attrs)
    assert attrs["RootFS"]["Type"] == "layers"
    assert all(layer.startswith("sha256:") for layer in attrs["RootFS"]["Layers"])


def test_the_same_archive_gives_the_same_id_everywhere(client: DockerClient) -> None:
    config = client.images.get("redis").attrs
    assert config["Config"]["ExposedPorts"] == {"6379/tcp": {}}
    assert config["Config"]["Volumes"] == {"/data": {}}


def test_history_goes_from_the_top_down(client: DockerClient) -> None:
    history = client.images.get("redis").history()
    assert {"Id", "Created", "CreatedBy", "Tags", "Size", "Comment"} == set(history[0])
    assert history[0]["Id"] == client.images.get("redis").id
    assert sum(step["Size"] for step in history) > 5_000_000


def test_a_second_name(client: DockerClient, tag: str) -> None:
    image = client.images.get(IMAGE)
    assert image.tag(tag)
    assert client.images.get(tag).id == image.id
    client.images.remove(tag)
    with pytest.raises(ImageNotFound):
        client.images.get(tag)
    assert client.images.get(IMAGE).id == image.id


@pytest.mark.parametrize("bad", ["UPPER", "a b", "-x", "a::b"])
def test_a_bad_name_is_refused(client: DockerClient, bad: str) -> None:
    with pytest.raises(APIError, match=r"invalid|[Ii]nvalid") as error:
        client.api.tag(IMAGE, bad)
    assert error.value.status_code in (400, 500)


def test_an_unknown_image(client: DockerClient) -> None:
    with pytest.raises(ImageNotFound, match="No such image: nosuchimage:latest"):
        client.images.remove("nosuchimage")


def test_an_image_in_use_is_not_removed(client: DockerClient, name: str) -> None:
    image = client.api.import_image_from_data(small_tar({"x": b"y"}), repository=f"{name}-used")
    assert json.loads(image.splitlines()[-1])["status"].startswith("sha256:")
    client.containers.create(f"{name}-used", ["/x"], name=name)
    with pytest.raises(APIError, match="must.* force|must be forced") as error:
        client.images.remove(f"{name}-used")
    assert error.value.status_code == 409
    client.containers.get(name).remove()
    client.images.remove(f"{name}-used")


def test_remove_says_what_went(client: DockerClient, name: str) -> None:
    client.api.import_image_from_data(small_tar({"x": b"1" + name.encode()}), repository=name)
    gone = client.api.remove_image(name)
    assert {"Untagged": f"{name}:latest"} in gone
    assert any("Deleted" in row for row in gone)


def test_save_and_load(client: DockerClient, tag: str, name: str) -> None:
    image = client.images.get(IMAGE)
    image.tag(tag)
    data = b"".join(client.images.get(tag).save(named=tag))
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
    assert manifest[0]["RepoTags"] == [tag]
    client.images.remove(tag)
    loaded = client.images.load(data)
    assert [i.id for i in loaded] == [image.id]
    assert tag in client.images.get(tag).tags


def test_import_export(client: DockerClient, tag: str, name: str) -> None:
    container = client.containers.create(IMAGE, ["true"], name=name)
    data = b"".join(container.export())
    client.api.import_image_from_data(data, repository=tag.split(":")[0], tag="1")
    assert client.containers.run(tag, ["cat", "/etc/hostname"], remove=True) is not None
    assert len(client.images.get(tag).attrs["RootFS"]["Layers"]) == 1


def test_commit_of_what_changed_nothing_has_no_layer_of_its_own(
    client: DockerClient, tag: str, name: str
) -> None:
    container = client.containers.create(IMAGE, "true", name=name)
    repository, _, version = tag.partition(":")
    image = container.commit(repository, version, changes="ENV A=b")
    base = client.images.get(IMAGE).attrs["RootFS"]["Layers"]
    assert image.attrs["RootFS"]["Layers"] == base
    assert image.history()[0]["Size"] == 0


def test_commit_keeps_changes_and_removals(client: DockerClient, tag: str, name: str) -> None:
    container = client.containers.run(
        IMAGE, ["sh", "-c", "echo new > /new; rm /etc/profile"], name=name, detach=True
    )
    container.wait()
    repository, _, version = tag.partition(":")
    image = container.commit(
        repository, version, message="why", author="me", changes='CMD ["cat", "/new"]'
    )
    assert client.containers.run(tag, remove=True) == b"new\n"
    gone = client.containers.run(
        tag, ["sh", "-c", "test -e /etc/profile || echo gone"], remove=True
    )
    assert gone == b"gone\n"
    base = client.images.get(IMAGE).attrs["RootFS"]["Layers"]
    assert image.attrs["RootFS"]["Layers"][:-1] == base
    assert image.attrs["Comment"] == "why"
    assert image.attrs["Author"] == "me"
    # The archive of it runs elsewhere too, so it must hold all layers.
    data = b"".join(image.save())
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        manifest = json.load(tar.extractfile("manifest.json"))
    assert len(manifest[0]["Layers"]) == len(base) + 1


def test_filters(client: DockerClient, tag: str) -> None:
    client.images.get(IMAGE).tag(tag)
    repository = tag.split(":")[0]
    assert [i.tags for i in client.images.list(name=repository)] != []
    assert client.images.list(filters={"reference": "nosuch*"}) == []
    standins = client.images.list(filters={"label": "nosuchlabel"})
    assert standins == []


def test_prune_takes_dangling_images_only(client: DockerClient, name: str, engine) -> None:
    if engine.kind == "docker" and not os.environ.get("CI"):
        pytest.skip("would remove other people's images")
    for version in (b"1", b"2"):
        client.api.import_image_from_data(
            small_tar({"x": version + name.encode()}), repository=name, tag="p"
        )
    pruned = client.images.prune()
    assert any("Deleted" in row for row in pruned["ImagesDeleted"])
    assert client.images.get(f"{name}:p")
    client.images.remove(f"{name}:p")


def test_a_broken_archive_is_refused(client: DockerClient) -> None:
    with pytest.raises((APIError, ImageLoadError)):
        client.images.load(b"this is no tar archive" * 100)


def test_an_archive_without_a_manifest_is_refused(client: DockerClient) -> None:
    with pytest.raises((APIError, ImageLoadError)):
        client.images.load(small_tar({"nothing": b"here"}))


def test_a_hostile_layer_writes_nothing_outside(client: DockerClient, name: str, tmp_path) -> None:
    target = tmp_path / "outside"
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for member in (
            _file(f"../../../../..{target}", b"escaped"),
            _file(str(target), b"escaped"),
            _link("way", str(tmp_path)),
            _file("way/outside", b"escaped"),
            _hard("hard", "/etc/passwd"),
        ):
            tar.addfile(member[0], io.BytesIO(member[1]))
    try:
        client.api.import_image_from_data(data.getvalue(), repository=name)
    except APIError:
        pass
    else:
        client.images.remove(name, force=True) if client.images.list(name=name) else None
    assert not target.exists()


def _file(path: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(path)
    member.size = len(content)
    return member, content


def _link(path: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(path)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member, b""


def _hard(path: str, target: str) -> tuple[tarfile.TarInfo, bytes]:
    member = tarfile.TarInfo(path)
    member.type, member.linkname = tarfile.LNKTYPE, target
    return member, b""
