"""Benches of the hardware station: `python -m bench.hardware`. QUICK=1 gives a rough answer.

PARTS=1 prints where the time of a receipt goes and leaves out the rest; the stamps cost a little themselves.
"""

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.hardware import parts
from bench.report import QUICK, Report, interleaved, median, percentile
from bench.services import ROOT, database
from config.embedded.children import die_with_parent
from config.embedded.services import free_port

SLICES, EACH = (3, 10) if QUICK else (6, 60)
STATIONS = 200 if QUICK else 1000


def main() -> int:
    """Run every part; 0 when all goals are met."""
    from tests.hardware.lab_bench import receipt

    os.environ["BENCH_DOCUMENT"] = json.dumps(receipt())
    with database("hardware", role="scale_unit"), ExitStack() as stack:
        stamps = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if os.environ.get("PARTS"):
            os.environ[parts.FOLDER_NAME] = str(stamps)
        port = free_port()
        web = stack.enter_context(
            program(
                "-m",
                "uvicorn",
                "bench.hardware.web:application",
                "--port",
                str(port),
                "--lifespan",
                "off",
                "--timeout-graceful-shutdown",
                "5",  # as installed
                "--no-access-log",
                "--log-level",
                "warning",
            )
        )
        wait_for_port(port)
        address = f"ws://127.0.0.1:{port}/ws"
        report = Report()
        register_id, devices, agent, spare_printer = stack.enter_context(a_working_station(report, port))
        printing(report, address, register_id, spare_printer, stack)
        if os.environ.get("PARTS"):
            for name, took in parts.parts(stamps):
                report.figure(f"  {name}", took, unit="ms")
            return 0
        scanning(report, address, devices)
        used = _memory_kb(agent.pid, "VmHWM") / 1024
        report.limit("station program: most memory", used, unit="MB", goal=60)
        ringing(report, address, register_id)
        many_stations(report, address, web.pid)
        return report.close()


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen]:
    """One Python process that ends with the bench."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent(),
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def wait_for_port(port: int) -> None:
    """Wait until somebody listens."""
    import socket

    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("The web process did not start.")


@contextmanager
def a_working_station(
    report: Report, port: int
) -> Iterator[tuple[int, subprocess.Popen, subprocess.Popen, str]]:
    """A station program with a printer and a scanner, paired and connected; last the port of a printer to spare."""
    from hardware.models import StationStatus
    from hardware.services.pairing import issue_code, pair_station
    from hq.models import Register
    from tests.hardware.company import a_store_with_a_station

    with program("-m", "bench.hardware.devices") as devices, tempfile.TemporaryDirectory() as state:
        printer, spare, scanner = devices.stdout.readline().split()
        station = a_store_with_a_station(
            devices=[
                {"name": "printer", "kind": "printer", "driver": "escpos_network", "address": printer},
                {"name": "scanner", "kind": "scanner", "driver": "scanner_serial", "address": scanner},
            ]
        )
        from hardware.agent.config import StateFolder

        folder, server = StateFolder(Path(state)), f"http://127.0.0.1:{port}"
        identity = folder.identity(server)
        pair_station(
            code=issue_code(station=station), key_digest=identity.key_digest, host="", address="127.0.0.1"
        )
        import msgspec

        folder.keep_identity(msgspec.structs.replace(identity, station=station.pk, name=station.name))
        started = time.monotonic()
        with program(
            "-m",
            f"{'bench.' if os.environ.get('PARTS') else ''}hardware.agent",
            "--server",
            server,
            "--state",
            state,
        ) as agent:
            while not StationStatus.objects.filter(connection__isnull=False).exists():
                time.sleep(0.01)
            report.limit("station program: start to connected", time.monotonic() - started, unit="s", goal=2)
            while not StationStatus.objects.filter(devices__printer__state="ready").exists():
                time.sleep(0.05)
            yield Register.objects.get().pk, devices, agent, spare


def printing(report: Report, address: str, register_id: int, spare: str, stack: ExitStack) -> None:
    """Register to printed byte and back, beside a bare relay of two hops without storage.

    The relay only sends the receipt there and back. What it takes when its far end prints, too, is told besides.
    """
    from websockets.sync.client import connect

    def begin(path: str):
        return stack.enter_context(connect(f"{address}/{path}/register/", proxy=None, compression=None))

    for path, *printer in (("relay",), ("printing-relay", spare)):
        echo = stack.enter_context(
            program("-m", "bench.hardware.echo", f"{address}/{path}/station/", *printer)
        )
        echo.stdout.readline()
    register = stack.enter_context(connect(f"{address}/register/", proxy=None, compression=None))
    relay, printing_relay = begin("relay"), begin("printing-relay")
    document = os.environ["BENCH_DOCUMENT"]
    ours: list[float] = []
    bare: list[float] = []
    printed: list[float] = []

    def round_trips(socket, message: str, kept: list[float]) -> float:
        times = []
        for _ in range(EACH):
            started = time.perf_counter()
            socket.send(message)
            socket.recv(timeout=20)
            times.append((time.perf_counter() - started) * 1000)
        kept += times
        return median(times)

    def references() -> float:
        round_trips(printing_relay, document, printed)
        return round_trips(relay, document, bare)

    interleaved(lambda: round_trips(register, str(register_id), ours), references, slices=SLICES)
    for times in (ours, bare, printed):
        del times[:EACH]  # the pair that warms all up
    metric = "register to printed receipt and back"
    for part, goal in ((50, 2), (99, 3)):
        report.row(
            f"{metric}, p{part}",
            percentile(ours, part),
            percentile(bare, part),
            unit="ms",
            goal=goal,
            at_least=False,
        )
        report.told(
            f"{metric}, p{part}, beside a relay that prints",
            percentile(ours, part),
            percentile(printed, part),
            unit="ms",
        )
    register.close()


def scanning(report: Report, address: str, devices: subprocess.Popen) -> None:
    """Scan at the device to the message at the till."""
    from websockets.sync.client import connect

    times = []
    with connect(f"{address}/register/", proxy=None, compression=None) as register:
        for number in range(EACH * SLICES // 2):
            devices.stdin.write(f"5000159{number:06d}\n")
            devices.stdin.flush()
            scanned = float(devices.stdout.readline())
            register.recv(timeout=10)
            times.append((time.monotonic() - scanned) * 1000)
    report.limit(
        "scan at the device to the message at the till, p95", percentile(times, 95), unit="ms", goal=120
    )


def ringing(report: Report, address: str, register_id: int) -> None:
    """A ring from one process to a socket of another, beside channels_redis alone."""
    from channels.layers import get_channel_layer
    from websockets.asyncio.client import connect

    from channels_app.doorbell import ring

    async def measure() -> tuple[list[float], list[float]]:
        layer = get_channel_layer()
        async with (
            connect(f"{address}/bare/", proxy=None, compression=None) as bare,
            connect(f"{address}/bare/", proxy=None, compression=None) as other,
        ):
            await asyncio.sleep(0.3)
            ours, alone = [], []
            for number in range(2 * SLICES * EACH):
                started = time.perf_counter()
                if number % 2:
                    ring("bare", {"type": "bare.ring"})
                else:
                    await layer.group_send("bare", {"type": "bare.ring"})
                await bare.recv()
                (ours if number % 2 else alone).append((time.perf_counter() - started) * 1000)
                await other.recv()
            return ours[EACH // 2 :], alone[EACH // 2 :]

    ours, alone = asyncio.run(measure())
    report.row(
        "a ring through Redis to a socket of another process, p50",
        median(ours),
        median(alone),
        unit="ms",
        goal=1.3,
        at_least=False,
    )


def many_stations(report: Report, address: str, web: int) -> None:
    """Memory of the web process for each connected station."""
    from websockets.asyncio.client import connect

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 4096), hard), hard))
    keys = _station_keys()

    async def measure() -> float:
        before = _memory_kb(web)
        gate = asyncio.Semaphore(20)

        async def one(number: int, key: str):
            async with gate:
                socket = await connect(
                    f"{address}/station/",
                    proxy=None,
                    compression=None,
                    open_timeout=60,
                    additional_headers={"Authorization": f"Station {number}:{key}"},
                )
                await socket.send(
                    json.dumps({"type": "hello", "version": 1, "software": "", "journal": str(number)})
                )
                await socket.recv()
                return socket

        sockets = await asyncio.gather(*(one(number, key) for number, key in keys))
        await asyncio.sleep(1)
        used = (_memory_kb(web) - before) / len(sockets)
        for socket in sockets:
            socket.transport.abort()
        return used

    report.limit(
        f"memory of the web process for each of {len(keys)} stations",
        asyncio.run(measure()),
        unit="kB",
        goal=100,
    )


def _station_keys() -> list[tuple[int, str]]:
    import hashlib

    from channels_app.roles import applying_package
    from hardware.models import StationCredential
    from hq.models import HardwareStation

    first = HardwareStation.objects.get()
    with applying_package():
        stations = HardwareStation.objects.bulk_create(
            HardwareStation(
                store_id=first.store_id,
                number=f"N{number}",
                name="Many",
                hardware_profile_id=first.hardware_profile_id,
            )
            for number in range(STATIONS)
        )
    keys = [(station.pk, f"key-{station.pk}") for station in stations]
    StationCredential.objects.bulk_create(
        StationCredential(station_id=number, key_hash=hashlib.sha256(key.encode()).hexdigest())
        for number, key in keys
    )
    return keys


def _memory_kb(process: int, what: str = "VmRSS") -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(what)))


if __name__ == "__main__":
    sys.exit(main())
