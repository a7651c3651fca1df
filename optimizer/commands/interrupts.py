"""Long work that a user may end: the first interrupt asks for the best result so far, the second gives up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

Outcome = TypeVar("Outcome")


def run_interruptibly(work: Callable[[threading.Event], Outcome], on_interrupt: Callable[[], None]) -> Outcome:
    """Do work that watches an event, and set the event on SIGINT or SIGTERM.

    The work runs in a thread of its own: Python handles signals only between its own instructions in the
    main thread, so a solver at work there would keep them waiting.

    Parameters
    ----------
    work
        Called with the event; it should end soon once the event is set.
    on_interrupt
        Called at the first interrupt.

    Raises
    ------
    KeyboardInterrupt
        At the second interrupt. The work may then still be running.
    """
    stop = threading.Event()
    outcome: Future[Outcome] = Future()

    def do() -> None:
        try:
            outcome.set_result(work(stop))
        except BaseException as error:  # raised again where the outcome is read
            outcome.set_exception(error)

    def interrupt(signal_number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signature of a handler
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        on_interrupt()

    with _handling((signal.SIGINT, signal.SIGTERM), interrupt):
        threading.Thread(target=do, name="solve", daemon=True).start()
        return outcome.result()


@contextmanager
def _handling(signals: tuple[signal.Signals, ...], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle signals while the context lasts; outside the main thread, where Python cannot, do nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in signals}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
