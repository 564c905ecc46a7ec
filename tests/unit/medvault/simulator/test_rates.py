from medvault.simulator.rates import CellRate, per_second


def burst(rate: CellRate, now: float, key: str = "a") -> int:
    count = 0
    while count < 1000 and rate.admit(key, now):
        count += 1
    return count


def test_a_burst_of_45_is_borrowed_from_the_future() -> None:
    rate = CellRate(6.0, 45)
    assert burst(rate, 0.0) == 45
    assert burst(rate, 5.9) == 0
    assert burst(rate, 6.0) == 1
    assert burst(rate, 66.0) == 10
    assert burst(rate, 66.0 + 45 * 6) == 45


def test_one_message_every_six_seconds_is_never_refused() -> None:
    rate = CellRate(6.0, 1)
    assert all(rate.admit("a", 6.0 * n) for n in range(100))
    assert not rate.admit("a", 6.0 * 99 + 3)


def test_recipients_do_not_share_a_rate() -> None:
    rate = CellRate(6.0, 2)
    assert burst(rate, 0.0, "a") == 2
    assert burst(rate, 0.0, "b") == 2


def test_a_rate_switched_off_admits_everything() -> None:
    assert burst(CellRate(0.0, 45), 0.0) == 1000
    assert burst(CellRate(6.0, 0), 0.0) == 1000
    assert burst(per_second(0), 0.0) == 1000


def test_a_tier_admits_a_seconds_worth_at_once() -> None:
    rate = per_second(80)
    assert burst(rate, 0.0) == 80
    assert burst(rate, 0.5) == 40


def test_recipients_who_owe_nothing_are_forgotten() -> None:
    rate = CellRate(6.0, 1)
    for n in range(120_000):
        rate.admit(str(n), float(n))
    assert len(rate._arrivals) < 60_000
