"""One function an image: which files it takes, and what Docker is told about it.

The settings (entrypoint, ports, volumes, stop signal) are those of the official
images, since they are what the course talks about.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dockerlab.course.apps import fingerprint
from dockerlab.course.presence import APPS_LABEL
from dockerlab.course.standins import base, elf, npm, npmcache
from dockerlab.course.standins.archive import Image, Layer
from dockerlab.course.standins.base import Architecture, User
from dockerlab.course.standins.deb import Pool
from dockerlab.errors import FormatError

# Parts of the standard library that need more libraries than they are worth, or
# that a container has no use for.
_LEFT_OUT = re.compile(
    r"/(idlelib|lib2to3|pydoc_data|test|tests|ensurepip|tkinter|turtledemo|config-[^/]*)/"
    r"|/(_curses|readline|_tkinter|nis|_dbm|_gdbm|_ctypes_test|_xxtestfuzz|_crypt)[^/]*\.so$"
    r"|/__pycache__/"
)


@dataclass(frozen=True)
class Ingredients:
    """What a recipe works with: package files, node's archives by name, the machine."""

    pool: Pool
    architecture: Architecture
    distribution: str
    archives: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """How to make one stand-in.

    ``packages`` are those to start from; of a tuple the first one that the
    archive has is taken. ``archives`` come from npm's registry, as do the packages
    of the course's apps where ``apps`` is set; where they cannot be had, ``instead``
    is made, and ``note`` says what that one is lacking.
    """

    build: Callable[[Ingredients], Image]
    packages: tuple[str | tuple[str, ...], ...] = ()
    archives: tuple[npm.Archive, ...] = ()
    apps: bool = False
    instead: Recipe | None = None
    note: str = ""


def hello_world(kitchen: Ingredients) -> Image:
    """One program of some hundred bytes, and nothing else: no shell, no ``ls``."""
    layer = Layer("dockerlab stand-in: /hello")
    greeting = base.text("hello.txt").encode()
    layer.file("/hello", elf.greeting(greeting, kitchen.architecture.machine), 0o755)
    return _image(kitchen, "hello-world", [layer], Cmd=["/hello"])


def busybox(kitchen: Ingredients) -> Image:
    """BusyBox and the usual folders."""
    layer = base.system(kitchen.pool)
    return _image(kitchen, "busybox", [layer, _identity(kitchen, "busybox")], Cmd=["sh"])


def alpine(kitchen: Ingredients) -> Image:
    """BusyBox with certificates. Its C library is not Alpine's, and it has no ``apk``."""
    layers = [*_small_system(kitchen), _identity(kitchen, "alpine")]
    return _image(kitchen, "alpine", layers, Cmd=["/bin/sh"])


def redis(kitchen: Ingredients) -> Image:
    """The server and its client; valkey under redis' names where it has replaced redis."""
    pool = kitchen.pool
    product = "redis" if "/usr/bin/redis-cli" in pool else "valkey"
    c_library, there = base.c_library(pool)
    encryption, there = base.encryption(pool, there)
    layer = _identity(kitchen, "redis", f"dockerlab stand-in: {product}-server")
    programs = [
        base.take(layer, pool, f"/usr/bin/{product}-{part}", f"/usr/bin/redis-{part}", 0o755)
        for part in ("server", "cli")
    ]
    base.libraries(layer, pool, programs, there)
    for alias in ("redis-check-aof", "redis-check-rdb", "redis-sentinel"):
        # One program that looks at the name it was called by.
        layer.link(f"/usr/bin/{alias}", "redis-server")
    user = User("redis", 999, "/data")
    base.users(layer, user)
    layer.folder("/data", 0o755, user.id)
    layer.file("/usr/local/bin/docker-entrypoint.sh", base.text("redis-entrypoint.sh"), 0o755)
    return _image(
        kitchen,
        "redis",
        [*_small_system(kitchen), c_library, encryption, layer],
        Env=[f"REDIS_VERSION={_upstream(pool, f'{product}-server', f'{product}-tools')}"],
        Entrypoint=["docker-entrypoint.sh"],
        Cmd=["redis-server"],
        ExposedPorts={"6379/tcp": {}},
        Volumes={"/data": {}},
        WorkingDir="/data",
    )


