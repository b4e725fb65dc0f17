"""A small plain model of Image Builder, for long random sequences of calls beside it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from mockbuild import Control
from tests.imagebuilder.factory import ARN, CLIENT, Record

MISSING, TAKEN = "ResourceNotFoundException", "ResourceAlreadyExistsException"
NEEDED, BUSY = "ResourceDependencyException", "ResourceInUseException"
WRONG, MISMATCH = "InvalidParameterValueException", "IdempotentParameterMismatchException"

ROLE = "arn:aws:iam::123456789012:role/images"
#: What lists everything of a kind, the newest first.
LISTS = {
    "component": "list_component_build_versions",
    "workflow/build": "list_workflow_build_versions",
    "image-recipe": "list_image_recipes",
    "infrastructure-configuration": "list_infrastructure_configurations",
    "distribution-configuration": "list_distribution_configurations",
    "image-pipeline": "list_image_pipelines",
    "image": "list_image_build_versions",
    "lifecycle-policy": "list_lifecycle_policies",
}
MAKING = ("PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING")
#: States that can be set, and those from which.
UPDATES = {
    "DEPRECATED": ("AVAILABLE",),
    "DISABLED": ("AVAILABLE", "DEPRECATED"),
    "AVAILABLE": ("DEPRECATED", "DISABLED"),
}
#: After how many days policies deprecate images, and when in seconds after midnight they do it.
DAYS, RUNS_AT = 2, 3 * 3600
#: No image takes longer, in seconds, unless it hangs.
LONGEST = 1800
#: A workflow that makes an AMI.
FLOW = json.dumps(
    {
        "schemaVersion": 1.0,
        "steps": [
            {"name": "Launch", "action": "LaunchInstance", "inputs": {"waitFor": "ssmAgent"}},
            {"name": "Make", "action": "CreateImage", "inputs": {"instanceId": "i-1"}},
        ],
    }
)


def call(operation: str, **params: Any) -> tuple[str | None, Record]:
    """Return the code of the error, if any, and the answer."""
    try:
        return None, getattr(CLIENT, operation)(**params)
    except ClientError as error:
        return error.response["Error"]["Code"], {}


def act(verb: str, kind: str, arn: str, **params: Any) -> tuple[str | None, Record]:
    """Call what gets, updates or deletes something, and return the error's code and the answer."""
    return call(f"{verb}_{noun(kind)}", **by_arn(kind, arn), **params)


def named(kind: str, name: str, version: str = "") -> str:
    """Return the ARN of something of that name."""
    normal = re.sub("[ _]", "-", name.lower())
    return "/".join(filter(None, (f"{ARN}:{kind}", normal, version)))


def noun(kind: str) -> str:
    """Return what operations on a kind call it: ``image_recipe``."""
    return kind.partition("/")[0].replace("-", "_")


def by_arn(kind: str, arn: str) -> Record:
    """Return the parameter in which operations take an ARN of that kind."""
    first, *rest = noun(kind).split("_")
    build = "BuildVersion" if kind in ("component", "workflow/build", "image") else ""
    return {f"{first}{''.join(map(str.title, rest))}{build}Arn": arn}


def without_build(arn: str) -> str:
    return re.sub(r"(\.[0-9]+)/[0-9]+$", r"\1", arn)


def with_x(arn: str, count: int) -> str:
    """Return the ARN of a version, or of a build, with ``x`` for its last *count* nodes."""
    name, _, version = without_build(arn).rpartition("/")
    nodes = version.split(".")
    return f"{name}/{'.'.join([*nodes[: 3 - count], *['x'] * count])}"


def numbers(arn: str) -> list[int]:
    return [int(number) for number in re.findall(r"(?<=[/.])[0-9]+", arn)]


def seconds(date: str) -> float:
    return datetime.fromisoformat(date).timestamp()


@dataclass
class Kept:
    """What is known of something that has an ARN.

    :param needs: the ARNs of what it cannot do without, as it has them.
    :param text: its document.
    """

    needs: Sequence[str] = ()
    text: str = ""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Pipeline(Kept):
    """What is known of a pipeline.

    :param order: what it makes images of.
    :param hours: how often it is due.
    :param since: from when on.
    :param runs: when it began which images.
    """

    order: Record = field(default_factory=dict)
    hours: int | None = None
    enabled: bool = True
    since: float = 0.0
    runs: list[tuple[float, str]] = field(default_factory=list)


@dataclass
class Policy(Kept):
    """What is known of a lifecycle policy: it deprecates images of ``web`` after :data:`DAYS`.

    :param since: from when on it runs every day.
    :param earlier: how often others of its name have run before.
    """

    enabled: bool = True
    since: float = 0.0
    earlier: int = 0


