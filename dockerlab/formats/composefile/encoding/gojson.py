"""JSON as Go's encoding/json writes it, compact and byte for byte."""

from __future__ import annotations

import json
from typing import Any

from dockerlab.formats.composefile.encoding.values import json_float

_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}
_ESCAPES |= {0x2028: "\\u2028", 0x2029: "\\u2029"}


def encode(value: Any) -> str:
    """The JSON of dicts (in their own order), lists, texts, numbers, booleans and None."""
    if isinstance(value, dict):
        return f"{{{','.join(f'{_text(key)}:{encode(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(encode(one) for one in value)}]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return json_float(value)
    return json.dumps(value)


def escaped(text: str) -> str:
    """JSON with those signs written as codes that Go writes so, since HTML would read them."""
    return text.translate(_ESCAPES)


def _text(text: str) -> str:
    return escaped(json.dumps(str(text), ensure_ascii=False))
