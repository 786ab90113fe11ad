"""Understanding: text, times and confidences in, findings with quotes out; no model runtime, no file."""
