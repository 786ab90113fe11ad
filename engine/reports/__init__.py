"""Printable reports of a take and of the programme: HTML from templates, and PDF made of the same HTML.

Theory of operation: a request (:mod:`.requests`) holds all that a report shows. :mod:`.html` fills a
template with it, :mod:`.pdf` lays that out on pages. Both may take seconds of the interpreter for a long
take, so whoever wants a report asks :mod:`.process`, which does it in a child process with a bound on time
and memory.
"""
