"""What whoever starts an engine may say of it, and what comes of that."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from dockerlab.engine import commandline
from dockerlab.engine.errors import Forbidden, ServerError
from dockerlab.engine.registry.confinement import LocalNames, local_socket
from dockerlab.engine.run import choose
from dockerlab.engine.settings import Settings
from dockerlab.engine.store import beneath
from dockerlab.engine.store.binds import Binds
from dockerlab.engine.store.mounted import Graft, Mounted


def settings(*words: str) -> Settings:
    return commandline.settings(commandline.parse(["--root", "/r", *words]))


def test_without_any_of_it() -> None:
    assert settings() == Settings()


def test_all_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["--images", "lib", "--binds", "one", "--binds", "/two/", "--no-uplink"]
    found = settings(*words, "--containers", "7")
    assert found == Settings(tmp_path / "lib", (f"{tmp_path}/one", "/two"), False, 7)


def test_no_folders_at_all() -> None:
    assert settings("--binds", "").binds == ()


def test_a_library_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="No such file"):
        Settings(images=tmp_path).check()
    for name in ("images", "layers", "blobs"):
        (tmp_path / name).mkdir()
    Settings(images=tmp_path).check()


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    folder = tmp_path / "shared"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "file").write_text("in")
    (tmp_path / "shared-not").mkdir()
    (tmp_path / "secret").write_text("out")
    (folder / "out").symlink_to(tmp_path / "secret")
    (folder / "in").symlink_to(folder / "inner")
    (tmp_path / "link").symlink_to(folder)
    return folder


@pytest.mark.parametrize(
    "name", ["", "inner", "inner/file", "in", "in/file", "none/yet", "../link"]
)
def test_what_leads_to_below(shared: Path, name: str) -> None:
    Binds((str(shared),)).check(f"{shared}/{name}")
    Binds(("/none", f"{shared}/../link")).check(f"{shared}/{name}")


@pytest.mark.parametrize("name", ["out", "..", "../secret", "../shared-not", "in/../../secret"])
def test_what_leads_elsewhere(shared: Path, name: str) -> None:
    with pytest.raises(Forbidden, match=f"is not shared\n.*below {shared} only"):
        Binds((str(shared),)).check(f"{shared}/{name}")
    with pytest.raises(PermissionError):
        beneath.opened(f"{shared}/{name}", [str(shared)])


def test_all_or_nothing(shared: Path) -> None:
    Binds().check("/etc")
    assert Binds().beneath == ()
    assert Binds((), "/own").beneath == ("/own",)
    with pytest.raises(Forbidden, match="no folders of the host"):
        Binds(()).check(str(shared))


def test_what_was_opened_counts(shared: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    descriptor = beneath.opened(f"{shared}/in", [str(shared)])
    assert os.listdir(f"/proc/self/fd/{descriptor}") == ["file"]
    os.close(descriptor)
    with pytest.raises(PermissionError, match="--binds"):
        beneath.opened(f"{shared}/out", [str(shared)])
    assert len(os.listdir("/proc/self/fd")) == before


def test_copying_follows_no_link_out(shared: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    inner = Graft("/at", str(shared / "in"), beneath=(str(shared),))
    with Mounted(root, [inner]) as files:
        place = files.directory("/at")
        assert os.listdir(f"/proc/self/fd/{place}") == ["file"]
        os.close(place)
    (shared / "in").unlink()
    (shared / "in").symlink_to("/etc")
    with Mounted(root, [inner]) as files, pytest.raises(PermissionError):
        files.directory("/at")


def test_this_machine_only() -> None:
    names = LocalNames()
    (found,) = asyncio.run(names.resolve("localhost", 80))
    assert (found["host"], found["port"]) == ("127.0.0.1", 80)
    with pytest.raises(OSError, match="--no-uplink"):
        asyncio.run(names.resolve("example.com"))
    for address in ("127.0.0.1", "127.9.9.9"):
        local_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 80))).close()
    for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with pytest.raises(OSError, match="--no-uplink"):
            local_socket((family, socket.SOCK_STREAM, 0, "", (address, 80)))


def test_a_runtime_on_trust() -> None:
    assert choose.untried("auto") is None
    choice = choose.untried("proot")
    assert choice is not None
    assert (choice.name, choice.tried) == ("proot", ())
