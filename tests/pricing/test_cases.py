"""Every worked example of the case folder, and of any other folder in the same schema (--pricing-cases DIR)."""

from __future__ import annotations

import importlib
import json
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.pricing.case_schema import unknown_keys
from tests.pricing.comparison import differences

OWN_CASES = Path(__file__).parent / "cases"
WORKED_CASES = Path(__file__).parent / "worked_cases"  # reckoned by hand from the rules, or printed elsewhere
NEEDED = ("id", "operation", "expected")


def load_cases(folder: Path) -> list[Any]:
    """All cases of the folder's files, in the files' order; a file or a case that cannot be read is its own failure."""
    if not folder.is_dir():
        raise pytest.UsageError(f"--pricing-cases: there is no folder {folder}.")
    files = sorted(folder.glob("*.json"))
    if not files:
        raise pytest.UsageError(f"--pricing-cases: {folder} holds no .json file.")
    return [param for file in files for param in _cases_of(file)]


def _cases_of(file: Path) -> list[Any]:
    def unread(why: str) -> Any:
        return pytest.param({"unread": f"{file}: {why}"}, id=file.name)

    try:
        cases = json.loads(file.read_text("utf-8-sig"))
    except (ValueError, OSError) as error:
        return [unread(f"is no JSON: {error}")]
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        return [unread("is no list of cases, as SCHEMA.md has it")]
    return [
        pytest.param(case | {"file": str(file)}, id=str(case.get("id", f"{file.name}[{place}]")))
        for place, case in enumerate(cases)
    ]


def fault_of(case: dict[str, Any]) -> str | None:
    """Why a case cannot be run at all, naming its file; None when it can."""
    if "unread" in case:
        return str(case["unread"])
    here = f"{case['file']}, case {case.get('id', '?')}"
    missing = [key for key in NEEDED if key not in case]
    if missing:
        return f"{here}: has no {', no '.join(repr(key) for key in missing)}"
    if find_spec(f"tests.pricing.case_operations.{case['operation']}") is None:
        return f"{here}: there is no operation {case['operation']!r}"
    return None


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
    folders = [Path(other)] if other else [OWN_CASES, WORKED_CASES]
    metafunc.parametrize("case", [case for folder in folders for case in load_cases(folder)])


def test_case(case: dict[str, Any]) -> None:
    fault = fault_of(case)
    assert not fault, fault
    found = check_case(case)
    unknown = [f"{place} is no key of SCHEMA.md, and was not looked at" for place in unknown_keys(case)]
    assert not found and not unknown, "\n".join([f"{case['file']}: {case['title']}", *found, *unknown])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('[{"id": "A",}]', "is no JSON"),
        ('{"id": "A"}', "is no list of cases"),
        ('[{"id": "A", "operation": "round_amount"}]', "case A: has no 'expected'"),
        ('[{"operation": "make_tea", "expected": {}}]', "case ?: has no 'id'"),
        ('[{"id": "A", "operation": "make_tea", "expected": {}}]', "there is no operation 'make_tea'"),
    ],
)
def test_what_cannot_be_run_names_its_file_and_stops_nothing_else(
    tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "bad.json").write_text(content)
    (tmp_path / "good.json").write_bytes((OWN_CASES / "12-returns.json").read_bytes())
    (bad,), *good = (param.values for param in load_cases(tmp_path))
    fault = fault_of(bad)
    assert fault is not None and str(tmp_path / "bad.json") in fault and says in fault
    assert good and not any(fault_of(case) for (case,) in good)


def test_a_key_that_nobody_reads_is_seen() -> None:
    case = {"id": "A", "titel": "x", "settings": {"mode": 1}, "discounts": [{"id": "D", "vaule": "3"}]}
    assert list(unknown_keys(case)) == ["titel", "settings.mode", "discounts[0].vaule"]


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    for folder, says in ((tmp_path, "holds no .json file"), (tmp_path / "gone", "there is no folder")):
        with pytest.raises(pytest.UsageError, match=says):
            load_cases(folder)


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
