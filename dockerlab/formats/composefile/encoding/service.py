"""The structure of a service."""

from __future__ import annotations

from dockerlab.formats.composefile.encoding import shapes as of
from dockerlab.formats.composefile.encoding.shapes import (
    ALWAYS,
    NULLABLE,
    PLAIN,
    SET,
    Field,
    Kind,
    listed,
    mapped,
    or_null,
    structure,
)


def _texts(*names: str) -> tuple[Field, ...]:
    return tuple(Field(name, of.text) for name in names)


OPTIONS = of.labels
FILE_MOUNT = structure(
    *_texts("source", "target", "uid", "gid"),
    Field("mode", of.natural, SET),
)
DEVICE_REQUEST = structure(
    Field("capabilities", of.texts),
    Field("driver", of.text),
    Field("count", of.count),
    Field("device_ids", of.texts),
    Field("options", of.labels),
    own=False,
)
BUILD = structure(
    *_texts("context", "dockerfile", "dockerfile_inline"),
    Field("entitlements", of.texts),
    Field("args", of.equals),
    Field("ssh", of.ssh),
    Field("labels", of.labels),
    Field("cache_from", of.texts),
    Field("cache_to", of.texts),
    Field("no_cache", of.flag),
    Field("additional_contexts", of.labels),
    Field("pull", of.flag),
    Field("extra_hosts", of.hosts),
    *_texts("isolation", "network", "target"),
    Field("secrets", listed(FILE_MOUNT)),
    Field("shm_size", of.size_text),
    Field("tags", of.texts),
    Field("ulimits", mapped(of.ulimit)),
    Field("platforms", of.texts),
    Field("privileged", of.flag),
)
HOOK = structure(
    Field("command", of.command, NULLABLE),
    Field("user", of.text),
    Field("privileged", of.flag),
    Field("working_dir", of.text),
    Field("environment", of.equals),
)
WATCH = structure(
    Field("path", of.text, ALWAYS),
    Field("action", of.text, ALWAYS),
    Field("target", of.text),
    Field("exec", HOOK, PLAIN),
    Field("ignore", of.texts),
)
_UPDATE = structure(
    Field("parallelism", of.natural, SET),
    Field("delay", of.time_or_nothing),
    Field("failure_action", of.text),
    Field("monitor", of.time_or_nothing),
    Field("max_failure_ratio", of.real),
    Field("order", of.text),
)
_GENERIC = structure(
    Field(
        "discrete_resource_spec",
        structure(Field("kind", of.text, ALWAYS), Field("value", of.integer, ALWAYS)),
        SET,
    )
)
_RESOURCE = structure(
    Field("cpus", of.real),
    Field("memory", of.size_text),
    Field("pids", of.integer),
    Field("devices", listed(DEVICE_REQUEST)),
    Field("generic_resources", listed(_GENERIC)),
)
DEPLOY = structure(
    Field("mode", of.text),
    Field("replicas", of.integer, SET),
    Field("labels", of.labels),
    Field("update_config", _UPDATE, SET),
    Field("rollback_config", _UPDATE, SET),
    Field(
        "resources",
        structure(Field("limits", _RESOURCE, SET), Field("reservations", _RESOURCE, SET)),
        PLAIN,
    ),
    Field(
        "restart_policy",
        structure(
            Field("condition", of.text),
            Field("delay", of.time, SET),
            Field("max_attempts", of.natural, SET),
            Field("window", of.time, SET),
        ),
        SET,
    ),
    Field(
        "placement",
        structure(
            Field("constraints", of.texts),
            Field("preferences", listed(structure(Field("spread", of.text)))),
            Field("max_replicas_per_node", of.natural),
        ),
        PLAIN,
    ),
    Field("endpoint_mode", of.text),
)


def _devices(kind_of_value: str, kind: Kind) -> Kind:
    """Limits of block devices; their structure has no names of its own for JSON."""
    inner = structure(Field("path", of.text, ALWAYS), Field(kind_of_value, kind, ALWAYS))

    def write(value: object, out: of.Out) -> object:
        written = inner(value, out)
        return written if out is of.Out.YAML else {k.title(): v for k, v in written.items()}

    return listed(write)


