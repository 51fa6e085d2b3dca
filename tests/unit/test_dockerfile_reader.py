"""Every instruction as a record, and every refusal. The messages are those of Docker Engine."""

from __future__ import annotations

from typing import Any

import pytest

from dockerlab.errors import DockerfileError
from dockerlab.formats.dockerfile import reader

SECOND = 10**9


def fields(line: str, *names: str) -> Any:
    one: Any = reader.instruction(line)
    values = tuple(getattr(one, name) for name in names)
    return values if len(values) > 1 else values[0]


@pytest.mark.parametrize(
    ("line", "names", "values"),
    [
        ("FROM a", "image name platform", ("a", "", "")),
        ("from --platform=linux/arm64 a:1 as Build", "image name", ("a:1", "build")),
        ("FROM $A AS a.b-c_1", "name platform", ("a.b-c_1", "")),
        ("ARG a", "values", {"a": None}),
        ('ARG a=1 b= c="d e" f', "values", {"a": "1", "b": "", "c": '"d e"', "f": None}),
        ("ENV a   b  c ", "values", {"a": "b  c"}),
        ("ENV a = b", "values", {"a": "= b"}),
        ("ENV a=b c='d e' f=g\\ h", "values", {"a": "b", "c": "'d e'", "f": "g\\ h"}),
        ("ENV a=b=c a=d", "values", {"a": "d"}),
        ('LABEL "a b"=c d=e', "values", {'"a b"': "c", "d": "e"}),
        ("COPY a b c/ ", "sources target add from_", (("a", "b"), "c/", False, "")),
        ("COPY --from=x --chown=1:2 --chmod=644 a b", "from_ owner mode", ("x", "1:2", "644")),
        ('COPY ["a b", "c"]', "sources target", (("a b",), "c")),
        ("COPY 'a b' c", "sources target", (("'a", "b'"), "c")),
        ("ADD --chown=u https://x/y /z", "sources target add", (("https://x/y",), "/z", True)),
        ('COPY <<"E" <<F a /x/\nE\nF', "sources target", (("<<E", "<<F", "a"), "/x/")),
        ("WORKDIR /a b", "path", "/a b"),
        ("USER a:b", "user", "a:b"),
        ("EXPOSE 80  443/tcp 90-91", "ports", ("443/tcp", "80", "90-91")),
        ("VOLUME /a  b", "paths", ("/a", "b")),
        ('VOLUME ["/a b"]', "paths", ("/a b",)),
        ("STOPSIGNAL 9", "signal", "9"),
        ('SHELL ["a", "-c"]', "words", ("a", "-c")),
        ("MAINTAINER A <a@b>", "name", "A <a@b>"),
        ("ONBUILD  copy --from=x  a b", "trigger", "copy --from=x  a b"),
        ("onbuild RUN <<E\na\nE", "trigger", "RUN <<E\na\nE"),
        ("HEALTHCHECK NONE", "check interval", (None, 0)),
        (
            "HEALTHCHECK --interval=1m30s --timeout=.5s --start-period=1h --retries=3 CMD a",
            "interval timeout start_period retries",
            (90 * SECOND, SECOND // 2, 3600 * SECOND, 3),
        ),
        ("RUN --network=none a", "network mounts", ("none", ())),
    ],
)
def test_records(line: str, names: str, values: Any) -> None:
    assert fields(line, *names.split()) == values


@pytest.mark.parametrize(
    ("line", "words", "shell"),
    [
        ('RUN ["a", "b"]', ("a", "b"), False),
        ("RUN a   b", ("a   b",), True),
        ("RUN a \\\n  b", ("a   b",), True),
        ("RUN ['a']", ("['a']",), True),
        ('RUN ["a",]', ('["a",]',), True),
        ('RUN "a"', ('"a"',), True),
        ("RUN [NaN]", ("[NaN]",), True),
        ('CMD ["\\u00e9\\ud800"]', ("é�",), False),
        ("CMD [ ]", (), False),
        ("CMD", (), True),
        ("ENTRYPOINT", (), False),
        ('ENTRYPOINT ["a"] b', ("a",), False),
    ],
)
def test_exec_form_and_shell_form(line: str, words: tuple[str, ...], shell: bool) -> None:
    command = fields(line, "command")
    assert (command.words, command.shell) == (words, shell)


@pytest.mark.parametrize(
    ("options", "names", "values"),
    [
        ("type=cache,target=/x", "type target readonly", ("cache", "/x", False)),
        ("target=/x,source=a,from=b", "type source from_ readonly", ("bind", "a", "b", True)),
        ("type=bind,dst=/x,rw", "target readonly", ("/x", False)),
        ("type=cache,target=/x,ro,id=n,sharing=locked", "readonly id", (True, "n")),
        ("type=secret,id=s,required", "type id required", ("secret", "s", True)),
        ("type=secret,id=s,env=T,mode=0400", "options", {"env": "T", "mode": "0400"}),
        ("type=tmpfs,target=/x,size=1m", "type options", ("tmpfs", {"size": "1m"})),
        ("type=ssh,required=false", "type required", ("ssh", False)),
        ('type=bind,\\"source=a,b\\",target=/x', "source", "a,b"),
        ("TYPE=Cache,Target=/x", "type target", ("cache", "/x")),
    ],
)
def test_mounts(options: str, names: str, values: Any) -> None:
    (mount,) = fields(f"RUN --mount={options} ls", "mounts")
    found = tuple(getattr(mount, name) for name in names.split())
    assert (found if len(found) > 1 else found[0]) == values


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("RNU ls", "unknown instruction: RNU", "Did you mean RUN?"),
        ("form a", "unknown instruction: FORM", "Did you mean FROM?"),
        ("WORKDIRR /", "unknown instruction: WORKDIRR", "WORKDIR"),
        ("npm install", "unknown instruction: NPM", "RUN npm"),
        ("&& b", "unknown instruction: &&", "\\"),
        ("xyzzy", "unknown instruction: XYZZY", "begins with an instruction"),
        ("COPY --form=x a b", "Unknown flag: form", "Did you mean --from?"),
        ("COPY --link=true a b", "Unknown flag: link", "Leave --link out"),
        ("ADD --from=x a b", "Unknown flag: from", "--chown"),
        ("COPY --from a b", "Missing a value on flag: from", "--from=value"),
        ("COPY --chown=1 --chown=2 a b", "Duplicate flag specified: chown", ""),
        ("CMD --x ls", "Unknown flag: x", "CMD takes no flags"),
        (
            "COPY a",
            "COPY requires at least two arguments, but only one was provided. "
            "Destination could not be determined",
            "COPY file /folder/",
        ),
        ("ADD", "ADD requires at least two arguments", ""),
        ("FROM", "FROM requires either one or three arguments", "AS name"),
        ("FROM a b", "FROM requires either one or three arguments", ""),
        ("FROM a ass b", "FROM requires either one or three arguments", ""),
        ("FROM a AS 1b", 'invalid name for build stage: "1b", name can\'t start with', ""),
        ("FROM --platfrm=x a", "Unknown flag: platfrm", "--platform"),
        ("ENV", "ENV requires at least one argument", ""),
        ("ENV a", "ENV must have two arguments", "ENV a=value"),
        (
            "ENV a=b c",
            'Syntax error - can\'t find = in "c". Must be of the form: name=value',
            "double quotes",
        ),
        ("ENV =a", "ENV names can not be blank", ""),
        ("LABEL a", "LABEL must have two arguments", ""),
        ("ARG", "ARG requires at least one argument", ""),
        ("ARG =a", "ARG names can not be blank", ""),
        ("WORKDIR", "WORKDIR requires exactly one argument", ""),
        ("USER", "USER requires exactly one argument", ""),
        ("STOPSIGNAL", "STOPSIGNAL requires exactly one argument", ""),
        ("MAINTAINER", "MAINTAINER requires exactly one argument", ""),
        ("EXPOSE", "EXPOSE requires at least one argument", ""),
        ("VOLUME", "VOLUME requires at least one argument", ""),
        ('VOLUME [""]', "VOLUME specified can not be an empty string", ""),
        ("SHELL a", "SHELL requires the arguments to be in JSON form", '["/bin/sh", "-c"]'),
        ("SHELL", "SHELL requires at least one argument", ""),
        ("SHELL []", "SHELL requires at least one argument", ""),
        (
            'CMD ["a", 1]',
            "when using JSON array syntax, arrays must be comprised of strings only",
            "double quotes",
        ),
        ("HEALTHCHECK", "HEALTHCHECK requires at least one argument", ""),
        ("HEALTHCHECK NONE a", "HEALTHCHECK NONE takes no arguments", ""),
        ("HEALTHCHECK foo a", 'Unknown type "FOO" in HEALTHCHECK (try CMD)', ""),
        ("HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD", ""),
        ("HEALTHCHECK --intervall=5s CMD a", "Unknown flag: intervall", "--interval"),
        ("HEALTHCHECK --interval=5x CMD a", 'time: unknown unit "x" in duration "5x"', "30s"),
        ("HEALTHCHECK --interval=5 CMD a", 'time: missing unit in duration "5"', ""),
        ("HEALTHCHECK --interval=x CMD a", 'time: invalid duration "x"', ""),
        (
            "HEALTHCHECK --timeout=0s CMD a",
            'Interval "timeout" cannot be less than 1ms',
            "",
        ),
        ("HEALTHCHECK --retries=0 CMD a", "--retries must be at least 1 (not 0)", ""),
        ("HEALTHCHECK --retries=x CMD a", 'strconv.ParseInt: parsing "x": invalid syntax', ""),
        ("ONBUILD", "ONBUILD requires at least one argument", ""),
        ("ONBUILD ONBUILD RUN a", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", ""),
        ("ONBUILD from a", "FROM isn't allowed as an ONBUILD trigger", ""),
        ("ONBUILD MAINTAINER a", "MAINTAINER isn't allowed as an ONBUILD trigger", ""),
        ("ONBUILD RNU a", "unknown instruction: RNU", "Did you mean RUN?"),
        ("RUN --network=nome a", 'unsupported network mode "nome"', "none"),
        ("RUN --security=insecure a", "Unknown flag: security", "security"),
        ("RUN --mount=type=chache,target=/x a", 'unsupported mount type "chache"', "cache"),
        ("RUN --mount=target=/x,foo a", "invalid field 'foo' must be a key=value pair", ""),
        ("RUN --mount=target=/x,sorce=1 a", "unexpected key 'sorce' in 'sorce=1'", "source"),
        ("RUN --mount=target=/x,size=1 a", "unexpected key 'size' for mount type 'bind'", ""),
        (
            "RUN --mount=type=cache,target=/x,sharing=a b",
            'unsupported sharing value "a"',
            "shared",
        ),
        ("RUN --mount=target=/x,sharing=locked b", "invalid cache sharing set for bind mount", ""),
        ("RUN --mount=type=cache,target=/x,mode=9 a", "invalid value 9 for mode", ""),
        ("RUN --mount=type=cache a", "cache mount needs a target", "target=/path"),
        ("RUN --mount=type=secret a", "invalid secret mount. one of source, target required", ""),
        ("RUN --mount=target=/x,ro=maybe a", "invalid value for readonly: maybe", "true or false"),
    ],
)
def test_refusals(line: str, message: str, hint: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        reader.instruction(line, 4)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint
    assert caught.value.line == 4


class TestStages:
    def test_arguments_and_stages(self) -> None:
        file = reader.read("ARG V=1\nFROM a:$V AS one\nRUN x\nFROM one\nCOPY --from=ONE a b\n")
        assert [argument.values for argument in file.arguments] == [{"V": "1"}]
        assert [(stage.index, stage.name) for stage in file.stages] == [(0, "one"), (1, "")]
        assert [step.line for step in file.stages[1].steps] == [5]
        assert file.stage("One") is file.stage("0") is file.stages[0]
        assert file.stage("one", before=0) is file.stage("2") is file.stage("") is None

    @pytest.mark.parametrize(
        ("text", "line", "message"),
        [
            ("RUN ls", 1, "no build stage in current context"),
            ("ARG a\nENV b=c\nFROM a", 2, "no build stage in current context"),
            ("ARG a\n", 1, "no build stage in current context"),
            ("FROM a AS x\nFROM b AS X", 2, "a stage name already used"),
            ("FROM a AS x\n\nCOPY --from=x a b", 3, "circular dependency detected on stage: x"),
            ("FROM a\nCOPY --from=0 a b", 2, "invalid from flag value 0: index out of bounds"),
            ("FROM a\nCOPY --from=7 a b", 2, "invalid from flag value 7: index out of bounds"),
            ("FROM a AS x\nCOPY --from=y a b\nFROM x AS y", 2, "invalid from flag value y"),
            ("FROM a AS x\nRUN --mount=target=/x,from=x a", 2, "circular dependency"),
            ("FROM a\n\n# c\nRNU ls", 4, "unknown instruction: RNU"),
        ],
    )
    def test_refusals(self, text: str, line: int, message: str) -> None:
        with pytest.raises(DockerfileError) as caught:
            reader.read(text)
        assert caught.value.message.startswith(f"dockerfile parse error line {line}: ")
        assert message in caught.value.message
        assert caught.value.line == line

    def test_an_image_may_have_the_name_of_its_stage(self) -> None:
        file = reader.read("FROM nginx AS nginx\nFROM a\nCOPY --from=nginx b c\nCOPY --from=d e f")
        assert len(file.stages) == 2


def test_text_is_what_docker_shows() -> None:
    file = reader.read("from  a\n  env   a=b \\\n   c=d\n")
    assert file.stages[0].start.text == "from  a"
    step = file.stages[0].steps[0]
    assert (step.text, step.keyword) == ("env   a=b    c=d", "ENV")


def test_one_instruction_is_one() -> None:
    for text, message in (("RUN a\nRUN b", "more than one"), ("# a", "no instructions")):
        with pytest.raises(DockerfileError, match=message):
            reader.instruction(text)
