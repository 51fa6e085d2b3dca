"""What is said of compose files and of the projects that they make."""

from __future__ import annotations

FILES = {
    "compose.valid": (
        "{file} can be read by Compose without an error.",
        "{file} 파일을 Compose가 오류 없이 읽습니다.",
    ),
    "compose.absent": (
        "There is no {file} in the exercise's folder.",
        "연습 문제 폴더에 {file} 파일이 없습니다.",
    ),
    "compose.invalid": (
        "{file}, line {line}, {entry}: {words}",
        "{file} 파일 {line}번째 줄 {entry} 항목에서 Compose가 이렇게 말합니다: {words}",
    ),
    "compose.unreadable": (
        "{file} cannot be understood: {words}",
        "{file} 파일을 읽을 수 없습니다. {words}",
    ),
    "compose.named": (
        "{file} calls the project {project}.",
        "{file} 파일의 프로젝트 이름이 {project}입니다.",
    ),
    "compose.other_name": (
        "The project is called {found}; the line `name: {project}` is missing.",
        "프로젝트 이름이 {found}입니다. `name: {project}` 줄이 필요합니다.",
    ),
    "compose.services": (
        "{file} has the services {services}.",
        "{file} 파일에 다음 서비스가 있습니다: {services}",
    ),
    "compose.no_service": ("There is no service {service}.", "{service} 서비스가 없습니다."),
    "compose.surplus": (
        "There is a service {service}, which does not belong here.",
        "여기에 필요 없는 {service} 서비스가 있습니다.",
    ),
    "compose.volume": (
        "{file} lists the volume {volume}.",
        "{file} 파일의 `volumes:` 아래에 {volume} 볼륨이 있습니다.",
    ),
    "compose.no_volume": (
        "No service uses a volume {volume} that is listed below `volumes:`.",
        "`volumes:` 아래에 적힌 {volume} 볼륨을 쓰는 서비스가 없습니다.",
    ),
    "service.exists": ("There is a service {service}.", "{service} 서비스가 있습니다."),
    "service.image": (
        "The service {service} uses the image {image}.",
        "{service} 서비스가 {image} 이미지를 씁니다.",
    ),
    "service.no_image": (
        "The service {service} names no image; it should be {image}.",
        "{service} 서비스에 이미지가 적혀 있지 않습니다. {image} 이미지여야 합니다.",
    ),
    "service.other_image": (
        "The service {service} uses the image {found}, not {image}.",
        "{service} 서비스의 이미지가 {found}입니다. {image} 이미지여야 합니다.",
    ),
    "service.built": (
        "The image of the service {service} is built from {dockerfile}.",
        "{service} 서비스의 이미지를 {dockerfile} 파일로 빌드합니다.",
    ),
    "service.not_built": (
        "The service {service} has no `build:`.",
        "{service} 서비스에 `build:` 항목이 없습니다.",
    ),
    "service.other_file": (
        "The service {service} is built from {found}, not from {dockerfile}.",
        "{service} 서비스를 {found} 파일로 빌드합니다. {dockerfile} 파일이어야 합니다.",
    ),
    "service.other_target": (
        "The service {service} is not built up to the stage {target}.",
        "{service} 서비스를 {target} 단계까지 빌드하지 않습니다.",
    ),
    "service.port": (
        "Port {outside} outside leads to port {inside} of the service {service}.",
        "바깥의 {outside}번 포트가 {service} 서비스의 {inside}번 포트로 이어집니다.",
    ),
    "service.no_ports": (
        "The service {service} publishes no port.",
        "{service} 서비스가 바깥에 여는 포트가 없습니다.",
    ),
    "service.other_ports": (
        "The service {service} has `{found}`; it should be `{outside}:{inside}`.",
        "{service} 서비스의 포트가 `{found}`입니다. `{outside}:{inside}` 값이어야 합니다.",
    ),
    "service.no_port": (
        "The service {service} publishes no port: only its neighbours reach it.",
        "{service} 서비스는 바깥에 포트를 열지 않습니다. 이웃만 닿을 수 있습니다.",
    ),
    "service.open_door": (
        "The service {service} publishes a port: {found}.",
        "{service} 서비스가 바깥에 포트를 열고 있습니다: {found}",
    ),
    "service.needs": (
        "The service {service} is started after {other}.",
        "{service} 서비스가 {other} 서비스 다음에 시작합니다.",
    ),
    "service.needs_service_started": (
        "The service {service} is started after {other}.",
        "{service} 서비스가 {other} 서비스 다음에 시작합니다.",
    ),
    "service.needs_service_healthy": (
        "The service {service} waits until {other} is healthy.",
        "{service} 서비스가 {other} 서비스의 상태가 정상(healthy)이 될 때까지 기다립니다.",
    ),
    "service.needs_service_completed_successfully": (
        "The service {service} waits until {other} has ended well.",
        "{service} 서비스는 {other} 서비스가 성공적으로 끝날 때까지 기다립니다.",
    ),
    "service.independent": (
        "The service {service} does not say that it needs {other}.",
        "{service} 서비스에 {other} 서비스가 필요하다는 말이 없습니다.",
    ),
    "service.other_condition": (
        "The service {service} waits for `{found}` of {other}, not for `{condition}`.",
        "{service} 서비스가 {other} 서비스에서 기다리는 것이 `{found}`입니다. `{condition}` "
        "조건이어야 합니다.",
    ),
    "service.keeps": (
        "The service {service} has a volume with a name at {path}.",
        "{service} 서비스의 {path} 자리에 이름 있는 볼륨이 붙습니다.",
    ),
    "service.no_mount": (
        "The service {service} has nothing mounted at {path}.",
        "{service} 서비스의 {path} 자리에 아무것도 붙지 않습니다.",
    ),
    "service.anonymous": (
        "The volume at {path} of the service {service} has no name.",
        "{service} 서비스의 {path} 자리에 붙는 볼륨에 이름이 없습니다.",
    ),
    "service.bound": (
        "The service {service} has a folder of the host at {path}, not a volume.",
        "{service} 서비스의 {path} 자리에 볼륨이 아니라 호스트의 폴더가 붙습니다.",
    ),
    "service.shows": (
        "The service {service} sees your folder {folder} at {path}.",
        "{service} 서비스의 {path} 자리에 내 폴더 {folder} 내용이 보입니다.",
    ),
    "service.no_bind": (
        "At {path} the service {service} has no folder of yours; it should be {folder}.",
        "{service} 서비스의 {path} 자리에 내 폴더가 붙지 않습니다. {folder} 폴더여야 합니다.",
    ),
    "service.other_folder": (
        "At {path} of the service {service} is another folder: {found}.",
        "{service} 서비스의 {path} 자리에 다른 폴더가 붙습니다: {found}",
    ),
    "service.sets": (
        "The service {service} sets {variable} to {value}.",
        "{service} 서비스의 {variable} 변수가 {value}입니다.",
    ),
    "service.unset": (
        "The service {service} does not set {variable}; it should be {value}.",
        "{service} 서비스에 {variable} 변수가 없습니다. {value} 값이어야 합니다.",
    ),
    "service.other_value": (
        "The service {service} sets {variable} to {found}, not to {value}.",
        "{service} 서비스의 {variable} 변수가 {found}입니다. {value} 값이어야 합니다.",
    ),
    "service.healthcheck": (
        "The service {service} is asked by `{words}` whether it is ready.",
        "{service} 서비스가 준비되었는지 `{words}` 명령으로 물어봅니다.",
    ),
    "service.other_healthcheck": (
        "The healthcheck of {service} runs `{found}`, not `{words}`.",
        "{service} 서비스의 healthcheck가 `{words}` 대신 `{found}` 명령을 실행합니다.",
    ),
    "service.no_healthcheck": (
        "The service {service} has no `healthcheck:`.",
        "{service} 서비스에 `healthcheck:` 항목이 없습니다.",
    ),
}

