"""What is said of volumes, and of where a container's data is."""

from __future__ import annotations

VOLUMES = {
    "volume.exists": ("There is a volume {volume}.", "{volume} 볼륨이 있습니다."),
    "volume.absent": ("There is no volume {volume}.", "{volume} 볼륨이 없습니다."),
    "volume.gone": ("The volume {volume} is gone.", "{volume} 볼륨이 지워졌습니다."),
    "volume.still": ("The volume {volume} is still there.", "{volume} 볼륨이 아직 있습니다."),
    "volume.holds": (
        "The volume {volume} holds a file {path}.",
        "{volume} 볼륨에 {path} 파일이 있습니다.",
    ),
    "volume.holds_text": (
        "The volume {volume} holds a file {path} with “{text}” in it.",
        "{volume} 볼륨의 {path} 파일에 “{text}” 내용이 들어 있습니다.",
    ),
    "volume.mounted": (
        "The container {container} has the volume {volume} at {path}.",
        "{container} 컨테이너의 {path} 자리에 {volume} 볼륨이 붙어 있습니다.",
    ),
    "volume.mounted_ro": (
        "The container {container} has the volume {volume} at {path}, and can only read it.",
        "{container} 컨테이너의 {path} 자리에 {volume} 볼륨이 읽기 전용으로 붙어 있습니다.",
    ),
    "volume.mounted_rw": (
        "The container {container} has the volume {volume} at {path}, and can write to it.",
        "{container} 컨테이너의 {path} 자리에 {volume} 볼륨이 쓸 수 있게 붙어 있습니다.",
    ),
    "volume.shared": (
        "The containers {containers} share the volume {volume}.",
        "{volume} 볼륨을 다음 컨테이너들이 함께 씁니다: {containers}",
    ),
    "volume.no_reader": (
        "The volume could not be looked into: the image {image} is missing.",
        "볼륨 안을 볼 수 없었습니다. {image} 이미지가 없습니다.",
    ),
    "volume.no_file": (
        "The volume {volume} has no file {path}.",
        "{volume} 볼륨에 {path} 파일이 없습니다.",
    ),
    "volume.no_regular_file": (
        "What is called {path} in the volume {volume} is not a file.",
        "{volume} 볼륨의 {path} 항목이 파일이 아닙니다.",
    ),
    "volume.large_file": (
        "The file {path} in the volume {volume} is too large to be read here.",
        "{volume} 볼륨의 {path} 파일이 너무 커서 읽지 않았습니다.",
    ),
    "volume.no_text": (
        "The file {path} in the volume {volume} does not say “{text}”.",
        "{volume} 볼륨의 {path} 파일에 “{text}” 내용이 없습니다.",
    ),
    "volume.unused": (
        "The container {container} does not use the volume {volume}.",
        "{container} 컨테이너가 {volume} 볼륨을 쓰지 않습니다.",
    ),
    "volume.elsewhere": (
        "The container {container} has the volume {volume} at {there}, not at {path}.",
        "{container} 컨테이너의 {volume} 볼륨이 {path} 자리가 아니라 {there} 자리에 붙어 있습니다.",
    ),
    "volume.writable": (
        "The container {container} can write to the volume {volume} at {path}.",
        "{container} 컨테이너가 {path} 자리의 {volume} 볼륨에 쓸 수 있습니다.",
    ),
    "volume.read_only": (
        "The container {container} can only read the volume {volume} at {path}.",
        "{container} 컨테이너가 {path} 자리의 {volume} 볼륨을 읽기만 할 수 있습니다.",
    ),
    "data.survives": (
        "What {container} keeps in {path} is still there after the container is removed.",
        "{container} 컨테이너를 지워도 {path} 안의 데이터가 남습니다.",
    ),
    "data.layer": (
        "In {container} nothing is mounted at {path}: the data is in the container itself, and "
        "is lost when the container is removed.",
        "{container} 컨테이너의 {path} 자리에 아무것도 붙어 있지 않습니다. 데이터가 컨테이너 "
        "자체에 있어서 컨테이너를 지우면 함께 사라집니다.",
    ),
    "data.anonymous": (
        "{container} has an anonymous volume at {path}: the next container gets another one.",
        "{container} 컨테이너의 {path} 자리에 이름 없는 볼륨이 붙어 있습니다. 다음 컨테이너는 다른 "
        "볼륨을 받습니다.",
    ),
    "data.bind": (
        "{container} has a folder of the host at {path}, not a volume.",
        "{container} 컨테이너의 {path} 자리에 볼륨이 아니라 호스트의 폴더가 붙어 있습니다.",
    ),
    "data.tmpfs": (
        "{container} has {path} in memory: it is gone as soon as the container stops.",
        "{container} 컨테이너의 {path} 자리는 메모리에만 있어서 컨테이너가 멈추면 사라집니다.",
    ),
    "spot.still-used": (
        "{volume} is still in use: the container {container} has it. An ended container counts, "
        "too, until it is removed.",
        "{container} 컨테이너가 아직 {volume} 볼륨을 쓰고 있습니다. 끝난 컨테이너도 지우기 "
        "전까지는 쓰고 있는 것으로 칩니다.",
    ),
    "spot.no-volume": (
        "{container} keeps {path} in a place without a name, so nobody can ask for it again. Give "
        "the volume a name: `-v NAME:{path}`, or in a compose file `NAME:{path}` and NAME below "
        "`volumes:`.",
        "{container} 컨테이너의 {path} 자리에는 이름이 없어서 다음 컨테이너가 다시 찾을 수 "
        "없습니다. 볼륨에 이름을 붙이세요. `-v 이름:{path}`, compose 파일에서는 `이름:{path}` "
        "줄과 맨 아래 `volumes:`의 이름입니다.",
    ),
    "spot.data-in-the-container-layer": (
        "Nothing is mounted at {path} in {container}: the program writes into the container's own "
        "layer, which is removed with the container. Find out where the program keeps its data, "
        "and mount the volume exactly there.",
        "{container} 컨테이너의 {path} 자리에 아무것도 붙어 있지 않아서 프로그램이 컨테이너 자신의 "
        "레이어에 쓰고 있습니다. 이 레이어는 컨테이너와 함께 사라집니다. 프로그램이 데이터를 두는 "
        "자리를 찾아 바로 그곳에 볼륨을 붙이세요.",
    ),
    "spot.volume-elsewhere": (
        "The volume {volume} is at {there}, but the data is written to {path}: the volume stays "
        "empty. The path after the colon must be the program's own.",
        "{volume} 볼륨이 {there} 자리에 붙어 있는데 데이터는 {path} 자리에 쓰이므로 볼륨은 빈 채로 "
        "남습니다. 콜론 뒤의 경로는 프로그램이 실제로 쓰는 자리여야 합니다.",
    ),
    "spot.folder-not-volume": (
        "What comes before the colon begins with a `/` or a `.`, so it is a folder of your "
        "machine. For a volume, write just its name there.",
        "콜론 앞에 적은 것이 `/` 또는 `.` 기호로 시작해서 내 컴퓨터의 폴더가 붙었습니다. "
        "볼륨이라면 그 자리에 이름만 적습니다.",
    ),
}
