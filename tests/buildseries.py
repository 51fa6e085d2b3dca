"""Series of builds, as data: build, edit, build again, and which steps the cache has each time.

The patterns are what Docker Engine's classic builder does: a letter a step, ``F`` FROM (``f`` if
its ONBUILD triggers were cached), ``h`` hit, ``m`` miss. Each series has a base image of its own,
``@@``, so that it meets no other's cache. ``%URL%`` is a small server whose files are those of the
turn under ``www/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from buildlab import Entry, context, folder, link


@dataclass(frozen=True)
class Turn:
    """One build. What is not given stays as it was in the turn before."""

    expect: str
    dockerfile: str = ""
    files: Mapping[str, Entry | bytes | str | None] = field(default_factory=dict)
    """Files of the context that are new or other now; None takes one away."""
    query: Mapping[str, Any] = field(default_factory=dict)
    """Words of the API; only for this turn."""
    remove: str = ""
    """A tag that is removed first."""


@dataclass(frozen=True)
class Series:
    name: str
    turns: tuple[Turn, ...]


def series(name: str, *turns: Turn) -> Series:
    return Series(name, turns)


COPY = "FROM @@\nCOPY a /a\nENV E=1"
TREE = "FROM @@\nCOPY d /d\nENV E=1"
AB = {"a": "a", "b": "b"}
D = {"d/": folder(), "d/x": "x"}


def dockerfile(*lines: str) -> str:
    return "\n".join(("FROM @@", *lines))


FILES = (
    series("nothing changed", Turn("Fmm", COPY, AB), Turn("Fhh")),
    series("time touched", Turn("Fmm", COPY, AB), Turn("Fhh", files={"a": Entry(b"a", mtime=9)})),
    series("mode changed", Turn("Fmm", COPY, AB), Turn("Fmm", files={"a": Entry(b"a", 0o600)})),
    series("owner changed", Turn("Fmm", COPY, AB), Turn("Fmm", files={"a": Entry(b"a", uid=7)})),
    series("content changed", Turn("Fmm", COPY, AB), Turn("Fmm", files={"a": "A"})),
    series(
        "content changed and back",
        Turn("Fmm", COPY, AB),
        Turn("Fmm", files={"a": "A"}),
        Turn("Fhh", files={"a": "a"}),
    ),
    series("another file changed", Turn("Fmm", COPY, AB), Turn("Fhh", files={"b": "B"})),
    series(
        "the file of a glob",
        Turn("Fm", dockerfile("COPY *.t /o/"), {"1.t": "1"}),
        Turn("Fm", files={"2.t": "2"}),
    ),
    series(
        "a file beside the glob",
        Turn("Fm", dockerfile("COPY *.t /o/"), {"1.t": "1"}),
        Turn("Fh", files={"2.u": "2"}),
    ),
    series("added to the folder", Turn("Fmm", TREE, D), Turn("Fmm", files={"d/y": "y"})),
    series(
        "removed from the folder",
        Turn("Fmm", TREE, {**D, "d/y": "y"}),
        Turn("Fmm", files={"d/y": None}),
    ),
    series(
        "renamed in the folder", Turn("Fmm", TREE, D), Turn("Fmm", files={"d/x": None, "d/y": "x"})
    ),
    series("time of the folder", Turn("Fmm", TREE, D), Turn("Fhh", files={"d/": folder(mtime=5)})),
    series("mode of the folder", Turn("Fmm", TREE, D), Turn("Fmm", files={"d/": folder(0o700)})),
    series("empty folder added", Turn("Fmm", TREE, D), Turn("Fmm", files={"d/e/": folder()})),
    series(
        "removed and put back",
        Turn("Fmm", TREE, {**D, "d/y": "y"}),
        Turn("Fmm", files={"d/x": None}),
        Turn("Fhh", files={"d/x": "x"}),
    ),
    series(
        "link to another file",
        Turn("Fmm", TREE, {**D, "d/l": link("x")}),
        Turn("Fmm", files={"d/l": link("y")}),
    ),
    series(
        "another link to the same file",
        Turn(
            "Fmm", "FROM @@\nCOPY one /d/\nENV E=1", {"x": "x", "one": link("x"), "two": link("x")}
        ),
        Turn("Fhh", "FROM @@\nCOPY two /d/\nENV E=1"),
    ),
    series(
        "link renamed in a folder",
        Turn("Fmm", TREE, {**D, "d/l": link("x")}),
        Turn("Fhh", files={"d/l": None, "d/m": link("x")}),
    ),
    series(
        "link becomes the file",
        Turn("Fmm", TREE, {**D, "d/l": link("x")}),
        Turn("Fmm", files={"d/l": "x"}),
    ),
    series(
        "renamed source, same content",
        Turn("Fm", dockerfile("COPY a /o"), AB),
        Turn("Fm", dockerfile("COPY c /o"), {"c": "a"}),
    ),
    series(
        "whole context, an ignored file sent all the same",
        Turn("Fm", dockerfile("COPY . /o"), {**AB, ".dockerignore": "b"}),
        Turn("Fm", files={"b": "B"}),
    ),
    series(
        "ignore file edited",
        Turn("Fm", dockerfile("COPY . /o"), {**AB, ".dockerignore": "b"}),
        Turn("Fm", files={".dockerignore": "b\n# and no more"}),
    ),
    series(
        "ignored ignore file edited",
        Turn(
            "Fm", dockerfile("COPY . /o"), {**AB, ".dockerignore": ".dockerignore\nDockerfile\nb"}
        ),
        Turn("Fh", files={".dockerignore": "b\n.dockerignore\nDockerfile"}),
    ),
    series(
        "the Dockerfile in the context",
        Turn("Fm", dockerfile("COPY . /o"), AB),
        Turn("Fm", dockerfile("COPY . /o", "# more")),
    ),
    series(
        "another name for the target",
        Turn("Fm", dockerfile("COPY a /o"), AB),
        Turn("Fm", dockerfile("COPY a /p")),
    ),
    series(
        "copied with an owner",
        Turn("Fm", dockerfile("COPY a /o"), AB),
        Turn("Fm", dockerfile("COPY --chown=1:2 a /o")),
        Turn("Fm", dockerfile("COPY --chown=1:3 a /o")),
    ),
    series(
        "ADD instead of COPY",
        Turn("Fm", dockerfile("COPY a /o"), AB),
        Turn("Fm", dockerfile("ADD a /o")),
    ),
)

ARCHIVES = (
    series(
        "archive with other times",
        Turn("Fm", dockerfile("ADD a.tar /o/"), {"a.tar": context({"x": "x"})}),
        Turn("Fm", files={"a.tar": context({"x": Entry(b"x", mtime=8)})}),
    ),
    series(
        "archive touched",
        Turn("Fm", dockerfile("ADD a.tar /o/"), {"a.tar": context({"x": "x"})}),
        Turn("Fh", files={"a.tar": Entry(context({"x": "x"}), mtime=8)}),
    ),
    series(
        "archive, then the same from an address",
        Turn(
            "Fm",
            dockerfile("ADD a.tar /o/"),
            {"a.tar": Entry(context({"x": "x"}), 0o600), "www/a.tar": context({"x": "x"})},
        ),
        Turn("Fm", dockerfile("ADD %URL%/a.tar /o/")),
    ),
    series(
        "address, nothing changed",
        Turn("Fmm", dockerfile("ADD %URL%/f /o", "ENV E=1"), {"www/f": "f"}),
        Turn("Fhh"),
    ),
    series(
        "address, other content",
        Turn("Fmm", dockerfile("ADD %URL%/f /o", "ENV E=1"), {"www/f": "f"}),
        Turn("Fmm", files={"www/f": "F"}),
    ),
    series(
        "address, other time",
        Turn("Fmm", dockerfile("ADD %URL%/f /o", "ENV E=1"), {"www/f": "f"}),
        Turn("Fhh", files={"www/f": Entry(b"f", mtime=1_400_000_000)}),
    ),
)

TEXT = (
    series(
        "comment and blank lines",
        Turn("Fmm", dockerfile("ENV A=1", "ENV B=2")),
        Turn("Fhh", dockerfile("# why", "ENV A=1", "", "", "ENV B=2")),
    ),
    series(
        "more space between words",
        Turn("Fmm", dockerfile("ENV A=1", "RUN true @@")),
        Turn("Fhm", dockerfile("env   A=1", "RUN true   @@")),
    ),
    series(
        "a line broken in two",
        Turn("Fm", dockerfile("RUN true && echo @@")),
        Turn("Fh", dockerfile("RUN true \\\n&& echo @@")),
    ),
    series(
        "order swapped",
        Turn("Fmmm", dockerfile("ENV A=1", "ENV B=2", "ENV C=3")),
        Turn("Fmmm", dockerfile("ENV B=2", "ENV A=1", "ENV C=3")),
        Turn("Fhhh", dockerfile("ENV A=1", "ENV B=2", "ENV C=3")),
    ),
    series(
        "a step put in",
        Turn("Fmm", dockerfile("ENV A=1", "ENV C=3")),
        Turn("Fhmm", dockerfile("ENV A=1", "ENV B=2", "ENV C=3")),
    ),
    series(
        "a step taken out",
        Turn("Fmmm", dockerfile("ENV A=1", "ENV B=2", "ENV C=3")),
        Turn("Fhm", dockerfile("ENV A=1", "ENV C=3")),
    ),
    series(
        "a step at the end",
        Turn("Fm", dockerfile("ENV A=1")),
        Turn("Fhm", dockerfile("ENV A=1", "ENV B=2")),
    ),
    series(
        "fewer steps",
        Turn("Fmm", dockerfile("ENV A=1", "ENV B=2")),
        Turn("Fh", dockerfile("ENV A=1")),
    ),
    series(
        "value of ENV",
        Turn("Fmm", dockerfile("ENV A=1", "RUN true")),
        Turn("Fmm", dockerfile("ENV A=2", "RUN true")),
    ),
    series(
        "ENV in either form", Turn("Fm", dockerfile("ENV A=1")), Turn("Fh", dockerfile("ENV A 1"))
    ),
    series(
        "text of RUN",
        Turn("Fmm", dockerfile("RUN true", "ENV A=1")),
        Turn("Fmm", dockerfile("RUN true;", "ENV A=1")),
    ),
    series(
        "RUN in exec form",
        Turn("Fm", dockerfile("RUN true")),
        Turn("Fm", dockerfile('RUN ["true"]')),
        Turn("Fh", dockerfile('RUN ["/bin/sh", "-c", "true"]')),
    ),
    series(
        "another shell",
        Turn("Fmm", dockerfile('SHELL ["/bin/sh", "-c"]', "RUN true")),
        Turn("Fmm", dockerfile('SHELL ["/bin/sh", "-ec"]', "RUN true")),
    ),
    series(
        "only CMD",
        Turn("Fmm", dockerfile("RUN true", "CMD a")),
        Turn("Fhm", dockerfile("RUN true", "CMD b")),
    ),
    series(
        "metadata of all kinds",
        Turn(
            "Fmmmmm", dockerfile("WORKDIR /w", "USER 7", "EXPOSE 80", "STOPSIGNAL INT", "LABEL a=b")
        ),
        Turn("Fhhhhh"),
        Turn(
            "Fhmmmm", dockerfile("WORKDIR /w", "USER 8", "EXPOSE 80", "STOPSIGNAL INT", "LABEL a=b")
        ),
    ),
    series(
        "relative WORKDIR",
        Turn("Fmm", dockerfile("WORKDIR /w", "WORKDIR x")),
        Turn("Fhh", dockerfile("WORKDIR /w", "WORKDIR /w/x")),
    ),
    series(
        "order of ports",
        Turn("Fm", dockerfile("EXPOSE 80 81")),
        Turn("Fh", dockerfile("EXPOSE 81 80")),
        Turn("Fm", dockerfile("EXPOSE 80/tcp 81")),
    ),
    series(
        "label changed",
        Turn("Fmm", dockerfile("LABEL a=1", "ENV A=1")),
        Turn("Fmm", dockerfile("LABEL a=2", "ENV A=1")),
    ),
)

ARGUMENTS = (
    series(
        "argument used in RUN",
        Turn("Fmm", dockerfile("ARG V", "RUN echo $V"), query={"buildargs": {"V": "1"}}),
        Turn("Fhm", query={"buildargs": {"V": "2"}}),
        Turn("Fhh", query={"buildargs": {"V": "1"}}),
    ),
    series(
        "argument that RUN does not use",
        Turn("Fmm", dockerfile("ARG V", "RUN true"), query={"buildargs": {"V": "1"}}),
        Turn("Fhm", query={"buildargs": {"V": "2"}}),
    ),
    series(
        "argument not used by metadata",
        Turn("Fmm", dockerfile("ARG V", "ENV A=1"), query={"buildargs": {"V": "1"}}),
        Turn("Fhh", query={"buildargs": {"V": "2"}}),
    ),
    series(
        "argument used by ENV",
        Turn("Fmm", dockerfile("ARG V", "ENV A=$V"), query={"buildargs": {"V": "1"}}),
        Turn("Fhm", query={"buildargs": {"V": "2"}}),
    ),
    series(
        "argument declared later",
        Turn(
            "Fmmm", dockerfile("RUN true", "ARG V", "RUN true 2"), query={"buildargs": {"V": "1"}}
        ),
        Turn("Fhhm", query={"buildargs": {"V": "2"}}),
    ),
    series(
        "argument with a default",
        Turn("Fmm", dockerfile("ARG V=1", "RUN true")),
        Turn("Fhh", query={"buildargs": {"V": "1"}}),
        Turn("Fhm", query={"buildargs": {"V": "2"}}),
    ),
    series(
        "default changed",
        Turn("Fmm", dockerfile("ARG V=1", "RUN true")),
        Turn("Fmm", dockerfile("ARG V=2", "RUN true")),
    ),
    series(
        "predefined argument",
        Turn("Fm", dockerfile("RUN true"), query={"buildargs": {"HTTP_PROXY": "a"}}),
        Turn("Fh", query={"buildargs": {"HTTP_PROXY": "b"}}),
    ),
    series(
        "predefined argument, declared",
        Turn(
            "Fmm",
            dockerfile("ARG HTTP_PROXY", "RUN true"),
            query={"buildargs": {"HTTP_PROXY": "a"}},
        ),
        Turn("Fhm", query={"buildargs": {"HTTP_PROXY": "b"}}),
    ),
    series(
        "argument before FROM",
        Turn("mFm", "ARG B=@@\nFROM $B\nENV A=1"),
        Turn("mFh"),
        Turn("mFh", "ARG B=@@:latest\nFROM $B\nENV A=1"),
    ),
)

STAGES = (
    series(
        "early stage, other content",
        Turn("FmFm", "FROM @@ AS s\nCOPY a /a\nFROM @@\nCOPY --from=s /a /b", AB),
        Turn("FmFm", files={"a": "A"}),
    ),
    series(
        "early stage, same content",
        Turn("FmmFm", "FROM @@ AS s\nCOPY a /a\nENV V=1\nFROM @@\nCOPY --from=s /a /b", AB),
        Turn("FhmFh", "FROM @@ AS s\nCOPY a /a\nENV V=2\nFROM @@\nCOPY --from=s /a /b"),
    ),
    series(
        "stage renamed",
        Turn("FmFm", "FROM @@ AS s\nCOPY a /a\nFROM @@\nCOPY --from=s /a /b", AB),
        Turn("FhFh", "FROM @@ AS t\nCOPY a /a\nFROM @@\nCOPY --from=t /a /b"),
        Turn("FhFh", "FROM @@\nCOPY a /a\nFROM @@\nCOPY --from=0 /a /b"),
    ),
    series(
        "stage on a stage",
        Turn("FmFm", "FROM @@ AS s\nENV A=1\nFROM s\nENV B=1"),
        Turn("FhFh"),
        Turn("FmFm", "FROM @@ AS s\nENV A=2\nFROM s\nENV B=1"),
    ),
    series(
        "target",
        Turn("FmFm", "FROM @@ AS s\nENV A=1\nFROM @@\nENV B=1"),
        Turn("Fh", query={"target": "s"}),
    ),
    series(
        "target first",
        Turn("Fm", "FROM @@ AS s\nENV A=1\nFROM @@\nENV B=1", query={"target": "s"}),
        Turn("FhFm"),
    ),
    series(
        "base rebuilt and the same",
        Turn("Fm", dockerfile("ENV A=1"), query={"t": "dltest-base-@@"}),
        Turn("Fm", "FROM dltest-base-@@\nENV B=1"),
        Turn("Fh", dockerfile("ENV A=1"), query={"t": "dltest-base-@@"}),
        Turn("Fh", "FROM dltest-base-@@\nENV B=1"),
    ),
    series(
        "base name on another image",
        Turn("Fm", dockerfile("ENV A=1"), query={"t": "dltest-base-@@"}),
        Turn("Fm", "FROM dltest-base-@@\nENV B=1"),
        Turn("Fm", dockerfile("ENV A=2"), query={"t": "dltest-base-@@"}),
        Turn("Fm", "FROM dltest-base-@@\nENV B=1"),
    ),
    series(
        "base under another name",
        Turn("Fm", dockerfile("ENV A=1"), query={"t": "dltest-base-@@"}),
        Turn("Fm", "FROM dltest-base-@@\nENV B=1"),
        Turn("Fhh", dockerfile("ENV A=1", "ENV B=1")),
    ),
    series(
        "copied from an image, same content",
        Turn("Fm", dockerfile("COPY a /a"), AB, {"t": "dltest-src-@@"}),
        Turn("Fm", dockerfile("COPY --from=dltest-src-@@ /a /b")),
        Turn("Fhm", dockerfile("COPY a /a", "ENV X=1"), query={"t": "dltest-src-@@"}),
        Turn("Fh", dockerfile("COPY --from=dltest-src-@@ /a /b")),
    ),
    series(
        "ONBUILD",
        Turn("Fm", dockerfile("ONBUILD COPY a /a"), AB, {"t": "dltest-base-@@"}),
        Turn("Fm", "FROM dltest-base-@@\nENV B=1"),
        Turn("fh"),
        Turn("Fm", files={"a": "A"}),
    ),
)

REQUESTS = (
    series("no cache", Turn("Fmm", COPY, AB), Turn("Fmm", query={"nocache": 1}), Turn("Fhh")),
    series(
        "cache from nothing useful",
        Turn("Fmm", COPY, AB),
        Turn("Fmm", query={"cachefrom": '["dltest-@@"]'}),
    ),
    series(
        "cache from the image",
        Turn("Fmm", COPY, AB, {"t": "dltest-app-@@"}),
        Turn("Fhh", query={"cachefrom": '["dltest-app-@@"]'}),
        Turn("Fhm", dockerfile("COPY a /a", "ENV E=2"), query={"cachefrom": '["dltest-app-@@"]'}),
    ),
    series(
        "cache from an unknown image",
        Turn("Fmm", COPY, AB),
        Turn("Fmm", query={"cachefrom": '["dltest-nosuch-@@"]'}),
    ),
    series(
        "label of the request",
        Turn("Fmm", dockerfile("ENV A=1"), query={"labels": {"a": "1"}}),
        Turn("Fhh", query={"labels": {"a": "1"}}),
        Turn("Fhm", query={"labels": {"a": "2"}}),
    ),
    series(
        "tag removed",
        Turn("Fmm", COPY, AB, {"t": "dltest-app-@@"}),
        Turn("Fmm", query={"t": "dltest-app-@@"}, remove="dltest-app-@@"),
    ),
    series(
        "one of two tags removed",
        Turn("Fmm", COPY, AB, {"t": "dltest-app-@@"}),
        Turn("Fhh", query={"t": "dltest-two-@@"}),
        Turn("Fhh", remove="dltest-app-@@"),
    ),
    series(
        "another image with the same beginning",
        Turn("Fmm", dockerfile("ENV A=1", "ENV B=1"), query={"t": "dltest-app-@@"}),
        Turn("Fhm", dockerfile("ENV A=1", "ENV C=1"), query={"t": "dltest-two-@@"}),
        Turn("Fhm", remove="dltest-app-@@", dockerfile=dockerfile("ENV A=1", "ENV B=1")),
    ),
    series(
        "other memory limit",
        Turn("Fm", dockerfile("RUN true")),
        Turn("Fh", query={"memory": 64 << 20}),
    ),
    series(
        "other network",
        Turn("Fm", dockerfile("RUN true")),
        Turn("Fh", query={"networkmode": "none"}),
    ),
)

ALL = (*FILES, *ARCHIVES, *TEXT, *ARGUMENTS, *STAGES, *REQUESTS)
