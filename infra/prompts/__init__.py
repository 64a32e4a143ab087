"""The translators' tool: `python -m infra.prompts --help`."""
