"""What is said of images."""

from __future__ import annotations

IMAGES = {
    "image.named": ("the image `{image}`", "`{image}` 이미지"),
    "image.absent": (
        "There is no image named `{image}`.",
        "`{image}` 이름의 이미지가 없습니다.",
    ),
    "image.exists": (
        "There is an image named `{image}`.",
        "`{image}` 이름의 이미지가 있습니다.",
    ),
    "image.gone": (
        "No image is named `{image}` any more.",
        "이제 `{image}` 이름의 이미지가 없습니다.",
    ),
    "image.still_there": (
        "There still is an image named `{image}`.",
        "`{image}` 이름의 이미지가 아직 있습니다.",
    ),
    "image.also": (
        "`{image}` and `{other}` are two names of one image.",
        "`{image}` 그리고 `{other}` 두 이름이 같은 이미지를 가리킵니다.",
    ),
    "image.two_images": (
        "`{image}` and `{other}` are two different images: their ids differ.",
        "`{image}` 그리고 `{other}` 두 이름이 서로 다른 이미지를 가리킵니다. id가 다릅니다.",
    ),
    "image.stands_on": (
        "The image `{image}` is built on `{base}`.",
        "`{image}` 이미지가 `{base}` 이미지 위에 만들어졌습니다.",
    ),
    "image.no_base": (
        "There is no image `{base}` here that `{image}` could be built on.",
        "`{image}` 이미지의 바탕이 될 `{base}` 이미지가 여기에 없습니다.",
    ),
    "image.other_base": (
        "The lowest layers of `{image}` are not those of `{base}`.",
        "`{image}` 이미지의 맨 아래 레이어가 `{base}` 이미지의 것이 아닙니다.",
    ),
    "image.weighs": (
        "The size of the image `{image}` is at most {most}.",
        "`{image}` 이미지의 크기가 {most} 이하입니다.",
    ),
    "image.too_heavy": (
        "The size of the image `{image}` is {there}; at most {most} is allowed.",
        "`{image}` 이미지의 크기가 {there}입니다. {most} 이하여야 합니다.",
    ),
    "image.layers": (
        "The image `{image}` has at most {most} layers.",
        "`{image}` 이미지의 레이어가 {most}개 이하입니다.",
    ),
    "image.too_many_layers": (
        "The image `{image}` has {there} layers; at most {most} are allowed.",
        "`{image}` 이미지의 레이어가 {there}개입니다. {most}개 이하여야 합니다.",
    ),
    "image.starts": (
        "A container of `{image}` starts `{command}`.",
        "`{image}` 이미지의 컨테이너는 `{command}` 명령으로 시작합니다.",
    ),
    "image.other_command": (
        "A container of `{image}` starts `{there}`, not `{command}`.",
        "`{image}` 이미지의 컨테이너는 `{command}` 대신 `{there}` 명령으로 시작합니다.",
    ),
    "image.user": (
        "Programs of the image `{image}` run as the user `{user}`.",
        "`{image}` 이미지의 프로그램이 `{user}` 사용자로 실행됩니다.",
    ),
    "image.other_user": (
        "Programs of the image `{image}` run as the user `{there}`, not as `{user}`.",
        "`{image}` 이미지의 프로그램이 `{user}` 대신 `{there}` 사용자로 실행됩니다.",
    ),
    "image.no_root": (
        "Programs of the image `{image}` do not run as root.",
        "`{image}` 이미지의 프로그램이 root로 실행되지 않습니다.",
    ),
    "image.is_root": (
        "Programs of the image `{image}` run as root: it names no other user.",
        "`{image}` 이미지의 프로그램이 root로 실행됩니다. 다른 사용자를 정하지 않았습니다.",
    ),
    "image.workdir": (
        "The working directory of `{image}` is `{path}`.",
        "`{image}` 이미지의 작업 디렉터리가 `{path}`입니다.",
    ),
    "image.other_workdir": (
        "The working directory of `{image}` is `{there}`, not `{path}`.",
        "`{image}` 이미지의 작업 디렉터리가 `{path}` 대신 `{there}`입니다.",
    ),
    "image.env": (
        "In `{image}` the environment variable `{variable}` is `{value}`.",
        "`{image}` 이미지의 환경 변수 `{variable}` 값이 `{value}`입니다.",
    ),
    "image.no_env": (
        "The image `{image}` sets no environment variable `{variable}`.",
        "`{image}` 이미지에 환경 변수 `{variable}` 설정이 없습니다.",
    ),
    "image.other_env": (
        "In `{image}` the environment variable `{variable}` is `{there}`, not `{value}`.",
        "`{image}` 이미지의 환경 변수 `{variable}` 값이 `{value}` 대신 `{there}`입니다.",
    ),
    "image.label": (
        "The image `{image}` has the label `{label}={value}`.",
        "`{image}` 이미지에 `{label}={value}` 라벨이 있습니다.",
    ),
    "image.no_label": (
        "The image `{image}` does not have the label `{label}={value}`.",
        "`{image}` 이미지에 `{label}={value}` 라벨이 없습니다.",
    ),
    "image.exposes": (
        "The image `{image}` says that it listens on port {port}.",
        "`{image}` 이미지에 {port}번 포트에서 기다린다고 적혀 있습니다.",
    ),
    "image.not_exposed": (
        "The image `{image}` says nothing about port {port}.",
        "`{image}` 이미지에 {port}번 포트에 대한 말이 없습니다.",
    ),
}
