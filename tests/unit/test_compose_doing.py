"""How a plan is done: in which order, how much at once, and what becomes of a failure."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from dockerlab.client.compose.doing.run import Doing, run
from dockerlab.client.compose.doing.waiting import NeverReady, Waiting
from dockerlab.client.compose.looking.lines import Lines, label
from dockerlab.client.compose.looking.state import Found
from dockerlab.client.compose.looking.status import states
from dockerlab.errors import ComposeFailed, DockerlabError
from dockerlab.formats.composed.plan import Plan, Progress, Step
from dockerlab.formats.composefile.model import Project, Service

SHOP = Project("shop", "/shop", services={"web": Service("web")})


class Wire:
    """Takes down what is called; ``takes`` and ``answers`` by path."""

    def __init__(self, takes: float = 0.0, **answers: Any) -> None:
        self.calls: list[str] = []
        self.at_once = self.most_at_once = 0
        self.takes = takes
        self.answers = answers
        self._lock = threading.Lock()

    def send(self, call: Any, **_: Any) -> Any:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.takes)
        with self._lock:
            self.at_once -= 1
            self.calls.append(call[1])
        answer = self.answers.get(call[1].strip("/"))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if answer is not None else {"Id": "id-of-" + call[1].strip("/")}

    def get(self, path: str, **_: Any) -> Any:
        return self.send(("GET", path, None))

    def raw(self, path: str, **_: Any) -> bytes:
        return b""


def step(id: str, *needs: str, action: str = "start container", **more: Any) -> Step:
    more.setdefault("call", ("POST", f"/{id}", None))
    return Step(id=id, action=action, target=id, needs=needs, **more)


def do(wire: Wire, *steps: Step, **more: Any) -> tuple[Progress, ...]:
    plan = Plan("up", "shop", tuple(steps))
    return run(Doing(wire, SHOP, plan, **more))  # type: ignore[arg-type]


def test_what_needs_another_comes_after_it() -> None:
    wire = Wire(0.01)
    do(wire, step("c", "b"), step("b", "a"), step("a"))
    assert wire.calls == ["/a", "/b", "/c"]


def test_what_does_not_runs_side_by_side_but_not_without_bound() -> None:
    wire = Wire(0.02)
    do(wire, *[step(f"s{n}") for n in range(40)])
    assert 2 <= wire.most_at_once <= 8
    assert len(wire.calls) == 40


def test_each_step_is_told_as_it_begins_and_ends() -> None:
    heard = do(Wire(), step("a", says=("Starting", "Started")), step("k", call=None))
    assert [(p.step.id, p.state, p.text) for p in heard if p.step.id == "a"] == [
        ("a", "working", "Container a  Starting"),
        ("a", "done", "Container a  Started"),
    ]
    assert [p.state for p in heard if p.step.id == "k"] == ["working", "done"]


def test_a_failure_ends_it_and_says_what_was_done() -> None:
    wire = Wire(b=DockerlabError("the port is taken", "take another"))
    with pytest.raises(ComposeFailed) as failed:
        do(wire, step("a"), step("b", "a"), step("c", "b"))
    assert wire.calls == ["/a", "/b"]
    assert failed.value.failed.id == "b"
    assert [one.id for one in failed.value.done] == ["a"]
    assert "take another" in failed.value.hint
    assert "started so far: a" in failed.value.hint
    assert "docker compose -p shop down" in failed.value.hint


def test_what_runs_is_let_finish_when_another_fails() -> None:
    slow = threading.Event()

    class Slow(Wire):
        def send(self, call: Any, **more: Any) -> Any:
            if call[1] == "/slow":
                time.sleep(0.2)
                slow.set()
            return super().send(call, **more)

    with pytest.raises(ComposeFailed):
        do(Slow(bad=DockerlabError("no")), step("slow"), step("bad"))
    assert slow.is_set()


def test_an_interrupt_lets_finish_what_runs_and_begins_no_more() -> None:
    wire = Wire(0.05)
    plan = Plan("up", "shop", (step("a"), step("b", "a"), step("c", "b")))

    def interrupted(progress: Progress) -> None:
        if progress.step.id == "b":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Doing(wire, SHOP, plan), interrupted)  # type: ignore[arg-type]
    assert wire.at_once == 0
    assert "/c" not in wire.calls


def test_ids_take_the_place_of_names_when_they_are_known() -> None:
    sent: list[Any] = []

    class Keeping(Wire):
        def send(self, call: Any, **more: Any) -> Any:
            sent.append(call)
            return super().send(call, **more)

    body = {"HostConfig": {"NetworkMode": "container:base"}, "Labels": {}}
    make = step("base", action="create container")
    side = Step(
        id="side",
        action="create container",
        target="side",
        service="web",
        call=("POST", "/side", body),
        needs=("base",),
        refers=("base",),
    )
    do(Keeping(), make, side)
    assert sent[1][2]["HostConfig"]["NetworkMode"] == "container:id-of-base"
    assert len(sent[1][2]["Labels"]["com.docker.compose.config-hash"]) == 64


# --- waiting ---


def wait(condition: str, *states: dict[str, Any], patience: float = 60) -> None:
    answers = [{"State": state} for state in states]
    look = Step("w", "wait", "shop-db-1", "db", call=("GET", "/w", None), condition=condition)
    Waiting(Wire(w=answers), look, threading.Event(), patience).wait()  # type: ignore[arg-type]


def health(status: str) -> dict[str, Any]:
    return {"Status": "running", "Health": {"Status": status}}


def test_healthy_in_the_end() -> None:
    wait("healthy", health("starting"), health("starting"), health("healthy"))


def test_ended_as_it_should() -> None:
    wait("completed successfully", {"Status": "running"}, {"Status": "exited", "ExitCode": 0})


def test_running_is_enough_without_a_check() -> None:
    wait("running or healthy", {"Status": "running"})


@pytest.mark.parametrize(
    ("condition", "state", "said"),
    [
        ("healthy", health("unhealthy"), "container shop-db-1 is unhealthy"),
        ("healthy", {"Status": "exited", "ExitCode": 3}, "container shop-db-1 exited (3)"),
        ("healthy", {"Status": "running"}, "has no healthcheck configured"),
        (
            "completed successfully",
            {"Status": "exited", "ExitCode": 2},
            'service "db" didn\'t complete successfully: exit 2',
        ),
    ],
)
def test_what_never_gets_ready_is_said_as_compose_does(
    condition: str, state: dict[str, Any], said: str
) -> None:
    with pytest.raises(NeverReady) as never:
        wait(condition, state)
    assert said in never.value.message


def test_patience_ends() -> None:
    with pytest.raises(NeverReady, match="waited 0.1 seconds for container shop-db-1"):
        wait("healthy", health("starting"), patience=0.1)


def test_a_dependency_that_is_no_must_holds_nobody_up() -> None:
    wait("healthy, if it can", health("unhealthy"))


# --- what is shown ---


def frame(stream: int, text: str) -> bytes:
    data = text.encode()
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def test_log_lines_have_their_time_and_stream() -> None:
    lines = Lines("web", "web-1", tty=False)
    stamp = "2026-01-02T03:04:05.5Z "
    found = [*lines.feed(frame(1, stamp + "hello\n") + frame(2, stamp + "oh\n")), *lines.end()]
    assert [(line.text, line.stream) for line in found] == [("hello", "out"), ("oh", "err")]
    assert found[0].at == pytest.approx(1767323045.5)


def test_a_long_line_in_pieces_is_one_line_and_an_endless_one_is_cut() -> None:
    lines = Lines("web", "web-1", tty=False)
    stamp = "2026-01-02T03:04:05Z "
    found = list(lines.feed(frame(1, stamp + "a" * 100) + frame(1, stamp + "b\n")))
    assert [line.text for line in found] == ["a" * 100 + "b"]
    endless = [list(lines.feed(frame(1, stamp + "x" * 16384))) for _ in range(10)]
    assert any(endless)


def test_a_terminals_log_has_no_frames() -> None:
    lines = Lines("web", "web-1", tty=True)
    found = [*lines.feed(b"2026-01-02T03:04:05Z one\r\n2026-01-02T03:04:06Z tw")]
    found += [*lines.feed(b"o\r\n"), *lines.end()]
    assert [line.text for line in found] == ["one", "two"]


def test_a_label_leaves_the_project_out() -> None:
    assert label("shop", "shop-web-1") == "web-1"
    assert label("shop", "own-name") == "own-name"


def test_the_state_of_every_service() -> None:
    row = {
        "Image": "app",
        "Ports": [
            {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
            {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        ],
        "NetworkSettings": {"Networks": {"shop_default": {"IPAddress": "172.18.0.2"}}},
    }
    up = Found("1" * 64, "shop-web-1", "web", status="Up 3 seconds (health: starting)", row=row)
    ended = Found("2" * 64, "shop-job-1", "job", state="exited", status="Exited (3) 1 second ago")
    project = Project("shop", "/", services={"web": Service("web"), "db": Service("db")})
    web, db, job = states(project, (up, ended), lambda _: "other")
    assert (web.service, db.service, job.service) == ("web", "db", "job")
    assert db.containers == ()
    one = web.containers[0]
    assert one.health == "starting"
    assert [str(port) for port in one.ports] == ["0.0.0.0:8080->80/tcp"]
    assert one.networks[0].address == "172.18.0.2"
    assert not one.current
    assert job.containers[0].exit_code == 3
