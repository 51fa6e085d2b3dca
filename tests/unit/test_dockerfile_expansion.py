"""Variables and quotes. The values are those that Docker Engine's builder made of the same words;
``${x-y}`` and ``${x+y}``, which 20.10 does not know, are as BuildKit has them."""

from __future__ import annotations

import pytest

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile import reader
from dockerlab.formats.dockerfile.expansion import document, expand, expanded, words

ENV = {"s": "set", "e": "", "sp": "a  b", "q": '"x"', "été": "warm"}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("$s", "set"),
        ("${s}x", "setx"),
        ("$sx", ""),
        ("$s-x.$s", "set-x.set"),
        ("$été", "warm"),
        ("${n:-d}${e:-d}${s:-d}", "ddset"),
        ("${n-d}${e-d}${s-d}", "dset"),
        ("${n:+p}${e:+p}${s:+p}", "p"),
        ("${n+p}${e+p}${s+p}", "pp"),
        ("${s:?err}${s?err}${e?err}", "setset"),
        ("${n:-${e:-deep}}", "deep"),
        ("${n:-'a}b'}", "a}b"),
        ("${n:-\\}}", "}"),
        ("${n:-}}", "}"),
        ("a$", "a$"),
        ("$$", ""),
        ("$1x", "x"),
        ("${1}$@", ""),
        ("$(x)", "$(x)"),
        ("'$s'", "$s"),
        ('"$s"', "set"),
        ("\\$s", "$s"),
        ('"\\$s"', "$s"),
        ("'\\$s'", "\\$s"),
        ("a\\ b", "a b"),
        ('"a\\nb"', "a\\nb"),
        ("a\\nb", "anb"),
        ("a\\", "a"),
        ("a\\\\", "a\\"),
        ('"${n:-"x"}"', "x"),
        ("$sp", "a  b"),
        ("$q", '"x"'),
        ("~*`", "~*`"),
    ],
)
def test_values(word: str, value: str) -> None:
    assert expand(word, ENV) == value


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("${n:?gone}", "n: gone"),
        ("${n?}", "n: is not allowed to be unset"),
        ("${e:?}", "e: is not allowed to be unset"),
        ("${s:=x}", "unsupported modifier (=) in substitution"),
        ("${s/e/x}", "unsupported modifier (/) in substitution"),
        ("${}", "syntax error: bad substitution"),
        ("${:x}", "syntax error: bad substitution"),
        ("${{s}}", "syntax error: bad substitution"),
        ("${", "syntax error: missing '}'"),
        ("${s", "syntax error: missing '}'"),
        ("${s:-x", "syntax error: missing '}'"),
        ("'a", "unexpected end of statement while looking for matching single-quote"),
        ('"a', "unexpected end of statement while looking for matching double-quote"),
        ('"a\\', "unexpected end of statement while looking for matching double-quote"),
        ("${a:-" * 99, "nested too deeply"),
    ],
)
def test_problems(word: str, problem: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        expand(word, ENV)
    assert caught.value.message.startswith('failed to process "')
    assert problem in caught.value.message


def test_another_escape_character() -> None:
    assert expand("`$s\\$s", ENV, "`") == "$s\\set"


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("$sp", ["a", "b"]),
        ('"$sp"', ["a  b"]),
        ("x$sp", ["xa", "b"]),
        ("$n", []),
        ("a\\ b c", ["a b", "c"]),
        ("${n:-1 2}3", ["1", "23"]),
    ],
)
def test_words(word: str, found: list[str]) -> None:
    assert words(word, ENV) == found


def test_a_document_keeps_its_quotes() -> None:
    assert document("'$s' \"${n:-x}\"\n\\$s", ENV) == "'set' \"x\"\n$s"


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("ENV a=$s b='$s' $s=1", "values", {"a": "set", "b": "$s", "set": "1"}),
        ("LABEL a=$s", "values", {"a": "set"}),
        ("ARG a=$s b", "values", {"a": "set", "b": None}),
        ("COPY $s '$s' /$s/", "sources", ("set", "$s")),
        ("ADD --chown=$s --chmod=$s a /$s", "owner", "set"),
        ("EXPOSE $sp", "ports", ("a", "b")),
        ("VOLUME /$s /x", "paths", ("/set", "/x")),
        ('VOLUME ["/$s x"]', "paths", ("/set x",)),
        ("WORKDIR /$s dir", "path", "/set dir"),
        ("USER $s", "user", "set"),
        ("STOPSIGNAL $s", "signal", "set"),
        ("FROM --platform=$s x:$s", "image", "x:set"),
        ("COPY <<E /x\n$s\nE", "sources", ("<<E",)),
        ("MAINTAINER $s", "name", "$s"),
        ("ONBUILD RUN $s", "trigger", "RUN $s"),
    ],
)
def test_which_fields(line: str, field: str, value: object) -> None:
    one = reader.instruction(line)
    made = expanded(one, ENV)
    assert getattr(made, field) == value
    assert made.text == one.text, "the step is shown as it is written"


@pytest.mark.parametrize("line", ["RUN $s", 'CMD ["$s"]', "ENTRYPOINT $s", "HEALTHCHECK CMD $s"])
def test_the_shell_expands_the_rest(line: str) -> None:
    assert expanded(reader.instruction(line), ENV) == reader.instruction(line)


def test_heredocs_and_mounts() -> None:
    made = expanded(reader.instruction("COPY <<A <<'B' /\n$s\nA\n$s\nB"), ENV)
    assert [heredoc.content for heredoc in made.heredocs] == ["set\n", "$s\n"]
    run = expanded(reader.instruction("RUN --mount=type=cache,target=/$s,id=$s,mode=07$n x"), ENV)
    assert (run.mounts[0].target, run.mounts[0].id) == ("/set", "set")
    assert run.mounts[0].options == {"mode": "07"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("FROM $n", "base name ($n) should not be blank"),
        ("ENV $n=1", "invalid environment variable: =1"),
        ("USER ${n:?who}", "who"),
    ],
)
def test_an_error_knows_its_line(line: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        expanded(reader.instruction(line, 7), ENV)
    assert message in caught.value.message
    assert caught.value.line == 7


def test_variables_of_one_instruction_have_a_limit() -> None:
    instruction = reader.instruction(f"ENV {' '.join(f'k{n}=$A' for n in range(40))}")
    assert expanded(instruction, {"A": "a" * 20_000})
    with pytest.raises(DockerfileError, match="more than 1 MiB together"):
        expanded(instruction, {"A": "a" * 30_000})
