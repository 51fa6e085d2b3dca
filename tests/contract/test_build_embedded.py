"""What Docker's classic builder refuses, and the embedded engine does as BuildKit would."""

from __future__ import annotations

import base64
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from buildlab import Builder, Entry, context, folder
from engines import Engine

BUILDKIT_ONLY = [
    ("RUN <<EOF\necho hi\nEOF", "dockerfile parse error line 3: unknown instruction: ECHO"),
    ("COPY <<EOF /a\nhi\nEOF", "dockerfile parse error line 3: unknown instruction: HI"),
    ("RUN --mount=type=cache,target=/c true", "the --mount option requires BuildKit."),
    ("COPY --chmod=755 a /a", "the --chmod option requires BuildKit."),
    ("ADD --chmod=755 a /a", "the --chmod option requires BuildKit."),
    ("RUN --network=none true", "dockerfile parse error line 2: Unknown flag: network"),
]


@pytest.mark.parametrize(("lines", "refusal"), BUILDKIT_ONLY, ids=[b[0] for b in BUILDKIT_ONLY])
def test_who_refuses_and_who_builds(
    build: Builder, engine: Engine, lines: str, refusal: str
) -> None:
    built = build(f"FROM busybox\n{lines}", {"a": "a"})
    if engine.embedded:
        assert not built.error
    else:
        assert built.error.startswith(refusal)


@pytest.fixture
def embedded(build: Builder, engine: Engine) -> Builder:
    if not engine.embedded:
        pytest.skip("Docker's classic builder has nothing of it")
    return build


def test_run_heredocs(embedded: Builder) -> None:
    built = embedded(
        "FROM busybox\nENV A=@@\nRUN <<EOF\necho one $A\nexit 0\necho two\nEOF\n"
        "RUN <<'END' cat > /x\nkept $A\nEND\nRUN cat <<-TAB && echo next\n\tin\n\tTAB"
    )
    assert f"one {embedded.mark}\n" in built.text
    assert "two" not in built.text.split("Step 4")[0].split("Running in")[-1]
    assert embedded.read(built, "/x") == b"kept $A\n"
    assert "in\nnext\n" in built.text


def test_run_heredocs_with_a_shebang(embedded: Builder) -> None:
    built = embedded("FROM busybox\nRUN <<EOF\n#!/bin/cat\n@@ as it is\nEOF")
    assert f"{embedded.mark} as it is\n" in built.text


def test_a_script_counts_for_the_cache(embedded: Builder) -> None:
    script = "FROM busybox\nLABEL a=@@\nRUN <<EOF\n#!/bin/sh\necho {} > /x\nEOF\n"
    first, again, edited = (embedded(script.format(word)) for word in ("one", "one", "two"))
    assert "Using cache" in again.text.split("Step 3")[1]
    assert "Using cache" not in edited.text.split("Step 3")[1]
    assert (embedded.read(first, "/x"), embedded.read(edited, "/x")) == (b"one\n", b"two\n")


TOLD_APART = [
    ("RUN --network=none true", "RUN true"),
    ("RUN --mount=type=tmpfs,target=/m,size=1m true", "RUN --mount=type=tmpfs,target=/m true"),
]


@pytest.mark.parametrize(("one", "other"), TOLD_APART, ids=[pair[0] for pair in TOLD_APART])
def test_steps_that_are_not_the_same(embedded: Builder, one: str, other: str) -> None:
    for line in (one, other):
        built = embedded(f"FROM busybox\nLABEL a=@@\n{line}")
        assert not built.error
        assert "Using cache" not in built.text.split("Step 3")[1]


def test_a_dockerfile_alone_does_not_choose_its_network(embedded: Builder) -> None:
    built = embedded("FROM busybox\nRUN --network=host echo @@")
    assert "only for builds that have the network of the host" in built.error
    said = []
    for flag in ("", "--network=default "):
        # Not veth…: with PRoot it is the machine's list, in which other tests' cards come and go.
        line = f"RUN {flag}echo @@ && cut -d: -f1 /proc/net/dev | grep -vE 'veth|br-'"
        built = embedded(f"FROM busybox\n{line}", networkmode="none", nocache=1)
        said.append(built.text.split(embedded.mark)[-1].split("Removing")[0])
        assert " lo\n" in said[-1]
    assert said[0] == said[1], "default: what the client asked for"


