from dockerlab.grading.claims.disks import file
from dockerlab.grading.exercise import Check

checks = [Check("no-shouting", file("note.txt").lacks("HELLO"), needs=["hello"])]
