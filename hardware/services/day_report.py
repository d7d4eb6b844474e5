"""The report that a card terminal sends at the end of its day, as a paper of the register that asked for it."""

from uuid import UUID, uuid5

from hardware.agent.protocol import Outcome
from hardware.models import DeviceJob
from hardware.services.jobs import job_id_of, queue_job

TITLE = "Card terminal: end of day"
LINE_LENGTH = 200


def print_day_report(*, station_id: int, message: Outcome) -> UUID | None:
    """Print the lines of ``data["report"]``, once however often they come.

    None where there are none, or where the job is no end of day of this station.
    """
    lines = [line[:LINE_LENGTH] for line in message.data["report"] if isinstance(line, str)]
    jobs = DeviceJob.objects.filter(station_id=station_id, document__do="end_of_day")
    job = jobs.filter(pk=job_id_of(message.job)).select_related("register__store").first()
    if job is None or not lines:
        return None
    heading = [job.register.store.name, f"{job.register.number} {job.register.name}", TITLE]
    blocks = [
        *({"kind": "text", "text": text, "align": "center", "bold": True} for text in heading),
        {"kind": "rule"},
        *({"kind": "text", "text": line} for line in lines),
        {"kind": "cut"},
    ]
    return queue_job(
        register_id=job.register_id,
        kind=DeviceJob.Kind.PRINT,
        document={"version": 1, "title": TITLE, "blocks": blocks},
        title=TITLE,
        request_id=uuid5(job.pk, "report"),
        source=job.source,
    )
