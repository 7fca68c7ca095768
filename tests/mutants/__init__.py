"""Breaks the code on purpose, at random, and counts how often the fast tests notice.

Why not a kept tool: mutmut 3.8 has neither a random sample nor a seed and changes function bodies alone, cosmic-ray 8.7 has
no sample either and changes the working tree itself unless a server for each job has a clone.
"""
