"""Volumes, binds and tmpfs: what people type, judged by Docker Engine."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from commandline import CommandLine
from engines import Engine
from rawhttp import post

from dockerlab import wait_until

FILL = """
mkdir -p /data/sub && echo one > /data/sub/file && chmod 750 /data && chmod 4711 /data/sub/file
ln -s file /data/sub/link && ln /data/sub/file /data/hard && ln -s /data /link
mkdir -p /app/node_modules && echo image > /app/index.js && echo good > /app/node_modules/image
"""


@pytest.fixture
def image(docker: CommandLine, name: str) -> Iterator[str]:
    """An image with files in /data and /app, and with two VOLUMEs."""
    made, box = f"{name}-image", f"{name}-made"
    docker("run", "--name", box, "busybox", "sh", "-c", FILL)
    changes = ["-c", 'VOLUME ["/data", "/other"]', "-c", "WORKDIR /app"]
    assert docker("commit", *changes, box, made).code == 0
    docker("rm", box)
    yield made
    for container in docker("ps", "-aq", "--filter", f"ancestor={made}").out.split():
        docker("rm", "-fv", container)
    docker("rmi", made)


@pytest.fixture
def folder(engine: Engine) -> Iterator[Path]:
    """A folder of the host that containers may write to."""
    made = engine.shared_folder()
    yield made
    # Docker Engine's containers leave root's files in it.
    subprocess.run(["rm", "-rf", made], check=False)


def shown(docker: CommandLine, *words: str) -> str:
    """What ``docker run --rm`` prints; it must succeed."""
    done = docker("run", "--rm", *words)
    assert done.code == 0, done
    return done.out


def anonymous(docker: CommandLine, container: str, path: str) -> str:
    """The name of the volume at a path of a container."""
    template = f'{{{{range .Mounts}}}}{{{{if eq .Destination "{path}"}}}}{{{{.Name}}}}'
    return docker("inspect", container, "--format", template + "{{end}}{{end}}").out.strip()


def exists(docker: CommandLine, volume: str) -> bool:
    return docker("volume", "inspect", volume).code == 0


# ---- the volumes themselves


@pytest.mark.parametrize(
    ("volume", "words"),
    [
        ("a", "volume name is too short, names should be at least two alphanumeric characters"),
        ("a/b", '"a/b" includes invalid characters for a local volume name'),
        ("..", '".." includes invalid characters'),
        ("../x", "If you intended to pass a host directory, use absolute path"),
        ("x" * 300, "too long"),
    ],
)
def test_names_that_cannot_be(docker: CommandLine, volume: str, words: str) -> None:
    done = docker("volume", "create", volume)
    assert done.code == 1
    assert words in done.err


def test_making_twice_keeps_the_first(docker: CommandLine, name: str) -> None:
    assert docker("volume", "create", name, "--label", "a=b", "--label", "c").out == f"{name}\n"
    assert docker("volume", "create", name, "--label", "other=1").code == 0
    template = "{{json .Labels}} {{.Driver}} {{json .Options}} {{.Scope}}"
    done = docker("volume", "inspect", name, "--format", template)
    assert done.out == '{"a":"b","c":""} local null local\n'


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-d", "nosuch"], 'error looking up volume plugin nosuch: plugin "nosuch" not found'),
        (["-o", "bad=1"], 'invalid option: "bad"'),
        (["-o", "type=tmpfs"], 'missing required option: "device"'),
        (["-o", "device=/x"], 'missing required option: "type"'),
        (["-o", "o=bind"], 'missing required option: "device"'),
        (["-o", "size=10m"], "quota size requested but no quota support"),
    ],
)
def test_options_that_cannot_be(
    docker: CommandLine, name: str, options: list[str], words: str
) -> None:
    done = docker("volume", "create", name, *options)
    assert done.code == 1
    assert f"create {name}: {words}" in done.err
    assert not exists(docker, name)


def test_a_folder_of_the_host_by_a_name(docker: CommandLine, folder: Path, name: str) -> None:
    (folder / "file").write_text("host\n")
    options = ["-o", "type=none", "-o", "o=bind", "-o", f"device={folder}"]
    assert docker("volume", "create", name, *options).code == 0
    assert shown(docker, "-v", f"{name}:/d", "busybox", "cat", "/d/file") == "host\n"
    assert docker("volume", "rm", name).code == 0
    assert (folder / "file").read_text() == "host\n"


def test_a_volume_whose_folder_is_gone(docker: CommandLine, folder: Path, name: str) -> None:
    options = ["-o", "type=none", "-o", "o=bind", "-o", f"device={folder}/nowhere"]
    assert docker("volume", "create", name, *options).code == 0
    done = docker("run", "--name", name, "-v", f"{name}:/d", "busybox", "true")
    assert done.code in (125, 126, 127)
    assert "no such file or directory" in done.err


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["name={name}"], True),
        (["name=no{name}"], False),
        (["label=a"], True),
        (["label=a=b", "name={name}"], True),
        (["label=a=c"], False),
        (["driver=local", "name={name}"], True),
        (["driver=nosuch"], False),
        (["dangling=true", "name={name}"], True),
        (["dangling=false", "name={name}"], False),
    ],
)
def test_filters(docker: CommandLine, name: str, filters: list[str], found: bool) -> None:
    docker("volume", "create", name, "--label", "a=b")
    words = [word for text in filters for word in ("-f", text.format(name=name))]
    assert (name in docker("volume", "ls", "-q", *words).out.split()) is found


def test_bad_filters(docker: CommandLine) -> None:
    assert "Invalid filter 'nosuch'" in docker("volume", "ls", "-f", "nosuch=1").err
    assert "Invalid filter 'dangling=[maybe]'" in docker("volume", "ls", "-f", "dangling=maybe").err


def test_a_volume_in_use_stays(docker: CommandLine, name: str) -> None:
    docker("create", "--name", name, "-v", f"{name}:/d", "busybox", "true")
    for words in (["rm"], ["rm", "-f"]):
        done = docker("volume", *words, name)
        assert done.code == 1
        assert f"remove {name}: volume is in use - [" in done.err
    assert docker("rm", name).code == 0
    assert docker("volume", "rm", name).out == f"{name}\n"
    assert f"get {name}: no such volume" in docker("volume", "rm", name).err
    assert docker("volume", "rm", "-f", name).code == 0


def test_removing_what_is_dangling(docker: CommandLine, name: str) -> None:
    """``docker volume rm $(docker volume ls -qf dangling=true)``, of this test's volumes."""
    for number in "12":
        docker("volume", "create", f"{name}-{number}")
    docker("create", "--name", name, "-v", f"{name}-1:/d", "busybox", "true")
    mine = docker("volume", "ls", "-qf", "dangling=true", "-f", f"name={name}").out.split()
    assert mine == [f"{name}-2"]
    assert docker("volume", "rm", *mine).code == 0
    done = docker("volume", "rm")
    assert done.code == 1
    assert "requires at least 1 argument" in done.err


