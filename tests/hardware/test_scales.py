"""Scales over ptys, each in its own language."""

from decimal import Decimal

import pytest

from hardware.agent import worker
from hardware.agent.devices import build_driver
from hardware.agent.drivers import scale, scale_8217, scale_dialog06, scale_nci, transport
from hardware.agent.drivers.base import DeviceUnavailable
from hardware.agent.drivers.scale import Reading, Scale, ScaleLine, find
from hardware.agent.drivers.scale_8217 import Toledo8217
from hardware.agent.drivers.scale_cas import Cas, check, read_type_6
from hardware.agent.drivers.scale_dialog06 import Dialog06
from hardware.agent.drivers.scale_nci import Nci
from hardware.agent.emulators.lines import Reply
from hardware.agent.emulators.scale import EmulatedScale
from hardware.agent.protocol import Device
from tests.hardware.lab_bench import Bench, until

SPEECHES = ["8217", "nci", "cas", "dialog06"]


@pytest.fixture(params=SPEECHES)
def pair(request, bench: Bench) -> tuple[EmulatedScale, Scale]:
    return a_scale(bench, request.param)


def a_scale(bench: Bench, speech: str, **settings) -> tuple[EmulatedScale, Scale]:
    scale = EmulatedScale(speaks=speech, **settings)
    line = bench.pty(scale)
    device = Device(id="scale", kind="scale", driver=f"scale_{speech}", address=line.path)
    driver = build_driver(device, ())
    return scale, driver


@pytest.mark.parametrize("kilograms", ["0.432", "1.234", "14.995"])
def test_a_stable_weight_with_its_unit_and_decimals(pair, kilograms: str) -> None:
    scale, driver = pair
    scale.put(Decimal(kilograms))
    reading = driver.weigh(2, lambda reading: None)
    assert (reading.weight, reading.unit) == (Decimal(kilograms), "kg")
    assert str(reading.weight) == kilograms
    driver.close()


@pytest.mark.parametrize(
    ("weight", "moving", "state"),
    [
        ("0.500", True, "moving"),
        ("0.000", False, "zero"),
        ("-0.010", False, "below_zero"),
        ("15.200", False, "overload"),
    ],
)
def test_what_must_not_be_sold_has_a_message_of_its_own(pair, weight: str, moving: bool, state: str) -> None:
    scale, driver = pair
    scale.put(Decimal(weight), moving)
    reading = driver.read()
    assert reading.state == state
    assert state == "zero" or reading.weight is None
    driver.close()


def test_silence_is_told_apart(pair) -> None:
    scale, driver = pair
    scale.is_silent = True
    with pytest.raises(DeviceUnavailable, match="does not answer"):
        driver.read()
    assert driver.status().state == "silent"
    scale.is_silent = False
    assert driver.status().state == "ready"
    driver.close()


def test_a_weight_that_settles_is_waited_for_and_its_changes_are_told(bench: Bench) -> None:
    scale, driver = a_scale(bench, "8217")
    scale.put(Decimal("0.300"), moving=True)
    told: list[Reading] = []

    def hear(reading: Reading) -> None:
        told.append(reading)
        if len(told) == 1:
            scale.put(Decimal("0.432"))

    assert driver.weigh(3, hear).weight == Decimal("0.432")
    assert [reading.state for reading in told] == ["moving", "stable"]
    scale.put(Decimal("0.500"), moving=True)
    with pytest.raises(DeviceUnavailable, match="still moving"):
        driver.weigh(0.3, told.append)
    driver.close()


@pytest.mark.parametrize("speech", SPEECHES)
def test_noise_does_not_change_a_weight(bench: Bench, speech: str) -> None:
    scale, driver = a_scale(bench, speech, parity=speech == "8217", garbage=True)
    for grams in ("2.345", "2.350", "0.005"):
        scale.put(Decimal(grams))
        assert driver.read().weight == Decimal(grams)
    driver.close()


def test_an_unplugged_scale_is_said_and_comes_back(bench: Bench) -> None:
    scale = EmulatedScale()
    line = bench.pty(scale)
    driver = build_driver(Device(id="s", kind="scale", driver="scale_8217", address=line.path), ())
    scale.put(Decimal("1.000"))
    assert driver.read().state == "stable"
    bench.do(line.close)
    with pytest.raises(DeviceUnavailable, match="Check its cable"):
        driver.read()
    assert driver.status().state == "absent"


