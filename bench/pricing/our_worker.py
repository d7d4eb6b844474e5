"""Runs the engine on baskets that come over a pipe, as `oscar_worker.py` does with django-oscar."""

from __future__ import annotations

import gc
import json
import sys

from bench.pricing.ours import Ours
from bench.pricing.workload import Workload


def main() -> None:
    """Answer until the input ends: to a workload with nothing, to a run with baskets done and CPU seconds."""
    for line in sys.stdin:
        message = json.loads(line)
        if message["do"] == "load":
            engine = Ours(Workload(message["prices"], message["offers"], message["baskets"]))
            del message
            gc.collect()
            gc.freeze()
            answer = {}
        else:
            done, cpu = engine.run(message["seconds"], message["slices"])
            answer = {"done": done, "cpu": cpu}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
