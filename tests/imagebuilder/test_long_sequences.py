"""Long random sequences of calls, with time passing between them, beside a small plain model."""

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from mockbuild import mock_imagebuilder
from tests.imagebuilder.built_factory import members, other, steps
from tests.imagebuilder.factory import LINUX, REGION, Record
from tests.imagebuilder.pipeline_factory import move, scheduled
from tests.imagebuilder.sequence_model import (
    DAYS,
    FLOW,
    LISTS,
    MISMATCH,
    MISSING,
    NEEDED,
    ROLE,
    TAKEN,
    UPDATES,
    Kept,
    Model,
    Pipeline,
    Policy,
    act,
    by_arn,
    call,
    named,
    noun,
    numbers,
    with_x,
)

pytestmark = pytest.mark.docs

BUILT = ("component", "workflow/build")
CONFIGURATIONS = ("infrastructure-configuration", "distribution-configuration")
KINDS = st.sampled_from(list(LISTS))
NAMES = st.sampled_from(["web", "web", "My App", "my_app"])
VERSIONS = st.sampled_from(["1.0.0", "1.0.0", "1.0.1", "1.2.0"])
#: Which of all there have ever been; the newest is 0.
PICKS = st.integers(0, 2)
#: The same, and how many nodes of its version are an ``x``.
FORMS = st.tuples(PICKS, st.sampled_from([0, 0, 1, 2, 3]))
ORDERS = st.fixed_dictionaries(
    {"recipe": FORMS, "infrastructure": PICKS}, optional={"distribution": PICKS, "workflow": FORMS}
)
SPANS = st.sampled_from([0.0, 0.3, 3.0, 60.0, 600.0])
SCRIPTS = st.sampled_from(
    [
        lambda script: script.fails_in("BUILDING"),
        lambda script: script.fails_in("DISTRIBUTING"),
        lambda script: script.hangs("DISTRIBUTING"),
    ]
)


