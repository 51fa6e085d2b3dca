"""Downloads from a registry that runs here: whole, interrupted, damaged, missing."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dockerlab.course.progress import Step
from dockerlab.course.standins import npm
from dockerlab.course.standins.npm import Archive, NpmUnavailable
from dockerlab.errors import FormatError

CONTENT = bytes(range(256)) * 100


class Registry(BaseHTTPRequestHandler):
    """Serves CONTENT as /a-x64/-/a-x64-1.tgz, with ranges; remembers what was asked for."""

    asked: list[str]
    short = False

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.asked.append(f"{self.path} {wanted}".strip())
        start = int(wanted.removeprefix("bytes=").rstrip("-") or 0)
        if self.path != "/a-x64/-/a-x64-1.tgz":
            self.send_error(404)
            return
        if start >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : -100 if self.short else None])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[type[Registry]]:
    handler = type("Handler", (Registry,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    # Without the real npm, so that its settings do not count.
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}")
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield handler
    server.shutdown()
    server.server_close()


def wanted(name: str = "a-{npm}", content: bytes = CONTENT) -> Archive:
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    return Archive("a", name, "1", {"x64": digest})


def fetch(archive: Archive, folder: Path) -> Path:
    steps: list[Step] = []
    return npm.fetch(archive, "x64", folder, steps.append)


def test_downloads_once(registry: type[Registry], tmp_path: Path) -> None:
    for _ in range(2):
        assert fetch(wanted(), tmp_path).read_bytes() == CONTENT
    assert registry.asked == ["/a-x64/-/a-x64-1.tgz"]


def test_an_interrupted_download_goes_on(registry: type[Registry], tmp_path: Path) -> None:
    (tmp_path / "a-x64-1.tgz.part").write_bytes(CONTENT[:1000])
    assert fetch(wanted(), tmp_path).read_bytes() == CONTENT
    assert registry.asked == ["/a-x64/-/a-x64-1.tgz bytes=1000-"]


@pytest.mark.parametrize("part", [b"x" * 1000, b"x" * len(CONTENT), CONTENT + b"x"])
def test_a_damaged_part_is_taken_anew(
    registry: type[Registry], tmp_path: Path, part: bytes
) -> None:
    (tmp_path / "a-x64-1.tgz.part").write_bytes(part)
    assert fetch(wanted(), tmp_path).read_bytes() == CONTENT
    assert registry.asked[-1] == "/a-x64/-/a-x64-1.tgz"


def test_a_whole_part_is_kept(registry: type[Registry], tmp_path: Path) -> None:
    (tmp_path / "a-x64-1.tgz.part").write_bytes(CONTENT)
    assert fetch(wanted(), tmp_path).read_bytes() == CONTENT


def test_another_hash_is_refused(registry: type[Registry], tmp_path: Path) -> None:
    with pytest.raises(NpmUnavailable, match="another hash"):
        fetch(wanted(content=b"else"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package(registry: type[Registry], tmp_path: Path) -> None:
    with pytest.raises(NpmUnavailable, match="does not deliver nosuch@1: Not Found"):
        fetch(wanted("nosuch"), tmp_path)


def test_a_connection_that_ends_early(registry: type[Registry], tmp_path: Path) -> None:
    registry.short = True
    with pytest.raises(NpmUnavailable, match="does not deliver a-x64@1"):
        fetch(wanted(), tmp_path)
    registry.short = False
    assert fetch(wanted(), tmp_path).read_bytes() == CONTENT
    assert registry.asked[-1].endswith(f"bytes={len(CONTENT) - 100}-")


def test_many_at_once(registry: type[Registry], tmp_path: Path) -> None:
    for _ in range(2):
        found = npm.fetch_all([wanted()], "x64", tmp_path, lambda step: None)
        assert found["a"].read_bytes() == CONTENT
    assert len(registry.asked) == 1
    with pytest.raises(NpmUnavailable, match="nosuch"):
        npm.fetch_all([wanted(), wanted("nosuch")], "x64", tmp_path, lambda step: None)


def test_a_scoped_package_has_a_folder_and_an_address_of_its_own(tmp_path: Path) -> None:
    archive = wanted("@scope/b")
    assert archive.address("x64") == "@scope/b/-/b-1.tgz"
    assert archive.path("x64", tmp_path) == tmp_path / "@scope" / "b-1.tgz"


def test_no_registry_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(npm, "setting", lambda name: "")
    assert not npm.available()
    with pytest.raises(NpmUnavailable, match="no npm") as error:
        npm.registry()
    assert "apt-get install npm" in error.value.hint


def test_settings_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / ".npmrc").write_text('fund=false\n registry = "https://example.org/npm"\n')
    assert npm.registry() == "https://example.org/npm/"
    assert npm.setting("fund") == "false"


def package(folder: Path, entries: dict[str, bytes]) -> Path:
    path = folder / "p.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, content in entries.items():
            header = tarfile.TarInfo(name)
            header.size, header.mode = len(content), 0o755 if "bin" in name else 0o644
            archive.addfile(header, io.BytesIO(content))
    return path


def test_files_of_npm_itself(tmp_path: Path) -> None:
    entries = {"package/bin/x": b"1", "package/lib/y": b"2", "package/man/z": b"3", "else/q": b""}
    found = dict(npm.manager_files(package(tmp_path, entries)))
    assert found == {"bin/x": (b"1", 0o755), "lib/y": (b"2", 0o644)}


def test_a_package_that_reaches_outside(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="outside itself"):
        list(npm.manager_files(package(tmp_path, {"package/../../x": b""})))


def test_the_registry_that_npm_asks_by_itself(tmp_path: Path) -> None:
    name = "package/node_modules/@npmcli/config/lib/definitions/definitions.js"
    text = b"x: {}, registry: new Definition('registry', {\n    default: 'https://a.example/',\n"
    assert npm.default_registry(package(tmp_path, {name: text})) == "https://a.example/"
    with pytest.raises(FormatError, match="which registry"):
        npm.default_registry(package(tmp_path, {name: b"other"}))


def test_the_program_node(tmp_path: Path) -> None:
    assert npm.node_program(package(tmp_path, {"package/bin/node": b"n"})) == b"n"
    with pytest.raises(FormatError, match="bin/node"):
        npm.node_program(package(tmp_path, {"package/x": b""}))
