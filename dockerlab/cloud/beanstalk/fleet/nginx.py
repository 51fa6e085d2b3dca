"""The load balancer's configuration, as a text.

Two servers: one for the world, one for the cloud alone. The second has a path that cannot be
guessed, and answers how many times the configuration was replaced (so one can wait until a reload
is through) and what an instance says to a request sent from here (the health check).

Addresses are written as numbers: a name that does not resolve would keep Nginx from reloading.
Clients get a connection for one request each: at a reload Nginx hangs up the idle ones, and a
request that is just then on its way in one would be lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OPEN, MANAGED = 80, 9180
"""Ports inside the balancer: for the world, and for the cloud."""
HEADER = "X-Instance-Id"
"""Tells which instance gave an answer."""

_MAIN = """\
user nginx;
worker_processes 1;
worker_shutdown_timeout {delay}s;
pid /run/nginx.pid;
error_log /dev/stderr error;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_max_body_size 0;
    server_tokens off;
    keepalive_timeout 0;
    map $http_upgrade $connection_header {{ default upgrade; "" ""; }}
    map $upstream_addr $instance {{
        default "-";
{names}    }}
    map $instance $instance_header {{ default $instance; "-" ""; }}
    log_format counted '$msec $status $request_time $instance';
{upstream}
    server {{
        listen {open} default_server;
        access_log /dev/stdout counted buffer=8k flush=250ms;
        location / {{
            {answer}
        }}
    }}
    server {{
        listen {managed};
        location = /{token}/generation {{ return 200 "{generation}"; }}
        location ~ ^/{token}/check/([0-9.]+)/([0-9]+)(/.*)$ {{
            proxy_pass http://$1:$2$3$is_args$args;
            proxy_set_header Host $1;
            proxy_set_header User-Agent "ELB-HealthChecker/2.0";
            proxy_connect_timeout 2s;
            proxy_read_timeout {patience}s;
            proxy_max_temp_file_size 0;
            add_header X-Connect "$upstream_connect_time" always;
            add_header X-Answer "$upstream_header_time" always;
        }}
        location / {{ return 404; }}
    }}
}}
"""

# A connection kept open is closed by us first, before the app's own limit (Node has 5 seconds),
# or a request would now and then meet an app that has just hung up. An instance that does not
# take a connection is passed over at once, but never written off here: the health check does that.
_UPSTREAM = """\
    upstream instances {{
{servers}        keepalive 32;
        keepalive_timeout 4s;
    }}
"""

_PASS = """\
proxy_pass http://instances;
            proxy_http_version 1.1;
            proxy_set_header Connection $connection_header;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto http;
            proxy_connect_timeout 2s;
            proxy_next_upstream error timeout;
            proxy_next_upstream_tries 3;
            add_header X-Instance-Id $instance_header always;"""

_NOBODY = 'return 503 "No instance is in service.\\n";'


@dataclass(frozen=True, slots=True)
class Target:
    """An instance as the balancer knows it."""

    id: str
    address: str
    port: int


def configuration(
    targets: Sequence[Target], *, token: str, generation: int, delay: int, patience: int
) -> str:
    """``delay``: seconds that requests under way have after a reload; ``patience``: for a check."""
    return _MAIN.format(
        open=OPEN,
        managed=MANAGED,
        token=token,
        generation=generation,
        delay=max(1, delay),
        patience=patience,
        names="".join(map(_name, targets)),
        upstream=_upstream(targets),
        answer=_PASS if targets else _NOBODY,
    )


def _name(target: Target) -> str:
    # After a second try it reads "first, second".
    address = target.address.replace(".", r"\.")
    return f'        "~(^|[ ,]){address}:{target.port}$" "{target.id}";\n'


def _upstream(targets: Sequence[Target]) -> str:
    lines = (f"        server {one.address}:{one.port} max_fails=0;\n" for one in targets)
    return _UPSTREAM.format(servers="".join(lines)) if targets else ""
