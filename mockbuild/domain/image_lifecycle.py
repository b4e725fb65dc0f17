"""The lives of images, workflow executions and lifecycle executions as tables.

Sources: the enums of the API; what the API reference and the guide say of building, retrying,
cancelling, and of the transitions that lifecycle policies and ``StartResourceStateUpdate`` may
make; a recorded log of a build, which goes from PENDING to CREATING to BUILDING.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class State:
    """Where a state of an image leads.

    :param then: the states after it when all goes well, the usual one first; none for a state in
        which an image rests.
    :param resumed: the states that ``RetryImage`` may take it back to.
    :param updated: the states that a lifecycle policy or ``StartResourceStateUpdate`` may set.
    """

    then: tuple[str, ...] = ()
    resumed: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()


#: ``then`` has more than one state where stages may be left out: no tests, no build for a workflow
#: that only tests or distributes. That INTEGRATING never is left out is a guess, as is that an
#: imported virtual machine goes from PENDING to AVAILABLE at once. RetryImage leads to the phase in
#: which the image ended, if it was one of these; integration belongs to distribution.
IMAGE_STATES: Final[Mapping[str, State]] = {
    "PENDING": State(("CREATING", "AVAILABLE")),
    "CREATING": State(("BUILDING", "TESTING", "DISTRIBUTING")),
    "BUILDING": State(("TESTING", "DISTRIBUTING")),
    "TESTING": State(("DISTRIBUTING",)),
    "DISTRIBUTING": State(("INTEGRATING",)),
    "INTEGRATING": State(("AVAILABLE",)),
    "AVAILABLE": State(updated=("DEPRECATED", "DISABLED", "DELETED")),
    "DEPRECATED": State(updated=("AVAILABLE", "DISABLED", "DELETED")),
    "DISABLED": State(updated=("AVAILABLE", "DELETED")),
    "FAILED": State(resumed=("TESTING", "DISTRIBUTING", "INTEGRATING"), updated=("DELETED",)),
    "CANCELLED": State(resumed=("TESTING", "DISTRIBUTING", "INTEGRATING"), updated=("DELETED",)),
    "DELETED": State(),
}
#: Where every image begins.
FIRST: Final = "PENDING"
#: Where an image gets that is made; only in this state is it found by its version or by an ``x``.
AVAILABLE: Final = "AVAILABLE"
#: While an image is in one of these, it is being made; it may become FAILED or CANCELLED.
MAKING: Final = tuple(name for name, state in IMAGE_STATES.items() if state.then)
#: Where the making of an image may end.
ENDS: Final = (AVAILABLE, "FAILED", "CANCELLED")
#: The states an image may stay in: it is neither being made nor gone.
RESTING: Final = tuple(name for name, state in IMAGE_STATES.items() if state.updated)


def leads_to(name: str) -> frozenset[str]:
    """Return every state that may come right after the one of that name, for whatever reason."""
    state = IMAGE_STATES[name]
    broken_off = ("FAILED", "CANCELLED") if name in MAKING else ()
    return frozenset((*state.then, *state.resumed, *state.updated, *broken_off))


#: What an image goes through, by the operation that makes it. TESTING falls out where there are no
#: tests. The courses of imported disk images and of DistributeImage are guesses.
COURSES: Final[Mapping[str, tuple[str, ...]]] = {
    "CreateImage": (*MAKING, AVAILABLE),
    "StartImagePipelineExecution": (*MAKING, AVAILABLE),
    "ImportVmImage": (FIRST, AVAILABLE),
    "ImportDiskImage": (FIRST, "CREATING", "BUILDING", "DISTRIBUTING", "INTEGRATING", AVAILABLE),
    "DistributeImage": (FIRST, "CREATING", "DISTRIBUTING", "INTEGRATING", AVAILABLE),
}

#: In which states of an image an operation on it is possible. ``StartResourceStateUpdate`` has
#: further conditions, see :data:`UPDATES`. That only an available image can be distributed by its
#: full ARN is a guess; by its version, only such a one is found.
POSSIBLE: Final[Mapping[str, frozenset[str]]] = {
    "CancelImageCreation": frozenset(MAKING),
    "RetryImage": frozenset(name for name, state in IMAGE_STATES.items() if state.resumed),
    "DeleteImage": frozenset(RESTING),
    "StartResourceStateUpdate": frozenset(RESTING),
    "DistributeImage": frozenset({AVAILABLE}),
}


def _sources(target: str) -> frozenset[str]:
    return frozenset(name for name, state in IMAGE_STATES.items() if target in state.updated)


#: What ``StartResourceStateUpdate`` may set, and in which states; that an image cannot be set to
#: the state it is in is a guess.
UPDATES: Final[Mapping[str, frozenset[str]]] = {
    target: _sources(target) for target in ("AVAILABLE", "DEPRECATED", "DISABLED", "DELETED")
}
#: The only one that images of containers can be set to.
CONTAINER_UPDATES: Final = frozenset({"DELETED"})


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule of a lifecycle policy does.

    :param sets: the state it sets.
    :param applies: the states in which it looks at an image; it passes over all others.
    """

    sets: str
    applies: frozenset[str]


