"""Commands on networks."""

from __future__ import annotations

import datetime as dt

from dockerlab.client.explain import explained
from dockerlab.client.networks import create, join
from dockerlab.errors import EngineRefused, FormatError
from dockerlab.formats.command import Command
from dockerlab.formats.creation import pairs
from dockerlab.formats.networks import Attachment, NetworkCreation, NetworkRecord
from dockerlab.formats.text import short_id
from dockerlab.magics.invocation import Commands, Invocation
from dockerlab.magics.listing import Row, show

_NETWORKS = [("NETWORK ID", "ID"), ("NAME", "Name"), ("DRIVER", "Driver"), ("SCOPE", "Scope")]


def network_ls(call: Invocation) -> int:
    found = call.api.networks(filters=call.filters())
    records = sorted(map(NetworkRecord.of, found), key=lambda network: network.name)
    whole = call.command.on("no-trunc")
    return show(call, _NETWORKS, [_row(one, whole=whole) for one in records], quiet="ID")


def _row(record: NetworkRecord, *, whole: bool) -> Row:
    return {
        "CreatedAt": str(dt.datetime.fromtimestamp(record.created, dt.UTC)),
        "Driver": record.driver,
        "ID": record.id if whole else short_id(record.id),
        "IPv6": str(record.ipv6).lower(),
        "Internal": str(record.internal).lower(),
        "Labels": ",".join(f"{key}={value}" for key, value in record.labels),
        "Name": record.name,
        "Scope": record.scope,
    }


def network_create(call: Invocation) -> int:
    try:
        answer = create(call.api, _wanted(call.command))
    except FormatError as error:
        # docker's own client sees these too, and does not count them as a wrong use of flags.
        call.output.error(error.message, error.hint)
        return 1
    if answer.get("Warning"):
        call.output.error(f"WARNING: {answer['Warning']}")
    call.output.line(answer["Id"])
    return 0


def _wanted(command: Command) -> NetworkCreation:
    return NetworkCreation(
        command.words[0],
        command.text("driver", "bridge"),
        command.many("subnet"),
        command.many("gateway"),
        command.many("ip-range"),
        pairs(command.many("aux-address")),
        internal=command.on("internal"),
        attachable=command.on("attachable"),
        ipv6=command.on("ipv6"),
        labels=pairs(command.many("label")),
        options=pairs(command.many("opt")),
        ipam_driver=command.text("ipam-driver", "default"),
        ipam_options=pairs(command.many("ipam-opt")),
    )


def network_rm(call: Invocation) -> int:
    code = 0
    for name in call.words:
        try:
            with explained():
                call.api.remove_network(name)
            call.output.line(name)
        except EngineRefused as error:
            if call.command.on("force") and error.status == 404:
                continue
            call.refused(error)
            code = 1
    return code


def network_connect(call: Invocation) -> int:
    network, container = call.words
    command = call.command
    place = Attachment(
        network,
        command.many("alias"),
        command.text("ip"),
        command.text("ip6"),
        command.many("link"),
        command.many("link-local-ip"),
        pairs(command.many("driver-opt")),
    )
    join(call.api, container, place)
    return 0


def network_disconnect(call: Invocation) -> int:
    network, container = call.words
    call.api.disconnect_container_from_network(container, network, force=call.command.on("force"))
    return 0


def network_prune(call: Invocation) -> int:
    deleted = call.api.prune_networks(call.filters()).get("NetworksDeleted") or ()
    if deleted:
        call.output.line("Deleted Networks:\n" + "\n".join(deleted) + "\n")
    return 0


COMMANDS: Commands = {
    "network ls": network_ls,
    "network create": network_create,
    "network rm": network_rm,
    "network connect": network_connect,
    "network disconnect": network_disconnect,
    "network prune": network_prune,
}
