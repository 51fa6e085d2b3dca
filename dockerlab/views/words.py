"""Every word that a view shows, in English and in Korean, in one place.

A key names the view first, then the thing. ``{}`` fields are filled by name. In Korean no field
is followed directly by a particle that would depend on its last sound.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "ko"]

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
    "run.registry.sub": ("Docker Hub", "Docker Hub"),
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
    "life.busy": ("working on it …", "처리하는 중입니다 …"),
    "life.offline": (
        "The kernel is gone: run the cell again to act.",
        "커널과 연결이 끊겼습니다. 셀을 다시 실행하면 조작할 수 있습니다.",
    ),
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

CATALOGUE: dict[str, tuple[str, str]] = (
    _RUN
    | _LIFE
    | {
        "view.text": ("Read as text", "글로 읽기"),
    }
)


class Words:
    """The catalogue in one language: ``words("run.exit", code=0)``."""

    def __init__(self, lang: Language = "en") -> None:
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
