"""From the trees of several files to one tree in long form.

Each file goes through the same line: ``casting`` puts variables in, ``extending`` and
``including`` bring what other files say, ``merging`` lays it over what the files before said,
``forms`` writes short forms out; ``defaults`` fills in what nobody said, at the end.
"""
