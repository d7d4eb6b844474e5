"""The API's description: msgspec's own schemas of the messages, put into the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from api.v1.messages import Refusal
from api.v1.reading import decoder_of

REF = "#/components/schemas/{name}"
_described: list[Any] = [Refusal]


def described(
    summary: str,
    *,
    answers: Any,
    body: Any = None,
    query: Mapping[str, str] | None = None,
    open_to_all: bool = False,
    without_worker: bool = False,
) -> Callable:
    """Describe an endpoint: its message, its answer (None for no content), and who may call it."""
    if body is not None:
        decoder_of(body)
    _described.extend(kind for kind in (body, answers) if kind is not None and kind is not dict)
    tokens = [] if open_to_all else [_header("Authorization", "Device <token>, from activation")]
    if not open_to_all and not without_worker:
        tokens.append(_header("Tillhouse-Worker", "Token of the sign-on"))
    refusal = OpenApiResponse(response=_schema_of(Refusal), description="Refused: why, and what to do.")
    good = (
        OpenApiResponse(response=_schema_of(answers), description="Done.")
        if answers
        else (OpenApiResponse(description="Done."))
    )
    refusals = {str(status): refusal for status in (400, 401, 403, 409, 422, 429, 503)}
    return extend_schema(
        summary=summary,
        request={"application/json": _schema_of(body)} if body else None,
        responses={"2XX": good, **refusals},
        parameters=[
            *tokens,
            *(OpenApiParameter(name, str, description=text) for name, text in (query or {}).items()),
        ],
    )


def add_messages(result: dict, generator: Any, request: Any, public: bool) -> dict:
    """Spectacular's hook: put the schemas of all messages among the document's components."""
    _, components = msgspec.json.schema_components(_described, ref_template=REF)
    result.setdefault("components", {}).setdefault("schemas", {}).update(components)
    return result


def _schema_of(kind: Any) -> dict:
    if kind is dict:
        return {"type": "object"}
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return schema


def _header(name: str, text: str) -> OpenApiParameter:
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=True, description=text)
