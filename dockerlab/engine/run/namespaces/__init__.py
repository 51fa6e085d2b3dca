"""Isolation by Linux namespaces and cgroups, with direct system calls."""
