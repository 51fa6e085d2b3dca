"""RUN: the program and its surroundings; failing, cancelled and simultaneous builds."""

from __future__ import annotations

import stat
import threading
import time
from pathlib import Path

import pytest
from buildlab import Builder, Built, context
from engines import Engine


def test_shell_and_exec_form(build: Builder) -> None:
    built = build('FROM busybox\nRUN echo "$0 @@" $((1+1))\nRUN ["echo", "$HOME @@"]')
    assert f"/bin/sh {build.mark} 2\n" in built.text
    assert f"$HOME {build.mark}\n" in built.text


def test_another_shell(build: Builder) -> None:
    built = build('FROM busybox\nSHELL ["/bin/busybox", "echo", "said:"]\nRUN @@ a')
    assert f"said: {build.mark} a\n" in built.text
    assert build.config(built)["Shell"] == ["/bin/busybox", "echo", "said:"]


def test_the_entrypoint_has_no_part_in_it(build: Builder) -> None:
    built = build('FROM busybox\nENTRYPOINT ["/nosuch"]\nCMD ["x"]\nRUN echo @@')
    assert f"{build.mark}\n" in built.text
    assert build.config(built)["Cmd"] == ["x"]
    assert build.config(built)["Entrypoint"] == ["/nosuch"]


def test_surroundings(build: Builder) -> None:
    built = build(
        "FROM busybox\nENV A=@@\nWORKDIR /w\nUSER 7:8\nRUN echo $(pwd) $(id -u):$(id -g) $A here"
    )
    assert f"/w 7:8 {build.mark} here\n" in built.text


def test_a_workdir_is_made(build: Builder) -> None:
    """By root, whoever USER is."""
    built = build("FROM busybox\nLABEL x=@@\nUSER 7\nWORKDIR /p/q")
    assert build.owners(built) == {"p": (0, 0), "p/q": (0, 0)}
    assert stat.S_IMODE(build.tree(built, "/p")["p/q"].mode) == 0o755


def test_files_of_a_run(build: Builder) -> None:
    """Added, changed, removed and linked files, and modes, come out as they went in."""
    script = (
        "mkdir -p /o/d; echo @@ > /o/f; chmod 4711 /o/f; ln -s f /o/l; mkfifo /o/p;"
        " rm /etc/services; echo x >> /etc/protocols; rm -r /home; mkdir /home; touch /home/new"
    )
    built = build(f"FROM busybox\nRUN mkdir -p /home/old; touch /etc/services\nRUN {script}")
    found = build.tree(built, "/o")
    assert found["o/f"].mode & 0o7777 == 0o4711
    assert found["o/l"].linkname == "f"
    assert found["o/p"].isfifo()
    listing = build.run(built, "sh", "-c", "ls /home; test -e /etc/services || echo gone")
    assert listing == "new\ngone\n"


def test_owners_of_a_run(build: Builder, engine: Engine) -> None:
    if engine.kind.endswith("-user"):
        pytest.skip("an ordinary user owns all files of its containers")
    built = build("FROM busybox\nRUN echo @@ > /o; chown 7:8 /o")
    assert build.run(built, "stat", "-c", "%u:%g", "/o") == "7:8\n"


def test_a_volume_keeps_what_was_there_before_it(build: Builder) -> None:
    """What is written to a volume's path after VOLUME is thrown away."""
    built = build(
        "FROM busybox\nRUN mkdir /v; echo @@ > /v/before\n"
        "VOLUME /v\nRUN echo x > /v/after; touch /n"
    )
    assert build.run(built, "sh", "-c", "ls /v; ls -d /n") == "before\n/n\n"


def test_builds_leave_no_volumes(build: Builder) -> None:
    """Each RUN has a fresh one; others may make volumes meanwhile, but none that holds this."""
    built = build("FROM busybox\nVOLUME /v\nRUN echo @@ > /v/x\nRUN test ! -e /v/x")
    assert not built.error
    left = build.client.api.volumes(filters={"dangling": True})["Volumes"] or []
    assert [v for v in left if (Path(v["Mountpoint"]) / "x").exists()] == []


def test_no_network(build: Builder) -> None:
    built = build(
        "FROM busybox\nRUN wget -T 3 -O- http://192.0.2.1/ && echo @@", networkmode="none"
    )
    assert "returned a non-zero code: 1" in built.error


