"""The items of the study note, chapter by chapter: what the notebooks must not leave out.

Titles are in our own words. ``does`` says that the item has to be done for real in a code cell,
not only told.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One thing the note teaches, e.g. ``2.7`` stop against kill."""

    number: str
    title: str
    title_ko: str
    does: bool = True


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter of the note and the name of its notebook in every edition."""

    number: int
    title: str
    title_ko: str
    notebook: str
    items: tuple[Item, ...]


CHAPTERS = (
    Chapter(
        1,
        "Docker basics",
        "도커 기본",
        "01_docker_basics.ipynb",
        (
            Item("1.1", "Why Docker", "도커를 쓰는 이유"),
            Item("1.2", "What Docker is", "도커란 무엇인가"),
            Item("1.3", "Container", "컨테이너"),
            Item("1.4", "Image", "이미지"),
            Item("1.5", "Virtual machine against container", "가상 머신과 컨테이너"),
            Item("1.6", "Isolation by namespaces and cgroups", "네임스페이스와 cgroup 격리"),
            Item("1.7", "How a container comes about", "컨테이너가 만들어지는 과정"),
        ),
    ),
    Chapter(
        2,
        "Client commands",
        "도커 클라이언트 명령어",
        "02_client_commands.ipynb",
        (
            Item("2.1", "Commands go to the server", "명령은 서버로 간다"),
            Item("2.2", "A command of your own", "시작 명령 바꾸기"),
            Item("2.3", "List images", "이미지 나열"),
            Item("2.4", "List running containers", "실행 중인 컨테이너 나열"),
            Item("2.5", "List all containers", "모든 컨테이너 나열"),
            Item("2.6", "The life cycle", "생명주기"),
            Item("2.7", "Stop and kill", "stop과 kill"),
            Item("2.8", "Remove containers", "컨테이너 삭제"),
            Item("2.9", "Remove images", "이미지 삭제"),
            Item("2.10", "Clean up: system prune", "정리하기: system prune"),
            Item("2.11", "Run a command in a container", "실행 중인 컨테이너에 명령 전달"),
            Item("2.12", "Redis, inside and outside", "Redis, 안과 밖"),
            Item("2.13", "A shell in the container", "컨테이너 안의 셸"),
        ),
    ),
    Chapter(
        3,
        "Building images",
        "도커 이미지 만들기",
        "03_building_images.ipynb",
        (
            Item("3.1", "From a Dockerfile to an image", "Dockerfile에서 이미지까지"),
            Item("3.2", "Writing a Dockerfile", "Dockerfile 작성"),
            Item("3.3", "What a build does", "빌드가 하는 일"),
            Item("3.4", "Give the image a name", "이미지에 이름 주기"),
        ),
    ),
    Chapter(
        4,
        "A Node.js app",
        "Node.js 앱 만들기",
        "04_nodejs_app.ipynb",
        (
            Item("4.1", "A Dockerfile that fails", "실패하는 Dockerfile"),
            Item("4.2", "COPY package.json", "COPY package.json"),
            Item("4.3", "COPY everything, and map a port", "모두 COPY 하고 포트 매핑"),
            Item("4.4", "WORKDIR", "WORKDIR"),
            Item("4.5", "The source changes: the build cache", "소스 변경과 빌드 캐시"),
            Item("4.6", "Volumes", "볼륨"),
            Item("4.7", "Remove dangling volumes", "쓰지 않는 볼륨 지우기"),
        ),
    ),
    Chapter(
        5,
        "Docker Compose",
        "도커 컴포즈",
        "05_docker_compose.ipynb",
        (
            Item("5.1", "Redis: a store in memory", "Redis: 메모리에 사는 저장소"),
            Item("5.2", "Two containers that can't talk", "서로를 찾지 못하는 두 컨테이너"),
            Item("5.3", "The compose file", "compose 파일"),
            Item("5.4", "The commands of Compose", "Compose의 명령어"),
        ),
    ),
    Chapter(
        6,
        "Deploying a single-container app",
        "단일 컨테이너 앱 배포",
        "06_deploying.ipynb",
        (
            Item("6.1", "Two recipes", "개발용과 운영용 Dockerfile"),
            Item("6.2", "The React image and -it", "React 이미지와 -it"),
            Item("6.3", "A long command becomes a file", "긴 명령을 Compose로"),
            Item("6.4", "Tests in the container", "컨테이너에서 테스트"),
            Item("6.5", "For visitors: build, then serve", "운영 환경: 빌드하고 Nginx로"),
            Item("6.6", "Travis CI: a push sets it going", "Travis CI: push하면 움직이는 CI"),
            Item(
                "6.7",
                "Elastic Beanstalk: a cloud with a load balancer",
                "Elastic Beanstalk: 로드 밸런서가 있는 클라우드",
            ),
            Item("6.8", "IAM: who may do what", "IAM: 누가 무엇을 할 수 있는가"),
            Item("6.9", "All the way to the visitors", "방문자에게 닿기까지"),
        ),
    ),
)
