"""What headquarters answers when a scale unit asks in the middle of its work."""

from uuid import UUID

from channels_app.errors import DomainError
from channels_app.models import ChannelDatabase
from channels_app.questions import answers
from hq.models import ActivationCode
from hq.services.activation import ActivationRefused, code_hash, use_activation_code


class ActivationIncomplete(DomainError):
    code = "activation_incomplete"
    message = "An activation needs a code and the id of the device."


@answers("activate")
def activate(database: ChannelDatabase, said: dict) -> dict:
    """Give the register of a one-time code to a browser. The code must be for a store of the asking database."""
    try:
        code, device = str(said["code"]), UUID(str(said["device"]))
    except (KeyError, ValueError) as error:
        raise ActivationIncomplete() from error
    here = ActivationCode.objects.filter(
        code_hash=code_hash(code), register__store__placement__channel_database=database
    )
    if not here.exists():
        raise ActivationRefused(field="code")
    used = use_activation_code(code=code, device=device, description=str(said.get("description", "")))
    return {
        "device": str(used.pk),
        "register": used.register_id,
        "register_name": used.register.name,
        "store_name": used.register.store.name,
    }