def test_added_hosts(build: Builder) -> None:
    built = build(
        "FROM busybox\nRUN echo @@; grep some /etc/hosts", extrahosts=["some.example:192.0.2.7"]
    )
    assert "192.0.2.7\tsome.example\n" in built.text
    assert "some.example" not in build.run(built, "cat", "/etc/hosts")


def test_stdin_is_empty(build: Builder) -> None:
    assert f"{build.mark}:0\n" in build("FROM busybox\nRUN echo @@:$(wc -c)").text


def test_much_output(build: Builder) -> None:
    built = build("FROM busybox\nRUN echo @@; yes 0123456789 | head -n 100000")
    assert built.text.count("0123456789\n") == 100_000


def test_output_that_is_no_text(build: Builder) -> None:
    built = build("FROM busybox\nRUN printf '@@ \\377\\376 \\xc3\\xbc\\n'")
    assert f"{build.mark} " in built.text
    assert " ü\n" in built.text
    assert built.image


# --- failing


def test_a_failed_step_is_kept_or_not(build: Builder) -> None:
    kept = build("FROM busybox\nRUN echo @@ > /x; exit 3")
    container = build.client.containers.get(kept.containers[-1])
    assert container.attrs["State"]["ExitCode"] == 3
    assert container.attrs["Config"]["Cmd"] == ["/bin/sh", "-c", f"echo {build.mark} > /x; exit 3"]
    assert b"".join(container.get_archive("/x")[0])
    gone = build("FROM busybox\nRUN echo @@ >> /x; exit 3", forcerm=1)
    assert gone.lines[-1].startswith("Removing intermediate container ")
    listed = build.client.api.containers(all=True, filters={"id": gone.containers[-1]})
    assert listed == []


def test_steps_before_a_failure_are_cached_next_time(build: Builder) -> None:
    assert build("FROM busybox\nRUN echo @@\nENV A=1\nRUN exit 1\nENV B=1").pattern == "Fmmx"
    assert build("FROM busybox\nRUN echo @@\nENV A=1\nRUN exit 0\nENV B=1").pattern == "Fhhmm"


def test_a_failure_leaves_the_tag_alone(build: Builder) -> None:
    first = build("FROM busybox\nENV A=@@", t="@@")
    assert build("FROM busybox\nRUN exit 1", t="@@").error
    assert build.client.images.get(build.mark).id == first.image


# --- cancelled, and two at once


def running(build: Builder) -> set[str]:
    listed = build.client.api.containers(all=True)
    return {row["Id"] for row in listed if build.mark in row["Command"]}


def test_a_client_that_goes_away_ends_the_build(build: Builder) -> None:
    body = context({"Dockerfile": build.marked("FROM busybox\nRUN echo @@; sleep 600\nRUN x @@")})
    with build.request(body, rm=1, forcerm=1) as answer:
        seen = b""
        while f'{build.mark}\\n"'.encode() not in seen:
            piece = answer.readline()
            assert piece, seen
            seen += piece
        assert running(build)
        assert answer.fp is not None
        answer.close()
    end = time.monotonic() + 60
    while running(build):
        assert time.monotonic() < end, "the container is still there"
        time.sleep(0.1)


def test_two_builds_at_once(build: Builder) -> None:
    results: dict[int, Built] = {}

    def one(number: int) -> None:
        results[number] = build(
            f"FROM busybox\nRUN echo @@ {number % 2}; sleep 0.3\nCOPY a /a\nRUN cat /a",
            {"a": f"{number}"},
            t=f"@@:{number}",
        )

    threads = [threading.Thread(target=one, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {n: built.error for n, built in results.items()} == dict.fromkeys(range(4), "")
    for number, built in results.items():
        assert build.read(built, "/a") == str(number).encode()


@pytest.mark.parametrize("line", ["RUN", "RUN --nosuch x", "RUN --network=none true"])
def test_what_run_refuses(build: Builder, line: str, engine: Engine) -> None:
    built = build(f"FROM busybox\n{line}")
    if line.startswith("RUN --network") and engine.embedded:
        assert not built.error
    else:
        assert built.error
        assert built.image == ""
