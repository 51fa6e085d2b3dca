"""What is said of the files of a folder, and of what is sent to the builder."""

from __future__ import annotations

FOLDER = {
    "file.exists": ("There is a file `{path}`.", "`{path}` 파일이 있습니다."),
    "file.holds": (
        "The file `{path}` holds “{text}”.",
        "`{path}` 파일에 “{text}” 내용이 있습니다.",
    ),
    "file.lacks": (
        "The file `{path}` does not hold “{text}”.",
        "`{path}` 파일에 “{text}” 내용이 없습니다.",
    ),
    "file.in_image": (
        "The image `{image}` holds `{path}` as it is now, at `{place}`.",
        "`{image}` 이미지의 `{place}` 자리에 `{path}` 파일이 지금 내용 그대로 들어 있습니다.",
    ),
    "file.absent": (
        "There is no file `{path}` in the exercise's folder yet.",
        "연습 문제 폴더에 아직 `{path}` 파일이 없습니다.",
    ),
    "file.without": (
        "The file `{path}` does not hold “{text}”.",
        "`{path}` 파일에 “{text}” 내용이 없습니다.",
    ),
    "file.with": (
        "The file `{path}` still holds “{text}”.",
        "`{path}` 파일에 아직 “{text}” 내용이 있습니다.",
    ),
    "file.not_packed": (
        "The image `{image}` has no file {place}: `{path}` was not copied there.",
        "`{image}` 이미지에 `{place}` 파일이 없습니다. `{path}` 파일이 그 자리로 복사되지 "
        "않았습니다.",
    ),
    "file.packed_older": (
        "The image `{image}` holds another version of `{path}` than your folder: it was built "
        "before the file was changed.",
        "`{image}` 이미지에 든 `{path}` 파일은 폴더에 있는 것과 내용이 다릅니다. 파일을 고치기 "
        "전에 만든 이미지입니다.",
    ),
    "context.leaves_out": (
        "These are not sent to the builder: {paths}.",
        "다음 파일은 빌더로 보내지지 않습니다: {paths}",
    ),
    "context.sends": (
        "These are sent to the builder: {paths}.",
        "다음 파일은 빌더로 보내집니다: {paths}",
    ),
    "context.no_ignore": (
        "So far, all that is in the folder is sent to the builder.",
        "지금은 폴더에 있는 것이 모두 빌더로 보내집니다.",
    ),
    "context.still_sent": (
        "No line of .dockerignore matches `{path}`, so it is still sent.",
        ".dockerignore에 `{path}` 경로에 맞는 줄이 없어서 그대로 보내집니다.",
    ),
    "context.left_out": (
        "Line {line} of .dockerignore, `{rule}`, also leaves out `{path}`, which the image needs.",
        ".dockerignore의 {line}번째 줄 `{rule}` 때문에 이미지에 필요한 `{path}` 파일까지 빠집니다.",
    ),
    "context.bad_ignore": (
        ".dockerignore cannot be read: {error}",
        ".dockerignore 파일을 읽을 수 없습니다. {error}",
    ),
}
