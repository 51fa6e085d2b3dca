"""Drive JupyterLab in a headless Chromium, as a learner would with a mouse.

The commands are JupyterLab's own (``notebook:run-all-cells``), not clicks in its menus: those
get lost now and then.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import nbformat

from dockerlab.cli.jupyter import EXTENSIONS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY = "() => !!window.jupyterapp?.shell?.currentWidget?.sessionContext"
_WHEN_READY = """async () => {
  const app = window.jupyterapp;
  await app.restored;
  const panel = app.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await panel.sessionContext.session.kernel.info;
  %s
}"""


def when_ready(code: str) -> str:
    """JavaScript that waits for the notebook's ``panel`` and its kernel, then does this."""
    return _WHEN_READY % code


RUN_ALL = when_ready("""
  await app.commands.execute('notebook:run-all-cells');
  return panel.content.widgets.filter(cell => cell.model.type === 'code').map(cell => ({
    count: cell.model.executionCount,
    errors: cell.model.outputs.toJSON().filter(out => out.output_type === 'error')
      .map(out => out.ename + ': ' + out.evalue),
  }));""")
SAVE = "async () => { await window.jupyterapp.shell.currentWidget.context.save(); }"
# What a screen reader needs: ids that are there and are unique, names on all that can be reached.
AUDIT = """view => {
  const found = [];
  const ids = [...view.querySelectorAll('[id]')].map(part => part.id);
  if (new Set(ids).size !== ids.length) found.push('an id twice');
  for (const name of ['aria-controls', 'aria-describedby', 'for'])
    for (const part of view.querySelectorAll(`[${name}]`))
      for (const id of part.getAttribute(name).split(' '))
        if (!view.querySelector('#' + CSS.escape(id))) found.push(`${name}: ${id} is nowhere`);
  for (const part of view.querySelectorAll('button, [tabindex="0"], [role=region]'))
    if (!(part.textContent.trim() || part.getAttribute('aria-label'))) found.push('no name: ' + part.outerHTML);
  for (const part of view.querySelectorAll('*')) {
    const size = parseFloat(getComputedStyle(part).fontSize);
    if (part.textContent.trim() && size < 11) found.push(`${size}px: ${part.className}`);
  }
  return found;
}"""  # noqa: E501
THEME = "async name => { await window.jupyterapp.commands.execute('apputils:change-theme', {theme: name}); }"  # noqa: E501


def notebook(path: Path, cells: Sequence[str]) -> Path:
    """Write a notebook with these code cells."""
    made = nbformat.v4.new_notebook()
    made.cells = [
        nbformat.v4.new_code_cell(source, id=f"cell-{number}")
        for number, source in enumerate(cells)
    ]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(made, path)
    return path


class Server:
    """A JupyterLab server of its own in ``folder``, with a token and no news prompt."""

    def __init__(
        self,
        folder: Path,
        home: Path,
        env: dict[str, str] | None = None,
        *,
        base: str = "/",
        umask: int = -1,
    ) -> None:
        self.folder = folder
        self._base = base.rstrip("/")
        self.token = secrets.token_hex(16)
        self.port = _free_port()
        self._log = (home / "jupyter.log").open("wb")
        self._log_path = home / "jupyter.log"
        self._process = subprocess.Popen(
            [
                *_command(),
                f"--ServerApp.port={self.port}",
                f"--IdentityProvider.token={self.token}",
                f"--ServerApp.base_url={base}",
            ],
            cwd=folder,
            env={**os.environ, **_environment(home), **(env or {})},
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=umask,
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self._base}"

    def wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(f"{self.url}/api?token={self.token}", timeout=2).close()
                return
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start:\n{self._log_path.read_text()[-3000:]}")

    def stop(self) -> None:
        """End the server and its kernels; only this server's own process group is signalled."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if self._process.poll() is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=10)
        self._log.close()

    def page(self, name: str) -> str:
        return f"{self.url}/lab/tree/{name}?token={self.token}&reset"


@contextlib.contextmanager
def serving(folder: Path, home: Path, url: str, *, umask: int = -1) -> Iterator[Server]:
    """A server whose kernels meet the engine at ``url``."""
    server = Server(folder, home, {"DOCKER_HOST": url}, umask=umask)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def _command() -> list[str]:
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        "--LabApp.expose_app_in_browser=True",
        "--ContentsManager.pre_save_hook=dockerlab.views.saved.pre_save",
        f"--LabApp.extra_labextensions_path={EXTENSIONS}",
    ]


def _environment(home: Path) -> dict[str, str]:
    """Settings, signatures and runtime files in a folder of the test's own."""
    settings = home / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True, exist_ok=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    return {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "config" / "lab" / "user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "config" / "lab" / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "DOCKER_BUILDKIT": "0",  # as dockerlab lab has it
        "DOCKERLAB_PROGRESS": str(home / "progress.json"),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Lab:
    """One browser page on one notebook; ``problems`` collects what the page complains about."""

    # JupyterLab itself asks for files that need not be there; the console calls that an error.
    # And Docker makes an interface of the host for each network: Chromium then breaks off what it
    # is loading, and JupyterLab asks again.
    HARMLESS = (
        "favicon",
        "Failed to load resource: the server responded with a status of 404",
        "net::ERR_NETWORK_CHANGED",
        "Failed to load toolbar items for factory",
    )

    def __init__(self, page: Any, server: Server) -> None:
        self.page, self.server = page, server
        self.problems: list[str] = []
        page.set_default_timeout(90_000)  # as long as a busy machine needs
        page.on("pageerror", self._error)
        page.on("console", self._console)

    def _error(self, error: Any) -> None:
        # JupyterLab's own, seen when its theme changes. A view's code has a blob: address.
        ours = "blob:" in (error.stack or "")
        if ours or "Failed to execute 'removeChild'" not in str(error):
            self.problems.append(f"page: {error}\n{error.stack}")

    def _console(self, message: Any) -> None:
        if message.type == "error" and not any(word in message.text for word in self.HARMLESS):
            self.problems.append(f"console: {message.text}")

    def open(self, name: str) -> None:
        self.page.goto(self.server.page(name))
        self.page.wait_for_function(READY, polling=100, timeout=60_000)

    def run_all(self) -> None:
        """Run the open notebook; fails when a cell did, with its error."""
        cells = self.page.evaluate(RUN_ALL)
        failed = [cell["errors"] for cell in cells if cell["errors"] or not cell["count"]]
        assert not failed, failed

    def save(self) -> None:
        self.page.evaluate(SAVE)

    def dark(self, on: bool = True) -> None:
        self.page.evaluate(THEME, "JupyterLab Dark" if on else "JupyterLab Light")


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # only where a browser is there

    with sync_playwright() as tools:
        started = tools.chromium.launch(
            executable_path=CHROMIUM, args=CHROMIUM_OPTIONS, headless=True
        )
        yield started
        started.close()
