"""Short forms written out."""

from __future__ import annotations

from collections.abc import Callable

from dockerlab.formats.composefile.assembling.mounts import MountError, mount
from dockerlab.formats.composefile.assembling.ports import PortError, ports
from dockerlab.formats.composefile.encoding.values import printed
from dockerlab.formats.composefile.text.findings import Findings, fail
from dockerlab.formats.composefile.text.tree import Path, Tree, matches, place_of, placed

Form = Callable[[Tree], Tree]


class FormError(ValueError):
    """A short form that cannot be understood."""


class BadPort(ValueError):
    """An item of a list of ports that cannot be understood."""

    def __init__(self, text: str, index: int) -> None:
        super().__init__(text)
        self.index = index


def long_forms(tree: Tree, findings: Findings) -> Tree:
    """The tree with each short form written out; what is long already stays as it is."""
    written = _Writer(tree).write(tree, ())
    _settle_external(written, findings)
    # An empty DNS server is what an unset variable leaves behind.
    for service in _mappings(written.get("services")):
        if isinstance(service.get("dns"), list):
            service["dns"] = [server for server in service["dns"] if server not in (None, "")]
    return written


def _mappings(tree: Tree) -> list[dict[str, Tree]]:
    return [value for value in (tree or {}).values() if isinstance(value, dict)]


class _Writer:
    def __init__(self, root: Tree) -> None:
        self.root = root

    def write(self, tree: Tree, path: Path) -> Tree:
        for pattern, form, goes_on in _FORMS:
            if matches(path, pattern):
                try:
                    tree = placed(form(tree), tree)
                except (FormError, MountError) as error:
                    fail(str(error), at=place_of(self.root, path), key=path)
                except BadPort as error:
                    key = (*path, str(error.index))
                    hint = "A port is written \"8080:80\": the host's, then the container's."
                    fail(str(error), hint, at=place_of(self.root, key), key=key)
                if not goes_on:
                    return tree
                break
        if isinstance(tree, dict):
            return {key: self.write(value, (*path, key)) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.write(value, (*path, str(index))) for index, value in enumerate(tree)]
        return tree


def _listed(value: Tree) -> Tree:
    return [value] if isinstance(value, str) else value


def _pairs(value: Tree) -> Tree:
    if not isinstance(value, list):
        return value
    pairs = {}
    for item in value:
        key, equals, text = str(item).partition("=")
        if not equals:
            raise FormError(f"invalid value {item}, expected key=value")
        pairs[key] = text
    return pairs


def _ssh(value: Tree) -> Tree:
    if not isinstance(value, list):
        return value
    keys: dict[str, str | None] = {}
    for item in value:
        name, equals, path = str(item).partition("=")
        if not equals and name != "default":
            raise FormError(f'invalid ssh key "{item}"')
        keys[name] = path if equals else None
    return keys


def _depends_on(value: Tree) -> Tree:
    named = {name: {} for name in value} if isinstance(value, list) else value
    return {
        name: {"condition": "service_started", "required": True, **(one or {})}
        for name, one in named.items()
    }


def _env_files(value: Tree) -> Tree:
    return [
        placed({"required": True, **(one if isinstance(one, dict) else {"path": one})}, one)
        for one in (value if isinstance(value, list) else [value])
    ]


def _build(value: Tree) -> Tree:
    return {"context": value} if isinstance(value, str) else value


def _extends(value: Tree) -> Tree:
    return {"service": value} if isinstance(value, str) else value


def _gpus(value: Tree) -> Tree:
    return [{"count": "all"}] if isinstance(value, str) else value


def _networks(value: Tree) -> Tree:
    return dict.fromkeys(value) if isinstance(value, list) else value


def _volume(value: Tree) -> Tree:
    return mount(value) if isinstance(value, str) else value


def _file(value: Tree) -> Tree:
    return {"source": value} if isinstance(value, str) else value


def _ports(value: Tree) -> Tree:
    found: list[Tree] = []
    for index, one in enumerate(value):
        try:
            made = [one] if isinstance(one, dict) else ports(printed(one))
            found += [placed(port, one) for port in made]
        except PortError as error:
            raise BadPort(str(error), index) from None
    return found


def _device(value: Tree) -> Tree:
    if not isinstance(value, str):
        return value
    parts = value.split(":")
    if len(parts) > 3:
        raise FormError(f"confusing device mapping, please use long syntax: {value}")
    target = parts[1] if len(parts) > 1 and parts[1] else parts[0]
    rights = parts[2] if len(parts) > 2 else "rwm"
    return {"source": parts[0], "target": target, "permissions": rights}


def _settle_external(tree: Tree, findings: Findings) -> None:
    """``external: {name: X}`` was how it was written before ``name: X`` could be."""
    for kind in ("volumes", "networks", "secrets", "configs"):
        for key, resource in (tree.get(kind) or {}).items():
            external = (resource or {}).get("external")
            if not isinstance(external, dict):
                continue
            resource["external"] = True
            name = external.get("name")
            if name is None:
                continue
            place = place_of(tree, (kind, key))
            findings.warn(
                f"{kind}.{key}: external.name is deprecated. Please set name and external: true",
                at=place,
                key=(kind, key),
            )
            if resource.setdefault("name", name) != name:
                fail(
                    f"{kind}.{key}: name and external.name conflict; only use name",
                    at=place,
                    key=(kind, key),
                )


_SERVICE: dict[str, tuple[Form, bool]] = {
    "build": (_build, True),
    "build.additional_contexts": (_pairs, False),
    "build.secrets.*": (_file, False),
    "build.ssh": (_ssh, False),
    "configs.*": (_file, False),
    "depends_on": (_depends_on, False),
    "devices.*": (_device, False),
    "dns": (_listed, False),
    "env_file": (_env_files, False),
    "extends": (_extends, False),
    "gpus": (_gpus, False),
    "label_file": (_listed, False),
    "networks": (_networks, False),
    "ports": (_ports, False),
    "secrets.*": (_file, False),
    "volumes.*": (_volume, False),
}
_FORMS: list[tuple[Path, Form, bool]] = [
    (("services", "*", *name.split(".")), form, goes_on)
    for name, (form, goes_on) in _SERVICE.items()
]
