"""The keys that let go of a terminal and leave its program running (Ctrl-P Ctrl-Q)."""

from __future__ import annotations

from dockerlab.engine.errors import BadParameter

DEFAULT = "ctrl-p,ctrl-q"

_SPECIAL = {"@": 0, "[": 27, "\\": 28, "]": 29, "^": 30, "_": 31}


def parse(text: str) -> bytes:
    """``ctrl-a,b`` as the bytes a terminal sends. Raises BadParameter."""
    return bytes(_key(part) for part in (text or DEFAULT).split(","))


def _key(text: str) -> int:
    if len(text) == 1 and ord(text) < 128:
        return ord(text)
    name = text.lower().removeprefix("ctrl-")
    if text.lower().startswith("ctrl-") and len(name) == 1:
        if "a" <= name <= "z":
            return ord(name) - ord("a") + 1
        if name in _SPECIAL:
            return _SPECIAL[name]
    raise BadParameter(f"Invalid detach keys ({text}) provided: Unknown character: '{text}'")


class DetachKeys:
    """Watches what is typed for the keys; holds back what may be their beginning."""

    def __init__(self, text: str) -> None:
        self._keys = parse(text)
        self._seen = 0
        self.pressed = False

    def filter(self, data: bytes) -> bytes:
        """The bytes to pass on; sets ``pressed`` when all keys came one after the other."""
        passed = bytearray()
        for byte in data:
            if byte == self._keys[self._seen]:
                self._seen += 1
                if self._seen == len(self._keys):
                    self.pressed = True
                    return bytes(passed)
                continue
            passed += self._keys[: self._seen]
            self._seen = 0
            if byte == self._keys[0]:
                self._seen = 1
            else:
                passed.append(byte)
        return bytes(passed)
