"""Photos that could not be read are tried again at growing intervals, and given up at last."""

from pathlib import Path

from catdog_desktop.watching.retries import FIRST_SECONDS, LONGEST_SECONDS, MOST_TRIES, Retries

PHOTO = Path("/nas/a.jpg")


def test_add_waits_longer_each_time_and_gives_up_at_last() -> None:
    retries, now, waits = Retries(), 0.0, []
    while retries.add(PHOTO, now):
        assert retries.take(now) == []
        begin = now
        while retries.take(now) != [PHOTO]:
            now += 1
        waits.append(now - begin)
    assert len(waits) == MOST_TRIES
    assert waits[:3] == [FIRST_SECONDS, 2 * FIRST_SECONDS, 4 * FIRST_SECONDS]
    assert max(waits) == LONGEST_SECONDS
    assert len(retries) == 0


def test_forget_begins_anew() -> None:
    retries = Retries()
    assert [retries.add(PHOTO, 0), retries.add(PHOTO, 0)] == [1, 2]
    retries.forget(PHOTO)
    assert len(retries) == 0
    assert retries.add(PHOTO, 0) == 1


def test_hasten_makes_all_due() -> None:
    retries = Retries()
    retries.add(PHOTO, 100)
    retries.hasten(101)
    assert retries.take(101) == [PHOTO]
    assert retries.take(9999) == []