class ImageBuilderMachine(RuleBasedStateMachine):
    """What must hold whatever is called in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.mock: Any = None

    @initialize(
        transitions=st.sampled_from(["settled", "stepped", "timed"]),
        page=st.sampled_from([1, 3, 100]),
    )
    def begin(self, transitions: str, page: int) -> None:
        self.mock = mock_imagebuilder(transitions=transitions, clock="virtual")
        self.mb = self.mock.start()
        move(self.mb, "2030-01-01T00:00")
        self.model = Model(self.mb, stepped=transitions == "stepped", page=page)
        self.there = self.model.there
        for kind in BUILT:
            self.create_build(kind, "web", "1.0.0", another=False)
        self.create_recipe("web", "1.0.0", (0, 3))
        for kind in CONFIGURATIONS:
            self.put_configuration(kind, "web", "c")
        order = {"recipe": (0, 3), "infrastructure": 0}
        self.put_pipeline("web", order, hours=24, off=False)
        self.start(0, days=0)
        self.create_policy("web", off=False)

    def teardown(self) -> None:
        if self.mock is not None:
            self.mock.stop()

    # Components, workflows, recipes, configurations

    @rule(kind=st.sampled_from(BUILT), name=NAMES, version=VERSIONS, another=st.booleans())
    def create_build(self, kind: str, name: str, version: str, another: bool) -> None:
        wanted = members(name, version) if kind == "component" else steps(name, version, data=FLOW)
        if another:
            wanted["data"] = other(wanted["data"])
        latest = self.model.newest(named(kind, name, version))
        code, answer = call(f"create_{noun(kind)}", **wanted)
        if latest is not None and self.there[kind][latest].text == wanted["data"]:
            assert code == TAKEN
            return
        arn = self.model.next_build(named(kind, name, version))
        assert answer.items() >= by_arn(kind, arn).items()
        self.model.add(kind, arn, Kept(text=wanted["data"]))

    @rule(name=NAMES, version=VERSIONS | st.just("1.0.x"), tool=st.none() | FORMS)
    def create_recipe(self, name: str, version: str, tool: tuple[int, int] | None) -> None:
        wanted: Record = {"name": name, "semanticVersion": version, "parentImage": LINUX}
        uses = [] if tool is None else [self.model.form("component", tool)]
        if uses:
            wanted["components"] = [{"componentArn": uses[0]}]
        arn = named("image-recipe", name, version)
        if version == "1.0.x":
            before = self.model.newest(arn)
            arn = arn.replace("x", "0" if before is None else str(numbers(before)[2] + 1))
        code, answer = call("create_image_recipe", **wanted)
        if uses and self.model.newest(uses[0]) is None:
            assert code == MISSING
        elif arn in self.there["image-recipe"]:
            assert code == TAKEN
        else:
            assert answer["imageRecipeArn"] == arn
            self.model.add("image-recipe", arn, Kept(uses))

    @rule(kind=st.sampled_from(CONFIGURATIONS), name=NAMES, how=st.sampled_from("cu"))
    def put_configuration(self, kind: str, name: str, how: str) -> None:
        arn = named(kind, name)
        wanted: Record = {"instanceProfileName": "builder"}
        if kind == "distribution-configuration":
            wanted = {"distributions": [{"region": REGION, "amiDistributionConfiguration": {}}]}
        if how == "u":
            code, _ = act("update", kind, arn, **wanted)
            assert code == (None if arn in self.there[kind] else MISSING)
            return
        code, _ = call(f"create_{noun(kind)}", name=name, **wanted)
        assert code == (TAKEN if arn in self.there[kind] else None)
        if code is None:
            self.model.add(kind, arn, Kept())

    @rule(name=NAMES, off=st.booleans())
    def create_policy(self, name: str, off: bool) -> None:
        arn = named("lifecycle-policy", name)
        age = {"type": "AGE", "value": DAYS, "unit": "DAYS"}
        code, _ = call(
            "create_lifecycle_policy",
            name=name,
            status="DISABLED" if off else "ENABLED",
            executionRole=ROLE,
            resourceType="AMI_IMAGE",
            policyDetails=[{"action": {"type": "DEPRECATE"}, "filter": age}],
            resourceSelection={"recipes": [{"name": "web", "semanticVersion": "x.x.x"}]},
        )
        assert code == (TAKEN if arn in self.there["lifecycle-policy"] else None)
        if code is None:
            runs = len(self.model.listed("list_lifecycle_executions", resourceArn=arn))
            since = round(self.mb.clock.now(), 3)
            self.model.add(
                "lifecycle-policy", arn, Policy(enabled=not off, since=since, earlier=runs)
            )

    # Anything that has an ARN

    @rule(kind=KINDS, pick=PICKS)
    def delete(self, kind: str, pick: int) -> None:
        arn = self.model.picked(pick, kind)
        if kind == "image":
            self.model.look(arn)
        code, _ = act("delete", kind, arn)
        if arn not in self.there[kind]:
            assert code == MISSING
        elif self.model.can_be_deleted(kind, arn):
            assert code is None
            del self.there[kind][arn]
        else:
            assert code == NEEDED

    @rule(kind=KINDS, pick=PICKS, key=st.sampled_from("ab"), value=st.sampled_from([None, "1"]))
    def tag(self, kind: str, pick: int, key: str, value: str | None) -> None:
        arn = self.model.picked(pick, kind)
        if value is None:
            code, _ = call("untag_resource", resourceArn=arn, tagKeys=[key])
        else:
            code, _ = call("tag_resource", resourceArn=arn, tags={key: value})
        assert code == (None if arn in self.there[kind] else MISSING)
        if code is None:
            self.model.see_tags(kind, arn, key, value)

    @rule(kind=KINDS, pick=PICKS, count=st.integers(0, 3))
    def get(self, kind: str, pick: int, count: int) -> None:
        """An ``x`` means the newest that is there; of images, the newest that is available."""
        arn = self.model.picked(pick, kind)
        has_versions = arn.endswith(tuple("0123456789"))
        wanted = with_x(arn, count) if count and has_versions else arn
        if kind == "image":
            self.model.look_at_everything()
        newest = self.model.newest(wanted) if wanted != arn else arn
        code, answer = act("get", kind, wanted)
        assert code == (None if newest in self.there[kind] else MISSING)
        if code is None:
            (record,) = (one for one in answer.values() if "arn" in one)
            assert (record["arn"], record["tags"]) == (newest, self.there[kind][newest].tags)
            if kind == "image":
                self.model.see_image(record)

    # Images

    @rule(order=ORDERS, script=st.none() | SCRIPTS, again=st.booleans())
    def create_image(self, order: Record, script: Any, again: bool) -> None:
        """Create an image, and once more with the same token, which makes no other."""
        wanted = self.model.ordered(order)
        recipe = self.model.recipe_of(wanted)
        if recipe is not None and script is not None:
            script(self.mb.script(image=recipe, times=1))
        token = {"clientToken": f"token-{len(self.model.ever)}"}
        code, answer = call("create_image", **wanted, **token)
        if recipe is None:
            assert code == MISSING
            return
        self.model.begin(answer["imageBuildVersionArn"], recipe, hangs=script is not None)
        if again:
            _, same = call("create_image", **wanted, **token)
            assert same["imageBuildVersionArn"] == answer["imageBuildVersionArn"]
            assert call("create_image", **wanted, **token, tags={"a": "b"})[0] == MISMATCH

    @rule(pick=PICKS, how=st.sampled_from(["CANCEL", "RETRY", *UPDATES]), span=SPANS)
    def change_image(self, pick: int, how: str, span: float) -> None:
        """Wait a little, and do something to an image."""
        self.wait(span)
        self.model.change(self.model.picked(pick, "image"), how)

    # Pipelines

    @rule(name=NAMES, order=ORDERS, hours=st.sampled_from([None, 6, 24]), off=st.booleans())
    def put_pipeline(self, name: str, order: Record, hours: int | None, off: bool) -> None:
        """Create a pipeline, or update it if it is there."""
        order = self.model.ordered(order)
        wanted = {**order, "status": "DISABLED"} if off else dict(order)
        if hours is not None:
            wanted["schedule"] = scheduled(f"rate({hours} hours)")
        arn = named("image-pipeline", name)
        code, _ = call("create_image_pipeline", name=name, **wanted)
        known = self.there["image-pipeline"].get(arn)
        if known is not None and self.model.recipe_of(order) is not None:
            assert code == TAKEN
            code, _ = act("update", "image-pipeline", arn, **wanted)
        assert code == (MISSING if self.model.recipe_of(order) is None else None)
        if code is None:
            if known is None:
                known = Pipeline()
                self.model.add("image-pipeline", arn, known)
            known.needs = self.model.needs_of(order)
            known.order, known.hours, known.enabled = order, hours, not off
            known.since = round(self.mb.clock.now(), 3)

    @rule(name=NAMES, times=st.sampled_from([1, 3, 8]))
    def script_pipeline(self, name: str, times: int) -> None:
        script = self.mb.script(image=named("image-pipeline", name), times=times)
        script.fails_in("DISTRIBUTING")

    @rule(pick=PICKS, days=st.sampled_from([0, 0, 1, 3]))
    def start(self, pick: int, days: int) -> None:
        self.wait(days * 86400)
        arn = self.model.picked(pick, "image-pipeline")
        code, answer = call("start_image_pipeline_execution", imagePipelineArn=arn)
        self.model.see_start(arn, code, answer.get("imageBuildVersionArn", ""))

    # Time

    @rule(span=SPANS | st.sampled_from([4 * 3600, 30 * 3600, 5 * 86400]))
    def wait(self, span: float) -> None:
        before = self.mb.clock.now()
        self.mb.clock.tick(seconds=span)
        self.model.see_time_pass(before)
        self.model.look_at_everything()

    # What must always hold

    @rule()
    def look(self) -> None:
        self.model.look_at_everything()

    @precondition(lambda self: self.mock is not None)
    @invariant()
    def lists_show_what_there_is(self) -> None:
        self.model.look_at_lists()


ImageBuilderMachine.TestCase.settings = settings(
    max_examples=40, stateful_step_count=40, deadline=None
)
TestLongSequences = ImageBuilderMachine.TestCase