#: The first action that fits is the one an image gets in a run.
POLICY_ACTIONS: Final[Mapping[str, Action]] = {
    "DEPRECATE": Action("DEPRECATED", UPDATES["DEPRECATED"]),
    "DISABLE": Action("DISABLED", UPDATES["DISABLED"]),
    "DELETE": Action("DELETED", UPDATES["DELETED"]),
}

# The other lives: each status with those that may follow; the first is where it begins.

#: Of steps that the guide calls WAITING and TIMED_OUT the API has no status; that they are RUNNING
#: and FAILED is a guess. After a step has failed, those to come stay PENDING, as recorded; after
#: one was CANCELLED, too, as a guess.
STEP_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "PENDING": frozenset({"RUNNING", "SKIPPED"}),
    "RUNNING": frozenset({"COMPLETED", "FAILED", "CANCELLED"}),
    "SKIPPED": frozenset(),
    "COMPLETED": frozenset(),
    "FAILED": frozenset(),
    "CANCELLED": frozenset(),
}
#: A step that needs no rolling back is SKIPPED; that it is so without having been RUNNING, a guess.
ROLLBACK_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "RUNNING": frozenset({"COMPLETED", "FAILED"}),
    "SKIPPED": frozenset(),
    "COMPLETED": frozenset(),
    "FAILED": frozenset(),
}
#: A workflow with a failed step is rolled back, or FAILED right away if there is nothing to roll
#: back. That a rollback is broken off when the image is cancelled is a guess.
WORKFLOW_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "PENDING": frozenset({"RUNNING", "SKIPPED", "CANCELLED"}),
    "RUNNING": frozenset({"COMPLETED", "FAILED", "ROLLBACK_IN_PROGRESS", "CANCELLED"}),
    "ROLLBACK_IN_PROGRESS": frozenset({"ROLLBACK_COMPLETED", "CANCELLED"}),
    "SKIPPED": frozenset(),
    "COMPLETED": frozenset(),
    "FAILED": frozenset(),
    "ROLLBACK_COMPLETED": frozenset(),
    "CANCELLED": frozenset(),
}
#: PENDING is one that goes on in the next day's run.
LIFECYCLE_EXECUTION_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "IN_PROGRESS": frozenset({"PENDING", "SUCCESS", "FAILED", "CANCELLING"}),
    "PENDING": frozenset({"IN_PROGRESS", "CANCELLING"}),
    "CANCELLING": frozenset({"CANCELLED"}),
    "SUCCESS": frozenset(),
    "FAILED": frozenset(),
    "CANCELLED": frozenset(),
}
LIFECYCLE_RESOURCE_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "IN_PROGRESS": frozenset({"SUCCESS", "FAILED", "SKIPPED"}),
    "SUCCESS": frozenset(),
    "FAILED": frozenset(),
    "SKIPPED": frozenset(),
}
#: ABANDONED is a scan whose image has ended before it.
SCAN_STATUSES: Final[Mapping[str, frozenset[str]]] = {
    "PENDING": frozenset({"SCANNING", "ABANDONED", "FAILED", "TIMED_OUT"}),
    "SCANNING": frozenset({"COLLECTING", "ABANDONED", "FAILED", "TIMED_OUT"}),
    "COLLECTING": frozenset({"COMPLETED", "ABANDONED", "FAILED", "TIMED_OUT"}),
    "COMPLETED": frozenset(),
    "ABANDONED": frozenset(),
    "FAILED": frozenset(),
    "TIMED_OUT": frozenset(),
}


def is_final(statuses: Mapping[str, frozenset[str]], status: str) -> bool:
    """Say whether nothing follows a *status* in one of the tables above."""
    return not statuses[status]
