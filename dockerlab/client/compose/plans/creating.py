"""Plan how one container is made, or made anew in the place of an old one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dockerlab.client.compose.looking.labels import HASH
from dockerlab.client.compose.looking.state import Found
from dockerlab.client.compose.looking.wire import part
from dockerlab.client.compose.plans import bodies
from dockerlab.client.compose.plans.bodies import Making
from dockerlab.client.compose.plans.draft import Draft
from dockerlab.client.compose.plans.stopping import removal
from dockerlab.formats import composefile
from dockerlab.formats.composed.plan import Call, Step
from dockerlab.formats.composefile.model import FileMount, Service

RECREATE = ("Recreate", "Recreated")


@dataclass(frozen=True, slots=True)
class Creating:
    draft: Draft
    timeout: int | None = None

    def create(self, making: Making, reason: str) -> None:
        step = self._creation(making, making.name, reason)
        more = self._completions(making, making.name, [step.id])
        self._finish([step, *more], ("Creating", "Created"))

    def remake(self, service: Service, old: Found, reason: str) -> None:
        """Make the new one beside the old, put it in its place, as Compose does."""
        making = self.draft.making(service, old.number, replaced=old)
        for_now = f"{old.id[:12]}_{making.name}"
        create = self._creation(making, for_now, reason)
        more = self._completions(making, for_now, [create.id])
        done = [step.id for step in (create, *more)]
        stop, remove = removal(
            old, f"{making.name} is made anew", timeout=self.timeout, needs=tuple(done)
        )
        rename = Step(
            id=f"rename {for_now}",
            action="rename container",
            target=making.name,
            service=service.name,
            reason="the new container takes the old one's name",
            call=("POST", f"/containers/{part(for_now)}/rename?name={part(making.name)}", None),
            needs=(remove.id,),
        )
        self._finish([create, *more, _silent(stop), _silent(remove), rename], RECREATE)

    def hash(self, service: Service) -> str:
        making = self.draft.making(service, 1)
        if not making.refers:
            return service.config_hash
        return str(self._bound(making)["Labels"][HASH])

    def _creation(self, making: Making, name: str, reason: str) -> Step:
        body = self._bound(making)
        platform = making.service.platform
        query = f"name={part(name)}" + (f"&platform={part(platform)}" if platform else "")
        return Step(
            id=f"create {making.name}",
            action="recreate container" if making.replaced else "create container",
            target=making.name,
            service=making.service.name,
            reason=reason,
            call=("POST", f"/containers/create?{query}", body),
            needs=self._before_creation(making),
            refers=tuple(
                name for name in making.refers if not self.draft.id(name) or self.draft.remade(name)
            ),
        )

    def _before_creation(self, making: Making) -> tuple[str, ...]:
        service = making.service
        images = (f"image {service.image_name}", f"build {service.image_name}")
        networks = (f"network {self.draft.project.networks[key].name}" for key in service.networks)
        volumes = (
            f"volume {self.draft.project.volumes[mount.source].name}"
            for mount in service.volumes
            if mount.source in self.draft.project.volumes
        )
        others = [*making.refers, *(link.partition(":")[0] for link in making.links)]
        made = (f"create {name}" for name in others)
        renamed = (f"rename {self.draft.for_now(name)}" for name in others)
        wanted = (*images, *networks, *volumes, *made, *renamed)
        steps = self.draft.steps
        # Those that go for good: their ports and names may be wanted. (One that is replaced says
        # nothing when it goes.)
        cleared = (
            one.id for one in steps.values() if one.action == "remove container" and one.says[1]
        )
        # An interrupted up may have left the one that is replaced without its name.
        named = (one.id for one in steps.values() if one.target == making.name)
        return self.draft.known((*wanted, *cleared, *named))

    def _completions(self, making: Making, name: str, needs: list[str]) -> list[Step]:
        """What else belongs to making a container: its further networks, contents of its own."""
        steps: list[Step] = []
        for key in list(making.service.networks)[1:]:
            network = self.draft.project.networks[key].name
            body = {"Container": name, "EndpointConfig": making.endpoint(key)}
            after = (*needs, *self.draft.known([f"network {network}"]))
            call: Call = ("POST", f"/networks/{part(network)}/connect", body)
            reason = f"it is in the network {network} too"
            steps.append(_more(making, f"connect {making.name} to {network}", reason, call, after))
            needs = [steps[-1].id]
        for use, what in self._contents(making.service):
            mode = "&copyUIDGID=true" if use.uid or use.gid else ""
            path = f"/containers/{part(name)}/archive?noOverwriteDirNonDir=true&path=%2F{mode}"
            call = ("PUT", path, {"what": what, "source": use.source, "path": use.target})
            reason = f"{what} {use.source} is no file here"
            steps.append(
                _more(making, f"copy {use.target} to {making.name}", reason, call, tuple(needs))
            )
        return steps

    def _contents(self, service: Service) -> list[tuple[FileMount, str]]:
        """The configs and secrets that come from a variable or from the compose file itself."""
        here = (
            ("config", self.draft.project.configs, service.configs),
            ("secret", self.draft.project.secrets, service.secrets),
        )
        return [(use, what) for what, all, uses in here for use in uses if not all[use.source].file]

    def _finish(self, steps: list[Step], says: tuple[str, str]) -> None:
        """Let the first of a container's steps say the first word and the last the second."""
        first, last = steps[0], steps[-1]
        if first is last:
            self.draft.add(_saying(first, *says))
            return
        self.draft.add(_saying(first, says[0], ""), *steps[1:-1], _saying(last, "", says[1]))

    def _bound(self, making: Making) -> dict[str, Any]:
        ids = {name: self.draft.id(name) for name in making.refers}
        known = {name: id for name, id in ids.items() if id and not self.draft.remade(name)}
        body = making.body()
        if not making.refers:
            return body
        return bodies.bound(body, known, partial(composefile.hash_of, making.service))


def _more(making: Making, id: str, reason: str, call: Call, needs: tuple[str, ...]) -> Step:
    """One more thing that is done to a new container; the first word of its id is the verb."""
    return Step(
        id=id,
        action=f"{id.partition(' ')[0]} container",
        target=making.name,
        service=making.service.name,
        reason=reason,
        call=call,
        needs=needs,
    )


def _saying(step: Step, before: str, after: str) -> Step:
    return replace(step, says=(before, after))


def _silent(step: Step) -> Step:
    return replace(step, says=("", ""))
