"""What is said of commands that are tried in a container."""

from __future__ import annotations

COMMANDS = {
    "command.says": (
        "In {container}, `{command}` says “{text}”.",
        "{container} 컨테이너에서 `{command}` 명령이 “{text}” 내용을 보여 줍니다.",
    ),
    "command.otherwise": (
        "In {container}, `{command}` says “{said}”, not “{text}”.",
        "{container} 컨테이너에서 `{command}` 명령이 “{text}” 대신 이렇게 답합니다: {said}",
    ),
    "command.refused": (
        "In {container}, `{command}` could not be run: {said}",
        "{container} 컨테이너에서 `{command}` 명령을 실행하지 못했습니다. {said}",
    ),
    "command.unasked": (
        "What `{command}` says beside {container} could not be asked: there is no image {image} "
        "to run it from.",
        "{container} 컨테이너 옆에서 `{command}` 명령을 실행해 볼 수 없었습니다. 명령이 들어 있는 "
        "{image} 이미지가 이 엔진에 없습니다.",
    ),
}
