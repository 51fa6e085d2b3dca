"""``docker compose``: reads the project, has it done, and says so in Compose's words.

``project`` opens the project that the flags name and prints what becomes of it; ``bringing`` has
the commands that change it, ``looking`` those that look at it, ``output`` its lines, ``inside``
those that go into a container.
"""

from __future__ import annotations

from dockerlab.magics.commands.compose import bringing, inside, looking, output
from dockerlab.magics.commands.compose.project import told
from dockerlab.magics.invocation import Commands

COMMANDS: Commands = {
    f"compose {name}": told(run)
    for part in (bringing.COMMANDS, looking.COMMANDS, output.COMMANDS, inside.COMMANDS)
    for name, run in part.items()
}
