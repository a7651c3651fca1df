"""Who does the errands of a study: this process, processes of this machine, or a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Protocol

from optimizer.studies.errands import Errand, run_errand

#: How long to wait for the scheduler of a cluster.
CONNECT_SECONDS = 10.0


class WorkerDiedError(RuntimeError):
    """The process that did an errand ended in the middle of it."""


class NoClusterError(RuntimeError):
    """The cluster cannot be used."""


class Job(Protocol):
    """An errand under way."""

    def done(self) -> bool:
        """Whether it has ended, well or not."""

    def result(self) -> None:
        """Raise what ended it, if anything did; `WorkerDiedError` if its process is gone."""


class Executor(Protocol):
    """Does errands, several at a time if it can."""

    def __enter__(self) -> Executor:
        """Make ready."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of everything; errands under way are given up if there is an error."""

    def submit(self, errand: Errand) -> Job:
        """Start an errand, or queue it."""


class InlineExecutor:
    """Does each errand here and now."""

    def __enter__(self) -> InlineExecutor:
        """Nothing to make ready."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to let go."""

    def submit(self, errand: Errand) -> Job:
        """Do the errand."""
        job: Future[None] = Future()
        try:
            run_errand(errand)
        except Exception as error:
            job.set_exception(error)
        else:
            job.set_result(None)
        return job


class LocalExecutor:
    """Does errands in processes of this machine.

    The processes are started afresh (not forked, which solvers' threads do not survive) and end when the process
    that started them does, however it ends.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="errand")
        self._idle: SimpleQueue[ProcessPoolExecutor] = SimpleQueue()

    def __enter__(self) -> LocalExecutor:
        """Processes start with their first errand."""
        for _ in range(self._workers):
            self._idle.put(_one_process())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes; after an error, without waiting for their errands."""
        self._threads.shutdown(wait=kind is None, cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().shutdown(wait=kind is None, cancel_futures=True)

    def submit(self, errand: Errand) -> Job:
        """Queue the errand for the next idle process."""
        return self._threads.submit(self._do, errand)

    def _do(self, errand: Errand) -> None:
        process = self._idle.get()
        try:
            process.submit(run_errand, errand).result()
        except BrokenProcessPool as error:
            process.shutdown(wait=False)
            process = _one_process()
            message = "the worker process ended in the middle of the point: it crashed, or was killed for its memory"
            raise WorkerDiedError(message) from error
        finally:
            self._idle.put(process)


def _one_process() -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Leave interrupts to the parent, and end at once when it is gone."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


class DaskExecutor:
    """Does errands on a Dask cluster whose workers share the study's folder.

    Raises
    ------
    NoClusterError
        If dask.distributed is not installed, or no scheduler answers at the address.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Any = None

    def __enter__(self) -> DaskExecutor:
        """Connect."""
        try:
            from distributed import Client
        except ImportError as error:
            message = "a cluster needs dask.distributed: install gigasite[distributed]"
            raise NoClusterError(message) from error
        try:
            self._client = Client(  # type: ignore[no-untyped-call]
                self._address, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError) as error:
            message = f"no Dask scheduler answers at '{self._address}': {error}"
            raise NoClusterError(message) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect; errands that have not started are dropped by the cluster."""
        self._client.close()

    def submit(self, errand: Errand) -> Job:
        """Give the errand to the cluster."""
        return _DaskJob(self._client.submit(run_errand, errand, pure=False))


class _DaskJob:
    def __init__(self, future: Any) -> None:  # noqa: ANN401 - a library without types
        self._future = future

    def done(self) -> bool:
        return bool(self._future.done())

    def result(self) -> None:
        from distributed.scheduler import KilledWorker

        try:
            self._future.result()
        except KilledWorker as error:
            message = "workers of the cluster ended in the middle of the point: they crashed, or were killed"
            raise WorkerDiedError(message) from error
