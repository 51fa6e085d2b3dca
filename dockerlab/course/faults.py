"""The five faults of chapter 6: planted without a word, to be found in what CI and cloud say.

Each is a mistake that people make when they deploy for the first time. What the app's folder, the
CI's settings and the user's policies are like when ``Faults`` is made counts as good.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from dockerlab.errors import DockerlabError

USER = "ci"
POLICY = "arn:aws:iam::aws:policy/AdministratorAccess-AWSElasticBeanstalk"
SECRET = "AWS_SECRET_ACCESS_KEY"
_FILES = (".travis.yml", "Dockerfile")
_GIT_SECONDS = 30


class HasSettings(Protocol):
    """A CI, or anything else that keeps settings."""

    settings: Any


class HasClients(Protocol):
    """A cloud, or anything else that gives boto3's clients of it."""

    def client(self, service: str) -> Any: ...


class Faults:
    """``faults.plant(1)`` to ``plant(5)``; each takes the one before away first.

    >>> faults = Faults(ci, cloud)  # doctest: +SKIP
    >>> faults.plant(1)  # doctest: +SKIP
    """

    def __init__(self, ci: HasSettings, cloud: HasClients, folder: str | Path = ".") -> None:
        self._ci = ci
        self._iam = cloud.client("iam")
        self._folder = Path(folder).absolute()
        self._secret = str(ci.settings[SECRET])
        self._texts = {name: (self._folder / name).read_text("utf-8") for name in _FILES}

    def plant(self, number: int) -> None:
        """Put fault ``number`` in, and commit what it changes of the files."""
        faults = self._faults()
        if number not in faults:
            raise DockerlabError(f"there is no fault {number}", f"there are 1 to {len(faults)}")
        self._restore()
        faults[number]()
        self._commit(f"Fault {number}")

    def mend(self) -> None:
        """Take the last one away, and commit what that changes of the files."""
        self._restore()
        self._commit("All as it was")

    def _faults(self) -> dict[int, Callable[[], None]]:
        return {
            1: self._mistyped_secret,
            2: self._no_policy,
            3: lambda: self._replace(".travis.yml", "1-123456789012", "1-123456789021"),
            4: lambda: self._replace("Dockerfile", "npm run build", "npm run bundle"),
            5: lambda: self._replace("Dockerfile", "EXPOSE 80", "EXPOSE 3000"),
        }

    def _mistyped_secret(self) -> None:
        # As when it is copied by hand: of the right length, and two letters turned round.
        at = next(at for at in range(5, 39) if self._secret[at] != self._secret[at + 1])
        a, b = self._secret[at], self._secret[at + 1]
        self._ci.settings[SECRET] = self._secret[:at] + b + a + self._secret[at + 2 :]

    def _no_policy(self) -> None:
        self._iam.detach_user_policy(UserName=USER, PolicyArn=POLICY)

    def _replace(self, name: str, old: str, new: str) -> None:
        if old not in self._texts[name]:
            raise DockerlabError(
                f"{name} was changed: {old} is not in it any more",
                "run the chapter from the top, it copies the app anew",
            )
        (self._folder / name).write_text(self._texts[name].replace(old, new), "utf-8")

    def _restore(self) -> None:
        self._ci.settings[SECRET] = self._secret
        self._iam.attach_user_policy(UserName=USER, PolicyArn=POLICY)
        for name, text in self._texts.items():
            (self._folder / name).write_text(text, "utf-8")

    def _commit(self, message: str) -> None:
        words = ["commit", "--quiet", "--allow-empty", "--message", message, "--", *_FILES]
        done = subprocess.run(
            ["git", *words], cwd=self._folder, capture_output=True, text=True, timeout=_GIT_SECONDS
        )
        if done.returncode:
            raise DockerlabError(
                f"git commit: {done.stderr.strip() or done.stdout.strip()}",
                "run the chapter from the top, it makes the repository anew",
            )
