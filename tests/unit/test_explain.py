"""docker-py's errors become ours, with a hint."""

from __future__ import annotations

import docker.errors
import pytest
import requests

from dockerlab.client.explain import explained, hint_for, translate
from dockerlab.errors import ConflictHere, EngineRefused, EngineUnavailable, NotFoundHere


def refusal(status: int, message: str) -> docker.errors.APIError:
    response = requests.Response()
    response.status_code = status
    return docker.errors.APIError("x", response=response, explanation=message)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(404, NotFoundHere), (409, ConflictHere), (500, EngineRefused), (400, EngineRefused)],
)
def test_status_decides_the_kind(status: int, kind: type[EngineRefused]) -> None:
    ours = translate(refusal(status, "some words"))
    assert type(ours) is kind
    assert (ours.message, ours.status) == ("some words", status)


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("Container abc is not running", "docker start"),
        ("You cannot remove a running container abc. Stop the container before", "use -f"),
        ('Conflict. The container name "/x" is already in use by container', "name is taken"),
        ('exec: "foo": executable file not found in $PATH: unknown', "no such program"),
        ("Bind for 0.0.0.0:80 failed: port is already allocated", "port is taken"),
        ("conflict: unable to remove repository reference", "docker rm"),
        ("dial tcp: lookup registry-1.docker.io: no such host", "dockerlab images prepare"),
        ("Cannot connect to host x:443 [Name or service not known]", "dockerlab images prepare"),
        ("nobody expected this", ""),
    ],
)
def test_hints(message: str, hint: str) -> None:
    assert hint in hint_for(message)
    assert bool(hint) == bool(hint_for(message))


def test_a_lost_connection() -> None:
    for lost in (
        requests.exceptions.ConnectionError("gone"),
        requests.exceptions.ChunkedEncodingError("gone"),
        requests.exceptions.ReadTimeout("slow"),
    ):
        assert isinstance(translate(lost), EngineUnavailable)


def test_other_errors_pass_through() -> None:
    assert translate(ValueError("x")) is None
    with pytest.raises(ZeroDivisionError), explained():
        _ = 1 / 0
    with pytest.raises(KeyboardInterrupt), explained():
        raise KeyboardInterrupt


def test_as_a_decorator() -> None:
    @explained()
    def call() -> None:
        raise refusal(404, "No such container: x")

    with pytest.raises(NotFoundHere, match="No such container: x") as caught:
        call()
    assert "docker ps -a" in caught.value.hint
    assert caught.value.__suppress_context__
