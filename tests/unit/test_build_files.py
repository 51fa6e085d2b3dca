"""Where COPY reads and what it writes: contexts, stacks of layers, sources, drafts."""

from __future__ import annotations

import io
import lzma
import stat
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dockerlab.engine.build.files import context as archives
from dockerlab.engine.build.files import sources
from dockerlab.engine.build.files.context import Contexts, TarTree
from dockerlab.engine.build.files.copying import Copying, unpacked
from dockerlab.engine.build.files.draft import Draft
from dockerlab.engine.build.files.single import Single
from dockerlab.engine.build.files.stack import Stack
from dockerlab.engine.build.files.tree import Entry, Tree, read, resolve, walk
from dockerlab.engine.build.incoming import context as contexts
from dockerlab.engine.errors import BadParameter, ServerError
from dockerlab.engine.store.blobs import Blobs
from dockerlab.engine.store.layers import Layer, Layers

Files = Mapping[str, Any]


def archive(files: Files, *, mtime: int = 1, mode: int = 0o644, owner: int = 0) -> io.BytesIO:
    """``name: bytes`` files, ``name: None`` folders, ``name: "target"`` links."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.mtime, member.mode, member.uid = mtime, mode, owner
            if content is None:
                member.type, member.mode = tarfile.DIRTYPE, 0o755
            elif isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
            data = content if isinstance(content, bytes) else b""
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    buffer.seek(0)
    return buffer


def tree(files: Files, **options: int) -> TarTree:
    return TarTree.read(archive(files, **options))


def paths(found: Iterable[Any]) -> list[str]:
    return [entry.path for entry in found]


class Image:
    """A store with layers, and drafts on top of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.layers = Layers(root, Blobs(root))
        self.chain: list[Layer] = []

    def add(self, stream: Any) -> None:
        self.chain.append(self.layers.add(stream, "image"))

    def stack(self) -> Stack:
        return Stack(self.layers, self.chain)

    def copy(self, source: Tree, text: str, target: str, **options: Any) -> None:
        """A COPY: its layer is put on the image."""
        draft = Draft(self.stack())
        owner, mode = options.get("owner", (0, 0)), options.get("mode")
        with Copying(draft, owner, mode, bool(options.get("extract")), self.root) as copying:
            for found in sources.find(source, text):
                copying.copy(found, target)
            self.add(io.BytesIO(b"".join(draft.pack())))

    def all(self) -> list[str]:
        return paths(walk(self.stack(), ""))


@pytest.fixture
def image(tmp_path: Path) -> Image:
    return Image(tmp_path)


# -- contexts


def test_a_context_is_looked_into_where_it_lies() -> None:
    found = tree({"./a": b"1", "d/e/f": b"22", "l": "d/e"})
    assert paths(walk(found, "")) == ["a", "d", "d/e", "d/e/f", "l"]
    assert read(found, "l/f") == b"22"
    assert resolve(found, "l/../a") == "d/a"
    assert read(found, "nosuch") == b""


def test_long_links_are_followed_without_asking_for_a_place_twice() -> None:
    inside = tree({"d/x": b"1", "a": "d/../" * 800 + "b", "b": "./" * 2000 + "d"})
    asked: list[str] = []

    class Asked:
        def entry(self, path: str) -> Entry | None:
            asked.append(path)
            return inside.entry(path)

    assert resolve(Asked(), "a/x") == "d/x"
    assert sorted(asked) == ["a", "b", "d", "d/x"]


def test_the_last_of_equal_names_counts() -> None:
    found = tree({"a": b"1", "d/x": b"1", "a ": b"", "d": b"a file now"})
    assert paths(walk(found, "")) == ["a", "a ", "d"]
    found = tree({"d": b"a file", "d/x": b"1"})
    assert paths(walk(found, "")) == ["d", "d/x"]


def test_a_hard_link_is_the_file_it_names() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        first = tarfile.TarInfo("first")
        first.size = 3
        tar.addfile(first, io.BytesIO(b"abc"))
        second = tarfile.TarInfo("second")
        second.type, second.linkname = tarfile.LNKTYPE, "first"
        tar.addfile(second)
    assert read(TarTree.read(buffer), "second") == b"abc"


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/../x"])
def test_names_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(BadParameter, match="leads out"):
        tree({name: b""})


