"""The lab's pages and the one door through which stations ask for emulated devices."""

import json
import re

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hardware.lab import hands, pages
from hardware.lab.devices import LAB, SHELF_WORDS, CannotEmulate, LabPagePrinter, Wish

NAME = re.compile(r"[\w@./ -]{1,120}")


@csrf_exempt  # asked by the station program, which has no cookie; JSON only, so no form of another site can
@require_http_methods(["GET", "POST"])
def devices(request: HttpRequest) -> JsonResponse:
    """GET: what a station that looks around finds here. POST: make a device, or find it; answers the address."""
    if request.method == "GET":
        station = request.GET.get("station", "")
        if not (station.isascii() and station.isdigit() and len(station) < 10):
            return JsonResponse({"message": "Which station? Say its number."}, status=400)
        found = [
            {
                "address": f"lab:{device.wish.name}",
                "kind": device.wish.kind,
                "words": SHELF_WORDS[device.wish.kind],
            }
            for device in LAB.do(LAB.shelf, station)
        ]
        return JsonResponse({"devices": found})
    return _device(request)


def _device(request: HttpRequest) -> JsonResponse:
    if request.content_type != "application/json" or "Origin" in request.headers:
        return JsonResponse({"message": "Stations ask in JSON."}, status=400)
    try:
        asked = json.loads(request.body)
        settings = asked.get("settings") or {}
        wish = Wish(
            name=str(asked["name"]),
            kind=str(asked["kind"]),
            driver=str(asked.get("driver", "")),
            title=str(asked.get("title", ""))[:80],
            place=str(asked.get("place", ""))[:120],
            register=str(asked.get("register", ""))[:20],
            settings=dict(settings),
        )
        if not NAME.fullmatch(wish.name):
            raise ValueError("name")
        return JsonResponse({"address": LAB.do(LAB.ensure, wish)})
    except CannotEmulate as error:
        return JsonResponse({"message": str(error)}, status=422)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return JsonResponse({"message": f"This is no device: {error}."}, status=400)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first till, or how to get one."""
    found = LAB.do(pages.places)
    if found:
        return redirect("lab:bench", slug=found[0].slug)
    return render(request, "hardware/lab/empty.html", {"places": []})


@require_safe
def bench(request: HttpRequest, slug: str) -> HttpResponse:
    """One till's devices."""
    found = LAB.do(pages.places)
    place = next((place for place in found if place.slug == slug), None)
    if place is None:
        if not found:
            return redirect("lab:home")
        raise Http404("There is no such till in this lab.")
    return render(
        request, "hardware/lab/page.html", LAB.do(_context, place, found, request.GET.get("printer", ""))
    )


def _context(place: pages.Place, found: list[pages.Place], shown: str) -> dict:
    printer = place.printer(shown)
    stores: dict[str, list[pages.Place]] = {}
    for other in found:
        stores.setdefault(other.store, []).append(other)
    return {
        "touch_url": reverse("lab:touch", args=[place.slug]),
        "place": place,
        "place_slug": place.slug,
        "stores": stores.items(),
        "printer": printer,
        "receipts": [pages.ink(receipt, printer.printer.dots) for receipt in printer.receipts]
        if printer
        else [],
        "drawers": pages.drawers(printer) if printer else [],
        "seen": pages.seen(printer) if printer else "",
    }


@require_POST
def touch(request: HttpRequest, slug: str) -> HttpResponse:
    """Do something to a device with one's hands."""
    name, action = request.POST.get("device", ""), request.POST.get("action", "")
    value = request.POST.get("value", "").strip()
    try:
        LAB.do(hands.touch, LAB, name, action, value)
    except hands.CannotDo as error:
        return _answer(request, slug, str(error))
    except KeyError:
        return _answer(request, slug, "This lab has no such device or key.")
    return _answer(request, slug, "")


@require_safe
def pages_printed(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """What a page printer of this till was given, as it came: a PDF."""
    place = next((place for place in LAB.do(pages.places) if place.slug == slug), None)
    printer = request.GET.get("printer", "")
    found = [
        job["data"]
        for device in (place.devices if place else ())
        if isinstance(device, LabPagePrinter) and device.slug == printer
        for job in device.printer.jobs
        if job["number"] == number
    ]
    if not found:
        raise Http404("That page is not kept any more.")
    return HttpResponse(found[0], content_type="application/pdf", headers={"Content-Disposition": "inline"})


def _answer(request: HttpRequest, slug: str, problem: str) -> HttpResponse:
    if request.headers.get("X-Requested-With") == "lab":
        return JsonResponse({"problem": problem}, status=422 if problem else 200)
    return redirect("lab:bench", slug=slug)
