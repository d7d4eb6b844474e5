"""What a scale unit does about its tills by itself."""

from celery import shared_task

from pos.services.card import tend_card_payments
from pos.services.mail import send_mails


@shared_task(ignore_result=True)
def tend_cards() -> dict[str, int]:
    """Settle, reverse or give up card payments that no page waits for. Running twice changes nothing."""
    return tend_card_payments()


@shared_task(ignore_result=True)
def mail_receipts() -> dict[str, int]:
    """Send the receipts that wait. Running twice sends nothing twice."""
    return send_mails()
