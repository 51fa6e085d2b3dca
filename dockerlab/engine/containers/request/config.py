"""From a create request to a container's ``Config``: what runs, merged with its image.

The result has exactly the keys, order and defaults that ``docker inspect`` shows, so it can be
stored and echoed as it is. ``HostConfig`` (how the host runs it) is in hostconfig.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dockerlab.engine.containers.request import signals
from dockerlab.engine.errors import BadParameter

Data = dict[str, Any]

SEARCH_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_TEXT: tuple[type, ...] = (str,)
_FLAG: tuple[type, ...] = (bool,)
_NUMBER: tuple[type, ...] = (int,)
_LIST: tuple[type, ...] = (list,)
_MAP: tuple[type, ...] = (dict,)
_WORDS: tuple[type, ...] = (list, str)

# Key, accepted types, value when absent; ``...``: the key is left out when empty.
_CONFIG: tuple[tuple[str, tuple[type, ...], Any], ...] = (
    ("Hostname", _TEXT, ""),
    ("Domainname", _TEXT, ""),
    ("User", _TEXT, ""),
    ("AttachStdin", _FLAG, False),
    ("AttachStdout", _FLAG, False),
    ("AttachStderr", _FLAG, False),
    ("ExposedPorts", _MAP, ...),
    ("Tty", _FLAG, False),
    ("OpenStdin", _FLAG, False),
    ("StdinOnce", _FLAG, False),
    ("Env", _LIST, None),
    ("Cmd", _WORDS, None),
    ("Healthcheck", _MAP, ...),
    ("ArgsEscaped", _FLAG, ...),
    ("Image", _TEXT, ""),
    ("Volumes", _MAP, None),
    ("WorkingDir", _TEXT, ""),
    ("Entrypoint", _WORDS, None),
    ("NetworkDisabled", _FLAG, ...),
    ("MacAddress", _TEXT, ...),
    ("OnBuild", _LIST, None),
    ("Labels", _MAP, None),
    ("StopSignal", _TEXT, ...),
    ("StopTimeout", _NUMBER, ...),
    ("Shell", _WORDS, ...),
)

_PROBE_TIMES = ("Interval", "Timeout", "StartPeriod")
_MILLISECOND = 1_000_000


def parse(body: Mapping[str, Any], image: Mapping[str, Any]) -> Data:
    """The container's Config from the request and the image's own config.

    ``Hostname`` may still be empty: its default is the container's id.
    """
    config = pick(body, _CONFIG)
    for key in ("Cmd", "Entrypoint", "Shell"):
        if isinstance(config.get(key), str):
            config[key] = [config[key]]
    _check_texts(config, ("Env", "Cmd", "Entrypoint", "Shell"))
    _merge_command(config, image)
    _merge_rest(config, image)
    _check(config)
    return config


def pick(body: Mapping[str, Any], table: Iterable[tuple[str, tuple[type, ...], Any]]) -> Data:
    """The known keys of a request with their defaults; refuses values of a wrong type."""
    result: Data = {}
    for key, types, default in table:
        value = body.get(key)
        if value is None:
            if default is not ...:
                result[key] = _fresh(default)
            continue
        # bool is an int in Python, never in JSON.
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise BadParameter(
                f"json: cannot unmarshal {_kind(value)} into Go struct field .{key} "
                f"of type {_kind(types[0]())}"
            )
        if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
            raise BadParameter(
                f"json: cannot unmarshal number {str(value)[:30]} into Go struct field .{key} "
                "of type int64"
            )
        if default is ... and not value:
            continue
        result[key] = value
    return result


def _fresh(default: Any) -> Any:
    return default.copy() if isinstance(default, dict | list) else default


def _kind(value: Any) -> str:
    names: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "bool"}
    return names.get(type(value), "number")


def _check_texts(config: Data, keys: Iterable[str]) -> None:
    for key in keys:
        for item in config.get(key) or ():
            if not isinstance(item, str) or "\0" in item:
                raise BadParameter(f"invalid entry in {key}: {item!r}")


def _merge_command(config: Data, image: Mapping[str, Any]) -> None:
    """Docker's rule: a given entrypoint silences the image's command, an empty one resets."""
    if not config["Entrypoint"]:
        if not config["Cmd"]:
            config["Cmd"] = image.get("Cmd")
        if config["Entrypoint"] is None:
            config["Entrypoint"] = image.get("Entrypoint")
    if config["Entrypoint"] == [""]:
        config["Entrypoint"] = None
    if not config["Entrypoint"] and not config["Cmd"]:
        raise BadParameter("No command specified")


def _merge_rest(config: Data, image: Mapping[str, Any]) -> None:
    config["User"] = config["User"] or image.get("User") or ""
    config["WorkingDir"] = config["WorkingDir"] or image.get("WorkingDir") or ""
    config["Env"] = merge_env(config["Env"] or [], image.get("Env") or [])
    config["Labels"] = {**(image.get("Labels") or {}), **(config["Labels"] or {})}
    config["OnBuild"] = config["OnBuild"] or None
    for key in ("ExposedPorts", "Volumes"):
        both = {**(image.get(key) or {}), **(config.get(key) or {})}
        if both:
            config[key] = both
    if signal := config.get("StopSignal") or image.get("StopSignal"):
        config["StopSignal"] = signal
    if probe := _merge_probe(config.get("Healthcheck"), image.get("Healthcheck")):
        config["Healthcheck"] = probe
    # Restore the order of the table after keys were added.
    ordered = {key: config[key] for key, _, _ in _CONFIG if key in config}
    config.clear()
    config.update(ordered)


def merge_env(own: list[str], inherited: Iterable[str]) -> list[str]:
    """The request's variables, then those of the image that it does not name."""
    names = {entry.partition("=")[0] for entry in own}
    return [*own, *(entry for entry in inherited if entry.partition("=")[0] not in names)]


