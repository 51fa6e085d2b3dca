"""System calls that the kernel asks us about (seccomp user notification), one at a time.

The caller waits in the kernel until it is answered. Its memory is read and written through
/proc/PID/mem; whether that still is the caller is checked after opening it, so a reused
process id cannot be mistaken for it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from dataclasses import dataclass

_RECEIVE, _SEND, _IS_VALID, _ADD_DESCRIPTOR = 0xC0502100, 0xC0182101, 0x40082102, 0x40182103
_AT_NUMBER = 1
_CONTINUE = 1
_SIZE = 80


class Gone(Exception):
    """The caller ended, or was interrupted, before it was answered."""


@dataclass(slots=True)
class Call:
    """A system call that waits for an answer; ``pid`` is the calling thread's id."""

    listener: int
    id: int
    pid: int
    number: int
    arguments: tuple[int, ...]
    _memory: int = -1

    def signed(self, index: int) -> int:
        """An argument that is an int in C."""
        value = self.arguments[index] & 0xFFFFFFFF
        return value - (1 << 32) if value & 0x80000000 else value

    def read(self, address: int, size: int) -> bytes:
        """Bytes of the caller's memory. Raises OSError EFAULT."""
        try:
            data = os.pread(self._open(), size, address)
        except (OSError, OverflowError) as e:
            raise OSError(errno.EFAULT, f"cannot read memory of {self.pid}: {e}") from e
        if len(data) < size:
            raise OSError(errno.EFAULT, f"cannot read memory of {self.pid}")
        return data

    def write(self, address: int, data: bytes) -> None:
        try:
            written = os.pwrite(self._open(), data, address)
        except (OSError, OverflowError) as e:
            raise OSError(errno.EFAULT, f"cannot write memory of {self.pid}: {e}") from e
        if written < len(data):
            raise OSError(errno.EFAULT, f"cannot write memory of {self.pid}")

    def _open(self) -> int:
        if self._memory < 0:
            self._memory = os.open(f"/proc/{self.pid}/mem", os.O_RDWR | os.O_CLOEXEC)
            self.check()
        return self._memory

    def check(self) -> None:
        """Raises Gone unless the caller still waits for this very answer."""
        try:
            fcntl.ioctl(self.listener, _IS_VALID, struct.pack("Q", self.id))
        except OSError as e:
            raise Gone from e

    def give(self, descriptor: int, number: int) -> None:
        """Make a copy of our descriptor the caller's ``number``, in place of what that was."""
        request = struct.pack("QIIII", self.id, _AT_NUMBER, descriptor, number, 0)
        fcntl.ioctl(self.listener, _ADD_DESCRIPTOR, request)

    def close(self) -> None:
        """Let go of the caller's memory."""
        if self._memory >= 0:
            os.close(self._memory)
            self._memory = -1

    def go_on(self) -> None:
        """Let the kernel carry the call out."""
        self._answer(0, 0, _CONTINUE)

    def succeed(self, value: int = 0) -> None:
        """Say that it was done, and do nothing."""
        self._answer(value, 0, 0)

    def fail(self, number: int) -> None:
        self._answer(0, -number, 0)

    def _answer(self, value: int, error: int, flags: int) -> None:
        self.close()
        try:
            fcntl.ioctl(self.listener, _SEND, struct.pack("QqiI", self.id, value, error, flags))
        except OSError as e:
            if e.errno != errno.ENOENT:
                raise


def receive(listener: int) -> Call | None:
    """The next call that waits; None if it went away again. Does not block after a poll."""
    buffer = bytearray(_SIZE)
    try:
        fcntl.ioctl(listener, _RECEIVE, buffer)
    except OSError as e:
        if e.errno in (errno.ENOENT, errno.EINTR):
            return None
        raise
    id_, pid, _flags, number = struct.unpack_from("QIIi", buffer)
    return Call(listener, id_, pid, number, struct.unpack_from("6Q", buffer, 32))
