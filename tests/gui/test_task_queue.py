"""The task queue: tasks run in order in another thread, callbacks run in the GUI thread."""

import gc
import threading
import weakref

import pytest
import shiboken6
from PySide6.QtCore import QObject, QRunnable
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.task_queue import TaskQueue


def test_tasks_run_in_order_elsewhere_and_call_back_in_gui_thread(qtbot: QtBot) -> None:
    done: list[tuple[int, threading.Thread, threading.Thread]] = []
    errors: list[Exception] = []
    tasks = TaskQueue(errors.append)
    for number in range(5):
        tasks.run(
            lambda number=number: (number, threading.current_thread()),
            lambda result: done.append((*result, threading.current_thread())),
        )
    qtbot.waitUntil(lambda: len(done) == 5)
    main = threading.main_thread()
    assert [number for number, _task, _callback in done] == list(range(5))
    assert all(task is not main and callback is main for _number, task, callback in done)
    assert errors == []
    tasks.close()


def test_task_that_raises_is_reported_and_later_ones_run(qtbot: QtBot) -> None:
    results: list[str] = []
    errors: list[Exception] = []
    tasks = TaskQueue(errors.append)
    tasks.run(lambda: 1 / 0, lambda _result: pytest.fail("it has no result"))
    tasks.run(lambda: "last", results.append)
    qtbot.waitUntil(lambda: results == ["last"])
    assert [type(error) for error in errors] == [ZeroDivisionError]
    tasks.close()


def test_closed_queue_runs_no_tasks(qtbot: QtBot) -> None:
    tasks = TaskQueue(lambda error: pytest.fail(str(error)))
    done: list[str] = []
    tasks.run(lambda: done.append("before"))
    tasks.close()
    tasks.run(lambda: done.append("after"))
    tasks.close()
    assert done == ["before"]


def test_cleared_queue_drops_waiting_tasks(qtbot: QtBot) -> None:
    tasks = TaskQueue(lambda error: pytest.fail(str(error)))
    begun, proceed = threading.Event(), threading.Event()
    done: list[str] = []

    def first() -> None:
        begun.set()
        assert proceed.wait(60)
        done.append("first")

    tasks.run(first)
    assert begun.wait(60)
    tasks.run(lambda: done.append("waiting"))
    tasks.clear()
    proceed.set()
    tasks.close()
    assert done == ["first"]


@pytest.mark.parametrize("is_cleared", [False, True])
def test_task_that_is_over_keeps_nothing(qtbot: QtBot, is_cleared: bool) -> None:
    """A photo or a window that a task refers to is free after the task was run or dropped."""

    class Photo:
        pass

    tasks = TaskQueue(lambda error: pytest.fail(str(error)))
    begun, proceed = threading.Event(), threading.Event()
    tasks.run(lambda: begun.set() or proceed.wait(60))
    assert begun.wait(60)
    photo = Photo()
    alive = weakref.ref(photo)
    tasks.run(lambda photo=photo: id(photo))
    del photo
    assert alive() is not None
    if is_cleared:
        tasks.clear()
    proceed.set()
    tasks.close()
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize("fails", [False, True])
def test_task_that_ends_after_its_queue_was_deleted_calls_nothing_back(qtbot: QtBot, fails: bool) -> None:
    """A window may be deleted while a task runs; Qt waits for the task, whose queue is gone by then."""
    window = QObject()
    called: list[object] = []
    tasks = TaskQueue(called.append, window)
    started, ended = threading.Event(), threading.Event()

    def task() -> str:
        started.set()
        for _ in range(3000):
            if not shiboken6.isValid(tasks):
                break
            threading.Event().wait(0.01)
        ended.set()
        if fails:
            raise OSError
        return "result"

    tasks.run(task, called.append)
    assert started.wait(30)
    with qtbot.captureExceptions() as exceptions:
        shiboken6.delete(window)
    assert ended.is_set()
    assert not shiboken6.isValid(tasks)
    assert exceptions == []
    assert called == []


def test_tasks_leave_no_objects_behind(qtbot: QtBot) -> None:
    """Each task is over before the next one is added, as in a window that is used now and then."""
    tasks = TaskQueue(lambda error: pytest.fail(str(error)))
    counts = []
    for _ in range(3):
        for _ in range(100):
            over = threading.Event()
            tasks.run(over.set)
            assert over.wait(60)
        gc.collect()
        counts.append(sum(isinstance(one, QRunnable) for one in gc.get_objects()))
    tasks.close()
    assert len(set(counts)) == 1, counts
