"""Every worked example of the case folder, and of any other folder in the same schema (--pricing-cases DIR)."""

from __future__ import annotations

import importlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.pricing.comparison import differences

OWN_CASES = Path(__file__).parent / "cases"


def load_cases(folder: Path) -> list[dict[str, Any]]:
    """All cases of the folder's files, in the files' order."""
    return [case for file in sorted(folder.glob("*.json")) for case in json.loads(file.read_text("utf-8"))]


def answer_case(case: dict[str, Any]) -> dict[str, Any]:
    """What the engine answers to the case, by the module of its operation in ``case_operations``."""
    module = importlib.import_module(f"tests.pricing.case_operations.{case['operation']}")
    return module.run(case)


def check_case(case: dict[str, Any]) -> list[str]:
    """The points where the engine's answer is not the expected one."""
    return differences(case["expected"], answer_case(case), Decimal(case.get("tolerance") or "0"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" not in metafunc.fixturenames:
        return
    other = metafunc.config.getoption("--pricing-cases", default=None)
    cases = load_cases(Path(other) if other else OWN_CASES)
    metafunc.parametrize("case", cases, ids=[case["id"] for case in cases])


def test_case(case: dict[str, Any]) -> None:
    found = check_case(case)
    assert not found, f"{case['title']}\n" + "\n".join(found)


def test_a_wrong_figure_is_seen() -> None:
    expected = {
        "totals": {"net": "10.00"},
        "lines": [{"line": 1, "net": "3.00"}],
        "parts_multiset": ["1.00", "2"],
    }
    answer = {
        "totals": {"net": Decimal("10.01")},
        "lines": [{"line": 1, "net": Decimal("3")}],
        "parts_multiset": [Decimal(2), Decimal(1)],
    }
    assert differences(expected, answer) == ["totals.net: expected 10.00, got 10.01"]
    assert differences(expected, answer, Decimal("0.01")) == []


def test_what_is_missing_is_seen() -> None:
    expected = {"lines": [{"line": 2, "net": "1"}], "charges": [{"id": "S", "net": "1"}]}
    assert differences(expected, {"lines": [{"line": 1, "net": Decimal(1)}]}) == [
        "lines: no line 2",
        "charges: expected [{'id': 'S', 'net': '1'}], got nothing",
    ]
