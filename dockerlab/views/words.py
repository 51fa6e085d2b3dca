"""Every word that a view shows, in English and in Korean, in one place.

A key names the view first, then the thing. ``{}`` fields are filled by name. In Korean no field
is followed directly by a particle that would depend on its last sound.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from dockerlab.views.builds.layerwords import WORDS as LAYERS
from dockerlab.views.builds.words import BUILDS
from dockerlab.views.cloud.words import CLOUD
from dockerlab.views.compose.words import COMPOSE
from dockerlab.views.pipelines.words import PIPELINES
from dockerlab.views.places.words import PLACES
from dockerlab.views.welcome.words import WELCOME

Language = Literal["en", "ko"]
LANGUAGE_VARIABLE = "DOCKERLAB_LANG"


def default_language() -> Language:
    """The learner's: $DOCKERLAB_LANG, else that of the edition whose folder we are in.

    A notebook's kernel starts in the notebook's folder: notebooks/en or notebooks/ko, and of the
    exercises chapter3 or chapter3-ko.
    """
    chosen = (os.environ.get(LANGUAGE_VARIABLE, "") or Path.cwd().name).lower()
    return "ko" if chosen.split("_")[0] == "ko" or chosen.endswith("-ko") else "en"


_RUN = {
    "run.title": ("The story of: {typed}", "{typed} 한 줄에 일어난 일"),
    "run.desc": (
        "A picture in three parts. Left the client, in the middle the server with its image "
        "cache and the container, right the registry. {steps}",
        "세 부분으로 된 그림입니다. 왼쪽은 클라이언트, 가운데는 이미지 캐시와 컨테이너가 있는 "
        "서버, 오른쪽은 레지스트리입니다. {steps}",
    ),
    "run.client": ("Client", "클라이언트"),
    "run.client.sub": ("you type here", "명령을 입력하는 곳"),
    "run.server": ("Server", "서버"),
    "run.cache": ("Image cache", "이미지 캐시"),
    "run.container": ("Container", "컨테이너"),
    "run.disk": ("its disk: a snapshot of files", "디스크: 파일 스냅샷"),
    "run.process": ("its command", "실행된 명령"),
    "run.registry": ("Registry", "레지스트리"),
    "run.registry.idle": ("not needed", "이번에는 쓰지 않음"),
    "run.command": ("start command", "시작 명령"),
    "run.layers": ("{n} layers", "레이어 {n}개"),
    "run.layer": ("1 layer", "레이어 1개"),
    "run.hit": ("image was here", "이미지가 이미 있음"),
    "run.miss": ("image was pulled", "이미지를 내려받음"),
    "run.missing": ("image not found", "이미지를 찾지 못함"),
    "run.exit": ("exit code {code}", "종료 코드 {code}"),
    "run.failed": ("failed", "실패"),
    "run.replaced": ("replaced by yours", "입력한 명령으로 바뀜"),
    "run.none": ("no container", "컨테이너 없음"),
    "run.said": ("output", "출력"),
    "run.time": ("where the time went", "시간이 쓰인 곳"),
    "run.answer": ("answer: {status}", "응답: {status}"),
    "run.send": ("Client asks", "클라이언트의 요청"),
    "run.send.why": (
        "The client turns the typed words into an API request and sends it to the server.",
        "클라이언트가 입력한 명령을 API 요청으로 바꾸어 서버로 보냅니다.",
    ),
    "run.look": ("Server looks into its cache", "서버가 캐시를 확인"),
    "run.look.hit": (
        "The server looks for the image among those it has, and finds it.",
        "서버가 가지고 있는 이미지 중에서 찾아보고, 있음을 확인합니다.",
    ),
    "run.look.miss": (
        "The server looks for the image among those it has, and lacks it.",
        "서버가 가지고 있는 이미지 중에서 찾아보지만, 없습니다.",
    ),
    "run.look.found": ("{image}: found", "{image}: 있음"),
    "run.look.lacking": ("{image}: not here", "{image}: 없음"),
    "run.pull": ("Pull from the registry", "레지스트리에서 내려받기"),
    "run.pull.why": (
        "The server downloads the image from the registry, layer by layer, and keeps it.",
        "서버가 레지스트리에서 이미지를 레이어 단위로 내려받아 보관합니다.",
    ),
    "run.pull.failed": (
        "The registry could not give the image, so there is nothing to run.",
        "레지스트리에서 이미지를 받지 못해 실행할 것이 없습니다.",
    ),
    "run.snapshot": ("Snapshot becomes the disk", "스냅샷이 디스크가 됨"),
    "run.snapshot.why": (
        "A container is created: the image's file snapshot becomes its disk.",
        "컨테이너가 만들어지고, 이미지의 파일 스냅샷이 컨테이너의 디스크가 됩니다.",
    ),
    "run.refused": ("Container refused", "컨테이너를 만들지 못함"),
    "run.refused.why": (
        "The server refused to create the container.",
        "서버가 컨테이너 만들기를 거절했습니다.",
    ),
    "run.start": ("Command starts", "명령 실행"),
    "run.start.why": (
        "The start command runs inside, as a process that sees only this disk.",
        "시작 명령이 컨테이너 안에서, 이 디스크만 보는 프로세스로 실행됩니다.",
    ),
    "run.start.no": ("Command cannot start", "명령을 시작하지 못함"),
    "run.start.refused": (
        "The container is there, but the server could not start its command.",
        "컨테이너는 만들어졌지만 서버가 명령을 시작하지 못했습니다.",
    ),
    "run.start.failed": (
        "The command could not be started: this disk does not hold such a program.",
        "명령을 시작하지 못했습니다. 이 디스크에는 그런 프로그램이 없습니다.",
    ),
    "run.output": ("Output comes back", "출력이 돌아옴"),
    "run.output.why": (
        "What the command writes travels back over the connection opened before the start.",
        "명령이 출력한 내용이 시작 전에 열어 둔 연결을 타고 돌아옵니다.",
    ),
    "run.end": ("Command ends", "명령 종료"),
    "run.end.why": (
        "The command has ended, so the container stops. Its disk stays until it is removed.",
        "명령이 끝나 컨테이너가 멈춥니다. 디스크는 컨테이너를 삭제할 때까지 남습니다.",
    ),
    "run.end.removed": (
        "The command has ended, so the container stops; then it is removed with its disk.",
        "명령이 끝나 컨테이너가 멈춥니다. 그다음 컨테이너와 디스크가 삭제됩니다.",
    ),
    "run.nothing": ("(no output)", "(출력 없음)"),
    "run.event": ("event: {kind} {action}", "이벤트: {kind} {action}"),
    "run.previous": ("Previous step", "이전 단계"),
    "run.next": ("Next step", "다음 단계"),
    "run.play": ("Play", "재생"),
    "run.pause": ("Pause", "멈춤"),
    "run.all": ("Whole picture", "전체 그림"),
    "run.step": ("Step {n} of {all}", "{all}단계 중 {n}단계"),
}

_LIFE = {
    "life.title": ("The life of the container {name}", "컨테이너 {name}의 생애"),
    "life.desc": (
        "Life-cycle diagram: created, running, paused, exited, removed. Now: {state}. {path}",
        "생애 주기 그림: 생성됨, 실행 중, 일시 정지, 종료됨, 삭제됨. 지금 상태: {state}. {path}",
    ),
    "life.absent": ("not there yet", "아직 없음"),
    "life.created": ("created", "생성됨"),
    "life.running": ("running", "실행 중"),
    "life.paused": ("paused", "일시 정지"),
    "life.restarting": ("restarting", "재시작 중"),
    "life.exited": ("exited", "종료됨"),
    "life.removed": ("removed", "삭제됨"),
    "life.created.sub": ("has a disk, no process", "디스크만 있고 프로세스는 없음"),
    "life.running.sub": ("its process works", "프로세스가 일하는 중"),
    "life.paused.sub": ("process frozen, in memory", "메모리에 멈춘 채로 있음"),
    "life.exited.sub": ("process gone, disk kept", "프로세스는 끝, 디스크는 남음"),
    "life.removed.sub": ("nothing is left", "아무것도 남지 않음"),
    "life.absent.sub": ("only its image is", "이미지만 있음"),
    "life.end": ("ends by itself", "스스로 끝남"),
    "life.now": ("now: {state}", "지금: {state}"),
    "life.path": ("the path so far", "지금까지의 길"),
    "life.nothing": ("nothing has happened yet", "아직 아무 일도 없었습니다"),
    "life.step": ("{n}. {action}: {before} → {after}", "{n}. {action}: {before} → {after}"),
    "life.exit": ("exit code {code}", "종료 코드 {code}"),
    "life.buttons": ("Act on the container", "컨테이너 조작"),
    "life.why.absent": (
        "There is no such container yet: create it first.",
        "아직 컨테이너가 없습니다. 먼저 create 하세요.",
    ),
    "life.why.removed": (
        "The container is gone: only create brings a new one.",
        "컨테이너가 사라졌습니다. create 로 새로 만들 수 있습니다.",
    ),
    "life.why.created": (
        "It has not started yet: start it first.",
        "아직 시작하지 않았습니다. 먼저 start 하세요.",
    ),
    "life.why.running": ("It is running already.", "이미 실행 중입니다."),
    "life.why.paused": (
        "It is paused: unpause it first.",
        "일시 정지 상태입니다. 먼저 unpause 하세요.",
    ),
    "life.why.exited": (
        "It has ended: start it first.",
        "이미 종료되었습니다. 먼저 start 하세요.",
    ),
    "life.why.restarting": ("It is restarting.", "재시작하는 중입니다."),
    "life.why.exists": (
        "The name is taken: this container exists already.",
        "이름이 이미 쓰이고 있습니다. 컨테이너가 이미 있습니다.",
    ),
    "life.why.rm": (
        "docker rm takes only stopped containers: stop it first.",
        "docker rm 은 멈춘 컨테이너만 지웁니다. 먼저 stop 하세요.",
    ),
    "life.why.pause": (
        "Only a running process can be paused.",
        "실행 중인 프로세스만 일시 정지할 수 있습니다.",
    ),
    "life.why.unpause": ("It is not paused.", "일시 정지 상태가 아닙니다."),
    "life.why.image": (
        "No image was named, so nothing can be created.",
        "이미지를 정하지 않아 만들 수 없습니다.",
    ),
    "life.does.create": ("make it from its image", "이미지에서 만들기"),
    "life.does.start": ("run its start command", "시작 명령 실행하기"),
    "life.does.pause": ("freeze its processes", "프로세스 얼리기"),
    "life.does.unpause": ("let them go on", "다시 움직이게 하기"),
    "life.does.stop": ("SIGTERM, then time to finish", "SIGTERM 뒤 마칠 시간 주기"),
    "life.does.kill": ("SIGKILL, at once", "SIGKILL 로 즉시 끝내기"),
    "life.does.restart": ("stop, then start", "stop 다음 start"),
    "life.does.rm": ("delete it with its disk", "디스크까지 지우기"),
}

_ISO = {
    "iso.title": (
        "What the container {name} has for itself",
        "컨테이너 {name}에만 따로 있는 것",
    ),
    "iso.desc": (
        "Host on the left, container on the right, one row a namespace. {rows}",
        "왼쪽은 호스트, 오른쪽은 컨테이너이고, 네임스페이스마다 한 줄입니다. {rows}",
    ),
    "iso.host": ("Host", "호스트"),
    "iso.container": ("Container", "컨테이너"),
    "iso.sees": ("sees {n} processes", "보이는 프로세스 {n}개"),
    "iso.sees.one": ("sees 1 process", "보이는 프로세스 1개"),
    "iso.count": (
        "{n} of {all} namespaces are its own",
        "네임스페이스 {all}개 중 {n}개를 따로 가짐",
    ),
    "iso.own": ("its own", "따로"),
    "iso.shared": ("shared with the host", "호스트와 같이 씀"),
    "iso.unknown": ("cannot be read here", "여기서는 읽을 수 없음"),
    "iso.pretended": (
        "No namespaces are allowed here: the engine rewrites paths and addresses instead.",
        "여기서는 네임스페이스를 쓸 수 없어, 엔진이 대신 경로와 주소를 바꾸어 줍니다.",
    ),
    "iso.other": ("of another kernel", "다른 커널의 것"),
    "iso.kernel": ("one kernel for both: {kernel}", "커널은 하나를 같이 씁니다: {kernel}"),
    "iso.vm": (
        "another kernel: this engine runs in a Linux VM, so the numbers cannot be compared",
        "다른 커널: 이 엔진은 리눅스 가상 머신 안에서 돌아 번호를 비교할 수 없습니다",
    ),
    "iso.mnt": ("files and mounts", "파일과 마운트"),
    "iso.pid": ("process numbers", "프로세스 번호"),
    "iso.net": ("network cards and ports", "네트워크 카드와 포트"),
    "iso.uts": ("host name", "호스트 이름"),
    "iso.ipc": ("shared memory, queues", "공유 메모리와 큐"),
    "iso.user": ("user numbers", "사용자 번호"),
    "iso.cgroup": ("view of the limits", "제한이 보이는 범위"),
    "iso.would": ("With one of its own: {tip}", "따로 가진다면: {tip}"),
    "iso.tip.mnt": (
        "The container sees the files of its image; the host's files are not there.",
        "컨테이너는 이미지의 파일만 봅니다. 호스트의 파일은 보이지 않습니다.",
    ),
    "iso.tip.pid": (
        "Its first process is number 1; processes outside have no number in here.",
        "첫 프로세스의 번호가 1입니다. 밖의 프로세스는 여기서 번호가 없습니다.",
    ),
    "iso.tip.net": (
        "It has a network card and ports of its own, so two containers can both use port 80.",
        "네트워크 카드와 포트를 따로 가져, 두 컨테이너가 모두 80번 포트를 쓸 수 있습니다.",
    ),
    "iso.tip.uts": (
        "It can have another host name than the machine.",
        "기계와 다른 호스트 이름을 가질 수 있습니다.",
    ),
    "iso.tip.ipc": (
        "Programs outside cannot reach its shared memory.",
        "밖의 프로그램은 이곳의 공유 메모리에 닿지 못합니다.",
    ),
    "iso.tip.user": (
        "Root inside can be an ordinary user outside. Docker shares this one unless told "
        "otherwise.",
        "안의 root 가 밖에서는 보통 사용자일 수 있습니다. Docker 는 따로 정하지 않으면 "
        "같이 씁니다.",
    ),
    "iso.tip.cgroup": (
        "It sees its own place in the tree of limits as the top. Docker on cgroups version 1 "
        "shares this one.",
        "제한 트리에서 자기 자리를 꼭대기로 봅니다. cgroup 버전 1의 Docker 는 같이 씁니다.",
    ),
    "iso.limits": ("limits by cgroups", "cgroup 제한"),
    "iso.memory": ("memory", "메모리"),
    "iso.cpu": ("CPU", "CPU"),
    "iso.pids": ("processes", "프로세스 수"),
    "iso.asked": ("asked for", "요청"),
    "iso.found": ("in force", "실제"),
    "iso.none": ("no limit", "제한 없음"),
    "iso.free": ("not asked for", "요청하지 않음"),
    "iso.in-force": ("in force", "적용됨"),
    "iso.watched": ("kept by the engine", "엔진이 직접 지킴"),
    "iso.refused": ("this engine cannot", "이 엔진은 못 함"),
    "iso.notread": ("not known", "알 수 없음"),
    "iso.cores": ("{n} cores", "코어 {n}개"),
    "iso.core": ("1 core", "코어 1개"),
    "iso.processes": ("{n} processes", "{n}개"),
    "iso.process": ("1 process", "1개"),
}

_IMAGE = {
    "img.title": ("The image {name}, opened", "열어 본 이미지 {name}"),
    "img.desc": (
        "An open box with three things in it: settings with the start command, layers, files. "
        "{all}",
        "열린 상자 안에 세 가지가 있습니다. 시작 명령이 든 설정, 레이어, 파일입니다. {all}",
    ),
    "img.settings": ("Settings", "설정"),
    "img.settings.sub": ("what run begins with", "run 할 때 쓰는 값"),
    "img.command": ("start command", "시작 명령"),
    "img.nocommand": ("(none: name one at run)", "(없음: run 할 때 정해야 함)"),
    "img.env": ("environment", "환경 변수"),
    "img.ports": ("ports", "포트"),
    "img.workdir": ("working directory", "작업 디렉터리"),
    "img.user": ("user", "사용자"),
    "img.volumes": ("volumes", "볼륨"),
    "img.layers": ("Layers", "레이어"),
    "img.layers.sub": ("read-only, newest on top", "읽기 전용, 위쪽이 최근 것"),
    "img.writable": ("a container adds one to write on", "컨테이너가 쓰기용 층을 하나 더함"),
    "img.more": ("{n} more", "{n}개 더"),
    "img.empty": ("settings only", "설정만 바꿈"),
    "img.files": ("Files", "파일"),
    "img.files.sub": ("the snapshot a container gets", "컨테이너가 받는 스냅샷"),
    "img.count": ("{n} files", "파일 {n}개"),
    "img.count.one": ("1 file", "파일 1개"),
    "img.standin": (
        "stand-in made offline, not the one from Docker Hub",
        "오프라인에서 만든 대역, Docker Hub 의 것이 아님",
    ),
}

_VM = {
    "vm.title": ("Virtual machine against container", "가상 머신과 컨테이너"),
    "vm.desc": (
        "Two stacks for {n} apps. Left: each app on a guest system of its own, above a hypervisor. "
        "Right: the apps share the host's kernel. {facts}",
        "앱 {n}개를 위한 두 더미입니다. 왼쪽은 하이퍼바이저 위에 앱마다 게스트 운영체제가 있고, "
        "오른쪽은 앱들이 호스트 커널을 같이 씁니다. {facts}",
    ),
    "vm.vm": ("Virtual machines", "가상 머신"),
    "vm.containers": ("Containers", "컨테이너"),
    "vm.hardware": ("Hardware", "하드웨어"),
    "vm.host": ("Host system", "호스트 운영체제"),
    "vm.kernel": ("kernel", "커널"),
    "vm.hypervisor": ("Hypervisor", "하이퍼바이저"),
    "vm.engine": ("Container engine", "컨테이너 엔진"),
    "vm.guest": ("Guest system", "게스트 운영체제"),
    "vm.libs": ("Libraries", "라이브러리"),
    "vm.app": ("App {n}", "앱 {n}"),
    "vm.kernels": ("{n} kernels to boot and feed", "부팅하고 돌볼 커널 {n}개"),
    "vm.times": ("{low} to {high} times that for a VM", "가상 머신은 그 {low}~{high}배"),
    "vm.kernels.one": ("1 kernel, the host's, running already", "이미 돌고 있는 호스트 커널 1개"),
    "vm.apps": ("Apps", "앱 수"),
    "vm.start": ("Start", "시작 시간"),
    "vm.memory": ("Memory", "메모리"),
    "vm.disk": ("Disk", "디스크"),
    "vm.measured": ("container, measured here ({image})", "컨테이너, 여기서 잰 값 ({image})"),
    "vm.typical": ("virtual machine, typical, not measured", "가상 머신, 일반적인 값, 재지 않음"),
    "vm.note": (
        "Typical: a general-purpose server system as vendors and comparisons publish it. "
        "Slimmed-down micro-VMs start in a fraction of a second.",
        "일반적인 값: 제조사와 비교 자료가 알리는 범용 서버 운영체제 기준입니다. "
        "작게 줄인 마이크로 VM은 1초도 안 되어 시작합니다.",
    ),
    "vm.unmeasured": ("could not be measured", "잴 수 없음"),
    "vm.samekernel": (
        "same kernel in host and container: {kernel}",
        "호스트와 컨테이너의 커널이 같음: {kernel}",
    ),
}

_CONSOLE = {
    "console.title": ("Console of {title}", "{title} 콘솔"),
    "console.output": ("Output of {title}", "{title} 출력"),
    "console.input": ("Input for {title}", "{title} 입력"),
    "console.field": ("Type a line and press Enter", "한 줄을 입력하고 Enter를 누르세요"),
    "console.interrupt": ("Send Ctrl-C: interrupt", "Ctrl-C 보내기: 중단"),
    "console.leave": (
        "Send Ctrl-D: end of input, leaves a shell",
        "Ctrl-D 보내기: 입력의 끝, 셸에서 나가기",
    ),
    "console.running": ("running", "실행 중"),
    "console.ended": ("ended with exit code {code}", "끝남 (종료 코드 {code})"),
    "console.nothing": ("(nothing written yet)", "(아직 출력 없음)"),
    "console.saved": (
        "Here was an interactive console of {title}. Run this cell in JupyterLab to type into it.",
        "이 자리에 {title} 대화형 콘솔이 있었습니다. "
        "JupyterLab에서 이 셀을 실행하면 직접 입력할 수 있습니다.",
    ),
}

CATALOGUE: dict[str, tuple[str, str]] = (
    _RUN
    | _LIFE
    | _ISO
    | _IMAGE
    | _VM
    | _CONSOLE
    | BUILDS
    | LAYERS
    | PLACES
    | COMPOSE
    | PIPELINES
    | CLOUD
    | WELCOME
    | {
        "view.text": ("Read as text", "글로 읽기"),
        "view.point": ("Point at a part to read more.", "궁금한 부분을 가리키면 설명이 나옵니다."),
        "view.busy": ("working on it …", "처리하는 중입니다 …"),
        "view.offline": (
            "The kernel is gone: run the cell again to act.",
            "커널과 연결이 끊겼습니다. 셀을 다시 실행하면 조작할 수 있습니다.",
        ),
    }
)


class Words:
    """The catalogue in one language: ``words("run.exit", code=0)``; None is the default one."""

    def __init__(self, lang: Language | None = None) -> None:
        lang = lang or default_language()
        if lang not in ("en", "ko"):
            raise ValueError(f"no such language: {lang!r} (there are 'en' and 'ko')")
        self.lang: Language = lang

    def __call__(self, key: str, **fields: object) -> str:
        text = CATALOGUE[key][self.lang == "ko"]
        return text.format(**fields) if fields else text

    def all(self, prefix: str) -> dict[str, str]:
        """The words of one view, for the browser."""
        column = self.lang == "ko"
        return {key: pair[column] for key, pair in CATALOGUE.items() if key.startswith(prefix)}
