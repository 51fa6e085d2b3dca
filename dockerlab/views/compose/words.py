"""The words of the pictures of a Compose project (see views/words.py)."""

from __future__ import annotations

_GRAPH = {
    "graph.title": ("The project {name}", "{name} 프로젝트"),
    "graph.desc": (
        "Services from left to right in the order in which they start. Above them the ports of "
        "the host that lead in, below them the networks and volumes as lines, with a stop for "
        "each service that uses them. {all}",
        "서비스를 시작하는 순서대로 왼쪽부터 그렸습니다. 위에는 안으로 이어지는 호스트의 포트가, "
        "아래에는 네트워크와 볼륨이 선으로 있고, 쓰는 서비스마다 점이 있습니다. {all}",
    ),
    "graph.sum": (
        "services: {services}, networks: {networks}, volumes: {volumes}",
        "서비스 {services}개, 네트워크 {networks}개, 볼륨 {volumes}개",
    ),
    "graph.row.host": ("Host ports", "호스트 포트"),
    "graph.row.services": ("Services", "서비스"),
    "graph.row.order": ("start order →", "시작 순서 →"),
    "graph.network": ("network", "네트워크"),
    "graph.volume": ("volume", "볼륨"),
    "graph.bind": ("host folder", "호스트 폴더"),
    "graph.internal": ("internal", "내부 전용"),
    "graph.external": ("external", "외부에서 만듦"),
    "graph.build": ("build {context}", "빌드 {context}"),
    "graph.needs": ("after {names}", "{names} 다음"),
    "graph.service_started": ("started", "시작"),
    "graph.service_healthy": ("healthy", "정상"),
    "graph.service_completed_successfully": ("done", "완료"),
    "graph.is.absent": ("not created", "아직 없음"),
    "graph.is.created": ("created", "생성됨"),
    "graph.is.running": ("running", "실행 중"),
    "graph.is.healthy": ("healthy", "정상"),
    "graph.is.starting": ("starting", "확인 중"),
    "graph.is.unhealthy": ("unhealthy", "비정상"),
    "graph.is.partly": ("partly running", "일부만 실행 중"),
    "graph.is.paused": ("paused", "일시 정지"),
    "graph.is.restarting": ("restarting", "재시작 중"),
    "graph.is.done": ("exited (0)", "종료됨 (0)"),
    "graph.is.failed": ("exited ({code})", "종료됨 ({code})"),
    "graph.count": ("{running} of {all} running", "{all}개 중 {running}개 실행 중"),
    "graph.changed": (
        "made from an older compose file; the next up makes it anew",
        "이전 compose 파일로 만든 것. 다음 up 에서 새로 만듭니다",
    ),
    "graph.port": (
        "port {outside} of {host} → port {port} of {name}",
        "{host}의 포트 {outside} → {name}의 포트 {port}",
    ),
    "graph.port.free": (
        "a free port of the host → port {port} of {name}",
        "호스트의 빈 포트 → {name}의 포트 {port}",
    ),
    "graph.port.plan": ("{port}, once it runs", "{port}, 실행하면 열림"),
    "graph.host": ("this machine", "이 컴퓨터"),
    "graph.say.order": ("Start order: {all}", "시작 순서: {all}"),
    "graph.say.service": ("{n}. {name} ({what}): {state}", "{n}. {name} ({what}): {state}"),
    "graph.say.needs": (
        "{name} starts after {other} has {condition}",
        "{name}: {other} 서비스의 {condition} 이후에 시작",
    ),
    "graph.say.service_started": ("started", "시작"),
    "graph.say.service_healthy": ("become healthy", "정상 확인"),
    "graph.say.service_completed_successfully": ("completed successfully", "성공적인 완료"),
    "graph.say.container": ("Container {name}: {state}", "컨테이너 {name}: {state}"),
    "graph.say.network": (
        "network {label} ({name}): {all} reach each other by name",
        "네트워크 {label} ({name}): {all} — 서로 이름으로 통신",
    ),
    "graph.say.network.internal": (
        "network {label} ({name}), internal, no way out: {all} reach each other by name",
        "네트워크 {label} ({name}), 내부 전용이라 바깥으로 나가지 못함: {all} — 서로 이름으로 통신",
    ),
    "graph.say.network.one": (
        "network {label} ({name}): {all} only",
        "네트워크 {label} ({name}): {all} 하나뿐",
    ),
    "graph.say.volume": (
        "volume {label} ({name}) is mounted in {all}; it outlives the containers",
        "볼륨 {label} ({name}): {all}에 마운트됨. 컨테이너가 사라져도 남습니다",
    ),
    "graph.say.bind": (
        "folder {label} of the host is mounted in {all}: the very same files",
        "호스트의 폴더 {label}: {all}에 마운트됨. 복사본이 아니라 바로 그 파일입니다",
    ),
    "graph.say.mode": ("{name} uses the network of: {mode}", "{name}의 네트워크: {mode}"),
    "graph.at": ("{name} at {where}", "{name} ({where})"),
    "graph.say.off": (
        "Switched off, of profiles: {all}",
        "프로필이 꺼져 있는 서비스: {all}",
    ),
    "graph.nothing": ("No service is switched on.", "켜진 서비스가 없습니다."),
    "graph.more": (
        "{n} more services are listed in the text below.",
        "그 밖의 서비스 {n}개는 아래 글에 있습니다.",
    ),
    "graph.rails": (
        "{n} more lines are told in the text below.",
        "그 밖의 선 {n}개는 아래 글에 있습니다.",
    ),
    "graph.buttons": ("Act on the project", "프로젝트 조작"),
    "graph.does.up": (
        "create and start what is missing or has changed",
        "없거나 바뀐 것을 만들고 시작하기",
    ),
    "graph.does.stop": ("stop the containers, keep them", "컨테이너를 멈추고 남겨 두기"),
    "graph.does.start": ("start the stopped ones again", "멈춘 컨테이너 다시 시작하기"),
    "graph.does.restart": ("stop and start", "멈췄다가 다시 시작하기"),
    "graph.does.down": (
        "remove containers and networks; volumes stay",
        "컨테이너와 네트워크 지우기. 볼륨은 남음",
    ),
    "graph.why.none": (
        "There is no container yet: up makes them.",
        "아직 컨테이너가 없습니다. 먼저 up 하세요.",
    ),
    "graph.why.running": ("All of them are running already.", "이미 모두 실행 중입니다."),
    "graph.why.stopped": ("None of them is running.", "실행 중인 컨테이너가 없습니다."),
}

