"""What the course brings along: its images.

::

    catalog    which images the course uses, and what for
    prepare    the flow: keep what is there, pull, or build a stand-in and load it
    transfer   the pulling and the loading themselves
    standins/  honest images from the system's own packages, where no registry answers
    offline/   the same where there is no internet: in one file, or from the teacher's machine
    cache      one folder for everything downloaded and built
    progress   what is said while that takes time
"""
