from django.contrib.auth.models import AbstractUser

from channels_app.kinds import HeadquartersOnly


class User(AbstractUser, HeadquartersOnly):
    """Somebody who works in the back office. Store workers are another table: other people, other rights."""
