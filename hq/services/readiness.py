"""Readiness: what a register still lacks before it can sell, each with the page that mends it.

Every app may have a `readiness.py`, discovered the way `admin.py` is, with checks that look at many registers in
a fixed number of queries:

    @readiness.check("prices", "Prices", position=60)
    def prices(registers: Sequence[Register]) -> Mapping[int, Gap]: ...    # by register, where something lacks

Nothing here is stored: the answer is computed when it is asked for, so it can never be out of date.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.module_loading import autodiscover_modules

from hq.models import Register


@dataclass(frozen=True)
class Gap:
    """What is missing, in one sentence with the remedy, and the page where it is mended.

    `is_blocking` is false where the register sells all the same (it only cannot print, say).
    """

    sentence: str
    url: str = ""
    action: str = "Fix"
    is_blocking: bool = True


@dataclass(frozen=True)
class Step:
    """One line of a register's checklist: fulfilled when it has no gap."""

    code: str
    title: str
    gap: Gap | None = None

    @property
    def is_done(self) -> bool:
        return self.gap is None


@dataclass(frozen=True)
class Checklist:
    """All steps of one register, in order."""

    steps: tuple[Step, ...]

    @property
    def open_steps(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if not step.is_done)

    @property
    def blocking(self) -> tuple[Step, ...]:
        return tuple(step for step in self.open_steps if step.gap and step.gap.is_blocking)

    @property
    def is_ready(self) -> bool:
        """Whether the register can sell."""
        return not self.blocking

    @property
    def done(self) -> int:
        return len(self.steps) - len(self.open_steps)


@dataclass
class CommonGap:
    """A step that several registers of a store lack: said once, mended in one place or at each of them."""

    title: str
    is_blocking: bool
    gaps: list[tuple[Register, Gap]]

    @property
    def sentences(self) -> list[str]:
        """What is missing, each sentence once."""
        return list(dict.fromkeys(gap.sentence for _, gap in self.gaps))

    @property
    def remedies(self) -> list[tuple[str, str]]:
        """The pages that mend it and the words on their links; by register where they differ."""
        pages = {gap.url: gap.action for _, gap in self.gaps if gap.url}
        if len(pages) <= 1 or len(self.gaps) == 1:
            return list(pages.items())
        return [(gap.url, f"{gap.action}: {register.name}") for register, gap in self.gaps if gap.url]


def gaps_in_common(rows: Sequence[tuple[Register, Checklist]]) -> list[CommonGap]:
    """What the registers of a store lack, by step and in order."""
    found: dict[str, CommonGap] = {}
    for register, own in rows:
        for step in own.open_steps:
            if step.gap is not None:
                common = found.setdefault(step.code, CommonGap(step.title, step.gap.is_blocking, []))
                common.gaps.append((register, step.gap))
    order = list(_checks_in_order())
    return [found[one.code] for one in order if one.code in found]


CheckFunction = Callable[[Sequence[Register]], Mapping[int, Gap]]


@dataclass(frozen=True)
class Check:
    """A registered check."""

    code: str
    title: str
    position: int
    find: CheckFunction


_checks: dict[str, Check] = {}


def check(code: str, title: str, *, position: int) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check; `title` is the line of the checklist, `position` its place in it."""

    def register(find: CheckFunction) -> CheckFunction:
        _checks[code] = Check(code, title, position, find)
        return find

    return register


def discover() -> None:
    """Load every app's `readiness.py`."""
    autodiscover_modules("readiness")


def _checks_in_order() -> list[Check]:
    return sorted(_checks.values(), key=lambda check: check.position)


def checklists(registers: Iterable[Register]) -> dict[int, Checklist]:
    """The checklist of each register, in as many queries as there are checks to make, however many registers.

    The registers should come with their store loaded (`select_related("store")`).
    """
    asked = list(registers)
    if not asked:
        return {}
    ordered = _checks_in_order()
    gaps = {check.code: check.find(asked) for check in ordered}
    return {
        register.pk: Checklist(
            tuple(Step(check.code, check.title, gaps[check.code].get(register.pk)) for check in ordered)
        )
        for register in asked
    }


def checklist(register: Register) -> Checklist:
    """The checklist of one register."""
    return checklists([register])[register.pk]
