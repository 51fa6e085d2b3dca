"""The three files by which a container knows names: hosts, resolv.conf and hostname.

Written as Docker writes them. The container sees them as bind mounts, so they are rewritten in
place: a renamed file would not show inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from dockerlab.engine.errors import BadParameter
from dockerlab.engine.net.loopback import RESOLVER

_STANDARD_HOSTS = (
    "127.0.0.1\tlocalhost",
    "::1\tlocalhost ip6-localhost ip6-loopback",
    "fe00::0\tip6-localnet",
    "ff00::0\tip6-mcastprefix",
    "ff02::1\tip6-allnodes",
    "ff02::2\tip6-allrouters",
)
_PUBLIC_SERVERS = ("8.8.8.8", "8.8.4.4")
_RESOLV_CONF = Path("/etc/resolv.conf")
_SYSTEMD_RESOLV_CONF = Path("/run/systemd/resolve/resolv.conf")
"""Where systemd-resolved lists the real servers behind its own 127.0.0.53."""

_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Names:
    """What a container was told about names (``--hostname``, ``--add-host``, ``--dns`` …)."""

    hostname: str
    domainname: str = ""
    extra_hosts: tuple[str, ...] = ()
    """``name:address`` each; the address may be ``host-gateway``."""
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    dns_options: tuple[str, ...] = ()

    @property
    def full(self) -> str:
        return f"{self.hostname}.{self.domainname}" if self.domainname else self.hostname


def write(
    directory: Path,
    names: Names,
    addresses: Sequence[str],
    gateway: str = "",
    others: Iterable[tuple[str, Sequence[str]]] = (),
    *,
    resolver: bool = False,
) -> None:
    """Write all three files into the container's folder.

    ``addresses`` are the container's own, one a network; none: it has no network of its own.
    ``others`` are more addresses with their names (links).
    ``resolver``: it has a name server of the engine's.
    """
    (directory / "hostname").write_text(names.full + "\n")
    (directory / "hosts").write_text(hosts(names, addresses, gateway, others))
    text = resolv_conf(names, host_resolv_conf())
    (directory / "resolv.conf").write_text(with_resolver(text) if resolver else text)


def asks_resolver(directory: Path) -> bool:
    """Whether the container of this folder asks the engine's name server."""
    return RESOLVER in _parse_resolv_conf(_read(directory / "resolv.conf"))[0]


def add_resolver(directory: Path) -> None:
    """Have a container that runs ask the engine's name server from now on."""
    if not asks_resolver(directory):
        path = directory / "resolv.conf"
        path.write_text(with_resolver(_read(path)))


def write_like_host(directory: Path, names: Names, gateway: str = "") -> None:
    """The same for a container on the host's network: what was not asked for is the host's."""
    (directory / "hostname").write_text(names.full + "\n")
    theirs = _read(Path("/etc/hosts"))
    use_ours = names.extra_hosts or not theirs
    (directory / "hosts").write_text(hosts(names, (), gateway) if use_ours else theirs)
    asked = names.dns or names.dns_search or names.dns_options
    text = _read(_RESOLV_CONF)
    if asked or not text:
        text = resolv_conf(names, text, keep_loopback=True)
    (directory / "resolv.conf").write_text(text)


def hosts(
    names: Names,
    addresses: Sequence[str],
    gateway: str = "",
    others: Iterable[tuple[str, Sequence[str]]] = (),
) -> str:
    """The text of /etc/hosts; ``others`` are more addresses with their names (links)."""
    lines = list(_STANDARD_HOSTS)
    for entry in names.extra_hosts:
        name, address = parse_extra_host(entry, gateway)
        lines.append(f"{address}\t{name}")
    lines += [f"{address}\t{' '.join(theirs)}" for address, theirs in others]
    short, dot, _ = names.full.partition(".")
    own = f"{names.full} {short}" if dot else names.full
    lines += [f"{address}\t{own}" for address in addresses]
    return "\n".join(lines) + "\n"


def parse_extra_host(entry: str, gateway: str = "") -> tuple[str, str]:
    """Name and address of ``name:address``; ``host-gateway`` stands for ``gateway``."""
    name, colon, address = entry.partition(":")
    if not colon or not name or any(c.isspace() for c in entry):
        raise BadParameter(f"bad format for add-host: {entry!r}")
    if address == "host-gateway":
        if not gateway:
            raise BadParameter("unable to derive the IP value for host-gateway")
        return name, gateway
    if _address(address) is None:
        raise BadParameter(f"invalid IP address in add-host: {address!r}")
    return name, address


def resolv_conf(names: Names, host_text: str, *, keep_loopback: bool = False) -> str:
    """The text of /etc/resolv.conf: the host's, with what was asked for in place of its lines.

    Name servers on a loopback address are left out, as nothing answers there in a container;
    when none is left, public ones stand in.
    """
    servers, search, options = _parse_resolv_conf(host_text)
    if not keep_loopback:
        servers = [server for server in servers if not _is_loopback(server)]
    servers = list(names.dns) or servers or list(_PUBLIC_SERVERS)
    search = list(names.dns_search) or search
    options = list(names.dns_options) or options
    lines = []
    if search and search != ["."]:
        lines.append("search " + " ".join(search))
    lines += [f"nameserver {server}" for server in servers]
    if options:
        lines.append("options " + " ".join(options))
    return "\n".join(lines) + "\n"


def with_resolver(text: str) -> str:
    """The text of /etc/resolv.conf in a network with names: all questions go to 127.0.0.11.

    Its only server, and a name without dots is not tried with the search domains first.
    """
    _, search, options = _parse_resolv_conf(text)
    if not any(option.startswith("ndots:") for option in options):
        options.append("ndots:0")
    lines = ["search " + " ".join(search)] if search else []
    lines += [f"nameserver {RESOLVER}", "options " + " ".join(options)]
    return "\n".join(lines) + "\n"


def outside_servers(dns: Sequence[str]) -> list[str]:
    """Whom the engine's name server asks for names that it does not know: Docker's choice."""
    return list(dns) or _parse_resolv_conf(host_resolv_conf())[0] or list(_PUBLIC_SERVERS)


def host_resolv_conf() -> str:
    """The host's resolv.conf, the one with the real servers where systemd-resolved hides them."""
    text = _read(_RESOLV_CONF)
    servers, _, _ = _parse_resolv_conf(text)
    if servers == ["127.0.0.53"]:
        return _read(_SYSTEMD_RESOLV_CONF) or text
    return text


def _parse_resolv_conf(text: str) -> tuple[list[str], list[str], list[str]]:
    servers: list[str] = []
    search: list[str] = []
    options: list[str] = []
    for line in text.splitlines():
        words = line.split("#")[0].split(";")[0].split()
        match words:
            case ["nameserver", server, *_]:
                servers.append(server)
            case ["search" | "domain", *domains]:
                search = domains
            case ["options", *more]:
                options += more
    return servers, search, options


def _is_loopback(server: str) -> bool:
    address = _address(server.partition("%")[0])
    return address is None or address.is_loopback


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _read(path: Path) -> str:
    """The file's text, empty when there is none."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""
