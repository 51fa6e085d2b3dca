"""Every sentence of the checks, in English and in Korean; a module a subject.

A key names the subject first, then the thing: ``container.absent``. ``{}`` fields are filled by
name. In Korean no field is followed directly by a particle that would depend on its last sound.
"""

from __future__ import annotations

from dockerlab.grading.words.answers import ANSWERS
from dockerlab.grading.words.binds import BINDS
from dockerlab.grading.words.builds import BUILDS
from dockerlab.grading.words.classroom import CLASSROOM
from dockerlab.grading.words.commands import COMMANDS
from dockerlab.grading.words.compose import FILES, PROJECTS
from dockerlab.grading.words.containers import CONTAINERS
from dockerlab.grading.words.files import FOLDER
from dockerlab.grading.words.images import IMAGES
from dockerlab.grading.words.judging import JUDGING
from dockerlab.grading.words.learning import LEARNING
from dockerlab.grading.words.networks import NETWORKS
from dockerlab.grading.words.pipelines import PIPELINES
from dockerlab.grading.words.ports import PORTS
from dockerlab.grading.words.production import PRODUCTION
from dockerlab.grading.words.recipes import RECIPES
from dockerlab.grading.words.running import RUNNING
from dockerlab.grading.words.volumes import VOLUMES

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
