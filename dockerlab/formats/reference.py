"""Image names: ``alpine`` is short for ``docker.io/library/alpine:latest``.

The grammar is that of the distribution project's *reference* package, with Docker's defaults::

    reference = [domain "/"] path [":" tag] ["@" digest]
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from dockerlab.errors import FormatError

DEFAULT_DOMAIN = "docker.io"
DEFAULT_TAG = "latest"
_OFFICIAL = "library/"
_LONGEST_NAME = 255

_DOMAIN_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = re.compile(rf"(?:{_DOMAIN_LABEL}(?:\.{_DOMAIN_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_PATH_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_PATH_PART}(?:/{_PATH_PART})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", re.ASCII)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"(?:sha256:)?([0-9a-f]{1,64})")


@dataclass(frozen=True, slots=True)
class Reference:
    """A complete image name. ``tag`` or ``digest`` may be empty, not both."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @property
    def name(self) -> str:
        """``docker.io/library/alpine``: where it is, without tag and digest."""
        return f"{self.domain}/{self.path}"

    @property
    def repository(self) -> str:
        """The name as people write it, without tag and digest: ``alpine``."""
        if self.domain != DEFAULT_DOMAIN or _is_domain(*self.path.split("/", 1)):
            return self.name
        short = self.path.removeprefix(_OFFICIAL)
        # "library/a/b" must keep its prefix: "a/b" would be another image.
        return self.path if "/" in short else short

    @property
    def familiar(self) -> str:
        """The name as people write it: ``alpine:latest``, ``alpine@sha256:…``."""
        return self.repository + self._end()

    @property
    def canonical(self) -> str:
        """The name written out: ``docker.io/library/alpine:latest``."""
        return self.name + self._end()

    def _end(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{tag}@{self.digest}" if self.digest else tag

    def with_tag(self, tag: str) -> Reference:
        """The same repository with another tag. Raises FormatError."""
        if not _TAG.fullmatch(tag):
            raise FormatError("invalid tag format")
        return replace(self, tag=tag, digest="")

    def with_digest(self, digest: str) -> Reference:
        """The same repository at a digest. Raises FormatError."""
        return replace(self, tag="", digest=check_digest(digest))

    def __str__(self) -> str:
        return self.familiar


def parse(text: str) -> Reference:
    """Read an image name as a person types it, with Docker's defaults filled in.

    Raises FormatError in Docker's words.
    """
    if _HEX64.fullmatch(text):
        raise FormatError(
            f"invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"
        )
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise FormatError("invalid reference format", "After @ comes sha256: and 64 hex digits.")
    name, tag = _split_tag(rest)
    if tag is not None and not _TAG.fullmatch(tag):
        raise FormatError("invalid reference format", f"{tag!r} is not a tag.")
    domain, path = _split_domain(name)
    _check_name(domain, path)
    return Reference(domain, path, (tag or "") if digest else tag or DEFAULT_TAG, digest)


def parse_repository(text: str) -> Reference:
    """Read a name without tag or digest, as ``docker tag``'s ``repo`` parameter is."""
    reference = parse(text)
    if reference.digest:
        raise FormatError("refusing to create a tag with a digest reference")
    return reference


def has_tag(text: str) -> bool:
    """Whether a tag or digest was written, rather than filled in."""
    return "@" in text or _split_tag(text)[1] is not None


def check_digest(text: str) -> str:
    """``text`` if it is a sha256 digest, else FormatError."""
    if not _DIGEST.fullmatch(text):
        raise FormatError("invalid checksum digest format")
    return text


def id_prefix(text: str) -> str:
    """The hex digits if ``text`` could be (the start of) an image id, else ``""``."""
    match = _ID.fullmatch(text)
    return match[1] if match else ""


def _split_tag(rest: str) -> tuple[str, str | None]:
    name, colon, tag = rest.rpartition(":")
    if not colon or "/" in tag:  # "localhost:5000/x": that colon belongs to a port
        return rest, None
    return name, tag


def _split_domain(name: str) -> tuple[str, str]:
    first, _, rest = name.partition("/")
    if _is_domain(first, rest):
        domain, path = first, rest
    else:
        domain, path = DEFAULT_DOMAIN, name
    if domain == "index.docker.io":
        domain = DEFAULT_DOMAIN
    if domain == DEFAULT_DOMAIN and "/" not in path:
        path = _OFFICIAL + path
    return domain, path


def _is_domain(first: str, rest: str = "") -> bool:
    return bool(rest) and (first == "localhost" or not set(first).isdisjoint(".:"))


def _check_name(domain: str, path: str) -> None:
    if _PATH.fullmatch(path) and _DOMAIN.fullmatch(domain):
        if len(path) > _LONGEST_NAME:
            raise FormatError("repository name must not be more than 255 characters")
        return
    if path != path.lower() and _PATH.fullmatch(path.lower()):
        raise FormatError("invalid reference format: repository name must be lowercase")
    raise FormatError(
        "invalid reference format",
        "A name is lower-case letters, digits and . _ - between them, then perhaps :tag.",
    )
