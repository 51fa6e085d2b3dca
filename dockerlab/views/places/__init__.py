"""Pictures of where things come from: answers through ports, files through mounts.

Nothing is imported here: ``views.words`` takes its words from this folder.
"""
