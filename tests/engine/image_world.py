"""An image on its own, with all that it can be made of, and what must hold of its events."""

import json
from collections import defaultdict

from mockbuild.domain.ids import Ids
from mockbuild.domain.image_arns import ImageBuilderArn
from mockbuild.domain.image_lifecycle import (
    COURSES,
    ENDS,
    FIRST,
    ROLLBACK_STATUSES,
    SCAN_STATUSES,
    STEP_STATUSES,
    WORKFLOW_STATUSES,
    leads_to,
)
from mockbuild.engine.agenda import Agenda
from mockbuild.engine.image import ImageMaker
from mockbuild.engine.image_events import (
    Entered,
    Learned,
    Planned,
    RolledBack,
    StepMoved,
    WorkflowMoved,
)
from mockbuild.engine.image_job import ComponentPlan, ImageJob, WorkflowPlan
from mockbuild.engine.image_outputs import Ami, OutputRefused
from mockbuild.engine.image_scenario import ImageScenario
from mockbuild.engine.pace import ALWAYS, Pace
from mockbuild.neighbours.embedded_logs import EmbeddedLogs
from tests.remembered_outputs import RememberedOutputs

STARTED = 1_800_000_000.0
ARN = "arn:aws:imagebuilder:us-east-1:123456789012:image/web/1.0.0/1"
COMPONENT = "arn:aws:imagebuilder:us-east-1:123456789012:component/tool/1.0.0/1"
DOCUMENT = """\
schemaVersion: 1.0
phases:
  - name: build
    steps: [{name: make, action: ExecuteBash, inputs: {commands: [make]}}]
  - name: test
    steps: [{name: try, action: ExecuteBash, inputs: {commands: [make test]}}]
"""
ON = {"instanceId.$": "$.stepOutputs.Launch.instanceId"}
LAUNCH = {"name": "Launch", "action": "LaunchInstance", "inputs": {"waitFor": "ssmAgent"}}
STEPS = {
    "BUILD": [
        LAUNCH,
        {"name": "Apply", "action": "ExecuteComponents", "inputs": ON},
        {"name": "Create", "action": "CreateImage", "inputs": ON},
        {"name": "Terminate", "action": "TerminateInstance", "inputs": ON, "onFailure": "Continue"},
    ],
    "TEST": [
        LAUNCH,
        {"name": "Approve", "action": "WaitForAction"},
        {"name": "Collect", "action": "CollectImageScanFindings", "inputs": ON},
        {"name": "Apply", "action": "ExecuteComponents", "inputs": ON},
    ],
    "DISTRIBUTION": [
        {"name": "Copy", "action": "DistributeImage"},
        {
            "name": "Configure",
            "action": "ApplyImageConfigurations",
            "inputs": {"distributedImages.$": "$.stepOutputs.Copy.distributedImages"},
        },
    ],
}
NAMES = sorted({step["name"] for steps in STEPS.values() for step in steps})
DISTRIBUTION = {
    "distributions": [
        {
            "region": region,
            "amiDistributionConfiguration": {"targetAccountIds": ["123456789012", "111111111111"]},
            "ssmParameterConfigurations": [{"parameterName": "/golden"}],
            "launchTemplateConfigurations": [{"launchTemplateId": "lt-1"}],
        }
        for region in ("us-east-1", "eu-west-1")
    ]
}


class Clock:
    """A clock that the test moves."""

    def __init__(self):
        self.time = STARTED

    def now(self):
        return self.time


class Listener:
    """Takes note of what images tell."""

    def __init__(self):
        self.ends = []
        self.planned_ids = []

    def planned(self, image, execution):
        self.planned_ids.append(execution.execution_id)

    def ended(self, image):
        self.ends.append(image.overview(ALWAYS).status)

    def settled(self, image):
        pass

    def stirred(self, image):
        pass


class Picky(RememberedOutputs):
    """Outputs that refuse some of what they are asked for: so many of ten."""

    def __init__(self, refused=()):
        super().__init__(lambda region: EmbeddedLogs())
        self._refused = refused
        self._asked = 0

    def make(self, output):
        self._asked += 1
        if self._asked in self._refused:
            raise OutputRefused(f"refused {type(output).__name__}")
        made = super().make(output)
        return f"ami-{self._asked:017x}" if isinstance(output, Ami) else made


