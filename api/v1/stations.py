"""The stations of the store and their printers, for programs."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from api.v1 import messages
from api.v1.access import Endpoint
from api.v1.reading import read
from api.v1.schema import described
from hq.station_port import station
from pos.services.choose_station import choose_station
from pos.services.session import Till


class Printers(Endpoint):
    @described("The printers that are ready", answers=list[messages.Printer])
    def get(self, request: Request) -> HttpResponse:
        """The register's own first."""
        till = self.till(request)
        till.require_worker()
        return self.answer(
            [
                messages.Printer(found.device, found.name, found.words, found.is_first)
                for found in station().printers(till.register.id)
            ]
        )


class Stations(Endpoint):
    @described("The stations of the store", answers=list[messages.StationAnswer])
    def get(self, request: Request) -> HttpResponse:
        """The register's own first, and which of them serves it now."""
        till = self.till(request)
        till.require_worker()
        return self.answer(_stations(till))

    @described("Use another station", body=messages.ChooseStation, answers=messages.StationChosen)
    def post(self, request: Request) -> HttpResponse:
        """While the register's own is down; to go back, choose its own. The journal says who chose."""
        body = read(request, messages.ChooseStation)
        till = self.till(request, body.request_id)
        outcome = choose_station(
            till=till,
            request_id=body.request_id,
            station_id=body.station,
            brings=body.brings,
            approval=self.approval(till, body.approval),
        )
        words = outcome.notice.text if outcome.notice else ""
        return self.answer(messages.StationChosen(words, _stations(till)))


def _stations(till: Till) -> list[messages.StationAnswer]:
    return [
        messages.StationAnswer(
            option.id, option.name, option.connected, option.words, option.is_own, option.is_used
        )
        for option in station().stations(till.register.id)
    ]
