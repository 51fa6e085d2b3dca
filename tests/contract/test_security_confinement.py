"""What hostile images and programs try against the embedded engine, and do not get.

What only concerns PRoot is in test_proot_hostile.py.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
import tarfile

import pytest
from docker.client import DockerClient
from docker.errors import APIError
from engines import Engine

IMAGE = "alpine"
DESCRIPTORS = range(3, 32)


@pytest.fixture(autouse=True)
def embedded_only(engine: Engine) -> None:
    if not engine.embedded:
        pytest.skip("about the embedded engine")


def output(client: DockerClient, command: list[str], image: str = IMAGE, **options: object) -> str:
    """What it prints, or how the engine refuses it."""
    container = client.containers.create(image, command, **options)
    try:
        container.start()
        container.wait(timeout=30)
        return container.logs().decode(errors="replace")
    except APIError as error:
        return f"refused: {error.explanation}"
    finally:
        container.remove(force=True)


def test_a_working_directory_among_the_engines_descriptors(
    client: DockerClient, engine: Engine
) -> None:
    """As in runc's CVE-2024-21626: a folder of the host that was left open."""
    secret = engine.shared_folder() / "secret"
    secret.write_text("of the host")
    script = f"cat ../../../../../../../..{secret}; test -e {secret} && echo of the host"
    running = client.containers.run(IMAGE, ["sleep", "60"], detach=True)
    for number in DESCRIPTORS:
        folder = f"/proc/self/fd/{number}"
        assert "of the host" not in output(client, ["sh", "-c", script], working_dir=folder)
        text = running.exec_run(["sh", "-c", script], workdir=folder).output.decode()
        assert "of the host" not in text


def test_links_to_the_engines_descriptors(client: DockerClient, engine: Engine) -> None:
    """A volume's place that leads, by a link in the image, over an open folder to the host."""
    outside = engine.shared_folder()
    for number in DESCRIPTORS:
        image = f"dltest-link-{number}"
        script = f"ln -s /proc/self/fd/{number}/../../../../../../../..{outside} /way"
        maker = client.containers.create(IMAGE, ["sh", "-c", script])
        maker.start()
        maker.wait(timeout=30)
        maker.commit(image, "latest")
        maker.remove()
        try:
            output(client, ["true"], image, volumes={"dltest-v": {"bind": "/way/hole"}})
        finally:
            client.images.remove(image, force=True)
    assert os.listdir(outside) == []


@pytest.mark.parametrize("target", ["../run/names/of/systemd", "/etc/hosts"])
def test_name_files_over_links_of_the_image(client: DockerClient, target: str) -> None:
    """Many images have a resolv.conf that leads to where systemd would write it."""
    maker = client.containers.create(IMAGE, ["true"])
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        link = tarfile.TarInfo("etc/resolv.conf")
        link.type, link.linkname = tarfile.SYMTYPE, target
        tar.addfile(link)
    maker.put_archive("/", archive.getvalue())
    image = maker.commit("dltest-link")
    maker.remove()
    try:
        text = output(client, ["cat", "/etc/resolv.conf"], image.id)
    finally:
        client.images.remove(image.id, force=True)
    assert "nameserver" in text or "localhost" in text


@pytest.mark.parametrize("tty", [False, True])
def test_no_descriptor_is_left_open(client: DockerClient, tty: bool) -> None:
    command = ["sh", "-c", "for n in /proc/self/fd/*; do readlink $n; done"]
    running = client.containers.run(IMAGE, ["sleep", "60"], detach=True)
    for text in (
        output(client, command, tty=tty),
        running.exec_run(command, tty=tty).output.decode(),
        running.exec_run(command, tty=tty, privileged=True).output.decode(),
    ):
        assert "socket:" not in text
        assert len(text.split()) == 3, text


def test_the_engines_environment_stays_outside(client: DockerClient) -> None:
    for options in ({}, {"init": True}):
        script = "cat /proc/*/environ | tr '\\0' '\\n'; env"
        text = output(client, ["sh", "-c", script], **options)
        # PRoot, which a container can see where there is no Landlock, has them masked by "~".
        names = {line.partition("=")[0].lstrip("~") for line in text.splitlines() if "=" in line}
        names -= {"PROOT_TMP_DIR", "PROOT_LOADER"}  # of PRoot itself, which it can see
        assert names <= {"PATH", "HOSTNAME", "HOME", "PWD", "SHLVL", "_"}, text


REOPEN = """
import os, stat
file = os.open('/proc/self/exe', os.O_RDONLY)
mode = stat.S_IMODE(os.fstat(file).st_mode)
for change in (lambda: os.fchmod(file, mode), lambda: os.truncate(f'/proc/self/fd/{file}', 10**7),
               lambda: os.open(f'/proc/self/fd/{file}', os.O_WRONLY)):
    try: change(); print('changed')
    except OSError as error: print(error)
"""


def test_the_engines_python_cannot_be_changed(client: DockerClient, engine: Engine) -> None:
    """As in runc's CVE-2019-5736: what is executed is the program that was there before."""
    if engine.kind.startswith("proot"):
        pytest.skip("PRoot looks the program up among the container's files")
    assert "changed" not in output(client, ["/proc/self/exe", "-c", REOPEN], "python")


def test_the_hosts_devices_keep_their_modes(client: DockerClient) -> None:
    before = os.stat("/dev/null")
    # The mode that it has, so that nothing breaks should this go wrong.
    mode = f"{stat.S_IMODE(before.st_mode):o}"
    script = f"chmod {mode} /dev/null; echo x > /dev/null && echo usable"
    assert "usable\n" in output(client, ["sh", "-c", script])
    after = os.stat("/dev/null")
    assert (after.st_mode, after.st_ctime_ns) == (before.st_mode, before.st_ctime_ns)


WATCH = """
import os, sys, time
end = time.time() + 4
while time.time() < end:
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            if os.path.exists(f'/proc/{pid}/root{sys.argv[1]}'): print('of the host')
            for name in os.listdir(f'/proc/{pid}/fd'):
                if os.path.isdir(f'/proc/{pid}/fd/{name}'): print('a folder', name)
        except OSError: pass
print('end')
"""


def test_what_exec_starts_is_seen_only_when_it_is_inside(
    client: DockerClient, engine: Engine
) -> None:
    """A debugger may look at its container's processes; none may still have the host's root."""
    secret = engine.shared_folder() / "secret"
    secret.write_text("")
    container = client.containers.run(
        "python", ["python3", "-c", WATCH, str(secret)], cap_add=["SYS_PTRACE"], detach=True
    )
    while container.status != "exited":
        with contextlib.suppress(APIError):  # it has just ended
            container.exec_run(["true"])
        container.reload()
    assert set(container.logs().decode().splitlines()) <= {"end", "a folder 3"}