@pytest.mark.parametrize("speech", SPEECHES)
def test_a_station_that_starts_again_finds_its_scale_again(bench: Bench, speech: str) -> None:
    scale, driver = a_scale(bench, speech)
    scale.put(Decimal("1.000"))
    for _ in range(3):
        assert driver.weigh(2, lambda reading: None).weight == Decimal("1.000")
        driver.close()
        scale.put(Decimal("1.000"))


def type_6(lead: str, digits: str, unit: str) -> bytes:
    body = f"{lead}{digits}{unit}".encode()
    return b"\x01\x02" + body + bytes((check(body),)) + b"\x03\x04"


class Script:
    """A transport whose answers are written down: golden frames out of the documents."""

    answers = True

    def __init__(self, *frames: bytes) -> None:
        self._frames, self._ready, self.written = list(frames), b"", b""

    def write(self, data: bytes) -> None:
        self.written += data
        self._ready += self._frames.pop(0) if self._frames else b""

    def read(self, seconds: float) -> bytes:
        ready, self._ready = self._ready, b""
        return ready

    def close(self) -> None:
        return


@pytest.mark.parametrize(
    ("frame", "reading"),
    [
        (b"\x0201.234\r", Reading("stable", Decimal("1.234"), "kg")),
        (b"\x02012.34\r", Reading("stable", Decimal("12.34"), "lb")),
        (b"\x02 1.234\r", Reading("stable", Decimal("1.234"), "kg")),
        (b"\x0201.234N\r", Reading("stable", Decimal("1.234"), "kg", is_net=True)),
        (b"\x02?A\r", Reading("moving")),
        (b"\x02?B\r", Reading("overload")),
        (b"\x02?D\r", Reading("below_zero")),
        (b"\x02?P\r", Reading("zero")),
        (b"\x02?@\r", Reading("unmoved")),
        (b"\x02?`\r", Reading("unmoved")),
    ],
    ids=[
        "kg",
        "lb",
        "blank",
        "net",
        "moving",
        "over",
        "under",
        "zero",
        "nothing yet",
        "net and nothing yet",
    ],
)
def test_toledo_frames(frame: bytes, reading: Reading) -> None:
    assert Toledo8217().ask(ScaleLine(Script(frame))) == reading


class Spoiling:
    """A scale that gives these answers in turn, and the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []

    def connected(self, reply: Reply) -> None:
        """It says nothing by itself."""

    def receive(self, data: bytes, reply: Reply) -> None:
        if b"W" in data:
            reply(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


@pytest.mark.parametrize(
    ("speech", "weight", "status"),
    [("8217", b"\x0211.234\r", b""), ("nci", b"\n11.234KG\r", b"\n00\r\x03")],
)
def test_a_weight_of_which_a_character_was_lost_or_came_twice_is_asked_for_again(
    bench: Bench, speech: str, weight: bytes, status: bytes
) -> None:
    """11.234 kg without its point are ten thousand, and without a figure one: no checksum tells."""
    spoiling = Spoiling()
    line = bench.pty(spoiling)
    driver = build_driver(Device(id="s", kind="scale", driver=f"scale_{speech}", address=line.path), ())
    for at in range(len(weight)):
        for spoiled in (weight[:at] + weight[at + 1 :], weight[:at] + weight[at : at + 1] + weight[at:]):
            spoiling.answers = [spoiled + status, weight + status]
            assert driver.read() == Reading("stable", Decimal("11.234"), "kg"), spoiled
    driver.close()


def test_a_scale_that_writes_more_figures_than_others_is_believed_when_it_does_so_twice(bench: Bench) -> None:
    spoiling = Spoiling()
    spoiling.answers = [b"\x02123.456\r"]
    line = bench.pty(spoiling)
    driver = build_driver(Device(id="s", kind="scale", driver="scale_8217", address=line.path), ())
    assert driver.read() == Reading("stable", Decimal("123.456"), "kg")
    spoiling.answers = [b"\x0212.456\r", b"\x02123.456\r"]
    assert driver.read().weight == Decimal("123.456")
    driver.close()


def test_an_address_with_another_speed_keeps_the_seven_bits_of_its_scale(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dialog 02 is Dialog 06 at 2400; with eight bits and no parity such a scale hears nothing."""
    line, opened, really = bench.pty(EmulatedScale(speaks="dialog06")), [], transport._open_serial
    monkeypatch.setattr(
        transport, "_open_serial", lambda port, said: opened.append(said) or really(port, said)
    )
    wanted = Device(id="s", kind="scale", driver="scale_dialog06", address=f"{line.path}?baud=2400")
    driver = build_driver(wanted, ())
    assert driver.status().state == "ready"
    driver.close()
    assert opened == [{"baudrate": 2400, "bytesize": 7, "parity": "O", "stopbits": 1.0}]


