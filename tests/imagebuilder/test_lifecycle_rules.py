"""What has to hold across the members of a lifecycle policy."""

import pytest

from tests.imagebuilder.factory import RAW, Record, refused, wrong
from tests.imagebuilder.lifecycle_factory import (
    EXCLUSIONS,
    RECIPES,
    get_policy,
    listed_policies,
    policy,
    rule,
    update_policy,
)

COMBINATION = "InvalidParameterCombinationException"
VALUE = "InvalidParameterValueException"
AGE: Record = {"type": "AGE", "value": 6, "unit": "MONTHS"}
DELETES: Record = {"type": "DELETE"}


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("members", "code", "parameter", "sentence"),
    [
        pytest.param(
            {"policyDetails": [rule(days=1), rule(days=2)]},
            VALUE,
            "policyDetails[1].action.type",
            "A policy can have only one rule with the action DELETE.",
            id="an-action-twice",
        ),
        *(
            pytest.param(
                {"policyDetails": [rule(action, days=1)], "resourceType": "CONTAINER_IMAGE"},
                COMBINATION,
                "policyDetails[0].action.type",
                "Policies for container images support only the action DELETE.",
                id=f"{action}-containers",
            )
            for action in ("DEPRECATE", "DISABLE")
        ),
        *(
            pytest.param(
                {"policyDetails": [rule(action, days=1, keeps=3) | {"filter": rule()["filter"]}]},
                COMBINATION,
                "policyDetails[0].filter.type",
                "A filter of type COUNT can be used only with the action DELETE.",
                id=f"{action}-by-count",
            )
            for action in ("DEPRECATE", "DISABLE")
        ),
        pytest.param(
            {"policyDetails": [{"action": DELETES, "filter": {"type": "AGE", "value": 1}}]},
            COMBINATION,
            "policyDetails[0].filter.unit",
            "A filter of type AGE requires a unit.",
            id="age-without-unit",
        ),
        *(
            pytest.param(
                {"policyDetails": [{"action": DELETES, "filter": {**rule()["filter"], **more}}]},
                COMBINATION,
                f"policyDetails[0].filter.{name}",
                f"{name} can be used only with a filter of type AGE.",
                id=f"count-with-{name}",
            )
            for name, more in (("unit", {"unit": "DAYS"}), ("retainAtLeast", {"retainAtLeast": 1}))
        ),
        pytest.param(
            {"policyDetails": [rule("DELETE", "snapshots")]},
            COMBINATION,
            "policyDetails[0].action.includeResources.snapshots",
            "Snapshots can be included only together with AMIs.",
            id="snapshots-without-amis",
        ),
        *(
            pytest.param(
                {"policyDetails": [rule(action, "amis", "snapshots", days=1)]},
                COMBINATION,
                "policyDetails[0].action.includeResources.snapshots",
                f"Only AMIs can be included when the action is {action}.",
                id=f"{action}-snapshots",
            )
            for action in ("DEPRECATE", "DISABLE")
        ),
        pytest.param(
            {"policyDetails": [rule("DELETE", "containers")]},
            COMBINATION,
            "policyDetails[0].action.includeResources.containers",
            "A policy with the resource type AMI_IMAGE cannot include containers.",
            id="containers-of-amis",
        ),
        pytest.param(
            {"policyDetails": [rule("DELETE", "amis")], "resourceType": "CONTAINER_IMAGE"},
            COMBINATION,
            "policyDetails[0].action.includeResources.amis",
            "A policy with the resource type CONTAINER_IMAGE cannot include AMIs.",
            id="amis-of-containers",
        ),
        pytest.param(
            {
                "policyDetails": [{**rule(), "exclusionRules": EXCLUSIONS}],
                "resourceType": "CONTAINER_IMAGE",
            },
            COMBINATION,
            "policyDetails[0].exclusionRules.amis",
            "Policies for container images cannot exclude AMIs.",
            id="amis-excluded-of-containers",
        ),
        *(
            pytest.param(
                {"resourceSelection": selection},
                COMBINATION,
                "resourceSelection",
                "You must specify either recipes or tagMap, but not both.",
                id=name,
            )
            for name, selection in (
                ("select-nothing", {}),
                ("select-twice", {**RECIPES, "tagMap": {"a": "1"}}),
            )
        ),
        pytest.param(
            {"resourceSelection": {"recipes": [{"name": "web", "semanticVersion": "1.x.8"}]}},
            VALUE,
            "resourceSelection.recipes[0].semanticVersion",
            "The supplied semantic version does not follow the required format.",
            id="number-after-x",
        ),
        *(
            pytest.param(
                {"executionRole": role},
                VALUE,
                "executionRole",
                "The provided role does not exist or does not have sufficient permissions.",
                id=name,
            )
            for name, role in (
                (
                    "service-linked-arn",
                    "arn:aws:iam::123456789012:role/aws-service-role/imagebuilder.amazonaws.com/"
                    "AWSServiceRoleForImageBuilder",
                ),
                ("service-linked-name", "AWSServiceRoleForImageBuilder"),
            )
        ),
    ],
)
def test_what_does_not_go_together(client, members, code, parameter, sentence):
    with refused(code, wrong(parameter, sentence)):
        policy(**members)
    assert listed_policies() == []
    policy(resourceType=members.get("resourceType", "AMI_IMAGE"))
    with refused(code, wrong(parameter, sentence)):
        update_policy(**members)
    assert "dateUpdated" not in get_policy()


