"""Submissions that try everything, each in its box, as root and as an ordinary user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines import HERE, Unavailable, wanted
from sandboxlab import Grader, Result

NAMESPACES = [kind for kind in wanted() if kind.startswith("namespaces-")]
KINDS = [*NAMESPACES, *(["docker"] if "docker" in wanted() else [])]
same_everywhere = pytest.mark.parametrize("grader", NAMESPACES, indirect=True)
"""For what depends on nothing that differs in a container, where a box opens slowly."""


@pytest.fixture(scope="module", params=KINDS)
def grader(request: pytest.FixtureRequest) -> Iterator[Grader]:
    home = Path(tempfile.mkdtemp(prefix="dltest-"))
    one = Grader(request.param.removeprefix("namespaces-"), home)
    try:
        one.start()
    except Unavailable as reason:
        if os.environ.get("CI") and not reason.elsewhere:
            pytest.fail(str(reason))
        pytest.skip(str(reason))
    yield one
    one.stop()
    shutil.rmtree(home, ignore_errors=True)


def clean(result: Result) -> bool:
    """Nothing of the box is left."""
    assert result.left == []
    return True


# ---- what a good submission needs


def test_cells_run_as_in_a_notebook(grader: Grader) -> None:
    ran = grader.run("x = 20", "print(x + 1)\nx + 2", "1 / 0", "print('after')")
    assert ran.ended == "finished"
    assert ran.output(1).split() == ["21", "22"]
    assert "ZeroDivisionError" in ran.error(2)
    assert ran.output(3) == "after\n"
    assert clean(ran)


def test_containers_are_seen_from_outside(grader: Grader) -> None:
    start = """
        import dockerlab
        lab = dockerlab.connect(quiet=True)
        lab.docker.containers.run('busybox', 'sleep 100', name='ex1-web', detach=True)
    """
    look = "client.containers.get('ex1-web').status"
    ran = grader.run(start, "check:a", looks={"a": look, "end": look})
    assert ran.seen == {"a": "running", "end": "running"}, ran.cells
    assert ran.ended == "finished"
    assert clean(ran)


def test_files_are_there_and_shared_with_containers(grader: Grader) -> None:
    bind = "!docker run --rm -v $PWD/ex:/data busybox sh -c 'cp /data/in /data/out'"
    look = "[(box.folder / 'ex' / name).read_text() for name in ('in', 'out')]"
    ran = grader.run(bind, "check:a", looks={"a": look}, given={"ex/in": "hello"})
    assert ran.seen["a"] == ["hello", "hello"], ran.cells
    assert clean(ran)


def test_pages_are_asked_in_the_boxs_network(grader: Grader) -> None:
    serve = """
        !mkdir www; echo welcome > www/index.html
        !docker run -d -p 127.0.0.1:5301:80 -v $PWD/www:/www busybox httpd -f -p 80 -h /www
    """
    looks = {
        "served": "[*box.fetch(5301, '/index.html'), box.fetch(5301, '/none')[0]]",
        "nobody": "type(caught(lambda: box.fetch(5302, patience=0.1))).__name__",
    }
    ran = grader.run(serve, "check:served", "check:nobody", looks=looks)
    assert ran.seen["served"] == [200, "welcome\n", 404], ran.cells
    assert ran.seen["nobody"] == "ConnectionRefusedError"
    assert clean(ran)


def test_the_submission_stands_still_while_it_is_looked_at(grader: Grader) -> None:
    count = """
        import threading, time
        def go():
            for n in range(10**9):
                open('n', 'w').write(str(n))
                time.sleep(0.001)
        threading.Thread(target=go, daemon=True).start()
        time.sleep(0.1)
    """
    look = "[(time.sleep(0.05), (box.folder / 'n').read_text())[1] for _ in range(3)]"
    nap = "import time; time.sleep(0.1)"
    ran = grader.run(count, "check:a", nap, "check:b", looks={"a": look, "b": look})
    assert len(set(ran.seen["a"])) == len(set(ran.seen["b"])) == 1
    assert ran.seen["a"] != ran.seen["b"], "it went on after the first look"
    assert clean(ran)


@same_everywhere
def test_a_failing_look_ends_the_run_and_is_raised(grader: Grader) -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        grader.run("x = 1", "check:a", looks={"a": "1 / 0"})
    assert grader.run("1").ended == "finished"


@same_everywhere
def test_input_fails_plainly(grader: Grader) -> None:
    ran = grader.run("input('name?')", "print('on')")
    assert "nobody is there to answer" in ran.error(0)
    assert ran.output(1) == "on\n"


# ---- what ends a submission


@same_everywhere
def test_an_endless_cell_is_interrupted_and_the_next_runs(grader: Grader) -> None:
    ran = grader.run("while True: pass", "print('on')", cell_seconds=1)
    assert "KeyboardInterrupt" in ran.error(0)
    assert ran.output(1) == "on\n"
    assert ran.ended == "finished"


def test_a_cell_that_cannot_be_interrupted_ends_it(grader: Grader) -> None:
    stubborn = """
        import signal
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while True: pass
    """
    ran = grader.run("print('before')", stubborn, "print('after')", cell_seconds=0.5)
    assert ran.ended == "time"
    assert [cell["id"] for cell in ran.cells] == ["0", "1"]
    assert clean(ran)


@same_everywhere
def test_all_cells_together_have_a_time(grader: Grader) -> None:
    nap = "import time; time.sleep(0.7)"
    assert grader.run(nap, nap, nap, seconds=1.5, cell_seconds=1.5).ended == "time"


@same_everywhere
@pytest.mark.parametrize(
    ("source", "how"),
    [
        ("import os; os._exit(3)", "exit code 3"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
        ("import os; os.execv('/bin/true', ['true'])", "exit code 0"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
    ],
)
def test_a_dead_process_is_no_wrong_answer(grader: Grader, source: str, how: str) -> None:
    looks = {"end": "len(client.volumes.list())"}
    ran = grader.run("!docker volume create ex1-data", source, looks=looks)
    assert ran.ended == "died"
    assert how in ran.detail
    assert ran.seen["end"] == 1, "what was reached is still there to be looked at"
    assert clean(ran)


@same_everywhere
def test_sys_exit_ends_the_cell_only(grader: Grader) -> None:
    ran = grader.run("import sys; sys.exit(1)", "exit", "quit()", "print('on')")
    assert ran.ended == "finished"
    assert ran.output() == "on\n"


def test_a_fork_bomb_is_ended(grader: Grader) -> None:
    bomb = """
        import os
        while True:
            try: os.fork()
            except OSError: pass
    """
    ran = grader.run(bomb, pids=60, looks={"end": "client.ping()"})
    assert ran.ended == "pids", ran
    assert ran.seen["end"] is True
    assert clean(ran)


def test_a_fork_bomb_in_a_container_does_not_end_the_engine(grader: Grader) -> None:
    bomb = "!docker run -d --name ex1-bomb busybox sh -c 'f() { f | f & }; f; while :; do f; done'"
    looks = {"end": "len(client.containers.list(all=True))"}
    ran = grader.run(bomb, "import time; time.sleep(1)", looks=looks, pids=60)
    assert ran.seen["end"] == 1
    assert clean(ran)


def test_memory_is_limited(grader: Grader) -> None:
    ran = grader.run("kept = bytearray(10 << 30)", "print('on')")
    assert "MemoryError" in ran.error(0)
    assert ran.output(1) == "on\n"
    many = """
        import os, time
        for _ in range(6):
            if os.fork() == 0:
                kept = b'x' * (60 << 20)
                time.sleep(60)
        time.sleep(60)
    """
    ran = grader.run(many, memory=200 << 20)
    assert ran.ended == "memory", ran
    assert clean(ran)


def test_containers_are_limited_where_there_are_cgroups(grader: Grader) -> None:
    if grader.kind == "user":
        pytest.skip("an ordinary user has no cgroups")
    hog = "head -c 200m /dev/zero | tail > /dev/null"
    run = f"!docker run --name ex1-hog -m 32m busybox sh -c '{hog}'"
    looks = {"a": "client.containers.get('ex1-hog').attrs['HostConfig']['Memory'] >> 20"}
    ran = grader.run(f"{run}; echo code $?", "check:a", looks=looks)
    assert "code 137" in ran.output()
    assert ran.seen["a"] == 32


def test_memory_counts_that_no_process_has_mapped(grader: Grader) -> None:
    if grader.kind == "user":
        pytest.skip("an ordinary user has no cgroups")
    hide = """
        import os
        for n in range(100):
            descriptor = os.memfd_create(str(n))
            for _ in range(16): os.write(descriptor, bytes(1 << 20))
    """
    ran = grader.run(hide, memory=100 << 20, disk=50 << 20)
    assert ran.ended == "memory", ran
    assert clean(ran)


def test_the_memory_of_a_whole_box_is_not_the_graders_fault(grader: Grader) -> None:
    if grader.kind != "root":
        pytest.skip("an ordinary user has no cgroups")
    hog = "mkdir /t; mount -t tmpfs -o size=9g t /t; dd if=/dev/zero of=/t/x bs=1M count=2000"
    run = f"!docker run --rm --privileged busybox sh -c '{hog}'"
    ran = grader.run(run, "import time; time.sleep(1)", memory=100 << 20, disk=100 << 20)
    assert ran.ended in ("memory", "finished"), ran


def test_space_is_limited(grader: Grader) -> None:
    write = """
        for name in 'ab':
            with open(name, 'wb') as file:
                for _ in range(60): file.write(bytes(1 << 20))
    """
    nap = "import time; time.sleep(60)"
    ran = grader.run(write, nap, disk=100 << 20, looks={"end": "client.ping()"})
    assert ran.ended == "disk", ran
    assert ran.seen["end"] is True
    assert clean(ran)


def test_files_are_counted(grader: Grader) -> None:
    many = "for n in range(100_000): open(f'f{n}', 'w').close()"
    nap = "import time; time.sleep(60)"
    ran = grader.run(many, nap, files=3000, looks={"end": "client.ping()"})
    assert ran.ended == "files", ran
    assert ran.seen["end"] is True


@same_everywhere
def test_output_is_cut_and_in_the_end_too_much(grader: Grader) -> None:
    ran = grader.run("print('x' * 300_000)", "print('y')", output=100_000)
    assert len(ran.output(0)) == 100_000
    assert ran.cells[0]["cut"]
    assert ran.output(1) == "y\n"
    flood = "import sys\nwhile True: sys.stdout.write('x' * 100_000)"
    ran = grader.run(flood, output=100_000)
    assert ran.ended == "output"
    assert clean(ran)


def test_processor_time_is_limited(grader: Grader) -> None:
    burn = """
        import os
        for _ in range(3):
            if os.fork() == 0:
                while True: pass
        os.wait()
    """
    ran = grader.run(burn, cpu_seconds=1.5)
    assert ran.ended == "cpu", ran
    assert clean(ran)


def test_a_busy_container_ends_with_the_processor_time(grader: Grader) -> None:
    start = """
        !docker run -d --name ex1-quiet busybox sleep 100
        !docker run -d --name ex1-busy busybox sh -c 'while :; do :; done'
    """
    looks = {"end": "(time.sleep(1), [c.name for c in client.containers.list()])[1]"}
    ran = grader.run(start, "import time; time.sleep(30)", looks=looks, cpu_seconds=4)
    assert ran.ended == "cpu"
    assert ran.seen["end"] == ["ex1-quiet"]


def test_a_box_has_the_share_of_one_program_however_many_it_runs(grader: Grader) -> None:
    if grader.kind != "root":
        pytest.skip("an ordinary user has no cgroups")
    work = "(lambda begun: (sum(range(3_000_000)), time.monotonic() - begun)[1])(time.monotonic())"
    looks = {"alone": work, "beside": work}
    spin = 'setsid sh -c "sleep 2; while :; do :; done" & i=$((i+1))'
    loop = f"i=0; while [ $i -lt 40 ]; do {spin}; done; wait"
    start = f"!docker run -d busybox sh -c '{loop}'"
    ran = grader.run("check:alone", start, "!sleep 2.5", "check:beside", looks=looks)
    assert ran.seen["beside"] < 8 * ran.seen["alone"]


def test_nothing_stays_that_went_into_the_background(grader: Grader) -> None:
    leave = """
        import subprocess
        subprocess.Popen(['sh', '-c', '(setsid sleep 1000 &)'])
        !docker run -d --restart always --name ex1-again busybox sleep 1000
        !docker run -d --restart always --name ex1-fails busybox false
    """
    ran = grader.run(leave)
    assert ran.ended == "finished"
    assert clean(ran)


# ---- what a submission must not reach


def test_the_machines_files_are_not_there(grader: Grader) -> None:
    paths = ["/etc/shadow", "/root", "/store", "/images", str(HERE / "tests"), "/proc/1/root/store"]
    look = """
        import os
        def look(path):
            print(os.listdir(path) if os.path.isdir(path) else open(path).read())
    """
    ran = grader.run(look, *(f"look({path!r})" for path in paths))
    for path, cell in zip(paths, ran.cells[1:], strict=True):
        assert cell["error"] or cell["output"] == "[]\n", (path, cell)


def test_the_system_cannot_be_written(grader: Grader) -> None:
    tries = """
        import dockerlab
        for path in (dockerlab.__file__, '/usr/x', '/etc/passwd', '/x', '/proc/sys/kernel/panic'):
            try:
                open(path, 'a').write('x')
                print('wrote', path)
            except OSError:
                pass
    """
    assert grader.run(tries).output() == ""


def test_the_guard_cannot_be_read_nor_ended(grader: Grader) -> None:
    tries = """
        import os
        for name in ('mem', 'environ', 'maps', 'fd/3', 'root/etc/hosts'):
            try:
                open(f'/proc/1/{name}', 'rb').read(1)
                print('read', name)
            except OSError:
                pass
        for number in (9, 15, 19, 2):
            try:
                os.kill(1, number)
            except OSError:
                pass
    """
    ran = grader.run(tries, "check:a", "print('on')", looks={"a": "1"})
    assert ran.output(0) == ""
    assert ran.seen == {"a": 1}
    assert ran.output(1) == "on\n"


def test_no_namespace_nor_privilege_can_be_had(grader: Grader) -> None:
    tries = """
        import ctypes, os, pwd
        libc = ctypes.CDLL(None)
        print([libc.unshare(flag) for flag in (0x10000000, 0x20000, 0x40000000)])
        print(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None), libc.setuid(0))
        print(pwd.getpwuid(os.getuid()).pw_name)
    """
    assert grader.run(tries).output().splitlines() == ["[-1, -1, -1]", "-1 -1", "student"]


def test_what_the_machine_has_few_of_is_left_to_others(grader: Grader) -> None:
    if grader.kind == "docker":
        pytest.skip("each box has users of its own")
    tries = """
        import ctypes
        libc = ctypes.CDLL(None)
        print(sum(libc.inotify_init() >= 0 for _ in range(200)))
    """
    assert int(grader.run(tries).output()) <= 24


def test_there_is_no_network_but_its_own(grader: Grader) -> None:
    tries = """
        import socket
        for where in (('1.1.1.1', 80), ('10.0.0.1', 80), ('example.com', 80)):
            try:
                socket.create_connection(where, 2)
                print('reached', where)
            except OSError:
                pass
        with open('/proc/net/dev') as file:
            print(file.read().count(':'))
    """
    wget = "!docker run --rm busybox wget -T 2 -q -O /dev/null http://1.1.1.1/ && echo reached"
    ran = grader.run(tries, wget)
    assert ran.output(0) == "1\n", "lo is the only card"
    assert "reached" not in ran.output(1)


def test_the_engines_files_cannot_be_bound(grader: Grader) -> None:
    tries = """
        import dockerlab, os
        lab = dockerlab.connect(quiet=True)
        def ls(source):
            try:
                print(lab.docker.containers.run('busybox', 'ls /x', volumes=[f'{source}:/x']))
            except Exception as error:
                print(type(error).__name__)
        ls(os.getcwd())
        for number, path in enumerate(('/', '/store', '/store/engine', '/proc', '/run')):
            ls(path)
            os.symlink(path, f'link{number}')
            ls(os.path.abspath(f'link{number}'))
            options = {'type': 'none', 'o': 'bind', 'device': path}
            try:
                lab.docker.volumes.create(f'ex1-{number}', driver_opts=options)
                ls(f'ex1-{number}')
            except Exception as error:
                print(type(error).__name__)
    """
    ran = grader.run(tries, given={"mine": ""})
    first, *others = ran.output().splitlines()
    assert "mine" in first, "its own files can be bound"
    assert others == ["APIError"] * 15


def test_a_privileged_container_is_root_of_nothing(grader: Grader) -> None:
    inside = """
        mknod /disk b 254 0 && cat /disk && echo read disk;
        mkdir /m && mount -t proc p /m && ls /m/1/root/store && echo read store;
        echo c > /proc/sysrq-trigger && echo pulled;
        echo x > /proc/sys/kernel/core_pattern && echo wrote pattern
    """
    run = "docker run --rm --privileged --net host busybox sh -c"
    words = [*run.split(), inside.replace("\n", " ")]
    ran = grader.run(f"import subprocess; print(subprocess.run({words!r}, capture_output=True))")
    for word in ("read disk", "read store", "pulled", "wrote pattern"):
        assert f"\\n{word}" not in ran.output()
        assert f"'{word}" not in ran.output()


def test_a_link_in_the_work_folder_leads_nowhere(grader: Grader) -> None:
    link = """
        import os
        os.symlink('/etc/passwd', 'one')
        os.symlink('/', 'two')
        open('own', 'w').close()
        os.symlink('own', 'three')
    """
    names = "('one', 'two/etc/passwd', 'three', 'own')"
    look = f"[name for name in {names} if os.path.exists(box.folder / name)]"
    assert grader.run(link, "check:a", looks={"a": look}).seen["a"] == ["own"]


@same_everywhere
def test_patching_the_runner_changes_what_is_shown_at_most(grader: Grader) -> None:
    patch = """
        from IPython.core.interactiveshell import InteractiveShell
        InteractiveShell.run_cell = lambda *a, **k: print('patched')
    """
    look = {"a": "len(os.listdir(box.folder))"}
    ran = grader.run(patch, "open('x', 'w').write('1')", "check:a", looks=look)
    assert ran.seen == {"a": 0}


@same_everywhere
def test_nonsense_on_the_channel_is_the_submissions_end(grader: Grader) -> None:
    flood = """
        import os, stat
        for fd in range(3, 30):
            try:
                if stat.S_ISSOCK(os.fstat(fd).st_mode):
                    os.write(fd, b'[' * 100_000 + bytes([10]))
            except OSError:
                pass
    """
    ran = grader.run(flood, "print('on')")
    assert ran.ended == "died"
    assert clean(ran)


def test_boxes_do_not_see_each_other(grader: Grader) -> None:
    leave = "open('/tmp/secret', 'w').write('x')\n!docker volume create ex1-mine"
    assert grader.run(leave).ended == "finished"
    second = grader.run("import os; print(os.listdir('/tmp'))", "!docker volume ls -q")
    assert "secret" not in second.output(0)
    assert second.output(1).strip() == ""


# ---- where it cannot be


_OPEN = """
import sys
from pathlib import Path
from dockerlab.grading.classroom.sandbox import NamespaceSandboxes
from dockerlab.grading.classroom.seam import Limits
with NamespaceSandboxes() as sandboxes, sandboxes.open(Path(sys.argv[1]), Limits()) as box:
    print(box.run([], lambda _: None, Limits()))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="root alone may use what root alone may read")
