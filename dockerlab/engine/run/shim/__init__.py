"""The process beside each container: owns its first process, its output, its exit code.

It outlives the engine. Imports little, as every container pays for it in memory.
"""
