"""The parser is fed what nobody would write: it answers with a record or a DockerfileError.

Where the ``dockerfile`` package (Docker's own Go parser) is installed, what ordinary text is cut
into is compared with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dockerlab.errors import DockerfileError, FormatError
from dockerlab.formats.dockerfile import expansion, parser, reader, sections
from dockerlab.formats.dockerfile.words import SPACES
from dockerlab.formats.ignorefile import Ignore

WORDS = st.one_of(
    st.sampled_from(["FROM", "RUN", "COPY", "ADD", "CMD", "ENV", "ARG", "LABEL", "USER", "EXPOSE"]),
    st.sampled_from(["ONBUILD", "HEALTHCHECK", "VOLUME", "SHELL", "STOPSIGNAL", "WORKDIR", "from"]),
    st.sampled_from(["MAINTAINER", "rnu", "#", "# escape=`\n"]),
)
ODDS = st.one_of(
    st.sampled_from(["\\\n", "\n", " ", "\t", "EOF\n", "E\n", "`", "=", '"', "'", "$", "${", "}"]),
    st.sampled_from(
        [":-", "<<EOF", "<<-'E'", "--from=", "--mount=type=", "[", "]", ",", "a", "/b"]
    ),
    st.sampled_from(["AS", "x=y"]),
)
LIKELY = st.lists(st.one_of(WORDS, ODDS, st.text(max_size=4)), max_size=40).map(" ".join)
PLAIN = st.text(alphabet=st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=12)
PIECES = st.sampled_from(
    (
        *("a", "b=c", "$x", "${x:-y}", '"', "'", "\\", "`", "\\\n", "\n", "#", "[", "]"),
        *('["a","b"]', "--from=a", "--mount=type=cache,target=/x", "<<E", "<<-E", "\nE\n", "\nE"),
        *("CMD", "NONE", "AS", "80/tcp", "1-3", "=", ":", "{", "}", "\t", "\r\n", "\x0b"),
    )
)
LINES = st.builds(
    lambda keyword, pieces, glue: f"{keyword} {glue.join(pieces)}",
    WORDS,
    st.lists(PIECES, max_size=6),
    st.sampled_from(["", " ", "  "]),
)
FILES = st.builds(
    lambda head, lines, end: head + "\n".join(lines) + end,
    st.sampled_from(["", "FROM a\n", "# escape=`\nFROM a\n", "# c\n\nFROM a AS b\n", "ARG x\n"]),
    st.lists(LINES, max_size=6),
    st.sampled_from(["", "\n", "\r\n", " \\"]),
)
QUICK = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read(text: bytes | str) -> None:
    """Read it, and hold that lines are lines of the text."""
    lines = len((text.encode() if isinstance(text, str) else text).split(b"\n"))
    try:
        found = reader.read(text)
    except DockerfileError as error:
        assert error.message
        assert 0 <= error.line <= lines
        return
    assert found.stages
    steps = [step for stage in found.stages for step in (stage.start, *stage.steps)]
    numbers = [step.line for step in steps]
    assert numbers == sorted(numbers)
    assert all(0 < number <= lines for number in numbers)


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    read(data)


@QUICK
@given(LIKELY)
def test_what_looks_like_a_dockerfile(text: str) -> None:
    read(text.encode("utf-8", "surrogatepass"))
    read("FROM a\n" + text)


@QUICK
@given(FILES)
def test_what_is_read_is_applied_or_refused_with_its_line(text: str) -> None:
    try:
        found = reader.read(text)
    except DockerfileError:
        return
    for stage in found.stages:
        for step in (stage.start, *stage.steps):
            try:
                sections.apply({}, expansion.expanded(step, {"x": "1 2"}, found.escape))
            except DockerfileError as error:
                assert error.line == step.line


@QUICK
@given(LINES)
def test_the_shown_text_means_the_same(line: str) -> None:
    """What Docker prints after "Step 1/1 : " is an instruction again, and the same one."""
    try:
        node = parser.parse(line).nodes[0]
        one = reader.meaning(node)
    except DockerfileError:
        return
    if not node.heredocs and not node.text.endswith("\\"):
        assert reader.instruction(one.text, one.line) == one


@pytest.mark.parametrize(
    "text",
    ["FROM a\nENV b=" + '"${a:-' * 500, "FROM a\nRUN " + "[" * 20000, "RUN " + " \\\n" * 5000],
)
def test_deep_and_long(text: str) -> None:
    read(text)
    with pytest.raises(DockerfileError):
        expansion.expand(text + "${", {})


@QUICK
@given(st.text("ab$x{}:-+?\"'\\ `"), st.sampled_from(["\\", "`"]))
def test_words_are_the_expansion_cut_up(word: str, escape: str) -> None:
    try:
        whole = expansion.expand(word, {"x": "1 2"}, escape)
    except DockerfileError:
        return
    parts = expansion.words(word, {"x": "1 2"}, escape)
    assert "".join(parts).replace(" ", "") == whole.replace(" ", "")


@QUICK
@given(st.text(max_size=60), st.dictionaries(PLAIN, PLAIN, max_size=3))
def test_expansion_of_anything(word: str, values: dict[str, str]) -> None:
    try:
        expanded = expansion.expand(word, values)
    except DockerfileError:
        return
    assert isinstance(expanded, str)


@QUICK
@given(st.dictionaries(st.sampled_from(["A", "B_2", "lang"]), PLAIN, min_size=1), PLAIN)
def test_a_variable_is_its_value(values: dict[str, str], other: str) -> None:
    for name, value in values.items():
        assert expansion.expand(f"${{{name}}}", values) == value
        assert expansion.expand(f"${name}", values) == value
        assert expansion.expand(f"'${name}'", values) == f"${name}"
        assert expansion.expand(f"\\${name}", values) == f"${name}"
    assert expansion.expand("${NOT_THERE:-x}", values) == "x"
    assert expansion.expand("${NOT_THERE:+x}", values) == ""


@QUICK
@given(st.text(max_size=80), st.lists(st.text("ab/.*", min_size=1, max_size=8), max_size=5))
def test_patterns_of_anything(text: str, paths: list[str]) -> None:
    try:
        ignore = Ignore.read(text)
    except FormatError:
        return
    for path in paths:
        assert ignore.matches(path) in (True, False)


TEXTS = [
    "FROM alpine\n",
    "# a comment\nfrom alpine AS base\nRUN echo a \\\n  b\\\n  c\n",
    'FROM a\nRUN echo one \\\n# between\n  two\nCMD ["x", "y"]\n',
    "FROM --platform=linux/amd64 a\nCOPY --from=0 --chown=1:2 /x /y /z/\n",
    "# escape=`\nFROM a\nRUN dir `\n  c:\\\n",
    'FROM a\nENV A=1 B="two words" \\\n    C=3\nLABEL x=y\nEXPOSE 80 443/tcp\n',
    "FROM a\nHEALTHCHECK --interval=5s CMD true\nONBUILD RUN echo hi\n",
    "FROM a\nRUN <<EOF\necho a\necho b\nEOF\nUSER app\n",
    "FROM a\r\nRUN echo a \\\r\n b\r\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_instructions_begin_where_dockers_own_parser_says(text: str) -> None:
    oracle = pytest.importorskip("dockerfile")
    theirs = [(c.cmd.upper(), c.start_line, tuple(c.flags)) for c in oracle.parse_string(text)]
    ours = [(node.keyword, node.line, node.flags) for node in parser.parse(text).nodes]
    assert ours == theirs


@QUICK
@given(FILES)
@example("FROM a\nRUN a <<E \\\n b\nx\nE\nRUN c")
@example("FROM a\nENV a='b c' \\\n # d\n e=f")
@example("RUN a\\\\\nRUN b")
def test_dockers_own_parser_cuts_alike(text: str) -> None:
    oracle = pytest.importorskip("dockerfile")
    try:
        theirs = oracle.parse_string(text)
    except oracle.GoParseError:
        return  # what is refused here is another test's matter
    if any(command.cmd is None for command in theirs):
        return  # there a lone escape character is an instruction without a word
    ours = parser.parse(text).nodes
    assert [
        (node.keyword, node.flags, node.line, node.last, contents(node.heredocs)) for node in ours
    ] == [
        (c.cmd.upper(), tuple(c.flags), c.start_line, c.end_line, contents(c.heredocs))
        for c in theirs
    ]
    for node, command in zip(ours, theirs, strict=True):
        assert node.heredocs or node.text == command.original.strip(SPACES)


def contents(heredocs: Iterable[Any]) -> list[tuple[str, str]]:
    return [(heredoc.name, heredoc.content) for heredoc in heredocs]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 0, "cannot be empty"),
        ("# only a comment\n", 0, "no instructions"),
        ("FROM a\nRNU x\n", 2, "unknown instruction: RNU"),
        ("FROM a\nRUN a\0b\n", 2, ""),
        ("FROM a\nRUN <<EOF\necho\n", 2, "unterminated heredoc"),
        ("FROM a\nCOPY one\n", 2, "at least two arguments"),
        ("RUN true\n", 1, "no build stage"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        reader.read(text)
    assert said in caught.value.message
    assert caught.value.line == line


def test_a_misspelt_word_is_recognised() -> None:
    with pytest.raises(DockerfileError, match="RUN"):
        reader.read("FROM a\nRNU true\n")


def test_a_huge_file_is_refused_at_once() -> None:
    with pytest.raises(DockerfileError, match="bytes"):
        reader.read(b"FROM a\n" + b"RUN true\n" * 1_200_000)
