"""``mb.events``: what EventBridge would have been told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

from mockbuild.domain.event_patterns import Pattern, Test, read
from mockbuild.engine.history import Event as HistoryEvent
from mockbuild.engine.live_build import LiveBuild
from mockbuild.errors import ConfigurationError

#: An event as EventBridge delivers it.
Event = dict[str, Any]
Callback = Callable[[Event], object]
#: Something that has events to tell, each with its time.
Source = Callable[[], Iterable[tuple[float, Event]]]


class EventLog(Sequence[Event]):
    """Events of CodeBuild and Image Builder, in order of their time.

    :param before_read: called before somebody reads, to let happen what a look would show.
    """

    def __init__(self, before_read: Callable[[], None]) -> None:
        self._before_read = before_read
        self._builds: list[LiveBuild] = []
        self._announced: list[tuple[float, Event]] = []
        self._sources: list[Source] = [self._of_builds]
        self._callbacks: list[tuple[Test, Callback]] = []

    def subscribe(self, callback: Callback, pattern: Pattern | None = None) -> Callable[[], None]:
        """Have *callback* called with each event from now on, when it begins to show.

        It may call the mocked services. What it raises comes out of whatever made the event show:
        a call, or the end of the mock.

        :param pattern: which events; all of them by default. See :meth:`matching`.
        :return: a function that ends this.
        :raises ConfigurationError: the pattern is none.
        """
        entry = (_read({} if pattern is None else pattern), callback)
        self._callbacks.append(entry)

        def end() -> None:
            if entry in self._callbacks:
                self._callbacks.remove(entry)

        return end

    def matching(self, pattern: Pattern) -> list[Event]:
        """Return the events that an EventBridge rule with this *pattern* would get.

        ``mb.events.matching({"detail": {"build-status": ["FAILED"]}})``. All comparisons of
        EventBridge can be made: ``[{"prefix": "web-"}]``, ``[{"anything-but": "FAILED"}]`` …

        :raises ConfigurationError: the pattern is none.
        """
        wanted = _read(pattern)
        return [event for event in self if wanted(event)]

    def __iter__(self) -> Iterator[Event]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        return self._all()[index]

    def __repr__(self) -> str:
        return f"<events: {len(self)}>"

    def _all(self) -> list[Event]:
        self._before_read()
        told = [entry for source in self._sources for entry in source()]
        told += self._announced  # last: they follow from what others tell of the same time
        return [event for _, event in sorted(told, key=lambda entry: entry[0])]

    # Where they come from

    def add_source(self, source: Source) -> None:
        """Have the events of *source* among them."""
        self._sources.append(source)

    def tell(self, events: Iterable[Event]) -> None:
        """Call back those who wait for *events*."""
        for event in events:
            for is_wanted, callback in list(self._callbacks):
                if is_wanted(event):
                    callback(event)

    def announce(self, at: float, event: Event) -> None:
        """Take an event that no source has, and its time."""
        self._announced.append((at, event))
        self.tell([event])

    @property
    def awaited(self) -> bool:
        """Whether anybody wants to be called back."""
        return bool(self._callbacks)

    def publish(self, build: LiveBuild, events: Sequence[HistoryEvent]) -> None:
        """Take note of what begins to show in *build*, if EventBridge is told of it."""
        if not build.job.announced:
            return
        first = build.published - len(events)
        if first == 0:
            self._builds.append(build)
        if self._callbacks:
            self.tell(event for _, event in _render(build, first, build.published))

    def _of_builds(self) -> Iterator[tuple[float, Event]]:
        for build in list(self._builds):
            yield from _render(build, 0, build.published)


def _render(build: LiveBuild, first: int, last: int) -> Iterator[tuple[float, Event]]:
    from mockbuild.services.codebuild.build_events import render

    return render(build, first, last)


def _read(pattern: Pattern) -> Test:
    try:
        return read(pattern)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