def test_a_quiet_build_keeps_the_end_of_what_was_said(embedded: Builder) -> None:
    much = "yes 0123456789 | head -c 9000000; echo the end @@; exit 3"
    built = embedded(f"FROM busybox\nRUN {much}", q=1)
    assert "returned a non-zero code: 3" in built.error
    assert f"the end {embedded.mark}\n" in built.text
    assert built.text.startswith("[only the last 4 MiB of the output were kept]\n")
    assert len(built.text) < 5 << 20


def test_a_bind_mount_of_nothing(embedded: Builder) -> None:
    built = embedded("FROM busybox\nRUN --mount=type=bind,source=no*,target=/m echo @@")
    assert "a bind mount is of one file or folder, and 0 match no*" in built.error


def test_a_failing_heredoc(embedded: Builder) -> None:
    built = embedded("FROM busybox\nENV A=@@\nRUN <<EOF\nfalse\nexit 7\nEOF")
    assert built.error.endswith("returned a non-zero code: 7")


def test_copy_heredocs(embedded: Builder) -> None:
    built = embedded(
        "FROM busybox\nENV A=@@\nCOPY <<one <<'two' a /o/\n1 $A\none\n2 $A\ntwo\n"
        "COPY <<x /p\nnamed\nx",
        {"a": "a"},
    )
    assert embedded.read(built, "/o/one") == embedded.marked("1 @@\n")
    assert embedded.read(built, "/o/two") == b"2 $A\n"
    assert embedded.read(built, "/p") == b"named\n"


def test_an_unclosed_heredoc(embedded: Builder) -> None:
    built = embedded("FROM busybox\nRUN true\nRUN <<EOF\necho hi\n")
    assert built.status == 400
    assert "line 3" in built.error
    assert "EOF" in built.advice


def test_chmod(embedded: Builder) -> None:
    built = embedded(
        "FROM busybox\nLABEL x=@@\nCOPY --chmod=750 d /o\nADD --chmod=0604 --chown=1:2 a /p",
        {"d/": folder(), "d/x": "x", "a": "a"},
    )
    assert stat.S_IMODE(embedded.tree(built, "/o")["o/x"].mode) == 0o750
    assert stat.S_IMODE(embedded.tree(built, "/p")["p"].mode) == 0o604
    assert embedded.owners(built) == {"p": (1, 2)}


@pytest.mark.parametrize("mode", ["u+x", "999", "-1", "77777"])
def test_a_bad_mode(embedded: Builder, mode: str) -> None:
    built = embedded(f"FROM busybox\nCOPY --chmod={mode} a /a", {"a": "a"})
    assert mode in built.error


def test_a_cache_mount_keeps_files_between_builds(embedded: Builder) -> None:
    line = "RUN --mount=type=cache,id=@@,target=/c echo {} >> /c/f; cat /c/f"
    embedded("FROM busybox\n" + line.format("one"))
    built = embedded("FROM busybox\n" + line.format("two"))
    assert "one\ntwo\n" in built.text
    assert embedded.run(built, "sh", "-c", "test -e /c/f || echo gone") == "gone\n"


def test_a_bind_mount_of_the_context(embedded: Builder) -> None:
    """It can be read; what is written to it does not come into the image."""
    line = "RUN --mount=target=/src cat /src/a > /b; echo @@ > /src/new; true"
    built = embedded(f"FROM busybox\n{line}", {"a": "a"})
    assert embedded.read(built, "/b") == b"a"
    assert embedded.run(built, "sh", "-c", "test -e /src/new || echo gone") == "gone\n"


def test_a_bind_mount_of_a_stage(embedded: Builder) -> None:
    built = embedded(
        "FROM busybox AS s\nRUN echo @@ > /a\n"
        "FROM busybox\nRUN --mount=from=s,source=/a,target=/t cat /t"
    )
    assert f"{embedded.mark}\n" in built.text


