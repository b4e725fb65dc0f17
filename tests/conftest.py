"""What holds for every test: it names where its truth comes from."""

import pytest

EVIDENCE = ("model", "docs", "recorded", "inferred")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    bare = [
        item.nodeid
        for item in items
        if not any(item.get_closest_marker(name) for name in EVIDENCE)
    ]
    if bare:
        raise pytest.UsageError(
            "every test says where its truth comes from, with one of the markers "
            f"{', '.join(EVIDENCE)}; these do not:\n  " + "\n  ".join(bare)
        )
