"""The process that keeps time: MIDI ports, the performer and its schedule, and nothing else.

Nothing here imports numpy, a model runtime, sockets or a screen: Python code that is busy beside the
clock in one process makes it late by milliseconds, whatever its priority.
"""
