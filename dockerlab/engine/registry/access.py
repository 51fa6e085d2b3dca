"""One registry: where it is, who we are to it, and what it answers.

aiohttp's client is imported when the first session begins: an engine that never pulls does not
pay for it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import os
import re
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from dockerlab.engine.errors import BadParameter, ServerError
from dockerlab.formats import manifest
from dockerlab.formats.manifest import Descriptor
from dockerlab.formats.reference import DEFAULT_DOMAIN, Reference

if TYPE_CHECKING:
    import aiohttp

_HUB = "registry-1.docker.io"
_CHUNK = 256 << 10
_CONNECT_TIMEOUT = 15.0
_READ_TIMEOUT = 60.0
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class Partial(Protocol):
    """Content being written, of which ``size`` bytes are there already."""

    @property
    def size(self) -> int: ...
    def write(self, data: bytes) -> None: ...
    def restart(self) -> None: ...
    def commit(self) -> None:
        """It is complete: check and keep it. Raises BadParameter when the digest is wrong."""
        ...

    def abandon(self) -> None:
        """It is not: keep it for the next try."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """Which registries to ask, and how."""

    mirrors: tuple[str, ...] = ()
    """URLs asked before Docker Hub, for its images."""
    insecure: tuple[str, ...] = ()
    """Hosts (with port) that are spoken to over plain HTTP."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """DOCKERLAB_REGISTRY_MIRRORS and DOCKERLAB_INSECURE_REGISTRIES, comma-separated."""
        return cls(
            _listed(environment.get("DOCKERLAB_REGISTRY_MIRRORS", "")),
            _listed(environment.get("DOCKERLAB_INSECURE_REGISTRIES", "")),
        )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())


@dataclass(frozen=True, slots=True)
class Login:
    """What a client sends in X-Registry-Auth."""

    username: str = ""
    password: str = ""
    token: str = ""
    """A registry token, used as it is."""


def read_login(header: str) -> Login:
    """Decode an X-Registry-Auth header (base64 of JSON); empty is nobody. BadParameter."""
    if not header:
        return Login()
    try:
        text = base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))
        data = json.loads(text) if text.strip() else {}
        return Login(
            str(data.get("username") or ""),
            str(data.get("password") or ""),
            str(data.get("registrytoken") or ""),
        )
    except (ValueError, AttributeError):
        raise BadParameter("invalid X-Registry-Auth header") from None


def endpoints(reference: Reference, settings: Settings) -> list[str]:
    """Base URLs to try for an image, in order."""
    if reference.domain == DEFAULT_DOMAIN:
        return [_with_scheme(mirror, settings) for mirror in settings.mirrors] + [f"https://{_HUB}"]
    return [_with_scheme(reference.domain, settings)]


def _with_scheme(host: str, settings: Settings) -> str:
    if "://" in host:
        return host
    return f"{'http' if _is_plain(host, settings) else 'https'}://{host}"


def _is_plain(host: str, settings: Settings) -> bool:
    return is_local(host) or host in settings.insecure or _bare(host) in settings.insecure


def is_local(host: str) -> bool:
    """Whether a host (with or without a port) is this machine itself."""
    name = _bare(host)
    return name == "localhost" or name.startswith(("127.", "[::1]"))


def _bare(host: str) -> str:
    return host if host.count(":") > 1 else host.partition(":")[0]


class Missing(Exception):
    """The registry answers, but does not have it (or does not say so to us)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Registry:
    """One endpoint, for one repository, as one user."""

    session: aiohttp.ClientSession
    base: str
    repository: str
    login: Login
    _authorization: str = field(default="", repr=False)

    async def manifest(self, name: str) -> tuple[bytes, str, str]:
        """(bytes, media type, digest) of a manifest by tag or digest; checked."""
        accept = {"Accept": ", ".join(manifest.ACCEPTED)}
        async with self._get(f"manifests/{name}", accept) as response:
            raw = await response.content.read(manifest.LARGEST_JSON + 1)
            while len(raw) <= manifest.LARGEST_JSON and (more := await response.content.readany()):
                raw += more
            kind = response.headers.get("Content-Type", "").partition(";")[0]
        if len(raw) > manifest.LARGEST_JSON:
            raise ServerError(f"the manifest of {self.repository} is larger than 8 MiB")
        found = digest_of(raw)
        if name.startswith("sha256:") and found != name:
            raise ServerError(f"manifest verification failed for digest {name}")
        return raw, kind, found

    async def blob(
        self, descriptor: Descriptor, partial: Partial, progress: Callable[[int], None]
    ) -> None:
        """Fetch a blob into a file, continuing where that ends."""
        if partial.size > descriptor.size:
            partial.restart()
        if partial.size == descriptor.size:
            return
        headers = {"Range": f"bytes={partial.size}-"} if partial.size else {}
        async with self._get(f"blobs/{descriptor.digest}", headers) as response:
            if partial.size and response.status != 206:
                partial.restart()
            async for chunk in response.content.iter_chunked(_CHUNK):
                if partial.size + len(chunk) > descriptor.size:
                    raise ServerError(f"{descriptor.digest} is larger than its manifest says")
                await asyncio.to_thread(partial.write, chunk)
                progress(partial.size)
        if partial.size < descriptor.size:
            raise ConnectionError("the connection ended in the middle of a layer")

    @contextlib.asynccontextmanager
    async def _get(
        self, path: str, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        url = f"{self.base}/v2/{self.repository}/{path}"
        for attempt in range(2):
            sent = dict(headers)
            if self._authorization:
                sent["Authorization"] = self._authorization
            async with self.session.get(url, headers=sent) as response:
                challenge = response.headers.get("WWW-Authenticate", "")
                if response.status == 401 and attempt == 0 and challenge:
                    await self._authorize(challenge)
                    continue
                if response.status >= 400:
                    raise await _refusal(response)
                yield response
                return

    async def _authorize(self, challenge: str) -> None:
        scheme, _, rest = challenge.partition(" ")
        user = base64.b64encode(f"{self.login.username}:{self.login.password}".encode()).decode()
        if self.login.token:
            self._authorization = f"Bearer {self.login.token}"
        elif scheme.lower() == "basic":
            self._authorization = f"Basic {user}" if self.login.username else ""
        else:
            fields = dict(_CHALLENGE.findall(rest))
            self._authorization = await self._token(fields, user if self.login.username else "")

    async def _token(self, fields: dict[str, str], user: str) -> str:
        realm = fields.get("realm", "")
        if not realm.startswith(("https://", "http://")):
            raise ServerError(f"the registry {self.base} names no place to get a token from")
        if urlsplit(self.base).scheme == "https" and not realm.startswith("https://"):
            raise ServerError(
                f"the registry {self.base} sends passwords to an unsafe place: {realm}"
            )
        wanted: dict[str, str] = {key: fields[key] for key in ("service", "scope") if key in fields}
        wanted.setdefault("scope", f"repository:{self.repository}:pull")
        headers = {"Authorization": f"Basic {user}"} if user else {}
        async with self.session.get(realm, params=wanted, headers=headers) as response:
            if response.status >= 400:
                raise await _refusal(response)
            data = manifest.parse_json(await response.content.read(1 << 20), "token")
        return f"Bearer {data.get('token') or data.get('access_token') or ''}"


async def _refusal(response: aiohttp.ClientResponse) -> Exception:
    text = await response.content.read(64 << 10)
    code, message = "", ""
    with contextlib.suppress(ValueError, LookupError, TypeError, AttributeError):
        error = json.loads(text)["errors"][0]
        code, message = str(error.get("code") or ""), str(error.get("message") or "")
    if response.status in (401, 403, 404):
        return Missing(response.status, code, message or (response.reason or ""))
    where = f"{response.url.host}"
    if response.status == 429:
        return ServerError(
            f"toomanyrequests: {message or f'{where} asks to wait before pulling more'}",
            "Log in, use a mirror (DOCKERLAB_REGISTRY_MIRRORS), or try again later.",
        )
    return ServerError(
        f"{where} answered {response.status} {response.reason}: {message}".rstrip(": ")
    )


def digest_of(raw: bytes) -> str:
    """``sha256:<hex>`` of some bytes."""
    return "sha256:" + hashlib.sha256(raw).hexdigest()


_confined = False


def confine() -> None:
    """From now on this process connects to this machine's loopback addresses only."""
    global _confined
    _confined = True


def _connector(context: ssl.SSLContext) -> aiohttp.TCPConnector:
    import aiohttp

    if _confined:
        # Whatever leads elsewhere ends here: mirrors, places for tokens, redirections.
        from dockerlab.engine.registry.confinement import LocalNames, local_socket

        return aiohttp.TCPConnector(ssl=context, resolver=LocalNames(), socket_factory=local_socket)
    return aiohttp.TCPConnector(ssl=context)


def session(domain: str = "") -> aiohttp.ClientSession:
    """A client for one pull from ``domain``: proxies and certificates as the environment says.

    As for Docker, a registry on this machine is none that a proxy could reach.
    """
    import aiohttp

    context = ssl.create_default_context()
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if os.path.isfile(path := os.environ.get(variable, "")):
            context.load_verify_locations(path)
    return aiohttp.ClientSession(
        connector=_connector(context),
        timeout=aiohttp.ClientTimeout(sock_connect=_CONNECT_TIMEOUT, sock_read=_READ_TIMEOUT),
        headers={"User-Agent": "dockerlab"},
        auto_decompress=False,
        trust_env=not is_local(domain) and not _confined,
    )


def connection_errors() -> tuple[type[Exception], ...]:
    """What a broken or impossible connection raises."""
    import aiohttp

    return (aiohttp.ClientError, OSError, TimeoutError)
