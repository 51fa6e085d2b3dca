"""Whether volumes, configs and secrets say one thing about where they come from."""

from __future__ import annotations

from dockerlab.formats.composefile.text.findings import fail_in
from dockerlab.formats.composefile.text.tree import Path, Tree


def check_resources(tree: dict[str, Tree]) -> None:
    for name, volume in (tree.get("volumes") or {}).items():
        if volume and volume.get("external") is True:
            _check_external(tree, ("volumes", name), volume)
    for kind, sources in (
        ("configs", ("file", "environment", "content")),
        ("secrets", ("file", "environment")),
    ):
        for name, resource in (tree.get(kind) or {}).items():
            _check_source(tree, (kind, name), resource or {}, sources)
    _check_devices(tree)


def _check_external(tree: Tree, key: Path, volume: dict[str, Tree]) -> None:
    for other in volume:
        if other not in ("name", "external") and not other.startswith("x-"):
            fail_in(
                tree,
                (*key, other),
                f'conflicting parameters "external" and "{other}" specified',
                "An external volume is there already; only its `name` can be said.",
            )


def _check_source(
    tree: Tree, key: Path, resource: dict[str, Tree], sources: tuple[str, ...]
) -> None:
    given = [source for source in sources if source in resource]
    if len(given) > 1:
        fail_in(tree, key, f"{'|'.join(sources)} attributes are mutually exclusive", "Keep one.")
    if not given and "driver" not in resource and "external" not in resource:
        fail_in(
            tree, key, f"one of {'|'.join(sources)} must be set", "Write `file: ./PATH` below it."
        )


def _check_devices(tree: Tree) -> None:
    for name, service in (tree.get("services") or {}).items():
        for index, request in enumerate((service or {}).get("gpus") or ()):
            if "count" in request and "device_ids" in request:
                fail_in(
                    tree,
                    ("services", name, "gpus", str(index)),
                    '"count" and "device_ids" attributes are exclusive',
                    "Keep one.",
                )
