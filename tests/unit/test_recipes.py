"""Recipes and the catalogue in step, and what every stand-in must say of itself."""

from __future__ import annotations

import platform
from pathlib import Path

import debs
import pytest

from dockerlab.course.catalog import CATALOG, for_chapters
from dockerlab.course.standins import base, recipes
from dockerlab.course.standins.base import applets
from dockerlab.course.standins.deb import Pool
from dockerlab.course.standins.recipes import RECIPES, Ingredients
from dockerlab.errors import DockerlabError, FormatError

BUSYBOX = b"\x7fELF..\x20[\0[[\0ash\0cat\0ls\0sh\0wget\0\x01\x02rest\0"


def kitchen(pool: Pool) -> Ingredients:
    return Ingredients(pool, base.architecture("x86_64"), "Testing")


def busybox(folder: Path) -> Pool:
    files = {"./etc/protocols": b"", "./etc/services": b""}
    return Pool(
        [
            debs.deb(folder, "busybox-static", {"./bin/busybox": BUSYBOX}, version="1.36-1"),
            debs.deb(folder, "netbase", files),
            debs.deb(folder, "ca-certificates", {"./usr/share/ca-certificates/a.crt": b"A\n\n"}),
        ]
    )


def test_every_offline_image_has_a_recipe() -> None:
    assert {name for name, image in CATALOG.items() if image.offline} == set(RECIPES)


@pytest.mark.parametrize("name", CATALOG)
def test_catalogue_entries(name: str) -> None:
    image = CATALOG[name]
    assert image.reference == f"{name}:latest"
    assert image.why
    assert image.commands
    assert all(1 <= chapter <= 6 for chapter in image.chapters)


def test_images_of_chapters() -> None:
    assert for_chapters([5]) == ["redis", "node"]
    assert for_chapters([]) == []


def test_labels_and_name(tmp_path: Path) -> None:
    image = recipes.alpine(kitchen(busybox(tmp_path)))
    assert image.tags == ["alpine:latest"]
    assert image.settings["Labels"] == {
        "dockerlab.standin": "true",
        "dockerlab.standin.packages": "busybox-static 1.36-1, ca-certificates 1, netbase 1",
    }
    release = image.layers[-1]._entries["/etc/os-release"].data.decode()
    assert 'PRETTY_NAME="dockerlab stand-in for alpine, made of Testing packages"' in release


def test_busybox_has_its_commands_and_folders(tmp_path: Path) -> None:
    system = base.system(busybox(tmp_path))._entries
    for name in ("ash", "cat", "ls", "sh", "wget"):
        assert system[f"/usr/bin/{name}"].target == "busybox"
    assert system["/usr/bin/busybox"].data == BUSYBOX
    assert system["/tmp"].mode == 0o1777


def test_certificates_are_joined(tmp_path: Path) -> None:
    entries = base.certificates(busybox(tmp_path))._entries
    assert entries["/etc/ssl/certs/ca-certificates.crt"].data == b"A\n"


def test_applets_end_where_the_order_ends() -> None:
    assert applets(b"x[\0[[\0cat\0ls\0sh\0zcat\0applet\0") == ["[", "[[", "cat", "ls", "sh", "zcat"]


@pytest.mark.parametrize("program", [b"", b"[\0[[\0a\0", b"cat\0ls\0sh\0", b"[\0[[\0../sh\0"])
def test_an_unknown_busybox_is_refused(program: bytes) -> None:
    with pytest.raises(FormatError, match="busybox"):
        applets(program)


def test_hello_world_needs_no_package() -> None:
    image = recipes.hello_world(kitchen(Pool(())))
    assert list(image.layers[0]._entries) == ["/hello"]
    assert b"Hello from" in image.layers[0]._entries["/hello"].data
    assert image.settings["Cmd"] == ["/hello"]


def test_upstream_versions(tmp_path: Path) -> None:
    versions = {"a": "5:7.0.15-1~deb12u10", "b": "20250419~deb12u2", "c": "1:1.2.13.dfsg-1"}
    pool = Pool(debs.deb(tmp_path, name, {}, version=each) for name, each in versions.items())
    found = [recipes._upstream(pool, "nosuch", name) for name in versions]
    assert found == ["7.0.15", "20250419", "1.2.13.dfsg"]


def test_architectures() -> None:
    assert base.architecture("arm64") == base.architecture("aarch64")
    assert base.architecture("amd64").docker == "amd64"
    assert base.architecture(platform.machine()).docker
    with pytest.raises(DockerlabError, match="riscv64"):
        base.architecture("riscv64")
