"""The words of the port map and the mount map (see views/words.py)."""

from __future__ import annotations

_PORTS = {
    "port.title": ("Ports: from outside into the containers", "포트: 바깥에서 컨테이너 안으로"),
    "port.desc": (
        "Left the host with its published ports, right the containers with theirs; an arrow leads "
        "from each published port into its container, none to the others. {all}",
        "왼쪽은 공개한 포트가 있는 호스트, 오른쪽은 포트가 있는 컨테이너입니다. 공개한 포트에서만 "
        "컨테이너로 화살표가 갑니다. {all}",
    ),
    "port.host": ("This machine (host)", "이 컴퓨터 (호스트)"),
    "port.remote": ("The engine's machine: {host}", "엔진이 있는 컴퓨터: {host}"),
    "port.inside": ("port {port}", "포트 {port}"),
    "port.everywhere": ("at all addresses: other machines too", "모든 주소: 다른 컴퓨터에서도"),
    "port.here": ("at {host}: from this machine only", "{host}: 이 컴퓨터에서만"),
    "port.at": ("at {host} only", "{host} 주소에서만"),
    "port.open": ("Open {url} in a new tab", "새 탭에서 {url} 열기"),
    "port.published": (
        "{host}, port {outside} → port {port} of {name}",
        "{host}, 포트 {outside} → {name}의 포트 {port}",
    ),
    "port.shared": (
        "port {port} of {name} is the host's own: it uses the host's network",
        "{name}의 포트 {port}는 호스트의 포트입니다. 호스트 네트워크를 그대로 씁니다",
    ),
    "port.shared.short": ("the host's own network", "호스트 네트워크를 그대로 씀"),
    "port.exposed": (
        "port {port} of {name}: exposed, not published, so nothing outside reaches it. "
        "EXPOSE only writes it down; -p is missing: docker run {option} …",
        "{name}의 포트 {port}: EXPOSE 만 되고 공개되지 않아 바깥에서 닿을 수 없습니다. "
        "EXPOSE 는 적어 두기만 합니다. -p 가 빠졌습니다: docker run {option} …",
    ),
    "port.listening": (
        "port {port} of {name}: a program waits there, but it is not published, so nothing "
        "outside reaches it. -p is missing: docker run {option} …",
        "{name}의 포트 {port}: 프로그램이 기다리고 있지만 공개되지 않아 바깥에서 닿을 수 "
        "없습니다. -p 가 빠졌습니다: docker run {option} …",
    ),
    "port.missing": ("EXPOSE only; -p is missing: {option}", "EXPOSE 만 함, -p 가 빠짐: {option}"),
    "port.missing.heard": (
        "a program listens; -p is missing: {option}",
        "프로그램이 기다림, -p 가 빠짐: {option}",
    ),
    "port.wall": ("no way in", "들어오는 길 없음"),
    "port.heard": ("a program listens", "프로그램이 기다림"),
    "port.silent": ("nobody listens", "기다리는 프로그램 없음"),
    "port.local": (
        "its program listens at 127.0.0.1 of the container only: nothing gets through",
        "프로그램이 컨테이너 안의 127.0.0.1에서만 기다려 바깥에서 닿지 않음",
    ),
    "port.local.short": ("listens at its 127.0.0.1 only", "안쪽 127.0.0.1에서만 기다림"),
    "port.unknown": ("not known who listens", "누가 기다리는지 알 수 없음"),
    "port.none": ("{name}: no port", "{name}: 포트 없음"),
    "port.none.short": ("no port", "포트 없음"),
    "port.nothing": ("No container is running.", "실행 중인 컨테이너가 없습니다."),
}

