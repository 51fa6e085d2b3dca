"""Every sentence of the checks, in English and in Korean; a module a subject.

A key names the subject first, then the thing: ``container.absent``. ``{}`` fields are filled by
name. In Korean no field is followed directly by a particle that would depend on its last sound.
"""

from __future__ import annotations

from dockerlab.grading.words.classroom import CLASSROOM
from dockerlab.grading.words.compose import FILES, PROJECTS
from dockerlab.grading.words.containers.commands import COMMANDS
from dockerlab.grading.words.containers.running import RUNNING
from dockerlab.grading.words.containers.states import CONTAINERS
from dockerlab.grading.words.disks.binds import BINDS
from dockerlab.grading.words.disks.files import FOLDER
from dockerlab.grading.words.disks.volumes import VOLUMES
from dockerlab.grading.words.images.builds import BUILDS
from dockerlab.grading.words.images.production import PRODUCTION
from dockerlab.grading.words.images.properties import IMAGES
from dockerlab.grading.words.images.recipes import RECIPES
from dockerlab.grading.words.learning.answers import ANSWERS
from dockerlab.grading.words.learning.calling import LEARNING
from dockerlab.grading.words.learning.judging import JUDGING
from dockerlab.grading.words.networks import NETWORKS
from dockerlab.grading.words.pipelines import PIPELINES
from dockerlab.grading.words.ports import PORTS

Pair = tuple[str, str]

CATALOGUE: dict[str, Pair] = {
    **ANSWERS,
    **BINDS,
    **BUILDS,
    **CLASSROOM,
    **COMMANDS,
    **CONTAINERS,
    **IMAGES,
    **FILES,
    **FOLDER,
    **PROJECTS,
    **NETWORKS,
    **PIPELINES,
    **PRODUCTION,
    **PORTS,
    **RECIPES,
    **RUNNING,
    **VOLUMES,
    **JUDGING,
    **LEARNING,
}