def nginx(kitchen: Ingredients) -> Image:
    """The web server with one page, its logs on standard output and error."""
    pool = kitchen.pool
    c_library, there = base.c_library(pool)
    encryption, there = base.encryption(pool, there)
    layer = _identity(kitchen, "nginx", "dockerlab stand-in: nginx")
    program = base.take(layer, pool, "/usr/sbin/nginx", "/usr/bin/nginx")
    base.libraries(layer, pool, [program], there)
    for name in ("mime.types", "fastcgi_params", "proxy_params"):
        base.take(layer, pool, f"/etc/nginx/{name}")
    layer.file("/etc/nginx/nginx.conf", base.text("nginx.conf"))
    layer.file("/etc/nginx/conf.d/default.conf", base.text("nginx-default.conf"))
    for page in ("index", "50x"):
        layer.file(f"/usr/share/nginx/html/{page}.html", base.text(f"nginx-{page}.html"))
    layer.link("/var/log/nginx/access.log", "/dev/stdout")
    layer.link("/var/log/nginx/error.log", "/dev/stderr")
    user = User("nginx", 101, "/var/cache/nginx")
    base.users(layer, user)
    layer.folder(user.home, 0o755, user.id)
    layer.folder("/var/lib/nginx")
    return _image(
        kitchen,
        "nginx",
        [*_small_system(kitchen), c_library, encryption, layer],
        Env=[f"NGINX_VERSION={_upstream(pool, 'nginx')}"],
        Cmd=["nginx", "-g", "daemon off;"],
        ExposedPorts={"80/tcp": {}},
        StopSignal="SIGQUIT",
    )


def node(kitchen: Ingredients) -> Image:
    """node and npm as npm's registry has them, with the C++ library from the system."""
    pool, version = kitchen.pool, npm.NODE_VERSION
    c_library, there = base.c_library(pool)
    layer = _node_identity(kitchen, f"dockerlab stand-in: node {version}")
    program = npm.node_program(kitchen.archives["node"])
    layer.file("/usr/local/bin/node", program, 0o755)
    layer.link("/usr/local/bin/nodejs", "node")
    base.libraries(layer, pool, [program], there)
    manager = Layer(f"dockerlab stand-in: npm {npm.NPM_VERSION}")
    home = "/usr/local/lib/node_modules/npm"
    for path, (data, mode) in npm.manager_files(kitchen.archives["npm"]):
        manager.file(f"{home}/{path}", data, mode)
    for command in ("npm", "npx"):
        target = f"../lib/node_modules/npm/bin/{command}-cli.js"
        manager.link(f"/usr/local/bin/{command}", target)
    settings, made_for = "update-notifier=false\nfund=false\naudit=false\n", "none"
    layers = [*_small_system(kitchen), c_library, layer, manager]
    if cache := _npm_cache(kitchen):
        settings, made_for = settings + npmcache.SETTINGS, fingerprint()
        layers.append(cache)
    manager.file("/usr/local/etc/npmrc", settings)
    image = _node_image(kitchen, layers, version, (f"node {version}", f"npm {npm.NPM_VERSION}"))
    image.settings["Labels"][APPS_LABEL] = made_for
    return image


def _npm_cache(kitchen: Ingredients) -> Layer | None:
    """The packages of the course's apps, where they were fetched."""
    processor = kitchen.architecture.npm
    packages = npmcache.packages()
    needed = {each.archive.key for each in packages if each.runs_on(processor)}
    if not needed or not needed <= kitchen.archives.keys():
        return None
    return npmcache.layer(packages, kitchen.archives, npm.default_registry(kitchen.archives["npm"]))


def old_node(kitchen: Ingredients) -> Image:
    """The distribution's own nodejs: older, and without npm."""
    pool = kitchen.pool
    c_library, there = base.c_library(pool)
    layer = _node_identity(kitchen, "dockerlab stand-in: nodejs")
    program = base.take(layer, pool, "/usr/bin/node")
    layer.link("/usr/bin/nodejs", "node")
    base.libraries(layer, pool, [program], there)
    for file in pool.under("/usr/share/nodejs"):
        # Debian keeps some of node's built-in modules outside its program.
        layer.file(file.path, file.data)
        layer.packages.add(file.package)
    layers = [*_small_system(kitchen), c_library, layer]
    return _node_image(kitchen, layers, _upstream(pool, "nodejs"))


def python(kitchen: Ingredients) -> Image:
    """The distribution's python3 with its standard library."""
    pool = kitchen.pool
    c_library, there = base.c_library(pool)
    encryption, there = base.encryption(pool, there)
    name = _python_name(pool)
    layer = _identity(kitchen, "python", f"dockerlab stand-in: {name}")
    programs = [base.take(layer, pool, f"/usr/bin/{name}")]
    for link in ("python3", "python"):
        layer.link(f"/usr/bin/{link}", name)
    for file in pool.under(f"/usr/lib/{name}"):
        if _LEFT_OUT.search(file.path):
            continue
        base.take(layer, pool, file.path, mode=0o644)
        if file.path.endswith(".so"):
            programs.append(file.data)
    sitecustomize = f"/etc/{name}/sitecustomize.py"
    if sitecustomize in pool:
        base.take(layer, pool, sitecustomize)
    base.libraries(layer, pool, programs, there)
    return _image(
        kitchen,
        "python",
        [*_small_system(kitchen), c_library, encryption, layer],
        tags=(name.removeprefix("python"),),
        Env=["LANG=C.UTF-8", f"PYTHON_VERSION={_upstream(pool, name, f'{name}-minimal')}"],
        Cmd=["python3"],
    )


