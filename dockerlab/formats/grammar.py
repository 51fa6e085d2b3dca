"""The words of the docker command line: its commands, their arguments and flags.

The table is written as the help text reads, one command a block:

    name[, other name …] | ARGUMENTS | what it does
      -s, --long kind   what the flag does

``kind`` is missing for a switch; else string, list (may be repeated), int, decimal, bytes or
duration. ARGUMENTS says how many words are taken: ``NAME`` one, ``[NAME]`` at most one, ``NAME...``
one or more, ``[NAME...]`` any number. After ``--`` in ARGUMENTS come words that are not looked at
for flags: the command that runs in the container.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from dockerlab.formats.composed.commands import COMPOSE_TABLE

_CREATE_FLAGS = """
      --add-host list               a host name and address (name:address) for /etc/hosts
      --cap-add list                give a Linux capability
      --cap-drop list               take a Linux capability away
  -c, --cpu-shares int              share of the processors, relative to others (1024)
      --cpus decimal                how many processors it may use, as 0.5
      --dns list                    a name server
      --dns-option, --dns-opt list  an option for looking names up, as ndots:1
      --dns-search list             a domain to look names up in
      --domainname string           domain of its host name
      --entrypoint string           replaces the image's entry point
  -e, --env list                    an environment variable, NAME=value
      --env-file list               a file of environment variables
      --expose list                 a port that the container listens on
      --health-cmd string           command that tells whether it is healthy
      --health-interval duration    time between two checks
      --health-retries int          failures in a row until it is unhealthy
      --health-start-period duration  time to start up in which failures do not count
      --health-timeout duration     longest time for one check
  -h, --hostname string             host name inside
      --ip string                   its address in the network, as 10.77.0.5
      --init                        a small init process as PID 1
  -i, --interactive                 keep its standard input open
  -l, --label list                  a label, key=value
      --link list                   link to another container (old way; use a network)
  -m, --memory bytes                most memory it may use, as 64m
      --memory-swap bytes           most memory and swap together
      --mount list                  a mount: type=volume,src=data,dst=/data
      --name string                 its name
      --network, --net string       the network it joins, or name=NETWORK,alias=NAME,ip=ADDRESS
      --network-alias, --net-alias list  another name for it in the network
      --no-healthcheck              no health check even if the image has one
      --pids-limit int              most processes in it
      --platform string             os/arch of the image
      --privileged                  all capabilities and devices
  -p, --publish list                open a port on the host, host:container
  -P, --publish-all                 open all exposed ports on free ports of the host
      --pull string                 pull the image first: always, missing or never
  -q, --quiet                       no progress of a pull
      --read-only                   root file system read-only
      --restart string              no, on-failure[:n], always or unless-stopped
      --rm                          remove it when it ends
      --security-opt list           a security option
      --shm-size bytes              size of /dev/shm
      --stop-signal string          signal that stops it
      --stop-timeout int            seconds from the stop signal to the kill
      --tmpfs list                  a folder in memory, /path[:options]
  -t, --tty                         give it a terminal
      --ulimit list                 a limit, name=soft[:hard]
  -u, --user string                 user[:group] it runs as
  -v, --volume list                 a volume or folder, name:/path
      --volumes-from list           the volumes of another container
  -w, --workdir string              folder it starts in
"""

_LIST_FLAGS = """
  -f, --filter list     only what matches, key=value
      --format string   json, table TEMPLATE or TEMPLATE
      --no-trunc        whole ids and texts
  -q, --quiet           ids only
"""

_INSPECT_FLAGS = """
  -f, --format string   json or TEMPLATE
"""

_PRUNE_FLAGS = """
      --filter list     only what matches, key=value
  -f, --force           do not ask
"""

_TABLE = f"""
run, container run | IMAGE -- [COMMAND] [ARG...] | Create a container from an image and start it
{_CREATE_FLAGS}
  -d, --detach                      run in the background and print the id
create, container create | IMAGE -- [COMMAND] [ARG...] | Create a container without starting it
{_CREATE_FLAGS}
start, container start | CONTAINER... | Start stopped containers
  -a, --attach          show their output until they end
  -i, --interactive     send input to it
stop, container stop | CONTAINER... | Ask containers to end; kill them after a while
  -s, --signal string   signal to send
  -t, --time, --timeout int  seconds to wait before killing (10)
restart, container restart | CONTAINER... | Stop containers and start them again
  -s, --signal string   signal to send
  -t, --time, --timeout int  seconds to wait before killing (10)
kill, container kill | CONTAINER... | End containers at once
  -s, --signal string   signal to send (KILL)
pause, container pause | CONTAINER... | Freeze all processes of containers
unpause, container unpause | CONTAINER... | Let paused containers go on
rm, container rm, container remove | CONTAINER... | Remove containers
  -f, --force           kill it first if it runs
  -l, --link            remove the link only
  -v, --volumes         its anonymous volumes too
rename, container rename | CONTAINER NEW_NAME | Give a container another name
update, container update | CONTAINER... | Change limits of containers
  -c, --cpu-shares int  share of the processors, relative to others
      --cpus decimal    how many processors it may use
  -m, --memory bytes    most memory it may use
      --memory-swap bytes  most memory and swap together
      --pids-limit int  most processes in it
      --restart string  when to start it again
