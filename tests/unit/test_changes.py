from __future__ import annotations

from typing import Any

import pytest

from dockerlab.errors import FormatError
from dockerlab.formats.changes import apply


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ('CMD ["sh", "-c", "x"]', "Cmd", ["sh", "-c", "x"]),
        ("cmd echo hi", "Cmd", ["/bin/sh", "-c", "echo hi"]),
        ("CMD", "Cmd", ["/bin/sh", "-c"]),
        ("ENV A=b B=$A", "Env", ["A=b", "B="]),
        ("CMD [not json", "Cmd", ["/bin/sh", "-c", "[not json"]),
        ('ENTRYPOINT ["a"]', "Entrypoint", ["a"]),
        ("ENV A=b", "Env", ["A=b"]),
        ("ENV A b c", "Env", ["A=b c"]),
        ('ENV A="b c" D=e', "Env", ["A=b c", "D=e"]),
        ("LABEL a=b c='d e'", "Labels", {"a": "b", "c": "d e"}),
        ("EXPOSE 80 53/udp", "ExposedPorts", {"80/tcp": {}, "53/udp": {}}),
        ("EXPOSE 1-3", "ExposedPorts", {"1/tcp": {}, "2/tcp": {}, "3/tcp": {}}),
        ("VOLUME /a /b", "Volumes", {"/a": {}, "/b": {}}),
        ('VOLUME ["/a"]', "Volumes", {"/a": {}}),
        ("WORKDIR /x", "WorkingDir", "/x"),
        ("WORKDIR x", "WorkingDir", "/x"),
        ("USER www", "User", "www"),
        ("STOPSIGNAL SIGQUIT", "StopSignal", "SIGQUIT"),
        ("ONBUILD RUN x", "OnBuild", ["RUN x"]),
        ('SHELL ["/bin/ash"]', "Shell", ["/bin/ash"]),
        ("HEALTHCHECK NONE", "Healthcheck", {"Test": ["NONE"]}),
        (
            "HEALTHCHECK --interval=1m30s --retries=3 CMD curl x",
            "Healthcheck",
            {"Test": ["CMD-SHELL", "curl x"], "Interval": 90 * 10**9, "Retries": 3},
        ),
        ('HEALTHCHECK CMD ["a","b"]', "Healthcheck", {"Test": ["CMD", "a", "b"]}),
    ],
)
def test_instructions(line: str, key: str, value: Any) -> None:
    assert apply({}, [line])[key] == value


def test_what_was_there_stays() -> None:
    before = {"Env": ["PATH=/bin", "A=1"], "Labels": {"x": "1"}, "WorkingDir": "/app"}
    after = apply(before, ["ENV A=2 B=3", "LABEL y=2", "WORKDIR sub"])
    assert after["Env"] == ["PATH=/bin", "A=2", "B=3"]
    assert after["Labels"] == {"x": "1", "y": "2"}
    assert after["WorkingDir"] == "/app/sub"
    assert before["Labels"] == {"x": "1"}, "the given section is left alone"


def test_an_entrypoint_takes_the_old_command_away() -> None:
    assert apply({"Cmd": ["old"]}, ["ENTRYPOINT x"])["Cmd"] is None
    assert apply({"Cmd": ["old"]}, ["ENTRYPOINT x", 'CMD ["new"]'])["Cmd"] == ["new"]
    assert apply({"Cmd": ["old"]}, ['CMD ["new"]', "ENTRYPOINT x"])["Cmd"] == ["new"]


def test_several_lines_in_one() -> None:
    assert apply({}, ["USER a\n# no\n\nWORKDIR /b"]) == {"User": "a", "WorkingDir": "/b"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("FOO y", "foo is not a valid change command"),
        ("RUN x", "run is not a valid change command"),
        ("ENV", "requires at least one argument"),
        ("ENV A", "must have two arguments"),
        ("ENV A=b c", "can't find ="),
        ("EXPOSE x", "Invalid containerPort: x"),
        ("EXPOSE 70000", "Invalid containerPort"),
        ("HEALTHCHECK x", "Unknown type"),
        ("HEALTHCHECK --what=1 CMD x", "Unknown flag: what"),
        ("HEALTHCHECK --interval=x CMD y", "invalid duration"),
        ("SHELL x", "JSON form"),
        ("ONBUILD FROM x", "isn't allowed as an ONBUILD trigger"),
        ('ENV A="', "matching double-quote"),
        ('CMD ["a", 1]', "arrays must be comprised of strings only"),
    ],
)
def test_refusals(line: str, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        apply({}, [line])
