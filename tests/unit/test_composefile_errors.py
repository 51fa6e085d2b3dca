"""A mistake in a compose file is told with its file, its line, its key and what to write."""

from __future__ import annotations

import os
import textwrap
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import composecases as cases
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dockerlab.errors import ComposeFileError
from dockerlab.formats.composefile import Finding, Overlay, Project, graph, load
from dockerlab.formats.composefile.checks.support import KEYS
from dockerlab.formats.composefile.text.tree import matches


def read(text: str, more: Mapping[str, str] | None = None, **environment: str) -> Project:
    texts = {"/app/compose.yaml": text, **{f"/app/{k}": v for k, v in (more or {}).items()}}
    reader = Overlay(texts)
    return load(["/app/compose.yaml"], environment=environment, reader=reader)


def mistakes(text: str, more: Mapping[str, str] | None = None) -> tuple[Finding, ...]:
    with pytest.raises(ComposeFileError) as caught:
        read(textwrap.dedent(text), more)
    assert str(caught.value) == "\n".join(str(finding) for finding in caught.value.findings)
    return caught.value.findings


SERVICE = "services:\n  web:\n    image: nginx\n"
MISTAKES = {
    "unknown key": (
        "services:\n  web:\n    imgae: nginx\n",
        (3, "services.web.imgae", "Additional property imgae is not allowed", "`image`"),
    ),
    "singular": (
        SERVICE + "    port: '80:80'\n",
        (4, "services.web.port", "Additional property port is not allowed", "`ports`"),
    ),
    "a text for a list": (
        SERVICE + "    ports: '80:80'\n",
        (4, "services.web.ports", "must be a list", '- "8080:80"'),
    ),
    "a list for a mapping": (
        "services:\n  - web\n",
        (1, "services", "must be a mapping", "web:\n"),
    ),
    "a mapping for a list": (
        SERVICE + "volumes:\n  - data\n",
        (4, "volumes", "must be a mapping", "data:"),
    ),
    "nothing below a service": (
        "services:\n  web:\n",
        (2, "services.web", "must be a mapping", "image: …"),
    ),
    "no space after the colon": (
        "services:\n  web:\n    image:nginx\n",
        (2, "services.web", "must be a mapping", "`image: nginx`"),
    ),
    "a pair in a list": (
        SERVICE + "    environment:\n      - A: 1\n",
        (5, "services.web.environment.0", "must be a string", '"A:1"'),
    ),
    "a tab": (
        "services:\n\tweb:\n\t\timage: nginx\n",
        (2, "", "a tab stands in the indentation", "spaces"),
    ),
    "the same key twice": (
        SERVICE + "    image: redis\n",
        (4, "image", 'mapping key "image" already defined at line 3', "one of the two"),
    ),
    "a number for a key": (
        "services:\n  1:\n    image: nginx\n",
        (2, "", "Non-string key: 1", '"1"'),
    ),
    "indentation": (
        SERVICE + "   ports: []\n",
        (4, "", "did not find expected key", "indented"),
    ),
    "an open quote": (
        'services:\n  web:\n    image: "nginx\n    ports: []\n',
        (3, "", "found unexpected end of stream", "quote"),
    ),
    "a colon in a value": (
        SERVICE + "    command: echo a: b\n",
        (4, "", "mapping values are not allowed", "quotes"),
    ),
    "a variable that must be set": (
        "services:\n  web:\n    image: nginx:${TAG:?say which}\n",
        (3, "services.web.image", "required variable TAG is missing a value: say which", "TAG=…"),
    ),
    "no name in a variable": (
        "services:\n  web:\n    image: nginx:${}\n",
        (3, "services.web.image", "invalid interpolation format", "${NAME}"),
    ),
    "an unknown network": (
        SERVICE + "    networks:\n      - fornt\nnetworks:\n  front:\n",
        (5, "services.web.networks.fornt", "refers to undefined network fornt", "`front`"),
    ),
    "an unknown volume": (
        SERVICE + "    volumes:\n      - data:/data\n",
        (5, "services.web.volumes.0", "refers to undefined volume data", "volumes:\n      data:"),
    ),
    "a folder without its dot": (
        SERVICE + "    volumes:\n      - src/app:/app\n",
        (5, "services.web.volumes.0", "undefined volume src/app", "./src/app"),
    ),
    "an unknown secret": (
        SERVICE + "    secrets:\n      - key\n",
        (5, "services.web.secrets.0", "refers to undefined secret key", "file: ./FILE"),
    ),
    "an unknown config": (
        SERVICE + "    configs:\n      - conf\n",
        (5, "services.web.configs.0", "refers to undefined config conf", "configs:"),
    ),
    "an unknown service": (
        SERVICE + "    depends_on:\n      - bd\n  db:\n    image: redis\n",
        (5, "services.web.depends_on.bd", 'depends on undefined service "bd"', "`db`"),
    ),
    "an unknown link": (
        SERVICE + "    links:\n      - db\n",
        (5, "services.web.links.0", 'depends on undefined service "db"', "There are: web"),
    ),
    "a service that is switched off": (
        SERVICE + "    depends_on: [db]\n  db:\n    image: redis\n    profiles: [data]\n",
        (4, "services.web.depends_on.db", 'depends on undefined service "db"', "profile (data)"),
    ),
    "a circle": (
        "services:\n"
        "  a: {image: x, depends_on: [b]}\n"
        "  b: {image: x, depends_on: [c]}\n"
        "  c: {image: x, links: [a]}\n",
        (2, "services.a.depends_on.b", "dependency cycle detected: a -> b -> c -> a", "circle"),
    ),
    "no image": (
        "services:\n  web:\n    command: ls\n",
        (2, "services.web", "neither an image nor a build context", "`image: NAME`"),
    ),
    "a bad condition": (
        SERVICE + "    depends_on:\n      db:\n        condition: healthy\n  db: {image: redis}\n",
        (6, "services.web.depends_on.db.condition", "must be one of", "`service_healthy`"),
    ),
    "no condition": (
        SERVICE + "    depends_on:\n      db:\n        restart: true\n  db: {image: redis}\n",
        (5, "services.web.depends_on.db", "condition is required", "condition: …"),
    ),
    "a port with letters": (
        SERVICE + "    ports:\n      - 80:80\n      - 81:http\n",
        (6, "services.web.ports.1", "Invalid containerPort: http", '"8080:80"'),
    ),
    "a port of the host alone": (
        SERVICE + "    ports:\n      - published: 80\n",
        (5, "services.web.ports.0", "is missing a target port", "`target: …`"),
    ),
    "port 0": (
        SERVICE + "    ports:\n      - '0'\n",
        (5, "services.web.ports.0", "is missing a target port", "`target: …`"),
    ),
    "a mount of nothing to nowhere": (
        SERVICE + "    volumes:\n      - type: volume\n",
        (5, "services.web.volumes.0", "is missing a mount target", "`target: …`"),
    ),
    "a duration without unit": (
        SERVICE + "    healthcheck:\n      interval: 5\n",
        (5, "services.web.healthcheck.interval", "must be a string", "5s"),
    ),
    "a size in words": (
        SERVICE + "    mem_limit: plenty\n",
        (4, "services.web.mem_limit", "invalid size: 'plenty'", ""),
    ),
    "a truth in words": (
        SERVICE + "    tty: perhaps\n",
        (4, "services.web.tty", "is not true or false", "true or false"),
    ),
    "an unknown anchor": (
        "services:\n  web: *base\n",
        (2, "", "unknown anchor 'base' referenced", "&base"),
    ),
    "an anchor in itself": (
        "services: &all\n  web: *all\n",
        (2, "", "anchor 'all' value contains itself", ""),
    ),
    "extends nobody": (
        "services:\n  web:\n    extends: base\n",
        (3, "services.web.extends", 'service "base" not found', "There are: web"),
    ),
    "extends in a circle": (
        "services:\n  a: {extends: b}\n  b: {extends: a}\n",
        (2, "services.a.extends", "Circular reference:\n  a in", "extend nothing"),
    ),
    "an env file that is not there": (
        SERVICE + "    env_file:\n      - missing.env\n",
        (5, "services.web.env_file.0", "env file /app/missing.env not found", "path"),
    ),
    "an include that is not there": (
        "include:\n  - missing.yaml\n" + SERVICE,
        (2, "", "/app/missing.yaml not found", "path"),
    ),
    "a service at the top": (
        "web:\n  image: nginx\n",
        (1, "web", "Additional property web is not allowed", "below `services:`"),
    ),
    "volumes within a service's build": (
        "services:\n  web:\n    build:\n      context: .\n      ports: []\n",
        (5, "services.web.build.ports", "Additional property ports", "one level further left"),
    ),
    "a name with a space": (
        "services:\n  my web:\n    image: nginx\n",
        (2, "services.my web", "Additional property my web", "letters, digits"),
    ),
    "numbered and named": (
        SERVICE + "    container_name: web\n    scale: 2\n",
        (4, "services.web.container_name", "container name must be unique", "numbered"),
    ),
    "external and with a driver": (
        SERVICE + "volumes:\n  data:\n    external: true\n    driver: local\n",
        (7, "volumes.data.driver", 'conflicting parameters "external" and "driver"', "name"),
    ),
    "nothing": ("", (0, "", "empty compose file", "services:")),
    "a list at the top": ("- a\n", (1, "", "Top-level object must be a mapping", "services:")),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_what_to_write(name: str) -> None:
    text, (line, key, said, hint) = MISTAKES[name]
    found = mistakes(text)[0]
    assert found.level == "error"
    assert (found.file, found.line, ".".join(found.key)) == ("/app/compose.yaml", line, key)
    assert said in found.text
    assert hint in found.hint


def test_all_mistakes_of_a_file_are_told_in_order() -> None:
    text = "services:\n  web:\n    imgae: a\n    ports: 80\n  db:\n    image: 5\nservice: {}\n"
    assert [finding.line for finding in mistakes(text)] == [3, 4, 6, 7]


def test_a_mistake_in_another_file_names_that_file() -> None:
    base = {"base.yaml": "services:\n  app:\n    imgae: a\n"}
    text = "services:\n  web:\n    extends: {file: base.yaml, service: app}\n"
    assert mistakes(text, base)[0].place.file == "/app/base.yaml"
    text = "include: [base.yaml]\n" + SERVICE
    assert mistakes(text, base)[0].line == 3


def test_a_file_to_extend_that_is_not_there_is_told_where_it_is_named() -> None:
    base = {"base.yaml": "services:\n  app:\n    extends: {file: gone.yaml, service: app}\n"}
    text = "services:\n  web:\n    extends:\n      file: FILE\n      service: app\n"
    found = mistakes(text.replace("FILE", "gone.yaml"))[0]
    assert found.text == "file /app/gone.yaml not found"
    assert (found.line, found.key) == (4, ("services", "web", "extends", "file"))
    found = mistakes(text.replace("FILE", "base.yaml"), base)[0]
    assert str(found.place) == "/app/base.yaml:3"


@pytest.mark.parametrize(
    "address", ["https://example.com/app.git", "git@example.com:app", "oci://example.com/app"]
)
def test_compose_files_from_elsewhere_are_refused_by_name(address: str) -> None:
    extends = f"services:\n  web:\n    extends: {{file: '{address}', service: web}}\n"
    for text, line, more in (
        (f"include:\n  - {address}\n" + SERVICE, 2, {}),
        (extends, 3, {}),
        ("include: [more/other.yaml]\n" + SERVICE, 3, {"more/other.yaml": extends}),
        (extends.replace(address, "other.yaml"), 3, {"other.yaml": extends}),
    ):
        (found,) = mistakes(text, more)
        assert found.line == line
        assert found.text.endswith(f"of a remote file is not supported here: {address}")
        assert "Download it" in found.hint


def test_an_env_file_that_cannot_be_read_is_named_with_its_line() -> None:
    found = mistakes(SERVICE + "    env_file: a.env\n", {"a.env": "A=1\nB C=2\n"})[0]
    assert (found.file, found.line) == ("/app/a.env", 2)
    assert "key cannot contain a space" in found.text


def test_what_both_of_two_included_files_say_is_a_conflict() -> None:
    other = {"other.yaml": "services:\n  web:\n    image: other\n"}
    found = mistakes("include: [other.yaml]\n" + SERVICE, other)[0]
    assert "services.web conflicts with imported resource" in found.text


def test_includes_in_a_circle_are_told() -> None:
    circle = {"other.yaml": "include: [compose.yaml]\nservices: {a: {image: a}}\n"}
    assert "include cycle detected" in mistakes("include: [other.yaml]\n" + SERVICE, circle)[0].text


def test_a_name_that_no_project_may_have_is_refused_with_one_that_it_may() -> None:
    reader = Overlay({"/app/compose.yaml": SERVICE})
    with pytest.raises(ComposeFileError, match="invalid project name") as caught:
        load(["/app/compose.yaml"], project_name="My App", environment={}, reader=reader)
    assert "`myapp`" in caught.value.findings[0].hint


def test_a_folder_without_a_compose_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ComposeFileError, match="no configuration file provided"):
        load(project_directory=tmp_path, environment={"COMPOSE_DISABLE_ENV_FILE": "1"})