@dataclass
class Image(Kept):
    """What was last seen of an image.

    :param hangs: whether it may take longer than others.
    :param failed_in: the state in which it has failed.
    :param fixed: what does not change.
    """

    state: str = "PENDING"
    cancelled: float | None = None
    hangs: bool = False
    failed_in: str = ""
    fixed: Record = field(default_factory=dict)


class Model:
    """What there is and what it needs, what pipelines have done, and what was seen of images.

    :param mb: the mock beside it.
    :param page: how long pages of lists are.
    """

    def __init__(self, mb: Control, *, stepped: bool, page: int) -> None:
        self.mb = mb
        self.stepped = stepped
        self.page = page
        self.there: dict[str, dict[str, Any]] = {kind: {} for kind in LISTS}
        self.ever: list[tuple[str, str]] = []
        self._last_builds: dict[str, int] = {}

    def add(self, kind: str, arn: str, known: Kept) -> None:
        self.ever.append((kind, arn))
        self.there[kind][arn] = known

    def picked(self, pick: int, kind: str) -> str:
        """Return the ARN of something of a kind that is or was there, the newest for 0."""
        found = [arn for its, arn in self.ever if its == kind]
        return found[-1 - pick % len(found)]

    def form(self, kind: str, form: tuple[int, int]) -> str:
        """Return the ARN of one, with as many ``x`` as are wanted."""
        pick, count = form
        arn = self.picked(pick, kind)
        return with_x(arn, count) if count else arn

    def ordered(self, picks: Record) -> Record:
        """Return what an image, or a pipeline, is to be made of."""
        order: Record = {"imageRecipeArn": self.form("image-recipe", picks["recipe"])}
        for name in ("infrastructure", "distribution"):
            if name in picks:
                arn = self.picked(picks[name], f"{name}-configuration")
                order[f"{name}ConfigurationArn"] = arn
        if "workflow" in picks:
            arn = self.form("workflow/build", picks["workflow"])
            order |= {"workflows": [{"workflowArn": arn}], "executionRole": ROLE}
        return order

    def next_build(self, version: str) -> str:
        """Return the ARN of the next build of a version, which is one more than the last ever."""
        self._last_builds[version] = self._last_builds.get(version, 0) + 1
        return f"{version}/{self._last_builds[version]}"

    def newest(self, arn: str) -> str | None:
        """Return the newest of what an ARN may mean; of images, the newest that is available."""
        ((kind, name),) = re.findall(f"{ARN}:([a-z-]+(?:/build)?)/([^/]+)/", arn)
        start = f"{named(kind, name)}/"
        fixed = numbers(arn)
        found = [
            one
            for one, known in self.there[kind].items()
            if one.startswith(start) and numbers(one)[: len(fixed)] == fixed
            if kind != "image" or known.state == "AVAILABLE"
        ]
        return max(found, key=numbers, default=None)

    def can_be_deleted(self, kind: str, arn: str) -> bool:
        if kind == "image":
            return self.there[kind][arn].state not in MAKING
        everything = (one for known in self.there.values() for one in known.values())
        needs = {need for one in everything for need in one.needs}
        return arn not in needs and without_build(arn) not in needs

    def needs_of(self, order: Record) -> list[str]:
        """Return the ARNs of all that a pipeline needs, as they are written in it."""
        arns = [arn for member, arn in order.items() if member.endswith("Arn")]
        return arns + [one["workflowArn"] for one in order.get("workflows", ())]

    def recipe_of(self, order: Record) -> str | None:
        """Return the recipe of which *order* makes images, if everything is there for it."""
        recipe = self.newest(order["imageRecipeArn"])
        for name in ("infrastructure", "distribution"):
            kind = f"{name}-configuration"
            arn = order.get(f"{name}ConfigurationArn")
            recipe = recipe if arn is None or arn in self.there[kind] else None
        flows = [one["workflowArn"] for one in order.get("workflows", ())]
        return recipe if all(map(self.newest, flows)) else None

    def begin(self, arn: str, recipe: str, *, hangs: bool = False) -> None:
        """Take note of a new image."""
        assert arn == self.next_build(recipe.replace(":image-recipe/", ":image/"))
        self.add("image", arn, Image(hangs=hangs))

    # What is seen

    def listed(self, operation: str, **params: Any) -> list[Record]:
        pager = CLIENT.get_paginator(operation)
        pages = [*pager.paginate(**params, PaginationConfig={"PageSize": self.page})]
        key = str(pager.result_keys[0].expression)
        assert all(len(page[key]) == self.page for page in pages[:-1])
        return [one for page in pages for one in page[key]]

    def everything(self, kind: str) -> list[Record]:
        """List all of a kind: what there is, the newest first, with its tags."""
        listed = self.listed(LISTS[kind])
        expected = [(arn, one.tags) for arn, one in self.there[kind].items()]
        assert [(one["arn"], one["tags"]) for one in reversed(listed)] == expected
        return listed

    def see_tags(self, kind: str, arn: str, key: str, value: str | None) -> None:
        """A key has a value now, or is gone; the others are as they were."""
        known = self.there[kind][arn]
        known.tags = {name: text for name, text in known.tags.items() if name != key}
        if value is not None:
            known.tags[key] = value
        assert CLIENT.list_tags_for_resource(resourceArn=arn)["tags"] == known.tags

    def look_at_lists(self) -> None:
        """Look at the lists that do not look at images.

        Lists of versions have each that is there once, in order of names and numbers.
        """
        for kind in LISTS:
            if kind not in ("image-pipeline", "image"):
                self.everything(kind)
        for kind, operation in (("component", "list_components"), ("image", "list_images")):
            versions = {without_build(arn) for arn in self.there[kind]}
            expected = sorted(versions, key=lambda arn: (arn.split("/")[1], numbers(arn)))
            assert [one["arn"] for one in self.listed(operation)] == expected

    def look_at_everything(self) -> None:
        """Look at all images, and at the last ones of pipelines."""
        for record in self.everything("image"):
            self.see_image(record)
        for record in self.everything("image-pipeline"):
            self.see_pipeline(record)

    def look(self, arn: str) -> str | None:
        """Look at an image, and return its state, if it is there."""
        code, answer = call("get_image", imageBuildVersionArn=arn)
        if arn not in self.there["image"]:
            assert code == MISSING
            return None
        return self.see_image(answer["image"])

    def see_image(self, record: Record) -> str:
        """An image only goes on, and what is over stays as it is."""
        known = self.there["image"][record["arn"]]
        state: str = record["state"]["status"]
        if known.state in MAKING:
            later = MAKING[MAKING.index(known.state) :]
            assert state in (*later, "AVAILABLE", "DEPRECATED", "FAILED", "CANCELLED")
        elif state != known.state:
            assert (known.state, state) == ("AVAILABLE", "DEPRECATED")
        if state == "DEPRECATED" and known.state != state:
            assert (record["name"], "lifecycleExecutionId" in record) == ("web", True)
        if known.cancelled is not None:
            assert state in (*MAKING, "CANCELLED")
            is_due = not self.stepped and self.mb.clock.now() > known.cancelled + 5
            assert state == "CANCELLED" or not is_due
        assert ("failureContext" in record["state"]) == (state == "FAILED")
        known.failed_in = record["state"].get("failureContext", {}).get("imageStatus", "")
        amis = record["outputResources"]["amis"]
        assert not amis or state not in ("PENDING", "CREATING")
        assert amis or state not in ("AVAILABLE", "DEPRECATED", "DISABLED")
        fixed = {name: record[name] for name in ("name", "version", "dateCreated", "buildType")}
        known.fixed = known.fixed or fixed
        assert fixed == known.fixed
        known.state = state
        return state

    def see_pipeline(self, record: Record) -> None:
        """It is due next, and was due last, as its schedule and its images say."""
        known = self.there["image-pipeline"][record["arn"]]
        if known.enabled and record["status"] == "DISABLED":
            assert record["consecutiveFailures"] >= 5
            known.enabled = False
        assert record["status"] == ("ENABLED" if known.enabled else "DISABLED")
        is_due = known.hours is not None and known.enabled
        assert ("dateNextRun" in record) == is_due
        if is_due:
            after = seconds(record["dateNextRun"]) - self.mb.clock.now()
            assert 0 < after <= known.hours * 3600
        assert ("dateLastRun" in record) == bool(known.runs)
        if known.runs:
            start, last = known.runs[-1]
            assert abs(seconds(record["dateLastRun"]) - start) < 0.002
            image = self.there["image"].get(last)
            assert (record["lastRunStatus"] == "DELETED") == (image is None)
            if image is not None and self.stepped:
                image.state = record["lastRunStatus"]  # this was a look

    def see_start(self, arn: str, code: str | None, image: str) -> None:
        """A pipeline can be started unless it is making an image, or lacks something.

        :param code: the error's, if it was none.
        :param image: the ARN of the image that was begun.
        """
        known = self.there["image-pipeline"].get(arn)
        if known is None:
            assert code == MISSING
            return
        last = known.runs[-1][1] if known.runs else ""
        before = self.there["image"].get(last)
        if code == BUSY:
            assert before is not None
            assert before.state in MAKING
            return
        if before is not None:
            assert (before.state if self.stepped else self.look(last)) not in MAKING
        recipe = self.recipe_of(known.order)
        assert code == (MISSING if recipe is None else None)
        if recipe is not None:
            self.begin(image, recipe)
            known.runs.append((self.mb.clock.now(), image))

    def see_runs(self, arn: str, before: float, begun: list[tuple[float, str]]) -> None:
        """A pipeline has run as often as its schedule says, unless there is a reason.

        :param before: since when.
        :param begun: when it has begun which images since then.
        """
        known = self.there["image-pipeline"][arn]
        now = self.mb.clock.now()
        due: list[float] = []
        if known.hours is not None and known.enabled:
            span = known.hours * 3600
            count = int((now - known.since) // span)
            due = [round(known.since + span * number, 3) for number in range(1, count + 1)]
        times = [at for at, _ in begun]
        assert times == sorted(set(times) & {at for at in due if at > before})
        record = CLIENT.get_image_pipeline(imagePipelineArn=arn)["imagePipeline"]
        has_stopped = known.enabled and record["status"] == "DISABLED"
        known.runs += begun
        if self.recipe_of(known.order) is None:
            assert times == []
            return
        for at in due:
            if at > before and at not in times:
                start, last = [run for run in known.runs if run[0] < at][-1]
                image = self.there["image"].get(last)
                may_last = image is not None and (image.hangs or image.cancelled is not None)
                has_stopped_before = has_stopped and start == known.runs[-1][0]
                assert may_last or has_stopped_before or at < start + LONGEST

    def see_time_pass(self, before: float) -> None:
        """Take note of the images that pipelines have begun by their schedules."""
        listed = self.listed(LISTS["image"])
        self.see_policies(before, {one["arn"]: one["state"]["status"] for one in listed})
        new = {
            one["arn"]: seconds(one["dateCreated"])
            for one in reversed(listed)
            if one["arn"] not in self.there["image"]
        }
        assert list(new.values()) == sorted(new.values())
        recipes = {}
        for arn, known in self.there["image-pipeline"].items():
            listed = self.listed("list_image_pipeline_images", imagePipelineArn=arn)
            assert all(one["buildType"] == "SCHEDULED" for one in listed if one["arn"] in new)
            made = [one["arn"] for one in reversed(listed)]
            begun = [(new[one], one) for one in made if one in new]
            self.see_runs(arn, before, begun)
            recipes.update({one: self.recipe_of(known.order) for _, one in begun})
            assert made == [
                one for _, one in known.runs if one in new or one in self.there["image"]
            ]
        for arn in new:
            self.begin(arn, recipes[arn])

    def see_policies(self, before: float, states: dict[str, str]) -> None:
        """Policies run once a day, and what is old enough then is not available afterwards.

        :param before: since when time has passed.
        :param states: those that images have now, by their ARNs.
        """
        now = self.mb.clock.now()
        for arn, known in self.there["lifecycle-policy"].items():
            day = 86400
            first = ((known.since - RUNS_AT) // day + 1) * day + RUNS_AT
            count = max(0, int((now - first) // day) + 1) if known.enabled else 0
            runs = self.listed("list_lifecycle_executions", resourceArn=arn)
            assert len(runs) == known.earlier + count
            last = first + (count - 1) * day
            if count and before < last <= now - 3600:
                for image, seen in self.there["image"].items():
                    created = seconds(seen.fixed.get("dateCreated", "9999-01-01T00:00:00Z"))
                    is_old = created < last - DAYS * day - 3600 and "/web/" in image
                    assert not (is_old and seen.state == states[image] == "AVAILABLE")

    # What is done to images

    def change(self, arn: str, how: str) -> None:
        """Cancel an image, retry it or set its state: what happens depends on its state."""
        if how == "CANCEL":
            self._cancel(arn)
        elif how == "RETRY":
            self._retry(arn)
        else:
            self._set_state(arn, how)

    def _cancel(self, arn: str) -> None:
        code, _ = call("cancel_image_creation", imageBuildVersionArn=arn)
        known = self.there["image"].get(arn)
        if known is None:
            assert code == MISSING
        elif code is None:
            assert known.state in MAKING
            known.cancelled = known.cancelled or self.mb.clock.now()
        else:
            assert code == WRONG
            assert self.look(arn) not in MAKING

    def _retry(self, arn: str) -> None:
        state = self.look(arn)
        code, _ = call("retry_image", imageBuildVersionArn=arn)
        if state is None:
            assert code == MISSING
        elif state in MAKING:
            assert code == BUSY
        elif code is None:
            assert state in ("FAILED", "CANCELLED")
            known = self.there["image"][arn]
            known.state, known.cancelled, known.hangs = "TESTING", None, True
        else:
            assert code == WRONG
            assert self.there["image"][arn].failed_in not in MAKING[3:]

    def _set_state(self, arn: str, status: str) -> None:
        before = self.look(arn)
        wanted = {"resourceArn": arn, "state": {"status": status}}
        code, _ = call("start_resource_state_update", **wanted)
        if before is None:
            assert code == MISSING
        elif before in MAKING:
            assert code == BUSY
        else:
            assert code == (None if before in UPDATES[status] else WRONG)
            if code is None:
                self.there["image"][arn].state = status
