"""What the schema complains about, in Docker's words, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from jsonschema.exceptions import ValidationError

from dockerlab.formats.composefile.text.tree import Path

_NAMES = {
    "object": "mapping",
    "array": "list",
    "boolean": "boolean",
    "null": "null",
    "integer": "integer",
    "number": "number",
    "string": "string",
}
EXAMPLES = {
    "build": "build: .",
    "command": 'command: ["python", "app.py"]',
    "configs": "configs:\n  - NAME",
    "depends_on": "depends_on:\n  - db",
    "entrypoint": 'entrypoint: ["/entrypoint.sh"]',
    "env_file": "env_file: .env",
    "environment": "environment:\n  NAME: value",
    "expose": 'expose:\n  - "3000"',
    "healthcheck": 'healthcheck:\n  test: ["CMD", "redis-cli", "ping"]',
    "image": "image: redis",
    "labels": "labels:\n  name: value",
    "networks": "networks:\n  - front",
    "ports": 'ports:\n  - "8080:80"',
    "profiles": "profiles:\n  - debug",
    "restart": "restart: always",
    "secrets": "secrets:\n  - NAME",
    "services": "services:\n  web:\n    image: nginx",
    "volumes": "volumes:\n  - data:/data",
}
_TOP_EXAMPLES = {
    "networks": "networks:\n  front:",
    "volumes": "volumes:\n  data:",
    "configs": "configs:\n  NAME:\n    file: ./FILE",
    "secrets": "secrets:\n  NAME:\n    file: ./FILE",
}
_DURATIONS = ("interval", "timeout", "start_period", "start_interval", "stop_grace_period")
_OTHER_WORDS = {
    "port": "ports",
    "volume": "volumes",
    "network": "networks",
    "env": "environment",
    "environments": "environment",
    "envfile": "env_file",
    "cmd": "command",
    "commands": "command",
    "dockerfile": "build",
    "depends": "depends_on",
    "depend_on": "depends_on",
    "requires": "depends_on",
    "name": "container_name",
    "workdir": "working_dir",
    "health_check": "healthcheck",
    "replicas": "scale",
    "net": "network_mode",
    "log_driver": "logging",
    "log_opt": "logging",
    "service": "services",
}


@dataclass(frozen=True, slots=True)
class Complaint:
    text: str
    hint: str
    key: Path


def complaints(error: ValidationError) -> Iterator[Complaint]:
    key = tuple(str(part) for part in error.absolute_path)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(error, key)
        return
    text, hint = _said(error, key)
    yield Complaint(text, hint, key)


def _said(error: ValidationError, key: Path) -> tuple[str, str]:
    value: Any = error.validator_value
    given: Any = error.instance
    match error.validator:
        case "type":
            return _wrong_type([value] if isinstance(value, str) else list(value), error, key)
        case "oneOf":
            return _wrong_type(sorted(_types(error)), error, key)
        case "required":
            missing = [name for name in value if name not in given]
            return f"{', '.join(missing)} is required", f"Add `{missing[0]}: …` here."
        case "enum":
            listed = ", ".join(f'"{one}"' for one in value)
            near = get_close_matches(str(error.instance), [str(one) for one in value], 1)
            hint = f"Did you mean `{near[0]}`?" if near else ""
            return f"must be one of the following: {listed}", hint
        case "uniqueItems":
            return "array items must be unique", "Remove the line that stands there twice."
        case "minimum":
            return f"Must be greater than or equal to {value}", ""
        case "maximum":
            return f"Must be less than or equal to {value}", ""
    return str(error.message), ""


def _types(error: ValidationError) -> set[str]:
    found: set[str] = set()
    for below in error.context or ():
        if below.validator == "type" and not below.path:
            value: Any = below.validator_value
            found |= {value} if isinstance(value, str) else set(value)
    return found


def _wrong_type(types: list[str], error: ValidationError, key: Path) -> tuple[str, str]:
    names = [_NAMES.get(name, name) for name in types]
    wanted = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    article = "an" if wanted[0] in "aeiou" else "a"
    return f"must be {article} {wanted}", _example(error.instance, key)


def _example(given: Any, key: Path) -> str:
    last = next((part for part in reversed(key) if not part.isdecimal()), "")
    if len(key) == 2 and key[0] == "services":
        return _service_hint(given)
    if last in _DURATIONS and isinstance(given, int):
        return f"Write the unit, too: {given}s"
    table = EXAMPLES if len(key) > 1 else EXAMPLES | _TOP_EXAMPLES
    example = table.get(last)
    if isinstance(given, dict) and len(given) == 1 and key[-1].isdecimal():
        name, value = next(iter(given.items()))
        if value is None or isinstance(value, str | int):
            return f'`{name}: {value}` is a mapping here; put the item in quotes: "{name}:{value}".'
    if not example:
        return "Put the value in quotes." if isinstance(given, bool | int | float) else ""
    return "Write it like this:\n    " + example.replace("\n", "\n    ")


def _service_hint(given: Any) -> str:
    glued = re.match(r"(\w+):(?=\S)", given) if isinstance(given, str) else None
    if glued and glued[1] in EXAMPLES:
        return f"Put a space after the colon: `{glued[1]}: {given[glued.end() :]}`"
    return "Say what it runs, indented below it: `image: …` or `build: .`"


def _unknown_keys(error: ValidationError, key: Path) -> Iterator[Complaint]:
    schema: Any = error.schema
    given: Any = error.instance
    known = list(schema.get("properties", ()))
    patterns = [pattern for pattern in schema.get("patternProperties", ()) if "x-" not in pattern]
    for name in given:
        if name in known or name.startswith("x-"):
            continue
        if any(re.search(pattern, name) for pattern in patterns):
            continue
        hint = _name_hint(name) if not known else _key_hint(name, known, key)
        yield Complaint(f"Additional property {name} is not allowed", hint, (*key, name))


def _name_hint(name: str) -> str:
    return "A name may have letters, digits and the signs . _ - only."


def _key_hint(name: str, known: list[str], key: Path) -> str:
    word = name.lower().replace("-", "_")
    other = _OTHER_WORDS.get(word)
    if other in known:
        return f"Did you mean `{other}`?"
    if near := get_close_matches(word, known, 1, 0.7):
        return f"Did you mean `{near[0]}`?"
    if not key and name in EXAMPLES:
        return (
            f"`{name}` belongs to a service: services: → NAME: → {name}: (look at the indentation)."
        )
    if not key:
        return (
            "At the top there are services, networks, volumes, configs, secrets, name, include "
            "and x-…; a service stands below `services:`."
        )
    if name in ("services", "networks", "volumes", "configs", "secrets"):
        return f"`{name}:` belongs at the top of the file, not indented."
    if key[0] == "services" and len(key) == 3 and name in EXAMPLES:
        return f"`{name}` belongs to the service, one level further left."
    return "Look at its spelling and its indentation; a key of your own begins with x-."
