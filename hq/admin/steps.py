"""Steps behind a page's buttons: a link asks, only the form's button acts."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.admin.sites import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

Step = Callable[..., HttpResponse]


def asks_first(question: str, button: str) -> Callable[[Step], Step]:
    """Show a question with one button; do the step when that is pressed."""

    def decorate(step: Step) -> Step:
        @functools.wraps(step)
        def asked(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
            if request.method == "POST":
                return step(self, request, object_id)
            context = {
                "opts": self.opts, "original": self.get_object(request, object_id), "title": button, "step": button,
                "question": question, "button": button,
            }  # fmt: skip
            return render(request, "hq/ask.html", {**site.each_context(request), **context})

        return asked

    return decorate
