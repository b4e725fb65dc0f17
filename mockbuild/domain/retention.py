"""What a lifecycle policy does to which images, decided on plain records.

A policy has a rule for each action at most. Images are gone through from the newest to the oldest,
and each gets the first action that fits: deprecate, disable, delete. How many images a rule keeps
counts for each version of a recipe by itself, and before tags that exclude images are looked at.

Sources: the API reference, and the guide's pages on rules and on how policies are executed.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from mockbuild.domain.image_arns import normal_name
from mockbuild.domain.image_lifecycle import POLICY_ACTIONS, RESTING
from mockbuild.domain.versions import Wanted

#: Builds that came to nothing: they count for nothing, and nothing protects them.
USELESS: Final = frozenset({"FAILED", "CANCELLED"})
#: What kind of images a policy is about.
IMAGE_TYPES: Final[Mapping[str, str]] = {"AMI_IMAGE": "AMI", "CONTAINER_IMAGE": "DOCKER"}

#: Why an image is spared; the text is a guess.
_TAGGED: Final = "The image has an excluded tag."
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS: Final = {"DAYS": 1, "WEEKS": 7}
_MONTHS: Final = {"MONTHS": 1, "YEARS": 12}


@dataclass(frozen=True, slots=True)
class Span:
    """A time as policies have it: ``6 MONTHS``.

    :param unit: ``DAYS``, ``WEEKS``, ``MONTHS`` or ``YEARS``.
    """

    value: int
    unit: str

    def before(self, now: float) -> float:
        """Return when it was so long before *now*.

        Months and years are the calendar's, in UTC, and end with the last day of a month that is
        too short; that is a guess.
        """
        if self.unit in _DAYS:
            return now - 86400 * self.value * _DAYS[self.unit]
        moment = _EPOCH + timedelta(seconds=now)
        months = 12 * moment.year + moment.month - 1 - self.value * _MONTHS[self.unit]
        year, month = divmod(months, 12)
        if year < 1:
            return float("-inf")
        day = min(moment.day, monthrange(year, month + 1)[1])
        return (moment.replace(year=year, month=month + 1, day=day) - _EPOCH).total_seconds()

    def __str__(self) -> str:
        unit = self.unit.lower()
        return f"{self.value} {unit[:-1] if self.value == 1 else unit}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image that a policy may do something to.

    :param group: what its recipe version is known by; images of one compete to be kept.
    :param status: the state it is in.
    :param created: when it was made, in seconds since the epoch.
    :param tags: its own, not those of its AMIs.
    """

    arn: str
    group: str
    status: str
    created: float
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which images a policy is about: those of some recipes, or those with one of some tags.

    :param recipes: names as they stand in ARNs, each with its versions.
    """

    recipes: tuple[tuple[str, Wanted], ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, selection: Mapping[str, Any]) -> "Selection":
        """Read ``resourceSelection``.

        :raises VersionError: an ``x`` stands where none may.
        """
        recipes = (
            (normal_name(one["name"]), Wanted.parse(one["semanticVersion"]))
            for one in selection.get("recipes", ())
        )
        return cls(tuple(recipes), dict(selection.get("tagMap", {})))


def has_any(tags: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Tell whether *tags* have one of those *wanted*, key and value."""
    return any(tags.get(key) == value for key, value in wanted.items())


class AmiFacts(NamedTuple):
    """What rules want to know of an AMI.

    :param shared_with: the accounts that may launch it.
    :param last_launched: when it was, as far as EC2 knows; ``None`` if it does not.
    """

    region: str
    is_public: bool = False
    tags: Mapping[str, str] = {}
    shared_with: frozenset[str] = frozenset()
    last_launched: float | None = None


