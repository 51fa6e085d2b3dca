"""A Compose project in pictures: its graph, who reaches whom, what its services write.

``scene`` says what of a project is drawn, ``graph`` and ``rails`` draw it; ``reach`` is the
matrix, ``logs`` the lines, ``words`` what all of them say in both languages.
"""
