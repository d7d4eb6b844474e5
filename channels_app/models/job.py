"""What moves when: jobs and their schedules."""

from django.core.validators import MaxValueValidator
from django.db import models
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from channels_app.kinds import HeadquartersOnly
from channels_app.models.place import DatabaseGroup


class Job(HeadquartersOnly):
    """A fixed set of tables under a number; the tables are in the apps' `distribution.py`."""

    class Direction(models.TextChoices):
        DOWN = "down", "Down to the channels"
        UP = "up", "Up to headquarters"

    number = models.CharField(max_length=10, primary_key=True)
    name = models.CharField(max_length=60)
    direction = models.CharField(max_length=4, choices=Direction)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Schedule(HeadquartersOnly):
    """Runs some jobs for a group of channel databases, again and again."""

    name = models.CharField(max_length=60, unique=True)
    jobs = models.ManyToManyField(Job, related_name="schedules")
    group = models.ForeignKey(DatabaseGroup, on_delete=models.PROTECT, related_name="schedules")
    interval = models.ForeignKey(
        IntervalSchedule,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Every so often …",
    )
    crontab = models.ForeignKey(
        CrontabSchedule,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="… or at set times.",
    )
    window_from = models.TimeField(
        null=True,
        blank=True,
        help_text="Only from this time of the stores' own day; empty for all day.",
    )
    window_to = models.TimeField(
        null=True, blank=True, help_text="Until this time; before 'from' means past midnight."
    )
    is_active = models.BooleanField(default=True)
    follows_changes = models.BooleanField(
        default=False, help_text="Runs as soon as something is changed as well, not only at its times."
    )
    canary = models.ForeignKey(
        DatabaseGroup,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="These databases get a package first; the others wait until it has stood the test.",
    )
    canary_minutes = models.PositiveSmallIntegerField(default=15, help_text="How long the others wait.")
    stop_above_percent = models.PositiveSmallIntegerField(
        default=20,
        validators=[MaxValueValidator(100)],
        help_text="Stop when more than this share of a run's packages failed.",
    )
    tell = models.TextField(blank=True, help_text="E-mail addresses, one a line, that are told of failures.")
    size_limit_mb = models.PositiveIntegerField(default=0, help_text="Largest package in MB; 0 for no limit.")
    periodic_task = models.OneToOneField(
        PeriodicTask,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="distribution_schedule",
    )
    last_run_at = models.DateTimeField(null=True, blank=True, editable=False)
    stopped_because = models.TextField(blank=True, editable=False, help_text="Why it paused itself.")
    told_at = models.DateTimeField(
        null=True, editable=False, help_text="When somebody was last told of a failure."
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(interval=None) ^ models.Q(crontab=None),
                name="schedule_has_one_recurrence",
                violation_error_message="Give either an interval or set times.",
            ),
            models.CheckConstraint(
                condition=models.Q(window_from=None, window_to=None)
                | models.Q(window_from__isnull=False, window_to__isnull=False),
                name="schedule_window_has_both_ends",
                violation_error_message="Give both ends of the window, or neither.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
