"""Benches: ``uv run python -m tests.bench.<name>``. Each prints a table and ends with one line of JSON.

Every figure is a ratio from one interleaved run on one server: only ratios carry over to another machine.
"""
