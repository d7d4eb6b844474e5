"""The time clock, for programs."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from api.v1 import messages
from api.v1.access import Endpoint
from api.v1.reading import read
from api.v1.schema import described
from pos.services.sign_on import recognise
from shifts.services import TimeSheet, clock, time_sheet


class TimeClock(Endpoint):
    @described("How the worker stands at the time clock", answers=messages.TimeSheet)
    def get(self, request: Request) -> HttpResponse:
        """In, on a break or out, and the entries of the work day that counts."""
        return self.answer(_said(time_sheet(self.till(request).require_worker())))

    @described(
        "Clock in or out, begin or end a break",
        body=messages.Clock,
        answers=messages.TimeSheet,
        without_worker=True,
    )
    def post(self, request: Request) -> HttpResponse:
        """The signed-on worker, or whoever gives a staff ID and a PIN."""
        body = read(request, messages.Clock)
        till = self.till(request)
        worker = (
            recognise(till.register, staff_id=body.staff_id, pin=body.pin)
            if body.staff_id
            else till.require_worker()
        )
        return self.answer(_said(clock(till=till, worker=worker, kind=body.kind, request_id=body.request_id)))


def _said(sheet: TimeSheet) -> messages.TimeSheet:
    worked = sheet.worked
    return messages.TimeSheet(
        worker=sheet.worker.staff_id,
        standing=sheet.standing,
        can=[str(kind) for kind in sheet.can],
        is_forgotten=sheet.is_forgotten,
        worked_minutes=None if worked is None else int(worked.total_seconds() // 60),
        entries=[
            messages.TimeEntry(entry.kind, entry.happened_at)
            for entry in (sheet.day.entries if sheet.day else [])
        ],
    )
