"""Typed docker commands become frozen commands, or an error that helps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerlab.errors import CommandError
from dockerlab.formats.command import Command, Help, lines, parse, substitute, words
from dockerlab.formats.grammar import groups, specs


def read(text: str) -> Command:
    command = parse(words(text))
    assert isinstance(command, Command)
    return command


def test_run_leaves_the_containers_command_alone() -> None:
    command = read("run -it --rm -p 8080:80 -e A=b -e C=d --name=x alpine ls -la --name y")
    assert command.name == "run"
    assert command.words == ("alpine", "ls", "-la", "--name", "y")
    assert command.flags == {
        "interactive": True,
        "tty": True,
        "rm": True,
        "publish": ("8080:80",),
        "env": ("A=b", "C=d"),
        "name": "x",
    }


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ps -aq", "ps"),
        ("container ls -a -q", "ps"),
        ("container list --all --quiet", "ps"),
        ("image ls", "images"),
        ("image rm x", "rmi"),
        ("system info", "info"),
        ("volume list", "volume ls"),
    ],
)
def test_other_names_mean_the_same(text: str, name: str) -> None:
    assert read(text).name == name


def test_short_flags_take_values_as_docker_lets_them() -> None:
    assert read("logs -n5 x").text("tail") == "5"
    assert read("logs -n=5 x").text("tail") == "5"
    assert read("logs -n 5 x").text("tail") == "5"
    assert read("stop -t 3 x").get("time") == 3
    assert read("stop --timeout 3 x").get("time") == 3
    assert read("volume ls -qf dangling=true").many("filter") == ("dangling=true",)
    assert not read("run --rm=false x").on("rm")


def test_double_dash_ends_the_flags() -> None:
    assert read("rm -- -odd-name").words == ("-odd-name",)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("imags", "unknown command: docker imags", "images"),
        ("container lss", "unknown command: docker container lss", "ls"),
        ("ps --al", "unknown flag: --al", "--all"),
        ("ps -az", "unknown shorthand flag: 'z' in -az", "Usage"),
        ("rm", "'docker rm' requires at least 1 argument", "Usage:  docker rm"),
        ("rename a", "'docker rename' requires 2 arguments", "NEW_NAME"),
        ("ps x", "'docker ps' accepts no arguments", "Usage"),
        ("images a b", "'docker images' requires at most 1 argument", "Usage"),
        ("run --name", "flag needs an argument: --name", "Usage"),
        ("run --cpus x y", 'invalid argument "x" for "--cpus" flag: not a number', ""),
        ("run -m 64q y", 'invalid argument "64q" for "-m, --memory" flag: invalid size', "64m"),
        ("run --rm=perhaps y", "not true or false", ""),
        ("ps 'x", "the command is not complete", "close the quotes"),
    ],
)
def test_errors_name_the_word_and_what_to_do(text: str, message: str, hint: str) -> None:
    with pytest.raises(CommandError) as caught:
        read(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    "text", ["ps | grep x", "run x > file", "ps && ps", "run x &", "ps ; ps", "logs x 2>&1"]
)
def test_what_a_shell_would_do_is_refused_by_name(text: str) -> None:
    with pytest.raises(CommandError, match="shell does, not docker"):
        read(text)


def test_quoted_shell_words_belong_to_the_container() -> None:
    assert read("run alpine sh -c 'a | b > c; d && e'").words[-1] == "a | b > c; d && e"
    assert read('exec x sh -c "a | b"').words[-1] == "a | b"


def test_help() -> None:
    for text in ("--help", "help", "run --help", "help run", "container", "container --help"):
        assert isinstance(parse(text.split()), Help)
    text = parse(["ps", "--help"])
    assert isinstance(text, Help)
    assert "-a, --all" in text.text
    assert "docker container ls" in text.text


def test_every_command_has_a_usage_and_help() -> None:
    for name, spec in specs().items():
        shown = parse([*name.split(), "--help"])
        assert isinstance(shown, Help), name
        assert spec.about in shown.text
        assert len({n for flag in spec.flags for n in flag.names}) == sum(
            len(flag.names) for flag in spec.flags
        ), f"{name} has a flag twice"
    assert {"container", "image", "volume", "network", "system"} <= set(groups())


def test_lines_of_a_cell() -> None:
    cell = "# all\ndocker ps\n\n  $ docker run \\\n   alpine ls\n!docker images\nps -a\n"
    assert lines(cell) == ["ps", "run  alpine ls", "images", "ps -a"]


def answer(command: str) -> str:
    return {"docker ps -q": "aa\nbb\n", "pwd": "/my folder\n"}[command]


def test_substitution_makes_words_or_one_word_in_quotes() -> None:
    assert words(substitute("rm $(docker ps -q)", answer)) == ["rm", "aa", "bb"]
    assert words(substitute('run -v "$(pwd):/x" y', answer)) == ["run", "-v", "/my folder:/x", "y"]
    assert words(substitute("run sh -c '$(pwd)'", answer))[-1] == "$(pwd)"
    assert words(substitute(r"run \$\(pwd\)", answer)) == ["run", "$(pwd)"]
    assert words(substitute('run "it\'s $(docker ps -q)"', answer))[-1] == "it's aa\nbb"


def test_substitution_must_be_closed() -> None:
    with pytest.raises(CommandError, match=r"\) of \$\("):
        substitute("rm $(docker ps", answer)


@given(st.text(max_size=60))
def test_an_answer_cannot_become_anything_but_words(hostile: str) -> None:
    found = words(substitute("rm $(docker ps -q)", lambda _: hostile))
    assert found == ["rm", *hostile.split()]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_any_words_end_in_a_command_or_our_error(typed: list[str]) -> None:
    try:
        assert isinstance(parse(["run", *typed]), Command | Help)
    except CommandError as error:
        assert error.message


def test_flags_before_a_compose_command() -> None:
    command = parse(
        ["compose", "-f", "a.yaml", "--file=b.yaml", "-p", "shop", "up", "-d", "--scale", "web=2"]
    )
    assert isinstance(command, Command)
    assert (command.name, command.words) == ("compose up", ())
    assert command.many("file") == ("a.yaml", "b.yaml")
    assert command.text("project-name") == "shop"
    assert command.on("detach")
    assert command.many("scale") == ("web=2",)


def test_what_follows_the_command_of_a_compose_exec_is_left_alone() -> None:
    command = parse(["compose", "exec", "-T", "web", "ls", "-f", "--all"])
    assert isinstance(command, Command)
    assert command.words == ("web", "ls", "-f", "--all")
    assert command.interactive


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        (["compose", "frob"], "unknown command: docker compose frob"),
        (["compose", "--frob", "up"], "unknown flag: --frob"),
        (["compose", "exec", "web"], "requires at least 2 arguments"),
        (["compose", "-p"], "flag needs an argument: -p"),
    ],
)
def test_compose_commands_that_are_not_understood(typed: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        parse(typed)


def test_help_on_compose() -> None:
    for typed in (["compose"], ["compose", "--help"], ["compose", "-p", "x"], ["help", "compose"]):
        shown = parse(typed)
        assert isinstance(shown, Help)
        assert shown.text.startswith("Usage:  docker compose [OPTIONS] COMMAND")
        assert "\n  up          Create and start containers" in shown.text
