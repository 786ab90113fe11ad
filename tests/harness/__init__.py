"""What tests and benchmarks share: sounds, sessions, servers, far ends, pages, and attackers.

Tests take from here and from their own folder; benchmarks take nothing else of the tests.
"""
