"""Commands on volumes."""

from __future__ import annotations

from dockerlab.formats.creation import pairs
from dockerlab.formats.resources import VolumeRecord
from dockerlab.formats.text import size
from dockerlab.magics.invocation import Commands, Invocation
from dockerlab.magics.listing import Row, show

_VOLUMES = [("DRIVER", "Driver"), ("VOLUME NAME", "Name")]


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


COMMANDS: Commands = {
    "volume ls": volume_ls,
    "volume create": volume_create,
    "volume rm": volume_rm,
    "volume prune": volume_prune,
}
