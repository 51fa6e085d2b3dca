"""Terminals: a new pair on a devpts, its size, and making it a process's controlling one."""

from __future__ import annotations

import fcntl
import os
import struct
import termios

_TIOCSPTLCK, _TIOCGPTPEER = 0x40045431, 0x5441


def open_pair(devpts: int) -> tuple[int, int]:
    """Master and slave of a new terminal on the devpts that the descriptor stands for."""
    flags = os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC
    master = os.open("ptmx", flags, dir_fd=devpts)
    try:
        fcntl.ioctl(master, _TIOCSPTLCK, struct.pack("i", 0))
        # By the ioctl, not by name: the name leads nowhere as long as the mount is detached.
        return master, fcntl.ioctl(master, _TIOCGPTPEER, flags)
    except BaseException:
        os.close(master)
        raise


def resize(terminal: int, rows: int, columns: int) -> None:
    """Set the size; the foreground processes get SIGWINCH."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def control(terminal: int) -> None:
    """Make it the controlling terminal of this process, which must be a session leader."""
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
