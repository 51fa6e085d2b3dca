"""``deploy:`` of ``.travis.yml``: Elastic Beanstalk, or a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dockerlab.formats.pipeline.plan import Beanstalk, Branches, Script, Step, Work
from dockerlab.formats.pipeline.reading import Node
from dockerlab.formats.pipeline.travis.branches import named

_COMMON = ("provider", "on", "skip_cleanup", "cleanup", "edge")
_KNOWN = {
    "elasticbeanstalk": (
        *("access_key_id", "secret_access_key", "session_token", "region", "app", "env"),
        *("bucket", "bucket_name", "bucket_path", "label", "description", "zip_file"),
        *("only_create_app_version", "wait_until_deployed"),
    ),
    "script": ("script",),
}
MASTER = Branches(((True, r"\Amaster\Z"),))
"""Travis deploys from this branch only, unless told otherwise."""


def deployments(node: Node) -> Iterator[Step]:
    """The steps of one deployment or of several."""
    for one in node.listed():
        yield from _deployment(one)


def _deployment(node: Node) -> Iterator[Step]:
    provider = dict(node.pairs()).get("provider")
    if provider is None:
        node.fail("provider is missing", "as in provider: elasticbeanstalk")
    name = provider.word()
    if name not in _KNOWN:
        provider.fail(f"{name} is not supported here", f"there are: {', '.join(_KNOWN)}")
    keys = node.mapping((*_COMMON, *_KNOWN[name]))
    branches, test = _conditions(keys.get("on"))
    for title, work in _works(name, keys, node):
        yield Step(title, work, "deploy", branches=branches, test=test, line=node.line)


def _works(name: str, keys: Mapping[str, Node], node: Node) -> Iterator[tuple[str, Work]]:
    if name == "elasticbeanstalk":
        yield name, _beanstalk(keys, node)
        return
    if "script" not in keys:
        node.fail("script is missing", "as in script: sh deploy.sh")
    for line in keys["script"].listed():
        yield line.word(), Script(line.text())


def _conditions(node: Node | None) -> tuple[Branches, str]:
    """``on:``, which limits a deployment to branches, and to a condition of bash."""
    if node is None:
        return MASTER, ""
    keys = node.mapping(("branch", "all_branches", "condition"))
    test = keys["condition"].word() if "condition" in keys else ""
    if "all_branches" in keys and keys["all_branches"].flag():
        return Branches(), test
    return (named(keys["branch"]) if "branch" in keys else MASTER), test


def _beanstalk(keys: Mapping[str, Node], node: Node) -> Beanstalk:
    for key in ("access_key_id", "secret_access_key", "app", "env", "region"):
        if key not in keys or keys[key].empty:
            node.fail(f"{key} is missing", _example(key))

    def text(*names: str) -> str:
        return next((_value(keys[name]) for name in names if name in keys), "")

    def flag(name: str, otherwise: bool) -> bool:
        return keys[name].flag() if name in keys else otherwise

    return Beanstalk(
        region=text("region"),
        application=text("app"),
        environment=text("env"),
        access_key=text("access_key_id"),
        secret_key=text("secret_access_key"),
        session_token=text("session_token"),
        bucket=text("bucket_name", "bucket"),
        path=text("bucket_path"),
        label=text("label"),
        description=text("description"),
        package=text("zip_file"),
        as_left=flag("skip_cleanup", False) or not flag("cleanup", True),
        wait=flag("wait_until_deployed", True),
        only_version=flag("only_create_app_version", False),
    )


def _value(node: Node) -> str:
    if node.is_mapping and "secure" in node.value:
        node.fail(
            "an encrypted value (secure) cannot be read here: only Travis has the key",
            "put it into the settings of the CI and write its name: $AWS_SECRET_ACCESS_KEY",
        )
    return node.word()


def _example(key: str) -> str:
    if key in ("access_key_id", "secret_access_key"):
        return f"name a setting of the CI, never the key itself: {key}: $AWS_{key.upper()}"
    return f"as in {key}: " + {"region": "us-east-1", "app": "my-app", "env": "my-app-env"}[key]
