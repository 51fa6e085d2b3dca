"""A project as its compose files describe it, read to the end.

Short forms are written out, paths absolute, names final, variables put in. What is optional and
absent is ``None``, an empty tuple or an empty mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

Level = Literal["error", "warning"]
Condition = Literal["service_started", "service_healthy", "service_completed_successfully"]
MountType = Literal["volume", "bind", "tmpfs", "npipe", "cluster"]

NOTHING: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    """Python 3.11 takes no mapping for a field's default, not even one that cannot change."""
    return NOTHING


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: ``line`` and ``column`` from 1, 0 when it is not known."""

    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a compose file; ``key`` is the path to it, from the top.

    ``text`` says what is wrong, ``hint`` what to write instead (may be empty).
    """

    level: Level
    text: str
    hint: str = ""
    file: str = ""
    line: int = 0
    column: int = 0
    key: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        return Place(self.file, self.line, self.column)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.file else ""
        key = f"{'.'.join(self.key)}: " if self.key else ""
        hint = f"\n  → {self.hint}" if self.hint else ""
        return f"{where}{key}{self.text}{hint}"


@dataclass(frozen=True, slots=True)
class Build:
    """How a service's image is built. ``context`` is an absolute folder or an address.

    ``dockerfile`` is as Docker wants it, relative to the context (or absolute);
    ``dockerfile_inline`` its text when it is in the compose file. ``args`` without a value are
    those that the environment does not have either.
    """

    context: str
    dockerfile: str = "Dockerfile"
    dockerfile_inline: str = ""
    args: Mapping[str, str | None] = field(default_factory=_nothing)
    target: str = ""
    labels: Mapping[str, str] = field(default_factory=_nothing)
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    no_cache: bool = False
    pull: bool = False
    network: str = ""
    extra_hosts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    shm_size: int = 0
    isolation: str = ""
    privileged: bool = False
    additional_contexts: Mapping[str, str] = field(default_factory=_nothing)
    ssh: tuple[str, ...] = ()
    secrets: tuple[FileMount, ...] = ()
    ulimits: Mapping[str, Ulimit] = field(default_factory=_nothing)
    entitlements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """A port of the containers. ``published`` is "" for any free one and may be a range "80-90"."""

    target: int
    published: str = ""
    protocol: str = "tcp"
    host_ip: str = ""
    mode: str = "ingress"
    name: str = ""
    app_protocol: str = ""

    def __str__(self) -> str:
        host = f"{self.host_ip}:" if self.host_ip else ""
        return f"{host}{self.published or '*'}->{self.target}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Mount:
    """Something mounted at ``target``.

    ``source`` is a key of the project's volumes ("" for an anonymous volume) or an absolute path
    of a bind. ``create_host_path``: make a bind's folder when it is missing, as the short form
    does. ``tmpfs_size`` is in bytes, ``tmpfs_mode`` the permission bits; 0 when not said.
    """

    type: MountType
    target: str
    source: str = ""
    read_only: bool = False
    consistency: str = ""
    propagation: str = ""
    selinux: str = ""
    create_host_path: bool = False
    nocopy: bool = False
    subpath: str = ""
    tmpfs_size: int = 0
    tmpfs_mode: int = 0


