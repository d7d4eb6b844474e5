from channels_app.models.applied import DataVersion, ExchangeState, ReceivedPackage, TableVersion
from channels_app.models.change import Change, ForgottenChanges
from channels_app.models.job import Job, Schedule
from channels_app.models.outbox import OutboxCursor, OutboxEvent
from channels_app.models.package import Mark, Package, Part, QuarantinedRecord, UploadHour
from channels_app.models.place import ChannelDatabase, DatabaseGroup, ScaleUnit, StorePlacement

__all__ = [
    "Change",
    "ChannelDatabase",
    "DataVersion",
    "DatabaseGroup",
    "ExchangeState",
    "ForgottenChanges",
    "Job",
    "Mark",
    "OutboxCursor",
    "OutboxEvent",
    "Package",
    "Part",
    "QuarantinedRecord",
    "ReceivedPackage",
    "ScaleUnit",
    "Schedule",
    "StorePlacement",
    "TableVersion",
    "UploadHour",
]
