"""Measuring instruments of questions: few changes can break them, and each file of questions is measured."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if "tests/tools/items/" in str(item.path):
            item.add_marker(pytest.mark.thorough)
