"""The docker command line in a notebook: ``%docker`` and ``%%docker``, compose included.

    text ─ formats/command ─► Command ─ commands/… ─► requests to the engine ─► output
           (words, flags)              (one function each)

``runner`` does this without any notebook; ``magic`` binds it to IPython, ``console`` shows an
interactive process in the cell's output, ``completion`` completes words.
"""

from __future__ import annotations

from typing import Any

__all__ = ["load"]


def load(shell: Any) -> None:
    """Bring ``%docker``, ``%%dockerfile``, ``%%compose``, ``%%file`` and the pictures into IPython.

    ``docker-compose`` is not a name in Python, so that magic is registered by hand.
    """
    # IPython takes a quarter of a second to import, and only a shell that has it calls this.
    from dockerlab.magics import completion
    from dockerlab.magics.cells import FileMagics
    from dockerlab.magics.composing import ComposeMagics
    from dockerlab.magics.magic import DockerMagics
    from dockerlab.views.gallery import register
    from dockerlab.welcome.visits import note

    docker = DockerMagics(shell)
    for magics in (docker, FileMagics, ComposeMagics):
        shell.register_magics(magics)
    shell.register_magic_function(docker.docker_compose, "line_cell", "docker-compose")
    register(shell)
    completion.register(shell)
    note()
