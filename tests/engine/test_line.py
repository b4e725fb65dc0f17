"""The line in front of what has so many places."""

import pytest

from mockbuild.engine.line import Line

pytestmark = pytest.mark.docs


class Places:
    """A line of which each test says how many places it has, and what it did."""

    def __init__(self, places):
        self.places = places
        self.line = Line(lambda at: self.places(at) if callable(self.places) else self.places)
        self.admitted = []

    def join(self, who, at=0.0):
        return self.line.join(who, at, lambda since: self.admitted.append((who, since)))


def test_there_is_a_place_for_so_many():
    places = Places(2)
    assert [places.join(who) for who in "abc"] == [True, True, False]
    assert list(places.line.running) == ["a", "b"]
    assert list(places.line.waiting) == ["c"]
    assert places.admitted == []


def test_the_first_who_waits_is_the_first_to_get_a_place():
    places = Places(1)
    for who in "abcd":
        places.join(who)
    places.line.leave("a", 10)
    places.line.leave("b", 20)
    assert places.admitted == [("b", 10), ("c", 20)]
    assert list(places.line.waiting) == ["d"]


def test_nobody_gets_a_place_before_those_who_wait():
    places = Places(1)
    places.join("a")
    places.join("b")
    places.places = 4
    assert places.line.is_full(0)
    assert not places.join("c")
    places.line.fill(5)
    assert places.admitted == [("b", 5), ("c", 5)]
    assert not places.line.is_full(5)


def test_who_gives_up_waiting_is_passed_over():
    places = Places(1)
    for who in "abc":
        places.join(who)
    places.line.leave("b", 5)
    places.line.leave("a", 10)
    assert places.admitted == [("c", 10)]


def test_a_place_is_not_free_before_its_owner_had_it():
    places = Places(1)
    for who in "abc":
        places.join(who)
    places.line.leave("a", 100)
    places.line.leave("b", 50)
    assert places.admitted == [("b", 100), ("c", 100)]


def test_fewer_places_than_there_are_owners_take_nobodys():
    places = Places(3)
    for who in "abcd":
        places.join(who)
    places.places = 1
    places.line.leave("a", 10)
    places.line.leave("b", 20)
    assert places.admitted == []
    places.line.leave("c", 30)
    assert places.admitted == [("d", 30)]


def test_places_that_there_are_from_some_time_on():
    places = Places(lambda at: 1 if at >= 60 else 0)
    assert not places.join("a", 10)
    places.line.fill(59)
    assert places.admitted == []
    places.line.fill(60)
    assert places.admitted == [("a", 60)]


def test_places_without_end():
    places = Places(float("inf"))
    assert all(places.join(who) for who in range(1000))


def test_leaving_without_having_been_there():
    places = Places(1)
    places.join("a")
    places.join("b")
    places.line.leave("c", 5)
    assert places.admitted == []


def test_whoever_gets_a_place_may_leave_at_once():
    line = Line(lambda _: 1)
    order = []

    def brief(who):
        def admit(at):
            order.append((who, at))
            line.leave(who, at)

        return admit

    line.join("a", 0, brief("a"))
    for who in "bcd":
        line.join(who, 0, brief(who))
    line.leave("a", 7)
    assert order == [("b", 7), ("c", 7), ("d", 7)]
    assert not line.running
    assert not line.waiting
