import pytest


@pytest.fixture(autouse=True)
def _offline(network: list[str], nobody: None) -> None:
    """Nothing gets out, and the user is nobody in particular."""
