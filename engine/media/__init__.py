"""Audio in and out: recordings, and the two ends of a WebRTC connection."""
