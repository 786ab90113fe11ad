"""Training of the parts of an answer (``engine/language/parts.f16``): see README.md."""
