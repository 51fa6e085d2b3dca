"""What is said of networks, and of who reaches whom."""

from __future__ import annotations

NETWORKS = {
    "network.exists": ("There is a network {network}.", "{network} 네트워크가 있습니다."),
    "network.absent": ("There is no network {network}.", "{network} 네트워크가 없습니다."),
    "network.gone": ("The network {network} is gone.", "{network} 네트워크가 지워졌습니다."),
    "network.still": (
        "The network {network} is still there.",
        "{network} 네트워크가 아직 있습니다.",
    ),
    "network.internal": (
        "Nothing leads out of the network {network}.",
        "{network} 네트워크에서는 바깥으로 나갈 수 없습니다.",
    ),
    "network.leads_out": (
        "The network {network} leads out: it was made without `--internal`.",
        "{network} 네트워크에서 바깥으로 나갈 수 있습니다. `--internal` 없이 만들어졌습니다.",
    ),
    "network.has": (
        "In the network {network} are: {containers}.",
        "{network} 네트워크에 다음 컨테이너가 들어 있습니다: {containers}",
    ),
    "network.lacks": (
        "Not in the network {network} are: {containers}.",
        "다음 컨테이너는 {network} 네트워크에 들어 있지 않습니다: {containers}",
    ),
    "network.without": (
        "{name} is not in the network {network}; its networks: {others}.",
        "{name} 컨테이너가 {network} 네트워크에 없습니다. 들어 있는 네트워크: {others}",
    ),
    "network.with": (
        "{name} is in the network {network}.",
        "{name} 컨테이너가 {network} 네트워크에 들어 있습니다.",
    ),
    "reach.says": (
        "{source} reaches {target} by this name, at port {port}.",
        "{source} 컨테이너에서 {target} 이름으로 {port}번 포트에 연결됩니다.",
    ),
    "reach.stopped": ("{name} is not running.", "{name} 컨테이너가 실행 중이 아닙니다."),
    "reach.unasked": (
        "From {source} nothing could be tried: no image of the course is here to try it with.",
        "{source} 컨테이너에서 시험해 볼 수 없었습니다. 시험에 쓸 강좌 이미지가 엔진에 없습니다.",
    ),
    "reach.elsewhere": (
        "In {source} the name {target} leads somewhere else: nobody of that name shares a network "
        "with it and answers at port {port}.",
        "{source} 컨테이너에서 {target} 이름이 다른 곳으로 이어집니다. 같은 네트워크에서 그 이름을 "
        "쓰면서 {port}번 포트로 답하는 컨테이너가 없습니다.",
    ),
    "reach.noname": (
        "{source} cannot find anybody called {target}.",
        "{source} 컨테이너에서는 {target} 이름을 찾을 수 없습니다.",
    ),
    "reach.refused": (
        "{source} finds {target}, but nobody there listens on port {port}.",
        "{source} 컨테이너에서 {target} 이름을 찾았지만 {port}번 포트에서 아무도 듣고 있지 "
        "않습니다.",
    ),
    "reach.silent": (
        "{source} knows the name {target}, but no answer comes from its port {port}.",
        "{source} 컨테이너에서 {target} 이름은 알지만 {port}번 포트에서 답이 오지 않습니다.",
    ),
    "reach.unreachable": (
        "There is no way from {source} to {target}.",
        "{source} 컨테이너에서 {target} 쪽으로 가는 길이 없습니다.",
    ),
    "reach.unknown": (
        "From {source} the port {port} of {target} was not reached.",
        "{source} 컨테이너에서 {target} 쪽의 {port}번 포트에 닿지 못했습니다.",
    ),
    "apart.says": (
        "{source} does not reach {target} at port {port}.",
        "{source} 컨테이너에서 {target} 쪽의 {port}번 포트에 닿지 못합니다.",
    ),
    "apart.open": (
        "{source} does reach {target} at port {port}.",
        "{source} 컨테이너에서 {target} 쪽의 {port}번 포트에 연결됩니다.",
    ),
    "spot.default-bridge": (
        "{name} is only in Docker's default bridge, which knows no names. Make a network of "
        "your own and let both join it: `docker network create`, then `--network`.",
        "{name} 컨테이너가 도커의 기본 브리지에만 들어 있는데, 기본 브리지는 이름을 모릅니다. "
        "`docker network create` 명령으로 네트워크를 만들고 `--network` 옵션으로 둘 다 넣으세요.",
    ),
    "spot.different-networks": (
        "{source} and {target} are in no common network ({first} and {second}). Names are known "
        "only within one network.",
        "{source} 컨테이너와 {target} 컨테이너가 함께 들어 있는 네트워크가 없습니다({first}, "
        "{second}). 이름은 같은 네트워크 안에서만 통합니다.",
    ),
    "spot.published-instead": (
        "{name} has a published port (`-p`). That opens a door to the world outside, but makes no "
        "name known: neighbours need a common network, and no `-p`.",
        "{name} 컨테이너의 포트가 `-p` 옵션으로 열려 있습니다. 이것은 바깥세상으로 난 문일 뿐 "
        "이름을 알려 주지는 않습니다. 이웃끼리는 같은 네트워크만 있으면 되고 `-p` 옵션은 필요 "
        "없습니다.",
    ),
    "spot.localhost-between-services": (
        "{where} looks for its neighbour at {found}. Within a container that is the container "
        "itself: nobody else is there. The neighbour's address is its name in the network.",
        "{where} 쪽에서 이웃을 {found} 주소로 찾고 있습니다. 컨테이너 안에서 그것은 컨테이너 "
        "자신이고 거기에는 아무도 없습니다. 이웃의 주소는 네트워크에서 쓰는 이름입니다.",
    ),
}