wait, container wait | CONTAINER... | Wait until containers end and print their exit codes
attach, container attach | CONTAINER | Connect to a running container's input and output
      --no-stdin        output only
exec, container exec | CONTAINER -- COMMAND [ARG...] | Run a command in a running container
  -d, --detach          in the background
  -e, --env list        an environment variable, NAME=value
      --env-file list   a file of environment variables
  -i, --interactive     keep its standard input open
      --privileged      all capabilities
  -t, --tty             give it a terminal
  -u, --user string     user[:group] it runs as
  -w, --workdir string  folder it starts in
ps, container ls, container list, container ps | | List containers
  -a, --all             stopped ones too
{_LIST_FLAGS}
  -n, --last int        the last n created
  -l, --latest          the last created
  -s, --size            sizes too
logs, container logs | CONTAINER | Show a container's output
  -f, --follow          go on as more comes
      --since string    from a time (2026-01-02T15:04:05) or a while ago (10m) on
  -n, --tail string     the last n lines
  -t, --timestamps      the time before each line
      --until string    up to a time
top, container top | CONTAINER -- [PS_OPTION...] | Show the processes of a container
stats, container stats | [CONTAINER...] | Show what containers use
  -a, --all             stopped ones too
      --format string   json, table TEMPLATE or TEMPLATE
      --no-stream       once instead of again and again
      --no-trunc        whole ids
port, container port | CONTAINER [PRIVATE_PORT] | List the published ports of a container
diff, container diff | CONTAINER | List the files that differ from the image
cp, container cp | SOURCE DESTINATION | Copy files between a container and here
  -a, --archive         keep owner and group
  -L, --follow-link     follow a link in SOURCE
  -q, --quiet           no message
commit, container commit | CONTAINER [IMAGE] | Make an image from a container
  -a, --author string   who made it
  -c, --change list     a Dockerfile instruction to apply
  -m, --message string  a note
  -p, --pause           pause it meanwhile
export, container export | CONTAINER | Write a container's files as a tar archive
  -o, --output string   the file to write
inspect | NAME... | Show all facts about containers, images, networks or volumes
{_INSPECT_FLAGS}
  -s, --size            sizes too
      --type string     container, image, network or volume
container inspect | CONTAINER... | Show all facts about containers
{_INSPECT_FLAGS}
  -s, --size            sizes too
container prune | | Remove all stopped containers
{_PRUNE_FLAGS}
images, image ls, image list | [REPOSITORY] | List images
  -a, --all             intermediate ones too
      --digests         digests too
{_LIST_FLAGS}
pull, image pull | IMAGE | Fetch an image from a registry
  -a, --all-tags        all tags
      --platform string  os/arch
  -q, --quiet           no progress
push, image push | IMAGE | Send an image to a registry
  -q, --quiet           no progress
tag, image tag | SOURCE_IMAGE TARGET_IMAGE | Give an image another name
rmi, image rm, image remove | IMAGE... | Remove images
  -f, --force           even if a stopped container uses it
      --no-prune        leave untagged parents
history, image history | IMAGE | Show the steps that made an image
      --format string   json, table TEMPLATE or TEMPLATE
  -H, --human           sizes and dates for people
      --no-trunc        whole texts
  -q, --quiet           ids only
save, image save | IMAGE... | Write images as a tar archive
  -o, --output string   the file to write
load, image load | | Read images from a tar archive
  -i, --input string    the file to read
  -q, --quiet           no progress
import, image import | FILE [IMAGE] | Make an image from a tar archive of files
  -c, --change list     a Dockerfile instruction to apply
  -m, --message string  a note
image inspect | IMAGE... | Show all facts about images
{_INSPECT_FLAGS}
image prune | | Remove unused images
  -a, --all             all without a container, not only nameless ones
{_PRUNE_FLAGS}
search | TERM | Search Docker Hub
  -f, --filter list     only what matches
      --limit int       at most so many
      --no-trunc        whole texts
build, image build, builder build, buildx build | PATH | Build an image from a Dockerfile
      --build-arg list  a value for ARG, NAME=value
  -f, --file string     the Dockerfile
      --force-rm        remove the container of a failed step too
      --label list      a label
      --network string  the network that RUN has
      --no-cache        build every step anew
      --progress string  how progress is shown
      --pull            pull the base image first
  -q, --quiet           print the id only
      --rm              remove intermediate containers
  -t, --tag list        name:tag of the result
      --target string   the stage to stop at
volume ls, volume list | | List volumes
  -f, --filter list     only what matches, key=value
      --format string   json, table TEMPLATE or TEMPLATE
  -q, --quiet           names only
volume create | [VOLUME] | Create a volume
  -d, --driver string   its driver
      --label list      a label
      --name string     its name
  -o, --opt list        an option of the driver
volume rm, volume remove | VOLUME... | Remove volumes
  -f, --force           no error if it is not there
