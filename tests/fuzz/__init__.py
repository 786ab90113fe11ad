"""Inputs that nobody sends by mistake, from a seed: the tests here try some, `benchmarks.fuzz` many."""