@dataclass(frozen=True, slots=True)
class FileMount:
    """A config or a secret as a file of the containers; ``source`` is its key in the project.

    ``target`` is an absolute path of the container. ``mode``: the permission bits, None when not
    said.
    """

    source: str
    target: str
    uid: str = ""
    gid: str = ""
    mode: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """How a service is in a network; the higher ``priority`` the earlier it is connected."""

    aliases: tuple[str, ...] = ()
    ipv4_address: str = ""
    ipv6_address: str = ""
    link_local_ips: tuple[str, ...] = ()
    mac_address: str = ""
    priority: int = 0
    driver_opts: Mapping[str, str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a service waits for. ``required`` False: go on when the other one is not there.

    ``restart``: this one restarts when the other one does.
    """

    condition: Condition = "service_started"
    restart: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """``test`` as Docker takes it (``("CMD", …)``, ``("CMD-SHELL", …)``); times in seconds."""

    test: tuple[str, ...] = ()
    interval: float | None = None
    timeout: float | None = None
    retries: int | None = None
    start_period: float | None = None
    start_interval: float | None = None
    disable: bool = False


@dataclass(frozen=True, slots=True)
class Ulimit:
    """``soft`` and ``hard`` are equal where the file gives one number."""

    soft: int
    hard: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a container may use at most: of ``mem_limit``, ``cpus`` …, or ``deploy.resources``.

    Sizes in bytes; 0 when not said (``memory_swap``, ``pids``: -1 is "no limit").
    """

    memory: int = 0
    memory_reservation: int = 0
    memory_swap: int = 0
    memory_swappiness: int | None = None
    cpus: float = 0
    cpu_shares: int = 0
    cpu_period: int = 0
    cpu_quota: int = 0
    cpuset: str = ""
    pids: int = 0
    oom_kill_disable: bool = False
    oom_score_adj: int = 0


@dataclass(frozen=True, slots=True)
class Logging:
    driver: str = ""
    options: Mapping[str, str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a project.

    ``image`` is as written, "" when the service is only built: ``image_name`` is what its image
    is called in the engine. ``environment`` has the env files merged in; a value of None is a
    name that is asked of the user's environment and not set there. ``networks`` are keys of the
    project's networks, by priority; empty with a ``network_mode``. ``replicas`` counts
    containers.

    ``canonical`` is the service as ``docker compose config --format json`` prints it, for what
    has no field here; ``config_hash`` the value of the label com.docker.compose.config-hash;
    ``printed_hash`` what ``docker compose config --hash`` prints, which leaves env files unread.
    """

    name: str
    image: str = ""
    image_name: str = ""
    build: Build | None = None
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: Mapping[str, str | None] = field(default_factory=_nothing)
    ports: tuple[Port, ...] = ()
    expose: tuple[str, ...] = ()
    volumes: tuple[Mount, ...] = ()
    tmpfs: tuple[str, ...] = ()
    networks: Mapping[str, Attachment | None] = field(default_factory=_nothing)
    network_mode: str = ""
    depends_on: Mapping[str, Dependency] = field(default_factory=_nothing)
    links: tuple[str, ...] = ()
    external_links: tuple[str, ...] = ()
    volumes_from: tuple[str, ...] = ()
    healthcheck: Healthcheck | None = None
    restart: str = ""
    working_dir: str = ""
    user: str = ""
    stdin_open: bool = False
    tty: bool = False
    labels: Mapping[str, str] = field(default_factory=_nothing)
    annotations: Mapping[str, str] = field(default_factory=_nothing)
    container_name: str = ""
    hostname: str = ""
    domainname: str = ""
    mac_address: str = ""
    extra_hosts: tuple[str, ...] = ()
    """``NAME:ADDRESS``, as the engine takes them."""
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    dns_opt: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    replicas: int = 1
    limits: Limits = field(default_factory=Limits)
    configs: tuple[FileMount, ...] = ()
    secrets: tuple[FileMount, ...] = ()
    stop_signal: str = ""
    stop_grace_period: float | None = None
    init: bool | None = None
    attach: bool = True
    read_only: bool = False
    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    group_add: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    shm_size: int = 0
    sysctls: Mapping[str, str] = field(default_factory=_nothing)
    ulimits: Mapping[str, Ulimit] = field(default_factory=_nothing)
    logging: Logging | None = None
    pull_policy: str = ""
    platform: str = ""
    runtime: str = ""
    ipc: str = ""
    pid: str = ""
    uts: str = ""
    cgroup: str = ""
    userns_mode: str = ""
    canonical: Mapping[str, Any] = field(default_factory=_nothing)
    config_hash: str = ""
    printed_hash: str = ""
    where: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class AddressPool:
    subnet: str = ""
    gateway: str = ""
    ip_range: str = ""
    aux_addresses: Mapping[str, str] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Network:
    """A network; ``key`` is its name in the file, ``name`` the one that the engine knows."""

    key: str
    name: str
    driver: str = ""
    driver_opts: Mapping[str, str] = field(default_factory=_nothing)
    external: bool = False
    internal: bool = False
    attachable: bool = False
    enable_ipv6: bool | None = None
    ipam_driver: str = ""
    ipam: tuple[AddressPool, ...] = ()
    labels: Mapping[str, str] = field(default_factory=_nothing)
    where: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Volume:
    """A named volume; ``key`` is its name in the file, ``name`` the one that the engine knows."""

    key: str
    name: str
    driver: str = ""
    driver_opts: Mapping[str, str] = field(default_factory=_nothing)
    external: bool = False
    labels: Mapping[str, str] = field(default_factory=_nothing)
    where: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class FileObject:
    """A config or a secret of the project: a ``file`` (absolute), or its ``content`` itself.

    ``environment`` is the variable that the content came from.
    """

    key: str
    name: str
    file: str = ""
    environment: str = ""
    content: str = ""
    external: bool = False
    labels: Mapping[str, str] = field(default_factory=_nothing)
    where: Place = field(default_factory=Place)


@dataclass(frozen=True, slots=True)
class Project:
    """What the compose files say together.

    ``services`` are those that the profiles switch on, in order of their names, ``disabled`` the
    others. ``networks`` … hold what an enabled service uses. ``environment`` is what the
    variables of the files were looked up in.
    """

    name: str
    directory: str
    files: tuple[str, ...] = ()
    services: Mapping[str, Service] = field(default_factory=_nothing)
    disabled: Mapping[str, Service] = field(default_factory=_nothing)
    networks: Mapping[str, Network] = field(default_factory=_nothing)
    volumes: Mapping[str, Volume] = field(default_factory=_nothing)
    configs: Mapping[str, FileObject] = field(default_factory=_nothing)
    secrets: Mapping[str, FileObject] = field(default_factory=_nothing)
    environment: Mapping[str, str] = field(default_factory=_nothing)
    profiles: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()
    canonical: Mapping[str, Any] = field(default_factory=_nothing)
    """The whole as ``docker compose config --format json`` prints it."""
    written: Mapping[str, Any] = field(default_factory=_nothing)
    """The same for ``--format yaml``, which also has keys of one's own (``x-…``)."""

    @property
    def every(self) -> Mapping[str, Service]:
        """All services by their names, whether a profile switches them on or not."""
        return {**self.disabled, **self.services}