volume inspect | VOLUME... | Show all facts about volumes
{_INSPECT_FLAGS}
volume prune | | Remove unused volumes
  -a, --all             named ones too
{_PRUNE_FLAGS}
network ls, network list | | List networks
{_LIST_FLAGS}
network create | NETWORK | Create a network
      --attachable          for swarms; no effect elsewhere
      --aux-address list    an address that no container gets, name=address
  -d, --driver string       its driver
      --gateway list        the gateway's address
      --internal            no way out
      --ip-range list       the part of the addresses that containers get
      --ipam-driver string  who gives out addresses
      --ipam-opt list       an option of who gives out addresses
      --ipv6                addresses of IPv6 too
      --label list          a label
  -o, --opt list            an option of the driver
      --subnet list         its addresses, as 10.77.0.0/24
network rm, network remove | NETWORK... | Remove networks
  -f, --force           no error if it is not there
network inspect | NETWORK... | Show all facts about networks
{_INSPECT_FLAGS}
  -v, --verbose         what a swarm knows too
network connect | NETWORK CONTAINER | Connect a container to a network
      --alias list          another name for it there
      --driver-opt list     an option of the driver
      --ip string           its address
      --ip6 string          its IPv6 address
      --link list           a name for another container, container:name
      --link-local-ip list  a link-local address
network disconnect | NETWORK CONTAINER | Disconnect a container from a network
  -f, --force               even if the container is no more
network prune | | Remove unused networks
{_PRUNE_FLAGS}
system df | | Show how much disk is used
      --format string   json, table TEMPLATE or TEMPLATE
  -v, --verbose         item by item
system prune | | Remove stopped containers, unused networks, nameless images and the build cache
  -a, --all             all images without a container
      --volumes         unused volumes too
{_PRUNE_FLAGS}
builder prune | | Remove the build cache
  -a, --all             all of it
{_PRUNE_FLAGS}
events, system events | | Show what happens in the engine
  -f, --filter list     only what matches, key=value
      --format string   json or TEMPLATE
      --since string    from a time or a while ago on
      --until string    up to a time
info, system info | | Show facts about the engine
  -f, --format string   json or TEMPLATE
version | | Show the versions of client and engine
  -f, --format string   json or TEMPLATE
"""


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag: ``long`` is its main name, ``names`` all of them with their dashes."""

    long: str
    names: tuple[str, ...]
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class Spec:
    """A command: its main name, other names, the words it takes and its flags."""

    name: str
    aliases: tuple[str, ...]
    arguments: str
    about: str
    flags: tuple[Flag, ...]
    least: int
    most: int | None
    options_anywhere: bool
    """False where a command to run follows, whose own flags must be left alone."""

    def flag(self, name: str) -> Flag | None:
        return next((flag for flag in self.flags if name in flag.names), None)

    @property
    def usage(self) -> str:
        words = self.arguments.replace("-- ", "")
        return " ".join(f"docker {self.name} [OPTIONS] {words}".split())


_FLAG = re.compile(r"^\s+((?:--?[\w-]+(?:, )?)+)(?: (\w+))?\s{2,}(\S.*)$")


@cache
def specs() -> dict[str, Spec]:
    """Every command by each of its names."""
    found: dict[str, Spec] = {}
    for head, flags in _blocks():
        names, arguments, about = (part.strip() for part in head.split("|"))
        name, *aliases = names.split(", ")
        spec = _spec(name, tuple(aliases), arguments, about, tuple(flags))
        found.update(dict.fromkeys((name, *aliases), spec))
    return found


def _blocks() -> Iterator[tuple[str, list[Flag]]]:
    head, flags = "", list[Flag]()
    for line in filter(str.strip, (_TABLE + COMPOSE_TABLE).splitlines()):
        if not line.startswith(" "):
            if head:
                yield head, flags
            head, flags = line, []
            continue
        match = _FLAG.match(line)
        assert match is not None, line
        names = tuple(match.group(1).split(", "))
        long = next(name for name in names if name.startswith("--"))
        flags.append(Flag(long[2:], names, match.group(2) or "switch", match.group(3)))
    yield head, flags


def _spec(
    name: str, aliases: tuple[str, ...], words: str, about: str, flags: tuple[Flag, ...]
) -> Spec:
    before, dashes, after = words.partition("--")
    parts = [*before.split(), *after.split()]
    least = sum(not part.startswith("[") for part in parts)
    most = None if any(part.rstrip("]").endswith("...") for part in parts) else len(parts)
    ordered = tuple(sorted(flags, key=lambda flag: flag.long))
    return Spec(name, aliases, words, about, ordered, least, most, not dashes)


@cache
def groups() -> dict[str, tuple[str, ...]]:
    """The management words and what may follow them: ``{"container": ("ls", "rm", …)}``."""
    found: dict[str, list[str]] = {}
    for name in specs():
        group, blank, word = name.partition(" ")
        if blank:
            found.setdefault(group, []).append(word)
    return {group: tuple(sorted(words)) for group, words in found.items()}


def top_words() -> tuple[str, ...]:
    """Every word that may follow ``docker``."""
    return tuple(sorted({name.partition(" ")[0] for name in specs()}))
