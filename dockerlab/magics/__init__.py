"""The docker command line in a notebook: ``%docker`` and ``%%docker``.

    text ─ formats/command ─► Command ─ commands/… ─► requests to the engine ─► output
           (words, flags)              (one function each)

``runner`` does this without any notebook; ``magic`` binds it to IPython, ``console`` shows an
interactive process in the cell's output, ``completion`` completes words.
"""

from __future__ import annotations

from typing import Any

__all__ = ["load"]


def load(shell: Any) -> None:
    """Bring ``%docker``, ``%%dockerfile``, ``%%file`` and the pictures into an IPython shell."""
    # IPython takes a quarter of a second to import, and only a shell that has it calls this.
    from dockerlab.magics.cells import FileMagics
    from dockerlab.magics.completion import complete
    from dockerlab.magics.magic import DockerMagics
    from dockerlab.views.gallery import register

    shell.register_magics(DockerMagics)
    shell.register_magics(FileMagics)
    register(shell)
    for name in ("%docker", "%%docker", "%%dockerfile"):
        shell.set_hook("complete_command", complete, str_key=name)
