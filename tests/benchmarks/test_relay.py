import socket

import pytest

from tests.harness.net.relay import PLACED_BACK_S, Fates, Relay, Weather

BAD = Weather(loss=0.05, burst=0.01, jitter_s=0.02, reordered=0.05, duplicated=0.05)

OFFER = "\r\n".join(
    (
        "v=0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 96",
        "a=candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host",
        "a=candidate:2 1 udp 2130706431 2001:db8::7 40001 typ host",
        "a=candidate:3 1 tcp 2130706431 192.0.2.7 9 typ host tcptype active",
        "a=end-of-candidates",
        "",
    )
)

RTP = bytes((0x80, 96)) + (7).to_bytes(2, "big") + bytes(40)


def fates(weather: Weather, seed: int, count: int = 5000) -> list[tuple[float, ...]]:
    line = Fates(weather, seed)
    return [line.next() for _ in range(count)]


def test_the_same_seed_treats_the_same_packets_the_same_way() -> None:
    assert fates(BAD, 3) == fates(BAD, 3)
    assert fates(BAD, 3) != fates(BAD, 4)


def test_as_much_is_lost_as_the_weather_says() -> None:
    lost = sum(not fate for fate in fates(Weather(loss=0.02), 1, 50_000))
    assert lost / 50_000 == pytest.approx(0.02, rel=0.1)


def test_bursts_have_their_mean_length() -> None:
    gone = "".join("x" if not fate else "." for fate in fates(Weather(burst=0.01), 1, 50_000))
    lengths = [len(run) for run in gone.split(".") if run]
    assert sum(lengths) / len(lengths) == pytest.approx(4.0, rel=0.15)


def test_good_weather_lets_everything_through_at_once() -> None:
    assert set(fates(Weather(), 1)) == {(0.0,)}


def test_held_packets_can_be_overtaken() -> None:
    held = fates(Weather(reordered=0.1), 1)
    assert set(held) == {(0.0,), (PLACED_BACK_S,)}


async def test_both_sides_know_only_the_relay() -> None:
    relay = Relay(BAD, 1)
    await relay.open()
    try:
        offer, answer = relay.through("offer", OFFER), relay.through("answer", OFFER)
    finally:
        relay.close()
    for sdp in (offer, answer):
        candidates = [line for line in sdp.splitlines() if line.startswith("a=candidate")]
        assert len(candidates) == 1
        assert "40000" not in candidates[0]
    assert offer != answer


async def test_an_sdp_without_an_ipv4_address_cannot_be_led_through() -> None:
    with pytest.raises(ValueError, match="IPv4"):
        Relay(BAD, 1).through("offer", "v=0\r\n")


async def test_only_audio_is_lost_and_what_is_lost_is_known() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.setblocking(False)
        relay = Relay(Weather(loss=1.0), 1)
        await relay.open()
        try:
            relay.through("answer", OFFER.replace("192.0.2.7 40000", f"127.0.0.1 {server.getsockname()[1]}"))
            relay.active = True
            relay._from_speaker(RTP, ("127.0.0.1", 9))
            relay._from_speaker(b"\x14 a handshake", ("127.0.0.1", 9))
            assert server.recv(100) == b"\x14 a handshake"
            with pytest.raises(BlockingIOError):
                server.recv(100)
            assert relay.lost == [7]
            assert all(stamp != stamp for stamp in relay.arrived_s)
        finally:
            relay.close()
