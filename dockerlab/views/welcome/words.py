"""What the start page says."""

from __future__ import annotations

WELCOME = {
    "welcome.title": ("Learn Docker here", "여기서 도커를 배웁니다"),
    "welcome.lead": (
        "Every command in this course really runs, and you can change any of them and run it "
        "again. You need no Docker of your own, and no experience.",
        "이 강의의 명령은 모두 진짜로 실행되고, 어떤 명령이든 고쳐서 다시 실행해 볼 수 있습니다. "
        "도커를 미리 설치하지 않아도, 처음이어도 괜찮습니다.",
    ),
    "welcome.saved": (
        "Run this cell (Shift + Enter): here you will see where you are, and a button that runs "
        "your first container.",
        "이 셀을 실행하세요(Shift + Enter). 지금 어디에 있는지와 첫 컨테이너를 실행하는 버튼이 "
        "이 자리에 나타납니다.",
    ),
    "welcome.language": ("Language", "언어"),
    "welcome.here": ("Where am I?", "여기는 어디인가요?"),
    "welcome.engine": ("Engine", "엔진"),
    "welcome.engine.tip": (
        "The engine is the program that makes and runs containers. Your commands go to it.",
        "엔진은 컨테이너를 만들고 실행하는 프로그램입니다. 입력한 명령은 이 엔진으로 갑니다.",
    ),
    "welcome.name.namespaces": (
        "the course's own (namespaces)",
        "강의에 딸린 엔진 (네임스페이스)",
    ),
    "welcome.name.proot": ("the course's own (PRoot)", "강의에 딸린 엔진 (PRoot)"),
    "welcome.mode.docker": (
        "Docker itself is on this machine, and you are connected to it. Everything in the course "
        "works. Your own images and containers, if you have any, are in there too: think twice "
        "before a command that removes everything.",
        "이 컴퓨터에 설치된 도커에 연결되어 있습니다. 강의의 모든 내용이 그대로 됩니다. 쓰던 "
        "이미지나 컨테이너가 있다면 같은 곳에 함께 있으니, 모두 지우는 명령은 한 번 더 생각하고 "
        "실행하세요.",
    ),
    "welcome.mode.other": (
        "An engine on this machine that understands Docker's commands. Now and then its answers "
        "look a little different from those on the pages.",
        "도커의 명령을 알아듣는 다른 엔진에 연결되어 있습니다. 답의 모양이 강의에 적힌 것과 조금 "
        "다를 때가 있습니다.",
    ),
    "welcome.mode.namespaces": (
        "The engine that comes with the course is at work. Its containers are real ones: the "
        "Linux kernel keeps them apart by the same means as Docker's.",
        "강의에 딸린 엔진이 일하고 있습니다. 컨테이너는 진짜입니다. 도커와 똑같이 리눅스 커널의 "
        "기능으로 서로를 갈라놓습니다.",
    ),
    "welcome.mode.proot": (
        "This place does not allow real containers, as is usual on Binder and on locked-down "
        "machines. So the course's engine imitates them with a program called PRoot. The "
        "commands and their answers are the same; the walls are thinner.",
        "이곳은 진짜 컨테이너를 허락하지 않습니다. Binder나 권한이 제한된 컴퓨터에서는 흔한 "
        "일입니다. 그래서 강의의 엔진이 PRoot라는 프로그램으로 컨테이너를 흉내 냅니다. 명령과 답은 "
        "같지만 둘레의 벽은 더 얇습니다.",
    ),
    "welcome.mode.none": (
        "No engine answers, so nothing can run yet. The pages can be read all the same.",
        "응답하는 엔진이 없어서 아직은 아무것도 실행할 수 없습니다. 읽는 것은 그대로 됩니다.",
    ),
    "welcome.cannot": ("What it can't do here", "여기서 안 되는 것"),
    "welcome.cannot.nothing": (
        "Nothing that the course needs is missing.",
        "강의에 필요한 것은 모두 됩니다.",
    ),
    "welcome.cannot.limits": (
        "Limits on memory and CPU (-m, --cpus) have no effect.",
        "메모리와 CPU 제한(-m, --cpus)은 효과가 없습니다.",
    ),
    "welcome.cannot.offline": (
        "Containers reach each other, but not the internet.",
        "컨테이너끼리는 통하지만 인터넷에는 나가지 못합니다.",
    ),
    "welcome.cannot.owner": (
        "All files in a container belong to one user.",
        "컨테이너 안의 파일은 주인이 모두 같습니다.",
    ),
    "welcome.cannot.seen": (
        "A container sees the machine's other processes.",
        "컨테이너에서 이 컴퓨터의 다른 프로세스가 보입니다.",
    ),
    "welcome.cannot.watched": (
        "A limit on memory (-m) is only watched; one on the CPU (--cpus) has no effect.",
        "메모리 제한(-m)은 지켜보기만 하고, CPU 제한(--cpus)은 효과가 없습니다.",
    ),
    "welcome.cannot.root": (
        "Root in a container is only pretended.",
        "컨테이너 안의 root는 흉내일 뿐입니다.",
    ),
    "welcome.cannot.slow": (
        "Programs start two to ten times slower.",
        "프로그램이 2배에서 10배 느리게 시작합니다.",
    ),
    "welcome.binder": (
        "This is Binder: after some minutes without you the whole machine is thrown away. "
        "Download what you want to keep (File → Download).",
        "여기는 Binder입니다. 몇 분 동안 쓰지 않으면 이 컴퓨터가 통째로 사라집니다. 남기고 싶은 "
        "것은 내려받아 두세요(File → Download).",
    ),
    "welcome.more": ("In the engine's own words", "엔진이 직접 하는 말"),
    "welcome.again": ("Look again", "다시 찾기"),
    "welcome.looking": ("Looking for an engine …", "엔진을 찾는 중입니다 …"),
    "welcome.remedy": ("What to do", "이렇게 해 보세요"),
    "welcome.remedy.doctor": (
        "Open a terminal (File → New → Terminal) and run dockerlab doctor: it looks at everything "
        "and names what helps. Then press “Look again”.",
        "터미널(File → New → Terminal)을 열고 dockerlab doctor를 실행하세요. 모두 살펴보고 무엇이 "
        "도움이 되는지 알려 줍니다. 그런 다음 ‘다시 찾기’를 누르세요.",
    ),
    "welcome.first": ("Your first container", "첫 컨테이너"),
    "welcome.first.lead": (
        "One click: a container is made from the image hello-world, says its piece, and is gone. "
        "The same as typing",
        "한 번만 누르면 hello-world 이미지로 컨테이너가 만들어져 인사말을 하고 사라집니다. 다음 "
        "명령과 같습니다.",
    ),
    "welcome.first.run": ("Run my first container", "첫 컨테이너 실행하기"),
    "welcome.first.rerun": ("Run it once more", "한 번 더 실행하기"),
    "welcome.first.noengine": (
        "There is no engine yet: see “Where am I?”",
        "아직 엔진이 없습니다. ‘여기는 어디인가요?’를 보세요.",
    ),
    "welcome.first.asking": (
        "Asking the engine for a container …",
        "엔진에게 컨테이너를 부탁하는 중입니다 …",
    ),
    "welcome.first.pulling": (
        "The image is not here yet: fetching it … {done}",
        "이미지가 아직 없어서 받아 오는 중입니다 … {done}",
    ),
    "welcome.first.done": (
        "Done: it ran, ended with exit code {code} and was removed. It took {took}.",
        "끝났습니다. 컨테이너가 실행되고 스스로 끝난 뒤 지워졌습니다. 종료 코드 {code}, 걸린 시간 "
        "{took}.",
    ),
    "welcome.first.ill": ("It did not work: {error}", "되지 않았습니다: {error}"),
    "welcome.first.prepare": (
        "Is the image missing? In a terminal, dockerlab images prepare brings all the course's "
        "images, also without internet.",
        "이미지가 없나요? 터미널에서 dockerlab images prepare를 실행하면 인터넷이 없어도 강의의 "
        "이미지를 모두 마련합니다.",
    ),
    "welcome.first.said": ("What it said", "컨테이너가 한 말"),
    "welcome.first.happened": ("Step by step: who did what", "한 걸음씩: 누가 무엇을 했나"),
    "welcome.map": ("The six chapters", "여섯 장"),
    "welcome.map.lead": (
        "Read a chapter by running its cells one after the other (Shift + Enter), then try its "
        "exercises. Your progress is kept on this machine.",
        "장마다 셀을 하나씩 실행하며(Shift + Enter) 읽고, 연습 문제를 풀어 보세요. 어디까지 "
        "했는지는 이 컴퓨터에 남습니다.",
    ),
    "welcome.map.lessons": ("{n} lessons", "내용 {n}개"),
    "welcome.map.exercises": ("Exercises", "연습 문제"),
    "welcome.map.done": ("{done} of {all} exercises done", "연습 문제 {all}개 중 {done}개 완료"),
    "welcome.map.items": (
        "{done} of {all} lessons practised",
        "내용 {all}개 중 {done}개를 연습함",
    ),
    "welcome.map.new": ("not opened yet", "아직 열지 않음"),
    "welcome.map.opened": ("opened", "읽는 중"),
    "welcome.map.begun": ("practising", "연습 중"),
    "welcome.map.finished": ("finished", "마침"),
    "welcome.map.next": ("Next", "다음"),
    "welcome.next.begin": ("Begin with chapter {n}: {title}", "{n}장부터 시작하세요: {title}"),
    "welcome.next.read": ("Go on to chapter {n}: {title}", "{n}장으로 넘어가세요: {title}"),
    "welcome.next.practise": (
        "Try the exercises of chapter {n}: {title}",
        "{n}장 연습 문제를 풀어 보세요: {title}",
    ),
    "welcome.next.all": (
        "You have finished all six chapters. Well done!",
        "여섯 장을 모두 마쳤습니다. 수고하셨습니다!",
    ),
}
