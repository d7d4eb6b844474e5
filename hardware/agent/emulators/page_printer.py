"""An emulated page printer behind a print queue: it speaks IPP over HTTP and keeps the PDFs that it was given."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from hardware.agent.drivers import ipp
from hardware.agent.drivers.ipp import Attribute, read_message
from hardware.agent.emulators.lines import Reply

PENDING, HELD, COMPLETED, ABORTED = 3, 4, 9, 8


@dataclass
class EmulatedPagePrinter:
    """``drop_after_job`` cuts the line once, when the job is in the queue and the answer is not out yet."""

    name: str = "office"
    reasons: list[str] = field(default_factory=list)
    seconds: float = 0.0
    aborts: bool = False
    drop_after_job: bool = False
    jobs: list[dict] = field(default_factory=list)
    tell: Callable[[], None] = lambda: None
    questions: int = 0
    keep: int | None = None  # jobs whose pages are remembered; None is all, for tests

    def __post_init__(self) -> None:
        self._pending, self._number = b"", 0

    def connected(self, reply: Reply) -> None:
        self._pending = b""

    def disconnected(self) -> None:
        self._pending = b""

    def drop_line(self) -> None:
        """Set to the line's own drop."""

    def receive(self, data: bytes, reply: Reply) -> None:
        self._pending += data
        head, found, body = self._pending.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.decode("latin-1").lower().split("\r\n")
        size = next((int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")), 0)
        if len(body) < size:
            return
        self._pending = body[size:]
        answer = self._answer(lines[0], body[:size])
        if answer is not None:
            lead = (
                f"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {len(answer)}\r\n\r\n"
            )
            reply(lead.encode() + answer)

    def _answer(self, first: str, body: bytes) -> bytes | None:
        request = read_message(body)
        self.questions += 1
        if not first.split()[1].endswith(f"/{self.name}"):
            return self._write(0x0406, request.number)
        match request.code:
            case ipp.PRINT_JOB:
                return self._take(request)
            case ipp.GET_JOBS:
                groups = [
                    (
                        ipp.JOB,
                        [
                            Attribute(ipp.NAME, "job-name", job["name"]),
                            Attribute(ipp.ENUM, "job-state", job["state"]),
                        ],
                    )
                    for job in self.jobs
                ]
                return self._write(0, request.number, groups)
            case ipp.GET_PRINTER:
                reasons = [
                    Attribute(ipp.KEYWORD, "" if place else "printer-state-reasons", reason)
                    for place, reason in enumerate(self.reasons or ["none"])
                ]
                state = 5 if any(reason.endswith("-error") for reason in self.reasons) else 3
                told = [Attribute(ipp.ENUM, "printer-state", state), *reasons]
                return self._write(0, request.number, [(ipp.PRINTER, told)])
        return self._write(0x0501, request.number)

    def _take(self, request: ipp.Message) -> bytes | None:
        name = request.group(ipp.OPERATION)["job-name"][0]
        self._number += 1
        job = {"name": name, "state": PENDING, "data": request.data, "number": self._number}
        self.jobs.append(job)
        if self.keep is not None and len(self.jobs) > self.keep:
            del self.jobs[: -self.keep]
        self.tell()
        asyncio.get_running_loop().call_later(self.seconds, self._print, job)
        if self.drop_after_job:
            self.drop_after_job = False
            self.drop_line()
            return None
        about = [Attribute(ipp.INTEGER, "job-id", job["number"]), Attribute(ipp.ENUM, "job-state", PENDING)]
        return self._write(0, request.number, [(ipp.JOB, about)])

    def _print(self, job: dict) -> None:
        job["state"] = ABORTED if self.aborts else COMPLETED
        self.tell()

    @staticmethod
    def _write(status: int, number: int, groups: list[tuple[int, list[Attribute]]] = ()) -> bytes:  # type: ignore[assignment]
        message = ipp.write_request(status, number, ())
        body = b"".join(
            bytes((tag,)) + b"".join(attribute.encoded() for attribute in attributes)
            for tag, attributes in groups
        )
        return message[:-1] + body + message[-1:]
