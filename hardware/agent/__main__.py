"""The hardware station: ``tillhouse-station --server https://shop.example --pair 7K4P-W9QX``.

It waits patiently for the server, for its code and for its devices; what it prints on its standard error is
also in ``log/station.log`` of the state folder.
"""

import argparse
import asyncio
import codecs
import contextlib
import logging
import os
import re
import signal
import sqlite3
import sys
from functools import partial
from pathlib import Path

from hardware.agent.away import NoAddress, complete_proxies, read_address
from hardware.agent.config import StateFolder
from hardware.agent.distress import call_for_help
from hardware.agent.link import KEY_REFUSED_PAUSE, KeyRefused, Link, RestartAsked, software
from hardware.agent.logs import SPEAKS_FOR, log_end, said_once, set_up_log
from hardware.agent.pairing import CodeRefused, ServerAway, pair, read_link
from hardware.agent.patient_journal import is_held, is_trouble, words_for
from hardware.agent.station import HardwareStation

log = logging.getLogger("hardware.agent")

LOOK_FOR_CODE_SECONDS = 0.5
FOLDER_NAME = re.compile(r"[\w-]+")
RESTART_CODE = 75
NO_SERVER = "Which server? Start once with the pairing link that headquarters shows: --pair https://your-scale-unit/#CODE."
NO_CODE = (
    "This station is not paired. Start it once with --pair CODE; headquarters shows the code under"
    " Hardware stations, the station, Pairing code."
)
OTHER_SERVER = (
    "This station is paired with {server}. Start it with --server {server}, or pair it with the other one"
    " once: --pair CODE; headquarters shows the code under Hardware stations, the station, Pairing code."
)
RUNS_ALREADY = (
    "The station ends: it runs already, with the folder %s. End the other program or service first,"
    " or name another folder with --state."
)


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop; the exit code is 75 when headquarters asked for a restart, 2 when it is not paired."""
    options = parse(arguments)
    if words := why_unusable(options.state):
        print(words, file=sys.stderr)
        return 2
    folder = StateFolder(options.state)
    os.environ["TILLHOUSE_STATION_STATE"] = str(folder.path)
    complete_proxies()
    # the file is the running station's: another program and user would turn it over, or even make it
    set_up_log(None if options.check else folder.path / "log", options.verbose)
    if options.check:
        from hardware.agent.check import check_devices

        return check_devices(folder, options.lab)
    if words := what_is_missing(options, folder):
        print(words, file=sys.stderr)
        return 2
    try:
        return asyncio.run(run(options))
    except KeyboardInterrupt:
        return 0


def why_unusable(state: Path) -> str:
    """Why this folder, or one of a station in it, cannot be this program's, and what helps; empty when it can."""
    try:
        StateFolder(state)
        for path in [state, *(found for found in state.iterdir() if found.is_dir())]:
            if (path / "station.json").exists():
                (path / "station.json").open("rb").close()
    except OSError as error:
        return (
            f"{state} cannot be used ({error.strerror}). Start the program as the user whose folder it is, "
            "or name another one with --state."
        )
    return ""


def what_is_missing(options: argparse.Namespace, folder: StateFolder) -> str:
    """Why this station could never connect and how it is to be started; empty when it can."""
    if folder.is_paired(options.server) or paired_folders(folder.path):
        return ""
    if not options.server and not (folder.path / "station.json").exists():
        return NO_SERVER
    if options.pair or options.pair_file:
        return ""
    return OTHER_SERVER.format(server=folder.identity("").server) if folder.is_paired("") else NO_CODE


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="tillhouse-station", description="Drives the devices of a store's registers."
    )
    parser.add_argument(
        "--server", default="", help="address of the scale unit, such as https://shop.example"
    )
    parser.add_argument(
        "--pair",
        metavar="CODE",
        default="",
        help="pairing code from headquarters or from a till, or the whole pairing link",
    )
    parser.add_argument(
        "--pair-file",
        metavar="FILE",
        type=Path,
        help="file with pairing codes, one station per line; waited for while it is missing",
    )
    parser.add_argument(
        "--station", metavar="NUMBER", default="", help="with --pair-file: only this station of the file"
    )
    parser.add_argument(
        "--state",
        metavar="DIR",
        type=Path,
        default=Path.home() / ".tillhouse-station",
        help="folder for key, journal and log (default: %(default)s)",
    )
    parser.add_argument(
        "--lab", metavar="URL", default="", help="address of the device lab, for emulated devices"
    )
    parser.add_argument(
        "--check", action="store_true", help="print how each device is and what would help, and end"
    )
    parser.add_argument("--version", action="version", version=software())
    parser.add_argument("--verbose", action="store_true", help="log more")
    options = parser.parse_args(arguments)
    server, options.pair = read_link(options.pair)
    try:
        options.server = read_address(options.server or server)
    except NoAddress as error:
        parser.error(str(error))
    return options


