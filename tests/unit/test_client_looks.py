"""What the client reads to fill the views' records: limits, namespaces, file trees, paths."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

import pytest

from dockerlab.client.isolation import in_force, judged, parse
from dockerlab.client.record import Joined, short_path, top_names
from dockerlab.client.reports import tree


def _tar(*members: tuple[str, int | str | None]) -> Iterator[bytes]:
    """Members are (name, size), (name, link target) or (name, None) for a directory."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, what in members:
            info = tarfile.TarInfo(name)
            if isinstance(what, str):
                info.type, info.linkname = tarfile.SYMTYPE, what
            elif what is None:
                info.type = tarfile.DIRTYPE
            else:
                info.size = what
            tar.addfile(info, io.BytesIO(b"x" * info.size))
    data = buffer.getvalue()
    return (data[at : at + 777] for at in range(0, len(data), 777))


def test_a_request_is_shown_without_host_and_version() -> None:
    url = "http+docker://localhost/v1.41/containers/json?filters=%7B%22a%22%3A1%7D"
    assert short_path(url) == '/containers/json?filters={"a":1}'
    assert short_path("http+docker://localhost/_ping") == "/_ping"


def test_chunks_read_as_one_file() -> None:
    joined = Joined(iter([b"ab", b"cde", b"f"]))
    assert [joined.read(1), joined.read(4), joined.read(), joined.read()] == [
        b"a",
        b"bcde",
        b"f",
        b"",
    ]


def test_names_at_the_top_keep_their_dots() -> None:
    assert top_names(_tar(("./.dockerenv", 0), ("bin/", None), ("bin/sh", 3))) == (
        ".dockerenv",
        "bin",
    )


def test_a_tree_counts_what_is_below() -> None:
    told = tree(
        _tar(
            (".dockerenv", 0),
            ("bin", "usr/bin"),
            ("etc/", None),
            ("usr/bin/env", 900),
            ("usr/bin/tiny/deep", 99),
            ("usr/share/", None),
            ("usr/share/note", 1),
            ("readme", 7),
        )
    )
    found = {entry.name: entry for entry in told}
    assert list(found) == ["bin", "etc", "readme", "usr", "usr/bin"]
    assert (found["usr"].size, found["usr"].files) == (1000, 3)
    assert (found["usr/bin"].size, found["usr/bin"].files) == (999, 2)
    assert (found["bin"].kind, found["bin"].target) == ("link", "usr/bin")
    assert (found["readme"].kind, found["readme"].size) == ("file", 7)


def test_what_a_container_says_is_read_line_by_line() -> None:
    told = parse("ns mnt:[4026532397]\nns \nboot abc\ncg pids.max 64\nprocesses 3\nrubbish\n")
    assert told["ns mnt"] == "4026532397"
    assert told["cg pids.max"] == "64"
    assert told["processes"] == "3"


@pytest.mark.parametrize(
    ("name", "files", "limit"),
    [
        ("memory", {"memory.max": "67108864"}, 67108864),
        ("memory", {"memory.max": "max"}, 0),
        ("memory", {"memory/memory.limit_in_bytes": "9223372036854771712"}, 0),
        ("cpu", {"cpu.max": "50000 100000"}, 0.5),
        ("cpu", {"cpu.max": "max 100000"}, 0),
        ("cpu", {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 0),
        ("cpu", {"cpu/cpu.cfs_quota_us": "150000", "cpu/cpu.cfs_period_us": "100000"}, 1.5),
        ("pids", {"pids/pids.max": "32"}, 32),
        ("pids", {}, None),
    ],
)
def test_limits_of_both_cgroup_versions(
    name: str, files: dict[str, str], limit: float | None
) -> None:
    assert in_force(name, files.get) == limit


def test_a_limit_is_judged_by_what_the_kernel_has() -> None:
    assert judged("memory", 64e6, 63.9e6, True).state == "in-force"
    assert judged("memory", 64e6, 0, True).state == "refused"
    assert judged("memory", 64e6, None, False).state == "refused"
    assert judged("memory", 64e6, None, True).state == "unknown"
    assert judged("memory", 64e6, 0, False, watched=True).state == "watched"
    assert judged("memory", 0, 0, True).state == "free"