def test_pruning_by_version(engine: Engine, docker: CommandLine, name: str) -> None:
    """Up to 1.41 with the named ones, later without, unless all of them are asked for."""
    docker("volume", "create", name, "--label", name)
    docker("run", "--name", name, "--mount", f"dst=/d,volume-label={name}", "busybox", "true")
    unnamed = anonymous(docker, name, "/d")
    docker("rm", name)
    if not engine.embedded:
        assert sorted(pruned(engine, "1.41", {"label": [name]})) == sorted([name, unnamed])
        return
    assert pruned(engine, "1.42", {"label": [name]}) == [unnamed]
    assert pruned(engine, "1.44", {"label": [name], "all": ["true"]}) == [name]


def pruned(engine: Engine, version: str, filters: dict[str, list[str]]) -> list[str]:
    query = quote(json.dumps(filters))
    _, answer = post(engine.url, f"/v{version}/volumes/prune?filters={query}", b"")
    return answer["VolumesDeleted"]


# ---- asking for mounts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rel/x:/d", 'create rel/x: "rel/x" includes invalid characters'),
        ("~/x:/d", 'create ~/x: "~/x" includes invalid characters'),
        ("{name}:d", "invalid mount path: 'd' mount path must be absolute"),
        ("{name}:/", "invalid specification: destination can't be '/'"),
        ("{name}:/d:zz", "invalid mode: zz"),
        ("{name}:/d:ro,rw", "invalid mode: ro,rw"),
        ("{name}:/d:shared", 'config for type "volume": field BindOptions must not be specified'),
        ("/tmp:/d:nocopy", 'config for type "bind": field VolumeOptions must not be specified'),
        ("/tmp:/d:bogus", "invalid mode: bogus"),
    ],
)
def test_refused_after_v(docker: CommandLine, name: str, text: str, words: str) -> None:
    done = docker("run", "--rm", "-v", text.format(name=name), "busybox", "true")
    assert done.code == 125
    assert words in done.err
    assert docker("ps", "-aq", "--filter", f"volume={name}").out == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("type=bind,src=/nowhere/x,dst=/d", "bind source path does not exist: /nowhere/x"),
        ("type=bind,src=rel,dst=/d", "invalid mount path: 'rel' mount path must be absolute"),
        ("type=bind,dst=/d", "field Source must not be empty"),
        ("src={name}", "target is required"),
        ("src={name},dst=d", "invalid mount path: 'd' mount path must be absolute"),
        ("src={name},dst=/", "invalid specification: destination can't be '/'"),
        ("src=a,dst=/d", "create a: volume name is too short"),
        ("src=a/b,dst=/d", '"a/b" includes invalid characters'),
        ("type=foo,dst=/d", 'invalid mount config for type "foo": mount type unknown'),
        ("type=tmpfs,src={name},dst=/d", "field Source must not be specified"),
        ("type=bind,src=/tmp,dst=/d,bind-propagation=zzz", "invalid propagation mode: zzz"),
        ("type=bind,src=/tmp,dst=/d,volume-nocopy", "cannot mix 'volume-*' options with mount"),
        ("type=volume,dst=/d,tmpfs-size=1m", "cannot mix 'tmpfs-*' options with mount type"),
    ],
)
def test_refused_after_mount(docker: CommandLine, name: str, text: str, words: str) -> None:
    done = docker("run", "--rm", "--mount", text.format(name=name), "busybox", "true")
    assert done.code == 125
    assert words in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["-v", "{name}:/d", "-v", "/tmp:/d"],
        ["-v", "{name}:/d", "--mount", "src={name},dst=/d"],
        ["-v", "{name}:/d", "--tmpfs", "/d"],
        ["-v", "{name}:/d/", "-v", "/tmp:/d"],
    ],
)
def test_two_mounts_at_one_place(docker: CommandLine, name: str, words: list[str]) -> None:
    done = docker("run", "--rm", *(word.format(name=name) for word in words), "busybox", "true")
    assert done.code == 125
    assert "Duplicate mount point: /d" in done.err


