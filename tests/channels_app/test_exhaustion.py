"""What is full or gone in the middle of a build, a push or an apply: disks, and the broker. Afterwards all is well."""

from __future__ import annotations

import errno
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from kombu.message import Message
from kombu.simple import SimpleQueue

from channels_app import tasks
from channels_app.files import work_folder
from channels_app.merge import Merge
from channels_app.models import ChannelDatabase, Package, Part, ReceivedPackage
from channels_app.services.push import push_package
from channels_app.states import PackageState, ReceivedState
from config.celery import app
from config.embedded.services import ValkeyServer, free_port, wait_until_ready
from pricing.models import TradeAgreement
from tests.channels_app.company import Company
from tests.channels_app.test_apply import built, change_prices, sent
from tests.channels_app.two_sides import Sides

_soon = tasks.soon  # as it is in production; the two sides put their own in its place


@pytest.fixture
def sold(shop: Company, sides: Sides) -> Company:
    sides.distribute()
    return shop


@pytest.mark.parametrize("room", [0, 40])
def test_the_storage_of_packages_is_full(sold: Company, sides: Sides, monkeypatch, room: int) -> None:
    change_prices(70)

    def nearly_full(storage: FileSystemStorage, name: str, content) -> str:
        path = Path(storage.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.read(room))  # what was written before the disk was full stays there
        raise OSError(errno.ENOSPC, "No space left on device")

    parts = set(Part.objects.values_list("pk", flat=True))
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", nearly_full)
        with pytest.raises(OSError, match="No space left"):
            built(sold)
    assert_nothing_is_left_of_the_build(parts)
    all_is_well(sides)


def test_the_disk_on_which_parts_are_written_is_full(sold: Company, sides: Sides, monkeypatch) -> None:
    change_prices(70)
    parts = set(Part.objects.values_list("pk", flat=True))
    with monkeypatch.context() as patch:
        patch.setattr(
            "channels_app.parts.tempfile.NamedTemporaryFile",
            lambda **how: open("/dev/full", "r+b", buffering=0),  # noqa: SIM115  # the caller closes it
        )
        with pytest.raises(OSError, match="No space left"):
            built(sold)
    assert_nothing_is_left_of_the_build(parts)
    all_is_well(sides)


def assert_nothing_is_left_of_the_build(parts: set) -> None:
    failed = Package.objects.order_by("-started_at").first()
    assert (failed.state, "No space left" in failed.error) == (PackageState.FAILED, True)
    assert set(Part.objects.values_list("pk", flat=True)) == parts
    assert not list(work_folder().iterdir())


def test_the_database_servers_disk_is_full_after_the_rows_are_written(
    sold: Company, sides: Sides, monkeypatch
) -> None:
    change_prices(70)
    sent(sides, package := built(sold))
    write = Merge.write

    def on_a_full_disk(merge: Merge) -> None:
        write(merge)
        with connection.cursor() as cursor:  # the server's own error, in the transaction that holds the rows
            cursor.execute("COPY (SELECT repeat('x', 1000000)) TO '/dev/full'")

    with sides.scale_unit():
        with monkeypatch.context() as patch:
            patch.setattr(Merge, "write", on_a_full_disk)
            tasks.apply_waiting_packages()
        waiting = ReceivedPackage.objects.get(pk=package.pk)
        assert waiting.state == ReceivedState.RECEIVED and "No space left" in waiting.error
        assert not TradeAgreement.objects.filter(amount=70).exists()
        ReceivedPackage.objects.update(next_try_at=None)
        tasks.apply_waiting_packages()
        assert TradeAgreement.objects.filter(amount=70).exists()
    all_is_well(sides)


def test_the_disk_is_full_while_a_package_is_received(sold: Company, sides: Sides, monkeypatch) -> None:
    change_prices(70)
    package = built(sold)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("channels_app.services.receive.SMALL", 0)
        patch.setattr("channels_app.services.receive.os.fsync", full)
        push_package(package.pk)
    package.refresh_from_db()
    assert package.state == PackageState.AVAILABLE and package.next_try_at is not None
    Package.objects.update(next_try_at=None)
    push_package(package.pk)
    all_is_well(sides)


@pytest.fixture
def broker(tmp_path: Path, sides: Sides, monkeypatch) -> Iterator[Broker]:
    """A Valkey of its own, over which both sides' `soon` goes as it does in production."""
    own = Broker(ValkeyServer(tmp_path, free_port(), "secret", keeps=False))
    own.start()
    monkeypatch.setattr(tasks, "soon", _soon)
    eager, app.conf.task_always_eager = app.conf.task_always_eager, False
    with app.connection_for_write(own.server.url()) as line:
        monkeypatch.setattr(
            "celery.app.task.Task.apply_async",
            lambda task, arguments=(), **how: app.send_task(task.name, arguments, connection=line, **how),
        )
        yield own
    app.conf.task_always_eager = eager
    own.kill()


class Broker:
    """A broker that can be killed; what was in it is lost then."""

    def __init__(self, server: ValkeyServer) -> None:
        self.server = server
        server.prepare()

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.server.command(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.server.process_options(),
        )
        wait_until_ready(self.server, is_alive=lambda: self.process.poll() is None)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def work(self, sides: Sides) -> int:
        """Do what lies in it, each task in its role; how many that were."""
        done = 0
        with (
            app.connection_for_read(self.server.url()) as line,
            line.SimpleQueue(app.conf.task_default_queue) as queue,
        ):
            while message := _next(queue):
                name, (arguments, _, _) = message.headers["task"], message.payload
                role = "headquarters" if "push" in name or "tend" in name else "scale_unit"
                with sides.at(role):
                    app.tasks[name](*arguments)
                message.ack()
                done += 1
        return done


def _next(queue: SimpleQueue) -> Message | None:
    try:
        return queue.get(block=False)
    except queue.Empty:
        return None


def test_the_broker_is_killed_between_build_push_and_apply(
    sold: Company, sides: Sides, broker: Broker
) -> None:
    change_prices(70)
    package = built(sold)
    tasks.send_soon([package])
    broker.kill()  # with the message in it
    broker.start()
    assert broker.work(sides) == 0
    tasks.tend_packages()  # the next tick
    broker.kill()
    push_package(package.pk)  # a worker had the message already; nobody can be told to apply
    with sides.scale_unit():
        assert ReceivedPackage.objects.get(pk=package.pk).state == ReceivedState.RECEIVED
    broker.start()
    with sides.scale_unit():
        tasks.apply_waiting_packages()  # the next tick
    package.refresh_from_db()
    assert package.state == PackageState.APPLIED
    change_prices(80)
    tasks.send_soon([built(sold)])
    assert broker.work(sides) >= 2
    assert sides.differences() == []


def all_is_well(sides: Sides) -> None:
    sides.work()
    ChannelDatabase.objects.update(next_try_at=None)
    sides.distribute()
    assert sides.differences() == []
    assert TradeAgreement.objects.filter(amount=70).exists()
