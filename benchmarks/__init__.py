"""What the design promises of speed and cost, measured side by side in one run: `python -m benchmarks --help`.

A figure is a ratio of two things done in turn on the same machine, or a count; a time by itself says more of the
machine than of the code. Nothing here runs in the tests: a busy machine must not fail them.
"""