_RATE = _devices("rate", lambda value, out: of.size_text(value, out) or "0")
BLKIO = structure(
    Field("weight", of.natural),
    Field("weight_device", _devices("weight", of.natural)),
    Field("device_read_bps", _RATE),
    Field("device_read_iops", _RATE),
    Field("device_write_bps", _RATE),
    Field("device_write_iops", _RATE),
)
ATTACHMENT = structure(
    Field("priority", of.integer),
    Field("gw_priority", of.integer),
    Field("aliases", of.texts),
    *_texts("ipv4_address", "ipv6_address"),
    Field("link_local_ips", of.texts),
    Field("mac_address", of.text),
    Field("driver_opts", OPTIONS),
)
PORT = structure(
    *_texts("name", "mode", "host_ip"),
    Field("target", of.natural),
    *_texts("published", "protocol", "app_protocol"),
)
MOUNT = structure(
    *_texts("type", "source", "target"),
    Field("read_only", of.flag),
    Field("consistency", of.text),
    Field(
        "bind",
        structure(
            *_texts("selinux", "propagation"),
            Field("create_host_path", of.flag),
            Field("recursive", of.text),
        ),
        SET,
    ),
    Field("volume", structure(Field("nocopy", of.flag), Field("subpath", of.text)), SET),
    Field("tmpfs", structure(Field("size", of.size_text), Field("mode", of.natural)), SET),
)
HEALTHCHECK = structure(
    Field("test", of.test),
    Field("timeout", of.time, SET),
    Field("interval", of.time, SET),
    Field("retries", of.natural, SET),
    Field("start_period", of.time, SET),
    Field("start_interval", of.time, SET),
    Field("disable", of.flag),
)
DEPENDENCY = structure(
    Field("condition", of.text),
    Field("restart", of.flag),
    Field("required", of.flag, ALWAYS),
)
_DEVICE = structure(*_texts("source", "target", "permissions"))
_SERVICE_FIELDS = (
    Field("profiles", of.texts),
    Field("annotations", of.labels),
    Field("attach", of.flag, SET),
    Field("build", BUILD, SET),
    Field("develop", structure(Field("watch", listed(WATCH))), SET),
    Field("blkio_config", BLKIO, SET),
    Field("cap_add", of.texts),
    Field("cap_drop", of.texts),
    *_texts("cgroup_parent", "cgroup"),
    Field("cpu_count", of.integer),
    Field("cpu_percent", of.real),
    Field("cpu_period", of.integer),
    Field("cpu_quota", of.integer),
    Field("cpu_rt_period", of.integer),
    Field("cpu_rt_runtime", of.integer),
    Field("cpus", of.real),
    Field("cpuset", of.text),
    Field("cpu_shares", of.integer),
    Field("command", of.command, NULLABLE),
    Field("configs", listed(FILE_MOUNT)),
    Field("container_name", of.text),
    Field("credential_spec", structure(*_texts("config", "file", "registry")), SET),
    Field("depends_on", mapped(DEPENDENCY)),
    Field("deploy", DEPLOY, SET),
    Field("device_cgroup_rules", of.texts),
    Field("devices", listed(_DEVICE)),
    Field("dns", of.texts),
    Field("dns_opt", of.texts),
    Field("dns_search", of.texts),
    Field("domainname", of.text),
    Field("entrypoint", of.command, NULLABLE),
    Field("environment", of.equals),
    Field("env_file", listed(of.env_file)),
    Field("expose", of.printed_texts),
    Field("extends", structure(*_texts("file", "service"), own=False), SET),
    Field("external_links", of.texts),
    Field("extra_hosts", of.hosts),
    Field("group_add", of.texts),
    Field("gpus", listed(DEVICE_REQUEST)),
    Field("hostname", of.text),
    Field("healthcheck", HEALTHCHECK, SET),
    Field("image", of.text),
    Field("init", of.flag, SET),
    *_texts("ipc", "isolation"),
    Field("labels", of.labels),
    Field("label_file", of.texts),
    Field("links", of.texts),
    Field("logging", structure(Field("driver", of.text), Field("options", OPTIONS)), SET),
    Field("mem_limit", of.size_text),
    Field("mem_reservation", of.size_text),
    Field("memswap_limit", of.size_text),
    Field("mem_swappiness", of.size_text),
    *_texts("mac_address", "network_mode"),
    Field("networks", mapped(or_null(ATTACHMENT))),
    Field("oom_kill_disable", of.flag),
    Field("oom_score_adj", of.integer),
    Field("pid", of.text),
    Field("pids_limit", of.integer),
    Field("platform", of.text),
    Field("ports", listed(PORT)),
    Field("privileged", of.flag),
    Field("pull_policy", of.text),
    Field("read_only", of.flag),
    *_texts("restart", "runtime"),
    Field("scale", of.integer, SET),
    Field("secrets", listed(FILE_MOUNT)),
    Field("security_opt", of.texts),
    Field("shm_size", of.size_text),
    Field("stdin_open", of.flag),
    Field("stop_grace_period", of.time, SET),
    Field("stop_signal", of.text),
    Field("storage_opt", of.labels),
    Field("sysctls", of.labels),
    Field("tmpfs", of.texts),
    Field("tty", of.flag),
    Field("ulimits", mapped(of.ulimit)),
    *_texts("user", "userns_mode", "uts"),
    Field("volumes", listed(MOUNT)),
    Field("volumes_from", of.texts),
    Field("working_dir", of.text),
    Field("post_start", listed(HOOK)),
    Field("pre_stop", listed(HOOK)),
)
SERVICE = structure(*_SERVICE_FIELDS)
SERVICE_KEYS = tuple(field.name for field in _SERVICE_FIELDS)