def test_many_long_paths_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MOST_LETTERS", 100_000)
    tree({f"{number}/x": b"" for number in range(1000)})
    with pytest.raises(BadParameter, match="more than 100000 letters"):
        tree({f"{number}/{'a/' * 300}x": b"" for number in range(2)})


def test_a_cut_context_is_refused() -> None:
    data = archive({"a": bytes(5000)}).getvalue()
    with pytest.raises(BadParameter):
        TarTree.read(io.BytesIO(data[:3000]))
    with pytest.raises(BadParameter):
        TarTree.read(io.BytesIO(b"no archive at all" * 100))


def test_a_context_without_its_end_is_taken() -> None:
    """The docker command line sends such ones: ``docker build -f`` of a file elsewhere."""
    data = archive({"a": b"1", "b": b"last"}).getvalue()
    found = TarTree.read(io.BytesIO(data[: 3 * 512 + 4]))
    assert read(found, "b") == b"last"
    with pytest.raises(BadParameter):
        TarTree.read(io.BytesIO(data[: 3 * 512 + 3]))


def test_an_empty_body_is_an_empty_context() -> None:
    assert TarTree.read(io.BytesIO()).names("") == []


def test_a_context_that_came_before_is_known() -> None:
    known = Contexts(most=1)
    first = known.open(archive({"a": b"1"}), "digest 1")
    entry = first.entry("a")
    assert entry is not None
    digest = first.digest(entry)
    again = known.open(archive({"a": b"1"}), "digest 1")
    assert again._index is first._index
    assert again.digest(entry) == digest
    known.open(archive({"b": b""}), "digest 2")
    assert known.open(archive({"a": b"1"}), "digest 1")._index is not first._index


def test_the_dockerfile_and_what_is_left_out() -> None:
    files = {"Dockerfile": b"FROM a", ".dockerignore": b"Dockerfile\nother", "other": b""}
    found = contexts.of(tree(files), "Dockerfile")
    assert found.dockerfile == b"FROM a"
    assert found.tree.names("") == [".dockerignore", "other"]
    assert contexts.of(tree({"dockerfile": b"x"}), "Dockerfile").dockerfile == b"x"
    for name in ("Dockerfile", "../x", "d"):
        with pytest.raises(ServerError, match="Cannot locate specified Dockerfile"):
            contexts.of(tree({"d": None}), name)


def test_a_compressed_archive_is_unpacked_within_limits() -> None:
    import gzip

    plain = archive({"a": bytes(100_000)}).getvalue()
    packed = io.BytesIO(gzip.compress(plain))
    assert unpacked(packed, io.BytesIO()).read() == plain
    packed.seek(0)
    with pytest.raises(BadParameter, match="holds more than"):
        unpacked(packed, io.BytesIO(), most=1000)


# -- sources and their digests


def test_what_counts_for_the_digest_of_a_file() -> None:
    def digest(**options: int) -> str:
        return sources.find(tree({"a": b"1"}, **options), "a")[0].digest

    assert digest().startswith("file:")
    assert digest() == digest(mtime=99)
    assert len({digest(), digest(mode=0o600), digest(owner=5)}) == 3
    assert digest() != sources.find(tree({"b": b"1"}), "b")[0].digest


def test_what_counts_for_the_digest_of_a_folder() -> None:
    before = sources.find(tree({"d/a": b"1", "d/b": b"2"}), "d")[0]
    same = sources.find(tree({"d/b": b"2", "d/a": b"1"}), "/d/")[0]
    more = sources.find(tree({"d/a": b"1", "d/b": b"2", "d/c": b""}), "d")[0]
    assert before.digest.startswith("dir:")
    assert before.digest == same.digest != more.digest
    assert set(before.files) == {"d", "d/a", "d/b"}
    assert [p for p in more.files if more.files[p] != before.files.get(p)] == ["d/c"]


