"""RTP packets to samples in stream time."""
