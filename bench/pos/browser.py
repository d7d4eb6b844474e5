"""What a cashier waits for, in a real Chromium: from the scanner's last sign to the painted line, from the key that
takes the money to the next sale; beside a page that swaps a constant fragment with the same htmx."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.delay import delayed
from bench.pos.shop import a_shop_with_keys, tokens_of
from bench.report import QUICK, Report, percentile
from bench.web import as_made_to_run, web_server
from pos.pages.access import DEVICE_COOKIE, WORKER_COOKIE
from tests.scenarios.chromium import launch_options

SALES, LINES = (6 if QUICK else 40), 5
WARM_UP = 2
GOAL = 2.0
ROUND_TRIPS = (0, 80)  # milliseconds added by the line

# Times from a key to the frame in which what it asked for is on the screen; and every interaction's own time.
HARNESS = """
(() => {
  const interactions = new Map();
  new PerformanceObserver((list) => {
    for (const { interactionId, duration } of list.getEntries())
      if (interactionId) interactions.set(interactionId, Math.max(duration, interactions.get(interactionId) ?? 0));
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
  let started = 0;
  addEventListener("keydown", (event) => { if (/^(Enter|F9)$/.test(event.key)) started = event.timeStamp; }, true);
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = done;
    port2.postMessage(0);
  }));
  const lines = () => document.querySelectorAll("#lines > .line:not(.line--pending)").length;
  window.bench = {
    arm(wanted) {
      started = 0;
      window.bench.result = new Promise((done) => {
        const look = async () => {
          if (!started || lines() !== wanted) return;
          watcher.disconnect();
          await painted();
          done(performance.now() - started);
        };
        const watcher = new MutationObserver(look);
        watcher.observe(document.documentElement, { childList: true, subtree: true });
      });
    },
    interactions: () => ({ slow: [...interactions.values()], count: performance.interactionCount ?? 0 }),
  };
})();
"""
SCAN = """
(code) => {
  const options = { bubbles: true, cancelable: true };
  for (const key of code) document.body.dispatchEvent(new KeyboardEvent("keydown", { key, ...options }));
}
"""


@dataclass
class Times:
    """What one page was measured at, in milliseconds."""

    scans: list[float] = field(default_factory=list)
    tenders: list[float] = field(default_factory=list)
    interaction: float = 0.0


class Measured:
    """A page, ours or the constant one: five lines, then the money, again and again."""

    def __init__(self, context: BrowserContext, address: str, codes: list[str]) -> None:
        self.page: Page = context.new_page()
        self.page.add_init_script(HARNESS)
        self.page.goto(address)
        self.codes, self.times = codes, Times()

    def sale(self, *, counts: bool = True) -> None:
        """One sale; a warm-up does not count."""
        self.page.bring_to_front()
        scans = [self._key("Enter", line, self.codes[line % len(self.codes)]) for line in range(1, LINES + 1)]
        tender = self._key("F9", 0)
        if counts:
            self.times.scans += scans
            self.times.tenders.append(tender)

    def close(self) -> None:
        """Note how slow the slowest interactions were: the 98th percentile, as INP counts."""
        found = self.page.evaluate("bench.interactions()")
        rest = [8.0] * max(0, found["count"] - len(found["slow"]))  # those below what the browser reports
        self.times.interaction = percentile([*rest, *found["slow"]] or [8.0], 98)
        self.page.close()

    def _key(self, key: str, lines: int, code: str = "") -> float:
        self.page.evaluate("lines => bench.arm(lines)", lines)
        if code:
            self.page.evaluate(SCAN, code)
        self.page.keyboard.press(key)
        return self.page.evaluate("bench.result")


def measure(report: Report) -> None:
    """Every figure without and with the slow line."""
    tokens = tokens_of(
        a_shop_with_keys("73")
    )  # before the browser's driver keeps an event loop in this thread
    with ExitStack() as stack:
        ours = stack.enter_context(web_server("config.asgi:application", as_made_to_run()))
        constant = stack.enter_context(web_server("bench.pos.constant:app"))
        browser = stack.enter_context(_chromium())
        for added in ROUND_TRIPS:
            with ExitStack() as lines:
                ports = (ours, constant)
                if added:
                    ports = tuple(
                        lines.enter_context(delayed(port, round_trip=added / 1000)) for port in ports
                    )
                _tell(report, *_interleaved(browser, tokens, *ports), f"{added} ms added" if added else "")


def _interleaved(browser: Browser, tokens: tuple[str, str], ours: int, constant: int) -> tuple[Times, Times]:
    """Sales on both pages in turn."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    url = f"http://127.0.0.1:{ours}"
    cookies = zip((DEVICE_COOKIE, WORKER_COOKIE), tokens, strict=True)
    context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies])
    pages = (
        Measured(context, f"http://127.0.0.1:{ours}/", ["85123A", "22961", "5000128104517"]),
        Measured(browser.new_context(), f"http://127.0.0.1:{constant}/", [""]),
    )
    pages[0].page.wait_for_selector("html[data-ready]", state="attached")
    for index in range(WARM_UP + SALES):
        for page in pages if index % 2 else pages[::-1]:
            page.sale(counts=index >= WARM_UP)
    for page in pages:
        page.close()
    return pages[0].times, pages[1].times


def _tell(report: Report, ours: Times, constant: Times, line: str) -> None:
    suffix = f", {line}" if line else ""
    rows = [
        (
            f"scan to painted line p{percent}",
            percentile(ours.scans, percent),
            percentile(constant.scans, percent),
        )
        for percent in (50, 95, 99)
    ]
    rows += [
        ("tender to the next sale p95", percentile(ours.tenders, 95), percentile(constant.tenders, 95)),
        ("interaction to next paint (INP)", ours.interaction, constant.interaction),
    ]
    for name, left, right in rows:
        report.row(name + suffix, left, right, unit="ms", goal=GOAL, at_least=False)


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()
