"""What the course would say about a Dockerfile: ``dockerlab.explain``.

``rules`` look at the records of a Dockerfile, each for one thing; ``sayings`` holds what is said
about it, in English and in Korean; ``report`` reads the file and puts both together.
"""
