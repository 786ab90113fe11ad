"""The terminal client: a microphone in, nudges on the screen."""
