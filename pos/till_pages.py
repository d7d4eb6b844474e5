"""Pages of the till to which a button may lead besides the operations of a cart, by the numbers retail staff know."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TillPage:
    """A page with a name, an icon and the name of its URL."""

    name: str
    icon: str
    url: str


TILL_PAGES = {
    920: TillPage("Time clock", "clock", "shifts:clock"),
    1055: TillPage("Close shift", "vault", "shifts:close"),
}