def test_a_folder_that_is_not_there_is_made(docker: CommandLine, folder: Path) -> None:
    shown(docker, "-v", f"{folder}/a/b:/d", "busybox", "true")
    assert (folder / "a" / "b").is_dir()


def test_folders_on_the_way_to_a_mount_are_open_to_all(
    docker: CommandLine, folder: Path, name: str
) -> None:
    (folder / "one").write_text("hi\n")
    mounts = ("-v", f"{name}:/on/the/way", "-v", f"{folder}/one:/in/one")
    ask = "cat /in/one; stat -c '%a %n' /on /on/the /in /at /at/work"
    said = docker(
        "run", "--rm", "-u", "1234", *mounts, "-w", "/at/work", "busybox", "sh", "-c", ask
    )
    assert said.code == 0, said.err
    assert said.out.splitlines() == [
        *("hi", "755 /on", "755 /on/the", "755 /in", "755 /at", "755 /at/work")
    ]


@pytest.mark.parametrize("file", ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf"])
def test_a_read_only_container_cannot_write_its_names(docker: CommandLine, file: str) -> None:
    ask = f"cat {file} >/dev/null && echo read; echo x >> {file} || echo refused"
    assert docker("run", "--rm", "busybox", "sh", "-c", ask).out == "read\n"
    said = docker("run", "--rm", "--read-only", "busybox", "sh", "-c", ask)
    assert said.out == "read\nrefused\n"


def test_one_file(docker: CommandLine, folder: Path) -> None:
    (folder / "file").write_text("host\n")
    (folder / "file").chmod(0o666)
    command = "cat /etc/dltest.conf && echo container > /etc/dltest.conf"
    mount = f"{folder}/file:/etc/dltest.conf"
    assert shown(docker, "-v", mount, "busybox", "sh", "-c", command) == "host\n"
    assert (folder / "file").read_text() == "container\n"


@pytest.mark.parametrize("flag", ["-v", "--mount"])
def test_read_only(docker: CommandLine, folder: Path, name: str, flag: str) -> None:
    where = {"-v": [f"{folder}:/b:ro", f"{name}:/v:ro"]}.get(
        flag, [f"type=bind,src={folder},dst=/b,readonly", f"src={name},dst=/v,readonly"]
    )
    command = "touch /b/x; touch /v/x; echo done"
    words = [word for text in where for word in (flag, text)]
    done = docker("run", "--rm", *words, "busybox", "sh", "-c", command)
    assert done.out == "done\n"
    assert done.err.count("touch: /") == 2
    assert os.listdir(folder) == []


def test_tmpfs(docker: CommandLine) -> None:
    command = "ls -ld /t | cut -c1-10; ls -ld /u | cut -c1-10; touch /t/x /u/x && echo wrote"
    words = ["--tmpfs", "/t:size=1m,mode=700", "--mount", "type=tmpfs,dst=/u,tmpfs-mode=1777"]
    done = shown(docker, *words, "busybox", "sh", "-c", command)
    assert done == "drwx------\ndrwxrwxrwt\nwrote\n"


@pytest.mark.parametrize("words", [["--tmpfs", "/t:ro"], ["--mount", "type=tmpfs,dst=/t,readonly"]])
def test_a_tmpfs_that_cannot_be_written(docker: CommandLine, words: list[str]) -> None:
    done = docker("run", "--rm", *words, "busybox", "touch", "/t/x")
    assert done.code == 1


@pytest.mark.parametrize("text", ["/t:bogus", "t", "/", "/t:size=zz"])
def test_a_tmpfs_that_cannot_be(docker: CommandLine, text: str) -> None:
    assert docker("run", "--rm", "--tmpfs", text, "busybox", "true").code == 125


# ---- what the image has there

LIST = "cd /data && ls -l . sub | sed 's/  */ /g' | cut -d' ' -f1,2,9- | grep -v total"


def test_a_new_volume_begins_as_in_the_image(docker: CommandLine, image: str, name: str) -> None:
    inside = shown(docker, "--entrypoint", "sh", image, "-c", LIST)
    assert "-rws--x--x 2 hard" in inside
    assert "-rws--x--x 2 file" in inside
    named = shown(docker, "-v", f"{name}:/data", image, "sh", "-c", LIST + "; ls -ld /data")
    assert named.startswith(inside)
    assert "drwxr-x---" in named.splitlines()[-1]
    shown(docker, "-v", f"{name}:/data", image, "rm", "/data/sub/file")
    # Only an empty volume is filled.
    assert shown(docker, "-v", f"{name}:/data", image, "ls", "/data/sub") == "link\n"


def test_owners_are_kept(docker: CommandLine, engine: Engine, image: str, name: str) -> None:
    if engine.kind.endswith("-user"):
        pytest.skip("an ordinary user's engine has one owner for all files")
    docker("run", "--name", name, "busybox", "sh", "-c", "mkdir /o && chown 1234:4321 /o")
    docker("commit", name, f"{name}-owned")
    try:
        out = shown(docker, "-v", "/o", f"{name}-owned", "stat", "-c", "%u:%g", "/o")
        assert out == "1234:4321\n"
    finally:
        docker("rmi", f"{name}-owned")


def test_nocopy_and_binds_and_tmpfs_begin_empty(
    docker: CommandLine, folder: Path, image: str, name: str
) -> None:
    for words in (
        ["-v", f"{name}:/data:nocopy"],
        ["--mount", f"src={name}-2,dst=/data,volume-nocopy"],
        ["-v", f"{folder}:/data"],
        ["--tmpfs", "/data"],
        ["--mount", "type=tmpfs,dst=/data"],
    ):
        assert shown(docker, *words, image, "ls", "-A", "/data") == "", words


def test_a_volume_on_a_link(docker: CommandLine, image: str, name: str) -> None:
    command = "ls /link/ && touch /link/new && ls /data"
    out = shown(docker, "-v", f"{name}:/link", image, "sh", "-c", command)
    assert out == "hard\nsub\nhard\nnew\nsub\n"


def test_a_volume_inside_a_volume(docker: CommandLine, image: str, name: str) -> None:
    command = "ls /data /data/sub; touch /data/outer /data/sub/inner"
    out = shown(docker, "-v", f"{name}:/data/sub", image, "sh", "-c", command)
    assert out == "/data:\nhard\nsub\n\n/data/sub:\nfile\nlink\n"
    assert shown(docker, "-v", f"{name}:/d", "busybox", "ls", "/d") == "file\ninner\nlink\n"


@pytest.mark.parametrize("first", ["bind", "volume"])
@pytest.mark.parametrize("made", [True, False], ids=["folder there", "folder not there"])
def test_node_modules_out_of_the_image(
    docker: CommandLine, folder: Path, image: str, first: str, made: bool
) -> None:
    """The bind hides the image's /app; the volume brings one folder of it back."""
    (folder / "index.js").write_text("host\n")
    if made:
        (folder / "node_modules").mkdir()
        (folder / "node_modules" / "host").touch()
    words = ["-v", f"{folder}:/app", "-v", "/app/node_modules"]
    words = words if first == "bind" else words[2:] + words[:2]
    command = "cat index.js; ls; ls node_modules; touch node_modules/new"
    out = shown(docker, *words, image, "sh", "-c", command)
    assert out == "host\nindex.js\nnode_modules\nimage\n"
    inside = sorted(os.listdir(folder / "node_modules"))
    assert inside == (["host"] if made else [])


# ---- whose volumes they are


def test_two_containers_share(docker: CommandLine, name: str) -> None:
    loop = "while [ ! -e /d/said ]; do sleep 0.1; done; cat /d/said"
    docker("run", "-d", "--name", name, "-v", f"{name}:/d", "busybox", "sh", "-c", loop)
    shown(docker, "-v", f"{name}:/e", "busybox", "sh", "-c", "echo hi > /e/x && mv /e/x /e/said")
    assert docker("wait", name).out == "0\n"
    assert docker("logs", name).out == "hi\n"


def test_the_volumes_of_another_container(
    docker: CommandLine, folder: Path, image: str, name: str
) -> None:
    (folder / "file").touch()
    lender = f"{name}-lender"
    docker("create", "--name", lender, "-v", f"{name}:/data", "-v", f"{folder}:/b:ro", image)
    command = "ls /data /b; touch /data/new; touch /b/new"
    done = docker("run", "--rm", "--volumes-from", lender, "busybox", "sh", "-c", command)
    assert done.out == "/b:\nfile\n\n/data:\nhard\nsub\n"
    assert done.code == 1, "/b is read-only"
    for mode, path in (("ro", "/data/x"), ("ro", "/other/x"), ("rw", "/b/x")):
        borrowed = f"{lender}:{mode}"
        assert docker("run", "--rm", "--volumes-from", borrowed, "busybox", "touch", path).code == 1
    own = ["--volumes-from", lender, "-v", f"{name}-own:/data"]
    assert shown(docker, *own, "busybox", "ls", "/data") == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{name}:zz", "invalid mode: zz"),
        ("nosuch-{name}", "No such container: nosuch-"),
        ("", "volumes-from specification cannot be an empty string"),
    ],
)
def test_volumes_that_cannot_be_borrowed(
    docker: CommandLine, name: str, text: str, words: str
) -> None:
    docker("create", "--name", name, "busybox", "true")
    text = text.format(name=name)
    done = docker("run", "--rm", "--volumes-from", text, "busybox", "true")
    assert done.code == 125
    assert words in done.err


