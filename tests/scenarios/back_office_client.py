"""Somebody at headquarters, over HTTP: signs in, opens pages and presses their buttons."""

import re
import time
from collections.abc import Callable

import httpx


class BackOffice:
    """A browser without a screen at headquarters' address."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._http = httpx.Client(base_url=address, follow_redirects=True, timeout=60, trust_env=False)
        self._http.get("/login/")
        page = self.post("/login/", username=user, password=password, next="/")
        assert "What sells" in page, page[:2000]

    def close(self) -> None:
        self._http.close()

    def page(self, path: str) -> str:
        """A page's HTML."""
        answer = self._http.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def post(self, path: str, **fields: str) -> str:
        """What a form's button leads to."""
        token = next(cookie.value for cookie in self._http.cookies.jar if "csrf" in cookie.name)
        headers = {"Referer": str(self._http.base_url)}
        answer = self._http.post(path, data={"csrfmiddlewaretoken": token, **fields}, headers=headers)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def wait(self, path: str, sign: str | Callable[[str], object], seconds: float = 90) -> str:
        """The page once it shows a word, or what a function looks for."""
        end = time.monotonic() + seconds
        while True:
            text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.page(path)))
            if sign in text if isinstance(sign, str) else sign(text):
                return text
            assert time.monotonic() < end, text
            time.sleep(0.5)