@pytest.mark.docs
@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"policyDetails": [rule("DELETE", "amis", "snapshots")]}, id="with-snapshots"),
        pytest.param(
            {"policyDetails": [rule("DEPRECATE", "amis", days=1), rule("DISABLE", days=1)]},
            id="two-actions",
        ),
        pytest.param(
            {
                "policyDetails": [
                    {**rule(), "action": {**DELETES, "includeResources": {"containers": False}}}
                ]
            },
            id="not-included",
        ),
        pytest.param({"executionRole": "MyAWSServiceRoleForImages"}, id="another-role"),
        *(
            pytest.param(
                {"resourceSelection": {"recipes": [{"name": "a b", "semanticVersion": version}]}},
                id=version,
            )
            for version in ("1.0.0", "1.0.x", "1.x.x", "x.x.x")
        ),
    ],
)
def test_what_goes_together(client, members):
    policy(client=RAW, **members)
    assert listed_policies() == ["tidy"]


@pytest.mark.model
@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        ({"name": "x"}, "name"),
        ({"policyDetails": []}, "policyDetails"),
        ({"policyDetails": [rule(days=n) for n in range(1, 5)]}, "policyDetails"),
        ({"resourceType": "VM_IMAGE"}, "resourceType"),
        ({"status": "PAUSED"}, "status"),
        ({"executionRole": "a role"}, "executionRole"),
        ({"policyDetails": [rule(keeps=1001)]}, "policyDetails[0].filter.value"),
        ({"policyDetails": [rule(days=0)]}, "policyDetails[0].filter.value"),
        (
            {"policyDetails": [rule(days=1, retainAtLeast=11)]},
            "policyDetails[0].filter.retainAtLeast",
        ),
        ({"policyDetails": [rule("KEEP")]}, "policyDetails[0].action.type"),
        ({"resourceSelection": {"recipes": []}}, "resourceSelection.recipes"),
        ({"resourceSelection": {"tagMap": {}}}, "resourceSelection.tagMap"),
        (
            {"resourceSelection": {"recipes": [{"name": "web", "semanticVersion": "1.0"}]}},
            "resourceSelection.recipes[0].semanticVersion",
        ),
    ],
)
def test_what_the_model_forbids(client, members, parameter):
    with refused(parameter=parameter):
        policy(client=RAW, **members)