WARNINGS = {
    "version": ("version: '3'\n" + SERVICE, 1, "the attribute `version` is obsolete"),
    "unset variable": (
        "services:\n  web:\n    image: nginx${TAG}\n",
        3,
        'The "TAG" variable is not set. Defaulting to a blank string.',
    ),
    "old truth": (SERVICE + "    tty: yes\n", 4, '"yes" for boolean is not supported by YAML 1.2'),
    "external name": (
        SERVICE + "    networks: [n]\nnetworks:\n  n:\n    external: {name: x}\n",
        6,
        "external.name is deprecated",
    ),
    "a drive": (SERVICE + "    volumes: ['d:/data']\n", 4, "taken for a path of Windows"),
    "restart": (SERVICE + "    restart: sometimes\n", 4, "invalid restart policy 'sometimes'"),
    "foreign tag": ("services:\n  web: !mine\n    image: nginx\n", 2, "YAML tag !mine"),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_what_is_odd_and_yet_understood_is_a_warning(name: str) -> None:
    text, line, said = WARNINGS[name]
    (warning,) = read(text).warnings
    assert warning.level == "warning"
    assert warning.line == line
    assert said in warning.text


WITHOUT_EFFECT = {
    "services.*.build.cache_from": "build: {context: ., cache_from: [app]}",
    "services.*.build.extra_hosts": "build: {context: ., extra_hosts: ['a:1.2.3.4']}",
    "services.*.build.isolation": "build: {context: ., isolation: process}",
    "services.*.build.shm_size": "build: {context: ., shm_size: 1g}",
    "services.*.build.ulimits": "build: {context: ., ulimits: {nproc: 5}}",
    "services.*.cpu_count": "cpu_count: 2",
    "services.*.cpu_percent": "cpu_percent: 50",
    "services.*.credential_spec": "credential_spec: {file: a.json}",
    "services.*.deploy.endpoint_mode": "deploy: {endpoint_mode: vip}",
    "services.*.deploy.labels": "deploy: {labels: [a]}",
    "services.*.deploy.mode": "deploy: {mode: global}",
    "services.*.deploy.placement": "deploy: {placement: {constraints: [a]}}",
    "services.*.deploy.resources.reservations.cpus": (
        "deploy: {resources: {reservations: {cpus: '0.5'}}}"
    ),
    "services.*.deploy.resources.reservations.generic_resources": (
        "deploy: {resources: {reservations: {generic_resources: [{discrete_resource_spec: "
        "{kind: gpu, value: 2}}]}}}"
    ),
    "services.*.deploy.restart_policy.delay": "deploy: {restart_policy: {delay: 5s}}",
    "services.*.deploy.restart_policy.window": "deploy: {restart_policy: {window: 5s}}",
    "services.*.deploy.rollback_config": "deploy: {rollback_config: {order: stop-first}}",
    "services.*.deploy.update_config": "deploy: {update_config: {order: stop-first}}",
    "services.*.develop": "develop: {watch: []}",
    "services.*.healthcheck.start_interval": "healthcheck: {start_interval: 1s}",
    "services.*.isolation": "isolation: hyperv",
    "services.*.networks.*.gw_priority": "networks: {default: {gw_priority: 1}}",
    "services.*.post_start": "post_start: [{command: ls}]",
    "services.*.pre_stop": "pre_stop: [{command: ls}]",
    "services.*.volumes.*.bind.recursive": (
        "volumes: [{type: bind, source: /a, target: /a, bind: {recursive: disabled}}]"
    ),
    "configs.*.template_driver": "configs: {a: {file: a, template_driver: golang}}",
    "networks.*.enable_ipv4": "networks: {a: {enable_ipv4: false}}",
    "secrets.*.driver": "secrets: {a: {driver: vault}}",
    "secrets.*.template_driver": "secrets: {a: {file: a, template_driver: golang}}",
}


@pytest.mark.parametrize("pattern", [pattern for pattern, _, _ in KEYS])
def test_a_key_that_changes_nothing_is_told(pattern: str) -> None:
    line = WITHOUT_EFFECT[pattern]
    (warning,) = read(f"{SERVICE}{'    ' if pattern.startswith('services') else ''}{line}").warnings
    assert matches(warning.key, pattern.split("."))
    assert warning.text.endswith("` has no effect")
    assert (warning.line, bool(warning.hint)) == (4, True)


@pytest.mark.parametrize(("kind", "word"), [("configs", "config"), ("secrets", "secrets")])
def test_an_owner_of_what_is_mounted_from_a_file_is_told_to_be_ignored(
    kind: str, word: str
) -> None:
    use = f"    {kind}:\n      - {{source: a, mode: 0o400}}\n{kind}:\n  a:\n"
    (warning,) = read(SERVICE + use + "    file: ./a\n").warnings
    said = f"{word} `uid`, `gid` and `mode` are not supported, they will be ignored"
    assert (warning.line, warning.text) == (5, said)
    assert not read(SERVICE + use + "    environment: A\n", A="a").warnings


@pytest.mark.parametrize(
    ("key", "hint"),
    [("net: host", "network_mode"), ("log_driver: none", "logging"), ("dockerfile: a", "build")],
)
def test_a_key_of_the_first_compose_is_refused_with_todays(key: str, hint: str) -> None:
    (mistake,) = mistakes(f"{SERVICE}    {key}\n")
    assert (mistake.line, mistake.hint) == (4, f"Did you mean `{hint}`?")


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["x-a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    for below, name in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"x-{name}: &{name} [{', '.join([f'*{below}'] * 10)}]")
    started = time.monotonic()
    found = mistakes("\n".join(lines) + "\n" + SERVICE)[0]
    assert "excessive aliasing" in found.text
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000,
        "{" * 20_000,
        "- " * 20_000,
        "a: " + "{a: " * 5_000,
        "\n".join(f"{' ' * n}a:" for n in range(2_000)),
        "services: {web: {image: '" + "${A:-" * 5_000 + "}" * 5_000 + "'}}",
        "services: {web: {image: '" + "${A:-{" * 20_000 + "'}}",
        "services: {web: {image: 'a" + "$" * 100_001 + "{'}}",
        "services: {web: {image: a, ports: ['1-99999999999999999999']}}",
        "services: {web: {image: a, mem_limit: '" + "9" * 5_000 + "'}}",
        "services: {web: {image: a, stop_grace_period: '" + "9" * 5_000 + "h'}}",
        "services: {web: {image: a, scale: " + "9" * 5_000 + "}}",
        "services: {web: {image: a, cpus: 1e400}}",
        "services: {web: {image: a, cpus: .nan}}",
        "services: {web: {image: 'a\ud800'}}",
        "services: {web: {image: a\x00}}",
        "? [a]\n: b\n",
        "? {a: b}\n: c\n",
        "services: {web: {<<: {<<: {<<: 1}}}}",
        "%YAML 9.9\n---\na: b\n",
        "services: !!binary '*'\n",
        "x-a: !!int 'a'\n" + SERVICE,
        "a: &x b\n*x : c\n",
    ],
    ids=lambda text: text[:24],
)
def test_hostile_text_is_refused_in_bounded_time(text: str) -> None:
    started = time.monotonic()
    with pytest.raises(ComposeFileError):
        read(text)
    assert time.monotonic() - started < 60


