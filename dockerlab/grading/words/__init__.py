"""Every sentence of the checks, in English and in Korean; a module a subject.

A key names the subject first, then the thing: ``container.absent``. ``{}`` fields are filled by
name. In Korean no field is followed directly by a particle that would depend on its last sound.
"""

from __future__ import annotations

from dockerlab.grading.words.answers import ANSWERS
from dockerlab.grading.words.judging import JUDGING

Pair = tuple[str, str]

CATALOGUE: dict[str, Pair] = {**ANSWERS, **JUDGING}
