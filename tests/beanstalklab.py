"""A Beanstalk for tests: on an engine, with bundles from a dictionary in place of S3."""

from __future__ import annotations

import io
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import dockerlab
from dockerlab.client.wait import wait_until
from dockerlab.cloud.beanstalk.options import GROUP, PROCESS
from dockerlab.cloud.beanstalk.service import Beanstalk
from dockerlab.cloud.errors import SourceUnavailable
from dockerlab.formats.cloud import Environment

PAGE = """\
FROM busybox
COPY index.html /www/
EXPOSE 8000
CMD ["httpd", "-f", "-p", "8000", "-h", "/www"]
"""
SERVER = """\
FROM node:22
COPY server.js .
EXPOSE 3000
CMD ["node", "server.js"]
"""
SCRIPT = """\
const http = require('http');
const answer = (request, response) => {
  if (request.url === '/exit') process.exit(3);
  if (request.url === '/slow') return setTimeout(() => response.end('slow'), 1500);
  response.statusCode = request.url === '/error' ? 500 : 200;
  response.end('VERSION ' + (process.env.GREETING || ''));
};
const server = http.createServer(answer);
server.listen(3000);
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
"""
QUICK: Mapping[tuple[str, str], str] = {
    (PROCESS, "HealthyThresholdCount"): "2",
    (PROCESS, "DeregistrationDelay"): "5",
}
"""Options that spare a test some waiting."""

TWO = {(GROUP, "MinSize"): "2", (GROUP, "MaxSize"): "2"}


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def page(text: str, dockerfile: str = PAGE) -> bytes:
    """A bundle of a page that says ``text``."""
    return zipped({"Dockerfile": dockerfile, "index.html": text})


def server(version: str) -> bytes:
    """A bundle of a server that answers a request well, also while it is told to end."""
    return zipped({"Dockerfile": SERVER, "server.js": SCRIPT.replace("VERSION", version)})


class Site:
    """One application in a Beanstalk; ``name`` begins the names of its environments."""

    def __init__(self, url: str, root: Path, name: str) -> None:
        self.lab = dockerlab.connect(url)
        self.name = name
        self.bundles: dict[str, bytes] = {}
        self.root = root
        self.cloud = Beanstalk(self.lab, root, self.source)
        self.cloud.create_application("app")

    def source(self, bucket: str, key: str) -> BinaryIO:
        if key not in self.bundles:
            raise SourceUnavailable("Not Found")
        return io.BytesIO(self.bundles[key])

    def version(self, label: str, bundle: bytes) -> str:
        self.bundles[label] = bundle
        self.cloud.create_version("app", label, "bucket", label)
        return label

    def create(self, version: str, options: Mapping[tuple[str, str], str] | None = None) -> str:
        """The environment's name, once it is Ready."""
        self.cloud.create_environment("app", self.name, version, {**QUICK, **(options or {})})
        self.ready()
        return self.name

    def update(
        self, version: str = "", options: Mapping[tuple[str, str], str] | None = None
    ) -> Environment:
        self.cloud.update_environment(self.name, version, options)
        return self.ready()

    @property
    def env(self) -> Environment:
        return self.cloud.environment(self.name)

    def ready(self, timeout: float = 90) -> Environment:
        self.until(lambda env: env.status in ("Ready", "Terminated"), timeout)
        return self.env

    def until(self, check: Callable[[Environment], bool], timeout: float = 60) -> Environment:
        try:
            wait_until(lambda: check(self.env), timeout=timeout, what="the environment")
        except Exception as error:
            raise AssertionError(f"{error}\n{self.env}\n" + "\n".join(self.told())) from error
        return self.env

    def told(self, severity: str = "TRACE") -> list[str]:
        """Messages of events, oldest first."""
        events = self.cloud.events(environment=self.name, severity=severity)
        return [f"{event.severity} {event.message}" for event in reversed(events)]

    def says(self, words: str, severity: str = "TRACE") -> bool:
        return any(words in message for message in self.told(severity))

    def builds(self, number: int) -> None:
        """Wait until so many builds have begun."""
        word = "Building the image"
        self.until(lambda _: sum(word in message for message in self.told()) == number)

    def abandon(self) -> None:
        """Leave everything as it is, as a cloud does that is killed."""
        for one in self.cloud._controllers:
            one._closed = True
            one._thread.join()

    def left(self) -> list[str]:
        """Names of what this cloud still has on the engine."""
        api, label = self.lab.api, {"label": f"dockerlab.cloud={self.cloud.id}"}
        found = [one["Names"][0] for one in api.containers(all=True, filters=label)]
        found += [one["Name"] for one in api.networks(filters=label)]
        return found + [str(one["RepoTags"]) for one in api.images(filters=label)]


@contextmanager
def deployed(url: str, root: Path, name: str) -> Iterator[Site]:
    """A site that must leave nothing on the engine."""
    site = Site(url, root, name)
    try:
        yield site
    finally:
        site.cloud.close()
    assert site.left() == []
    site.lab.close()


def fetch(env: Environment, path: str = "") -> str:
    with urllib.request.urlopen(env.url + path, timeout=30) as response:
        return str(response.read().decode())


def timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began
