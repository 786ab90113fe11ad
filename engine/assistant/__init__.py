"""The optional assistant: advice on a take from a language model behind an OpenAI-compatible endpoint."""
