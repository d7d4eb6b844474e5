"""What an ESC/POS printer is asked, in whichever way it understands, and what it answers.

Printers of all makers know some of this: four real-time questions (``DLE EOT``) in one breath or one by one, automatic
status, and a question that stands in the print stream (``1D 72 1``), which only a printer answers that has worked
through everything before it.
"""

import time
from collections.abc import Callable, Sequence

from hardware.agent.drivers.transport import Transport

ASK_PAPER_IN_STREAM = b"\x1dr\x01"
QUESTIONS = tuple(b"\x10\x04" + bytes((number,)) for number in (1, 2, 3, 4))
ALL_WELL = 0x12
TELL_STATUS = b"\x1da\x0f"
AUTOMATIC_BYTES = 4
VAIN_ROUNDS = 2
ANSWER_SECONDS = 1.0
LATE = 2.5  # times as long, on a line opened this moment: behind radio or a print server some take it
SLOW_SECONDS = 0.3  # for one answer; a station says then that it has the job, before the printer is asked


class PrinterTalk:
    """The talk with one printer. What it has learnt of the printer outlives the line: the way in which it can be asked,
    the questions that it does not know, how long it takes. Whatever is asked raises LineLost.

    ``has_answered`` is True once the printer has said anything; ``proofs`` counts answers from the print stream;
    ``has_heard`` is True when anything at all, also what is no answer, came since the last question began.
    """

    line: Transport

    def __init__(self) -> None:
        self.has_answered = self.has_heard = False
        self.proofs = 0
        self.meanwhile: Callable[[], object] = lambda: None  # work for the time until the answers come
        self._ways = self._all_ways
        self._unknown: set[bytes] = set()  # questions that this printer does not know
        self._unread = b""  # the beginning of an automatic status
        self._told: list[int] | None = None  # the last automatic status, as the four answers
        self._vain_rounds = 0
        self._is_fresh = False
        self._pace = self._longest = 0.0  # seconds until an answer: as it is known, and in this round

    def begin(self, line: Transport) -> None:
        """Go on over a new line; what was not read on the old one is nothing to it."""
        self.line, self._unread, self._told = line, b"", None

    def ask(self, *, is_fresh: bool = False) -> list[int] | None:
        """The four answers, or None from a silent printer. On a line that ``is_fresh`` it may take its time."""
        self._is_fresh = is_fresh
        if self.seems_mute:
            self._ways = (self._ask_at_once,)  # it has not understood the others, either
        self.read(0)
        self.has_heard = False
        answers = self._ask_in_some_way()
        if answers is not None:
            self.has_answered, self._vain_rounds = True, 0
        return answers

    def heard_nothing(self) -> bool:
        """Note a new line on which not a word was said. True for a printer that takes lines and has never said one
        on the last few; one that ever has is silent."""
        self._vain_rounds += not self.has_answered
        return self.seems_mute and not self.has_answered

    @property
    def seems_mute(self) -> bool:
        """True after a few lines on which it said nothing at all."""
        return self._vain_rounds > VAIN_ROUNDS

    @property
    def is_slow(self) -> bool:
        """True for a printer that takes so long to say how it is that somebody would miss the station's word."""
        return self._pace > SLOW_SECONDS

    @property
    def patience(self) -> float:
        """Seconds to wait for one answer of a printer whose pace is known: twice as long as it takes."""
        return min(max(ANSWER_SECONDS, 2 * self._pace), ANSWER_SECONDS * LATE)

    def proof_within(self, seconds: float) -> bool:
        """Wait for the answer to a question that stands in the print stream."""
        until = time.monotonic() + seconds
        while not self.proofs and (left := until - time.monotonic()) > 0:
            self.read(left)
        return self.proofs > 0

    def read(self, seconds: float) -> list[int]:
        """The real-time answers that have come. Answers from the print stream are counted, and automatic status
        is kept; in however many pieces its four bytes come."""
        arrived = self.line.read(seconds)
        self.has_heard = self.has_heard or bool(arrived)
        answers, data = [], self._unread + arrived
        while data:
            if data[0] & 0x93 == 0x10 and not any(byte & 0x90 for byte in data[1:AUTOMATIC_BYTES]):
                if len(data) < AUTOMATIC_BYTES:
                    break
                self._told, data = as_answers(data[:AUTOMATIC_BYTES]), data[AUTOMATIC_BYTES:]
                continue
            answer, data = data[0], data[1:]
            if answer & 0x93 == 0x12:
                answers.append(answer)
            elif answer & 0x90 == 0:
                self.proofs += 1
        self._unread = data
        return answers

    @property
    def _all_ways(self) -> tuple[Callable[[], list[int] | None], ...]:
        return self._ask_at_once, self._ask_one_by_one, self._ask_for_automatic

    def _ask_in_some_way(self) -> list[int] | None:
        """A printer that has understood one way and is silent now is silent; the next time all are tried again."""
        self._longest = 0.0
        for way in self._ways:
            if (answers := way()) is not None:
                self._ways = (way,)
                self._pace = max(self._longest, self._pace / 2)
                return answers
        if self._is_fresh:
            self._ways = self._all_ways
        return None

    def _ask_at_once(self) -> list[int] | None:
        """All four in one breath; None where that gives another number of answers, so that none can be told
        from another. On a fresh line a printer may take its time: its answers must not be taken for later ones.
        However long all of them take together, each is waited for as long as the first."""
        self.line.write(b"".join(QUESTIONS))
        self.meanwhile()
        may_be_late = self._is_fresh and (self.has_answered or not self._vain_rounds)
        patience = ANSWER_SECONDS * LATE if may_be_late else self.patience
        until, answers = time.monotonic() + patience, []
        while not is_whole(answers) and (left := until - time.monotonic()) > 0:
            if more := self.read(left):
                answers += more
                self._note_pace(until - patience)
                until = time.monotonic() + patience
        if len(answers) == 8:  # a line that gives everything twice, or what was owed before
            answers = answers[::2] if answers[::2] == answers[1::2] else answers[4:]
        return answers if len(answers) == 4 else None

    def _ask_one_by_one(self) -> list[int] | None:
        """None when the printer is silent; a question that it does not know counts as answered well."""
        if (first := self._ask(QUESTIONS[0])) is None:
            return None
        rest = [None if question in self._unknown else self._ask(question) for question in QUESTIONS[1:]]
        silent_about = {
            question for question, answer in zip(QUESTIONS[1:], rest, strict=True) if answer is None
        }
        if not silent_about <= self._unknown and self._ask(QUESTIONS[0]) is None:
            return None  # it was switched off meanwhile
        self._unknown = silent_about
        return [first, *(ALL_WELL if answer is None else answer for answer in rest)]

    def _ask(self, question: bytes) -> int | None:
        self.read(0)
        self.line.write(question)
        since = time.monotonic()
        while (left := since + self.patience - time.monotonic()) > 0:
            if answers := self.read(left):
                self._note_pace(since)
                # more than two are late ones: none can be told from another
                return answers[0] if len(answers) <= 2 else None
        return None

    def _ask_for_automatic(self) -> list[int] | None:
        """Switch automatic status on, of which the first comes at once; while the printer is off line it does not
        get there, and what it has said when it went off line holds."""
        before, self._told = self._told, None
        self.line.write(TELL_STATUS)
        since = time.monotonic()
        while self._told is None and (left := since + self.patience - time.monotonic()) > 0:
            self.read(left)
        if self._told is not None:
            self._note_pace(since)
        if self._told is None and before is not None and before[0] & 0x08:
            self._told = before
        return self._told

    def _note_pace(self, since: float) -> None:
        self._longest = max(self._longest, time.monotonic() - since)


def is_whole(answers: Sequence[int]) -> bool:
    """Four answers, or eight from a line that gives everything twice; the first four of such eight are none."""
    if len(answers) != 4:
        return len(answers) >= 8
    first, second, third, fourth = answers
    return not (first == second != ALL_WELL and third == fourth)


def as_answers(status: bytes) -> list[int]:
    """Four bytes of automatic status as the answers to the four real-time questions."""
    printer, error, paper, _ = status
    return [
        ALL_WELL | printer & 0x0C,
        ALL_WELL | 0x04 * bool(printer & 0x20) | 0x20 * bool(paper & 0x0C) | 0x40 * bool(error & 0x68),
        ALL_WELL | error & 0x68,
        ALL_WELL | 0x0C * bool(paper & 0x03) | 0x60 * bool(paper & 0x0C),
    ]