def test_files_that_never_end_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for path in (tmp_path / "pipe.yaml", Path("/dev/zero"), tmp_path):
        with pytest.raises(ComposeFileError):
            load([path], project_name="x", environment={})


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(SERVICE + "# " + "x" * 2_000_000)
    with pytest.raises(ComposeFileError, match="larger than 1024 KiB"):
        load(project_directory=tmp_path, environment={})


def test_two_hundred_services_are_read_and_put_in_order() -> None:
    lines = ["services:"]
    for number in range(200):
        before = f"[s{number - 1:03}]" if number else "[]"
        lines.append(
            f"  s{number:03}: {{image: a, ports: ['{8000 + number}:80'], depends_on: {before}}}"
        )
    project = read("\n".join(lines))
    assert graph(project).levels == tuple((f"s{number:03}",) for number in range(200))


FUZZED = """
    services networks volumes configs secrets include name version x-a web db image build ports
    environment command depends_on condition healthcheck test interval deploy replicas resources
    limits cpus memory labels extends file service env_file target source type bind tmpfs size
    external driver ipam config subnet aliases default profiles scale extra_hosts ulimits nofile
    logging options restart mem_limit stop_grace_period tty secrets mode content devices dns
    network_mode links volumes_from context args <<
"""
WORDS = """
    a 80:80 1-3 A=1 ${A} ${A:?x} ${ 5s 64m ./x:/x web db service:web service_healthy !reset ~ host
    a:b:c:d ./other.yaml
"""
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS.split()),
    st.text(max_size=8),
)
TREES = st.recursive(
    VALUES,
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(st.sampled_from(FUZZED.split()), below, max_size=4),
    ),
    max_leaves=25,
)
FILES = st.fixed_dictionaries(
    {
        "services": st.dictionaries(
            st.sampled_from(["web", "db"]), st.dictionaries(st.sampled_from(FUZZED.split()), TREES)
        )
    },
    optional={
        key: TREES
        for key in ("networks", "volumes", "configs", "secrets", "include", "name", "x-a")
    },
)