PROJECTS = {
    "project.absent": (
        "There is no container of the project {project} yet.",
        "{project} 프로젝트의 컨테이너가 아직 없습니다.",
    ),
    "project.no_service": (
        "The project {project} is there, but it has no container of {service}.",
        "{project} 프로젝트는 있지만 {service} 서비스의 컨테이너가 없습니다.",
    ),
    "project.runs": (
        "In the project {project}, running containers of {service}: {number}.",
        "{project} 프로젝트에서 돌고 있는 {service} 컨테이너의 수: {number}",
    ),
    "project.other_number": (
        "Running containers of {service}: {running} instead of {number}.",
        "돌고 있는 {service} 컨테이너는 {number}개가 아니라 {running}개입니다.",
    ),
    "project.stopped": (
        "Running containers of {service}: {running} instead of {number}. The state of {name}: "
        "{status}.",
        "돌고 있는 {service} 컨테이너는 {number}개가 아니라 {running}개입니다. {name} 컨테이너의 "
        "상태: {status}",
    ),
    "project.healthy": (
        "In the project {project}, {service} is healthy.",
        "{project} 프로젝트의 {service} 서비스가 정상(healthy)입니다.",
    ),
    "project.ill": (
        "{name} is not healthy: {status}.",
        "{name} 컨테이너가 정상(healthy)이 아닙니다: {status}",
    ),
    "project.no_health": (
        "{name} does not say whether it is healthy: {status}.",
        "{name} 컨테이너에 상태를 확인하는 방법이 없습니다: {status}",
    ),
    "project.ended": (
        "In the project {project}, {service} has ended with exit code {code}.",
        "{project} 프로젝트의 {service} 컨테이너가 끝났고 종료 코드가 {code}입니다.",
    ),
    "project.not_ended": (
        "{service} has not ended: {status}.",
        "{service} 컨테이너가 끝나지 않았습니다: {status}",
    ),
    "project.other_code": (
        "{service} has not ended with exit code {code}: {status}.",
        "{service} 컨테이너의 종료 코드가 {code}번이 아닙니다: {status}",
    ),
    "project.keeps": (
        "In the project {project}, {service} keeps {path} in a volume that survives `down`.",
        "{project} 프로젝트의 {service} 서비스가 {path} 데이터를 `down` 뒤에도 남는 볼륨에 둡니다.",
    ),
    "project.says": (
        "In {service}, `{command}` says “{text}”.",
        "{service} 서비스에서 `{command}` 명령이 “{text}” 내용을 보여 줍니다.",
    ),
    "project.down": (
        "The project {project} has no container any more.",
        "{project} 프로젝트의 컨테이너가 더는 없습니다.",
    ),
    "project.still": (
        "The container {name} is still there.",
        "{name} 컨테이너가 아직 있습니다.",
    ),
    "spot.no-depends-on": (
        "The service {service} needs {other}, but the file does not say so: Compose may start "
        "them in any order. `depends_on:` says it.",
        "{service} 서비스에는 {other} 서비스가 있어야 하는데 파일에 그런 말이 없어서, Compose가 "
        "아무 순서로나 시작할 수 있습니다. `depends_on:` 항목에 적으세요.",
    ),
    "spot.started-is-not-ready": (
        "`depends_on` by itself waits until {other} is started, not until it answers. Say how to "
        "tell (`healthcheck:`) and wait for `condition: service_healthy`.",
        "`depends_on`만 적으면 {other} 서비스가 시작될 때까지만 기다리고, 대답할 때까지 기다리지는 "
        "않습니다. `healthcheck:`에 알아보는 방법을 적고 `condition: service_healthy` 조건으로 "
        "기다리게 하세요.",
    ),
    "spot.ports-turned-round": (
        "`{found}` is the wrong way round: the port outside comes before the colon, the "
        "container's after it.",
        "`{found}` 값은 순서가 거꾸로입니다. 콜론 앞이 바깥의 포트, 뒤가 컨테이너의 포트입니다.",
    ),
    "spot.one-door-for-many": (
        "Several containers of {service} all want the same door {found}, but a door leads to one "
        "only. Give a range of ports: `first-last:inside`.",
        "{service} 컨테이너 여럿이 모두 같은 문 {found}번을 원하는데, 문 하나는 컨테이너 하나로만 "
        "이어집니다. `처음-끝:안쪽` 형식으로 포트의 범위를 적으세요.",
    ),
    "spot.name-for-many": (
        "`container_name: {found}` gives {service} a fixed name, and a name can belong to one "
        "container only. Leave it out: Compose numbers the names by itself.",
        "`container_name: {found}` 줄이 {service} 서비스에 정해진 이름을 주는데, 이름 하나는 "
        "컨테이너 하나만 쓸 수 있습니다. 이 줄을 빼면 Compose가 스스로 번호를 붙입니다.",
    ),
    "spot.unknown-key": (
        "Compose does not know `{entry}` (line {line}). Perhaps a letter is missing, or it is in "
        "the wrong place: how deep a line is indented says what it belongs to.",
        "{line}번째 줄의 `{entry}` 항목은 Compose가 모르는 것입니다. 글자가 빠졌거나 자리가 틀렸을 "
        "수 있습니다. 줄을 얼마나 들여 썼는지가 어디에 속하는지를 정합니다.",
    ),
    "spot.volume-not-listed": (
        "A service uses the volume {volume}, but the project does not list it. It also belongs "
        "below `volumes:` at the very left of the file.",
        "서비스가 {volume} 볼륨을 쓰는데 프로젝트의 목록에는 없습니다. 파일의 맨 왼쪽에서 시작하는 "
        "`volumes:` 아래에도 적어야 합니다.",
    ),
    "spot.mounted-elsewhere": (
        "Your folder {folder} is at {there}, but the program looks in {path}, where it still "
        "finds the copy in the image.",
        "내 폴더 {folder} 내용이 {there} 자리에 보이지만 프로그램은 {path} 자리를 봅니다. 거기에는 "
        "여전히 이미지에 든 복사본이 있습니다.",
    ),
}
