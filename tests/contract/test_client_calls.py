"""What people type: docker's words, exit codes and output, told as short stories.

Each line of a story is a command of the real docker command line, the exit code and a pattern of
what it must say (on either stream). BOX is a name of the test's own, DIR a folder that
containers may use. Docker Engine is the judge: every story runs on it too.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from commandline import CommandLine, Done
from engines import Engine

Line = tuple[str, int, str]
ID, SHORT = "^[0-9a-f]{64}$", "^[0-9a-f]{12}$"
TICK = "alpine sh -c 'while true; do echo tick; sleep 1; done'"
NOTHING = r"\A\Z"
NOWHERE = "127.0.0.1:1/dltest"
"""An image in a registry that nobody runs."""

STORIES: dict[str, list[Line]] = {
    "run": [
        ("run --rm alpine echo hi", 0, r"\Ahi\n\Z"),
        ("run --rm alpine sh -c 'exit 3'", 3, NOTHING),
        ("run --rm alpine nosuchcmd", 127, r"executable file not found in \$PATH"),
        ("run --rm hello-world ls", 127, r"executable file not found in \$PATH"),
        ("run --rm alpine /etc/passwd", 126, "permission denied"),
        ("run --rm --nosuchflag alpine", 125, "unknown flag"),
        (f"run --rm {NOWHERE}", 125, f"Unable to find image '{NOWHERE}:latest' locally"),
        ("run --rm -e A=b alpine sh -c 'echo $A'", 0, r"\Ab\n\Z"),
        ("run --rm -w /tmp alpine pwd", 0, r"\A/tmp\n\Z"),
        ("run --rm --entrypoint echo alpine x", 0, r"\Ax\n\Z"),
        ("run --rm --init alpine echo inside", 0, r"\Ainside\n\Z"),
        ("run --rm --group-add 1234 alpine id -G", 0, r"\b1234\b|--group-add has no effect here"),
        ("run --rm --tmpfs /t:size=1m alpine df /t", 0, " /t$|size of a tmpfs is not limited here"),
        ("run --rm -v DIR:/b:ro alpine ls /b", 0, r"\ADockerfile\nfile\n\Z"),
        ("run --name BOX alpine true", 0, NOTHING),
        ("run --name BOX alpine true", 125, "is already in use by container"),
    ],
    "lists": [
        (
            "run -d --name BOX -p 127.0.0.1::8080 -v BOX:/data -e A=b --label course=BOX " + TICK,
            0,
            ID,
        ),
        ("ps", 0, "^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n"),
        ("ps -a", 0, r"^\w{12} +alpine +\"sh -c 'while true; …\" .* Up .*->8080/tcp +BOX$"),
        ("ps -aq --filter label=course=BOX --filter status=running", 0, SHORT),
        ("ps -aq --filter label=course=BOX --filter status=exited", 0, NOTHING),
        ("ps -s --filter name=BOX", 0, r" +NAMES +SIZE\n.* +BOX +\d+k?B \(virtual [\d.]+MB\)$"),
        ("ps -l", 0, r"\A.*NAMES\n.* BOX\n\Z"),
        ("ps --filter nosuch=x", 1, "[Ii]nvalid filter"),
        ("port BOX", 0, r"^8080/tcp -> 127\.0\.0\.1:\d+$"),
        ("kill BOX", 0, "^BOX$"),
        ("ps", 0, r"\A(?!.* BOX$)"),
        ("ps -a", 0, r"Exited \(137\).* BOX$"),
    ],
    "looking into a container": [
        (f"run -d --name BOX -v BOX:/data {TICK}", 0, ID),
        ("exec BOX echo hi", 0, r"\Ahi\n\Z"),
        ("exec -e X=1 -w /tmp BOX sh -c 'echo $X$PWD; exit 4'", 4, r"\A1/tmp\n\Z"),
        ("exec -d BOX touch /new-file", 0, NOTHING),
        ("exec BOX nosuchcmd", 126, "executable file not found"),
        ("exec BOX sh -c 'until test -f /new-file; do sleep 0.1; done'", 0, NOTHING),
        ("diff BOX", 0, "^A /new-file$"),
        ("logs BOX", 0, r"\Atick\n"),
        ("logs --tail 1 -t BOX", 0, r"\A\d{4}-\d\d-\d\dT[\d:.]+Z tick\n\Z"),
        ("logs --since 5s BOX", 0, r"\Atick\n"),
        ("logs --since 2100-01-01 BOX", 0, NOTHING),
        ("stats --no-stream BOX", 0, r"\ACONTAINER ID +NAME +CPU %.*PIDS\n\w{12} +BOX +[\d.]+%"),
        ("stats --no-stream", 0, r"^\w{12} +BOX +[\d.]+%"),
        ("top BOX", 0, r"\A.*PID.*\n.*while true"),
        ("top BOX -o pid,comm", 0, r"\APID +COMMAND\n\d+ +sh\n"),
        ("inspect BOX", 0, '"Name": "/BOX"'),
        ("inspect -s BOX", 0, '"SizeRw": [0-9]+'),
        ("inspect --format {{.State.Status}} BOX", 0, r"\Arunning\n\Z"),
        ("container inspect BOX", 0, '"Status": "running"'),
        ("cp DIR/file BOX:/tmp/", 0, ""),
        ("exec BOX cat /tmp/file", 0, r"\Afrom the host\n\Z"),
        ("cp BOX:/etc/passwd DIR/passwd", 0, ""),
        ("cp BOX:/tmp/file -", 0, r"\0from the host\n\0"),
        ("cp BOX:/nosuch DIR", 1, "Could not find the file /nosuch in container BOX"),
        ("rm -f BOX", 0, "^BOX$"),
        ("inspect BOX", 0, '"Mountpoint": '),  # the volume
        ("volume rm BOX", 0, "^BOX$"),
        ("inspect BOX", 1, "No such object: BOX"),
    ],
    "the life of a container": [
        ("create --name BOX alpine sh -c \"trap 'exit 0' TERM; sleep 50 & wait\"", 0, ID),
        ("start BOX", 0, "^BOX$"),
        ("pause BOX", 0, "^BOX$"),
        ("pause BOX", 1, "is already paused"),
        ("exec BOX true", 1, "is paused, unpause the container before exec"),
        ("unpause BOX", 0, "^BOX$"),
        ("restart -t 1 BOX", 0, "^BOX$"),
        ("stop -t 1 BOX", 0, "^BOX$"),
        ("stop BOX", 0, "^BOX$"),
        ("start BOX", 0, "^BOX$"),
        ("start BOX", 0, "^BOX$"),
        ("rename BOX BOX-b", 0, NOTHING),
        (
            "update --memory 64m --memory-swap 128m --restart on-failure:3 BOX-b",
            0,
            "^BOX-b$",
        ),
        ("inspect -f {{.HostConfig.RestartPolicy}} BOX-b", 0, r"^\{on-failure 3\}$"),
        ("rm BOX-b", 1, "running container"),
        ("kill -s KILL BOX-b", 0, "^BOX-b$"),
        ("wait BOX-b", 0, r"\A137\n\Z"),
        ("kill BOX-b", 1, "is not running"),
        ("exec BOX-b true", 1, "is not running"),
        ("rm BOX-b", 0, "^BOX-b$"),
        ("rm BOX-b", 1, "No such container: BOX-b"),
    ],
    "started attached": [
        ("create --name BOX alpine sh -c 'echo started; exit 3'", 0, ID),
        ("start -a BOX", 3, r"\Astarted\n\Z"),
        ("start -ai BOX", 3, r"\Astarted\n\Z"),
        ("logs BOX", 0, r"\Astarted\nstarted\n\Z"),
        ("run -d --name BOX-b alpine sleep 100", 0, ID),
        ("rm -fv BOX BOX-b", 0, r"\A(BOX(-b)?\n){2}\Z"),
    ],
    "images": [
        ("images", 0, r"\AREPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n"),
        ("images -a", 0, "^alpine +latest +[0-9a-f]{12} +.* ago +[0-9.]+MB$"),
        ("images alpine", 0, r"\A.*\n(alpine .*\n)+\Z"),
        ("image ls --filter dangling=true --filter label=course=BOX -q", 0, NOTHING),
        ("inspect alpine", 0, '"alpine:latest"'),
        ("image inspect alpine:latest --format {{.Os}}", 0, r"\Alinux\n\Z"),
        ("image inspect dltest-nothing", 1, "No such image: dltest-nothing"),
        ("history redis", 0, r"\AIMAGE +CREATED +CREATED BY +SIZE +COMMENT\n.*\n"),
        ("history --no-trunc redis", 0, r"^sha256:[0-9a-f]{64} "),
        ("create --name BOX alpine true", 0, ID),
        ('commit -m msg -c \'CMD ["echo", "committed"]\' BOX BOX:c1', 0, "^sha256:"),
        ("run --rm BOX:c1", 0, r"\Acommitted\n\Z"),
        ("tag BOX:c1 BOX:c2", 0, NOTHING),
        ("save -o DIR/img.tar BOX:c1 BOX:c2", 0, NOTHING),
        ("rmi BOX:c1 BOX:c2", 0, r"\AUntagged: BOX:c1\nUntagged: BOX:c2\nDeleted: sha256:"),
        ("rmi BOX:c1", 1, "No such image: BOX:c1"),
        ("load -i DIR/img.tar", 0, r"^Loaded image: BOX:c1\nLoaded image: BOX:c2$"),
        ("load -q -i DIR/file", 1, "."),
        ("create --name BOX-b BOX:c1", 0, ID),
        ("rmi BOX:c1", 0, r"\AUntagged: BOX:c1\n\Z"),
        ("rmi BOX:c2", 1, "conflict: unable to remove repository reference"),
        ("export -o DIR/exp.tar BOX", 0, NOTHING),
        ("import DIR/exp.tar BOX:imported", 0, "^sha256:[0-9a-f]{64}$"),
        ("run --rm BOX:imported echo hi", 0, r"\Ahi\n\Z"),
        ("rmi -f BOX:imported", 0, r"\AUntagged: BOX:imported\nDeleted: "),
        ("rm BOX-b", 0, "^BOX-b$"),
        ("rmi BOX:c2", 0, "^Deleted: sha256:"),
        ("commit -c 'LABEL course=BOX' BOX BOX:c2", 0, "^sha256:"),
        ("image prune -af --filter label=course=BOX", 0, "^untagged: BOX:c2\n(.*\n)+^Total rec"),
        ("image inspect BOX:c2", 1, "No such image"),
        (f"pull {NOWHERE}:nosuch", 1, "connection refused|[Cc]onnect"),
        (f"search {NOWHERE}", 1, "connection refused|searches Docker Hub only"),
    ],
    "volumes": [
        ("volume create --label course=BOX BOX", 0, r"\ABOX\n\Z"),
        ("volume ls", 0, r"\ADRIVER +VOLUME NAME\n(.*\n)*local +BOX\n"),
        ("volume ls -q --filter label=course=BOX", 0, r"\ABOX\n\Z"),
        ("volume inspect BOX", 0, '"Mountpoint": '),
        ("run --rm -v BOX:/d alpine sh -c 'echo x > /d/f'", 0, NOTHING),
        ("run --rm --mount type=volume,src=BOX,dst=/d,readonly alpine cat /d/f", 0, r"\Ax\n\Z"),
        (
            "run --rm --mount type=volume,src=BOX,dst=/d,readonly alpine sh -c 'echo y > /d/f'",
            1,
            "can't create /d/f: ",
        ),
        ("run -d --name BOX -v BOX:/d alpine sleep 100", 0, ID),
        ("volume rm BOX", 1, "volume is in use"),
        ("cp DIR/file BOX:/d/", 0, ""),
        ("cp BOX:/d/f -", 0, r"\0x\n\0"),
        ("kill BOX", 0, ""),
        ("cp BOX:/d/file -", 0, r"\0from the host\n\0"),
        ("create --name BOX-b -v BOX:/srv/deep/d:ro alpine cat /srv/deep/d/file", 0, ID),
        ("cp BOX-b:/srv/deep/d -", 0, r"(?s)d/\0.*\0d/f\0"),
        ("cp DIR/file BOX-b:/srv/deep/d/", 1, "marked read-only"),
        ("cp DIR/file BOX-b:/srv/", 0, ""),
        ("start -a BOX-b", 0, r"\Afrom the host\n\Z"),
        ("volume prune -f --filter label=course=BOX", 0, r"\ATotal reclaimed space: 0B\n\Z"),
        ("rm -fv BOX BOX-b", 0, "^BOX$"),
        ("volume prune -f --filter label=course=BOX", 0, "^Deleted Volumes:\nBOX\n"),
        ("volume prune -af", 1, "requires API version 1.42"),
        ("volume rm BOX", 1, "no such volume"),
        ("volume inspect BOX", 1, "no such volume"),
    ],
    "networks": [
        ("network ls", 0, r"\ANETWORK ID +NAME +DRIVER +SCOPE\n(.*\n)*\w{12} +bridge +bridge"),
        ("network inspect bridge", 0, '"Driver": "bridge"'),
        ("inspect host", 0, '"Driver": "host"'),
        ("network rm bridge", 1, "pre-defined network"),
        ("network prune -f --filter label=course=BOX", 0, NOTHING),
        ("run --rm --network dltest-nothing alpine", 125, "network dltest-nothing not found"),
        ("network create --subnet 10.231.9.0/24 --label course=BOX BOX", 0, ID),
        ("network create BOX", 1, "network with name BOX already exists"),
        ("run -d --name BOX --network BOX --network-alias www --ip 10.231.9.7 alpine top", 0, ID),
        ("run --rm --network BOX alpine sh -c 'ping -c 1 -W 1 www; true'", 0, r"\(10\.231\.9\.7\)"),
        ("run --rm alpine sh -c 'ping -c 1 -W 1 BOX; true'", 0, "bad address"),
        ("run --rm --network container:BOX alpine hostname -i", 0, r"\A10\.231\.9\.7\n\Z"),
        ("network rm BOX", 1, "has active endpoints"),
        ("network disconnect BOX BOX", 0, NOTHING),
        ("network connect --alias two --ip 10.231.9.8 BOX BOX", 0, NOTHING),
        ("network connect BOX BOX", 1, "already exists in network BOX"),
        ("run --rm --network BOX alpine sh -c 'ping -c 1 -W 1 two; true'", 0, r"\(10\.231\.9\.8\)"),
        ("network prune -f --filter label=course=BOX", 0, NOTHING),
        ("rm -f BOX", 0, "^BOX$"),
        ("network prune -f --filter label=course=BOX", 0, r"\ADeleted Networks:\nBOX\n"),
        ("network inspect BOX", 1, "network BOX not found"),
    ],
    "the system": [
        ("version", 0, r"Server:(.*\n)+ +API version: +1\.41 "),
        ("info", 0, r"^Server:\n Containers: \d+\n"),
        ("system df", 0, r"\ATYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages .*\nContainers .*\nLo"),
        ("system df -v", 0, r"\AImages space usage:\n\n(.*\n)*Local Volumes space usage:\n"),
        ("run -d --name BOX --label course=BOX alpine sleep 100", 0, ID),
        ("create --name BOX-b --label course=BOX alpine", 0, ID),
        ("container prune -f --filter label=course=BOX", 0, f"^Deleted Containers:\n{ID[1:]}"),
        ("create --name BOX-b --label course=BOX alpine", 0, ID),
        (
            "system prune -f --filter label=course=BOX",
            0,
            f"^Deleted Containers:\n{ID[1:]}(.*\n)*Total reclaimed space: [0-9.]+[kMG]?B$",
        ),
        ("ps -a --filter label=course=BOX --format {{.Names}}", 0, r"\ABOX\n\Z"),
        ("image prune -f --filter label=course=BOX", 0, r"\ATotal reclaimed space: 0B\n\Z"),
        ("builder prune -f --filter until=9999h", 0, "Total reclaimed space|^Total:"),
    ],
}

LIMITS: list[tuple[str, int, str]] = [
    ("push alpine", 1, "The embedded engine does not push images"),
    ("login -u a -p b 127.0.0.1:1", 1, "The embedded engine cannot log in to a registry"),
    ("network create -d macvlan dltest-n", 1, "The embedded engine has no networks with the dri"),
    ("network create --ipv6 dltest-n", 1, "The embedded engine does not support IPv6 in networks"),
    ("swarm init", 1, "The embedded engine has no swarm mode"),
    (
        "run --rm --pid host alpine true",
        125,
        "The embedded engine does not support sharing process",
    ),
]
"""What it cannot do (yet) it refuses by name."""


@pytest.fixture
def folder(engine: Engine) -> Path:
    folder = engine.shared_folder()
    (folder / "file").write_text("from the host\n")
    (folder / "Dockerfile").write_text("FROM alpine\n")
    return folder


def tell(docker: CommandLine, line: str, name: str, folder: Path) -> Done:
    return docker(*shlex.split(line.replace("BOX", name).replace("DIR", str(folder))))


@pytest.mark.parametrize("story", STORIES)
def test_story(docker: CommandLine, story: str, name: str, folder: Path) -> None:
    for line, code, pattern in STORIES[story]:
        done = tell(docker, line, name, folder)
        said = done.out + done.err
        assert done.code == code, f"docker {line} → {done.code}\n{said}"
        assert re.search(pattern.replace("BOX", name), said, re.M), f"docker {line}\n{said}"


@pytest.mark.parametrize(("line", "code", "words"), LIMITS)
def test_a_limit_is_said(
    docker: CommandLine, engine: Engine, line: str, code: int, words: str, name: str, folder: Path
) -> None:
    if not engine.embedded:
        pytest.skip("Docker Engine can")
    done = tell(docker, line, name, folder)
    assert (done.code, bool(re.search(words, done.out + done.err))) == (code, True), done
