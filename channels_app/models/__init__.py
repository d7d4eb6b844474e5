from channels_app.models.applied import DataVersion
from channels_app.models.outbox import OutboxCursor, OutboxEvent

__all__ = ["DataVersion", "OutboxCursor", "OutboxEvent"]
