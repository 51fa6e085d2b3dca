"""Commands on volumes and networks."""

from __future__ import annotations

from typing import Any

from dockerlab.client.explain import explained
from dockerlab.errors import EngineRefused
from dockerlab.formats.creation import pairs
from dockerlab.formats.resources import NetworkRecord, VolumeRecord
from dockerlab.formats.text import short_id, size
from dockerlab.magics.invocation import Commands, Invocation
from dockerlab.magics.listing import Row, show

_VOLUMES = [("DRIVER", "Driver"), ("VOLUME NAME", "Name")]
_NETWORKS = [("NETWORK ID", "ID"), ("NAME", "Name"), ("DRIVER", "Driver"), ("SCOPE", "Scope")]


def volume_ls(call: Invocation) -> int:
    found = call.api.volumes(filters=call.filters())["Volumes"] or ()
    records = sorted(map(VolumeRecord.of, found), key=lambda volume: volume.name)
    rows: list[Row] = [
        {
            "Driver": record.driver,
            "Name": record.name,
            "Mountpoint": record.mountpoint,
            "Scope": "local",
            "Labels": ",".join(f"{key}={value}" for key, value in record.labels),
        }
        for record in records
    ]
    return show(call, _VOLUMES, rows, quiet="Name")


def volume_create(call: Invocation) -> int:
    command = call.command
    answer = call.api.create_volume(
        (call.words[0] if call.words else command.text("name")) or None,
        driver=command.text("driver") or None,
        driver_opts=dict(pairs(command.many("opt"))) or None,
        labels=dict(pairs(command.many("label"))) or None,
    )
    call.output.line(answer["Name"])
    return 0


def volume_rm(call: Invocation) -> int:
    force = call.command.on("force")
    return call.each(call.words, lambda name: call.api.remove_volume(name, force=force))


def volume_prune(call: Invocation) -> int:
    filters = call.filters()
    if call.command.on("all"):
        filters["all"] = ["true"]
    answer = call.api.prune_volumes(filters)
    deleted = answer.get("VolumesDeleted") or ()
    if deleted:
        call.output.line("Deleted Volumes:\n" + "\n".join(deleted) + "\n")
    call.output.line(f"Total reclaimed space: {size(answer.get('SpaceReclaimed') or 0, 4)}")
    return 0


def network_ls(call: Invocation) -> int:
    found = call.api.networks(filters=call.filters())
    records = sorted(map(NetworkRecord.of, found), key=lambda network: network.name)
    whole = call.command.on("no-trunc")
    rows: list[Row] = [
        {
            "ID": record.id if whole else short_id(record.id),
            "Name": record.name,
            "Driver": record.driver,
            "Scope": record.scope,
        }
        for record in records
    ]
    return show(call, _NETWORKS, rows, quiet="ID")


def network_create(call: Invocation) -> int:
    command = call.command
    body: dict[str, Any] = {
        "Name": call.words[0],
        "CheckDuplicate": True,
        "Driver": command.text("driver", "bridge"),
        "Internal": command.on("internal"),
        "Options": dict(pairs(command.many("opt"))),
        "Labels": dict(pairs(command.many("label"))),
        "IPAM": {"Driver": "default", **_pool(command.many("subnet"), command.many("gateway"))},
    }
    response = call.api.post(call.api._url("/networks/create"), json=body)
    answer = call.api._result(response, True)
    call.output.line(answer["Id"])
    return 0


def _pool(subnets: tuple[str, ...], gateways: tuple[str, ...]) -> dict[str, Any]:
    pools = [{"Subnet": subnet} for subnet in subnets]
    for pool, gateway in zip(pools, gateways, strict=False):
        pool["Gateway"] = gateway
    return {"Config": pools} if pools else {}


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
    aliases = list(call.command.many("alias")) or None
    address = call.command.text("ip") or None
    call.api.connect_container_to_network(container, network, ipv4_address=address, aliases=aliases)
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
    "volume ls": volume_ls,
    "volume create": volume_create,
    "volume rm": volume_rm,
    "volume prune": volume_prune,
    "network ls": network_ls,
    "network create": network_create,
    "network rm": network_rm,
    "network connect": network_connect,
    "network disconnect": network_disconnect,
    "network prune": network_prune,
}