_REACH = {
    "reach.title": ("Who reaches whom", "누가 누구에게 닿는가"),
    "reach.title.project": (
        "Who reaches whom in the project {name}",
        "{name} 프로젝트에서 누가 누구에게 닿는가",
    ),
    "reach.desc": (
        "A table: rows try to reach columns, over TCP, from within their own network. {all}",
        "표입니다. 행의 컨테이너가 자기 네트워크 안에서 TCP로 열의 컨테이너에 연결해 본 "
        "결과입니다. {all}",
    ),
    "reach.corner": ("from ↓ to →", "↓ 에서 → 으로"),
    "reach.nothing": ("No container is running.", "실행 중인 컨테이너가 없습니다."),
    "reach.alone": (
        "Only {name} is running: there is nobody to reach.",
        "실행 중인 것이 {name} 하나뿐이라 닿을 상대가 없습니다.",
    ),
    "reach.as": ("as {names}", "이름: {names}"),
    "reach.by.address": ("by address, no name", "주소로만, 이름 없음"),
    "reach.closed": ("no open port", "열린 포트 없음"),
    "reach.no": ("no way", "길 없음"),
    "reach.notried": ("not tried", "해 보지 못함"),
    "reach.open": ("answers", "응답함"),
    "reach.refused": ("refused", "연결 거절"),
    "reach.silent": ("no answer", "응답 없음"),
    "reach.unreachable": ("no route", "경로 없음"),
    "reach.noname": ("name unknown", "모르는 이름"),
    "reach.unknown": ("failed", "실패"),
    "reach.legend.name": ("reached by name", "이름으로 닿음"),
    "reach.legend.address": ("by address only", "주소로만 닿음"),
    "reach.legend.closed": ("there, but no port is open", "있지만 열린 포트가 없음"),
    "reach.legend.nowhere": ("not reached", "닿지 않음"),
    "reach.legend.unasked": ("could not be tried", "해 보지 못함"),
    "reach.say.name": (
        "{source} reaches {target} as {names}, open ports: {ports}.",
        "{source} → {target}: {names} 이름으로 닿습니다. 열린 포트: {ports}.",
    ),
    "reach.say.address": (
        "{source} reaches {target} by its address only, no name leads there; open ports: {ports}.",
        "{source} → {target}: 주소로만 닿고 통하는 이름은 없습니다. 열린 포트: {ports}.",
    ),
    "reach.say.closed": (
        "{source} gets to {target}, but nobody listens at the ports tried: {closed}.",
        "{source} → {target}: 가는 길은 있지만 해 본 포트에서 아무도 기다리지 않습니다: {closed}.",
    ),
    "reach.say.nowhere": (
        "{source} does not reach {target}: {reason}.",
        "{source} → {target}: 닿지 않습니다 ({reason}).",
    ),
    "reach.say.shared": ("Both are in: {networks}.", "함께 있는 네트워크: {networks}."),
    "reach.say.apart": ("They share no network.", "함께 있는 네트워크가 없습니다."),
    "reach.unasked": (
        "From {source} nothing could be tried: {why}.",
        "{source} 쪽에서는 해 보지 못했습니다: {why}.",
    ),
    "reach.place": (
        "{name}: networks {networks}, names {names}, addresses {addresses}.",
        "{name}: 네트워크 {networks}, 이름 {names}, 주소 {addresses}.",
    ),
    "reach.place.many": (
        "{count} containers; the first one was asked.",
        "컨테이너 {count}개 가운데 첫 번째에서 해 보았습니다.",
    ),
    "reach.place.tool": ("Tried with: {tool}.", "연결에 쓴 도구: {tool}."),
}

_LOGS = {
    "logs.title": ("What the project {name} writes", "{name} 프로젝트의 로그"),
    "logs.nothing": ("Nothing has been written yet.", "아직 출력이 없습니다."),
    "logs.left": ("{n} older lines are left out.", "더 오래된 {n}줄은 생략했습니다."),
    "logs.filter": ("Filter the lines", "줄 고르기"),
    "logs.search": ("only lines with …", "이 말이 든 줄만 …"),
    "logs.times": ("Times", "시각"),
    "logs.count": ("{n} of {all} lines", "{all}줄 중 {n}줄"),
    "logs.error": ("written to standard error", "표준 오류로 쓴 줄"),
}

COMPOSE = _GRAPH | _REACH | _LOGS
