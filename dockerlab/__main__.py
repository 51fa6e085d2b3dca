"""``python -m dockerlab`` is the command ``dockerlab``."""

from __future__ import annotations

import sys

from dockerlab.cli import main

if __name__ == "__main__":
    sys.exit(main())
