"""``ci.settings``: what a CI's owner types into its page of settings, and nobody commits."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping

from dockerlab.client.ci.folder import Folder, write_whole
from dockerlab.errors import DockerlabError
from dockerlab.formats.pipeline import settings as file
from dockerlab.formats.pipeline.settings import Settings, setting

HIDDEN = "[secure]"


class _Part(MutableMapping[str, str]):
    """The secret or the plain ones among the settings; a name is in one of the two only."""

    def __init__(self, folder: Folder, *, secret: bool) -> None:
        self._folder = folder
        self._secret = secret

    def _mine(self) -> dict[str, str]:
        found = self._folder.read_settings()
        return found.secrets if self._secret else found.plain

    def __getitem__(self, name: str) -> str:
        return self._mine()[name]

    def __setitem__(self, name: str, value: str) -> None:
        values = dict(self._folder.read_settings().values)
        values[name] = setting(name, value, secret=self._secret)
        self._write(values)

    def __delitem__(self, name: str) -> None:
        if name not in self._mine():
            raise KeyError(name)
        values = dict(self._folder.read_settings().values)
        del values[name]
        self._write(values)

    def _write(self, values: dict[str, file.Setting]) -> None:
        try:
            # 0600: whoever else has an account on this machine cannot read it.
            write_whole(self._folder.settings, file.dumps(Settings(values)), mode=0o600)
        except OSError as error:
            raise DockerlabError(
                f"the settings cannot be written: {error}",
                "is the CI removed? lab.ci(name) makes it",
            ) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._mine())

    def __len__(self) -> int:
        return len(self._mine())


class CiSettings(_Part):
    """Secret ones; those in ``plain`` are shown in logs and pictures.

    >>> ci.settings["AWS_SECRET_ACCESS_KEY"] = secret  # doctest: +SKIP
    >>> ci.settings.plain["AWS_DEFAULT_REGION"] = "us-east-1"  # doctest: +SKIP
    >>> ci.settings  # doctest: +SKIP
    AWS_DEFAULT_REGION     us-east-1
    AWS_SECRET_ACCESS_KEY  [secure]
    """

    def __init__(self, folder: Folder) -> None:
        super().__init__(folder, secret=True)
        self.plain = _Part(folder, secret=False)

    def __repr__(self) -> str:
        shown = dict.fromkeys(self, HIDDEN) | dict(self.plain)
        if not shown:
            return "no settings yet: ci.settings[NAME] = value"
        width = max(map(len, shown))
        return "\n".join(f"{name:<{width}}  {shown[name]}" for name in sorted(shown))
