"""The command in this process, as a fixture."""

from tests.command import padma  # noqa: F401