def accepted(text: str, other: str) -> bool:
    try:
        project = read(text, {"other.yaml": other}, A="a")
    except ComposeFileError as error:
        assert error.findings
        assert all(finding.text for finding in error.findings)
        return False
    graph(project)
    return True


@settings(max_examples=150, deadline=5000, suppress_health_check=list(HealthCheck))
@given(st.one_of(TREES, FILES), FILES)
def test_any_tree_is_a_project_or_a_mistake_that_is_told(tree: object, other: object) -> None:
    accepted(yaml.safe_dump(tree, allow_unicode=True), yaml.safe_dump(other))


def places(tree: object) -> Iterator[tuple[Any, Any]]:
    """Each thing of a tree, as what holds it and its key there."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree)  # type: ignore[arg-type]
    for key, below in pairs:
        yield tree, key
        if isinstance(below, dict | list):
            yield from places(below)


@settings(max_examples=300, deadline=5000, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(cases.FOLDER.rglob("*.y*ml"))), st.integers(0, 999), TREES)
def test_a_good_file_with_anything_changed_is_a_project_or_a_mistake(
    file: Path, place: int, value: object
) -> None:
    tree = next(yaml.safe_load_all(file.read_text().replace("!reset", "").replace("!override", "")))
    found = list(places(tree))
    holder, key = found[place % len(found)]
    holder[key] = value
    accepted(yaml.safe_dump(tree, allow_unicode=True), "services: {web: {image: a}}")


@settings(max_examples=150, deadline=5000, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet="abc:- \n\t{}[]'\"&*!|>%@#,?$<~=0123.", max_size=60))
def test_any_text_is_a_project_or_a_mistake_that_is_told(text: str) -> None:
    accepted(text, text)
    accepted(f"services:\n  web:\n    image: a\n    {text}\n", text)
