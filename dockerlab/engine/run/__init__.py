"""Running a container's processes, in one of two ways, on the machine as it is.

::

    process      what it takes, as data, and the Protocols (the words are defined there)
    choose       which way works here, found out by trying; tools, home: what that needs
    runtimes     the engine's side: asks the spawner for a shim; prootruntime likewise
    shimclient   a running container as the engine holds it; spawnerclient likewise
    joining      getting into namespaces that are there
    shim/        the small process beside each container, and the spawner that forks it
    namespaces/  shutting in by Linux namespaces and cgroups
    proot/       shutting in without any privilege: PRoot, Landlock and a seccomp supervisor
    program/     the last steps before execve, whichever way: user, capabilities, filters
    kernel       every dangerous system call, behind one name each
"""