def test_toledo_keeps_the_last_weight_until_it_has_changed() -> None:
    protocol = Toledo8217()
    line = ScaleLine(Script(b"\x0200.432\r", b"\x02?@\r"))
    assert protocol.ask(line) == protocol.ask(line) == Reading("stable", Decimal("0.432"), "kg")


@pytest.mark.parametrize(
    ("status", "then"), [(b"P", "zero"), (b"B", "unmoved"), (b"D", "unmoved"), (b"A", "stable")]
)
def test_toledo_does_not_sell_a_weight_that_was_taken_off(status: bytes, then: str) -> None:
    """What has not changed since is the last answer, which need not have been a weight."""
    protocol = Toledo8217()
    line = ScaleLine(Script(b"\x0200.432\r", b"\x02?" + status + b"\r", b"\x02?@\r"))
    assert [protocol.ask(line) for _ in range(3)][-1].state == then


@pytest.mark.parametrize(
    "answers",
    [
        [b"", b"\x06\x02100432\x04\x03"],
        [b"\x06", b"\x02100432\x04\x03"],
        [b"\x12", b"\x02100432\x04\x03"],
    ],
    ids=["both at once", "the till says DC2", "the scale says DC2"],
)
def test_cas_type_0_whoever_says_dc2(answers: list[bytes]) -> None:
    script = Script(*answers)
    assert Cas(kind=0).look(ScaleLine(script)) == Reading("stable", Decimal("0.432"), "kg")
    assert script.written == (b"\x05\x06" if answers[0] == b"\x12" else b"\x05\x12")


def type_0(digits: str) -> bytes:
    body = f"1{digits}".encode()
    return b"\x02" + body + bytes((check(body),)) + b"\x03"


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("00410", "00432", "moving"),
        ("00432", "-0010", "moving"),
        ("00432", "00432", "stable"),
        ("00000", "00000", "zero"),
        ("-0010", "-0010", "below_zero"),
        ("FFFFF", "FFFFF", "overload"),
    ],
)
def test_a_cas_scale_that_does_not_say_it_rests_is_read_twice(first: str, second: str, state: str) -> None:
    script = Script(b"\x12", type_0(first), b"\x12", type_0(second))
    assert Cas(kind=1).ask(ScaleLine(script)).state == state


@pytest.mark.parametrize(
    ("settings", "digits", "weight"),
    [
        ({"unit": "g"}, "00432", "432"),
        ({"unit": "lb", "decimals": 2}, "00432", "4.32"),
        ({}, "0.432", "0.432"),
    ],
)
def test_cas_digits_are_of_the_unit_that_the_profile_names(settings, digits: str, weight: str) -> None:
    reading = Cas(kind=0, **settings).look(ScaleLine(Script(b"\x12", type_0(digits))))
    assert (str(reading.weight), reading.unit) == (weight, settings.get("unit", "kg"))


def with_parity(frame: bytes, odd: bool) -> bytes:
    return bytes(byte | 0x80 * (byte.bit_count() % 2 != odd) for byte in frame)


@pytest.mark.parametrize(
    ("pattern", "frame"),
    [
        (scale_8217.WEIGHT, b"\x0201.234\r"),
        (scale_8217.STATUS, b"\x02?P\r"),
        (scale_nci.ANSWER, b"\n01.234KG\r\n00\r\x03"),
        (scale_dialog06.WEIGHING, b"\x0202\x1b3\x1b01234\x1b000000\x1b000000\x03"),
    ],
)
@pytest.mark.parametrize("odd", [False, True])
def test_nothing_is_read_of_which_a_character_arrived_broken(pattern, frame: bytes, odd: bool) -> None:
    """On a line that passes the parity on, and on one whose system gives NUL for such a character."""
    passed_on = with_parity(frame, odd)
    whole = find(pattern, passed_on).groups()
    assert find(pattern, frame).groups() == whole
    for place, byte in enumerate(passed_on):
        for broken in (0, *(byte ^ 1 << bit for bit in range(8))):
            found = find(pattern, passed_on[:place] + bytes((broken,)) + passed_on[place + 1 :])
            assert found is None or found.groups() == whole or found[1] is None


def test_a_weight_with_a_broken_character_is_asked_for_again() -> None:
    line = ScaleLine(
        Script(with_parity(b"\x0201.23", False) + b"\xb5\x8d", with_parity(b"\x0201.234\r", False))
    )
    protocol = Toledo8217()
    assert [protocol.ask(line), protocol.ask(line)] == [None, Reading("stable", Decimal("1.234"), "kg")]