def _merge_probe(own: Data | None, inherited: Data | None) -> Data | None:
    if not own or not inherited:
        return own or inherited
    return {**inherited, **{key: value for key, value in own.items() if value}}


def _check(config: Data) -> None:
    for entry in config["Env"]:
        if entry.startswith("=") or not entry:
            raise BadParameter(f"invalid environment variable: {entry}")
    for key in ("Hostname", "Domainname"):
        check_line(key, config[key])
    directory = config["WorkingDir"]
    if directory and not directory.startswith("/"):
        raise BadParameter(
            f"the working directory '{directory}' is invalid, it needs to be an absolute path"
        )
    if "StopSignal" in config:
        signals.parse(config["StopSignal"])
    if "Healthcheck" in config:
        check_probe(config["Healthcheck"])
    for name, value in config["Labels"].items():
        if not isinstance(value, str):
            raise BadParameter(f"invalid value for the label {name}: {value!r}")
    for port in config.get("ExposedPorts") or ():
        check_port(port)
    mac = config.get("MacAddress", "")
    if mac and not re.fullmatch("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", mac):
        raise BadParameter(f"invalid MAC address: {mac}")


def check_probe(probe: Data) -> None:
    """Refuse a health check that Docker would refuse."""
    for key in _PROBE_TIMES:
        value = probe.get(key) or 0
        if not isinstance(value, int) or value < 0 or 0 < value < _MILLISECOND:
            raise BadParameter(f"{key} in Healthcheck cannot be less than 1ms")
    retries = probe.get("Retries") or 0
    if not isinstance(retries, int) or retries < 0:
        raise BadParameter("Retries in Healthcheck cannot be negative")
    test = probe.get("Test") or []
    if not isinstance(test, list) or not all(isinstance(word, str) for word in test):
        raise BadParameter("Test in Healthcheck must be a list of words")
    if test and test[0] not in ("NONE", "CMD", "CMD-SHELL"):
        raise BadParameter(f"Unknown healthcheck type '{test[0]}' (expected 'CMD' or 'CMD-SHELL')")


def check_line(key: str, text: str) -> None:
    """Refuse what would make more than a line in a container's hosts or resolv.conf."""
    if "\0" in text or len(text.splitlines()) > 1 or text.endswith("\n"):
        raise BadParameter(f"invalid {key}: {text[:100]!r}")


def check_port(port: str) -> tuple[int, str]:
    """``80/tcp`` as (80, "tcp"); tcp when it says nothing."""
    number, _, protocol = port.partition("/")
    protocol = protocol or "tcp"
    if not number.isdecimal() or not 0 < int(number) < 65536:
        raise BadParameter(f'invalid port specification: "{number}"')
    if protocol not in ("tcp", "udp", "sctp"):
        raise BadParameter(f'invalid proto: "{protocol}"')
    return int(number), protocol


def command(config: Mapping[str, Any]) -> list[str]:
    """The words to execute: entrypoint, then command."""
    return [*(config["Entrypoint"] or ()), *(config["Cmd"] or ())]


def environment(config: Mapping[str, Any], hostname: str, linked: Iterable[str] = ()) -> list[str]:
    """All variables of the container's processes; an entry without ``=`` removes one.

    HOME is left to whoever knows the user's entry in /etc/passwd.
    """
    variables = {"PATH": SEARCH_PATH.partition("=")[2], "HOSTNAME": hostname}
    if config["Tty"]:
        variables["TERM"] = "xterm"
    return overlay_env(variables, [*linked, *(config["Env"] or ())])


def overlay_env(variables: dict[str, str], entries: Iterable[str]) -> list[str]:
    """``NAME=value`` each, the entries over the variables."""
    for entry in entries:
        name, equals, value = entry.partition("=")
        if equals:
            variables[name] = value
        else:
            variables.pop(name, None)
    return [f"{name}={value}" for name, value in variables.items()]