def test_rm_v_takes_the_anonymous_ones_of_nobody_else(docker: CommandLine, name: str) -> None:
    docker("create", "--name", name, "-v", "/anon", "-v", f"{name}:/named", "busybox", "true")
    volume, other = anonymous(docker, name, "/anon"), f"{name}-other"
    docker("create", "--name", other, "--volumes-from", name, "busybox", "true")
    docker("rm", "-v", name)
    assert exists(docker, volume)
    docker("rm", "-v", other)
    assert not exists(docker, volume)
    assert exists(docker, name)


def test_rm_without_v_leaves_them(docker: CommandLine, name: str) -> None:
    docker("create", "--name", name, "-v", "/anon", "busybox", "true")
    volume = anonymous(docker, name, "/anon")
    docker("rm", name)
    assert exists(docker, volume)
    docker("volume", "rm", volume)


def test_a_container_with_rm_takes_its_anonymous_ones_along(docker: CommandLine, name: str) -> None:
    words = ["-v", "/anon", "-v", f"{name}:/named", "busybox", "sleep", "600"]
    docker("run", "-d", "--rm", "--name", name, *words)
    volume = anonymous(docker, name, "/anon")
    assert "volume is in use" in docker("volume", "rm", volume).err
    docker("kill", name)
    wait_until(lambda: docker("container", "inspect", name).code == 1, what="its removal")
    assert not exists(docker, volume)
    assert docker("volume", "rm", name).code == 0


def test_the_volume_of_one_that_has_ended(docker: CommandLine, name: str) -> None:
    docker("run", "-d", "--name", name, "-v", f"{name}:/d", "busybox", "true")
    docker("wait", name)
    assert "volume is in use" in docker("volume", "rm", name).err
    docker("rm", name)
    assert docker("volume", "rm", name).code == 0
