"""What scale units may ask headquarters live: a registry. Each app answers its own in a module `answers.py`."""

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured

from channels_app.models import ChannelDatabase

Answer = Callable[[ChannelDatabase, dict], dict]
_answers: dict[str, Answer] = {}


def answers(question: str) -> Callable[[Answer], Answer]:
    """Register the function that answers a question.

    It gets the channel database that asks and what it said, gives a JSON-ready answer, and raises
    DomainError to refuse.
    """

    def register(answer: Answer) -> Answer:
        if question in _answers and _answers[question] is not answer:
            raise ImproperlyConfigured(f"The question {question} is answered twice.")
        _answers[question] = answer
        return answer

    return register


@lru_cache(maxsize=1)
def _all() -> dict[str, Answer]:
    for config in apps.get_app_configs():
        if importlib.util.find_spec(f"{config.name}.answers"):
            import_module(f"{config.name}.answers")
    return _answers


def answer_to(question: str) -> Answer | None:
    """The function that answers a question, None when nobody does."""
    return _all().get(question)