@pytest.mark.parametrize(
    ("unit", "reading"),
    [
        (b"1", Reading("stable", Decimal("12.34"), "lb")),
        (b"2", Reading("stable", Decimal("1.234"), "lb")),
        (b"0", Reading("fault")),
    ],
)
def test_pounds_in_the_dialogue_of_the_document(unit: bytes, reading: Reading) -> None:
    """In hundredths, or in thousandths where it goes in steps of 0.005; pounds and ounces are not guessed at."""
    frame = b"\x0202\x1b" + unit + b"\x1b01234\x1b000000\x1b000000\x03"
    assert Dialog06().ask(ScaleLine(Script(b"\x06", frame))) == reading


def test_the_dialogue_of_the_document() -> None:
    """1.79/kg and 1,234 g give 2.21."""
    script = Script(b"\x06", bytes.fromhex("0230321b331b30313233341b3030303137391b30303032323103"))
    protocol = Dialog06()
    protocol.price = 179
    assert protocol.ask(ScaleLine(script)) == Reading("stable", Decimal("1.234"), "kg")
    assert script.written == b"\x04\x0201\x1b000179\x1b\x03" + b"\x04\x05"


def test_one_weighing_is_not_given_twice(bench: Bench) -> None:
    scale, driver = a_scale(bench, "dialog06")
    scale.put(Decimal("0.500"))
    assert driver.read().state == "stable"
    assert driver.read().state == "unmoved"
    with pytest.raises(DeviceUnavailable, match="Take it off the scale and put it back on"):
        driver.weigh(0.2, lambda reading: None)
    scale.put(Decimal("0.600"))
    assert driver.weigh(2, lambda reading: None).weight == Decimal("0.600")
    driver.close()


def test_a_scale_that_wants_a_price_is_told_it(bench: Bench) -> None:
    scale, driver = a_scale(bench, "dialog06", wants_price=True)
    scale.put(Decimal("0.500"))
    assert driver.read().state == "unpriced"
    with pytest.raises(DeviceUnavailable, match="weighs nothing without a price"):
        driver.weigh(0.2, lambda reading: None)
    driver.tell_price(179)
    assert driver.weigh(2, lambda reading: None).weight == Decimal("0.500")
    scale.put(Decimal("0.700"))
    driver.tell_price(299)
    assert driver.weigh(2, lambda reading: None).weight == Decimal("0.700")
    driver.close()


@pytest.mark.parametrize("speech", SPEECHES)
def test_every_scale_may_be_told_a_price(bench: Bench, speech: str) -> None:
    scale, driver = a_scale(bench, speech)
    scale.put(Decimal("0.500"))
    driver.tell_price(179)
    assert driver.weigh(2, lambda reading: None).weight == Decimal("0.500")
    driver.close()


def test_a_price_that_changes_while_nothing_is_weighed_is_told_anew() -> None:
    script = Script(b"\x06", b"\x15", b"\x0209\x1b20\x03", b"\x06", b"\x15", b"\x0209\x1b20\x03")
    protocol = Dialog06()
    for protocol.price in (179, 299):
        assert protocol.ask(ScaleLine(script)) == Reading("moving")
    assert b"\x0201\x1b000179\x1b\x03" in script.written and b"\x0201\x1b000299\x1b\x03" in script.written


def test_the_checksum_dialogue_is_answered(bench: Bench) -> None:
    scale, driver = a_scale(bench, "dialog06", price_check=True)
    scale.put(Decimal("0.500"))
    assert driver.weigh(3, lambda reading: None).weight == Decimal("0.500")
    assert len(scale.checksum_answer) == 8
    driver.close()


def test_cas_frames_with_a_wrong_check_are_no_answer() -> None:
    good = b"\x01\x02S 00.432kg"
    check = 0
    for byte in good[2:]:
        check ^= byte
    assert read_type_6(good + bytes((check,)) + b"\x03\x04").weight == Decimal("0.432")
    assert read_type_6(good + bytes((check ^ 1,)) + b"\x03\x04") is None


def test_a_weight_that_is_watched_is_shown_until_it_is_moved(bench: Bench) -> None:
    """A scale that gives each weighing once says "not moved" from then on."""
    scale, driver = a_scale(bench, "dialog06")
    scale.put(Decimal("0.500"))
    told: list[Reading | None] = []
    assert driver.watch(0.5, told.append).weight == Decimal("0.500")
    assert len(told) > 1 and told[1:] == [None] * (len(told) - 1)
    driver.close()


