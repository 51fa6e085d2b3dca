"""``lab.ci(…)``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dockerlab.client.ci.folder import JOB_SECONDS, STEP_SECONDS

if TYPE_CHECKING:
    from dockerlab.client.ci.ci import Ci


class CiCalls:
    """The part of ``Lab`` that has a CI."""

    url: str

    def ci(
        self,
        name: str,
        *,
        root: Path | str | None = None,
        step_seconds: float = STEP_SECONDS,
        job_seconds: float = JOB_SECONDS,
    ) -> Ci:
        """The CI called ``name``, made where there is none; docker in its jobs is this engine.

        It keeps its repository, settings and runs in ``root``, a folder in the user's data folder
        by default. A step and a job may take so many seconds.

        >>> ci = lab.ci("ch6-react")  # doctest: +SKIP
        >>> print(ci.remote)  # doctest: +SKIP
        """
        # Most sessions need no CI.
        from dockerlab.client.ci.ci import Ci

        return Ci(name, self.url, root=root, step_seconds=step_seconds, job_seconds=job_seconds)
