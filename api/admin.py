"""The back office's page that opens the first store, and the step that leads to it."""

from api.first_store.page import first_store
from hq.first_steps import FirstStep, add_first_step
from hq.models import Register, Worker
from hq.pages import add_page

add_page("first-store/", first_store, "first-store")
add_first_step(
    FirstStep(
        10,
        "Open the store",
        "Its name, taxes and tills, and who runs them: one page, with what is usual in your country.",
        "admin:first-store",
        lambda: Register.objects.exists() and Worker.objects.exists(),
    )
)