def test_a_tmpfs_mount(embedded: Builder) -> None:
    built = embedded("FROM busybox\nRUN --mount=type=tmpfs,target=/t echo @@ > /t/x && ls /t")
    assert "x\n" in built.text
    assert embedded.run(built, "sh", "-c", "test -e /t/x || echo gone") == "gone\n"


def test_a_secret(embedded: Builder) -> None:
    secrets = {"key": base64.b64encode(b"hush").decode()}
    built = embedded(
        "FROM busybox\nRUN --mount=type=secret,id=key echo @@ $(wc -c < /run/secrets/key)",
        secrets=secrets,
    )
    assert f"{embedded.mark} 4\n" in built.text
    listing = embedded.run(built, "sh", "-c", "cat /run/secrets/key 2>/dev/null || echo none")
    assert listing == "none\n"


def test_a_secret_for_somebody_else_than_root(embedded: Builder) -> None:
    secrets = {"key": base64.b64encode(b"hush").decode()}
    for options in ("uid=1234", "gid=1234,mode=0440"):  # as its owner, by its group
        mount = f"--mount=type=secret,id=key,{options}"
        lines = f"FROM busybox\nUSER 1234:1234\nRUN {mount} echo @@ $(cat /run/secrets/key)"
        built = embedded(lines, secrets=secrets)
        assert f"{embedded.mark} hush\n" in built.text, options


def test_a_secret_that_was_not_given(embedded: Builder) -> None:
    line = "RUN --mount=type=secret,id=key,required=true true"
    assert "key" in embedded(f"FROM busybox\n{line}").error


ADVICE = [
    ("FROM busybox\n\nRNU true", 3, "RUN"),
    ("FROM busybox\nENV A=1\nADD http://127.0.0.1:1/x /x", 3, ""),
    ("FROM busybox\nCOPY nosuch /x", 2, ""),
    ("FROM busybox\nCOPY --form=x a /x", 2, "from"),
    ("FROM busybox\nEXPOSE 70000", 2, ""),
]


@pytest.mark.parametrize(("dockerfile", "line", "word"), ADVICE, ids=[a[0] for a in ADVICE])
def test_errors_say_where_and_what_to_do(
    embedded: Builder, dockerfile: str, line: int, word: str
) -> None:
    built = embedded(dockerfile, {"a": Entry(b"a")})
    told = f"{built.error} {built.advice}"
    assert f"ine {line}" in told
    assert word in told


def test_the_syntax_directive_is_ignored_with_a_note(embedded: Builder) -> None:
    built = embedded("# syntax=docker/dockerfile:1\nFROM busybox\nENV A=@@")
    assert built.image


def test_steps_as_records(embedded: Builder) -> None:
    """What dockerlab asks for in its header; other clients see nothing of it."""
    body = context(
        {"Dockerfile": embedded.marked("FROM busybox\nENV A=@@\nRUN echo hi\nRUN exit 3")}
    )
    plain = embedded.send(body)
    assert not [record for record in plain.records if record.get("id") == "dockerlab.step"]
    told = embedded.send(body, {"X-Dockerlab-Trace": "1"})
    steps = [record["aux"] for record in told.records if record.get("id") == "dockerlab.step"]
    ended = [step for step in steps if step["status"] != "running"]
    assert [(s["number"], s["line"], s["status"]) for s in ended] == [
        (1, 1, "cached"),
        (2, 2, "cached"),
        (3, 3, "cached"),
        (4, 4, "failed"),
    ]
    assert ended[-1]["exit_code"] == 3


def test_a_prune_meanwhile_takes_nothing_away(embedded: Builder) -> None:
    lines = "FROM busybox\nENV A=@@\nRUN echo $A > /f\nENV B=1\nRUN sleep 1; cat /f\nRUN cat /f"
    with ThreadPoolExecutor(1) as pool:
        building = pool.submit(embedded, lines, t="@@")
        while not building.done():
            embedded.client.images.prune()
            time.sleep(0.05)
    built = building.result()
    assert not built.error
    assert embedded.read(built, "/f").strip() == embedded.mark.encode()