@dataclass(frozen=True, slots=True)
class AmiExclusions:
    """Which AMIs are left alone."""

    regions: frozenset[str] = frozenset()
    is_public: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    accounts: frozenset[str] = frozenset()
    last_launched: Span | None = None

    @classmethod
    def read(cls, rules: Mapping[str, Any]) -> "AmiExclusions":
        """Read ``exclusionRules``, of a policy or of a request that changes the state of one."""
        amis = rules.get("amis", {})
        launched = amis.get("lastLaunched")
        return cls(
            frozenset(amis.get("regions", ())),
            amis.get("isPublic", False),
            amis.get("tagMap", {}),
            frozenset(amis.get("sharedAccounts", ())),
            None if launched is None else Span(launched["value"], launched["unit"]),
        )

    def reason(self, ami: AmiFacts, now: float) -> str:
        """Say why *ami* is left alone; an empty text if it is not.

        The order is documented; the texts are guesses.
        """
        if ami.region in self.regions:
            return f"The AMI is in the excluded Region {ami.region}."
        if self.is_public and ami.is_public:
            return "The AMI is public."
        if has_any(ami.tags, self.tags):
            return "The AMI has an excluded tag."
        shared = sorted(self.accounts & ami.shared_with)
        if shared:
            return f"The AMI is shared with the excluded account {shared[0]}."
        since = self.last_launched
        launched = ami.last_launched
        if since is not None and launched is not None and launched >= since.before(now):
            return f"The AMI was launched within the last {since}."
        return ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a policy does to which of its images.

    :param action: ``DEPRECATE``, ``DISABLE`` or ``DELETE``.
    :param age: how old images are that it concerns; ``None`` for a rule that counts.
    :param keeps: how many of the newest images of each recipe version it leaves alone.
    :param includes: ``amis``, ``snapshots``, ``containers``: what else it acts on.
    :param tags: images with one of these are left alone.
    """

    action: str
    age: Span | None = None
    keeps: int = 0
    includes: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)
    amis: AmiExclusions = field(default_factory=AmiExclusions)

    @classmethod
    def read(cls, detail: Mapping[str, Any]) -> "Rule":
        """Read one of ``policyDetails``.

        Images are only kept from being deleted: with other actions, ``retainAtLeast`` is accepted
        and counts for nothing.
        """
        action, rule = detail["action"], detail["filter"]
        exclusions = detail.get("exclusionRules", {})
        by_age = rule["type"] == "AGE"
        keeps = rule.get("retainAtLeast", 0) if by_age else rule["value"]
        return cls(
            action["type"],
            Span(rule["value"], rule["unit"]) if by_age else None,
            keeps if action["type"] == "DELETE" else 0,
            frozenset(name for name, on in action.get("includeResources", {}).items() if on),
            exclusions.get("tagMap", {}),
            AmiExclusions.read(exclusions),
        )

    def reason(self, image: Candidate, place: int, now: float) -> str:
        """Say why it concerns *image*; an empty text if it does not.

        :param place: how many newer images of its recipe version there are.
        """
        if image.status not in POLICY_ACTIONS[self.action].applies:
            return ""
        if image.status in USELESS:
            return f"The image build is {image.status}."
        if self.age is not None and image.created > self.age.before(now):
            return ""
        if place < self.keeps:
            return ""
        if self.age is not None:
            return f"The image is older than {self.age}."
        return f"There are {self.keeps} or more newer images of the recipe version."


class Decision(NamedTuple):
    """What becomes of an image that a rule concerns.

    :param reason: why the rule concerns it.
    :param spared: why nothing is done to it nevertheless; empty if something is.
    """

    image: Candidate
    rule: Rule
    reason: str
    spared: str = ""


def read_rules(details: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Read ``policyDetails``; what comes back is in the order in which the rules are tried."""
    order = tuple(POLICY_ACTIONS)
    return tuple(sorted(map(Rule.read, details), key=lambda rule: order.index(rule.action)))


def decide(rules: Sequence[Rule], images: Iterable[Candidate], now: float) -> list[Decision]:
    """Say what becomes of *images*, from the newest to the oldest.

    Those that no rule concerns do not come up, nor do those that are still being made. An image
    that one rule leaves alone for a tag is still looked at by the next, which is a guess.

    :param rules: in the order in which they are tried.
    :param images: all that the policy is about; those made at the same time come in the order
        in which they are given.
    :param now: when this is decided.
    """
    places: Counter[str] = Counter()
    decisions = []
    for image in sorted(images, key=lambda one: -one.created):
        if image.status not in RESTING:
            continue
        found = _decide(rules, image, places[image.group], now)
        places[image.group] += image.status not in USELESS
        if found is not None:
            decisions.append(found)
    return decisions


def _decide(rules: Sequence[Rule], image: Candidate, place: int, now: float) -> Decision | None:
    spared = None
    for found in _concerned(rules, image, place, now):
        if not found.spared:
            return found
        spared = spared or found
    return spared


def _concerned(
    rules: Sequence[Rule], image: Candidate, place: int, now: float
) -> Iterator[Decision]:
    for rule in rules:
        reason = rule.reason(image, place, now)
        if reason:
            spared = image.status not in USELESS and has_any(image.tags, rule.tags)
            yield Decision(image, rule, reason, _TAGGED if spared else "")