_MOUNTS = {
    "mount.title": ("Where the files of {name} come from", "{name} 컨테이너의 파일이 오는 곳"),
    "mount.desc": (
        "Left the paths of the container as nested boxes, the root on top; right where each "
        "comes from, with an arrow to its path. {all}",
        "왼쪽은 컨테이너의 경로를 맨 위의 루트부터 안쪽으로 그린 상자이고, 오른쪽은 각 경로가 "
        "오는 곳입니다. {all}",
    ),
    "mount.paths": ("Path in the container", "컨테이너 안의 경로"),
    "mount.sources": ("comes from", "오는 곳"),
    "mount.root": ("everything else", "나머지 전부"),
    "mount.root.all": ("everything", "전부"),
    "mount.image": ("image {name}", "{name} 이미지"),
    "mount.image.layers": ("{n} read-only layers", "읽기 전용 레이어 {n}개"),
    "mount.own": ("own layer on top: {n} paths changed", "컨테이너 층: 바뀐 경로 {n}개"),
    "mount.own.none": ("own layer on top: nothing changed", "컨테이너 층: 바뀐 것 없음"),
    "mount.own.fixed": ("no layer to write on: read-only", "쓰기용 층 없음: 전체가 읽기 전용"),
    "mount.bind": ("bind mount", "바인드 마운트"),
    "mount.volume": ("named volume", "이름 있는 볼륨"),
    "mount.anonymous": ("anonymous volume", "이름 없는 볼륨"),
    "mount.tmpfs": ("tmpfs, in memory", "tmpfs, 메모리"),
    "mount.ro": ("read-only", "읽기 전용"),
    "mount.rw": ("read and write", "읽기·쓰기"),
    "mount.from.bind": ("host: {source}", "호스트: {source}"),
    "mount.from.volume": ("volume {source}", "볼륨 {source}"),
    "mount.from.anonymous": ("volume {source}…, unnamed", "볼륨 {source}…, 이름 없음"),
    "mount.from.tmpfs": ("memory: gone when it stops", "메모리: 멈추면 사라짐"),
    "mount.by": ("asked for by VOLUME in the image", "이미지의 VOLUME 때문에 생김"),
    "mount.hides": ("hides of the image: {names}", "이미지에서 가리는 것: {names}"),
    "mount.again": (
        "back again by a mount of its own: {names}",
        "따로 마운트해서 다시 보이는 것: {names}",
    ),
    "mount.covers": ("covers {path} of the bind around it", "바깥 마운트의 {path} 위에 놓임"),
    "mount.filled.anonymous": (
        "new and empty, so Docker copied from the image: {files}",
        "새로 생겨 비어 있었으므로 이미지에서 복사됨: {files}",
    ),
    "mount.filled.volume": (
        "if it was empty at first, Docker copied from the image: {files}",
        "처음에 비어 있었다면 이미지에서 복사됨: {files}",
    ),
    "mount.sum": (
        "{files} files, {size}, layer {layers}",
        "파일 {files}개, {size}, {layers}번 레이어",
    ),
    "mount.sum.one": ("1 file, {size}, layer {layers}", "파일 1개, {size}, {layers}번 레이어"),
    "mount.group": (
        "{name} ({files} files, {size}, layer {layer})",
        "{name} (파일 {files}개, {size}, {layer}번 레이어)",
    ),
    "mount.single": ("{name} ({size}, layer {layer})", "{name} ({size}, {layer}번 레이어)"),
    "mount.more": ("{n} more", "그 밖에 {n}개"),
    "mount.say.root": (
        "/ comes from the image {name} ({layers}; {own}).",
        "/: {name} 이미지에서 옵니다 ({layers}, {own}).",
    ),
    "mount.say.bind": (
        "{path} is {source} of the host ({access}): not a copy, the very same files.",
        "{path}: 호스트의 {source} 그대로입니다 ({access}). 복사본이 아니라 바로 그 파일입니다.",
    ),
    "mount.say.volume": (
        "{path} is the volume {source} ({access}); it outlives the container.",
        "{path}: 볼륨 {source}에 있습니다 ({access}). 컨테이너가 사라져도 남습니다.",
    ),
    "mount.say.anonymous": (
        "{path} is a volume without a name, {source} ({access}); docker rm -v takes it along "
        "with the container.",
        "{path}: 이름 없는 볼륨 {source}에 있습니다 ({access}). docker rm -v 로 컨테이너와 함께 "
        "지울 수 있습니다.",
    ),
    "mount.say.tmpfs": (
        "{path} is kept in memory ({access}); it is gone when the container stops.",
        "{path}: 메모리에 있습니다 ({access}). 컨테이너가 멈추면 사라집니다.",
    ),
    "mount.say.hides": (
        "It hides what the image has there: {names}.",
        "이미지가 그 자리에 둔 것을 가립니다: {names}.",
    ),
    "mount.say.kept": (
        "Not missing all the same: {names}, where something else is mounted again.",
        "그래도 없어지지 않는 것: {names}. 그 자리에는 다시 다른 것을 마운트했습니다.",
    ),
    "mount.say.lost": (
        "What the host does not have of the others is missing in the container: {names}.",
        "나머지 가운데 호스트에 없는 것은 컨테이너에도 없습니다: {names}.",
    ),
    "mount.say.covers": (
        "It stands inside {outer} and covers what is at that place there.",
        "{outer} 안에 있으면서 그 자리에 있던 것을 덮습니다.",
    ),
    "mount.say.filled.anonymous": (
        "It was new and empty, so Docker copied the image's files of that path into it: {files}.",
        "새로 생겨 비어 있었으므로 그 경로에 있던 이미지의 파일이 복사되었습니다: {files}.",
    ),
    "mount.say.filled.volume": (
        "If it was empty when it was first used, Docker copied the image's files of that path "
        "into it: {files}.",
        "처음 쓸 때 비어 있었다면 그 경로에 있던 이미지의 파일이 복사되었습니다: {files}.",
    ),
    "mount.none": (
        "Nothing is mounted: all files come from the image and the container's own layer.",
        "마운트한 것이 없습니다. 모든 파일이 이미지와 컨테이너 층에서 옵니다.",
    ),
    "mount.ask": ("Where does this path come from?", "이 경로는 어디에서 왔나요?"),
    "mount.ask.button": ("Look up", "찾기"),
    "mount.is.layer": ("image layer {layer}: {command}", "이미지 {layer}번 레이어: {command}"),
    "mount.is.container": ("written by the container itself", "컨테이너가 직접 씀"),
    "mount.is.bind": ("the host: {source}", "호스트: {source}"),
    "mount.is.volume": ("the volume {volume}", "볼륨 {volume}"),
    "mount.is.anonymous": ("the anonymous volume {volume}", "이름 없는 볼륨 {volume}"),
    "mount.is.tmpfs": ("memory (tmpfs)", "메모리 (tmpfs)"),
    "mount.is.engine": (
        "made by the engine for this container",
        "엔진이 이 컨테이너를 위해 만듦",
    ),
    "mount.is.none": ("there is no such path", "그런 경로가 없음"),
    "mount.is.below": ("hidden below: {all}", "그 아래 가려진 것: {all}"),
}

PLACES = _PORTS | _MOUNTS
