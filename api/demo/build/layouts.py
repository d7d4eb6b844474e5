"""What stands on the screens: favourites and the most sold articles of each department."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from api.demo import company
from api.demo.build.goods import FOOD, Good
from hq.button_proposals import MOST_ON_A_TAB
from hq.models import Button, ButtonGrid, ScreenLayout
from pos.button_proposals import FAVOURITES

PRODUCT_SALE, TIME_CLOCK = 100, 920
# Favourites: what the food hall sells all day, beside the gift shop's most sold articles.
ALL_DAY = [
    "4011",
    "5000128104494",
    "5010092093045",
    "5017397003243",
    "5000112557664",
    "5013111001618",
    "4664",
    "4060",
]
AT_THE_TILL = ["H1002", "H1003"]


def make_layouts() -> dict[str, ScreenLayout]:
    """Write the two layouts, still without keys: the stores need them before there are products."""
    layouts = {name: ScreenLayout(name=name) for name in (company.EVERYTHING, company.GIFTS_ONLY)}
    ScreenLayout.objects.bulk_create(layouts.values())
    return layouts


def make_buttons(layouts: Mapping[str, ScreenLayout], goods: Iterable[Good]) -> None:
    """Write each layout's tabs and keys."""
    by_number = {good.number: good for good in goods}
    most_sold = sorted(by_number.values(), key=lambda good: (-good.sold, good.number))
    gifts = [good for good in most_sold if not good.is_service and good.department != FOOD]
    first = [by_number[number] for number in ALL_DAY]
    last = [by_number[number] for number in AT_THE_TILL]
    tabs = {
        company.EVERYTHING: [
            (FAVOURITES, [*first, *gifts[: MOST_ON_A_TAB - len(first) - len(last)], *last]),
            *_tabs([*company.FOOD_TABS, *company.GIFT_TABS], most_sold),
        ],
        company.GIFTS_ONLY: [
            (FAVOURITES, [*gifts[: MOST_ON_A_TAB - len(last)], *last]),
            *_tabs(company.GIFT_TABS, most_sold),
        ],
    }
    for name, layout in layouts.items():
        grids = [
            ButtonGrid(layout=layout, name=title, position=place)
            for place, (title, _) in enumerate(tabs[name], start=1)
        ]
        ButtonGrid.objects.bulk_create(grids)
        Button.objects.bulk_create(
            Button(
                grid=grid,
                position=place,
                operation=PRODUCT_SALE,
                product=good.product,
                hue=company.HUES.get(good.department),
            )
            for grid, (_, keys) in zip(grids, tabs[name], strict=True)
            for place, good in enumerate(keys, start=1)
        )
        Button.objects.create(grid=grids[0], position=len(tabs[name][0][1]) + 1, operation=TIME_CLOCK)


def _tabs(
    plan: Iterable[tuple[str, Sequence[str]]], most_sold: Sequence[Good]
) -> list[tuple[str, list[Good]]]:
    def on(shelves: Sequence[str]) -> list[Good]:
        return [good for good in most_sold if good.department in shelves or good.category in shelves]

    return [(title, on(shelves)[:MOST_ON_A_TAB]) for title, shelves in plan]
