"""What is said about each remark: the note's item, what it is, why it matters, what to do.

Each text is a pair, English and Korean; fields in braces are filled from the remark.
"""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Saying:
    item: str
    title: Pair
    why: Pair
    remedy: Pair
    mistake: bool = True
    """False for what is fine while learning and matters in earnest."""


SAYINGS = {
    "latest": Saying(
        "3.2",
        ("{image} has no fixed version", "{image}의 버전을 정하지 않았습니다"),
        (
            "Without a tag, Docker takes latest, and what that means changes over the years: the "
            "same file then builds another image.",
            "태그가 없으면 latest를 가져오는데, latest가 가리키는 버전은 계속 바뀝니다. 같은 "
            "파일로 빌드해도 나중에는 다른 이미지가 됩니다.",
        ),
        ("Write the version: FROM {image}:<tag>.", "FROM {image}:<태그>처럼 버전을 적으세요."),
        mistake=False,
    ),
    "last-counts": Saying(
        "3.2",
        ("this {word} never counts", "이 {word}는 쓰이지 않습니다"),
        (
            "An image has one start command: the {word} in line {last} writes over this one.",
            "이미지의 시작 명령은 하나뿐이라, {last}번째 줄의 {word}가 이 줄을 덮어씁니다.",
        ),
        (
            "Remove it. To run something while the image is built, use RUN.",
            "이 줄을 지우세요. 이미지를 만드는 동안 실행할 명령이라면 RUN을 쓰면 됩니다.",
        ),
    ),
    "shell-form": Saying(
        "2.7",
        ("{word} goes through a shell", "{word}가 셸을 거쳐 실행됩니다"),
        (
            "The first process is then /bin/sh, and docker stop's signal may not reach your "
            "program: it is killed after ten seconds, without time to finish.",
            "첫 프로세스가 /bin/sh가 되어 docker stop이 보내는 신호가 프로그램에 닿지 않을 수 "
            "있습니다. 그러면 하던 일을 마치지 못한 채 10초 뒤 강제로 끝납니다.",
        ),
        (
            'Write it as a list: {word} ["program", "argument"].',
            '{word} ["프로그램", "인자"]처럼 목록으로 적으세요.',
        ),
        mistake=False,
    ),
    "quotes": Saying(
        "3.2",
        ("{word} is no list", "{word}가 목록으로 읽히지 않습니다"),
        (
            "The brackets are JSON, and this is not: Docker hands the whole line to a shell, which "
            "looks for a program whose name begins with a bracket.",
            "대괄호 표기는 JSON인데 이 줄은 JSON이 아닙니다. Docker는 줄 전체를 셸에 넘기고, "
            "셸은 대괄호로 시작하는 이름의 프로그램을 찾게 됩니다.",
        ),
        (
            'Use double quotes, and commas between: {word} ["program", "argument"].',
            '{word} ["프로그램", "인자"]처럼 큰따옴표와 쉼표를 쓰세요.',
        ),
    ),
    "copy-first": Saying(
        "4.5",
        (
            "everything is copied before {install}",
            "모든 파일을 복사한 다음 {install} 명령을 실행합니다",
        ),
        (
            "Any edit of any file makes this step miss the cache, and with it {install} in line "
            "{line}, though the list of packages is the same.",
            "아무 파일이나 고쳐도 이 단계의 캐시가 깨지고, 그 아래 {line}번째 줄의 {install} "
            "명령까지 다시 실행됩니다. 패키지 목록은 그대로인데도 그렇습니다.",
        ),
        (
            "Copy the list of packages alone, install, then copy the rest.",
            "패키지 목록 파일만 먼저 복사해 설치하고, 나머지는 그 뒤에 복사하세요.",
        ),
    ),
    "no-package": Saying(
        "4.1",
        (
            "npm has nothing to read here",
            "이 시점에는 npm이 읽을 파일이 없습니다",
        ),
        (
            "The step runs in a temporary container that holds the base image's files only; "
            "package.json lies in your folder, outside.",
            "이 단계는 베이스 이미지의 파일만 있는 임시 컨테이너에서 실행됩니다. package.json은 "
            "그 바깥, 여러분의 폴더에 있습니다.",
        ),
        (
            "Put COPY package.json ./ before it.",
            "이 줄보다 앞에 COPY package.json ./을 적으세요.",
        ),
    ),
    "no-ignore": Saying(
        "4.5",
        (
            "the whole folder is copied, and there is no .dockerignore",
            "폴더 전체를 복사하는데 .dockerignore 파일이 없습니다",
        ),
        (
            "node_modules, .git, logs and secrets go along: a larger image, and cache misses for "
            "files that do not matter.",
            "node_modules, .git, 로그, 비밀 파일까지 함께 들어갑니다. 이미지가 커지고, 상관없는 "
            "파일 때문에 캐시가 깨집니다.",
        ),
        (
            "Write a .dockerignore with what the image does not need, one pattern a line.",
            "이미지에 필요 없는 것을 한 줄에 하나씩 .dockerignore에 적으세요.",
        ),
        mistake=False,
    ),
    "no-workdir": Saying(
        "4.4",
        ("your files land in /", "파일이 / 폴더에 들어갑니다"),
        (
            "Without WORKDIR that is where {word} puts them: among the image's own folders, and a "
            "file of the same name is written over.",
            "WORKDIR이 없으면 {word}가 넣는 파일이 이미지 자체의 폴더와 섞이고, 이름이 같은 "
            "파일은 덮어쓰게 됩니다.",
        ),
        (
            "Put WORKDIR /usr/src/app before it.",
            "이 줄보다 앞에 WORKDIR /usr/src/app을 적으세요.",
        ),
    ),
    "update-alone": Saying(
        "4.5",
        ("apt-get update stands alone", "apt-get update가 따로 떨어져 있습니다"),
        (
            "The cache keeps its list of packages for months; an install in a later line then asks "
            "for versions that are gone.",
            "이 단계가 캐시에 남으면 패키지 목록이 몇 달이고 그대로입니다. 나중 줄에서 설치할 때 "
            "이미 사라진 버전을 찾게 됩니다.",
        ),
        (
            "Join them: RUN apt-get update && apt-get install -y …",
            "RUN apt-get update && apt-get install -y …처럼 한 줄로 이으세요.",
        ),
    ),
    "secret": Saying(
        "6.8",
        ("{name} would be in the image", "{name} 값이 이미지에 남습니다"),
        (
            "What {word} sets can be read by everyone who has the image: docker history and docker "
            "inspect show it.",
            "{word}로 정한 값은 docker history나 docker inspect로 이미지를 가진 누구나 볼 수 "
            "있습니다.",
        ),
        (
            "Give it to the container when it starts (-e {name}), from a place outside the "
            "repository.",
            "저장소 밖에 두었다가 컨테이너를 시작할 때 -e {name} 옵션으로 주세요.",
        ),
    ),
    "dev-server": Saying(
        "6.5",
        (
            "the finished image starts a development server",
            "완성된 이미지가 개발 서버를 시작합니다",
        ),
        (
            "It is slow, large, and made to reload files that never change there.",
            "느리고 크며, 이미지 안에서는 바뀔 일이 없는 파일을 지켜보는 서버입니다.",
        ),
        (
            "Build the files in one stage and let a web server such as nginx serve them.",
            "한 스테이지에서 파일을 빌드하고 nginx 같은 웹 서버가 제공하게 하세요.",
        ),
    ),
}

BROKEN = Saying(
    "3.2",
    ("Docker could not read this", "Docker가 읽을 수 없는 파일입니다"),
    ("{message}", "{message}"),
    ("{hint}", "{hint}"),
)

WORDS = {
    "title": ("What the course says about this Dockerfile", "이 Dockerfile에 대한 조언"),
    "fine": (
        "Nothing to object to: this Dockerfile follows all that the course teaches.",
        "지적할 것이 없습니다. 이 과정에서 배운 내용을 모두 지킨 Dockerfile입니다.",
    ),
    "line": ("line", "줄"),
    "at": ("line {line}", "{line}번째 줄"),
    "item": ("item", "항목"),
    "what": ("what", "내용"),
    "remedy": ("what to do", "할 일"),
    "mistake": ("mistake", "실수"),
    "advice": ("advice", "조언"),
    "kind": ("kind", "종류"),
    "see": ("see {item}", "{item} 참고"),
    "whole": ("file", "파일"),
}
