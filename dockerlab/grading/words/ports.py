"""What is said of published ports and of pages, and of how they are misunderstood."""

from __future__ import annotations

_CLAIMS = {
    "port.published": (
        "A port of this machine leads to port {port} of `{container}`.",
        "이 컴퓨터의 포트가 `{container}` 컨테이너의 {port}번 포트로 이어집니다.",
    ),
    "port.published_at": (
        "Port {at} of this machine leads to port {port} of `{container}`.",
        "이 컴퓨터의 {at}번 포트가 `{container}` 컨테이너의 {port}번 포트로 이어집니다.",
    ),
    "port.closed": (
        "Nothing outside reaches port {port} of `{container}`.",
        "바깥에서는 `{container}` 컨테이너의 {port}번 포트에 닿을 수 없습니다.",
    ),
    "port.only_here": (
        "Only programs of this machine reach port {port} of `{container}`.",
        "`{container}` 컨테이너의 {port}번 포트에는 이 컴퓨터의 프로그램만 닿을 수 있습니다.",
    ),
    "port.not_running": (
        "The container `{container}` is not running, so no port leads to it.",
        "`{container}` 컨테이너가 실행 중이 아니라서 이어지는 문이 없습니다.",
    ),
    "port.none": (
        "No port of this machine leads to port {port} of `{container}`.",
        "`{container}` 컨테이너의 {port}번 포트로 이어지는 문이 없습니다.",
    ),
    "port.elsewhere": (
        "Port {port} of `{container}` is published at {there}, not at {at}.",
        "`{container}` 컨테이너의 {port}번 포트가 {at}번이 아니라 {there}번에 열려 있습니다.",
    ),
    "port.other": (
        "Port {outside} leads into `{container}`, but to port {there} instead of {port}.",
        "{outside}번 포트가 `{container}` 컨테이너로 이어지지만, {port}번이 아니라 {there}번 "
        "포트로 갑니다.",
    ),
    "port.open": (
        "Port {there} of this machine leads to port {port} of `{container}`.",
        "이 컴퓨터의 {there}번 포트가 `{container}` 컨테이너의 {port}번 포트로 이어집니다.",
    ),
    "port.wide": (
        "Port {there} is open at all addresses of this machine, so others reach `{container}` too.",
        "{there}번 포트가 이 컴퓨터의 모든 주소에 열려 있어 다른 컴퓨터에서도 `{container}` "
        "컨테이너에 닿을 수 있습니다.",
    ),
    "page.answers": (
        "Port {port} answers to `{path}` with status {status}.",
        "{port}번 포트가 `{path}` 요청에 상태 {status}번으로 답합니다.",
    ),
    "page.says": (
        "The page at port {port} says “{text}”.",
        "{port}번 포트의 페이지에 “{text}” 내용이 나옵니다.",
    ),
    "page.silent": ("Nobody answers at port {port}.", "{port}번 포트에서 아무도 답하지 않습니다."),
    "page.unreachable": (
        "Nobody answers at port {port} of this machine.",
        "이 컴퓨터의 {port}번 포트에서 아무도 답하지 않습니다.",
    ),
    "page.status": (
        "Port {port} answers to `{path}`, but with status {status}.",
        "{port}번 포트가 `{path}` 요청에 답하지만, 상태가 {status}번입니다.",
    ),
    "page.other": (
        "Port {port} answers, but the page does not say “{text}”. It says: {body}",
        "{port}번 포트가 답하지만, 페이지에 “{text}” 내용이 없습니다. 페이지 내용: {body}",
    ),
    "page.heard": (
        "Somebody answers at port {port}.",
        "{port}번 포트에서 누군가 답합니다.",
    ),
}

_SPOTS = {
    "spot.no-port": (
        "`{container}` runs behind a wall without a door: it was started without -p. A container "
        "gets its doors when it is created, so remove it and run it again with -p.",
        "`{container}` 컨테이너는 문이 없는 벽 뒤에 있습니다. -p 없이 시작했기 때문입니다. 문은 "
        "컨테이너를 만들 때만 낼 수 있으니, 지우고 -p를 붙여 다시 실행하세요.",
    ),
    "spot.wrong-port": (
        "The door leads to port {there} inside, where nobody waits. The program waits at "
        "{inside}, so it is -p {outside}:{inside}.",
        "문이 컨테이너의 {there}번 포트로 이어지는데, 거기에는 아무도 없습니다. 프로그램은 "
        "{inside}번에서 기다리니 -p {outside}:{inside} 형태여야 합니다.",
    ),
    "spot.swapped-ports": (
        "The two numbers have changed places. Outside comes first: -p {outside}:{inside}.",
        "두 숫자의 자리가 바뀌었습니다. 바깥쪽이 먼저입니다: -p {outside}:{inside}",
    ),
    "spot.everywhere": (
        "-p {outside}:… opens the port at every address of your machine, so the network it is in "
        "can use it, too. Write the address in front: -p 127.0.0.1:{outside}:…",
        "-p {outside}:… 형태로 쓰면 내 컴퓨터의 모든 주소에 포트가 열려, 같은 네트워크의 다른 "
        "컴퓨터도 들어올 수 있습니다. 앞에 주소를 적으세요: -p 127.0.0.1:{outside}:…",
    ),
    "spot.expose-is-no-door": (
        "EXPOSE {port} only notes in the image which port is meant. It opens nothing: that is "
        "done by -p when the container is started.",
        "EXPOSE {port} 줄은 어느 포트를 쓰는지 이미지에 적어 둘 뿐, 아무것도 열지 않습니다. 문을 "
        "여는 것은 컨테이너를 시작할 때 쓰는 -p입니다.",
    ),
    "spot.bind-hides-node-modules": (
        "Your folder now lies over {folder} and covers the {hidden} that was installed in the "
        "image. A second -v {folder}/{hidden} keeps it out of that.",
        "내 폴더가 {folder} 위에 놓여, 이미지에 설치한 {hidden} 폴더를 가리고 있습니다. -v "
        "{folder}/{hidden} 옵션을 하나 더 붙이면 그 폴더는 가려지지 않습니다.",
    ),
    "spot.no-bind": (
        "Nothing of your machine is mounted at {folder}: the container works with the image's "
        'copy. Refer to your folder by -v "$(pwd):{folder}".',
        "{folder} 자리에 내 폴더가 연결되어 있지 않아, 컨테이너는 이미지에 든 복사본을 쓰고 "
        '있습니다. -v "$(pwd):{folder}" 옵션으로 내 폴더를 가리키게 하세요.',
    ),
    "spot.old-container": (
        "`{container}` still runs the image from before your last build. A container keeps the "
        "image that it was made from: remove it and run `{image}` again.",
        "`{container}` 컨테이너는 다시 빌드하기 전의 이미지로 돌고 있습니다. 컨테이너는 만들어질 "
        "때의 이미지를 계속 쓰니, 지우고 `{image}` 이미지로 다시 실행하세요.",
    ),
}

PORTS = {**_CLAIMS, **_SPOTS}
