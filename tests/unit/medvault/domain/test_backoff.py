from medvault.domain.backoff import Backoff


def test_pauses_double_up_to_the_longest() -> None:
    backoff = Backoff(0.5, 3)
    assert [backoff.pause() for _ in range(5)] == [0.5, 1, 2, 3, 3]


def test_after_a_success_pauses_begin_anew() -> None:
    backoff = Backoff(0.5, 3)
    for _ in range(3):
        backoff.pause()
    backoff.reset()
    assert [backoff.pause(), backoff.pause()] == [0.5, 1]
