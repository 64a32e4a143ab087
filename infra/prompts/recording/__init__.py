"""`python -m infra.prompts record`: a page on which a volunteer reads a language's sentences aloud, one at a time."""
