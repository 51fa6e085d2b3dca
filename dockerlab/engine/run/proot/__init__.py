"""Isolation without any privilege: PRoot for files, Landlock as the wall behind it, and a
seccomp supervisor for the network and for signals.
"""
