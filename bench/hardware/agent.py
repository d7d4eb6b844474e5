"""The station program with stamps: what `PARTS=1` starts in place of the plain one."""

import sys

from bench.hardware.parts import follow
from hardware.agent import link, worker
from hardware.agent.__main__ import main
from hardware.agent.drivers import printer
from hardware.agent.journal import Journal

follow(link.Link, "_take_on", "websocket to the station")
follow(worker.JobWorker, "_try", "to the device's thread")
follow(printer, "compile_receipt", ends="receipt as bytes")
follow(printer, "open_transport", ends="line to the printer opened")
follow(printer.EscPosPrinter, "_ask_all", ends="printer asked how it is")
follow(printer.EscPosPrinter, "_drained", ends="printer asked whether it is idle")
follow(worker.JobWorker, "_begin", ends="journal: begun, synced (the rest of it)")
follow(printer.EscPosPrinter, "_await_proof", "receipt sent", "printer's answer behind the receipt")
follow(Journal, "finish", ends="journal: outcome")
follow(link.Link, "_put", "back to the loop")

if __name__ == "__main__":
    sys.exit(main())