_SYSTEM = ("busybox-static", "netbase", "ca-certificates")
_NODE_PACKAGES = (*_SYSTEM, "libc6", "libstdc++6", "libgcc-s1", "libatomic1")

_OLD_NODE = Recipe(
    old_node,
    (*_SYSTEM, "nodejs"),
    note="node is the distribution's older one without npm, enough for chapters 1 and 2",
)
_BARE_NODE = Recipe(
    node,
    _NODE_PACKAGES,
    archives=(npm.NODE, npm.NPM),
    instead=_OLD_NODE,
    note="node has no packages in its npm cache, so `npm install` asks the network",
)

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "hello-world": Recipe(hello_world),
        "busybox": Recipe(busybox, _SYSTEM),
        "alpine": Recipe(alpine, _SYSTEM),
        "redis": Recipe(redis, (*_SYSTEM, ("redis-server", "valkey-server"))),
        "nginx": Recipe(nginx, (*_SYSTEM, "nginx")),
        "node": Recipe(
            node, _NODE_PACKAGES, archives=(npm.NODE, npm.NPM), apps=True, instead=_BARE_NODE
        ),
        "python": Recipe(python, (*_SYSTEM, "python3")),
    }
)


def _small_system(kitchen: Ingredients) -> list[Layer]:
    return [base.system(kitchen.pool), base.certificates(kitchen.pool)]


def _identity(kitchen: Ingredients, name: str, why: str = "dockerlab stand-in: names") -> Layer:
    """A layer that says which stand-in this is, where programs look for it."""
    layer = Layer(why)
    layer.file(
        "/etc/os-release",
        f'ID=dockerlab-standin\nNAME="dockerlab stand-in"\n'
        f'PRETTY_NAME="dockerlab stand-in for {name}, made of {kitchen.distribution} packages"\n',
    )
    return layer


def _node_identity(kitchen: Ingredients, why: str) -> Layer:
    layer = _identity(kitchen, "node", why)
    user = User("node", 1000, "/home/node", "/bin/sh")
    base.users(layer, user)
    layer.folder(user.home, 0o755, user.id)
    layer.file("/usr/local/bin/docker-entrypoint.sh", base.text("node-entrypoint.sh"), 0o755)
    return layer


def _node_image(
    kitchen: Ingredients, layers: list[Layer], version: str, archives: tuple[str, ...] = ()
) -> Image:
    return _image(
        kitchen,
        "node",
        layers,
        tags=(version.split(".")[0],),
        archives=archives,
        Env=[f"NODE_VERSION={version}"],
        Entrypoint=["docker-entrypoint.sh"],
        Cmd=["node"],
    )


def _image(
    kitchen: Ingredients,
    name: str,
    layers: list[Layer],
    tags: tuple[str, ...] = (),
    archives: tuple[str, ...] = (),
    **settings: Any,
) -> Image:
    """The image with the settings and labels that all stand-ins have."""
    used = sorted(set().union(*(layer.packages for layer in layers)))
    packages = [*(f"{each} {kitchen.pool.versions[each]}" for each in used), *archives]
    environment = [f"PATH={base.PATH}", *settings.pop("Env", [])]
    labels = {"dockerlab.standin": "true", "dockerlab.standin.packages": ", ".join(packages)}
    return Image(
        tags=[f"{name}:{tag}" for tag in ("latest", *tags)],
        layers=layers,
        architecture=kitchen.architecture.docker,
        settings={"Env": environment, "Labels": labels, **settings},
    )


def _python_name(pool: Pool) -> str:
    """``python3.11``: what the distribution's python3 is a link to."""
    name = posixpath.basename(pool.file("/usr/bin/python3").path)
    if not re.fullmatch(r"python3\.\d+", name):
        raise FormatError(f"the python3 package has a program of an unknown name, {name}")
    return name


def _upstream(pool: Pool, *packages: str) -> str:
    """The version without the distribution's epoch and revision, of the first package here."""
    version = next(pool.versions[name] for name in packages if name in pool.versions)
    return re.sub(r"[-+~].*", "", version.split(":")[-1])
