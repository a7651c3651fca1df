import signal
import subprocess
import sys
import threading

import pytest

from optimizer.commands.interrupts import run_interruptibly


def interrupted(number):
    """Run work that interrupts this process and waits to be told to stop."""
    notes = []

    def work(stop):
        signal.pthread_kill(threading.main_thread().ident, number)
        return stop.wait(timeout=60)

    return run_interruptibly(work, lambda: notes.append("told")), notes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_interrupt_asks_the_work_to_stop(number):
    before = signal.getsignal(number)
    stopped, notes = interrupted(number)
    assert stopped
    assert notes == ["told"]
    assert signal.getsignal(number) is before


def test_the_second_interrupt_gives_up_on_work_that_does_not_stop():
    never = threading.Event()
    seen = threading.Event()

    def stubborn(stop):
        main = threading.main_thread().ident
        signal.pthread_kill(main, signal.SIGINT)
        assert stop.wait(timeout=60)
        signal.pthread_kill(main, signal.SIGINT)
        seen.set()
        never.wait(timeout=60)

    with pytest.raises(KeyboardInterrupt):
        run_interruptibly(stubborn, lambda: None)
    assert seen.wait(timeout=60)
    never.set()


def test_what_the_work_raises_is_raised_to_the_caller():
    def fail(stop):
        raise ZeroDivisionError("in the work")

    with pytest.raises(ZeroDivisionError, match="in the work"):
        run_interruptibly(fail, lambda: None)


def test_work_may_run_outside_the_main_thread():
    results = []
    thread = threading.Thread(target=lambda: results.append(run_interruptibly(lambda stop: 7, lambda: None)))
    thread.start()
    thread.join()
    assert results == [7]


PATIENT = """
import sys, time
from optimizer.commands.interrupts import run_interruptibly

def work(stop):
    print("ready", flush=True)
    stop.wait(60)
    return "best so far"

print(run_interruptibly(work, lambda: print("stopping", flush=True)))
"""


def test_a_signal_from_outside_reaches_the_work():
    process = subprocess.Popen([sys.executable, "-c", PATIENT], stdout=subprocess.PIPE, text=True)
    with process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "stopping\nbest so far\n"
    assert process.returncode == 0
