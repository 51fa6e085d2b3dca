"""What comes of a class: tables for the gradebooks, a page a student, a summary for the teacher.

Everything is written from the results alone, in their order: the same results, the same files.
"""
