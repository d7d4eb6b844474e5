"""The sidebar follows how people think, and shows nobody what they may not open."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from hq import navigation
from hq.models import ButtonGrid, HardwareProfile, Store
from hq.navigation import Entry, Section
from tests.factories.company import a_layout, a_user


def _sections(user: Any) -> list[str]:
    request = RequestFactory().get("/hq/store/5/change/")
    request.user = user
    return [group["title"] for group in navigation.sidebar(request)]


def test_sections_come_in_their_order() -> None:
    shown = _sections(a_user())
    assert [section.value for section in Section if section.value in shown] == shown
    assert {"Company", "Catalogue", "Prices and taxes", "Customers", "Sales", "Administration"} <= set(shown)


def test_a_merchandiser_sees_no_administration() -> None:
    assert "Administration" not in _sections(a_user(groups=["Merchandiser"]))
    assert _sections(a_user(groups=[])) == [""]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/hq/store/5/change/", "Stores"),
        ("/distribution/", "Overview"),
        ("/distribution/missing/", "Missing numbers"),
        ("/distribution/preview/", "Overview"),
    ],
)
def test_the_page_one_is_on_is_marked(path: str, title: str) -> None:
    request = RequestFactory().get(path)
    request.user = a_user()
    active = [
        item["title"] for group in navigation.sidebar(request) for item in group["items"] if item["active"]
    ]
    assert active == [title]


def test_tabs_and_parts_stand_under_their_entry() -> None:
    assert navigation.section_of(HardwareProfile) is Section.COMPANY
    assert navigation.section_of(ButtonGrid) is Section.COMPANY
    assert navigation.title_of(Store) == "Stores"


def test_the_same_page_twice_counts_once() -> None:
    before = len(navigation.entries(Section.COMPANY))
    navigation.add(Section.COMPANY, Entry.of(Store, icon="storefront", position=10, searched=True))
    assert len(navigation.entries(Section.COMPANY)) == before


def test_the_search_of_everything_finds_a_store(back_office: Client) -> None:
    a_layout("Seaside")
    page = back_office.get("/search/", {"s": "seaside", "extended": "1"}).text
    assert "Seaside" in page


def test_a_wrong_password_is_answered_in_one_sentence() -> None:
    page = Client().post("/login/", {"username": "nobody", "password": "wrong"}).text
    assert "User name or password is wrong." in page


def test_tiles_are_drawn_from_what_is_typed_and_not_saved(back_office: Client) -> None:
    grid = a_layout().grids.get()
    typed = {
        "buttons-TOTAL_FORMS": "3",
        "buttons-0-operation": "103",
        "buttons-0-label": "Second",
        "buttons-0-position": "2",
        "buttons-1-operation": "103",
        "buttons-1-label": "First",
        "buttons-1-position": "1",
        "buttons-1-hue": "145",
        "buttons-2-operation": "103",
        "buttons-2-label": "Deleted",
        "buttons-2-DELETE": "on",
    }
    tiles = back_office.post(f"/hq/buttongrid/{grid.pk}/preview/", typed).text
    assert (
        tiles.index("First") < tiles.index("Second") and "--tile-hue:145" in tiles and "Deleted" not in tiles
    )
    assert [button.label for button in grid.buttons.all()] == ["Return"]
    assert (
        back_office.post(f"/hq/buttongrid/{grid.pk}/preview/", {"buttons-TOTAL_FORMS": "x"}).status_code
        == 200
    )
    assert back_office.get(f"/hq/buttongrid/{grid.pk}/preview/").status_code == 403
