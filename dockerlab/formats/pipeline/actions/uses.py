"""``uses:``: the ready-made steps that this CI has of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from dockerlab.formats.pipeline.actions.checking import IN_STEP, template
from dockerlab.formats.pipeline.plan import Beanstalk, Checkout, Work
from dockerlab.formats.pipeline.reading import Node

_CHECKOUT = ("fetch-depth", "path", "ref", "token", "persist-credentials", "clean", "submodules")
_BEANSTALK = (
    *("aws_access_key", "aws_secret_key", "aws_session_token", "region"),
    *("application_name", "environment_name", "version_label", "version_description"),
    *("deployment_package", "existing_bucket_name", "use_existing_version_if_available"),
    *("wait_for_deployment", "wait_for_environment_recovery", "max_backoff_retries"),
)
_YES = {"true": True, "false": False, "": False}


def action(node: Node, given: Node | None) -> Work:
    """The step that ``uses: owner/name@version`` stands for; others fail by name."""
    name, at, version = node.word().partition("@")
    if name not in _ACTIONS:
        node.fail(
            f"the action {name} is not supported here, as nothing is fetched from GitHub",
            f"there are: {', '.join(_ACTIONS)}; or say it in shell: run: …",
        )
    if not at or not version:
        node.fail("the version is missing", f"as in uses: {name}@{_VERSIONS[name]}")
    return _ACTIONS[name](given or Node({}, f"{node.name} with", node.file, node.line))


def _checkout(given: Node) -> Checkout:
    keys = given.mapping(_CHECKOUT)
    depth = int(keys["fetch-depth"].number(0, 1_000_000)) if "fetch-depth" in keys else 1
    path = keys["path"].word() if "path" in keys else ""
    if path.startswith("/") or ".." in path.split("/"):
        keys["path"].fail("must stay within the workspace", "as in path: app")
    if "submodules" in keys and keys["submodules"].value not in (False, "false"):
        keys["submodules"].fail("is not supported here: nothing is fetched from elsewhere")
    ref = template(keys["ref"], IN_STEP) if "ref" in keys else ""
    return Checkout(depth, path, ref)


def _beanstalk(given: Node) -> Beanstalk:
    keys = given.mapping(
        _BEANSTALK,
        needs=("aws_access_key", "aws_secret_key", "region", "application_name"),
    )
    text = _texts(keys)
    environment, package = text("environment_name"), text("deployment_package")
    if not package and not text("version_label"):
        given.fail(
            "deployment_package is missing: the zip that a step before has made",
            "or version_label alone, to deploy a version that is there",
        )
    return Beanstalk(
        region=text("region"),
        application=text("application_name"),
        environment=environment,
        access_key=text("aws_access_key"),
        secret_key=text("aws_secret_key"),
        session_token=text("aws_session_token"),
        bucket=text("existing_bucket_name"),
        label=text("version_label"),
        description=text("version_description"),
        package=package,
        existing=not package or _flag(keys, "use_existing_version_if_available", False),
        wait=_flag(keys, "wait_for_deployment", True),
        only_version=not environment,
    )


def _texts(keys: Mapping[str, Node]) -> Callable[[str], str]:
    return lambda name: template(keys[name], IN_STEP).strip() if name in keys else ""


def _flag(keys: Mapping[str, Node], name: str, otherwise: bool) -> bool:
    if name not in keys:
        return otherwise
    word = keys[name].text()
    if word not in _YES:
        keys[name].fail("must be true or false")
    return _YES[word]


_VERSIONS = {"actions/checkout": "v4", "einaregilsson/beanstalk-deploy": "v22"}
_ACTIONS: Mapping[str, Callable[[Node], Work]] = {
    "actions/checkout": _checkout,
    "einaregilsson/beanstalk-deploy": _beanstalk,
}
