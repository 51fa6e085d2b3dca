"""A container on Docker Engine for each submission, where the machine allows no namespaces.

::

    sandboxes   opens boxes
    box         one open box, as the grader holds it
    container   what a box's container is made of, and what Docker limits it to
    image       the root directory of boxes: hardly more than folders
    meeting     where the container and the grader find each other
    copying     the work folder, as it comes out of the container
    inside/     what lives in the container

The container has no network, no capability that matters and Docker's usual seccomp profile; its
root directory is read-only. In it are, read-only as well, the machine's own ``/usr`` and Python:
so nothing is pulled or built, and what a submission runs is what the class has. That takes an
engine on the grader's own machine.

Inside, users stand in for the namespaces that there are none of::

    first process            root of the container
    ├── guard                a user of its own, which may signal the student's processes only
    ├── engine, containers   a user of its own; PRoot keeps containers in
    └── student              a user without any privilege; all it reaches is the engine's socket

PRoot is a weaker wall than a namespace: what would get out of it is still shut into the box's
container, but is the same user as the box's engine and could have it say anything of this one
submission.

Compared with ``sandbox``, whose protocol and cells are used: a box opens in seconds rather than
a tenth of one, a container's files are a copy of its image (which counts as space), and the
containers of a box have limits together only.
"""

from dockerlab.grading.classroom.dockerbox.sandboxes import DockerSandboxes as DockerSandboxes
