"""Where an instruction begins and ends, and what is refused before it is looked at."""

from __future__ import annotations

import pytest

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile.parser import LINE_LIMIT, SIZE_LIMIT, Source, parse


def lines(text: str | bytes) -> list[tuple[int, int, str]]:
    return [(node.line, node.last, node.text) for node in parse(text).nodes]


def failure(text: str | bytes) -> DockerfileError:
    with pytest.raises(DockerfileError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM a", [(1, 1, "FROM a")]),
        ("\n\n  FROM   a  \n\nRUN x\n", [(3, 3, "FROM   a"), (5, 5, "RUN x")]),
        ("FROM a\\\n\n# c\n  # d\n b", [(1, 5, "FROM a b")]),
        ("RUN a \\  \n  b \\\n", [(1, 2, "RUN a   b")]),
        ("RUN a\\\r\n b\r\nRUN c\r\n", [(1, 2, "RUN a b"), (3, 3, "RUN c")]),
        ("RUN a # b\\\nc", [(1, 2, "RUN a # bc")]),
        ("RUN a \\\\\nRUN b", [(1, 1, "RUN a \\\\"), (2, 2, "RUN b")]),
        ("RUN a \\ x\nRUN b", [(1, 1, "RUN a \\ x"), (2, 2, "RUN b")]),
        ("# c \\\nRUN a", [(2, 2, "RUN a")]),
        ("\\\nRUN a", [(1, 2, "RUN a")]),
        (b"\xef\xbb\xbfFROM a", [(1, 1, "FROM a")]),
        ("\ufefffrom a", [(1, 1, "from a")]),
        (b"ENV a=\xff", [(1, 1, "ENV a=�")]),
    ],
)
def test_lines(text: str | bytes, found: list[tuple[int, int, str]]) -> None:
    assert lines(text) == found


@pytest.mark.parametrize(
    ("line", "keyword", "flags", "arguments"),
    [
        ("copy --from=a  b  c", "COPY", ("--from=a",), "b  c"),
        ("COPY --from='a b' --chown=1:2 x y", "COPY", ("--from=a b", "--chown=1:2"), "x y"),
        ('COPY --from="a"b x', "COPY", ("--from=ab",), "x"),
        ("RUN --a\\ b c", "RUN", ("--a b",), "c"),
        ("RUN -- --a", "RUN", (), "--a"),
        ("RUN -a --b", "RUN", (), "-a --b"),
        ("CMD", "CMD", (), ""),
        ("RUN --a", "RUN", ("--a",), ""),
        ("RUN\t--a\tb", "RUN", ("--a",), "b"),
    ],
)
def test_flags(line: str, keyword: str, flags: tuple[str, ...], arguments: str) -> None:
    (node,) = parse(line).nodes
    assert (node.keyword, node.flags, node.arguments) == (keyword, flags, arguments)


class TestDirectives:
    def test_escape_and_syntax(self) -> None:
        source = parse("# Escape = `\n#syntax=docker/dockerfile:1\nRUN a `\n b\\\n")
        assert (source.escape, source.syntax) == ("`", "docker/dockerfile:1")
        assert [node.text for node in source.nodes] == ["RUN a  b\\"]
        assert "docker/dockerfile:1 is ignored" in source.notes[0]

    @pytest.mark.parametrize("before", ["# words\n", "\n", "FROM a\n", "# other=1\n"])
    def test_only_at_the_very_top(self, before: str) -> None:
        assert parse(f"{before}# escape=`\nRUN a\\\nb").escape == "\\"

    def test_refused(self) -> None:
        error = failure("# escape=x\nFROM a")
        assert "line 1: invalid escape token 'x' does not match ` or \\" in error.message
        error = failure("# escape=`\n# escape=`\nFROM a")
        assert (error.line, "only one escape parser directive" in error.message) == (2, True)


class TestHeredocs:
    def only(self, text: str) -> list[tuple[str, str, bool]]:
        (node,) = parse(text).nodes
        return [(heredoc.name, heredoc.content, heredoc.expand) for heredoc in node.heredocs]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("RUN <<EOF\na\n\n # b\nEOF", [("EOF", "a\n\n # b\n", True)]),
            ("RUN cat <<'EOF' >x\n$a\\\nEOF\n", [("EOF", "$a\\\n", False)]),
            ('COPY <<"a b" /x\ny\na b\n', [("a b", "y\n", False)]),
            ("COPY <<A <<B /x/\n1\nA\n2\nB", [("A", "1\n", True), ("B", "2\n", True)]),
            ("RUN <<-E\n\t\ta\n\tE\n", [("E", "a\n", True)]),
            ("ADD 3<<E /x\nE\n", [("E", "", True)]),
            ("ONBUILD RUN <<E\na\nE\n", [("E", "a\n", True)]),
            ("RUN [ -e x ] && cat <<E\na\nE\n", [("E", "a\n", True)]),
            ("RUN a <<E \\\n b\nx\nE\n", [("E", "x\n", True)]),
            ("RUN <<E\r\nx\r\nE\r\n", [("E", "x\r\n", True)]),
            ('RUN echo "${x:0:1}" <<E\na\nE\n', [("E", "a\n", True)]),
            ("RUN a << b", []),
            ("RUN echo it's <<E", []),
            ("RUN a <<<b", []),
            ('RUN echo "<<E"', []),
            ('RUN ["a", "<<E"]', []),
            ("CMD a <<E", []),
            ("ENV a=<<E", []),
        ],
    )
    def test_files(self, text: str, found: list[tuple[str, str, bool]]) -> None:
        assert self.only(text) == found

    def test_text_and_lines(self) -> None:
        assert lines("RUN <<E\na\nE\nRUN b") == [(1, 3, "RUN <<E"), (4, 4, "RUN b")]

    def test_unterminated(self) -> None:
        error = failure("FROM a\nRUN <<EOF\nx\n EOF\n")
        assert error.message == "dockerfile parse error line 2: unterminated heredoc"
        assert "nothing but EOF" in error.hint


class TestRefusals:
    def test_empty(self) -> None:
        assert failure("").message == "the Dockerfile (Dockerfile) cannot be empty"
        for text in ("\n", "# a\n  # b", "# escape=`", " \\\n", b"\xef\xbb\xbf"):
            assert "file with no instructions" in failure(text).message

    def test_not_a_text(self) -> None:
        error = failure(b"FROM a\nRUN \0")
        assert (error.line, "NUL" in error.message) == (2, True)
        assert failure("FROM a".encode("utf-16")).line == 1

    def test_too_long(self) -> None:
        assert parse("RUN " + "x" * (LINE_LIMIT - 4)).nodes
        error = failure("FROM a\nRUN " + "x" * LINE_LIMIT)
        assert (error.line, "65535" in error.message) == (2, True)
        assert "bytes, more than" in failure(b"x" * (10 * 1024 * 1024)).message
        assert len(parse("RUN x\n" * (SIZE_LIMIT // 6)).nodes) == SIZE_LIMIT // 6


def test_an_empty_line_inside_an_instruction_is_warned_of() -> None:
    source: Source = parse("FROM a\nRUN b \\\n\n  c\n")
    assert source.warnings == (
        "[WARNING]: Empty continuation line found in:",
        "    RUN b   c",
        "[WARNING]: Empty continuation lines will become errors in a future release.",
    )
    assert "Line 3 is empty inside the instruction of line 2" in source.notes[0]


def test_the_name_of_a_heredoc_has_a_limit() -> None:
    said = failure("FROM a\nRUN <<EOF" + '\\"' * 20_000 + "\n")
    assert "the name of a heredoc has more than 500 letters" in said.message
