"""The project that a typed command means, and how its steps and failures are printed."""

from __future__ import annotations

from typing import Any

from dockerlab.client.compose.compose import Compose
from dockerlab.client.explain import explained
from dockerlab.errors import (
    BuildFailed,
    CommandError,
    ComposeFailed,
    ComposeFileError,
    DockerlabError,
    EngineRefused,
    EngineUnavailable,
)
from dockerlab.formats.composed.plan import Plan, Progress
from dockerlab.magics.invocation import Handler, Invocation

FILE_MISSING, FILE_WRONG, BUILD_FAILED, PULL_FAILED = 14, 15, 17, 18
"""Exit codes of Compose's own."""
_OURS = ("build image", "pull image", "wait")
"""Steps that are more than a call: what is said of them is not the engine's own word."""


def opened(call: Invocation, *, quiet: bool = False) -> Compose:
    """The project that the flags before the command name, else that of the current folder.

    What its file is warned of is printed, unless ``quiet``.
    """
    command = call.command
    files = command.many("file")
    if "-" in files:
        raise CommandError(
            "a compose file from standard input is not supported here",
            "write it with %%compose --no-up NAME, then: %docker compose -f NAME …",
        )
    project = call.lab.compose(
        files=files,
        directory=command.text("project-directory"),
        name=command.text("project-name"),
        profiles=command.many("profile"),
        env_files=command.many("env-file"),
    )
    if not quiet:
        for finding in project.project.warnings:
            call.output.error(f"WARN[0000] {finding.text}", finding.hint)
    return project


class Steps:
    """Prints each step as it begins and ends: `` Container app-web-1  Started``.

    Compose takes standard error for it, which a notebook paints red; here it is standard output,
    unless that is another program's (``aside``).
    """

    def __init__(self, call: Invocation, *, aside: bool = False) -> None:
        self._write = call.output.error if aside else call.output.line
        self._silent = call.command.text("progress") == "quiet"

    def __call__(self, progress: Progress) -> None:
        # A build prints itself.
        built = progress.step.action == "build image"
        if progress.text and not self._silent and not built:
            self._write(f" {progress.text}")


def rehearsed(call: Invocation, plan: Plan) -> int:
    """``--dry-run``: what Compose would print, and the plan with the reason for each step."""
    for step in plan.steps:
        for word in step.says:
            if word:
                call.output.line(f" DRY-RUN MODE -  {step.subject}  {word}")
    call.output.line(f"\n{plan!r}")
    return 0


def dry(call: Invocation) -> bool:
    return call.command.on("dry-run")


def told(handler: Handler) -> Handler:
    """A handler whose errors are printed as Compose prints them, with Compose's exit codes."""

    def run(call: Invocation) -> int:
        try:
            with explained():
                return handler(call)
        except (CommandError, EngineUnavailable):
            raise
        except DockerlabError as error:
            return failed(call.output, error)

    return run


def failed(output: Any, error: DockerlabError) -> int:
    """Print an error; Compose's exit code for it."""
    action = error.failed.action if isinstance(error, ComposeFailed) else ""
    message = error.message
    if isinstance(error, EngineRefused) or (action and action not in _OURS):
        message = f"Error response from daemon: {message}"
    if isinstance(error, ComposeFailed):
        message += "".join(f"\n    {line}" for line in error.log)
    output.error(message, error.hint)
    if isinstance(error, ComposeFileError):
        return FILE_WRONG
    if message.startswith("no configuration file provided"):
        return FILE_MISSING
    if isinstance(error, BuildFailed) or action == "build image":
        return BUILD_FAILED
    return PULL_FAILED if action == "pull image" else 1


def number(word: str, what: str) -> int:
    if not word.isdigit():
        raise CommandError(f"invalid {what}: {word}", "it must be a whole number")
    return int(word)


def scales(words: tuple[str, ...]) -> dict[str, int]:
    """``web=3`` as typed after ``scale`` or ``--scale``."""
    found = {}
    for word in words:
        service, equals, count = word.partition("=")
        if not equals:
            raise CommandError(f"invalid scale specifier: {word}", "as in web=3")
        found[service] = number(count, "number of containers")
    return found
