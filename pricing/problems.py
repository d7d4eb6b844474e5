"""Shows what the engine finds wrong with a rule in the form where it was entered."""

from collections.abc import Iterable, Mapping

from django.forms import BaseForm

from pricing.engine.checks import Problem


def show_problems(
    form: BaseForm, problems: Iterable[Problem], fields: Mapping[str, str] | None = None
) -> None:
    """Add each problem to its field, or to the form as a whole where it has no such field.

    `fields` names the form's field for a field of the engine where they differ.
    """
    for problem in problems:
        name = (fields or {}).get(problem.field, problem.field)
        form.add_error(name if name in form.fields else None, str(problem))
