"""The WebRTC connection: offers, answers, the peer, and what it plays."""