async def run(options: argparse.Namespace) -> int:
    """One task per station: the folder's own, or one per line of the pair file."""
    stop = asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(said_once())
    with contextlib.suppress(NotImplementedError):  # on Windows Ctrl-C ends the loop, and a service is ended
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    fleet = asyncio.create_task(serve_all(options))
    ended = asyncio.create_task(stop.wait())
    await asyncio.wait({fleet, ended}, return_when=asyncio.FIRST_COMPLETED)
    for task in (fleet, ended):
        task.cancel()
    results = await asyncio.gather(fleet, return_exceptions=True)
    if isinstance(results[0], RestartAsked):
        return RESTART_CODE
    if isinstance(results[0], CodeRefused):
        log.error("The code was refused: %s", results[0])
        return 2
    if isinstance(results[0], sqlite3.Error) and is_trouble(results[0]):
        log.error("The station ends: %s", words_for(results[0]))
        return 1
    if is_held(results[0]):
        log.error(RUNS_ALREADY, options.state)
        return 1
    if isinstance(results[0], Exception) and not isinstance(results[0], asyncio.CancelledError):
        log.error("The station ends: %s", results[0])
        return 1
    return 0


async def serve_all(options: argparse.Namespace) -> None:
    """Serve every station of the pair file, and those that a later version of it adds; also without the file, later."""
    is_one = options.pair or StateFolder(options.state).is_paired(options.server)
    if options.pair_file is None and (is_one or not paired_folders(options.state)):
        await serve(options, options.state, lambda: options.pair)
        return
    running: dict[str, asyncio.Task] = {}
    told = False
    while True:
        known = {*read_codes(options.pair_file), *paired_folders(options.state)} - set(running)
        mine = known & {options.station} if options.station else known
        if not mine and not running and not told:
            whose = f" for station {options.station}" if options.station else ""
            log.info("Waiting for a code%s in %s", whose, options.pair_file)
            told = True
        for name in sorted(mine):
            running[name] = asyncio.create_task(
                serve(
                    options,
                    options.state / name,
                    lambda name=name: read_codes(options.pair_file).get(name, ""),
                )
            )
        if running:
            done, _ = await asyncio.wait(
                running.values(), timeout=LOOK_FOR_CODE_SECONDS, return_when=asyncio.FIRST_EXCEPTION
            )
            for task in done:
                task.result()
        else:
            await asyncio.sleep(LOOK_FOR_CODE_SECONDS)


def read_codes(file: Path | None) -> dict[str, str]:
    """The codes of a pair file by the number of their station: ``CODE NUMBER and a name`` on each line."""
    if file is None:
        return {}
    try:
        raw = file.read_bytes()
    except OSError:
        return {}
    # whatever an editor or a shell has made of it: codes and numbers are plain letters, names may be anything
    is_wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = raw.decode("utf-16" if is_wide else "utf-8-sig", "replace")
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return {number: words[0] for words in lines if FOLDER_NAME.fullmatch(number := (words[1:] or ["1"])[0])}


def paired_folders(state: Path) -> set[str]:
    """Numbers of the stations that were paired in an earlier run."""
    return {path.parent.name for path in state.glob("*/station.json")}


async def serve(options: argparse.Namespace, path: Path, code) -> None:
    """Pair if need be, then keep one station connected; its devices work meanwhile."""
    if path != options.state:  # one of several
        SPEAKS_FOR.set(path.name)
    folder = StateFolder(path)
    station = await open_patiently(options, folder)
    spent, told = "", False
    try:
        station.start()
        while True:
            identity = folder.identity(options.server)
            if not identity.is_paired:
                identity = await pair_patiently(folder, identity, code, options.pair_file is not None)
            link = Link(station, identity, lambda: log_end(options.state / "log"))
            try:
                await link.run()
            except KeyRefused:
                if link.was_welcome or not told:
                    log.error("The server does not know this station's key. Pair it anew.")
                told, spent = True, await _pair_anew(folder, identity, code(), spent)
    finally:
        await asyncio.to_thread(station.close)


async def open_patiently(options: argparse.Namespace, folder: StateFolder) -> HardwareStation:
    """The station with its journal; while its disk cannot be written, headquarters and tills are told of that."""

    opened = partial(HardwareStation, folder, options.lab.rstrip("/"))

    def try_to_open() -> HardwareStation | None:
        with contextlib.suppress(sqlite3.Error):
            return opened()

    try:
        return opened()
    except sqlite3.Error as error:
        if not is_trouble(error) or not folder.is_paired(options.server):
            raise
        words = words_for(error)
    return await call_for_help(folder.identity(options.server), words, try_to_open)


async def pair_patiently(folder: StateFolder, identity, code, has_another: bool):
    """Try each new code until one is taken. Raises CodeRefused where none but this one will ever come."""
    refused, told = "", ""
    while True:
        current = code()
        words = "" if current else "Waiting for a pairing code in the pairing file."
        if current and current != refused:
            try:
                identity = await asyncio.to_thread(pair, identity, current)
                folder.keep_identity(identity)
                log.info("Paired as %s", identity.name)
                return identity
            except CodeRefused as error:
                if not has_another:
                    raise
                refused, words = current, f"The code was refused: {error}"
            except ServerAway as error:
                words = f"Waiting for the server: {error}"
        if words and words != told:
            log.info(words)
            told = words
        await asyncio.sleep(LOOK_FOR_CODE_SECONDS)


async def _pair_anew(folder: StateFolder, identity, current: str, spent: str) -> str:
    """A revoked key, or a server that was set up afresh: a code that it takes heals both.

    Answers the code that need not be tried again.
    """
    if current and current != spent:
        try:
            folder.keep_identity(await asyncio.to_thread(pair, identity, current))
            return current
        except (CodeRefused, ServerAway) as error:
            log.info("Not paired anew: %s", error)
            spent = current if isinstance(error, CodeRefused) else spent
    await asyncio.sleep(KEY_REFUSED_PAUSE)
    return spent


if __name__ == "__main__":
    sys.exit(main())