@pytest.mark.parametrize("speech", SPEECHES)
def test_one_answer_that_is_noise_costs_no_weighing(
    bench: Bench, speech: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scale, driver = a_scale(bench, speech)
    scale.put(Decimal("0.500"))
    ask, asked = driver._protocol.ask, []

    def noise_at_first(line: ScaleLine) -> Reading | None:
        asked.append(line)
        return ask(line) if len(asked) > 1 else None

    monkeypatch.setattr(driver._protocol, "ask", noise_at_first, raising=False)
    assert driver.read().weight == Decimal("0.500")
    driver.close()


class Trickling(Script):
    """The same, byte by byte and with noise before each frame."""

    def write(self, data: bytes) -> None:
        self.written += data
        self._ready += b"\xff\x1f" + self._frames.pop(0) if self._frames else b""

    def read(self, seconds: float) -> bytes:
        if not seconds:
            self._ready = b""
        ready, self._ready = self._ready[:1], self._ready[1:]
        return ready


@pytest.mark.parametrize(
    ("protocol", "frames", "reading"),
    [
        (Toledo8217(), [b"\x0201.234\r"], Reading("stable", Decimal("1.234"), "kg")),
        (Nci(), [b"\n001.50lb\r\n00\r\x03"], Reading("stable", Decimal("1.50"), "lb")),
        (Nci(), [b"\n0024.0oz\r\nS00\r\x03"], Reading("stable", Decimal("24.0"), "oz")),
        (Nci(), [b"\n01.234KG\r\n0p4\r\x03"], Reading("stable", Decimal("1.234"), "kg", is_net=True)),
        (Nci(), [b"\n10\r\x03"], Reading("moving")),
        (Nci(), [b"\n20\r\x03"], Reading("zero")),
        (Nci(), [b"\n02\r\x03"], Reading("overload")),
        (Cas(), [b"\x06", type_6("S ", "01.234", "kg")], Reading("stable", Decimal("1.234"), "kg")),
        (Cas(), [b"\x06", type_6("S ", "0012.5", "lb")], Reading("stable", Decimal("12.5"), "lb")),
        (Cas(), [b"\x06", type_6("U ", "01.234", "kg")], Reading("moving")),
        (Cas(), [b"\x06", type_6("SF", "FFFFFF", "kg")], Reading("overload")),
        (Cas(kind=0), 2 * [b"", b"\x06\x02000432\x05\x03"], Reading("stable", Decimal("0.432"), "kg")),
    ],
)  # fmt: skip
def test_frames_byte_by_byte_behind_noise_in_other_units_and_decimals(protocol, frames, reading) -> None:
    assert protocol.ask(ScaleLine(Trickling(*frames))) == reading


@pytest.mark.parametrize("speech", SPEECHES)
def test_asking_how_a_scale_is_takes_no_weighing_from_it(bench: Bench, speech: str) -> None:
    scale, driver = a_scale(bench, speech)
    scale.put(Decimal("0.500"))
    assert driver.status().state == driver.status().state == "ready"
    assert driver.weigh(2, lambda reading: None).weight == Decimal("0.500")
    assert driver.status().state == "ready"
    driver.close()


def test_a_scale_that_was_silent_is_asked_again_soon(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """In vain that takes seconds, after which a slow printer is left in peace; somebody stands before a scale."""
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(worker, "SLOW_REST", 1000)
    scale, driver = a_scale(bench, "8217")
    scale.is_silent = True

    class Station:
        def send(self, message) -> None:
            return

        def build(self, wanted: Device) -> Scale:
            return driver

    thread = worker.ScaleWorker(Device(id="s", kind="scale", driver="scale_8217", address=""), Station())
    thread.start()
    until(lambda: thread.health and thread.health.state == "silent")
    scale.is_silent = False
    until(lambda: thread.health.state == "ready")
    thread.stop()
    thread.join(5)


@pytest.mark.parametrize("speech", SPEECHES)
def test_answers_that_cannot_be_read_are_not_called_silence(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, speech: str
) -> None:
    """A wrong speed makes garbage of them; it was the cable that was to be looked at."""

    class OtherSpeed(EmulatedScale):
        def receive(self, data: bytes, reply: Reply) -> None:
            reply(b"\x7f\x78\x07")

    monkeypatch.setattr(scale, "TRIES", 1)
    line = bench.pty(OtherSpeed())
    driver = build_driver(Device(id="scale", kind="scale", driver=f"scale_{speech}", address=line.path), ())
    health = driver.status()
    assert health.state == "silent" and "its line's settings in the hardware profile" in health.words
    driver.close()
