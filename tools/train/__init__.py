"""Training of the network for voice activity and syllable nuclei (``dsp/weights.f16``): see README.md."""
