"""The reference of the browser's bench: a page that swaps a constant fragment, with the htmx that the till uses.

What it costs is what any page pays: the key, the request through uvicorn, the swap, the frame.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any

HTMX = (files("django_htmx") / "static/django_htmx/htmx-2.min.js").read_bytes()
LINE = '<li class="line"><span>1 ×</span> <span>White hanging heart t-light holder</span> <span>£2.95</span></li>'
EMPTY = '<ol id="lines"></ol>'
PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Constant</title>
<meta name="htmx-config" content='{{"defaultSettleDelay":0}}'>
<script src="/htmx.js"></script>
</head><body>{EMPTY}
<script>
addEventListener("keydown", (event) => {{
  if (event.key === "Enter") htmx.ajax("POST", "/line", {{ target: "#lines", swap: "beforeend" }});
  if (event.key === "F9") htmx.ajax("POST", "/next", {{ target: "#lines", swap: "outerHTML" }});
}});
</script></body></html>
"""
ANSWERS = {
    "/": (b"text/html; charset=utf-8", PAGE.encode()),
    "/htmx.js": (b"text/javascript", HTMX),
    "/line": (b"text/html; charset=utf-8", LINE.encode()),
    "/next": (b"text/html; charset=utf-8", EMPTY.encode()),
}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer from memory."""
    kind, body = ANSWERS.get(scope["path"], (b"text/plain", b""))
    while (await receive()).get("more_body"):
        continue
    length = str(len(body)).encode()
    headers = [(b"content-type", kind), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