def test_a_link_counts_as_what_it_leads_to() -> None:
    one = sources.find(tree({"d/l": "../a", "a": b"1"}), "d")[0]
    two = sources.find(tree({"d/l": "../a", "a": b"2"}), "d")[0]
    assert one.digest != two.digest


def test_patterns_match_as_in_go() -> None:
    files = {"a1": b"", "a2": b"", "b1": b"", "d/a1": b"", "[x]": b"", "a-": b""}
    found = tree(files)

    def named(pattern: str) -> list[str]:
        return [source.path for source in sources.find(found, pattern)]

    assert named("a*") == ["a-", "a1", "a2"]
    assert named("./?1") == ["a1", "b1"]
    assert named("*/a?") == ["d/a1"]
    assert named("[a-b]1") == ["a1", "b1"]
    assert named("[^a]1") == ["b1"]
    assert named("\\[x\\]*") == ["[x]"]
    assert named("[") == []
    digests = [sources.find(found, pattern) for pattern in ("a?", "a1")]
    assert sources.digest_of(digests[0]).startswith("multi:")
    assert sources.digest_of(digests[1]).startswith("file:")


def test_sources_that_are_not_there() -> None:
    found = tree({"a": b"", "out": "/../../etc", "loop": "loop"})
    with pytest.raises(BadParameter, match=r"forbidden path outside the build context: \.\./x"):
        sources.find(found, "../x")
    with pytest.raises(BadParameter, match="file not found in build context or excluded"):
        sources.find(found, "out/passwd")
    with pytest.raises(BadParameter, match="stat b: file does not exist"):
        sources.find(found, "b", context=False)
    with pytest.raises(BadParameter, match="too many levels"):
        sources.find(found, "loop")


# -- images as trees


def test_layers_hide_what_is_below(image: Image) -> None:
    image.add(archive({"d/a": b"1", "d/b": b"1", "e/x": b"1", "f": b"1", "l": "d"}))
    image.add(archive({"d/.wh.a": b"", "e/.wh..wh..opq": b"", "e/y": b"2", "f/g": b"2"}))
    assert image.all() == ["d", "d/b", "e", "e/y", "f", "f/g", "l"]
    assert read(image.stack(), "l/b") == b"1"
    assert image.stack().entry("d/a") is None
    assert image.stack().entry("e/x") is None
    image.add(archive({"e": b"a file"}))
    assert image.all() == ["d", "d/b", "e", "f", "f/g", "l"]
    assert image.stack().entry("e/y") is None


def test_no_layer_at_all_is_an_empty_folder(image: Image) -> None:
    assert image.all() == []
    root = image.stack().entry("")
    assert root is not None
    assert root.is_dir


# -- copying


CONTEXT = {"a": b"1", "d": None, "d/x": b"2", "d/s": None, "d/s/y": b"3", "d/l": "x"}


def test_files_and_folders(image: Image) -> None:
    found = tree(CONTEXT)
    image.copy(found, "a", "/one")
    image.copy(found, "a", "/folder/")
    image.copy(found, "d", "/two")
    image.copy(found, "d", "/folder")
    wanted = ["l", "s", "s/y", "x"]
    assert image.all() == [
        *("folder", "folder/a", *(f"folder/{name}" for name in wanted)),
        *("one", "two", *(f"two/{name}" for name in wanted)),
    ]
    link = image.stack().entry("two/l")
    assert link is not None
    assert link.link == "x"


def test_the_target_is_what_links_in_the_image_mean(image: Image) -> None:
    image.add(archive({"real": None, "link": "real", "away": "/../real"}))
    image.copy(tree(CONTEXT), "a", "/link/")
    image.copy(tree(CONTEXT), "d/x", "/away")
    assert image.all() == ["away", "link", "real", "real/a", "real/x"]


def test_folders_on_the_way_stay_as_they_are(image: Image) -> None:
    image.add(archive({"tmp": None, "tmp/in": None}, mode=0o644))
    top = io.BytesIO()
    with tarfile.open(fileobj=top, mode="w") as tar:
        member = tarfile.TarInfo("tmp")
        member.type, member.mode = tarfile.DIRTYPE, 0o1777
        tar.addfile(member)
    image.add(io.BytesIO(top.getvalue()))
    image.copy(tree(CONTEXT), "a", "/tmp/in/a")
    found = image.stack().entry("tmp")
    assert found is not None
    assert stat.S_IMODE(found.mode) == 0o1777


