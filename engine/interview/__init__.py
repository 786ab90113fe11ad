"""An interviewer with a voice: what it asks, when an answer is over, what it follows up on."""
