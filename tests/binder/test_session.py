"""A session on Binder, as far as one machine can show it.

repo2docker's image, started as Binder starts it: as uid 1000 in a container without capabilities
or new privileges, under Docker's own seccomp profile, with 2 GB of memory, one processor, a system
that is read-only and no route out. Home, /tmp and nothing else can be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import docker
import pytest
from books import EDITIONS, NAMES, START

from tests.binder.image import Image
from tests.binder.session import BASE, Session
from tests.binder.usage import Usage, watched

# Each chapter in one language: the code is the same in both.
BOOKS = [START, *(f"{EDITIONS[at % 2]}/{name}" for at, name in enumerate(NAMES))]
CELL_SECONDS, BOOK_SECONDS = 300, 900
NBVAL = [
    *("env", "DOCKERLAB_QUIET=1", "python", "-m", "pytest", "-q"),
    *("--nbval", f"--nbval-cell-timeout={CELL_SECONDS}"),
    *("--nbval-sanitize-with", "tests/course/sanitize.cfg", "-p", "no:cacheprovider"),
    *("-c", "/dev/null", "--rootdir", "notebooks", "--color=no"),
]
NAME = "import socket; socket.getaddrinfo('www.example.com', 80)"
WEB = """
import dockerlab
lab = dockerlab.connect(quiet=True)
serve = "echo Served > /tmp/index.html; exec httpd -f -h /tmp"
web = lab.run("busybox", ["sh", "-c", serve], name="page", ports=["8080:80"], detach=True)
lab.open(web)
"""

pytestmark = pytest.mark.timeout(600)


def test_it_has_no_privilege_and_finds_no_name(session: Session) -> None:
    code, said = session.run(
        "grep", "-E", "^(Uid|CapBnd|CapEff|NoNewPrivs|Seccomp):", "/proc/1/status"
    )
    assert code == 0
    facts = dict(line.split(":\t", 1) for line in said.splitlines())
    assert int(facts["CapBnd"], 16) == int(facts["CapEff"], 16) == 0
    assert (facts["NoNewPrivs"], facts["Seccomp"]) == ("1", "2")
    assert set(facts["Uid"].split()) == {"1000"}
    assert "Read-only file system" in session.run("touch", "/usr/lib/here")[1]
    assert "socket.gaierror" in session.run("python", "-c", NAME)[1]


def test_it_runs_containers_by_proot_with_all_images_there(session: Session) -> None:
    assert "proot" in session.run("docker", "info", "--format", "{{.Labels}}")[1]
    assert "missing" not in session.run("dockerlab", "images", "list")[1]


def test_docker_itself_works_in_a_terminal(session: Session) -> None:
    shown = session.terminal(
        "docker run --rm --name told alpine echo hi", "docker ps --all --filter name=told"
    )
    assert re.search(r"hi\r?\nover-0-0", shown), shown
    assert re.search(r"CONTAINER ID .*\r?\nover-1-0", shown), shown


@pytest.fixture
def link(session: Session) -> Iterator[str]:
    """The address of a container's page that a notebook shows in this session."""
    *_, shown = session.cell(WEB)
    found = re.search(r'iframe src="([^"]+)"', str(shown))
    assert found, shown
    yield found[1]
    assert session.run("docker", "rm", "--force", "page")[0] == 0


def test_a_published_port_opens_under_the_base_url(session: Session, link: str) -> None:
    assert link == f"{BASE}proxy/8080/"
    assert session.ask(link) == "Served\n"
    assert "Served" not in session.ask(link, token="another")


@pytest.mark.timeout(BOOK_SECONDS + 120)
@pytest.mark.parametrize("name", BOOKS)
def test_a_chapter_gives_what_is_stored(
    session: Session, client: docker.DockerClient, figures: dict[str, Usage], name: str
) -> None:
    with watched(client.api, session.container.id) as figures[name]:
        code, said = session.run("timeout", str(BOOK_SECONDS), *NBVAL, f"notebooks/{name}")
    assert code == 0, said[-6000:]
    session.container.reload()
    assert not session.container.attrs["State"]["OOMKilled"]


def test_an_image_holds_no_session(image: Image) -> None:
    """What postBuild made lies beside the environment: a hub's volume may cover the home."""
    assert (image.folder / "environment" / "share" / "dockerlab" / "images").is_dir()
