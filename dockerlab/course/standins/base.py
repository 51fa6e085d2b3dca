"""Layers that several stand-ins share, so that an engine keeps them once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from dockerlab.course.standins import elf
from dockerlab.course.standins.archive import Layer
from dockerlab.course.standins.deb import Pool
from dockerlab.errors import DockerlabError, FormatError

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_FOLDERS = "dev proc sys run var/log home mnt media opt srv usr/local/bin usr/lib"
_LINKS = {
    "/bin": "usr/bin",
    "/sbin": "usr/bin",
    "/usr/sbin": "bin",
    "/lib": "usr/lib",
    "/lib64": "usr/lib",
    "/usr/lib64": "lib",
    "/var/run": "/run",
}
# More bytes than the names of all of BusyBox's commands take.
_TABLE = 16384
_C_LIBRARY = (
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "libresolv.so.2",
    "libnss_dns.so.2",
    "libnss_files.so.2",
)


@dataclass(frozen=True)
class Architecture:
    """One kind of processor, in the words of those who have to name it."""

    docker: str
    machine: int
    npm: str


_ARCHITECTURES = {
    "x86_64": Architecture("amd64", elf.X86_64, "x64"),
    "aarch64": Architecture("arm64", elf.AARCH64, "arm64"),
}


def architecture(machine: str) -> Architecture:
    """The architecture of ``platform.machine()``. Raises DockerlabError for others."""
    found = _ARCHITECTURES.get({"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine))
    if found is None:
        raise DockerlabError(
            f"Stand-ins are built for x86-64 and arm64 only, and this machine is {machine}.",
            "Connect to the network, so that the images can be pulled from a registry.",
        )
    return found


@dataclass(frozen=True)
class User:
    """A line of /etc/passwd; the group has the same name and number."""

    name: str
    id: int
    home: str
    shell: str = "/sbin/nologin"


_USERS = (
    User("root", 0, "/root", "/bin/sh"),
    User("daemon", 1, "/usr/sbin"),
    User("www-data", 33, "/var/www"),
    User("nobody", 65534, "/nonexistent"),
)


def text(name: str) -> str:
    """One of the small files that go into an image."""
    return (files("dockerlab.course.standins") / "files" / name).read_text(encoding="utf-8")


def users(layer: Layer, *more: User) -> None:
    """Write the user database with ``more`` in it."""
    everybody = (*_USERS, *more)
    lines = (f"{u.name}:x:{u.id}:{u.id}:{u.name}:{u.home}:{u.shell}\n" for u in everybody)
    layer.file("/etc/passwd", "".join(lines))
    groups = "".join(f"{u.name}:x:{u.id}:\n" for u in everybody)
    layer.file("/etc/group", groups + "tty:x:5:\n")
    layer.file("/etc/shadow", "".join(f"{u.name}:*:19000:0:99999:7:::\n" for u in everybody), 0o640)


def take(layer: Layer, pool: Pool, path: str, target: str = "", mode: int = 0) -> bytes:
    """Copy a file from the packages into the layer; returns its content."""
    file = pool.file(path)
    layer.file(target or path, file.data, mode or file.mode)
    layer.packages.add(file.package)
    return file.data


def libraries(layer: Layer, pool: Pool, programs: Iterable[bytes], have: Iterable[str]) -> set[str]:
    """Add the libraries that the programs need; returns all names there are now."""
    there = set(have)
    for name, file in pool.closure(programs, there).items():
        layer.file(f"/usr/lib/{name}", file.data)
        layer.packages.add(file.package)
        there.add(name)
    return there


def system(pool: Pool) -> Layer:
    """BusyBox with all its commands, and the files every Linux system has."""
    layer = Layer("dockerlab stand-in: busybox-static")
    for name in _FOLDERS.split():
        layer.folder(f"/{name}")
    layer.folder("/root", 0o700)
    for name in ("/tmp", "/var/tmp"):
        layer.folder(name, 0o1777)
    for path, target in _LINKS.items():
        layer.link(path, target)
    program = take(layer, pool, "/usr/bin/busybox")
    for name in applets(program):
        if name != "busybox":
            layer.link(f"/usr/bin/{name}", "busybox")
    users(layer)
    layer.file("/etc/hosts", "127.0.0.1 localhost\n")
    layer.file("/etc/hostname", "localhost\n")
    layer.file("/etc/resolv.conf", "")
    layer.file("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
    layer.file("/etc/profile", f"export PATH={PATH}\nexport PS1='\\h:\\w\\$ '\n")
    for path in ("/etc/protocols", "/etc/services"):
        take(layer, pool, path)
    return layer


def applets(program: bytes) -> list[str]:
    """The commands in a BusyBox program.

    Its table of names is a run of NUL-terminated words in order, ``[`` first.
    Reading it spares a list for every release, and running a foreign program.
    """
    start = program.find(b"[\0[[\0")
    names: list[str] = []
    for word in program[start : start + _TABLE].split(b"\0") if start >= 0 else ():
        name = word.decode("ascii", "replace")
        if not re.fullmatch(r"\[\[?|[a-z0-9][a-z0-9._-]*", name) or name < (names or [""])[-1]:
            break
        names.append(name)
    if not {"sh", "ls", "cat"} <= set(names):
        raise FormatError("the busybox package has a program of an unknown kind")
    return names


def certificates(pool: Pool) -> Layer:
    """The authorities' certificates in one file, as update-ca-certificates makes it."""
    layer = Layer("dockerlab stand-in: ca-certificates")
    found = [
        each for each in pool.under("/usr/share/ca-certificates") if each.path.endswith(".crt")
    ]
    bundle = b"".join(each.data.rstrip(b"\n") + b"\n" for each in found)
    layer.file("/etc/ssl/certs/ca-certificates.crt", bundle)
    layer.packages.add("ca-certificates")
    layer.link("/etc/ssl/cert.pem", "certs/ca-certificates.crt")
    layer.link("/usr/lib/ssl", "../../etc/ssl")
    return layer


def c_library(pool: Pool) -> tuple[Layer, set[str]]:
    """The C library and its loader, for programs that are not static; and the names in it."""
    layer = Layer("dockerlab stand-in: libc6")
    names = {name for name in _C_LIBRARY if pool.library(name)}
    programs = []
    for name in sorted(names):
        file = pool.library(name)
        if file is None:
            raise FormatError(f"the C library's package has no {name}")
        layer.file(f"/usr/lib/{name}", file.data, 0o755)
        layer.packages.add(file.package)
        programs.append(file.data)
    loaders = pool.closure(programs, names)
    for name, file in loaders.items():
        layer.file(f"/usr/lib/{name}", file.data, 0o755)
    return layer, names | set(loaders)


def encryption(pool: Pool, have: set[str]) -> tuple[Layer, set[str]]:
    """OpenSSL, which redis, nginx and python share; and all names there are now."""
    layer = Layer("dockerlab stand-in: openssl")
    there = set(have)
    for name in ("libcrypto.so.3", "libssl.so.3"):
        file = pool.library(name)
        if file is None:
            raise FormatError(f"no package at hand has the library {name}")
        layer.file(f"/usr/lib/{name}", file.data)
        layer.packages.add(file.package)
        there = libraries(layer, pool, [file.data], there | {name})
    return layer, there
