"""Fixtures that every test may ask for by name."""

from tests.engine_fixture import engine, engine_endpoint
from tests.stage import stage

__all__ = ["engine", "engine_endpoint", "stage"]