def plan(kind, *, group=None, continues=False, steps=None):
    text = json.dumps({"schemaVersion": 1.0, "steps": steps or STEPS[kind]})
    arn = f"arn:aws:imagebuilder:us-east-1:aws:workflow/{kind.lower()}/own/1.0.0/1"
    return WorkflowPlan(arn, kind, text, parallel_group=group, continues=continues)


def job(*workflows, **changes):
    members = {
        "arn": ImageBuilderArn.parse(ARN),
        "name": "web",
        "started": STARTED,
        "course": COURSES["CreateImage"],
        "type": "AMI",
        "platform": "Linux",
        "os_version": "Amazon Linux 2023",
        "parent": "ami-0123456789abcdef0",
        "resolved_parent": "ami-0123456789abcdef0",
        "base_image": "ami-0123456789abcdef0",
        "recipe": {},
        "infrastructure": {},
        "distribution": DISTRIBUTION,
        "components": (ComponentPlan(COMPONENT, DOCUMENT),),
        "workflows": workflows or (plan("BUILD"), plan("TEST")),
        "metadata": True,
        "scanning": {"imageScanningEnabled": True},
        "log_group": "/aws/imagebuilder/web",
    }
    return ImageJob(**{**members, **changes})


class World:
    """An image on its own."""

    def __init__(self, transitions, wanted=None, scenario=None, refused=()):
        self.clock = Clock()
        self.outputs = Picky(refused)
        self.listener = Listener()
        pace = Pace(self.clock, transitions)
        self.agenda = Agenda(pace.held)
        self.maker = ImageMaker(pace, self.agenda, Ids(1), self.outputs)
        self.image = self.maker.start(wanted or job(), scenario or ImageScenario(), self.listener)
        self.shown = []

    def tick(self, seconds):
        self.clock.time = round(self.clock.time + seconds, 3)
        self.agenda.advance(self.clock.time)

    def look(self, **how):
        until = self.image.look(**how)
        self.check()
        return self.image.overview(until)

    def check(self):
        """Make sure that what has shown stays, and that nothing was ever wrong."""
        shown = self.image.events[: self.image.published]
        assert shown[: len(self.shown)] == self.shown
        self.shown = shown
        check(self.image.events)


def check(events):
    """Make sure that events are in order, and that nothing goes where no table leads."""
    assert [event.at for event in events] == sorted(event.at for event in events)
    state = scan = None
    workflows, steps, rollbacks = {}, {}, defaultdict(lambda: None)
    for event in events:
        if isinstance(event, Entered):
            allowed = {FIRST} if state is None else leads_to(state)
            assert event.status in allowed, (state, event)
            assert (event.failure is None) == (event.status != "FAILED")
            scan = None if state in ("FAILED", "CANCELLED") else scan  # it may begin anew
            state = event.status
        elif isinstance(event, Planned):
            assert event.execution.execution_id not in workflows
            workflows[event.execution.execution_id] = "PENDING"
            steps |= dict.fromkeys((step.step_id for step in event.execution.steps), "PENDING")
        elif isinstance(event, WorkflowMoved):
            assert event.status in WORKFLOW_STATUSES[workflows[event.execution_id]], event
            workflows[event.execution_id] = event.status
        elif isinstance(event, StepMoved):
            assert event.status in STEP_STATUSES[steps[event.step_id]], event
            steps[event.step_id] = event.status
        elif isinstance(event, Learned) and "scanState" in event.members:
            status = event.members["scanState"]["status"]
            assert scan is None or status in SCAN_STATUSES[scan], event
            scan = status
        elif isinstance(event, RolledBack):
            before = rollbacks[event.step_id]
            assert before is None or event.status in ROLLBACK_STATUSES[before], event
            rollbacks[event.step_id] = event.status
    if state in ENDS:
        assert not {"RUNNING", "ROLLBACK_IN_PROGRESS", "PENDING"} & set(workflows.values())
        assert "RUNNING" not in steps.values()
    return state