def test_owner_and_mode(image: Image) -> None:
    packed = io.BytesIO()
    draft = Draft(image.stack())
    copying = Copying(draft, (7, 8), 0o750, False, image.root)
    for found in sources.find(tree(CONTEXT, owner=5), "d"):
        copying.copy(found, "/new/deep")
    packed.write(b"".join(draft.pack()))
    packed.seek(0)
    with tarfile.open(fileobj=packed) as tar:
        members = {m.name: (m.uid, m.gid, m.mode) for m in tar if not m.issym()}
    assert members["new"] == members["new/deep"] == (7, 8, 0o755)
    assert members["new/deep/x"] == (7, 8, 0o750)


def test_owners_are_kept_from_a_stage(image: Image) -> None:
    draft = Draft(image.stack())
    copying = Copying(draft, None, None, False, image.root)
    for found in sources.find(tree({"a": b""}, owner=5), "a"):
        copying.copy(found, "/f")
    entry = draft.entry("f")
    assert entry is not None
    assert entry.uid == 5


def test_what_is_in_the_way(image: Image) -> None:
    image.add(archive({"file": b""}))
    with pytest.raises(ServerError, match="failed to copy directory: mkdir /file: not a directory"):
        image.copy(tree(CONTEXT), "d", "/file")
    with pytest.raises(ServerError, match="failed to copy files: mkdir /file: not a directory"):
        image.copy(tree(CONTEXT), "a", "/file/below")


def test_a_file_in_place_of_a_folder_of_the_same_copy(image: Image) -> None:
    image.add(archive({"kept/below": b""}))
    draft = Draft(image.stack())
    folders = tree({"d/e/f": b"1", "d/g": b"2", "dd/h": b"3"})
    file = tree({"d": b"4"})
    with Copying(draft, (0, 0), None, False, image.root) as copying:
        for text in ("d", "dd"):
            for found in sources.find(folders, text):
                copying.copy(found, f"/kept/{text}")
        at = draft.entry("kept/d/e/f")
        assert at is not None
        draft.put(file, sources.find(file, "d")[0].entry, "kept/d", (0, 0), None)
        assert draft.entry("kept/d/e/f") is None
        image.add(io.BytesIO(b"".join(draft.pack())))
    assert image.all() == ["kept", "kept/below", "kept/d", "kept/dd", "kept/dd/h"]


def test_archives_are_taken_apart_by_add_only(image: Image) -> None:
    inner = archive({"in/side": b"x"}).getvalue()
    found = tree({"x.tar": inner, "plain": b"y" * 600})
    image.copy(found, "x.tar", "/c/", extract=False)
    image.copy(found, "x.tar", "/e", extract=True)
    image.copy(found, "plain", "/p", extract=True)
    assert image.all() == ["c", "c/x.tar", "e", "e/in", "e/in/side", "p"]
    assert read(image.stack(), "e/in/side") == b"x"


def test_an_archive_that_takes_too_much_is_not_copied_as_a_file(image: Image) -> None:
    dictionary = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 << 20}]
    packed = lzma.compress(archive({"x": b""}).getvalue(), filters=dictionary)
    with pytest.raises(ServerError, match="more than 128 MiB of memory"):
        image.copy(tree({"a.tar.xz": packed}), "a.tar.xz", "/a", extract=True)


def test_nothing_written_is_an_empty_layer(image: Image) -> None:
    image.add(archive({"there": None}))
    draft = Draft(image.stack())
    assert not draft.folder("there", (0, 0))
    assert b"".join(draft.pack()) == bytes(1024)
    assert draft.folder("there/more", (0, 0))


def test_one_file_alone() -> None:
    single = Single.text("EOF", "text\n")
    (found,) = sources.find(single, "EOF")
    assert read(single, "EOF") == b"text\n"
    assert found.entry.mode == stat.S_IFREG | 0o644
