"""What is said of folders of the host in a container."""

from __future__ import annotations

BINDS = {
    "bind.there": (
        "The container `{container}` has a folder of your machine at `{path}`.",
        "`{container}` 컨테이너의 `{path}` 자리에 내 컴퓨터의 폴더가 연결되어 있습니다.",
    ),
    "bind.read_only": (
        "The container `{container}` can read a folder of your machine at `{path}`, but not "
        "write to it.",
        "`{container}` 컨테이너가 `{path}` 자리에서 내 컴퓨터의 폴더를 읽을 수만 있습니다.",
    ),
    "bind.writable": (
        "The container `{container}` can read and write a folder of your machine at `{path}`.",
        "`{container}` 컨테이너가 `{path}` 자리에서 내 컴퓨터의 폴더를 읽고 쓸 수 있습니다.",
    ),
    "bind.spares": (
        "What the image has at {path}/{name} stays visible in `{container}`.",
        "`{container}` 컨테이너에서 이미지의 {path}/{name} 폴더가 가려지지 않습니다.",
    ),
    "bind.none": (
        "Nothing is mounted at `{path}` in {container}: it sees the image's own files there.",
        "`{container}` 컨테이너의 `{path}` 자리에 연결된 것이 없어 이미지의 파일이 보입니다.",
    ),
    "bind.volume": (
        "A volume is mounted at `{path}` in `{container}`, not a folder of your machine.",
        "`{container}` 컨테이너의 `{path}` 자리에 내 컴퓨터의 폴더가 아니라 볼륨이 연결되어 "
        "있습니다.",
    ),
    "bind.is_writable": (
        "`{container}` can also write to your folder at `{path}`.",
        "`{container}` 컨테이너가 `{path}` 자리의 내 폴더에 쓸 수도 있습니다.",
    ),
    "bind.is_read_only": (
        "`{container}` can only read your folder at `{path}`.",
        "`{container}` 컨테이너는 `{path}` 자리의 내 폴더를 읽을 수만 있습니다.",
    ),
    "bind.hides": (
        "Your folder covers {path}/{name}, which the image of `{container}` has.",
        "내 폴더가 `{container}` 컨테이너의 이미지에 있는 {path}/{name} 폴더를 가립니다.",
    ),
}