def test_python_may_be_where_a_box_has_its_own_folder_and_others_have_no_business(
    tmp_path: Path,
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as made:
        base = Path("/usr/bin/python3") if Path("/usr/bin/python3").exists() else sys.executable
        subprocess.run([base, "-m", "venv", "--without-pip", f"{made}/venv"], check=True)
        for folder in Path(made).glob("venv/lib/python*/site-packages"):
            paths = [str(HERE), *(path for path in sys.path if path.endswith("-packages"))]
            (folder / "here.pth").write_text("\n".join(paths))
        command = [f"{made}/venv/bin/python", "-c", _OPEN, str(tmp_path)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "'finished'" in ran.stdout, ran.stderr  # the engine's helpers are started by it


def test_a_machine_without_namespaces_is_refused_plainly(tmp_path: Path) -> None:
    script = "\n".join(
        [
            "from pathlib import Path",
            "from dockerlab.grading.classroom.sandbox import NamespaceSandboxes",
            "from dockerlab.grading.classroom.seam import Limits, SandboxDenied",
            "with NamespaceSandboxes() as sandboxes:",
            f"    try: sandboxes.open(Path({str(tmp_path)!r}), Limits())",
            "    except SandboxDenied as error: print('denied:', error.message, error.hint)",
        ]
    )
    none = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    words = ["unshare", "--user", "--map-root-user", "sh", "-c", none, "sh"]
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    said = subprocess.run(
        [*words, sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )
    assert "denied: a sandbox could not be made" in said.stdout, said.stderr
    assert "user namespaces" in said.stdout
