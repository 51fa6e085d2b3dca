"""What exercises can claim, a package a noun; each gives its vocabulary.

    from dockerlab.grading.claims.containers import container, logs
    from dockerlab.grading.claims.images import build, image

``looking`` is what they look by; ``answers`` is for what leaves no state in an engine.
"""
