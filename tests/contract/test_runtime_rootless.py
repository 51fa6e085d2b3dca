"""The tests of the namespaces runtime again, as an ordinary user in a user namespace."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from runtimes import busybox

HERE = Path(__file__).parent
USER = 12345

# Becomes the user (where it is not one), and root of a user namespace that maps that user only.
ENTER = """
import os, sys
from dockerlab.engine.run import kernel
if os.getuid() == 0:
    os.setgroups([]); os.setgid({user}); os.setuid({user})
    kernel._prctl("set dumpable", 4, 1)  # else /proc/self belongs to root
uid, gid = os.getuid(), os.getgid()
kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
for name, text in (("setgroups", "deny"), ("uid_map", f"0 {{uid}} 1"), ("gid_map", f"0 {{gid}} 1")):
    with open(f"/proc/self/{{name}}", "w") as file:
        file.write(text)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.mark.timeout(300)
def test_as_an_ordinary_user() -> None:
    binary = busybox()
    if binary is None:
        pytest.skip("no static busybox, and apt-get cannot get one")
    with tempfile.TemporaryDirectory(prefix="dockerlab-rootless-") as folder:
        home = Path(folder)
        shutil.copy(binary, home / "busybox")
        if os.getuid() == 0:
            shutil.chown(home, USER, USER)
            (home / "busybox").chmod(0o755)
        words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={home}/t"]
        words += ["-c", str(HERE.parents[1] / "pyproject.toml")]
        words.append(str(HERE / "test_runtime_namespaces.py"))
        result = subprocess.run(
            [sys.executable, "-c", ENTER.format(user=USER), *words],
            env={
                "PATH": os.environ["PATH"],
                "HOME": folder,
                "TMPDIR": folder,
                "DOCKERLAB_TEST_BUSYBOX": f"{home}/busybox",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            cwd=HERE.parents[1],
            capture_output=True,
            text=True,
            timeout=280,
        )
        text = result.stdout + result.stderr
        if "PermissionError" in result.stderr and "unshare" in result.stderr:
            pytest.skip("the kernel denies user namespaces to ordinary users")
        assert result.returncode == 0, text[-8000:]
        passed = re.search(r"(\d+) passed", text)
        assert passed is not None, text[-3000:]
        assert int(passed[1]) > 40
