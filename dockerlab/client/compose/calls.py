"""``lab.compose(…)``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from dockerlab.client.explain import explained

if TYPE_CHECKING:
    from dockerlab.client.compose.compose import Compose
    from dockerlab.client.lab import Lab


class ComposeCalls:
    """The part of ``Lab`` that deals with Compose projects."""

    @explained()
    def compose(
        self,
        path_or_text: str | Path | None = None,
        *,
        files: Sequence[str | Path] = (),
        name: str = "",
        directory: str | Path = "",
        profiles: Sequence[str] = (),
        env_files: Sequence[str | Path] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Compose:
        """A project of several containers, as a compose file describes it.

        ``path_or_text`` is a folder with a ``compose.yaml``, such a file, or its text; without it
        ``directory``, or the current folder. Further ``files`` are laid over it; relative paths
        count from ``directory``, or from where the first file is. With a ``name`` alone, where
        there is no file, it is a project that is there already.

        >>> shop = lab.compose("shop")  # doctest: +SKIP
        >>> shop.plan()  # doctest: +SKIP
        >>> shop.up()  # doctest: +SKIP
        """
        # Connecting would take a tenth of a second longer with all that this needs.
        from dockerlab.client.compose.compose import Compose
        from dockerlab.client.compose.source import Source, located

        source = Source(
            files=(),
            name=name,
            folder=Path(directory).expanduser().absolute() if directory else None,
            profiles=tuple(profiles),
            env_files=tuple(Path(each).expanduser().absolute() for each in env_files),
            environment=environment,
        )
        return Compose(cast("Lab", self), located(source, path_or_text, files))
