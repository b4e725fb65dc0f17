"""The threads in which machines really run."""

import threading
from collections.abc import Callable

from mockbuild.clock import Clock


class Crew:
    """Threads at work, which are gone when it is dismissed.

    :param clock: told that somebody is at work, so that a virtual one does not run ahead.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._threads: set[threading.Thread] = set()
        self._failures: list[BaseException] = []

    def put_to_work(self, name: str, work: Callable[[], None]) -> None:
        """Do *work* in a thread of that name."""
        flowing = self._clock.running()
        flowing.__enter__()

        def carry_out() -> None:
            try:
                work()
            except BaseException as error:
                self._failures.append(error)
            finally:
                self._threads.discard(threading.current_thread())
                self._clock.notify()
                flowing.__exit__(None, None, None)

        thread = threading.Thread(target=carry_out, name=f"mockbuild {name}", daemon=True)
        self._threads.add(thread)
        thread.start()

    def is_at_hand(self) -> bool:
        """Tell whether the thread at hand is one of them."""
        return threading.current_thread() in self._threads

    def dismiss(self) -> None:
        """Wait until all are done.

        :raises BaseException: what one of them died of: a mistake in this library.
        """
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join()
        if self._failures:
            raise self._failures[0]
