"""The errors of dockerlab, one tree.

DockerlabError            anything that went wrong and that a person can act on
├── FormatError           a text or a file is not what it should be (a name, a layer, a tar …)
│   ├── DockerfileError   a Dockerfile, or a step of it, cannot be understood (line)
│   ├── ComposeFileError  compose files cannot be understood (findings: file, line, key, hint)
│   └── PipelineFileError a CI's file cannot be followed (file, line)
├── EngineUnavailable     no engine answers, or the embedded one could not be started
├── CloudUnavailable      no cloud answers, or it could not be started or ended
├── EngineRefused         the engine answered with an error (status, Docker's own message)
│   ├── NotFoundHere      no such container, image, volume …
│   └── ConflictHere      the name is taken, the container still runs …
├── BuildFailed           an image could not be built (trace, failed step, line, log)
├── ComposeFailed         a step of a Compose project failed (project, failed step, done, log)
└── CommandError          the typed docker command is not understood
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dockerlab.formats.buildtrace import BuildTrace, Step
    from dockerlab.formats.composed.plan import Step as ComposeStep
    from dockerlab.formats.composefile.model import Finding


class DockerlabError(Exception):
    """Something went wrong; ``hint`` says what to try next (may be empty)."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n→ {self.hint}" if self.hint else self.message


class FormatError(DockerlabError):
    """A text or a file does not have the form it should have."""


class DockerfileError(FormatError):
    """A Dockerfile, or one instruction of it, cannot be understood.

    ``line`` is where, from 1; 0 when it is about the whole file. ``message`` is Docker's own words.
    """

    def __init__(self, message: str, hint: str = "", *, line: int = 0) -> None:
        super().__init__(message, hint)
        self.line = line


class ComposeFileError(FormatError):
    """Compose files cannot be understood; ``findings`` says each thing, with its place."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)


class PipelineFileError(FormatError):
    """A CI's file cannot be followed; ``line`` from 1, 0 when it is about the whole file."""

    def __init__(self, message: str, hint: str = "", *, file: str = "", line: int = 0) -> None:
        super().__init__(message, hint)
        self.file = file
        self.line = line

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return (where if self.file else "") + super().__str__()


class EngineUnavailable(DockerlabError):
    """No engine answers at the address, or the embedded engine could not be started."""


class CloudUnavailable(DockerlabError):
    """The cloud does not answer, or its process could not be started or ended."""


class EngineRefused(DockerlabError):
    """The engine answered a request with an error.

    ``status`` is the HTTP status, ``message`` Docker's own words.
    """

    def __init__(self, message: str, hint: str = "", *, status: int = 500) -> None:
        super().__init__(message, hint)
        self.status = status


class NotFoundHere(EngineRefused):
    """No such container, image, network or volume (status 404)."""


class ConflictHere(EngineRefused):
    """The state does not allow it: name taken, still running, in use (status 409)."""


class CommandError(DockerlabError):
    """A typed docker command has an unknown word or lacks one."""


class BuildFailed(DockerlabError):
    """An image could not be built. ``message`` is the engine's own words.

    ``trace`` is the build up to there, ``line`` the Dockerfile's line that failed, from 1 (0 when
    it is not known).
    """

    def __init__(self, message: str, hint: str = "", *, trace: BuildTrace) -> None:
        super().__init__(message, hint)
        self.trace = trace

    @property
    def step(self) -> Step | None:
        """The step that failed; None when the build did not get to a step."""
        return self.trace.failed

    @property
    def line(self) -> int:
        return self.trace.error_line

    @property
    def log(self) -> tuple[str, ...]:
        """The last lines that the failed step printed."""
        return tuple(self.step.log.splitlines()[-LOG_LINES:]) if self.step else ()

    def __str__(self) -> str:
        told = not self.line or f"line {self.line}" in self.message
        where = "" if told else f"line {self.line} of the Dockerfile: "
        printed = "".join(f"\n    {line}" for line in self.log)
        return f"{where}{self.message}{printed}" + (f"\n→ {self.hint}" if self.hint else "")


class ComposeFailed(DockerlabError):
    """A step of a plan for a Compose project failed. ``message`` is the engine's own words.

    ``failed`` is that step, ``done`` those that had succeeded before, ``log`` the last lines of
    the container that did not become what others wait for.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        project: str,
        failed: ComposeStep,
        done: tuple[ComposeStep, ...] = (),
        log: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message, hint)
        self.project = project
        self.failed = failed
        self.done = done
        self.log = log

    @property
    def service(self) -> str:
        """The service that the failed step was for; "" when it was for none."""
        return self.failed.service

    def __str__(self) -> str:
        printed = "".join(f"\n    {line}" for line in self.log)
        hint = f"\n→ {self.hint}" if self.hint else ""
        return f"{self.failed}: {self.message}{printed}{hint}"


LOG_LINES = 12
