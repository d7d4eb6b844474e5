"""The HTTP doors of stations: their program, and pairing."""

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from channels_app.errors import DomainError
from channels_app.prepared import prepared
from hardware.agent_package import agent_package
from hardware.services.pairing import TooManyCodes, pair_station

MAX_BODY = 4096


@prepared
class PairingRequest(msgspec.Struct, frozen=True):
    """What a station sends: the code, and the SHA-256 digest of the key that it has made for itself."""

    code: str
    key_digest: str
    host: str = ""


@csrf_exempt  # a program, which brings no cookie that could be abused
@require_POST
def pair(request: HttpRequest) -> JsonResponse:
    """Pair a station with a code; answers its number and name."""
    body = request.read(MAX_BODY + 1)
    try:
        asked = msgspec.json.decode(body, type=PairingRequest)
        if len(body) > MAX_BODY or len(bytes.fromhex(asked.key_digest)) != 32:
            raise ValueError("key_digest: not a SHA-256 digest in hexadecimal.")
    except (msgspec.MsgspecError, ValueError) as error:
        return JsonResponse({"code": "invalid", "message": str(error)}, status=400)
    try:
        station = pair_station(
            code=asked.code,
            key_digest=asked.key_digest.lower(),
            host=asked.host,
            address=request.META.get("REMOTE_ADDR") or "0.0.0.0",  # noqa: S104 - an address to count, not to bind
        )
    except DomainError as error:
        status = 429 if isinstance(error, TooManyCodes) else 403
        return JsonResponse({"code": error.code, "message": str(error)}, status=status)
    return JsonResponse({"station": station.pk, "number": station.number, "name": station.name})


@require_safe
def agent(request: HttpRequest) -> HttpResponse:
    """The station program; there is nothing secret in it."""
    return HttpResponse(agent_package(), content_type="application/zip")
