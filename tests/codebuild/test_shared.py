"""What accounts share: ListSharedProjects, ListSharedReportGroups, and what can be seen of it."""

import json
from typing import Any

import pytest

from tests.codebuild.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    RAW,
    create,
    look,
    make_client,
    members,
    refused,
    run,
    start,
)
from tests.codebuild.report_factory import make_group

WEB = f"{ARN}:project/web"
THEM = "210987654321"
THIRD = "345678901234"
PROJECT = ("BatchGetProjects", "BatchGetBuilds", "ListBuildsForProject")
GROUP = (
    "BatchGetReportGroups",
    "BatchGetReports",
    "ListReportsForReportGroup",
    "DescribeTestCases",
)


def client_of(account: str, region: str = "us-east-1") -> Any:
    return make_client(region, aws_access_key_id=account, aws_secret_access_key="x")


OTHER = client_of(THEM)
THIRD_CLIENT = client_of(THIRD)


def share(arn: str = WEB, *actions: str, client: Any = CLIENT, **changes: Any) -> None:
    """Let another account do *actions*, or all that can be allowed."""
    kind = GROUP if ":report-group/" in arn else PROJECT
    allowed = {
        "Effect": "Allow",
        "Principal": {"AWS": THEM},
        "Action": [f"codebuild:{action}" for action in actions or kind],
        "Resource": arn,
    }
    denied = changes.pop("deny", None)
    statements = [{**allowed, **changes}]
    if denied is not None:
        statements.append({**allowed, "Effect": "Deny", **denied})
    client.put_resource_policy(
        policy=json.dumps({"Version": "2012-10-17", "Statement": statements}), resourceArn=arn
    )


def projects(client: Any = OTHER, **order: str) -> list:
    return client.list_shared_projects(**order)["projects"]


def groups(client: Any = OTHER, **order: str) -> list:
    return client.list_shared_report_groups(**order)["reportGroups"]


@pytest.mark.docs
def test_nothing_is_shared_by_itself(web):
    make_group("unit")
    for client in (CLIENT, OTHER):
        assert (projects(client), groups(client)) == ([], [])


@pytest.mark.docs
def test_what_is_shared_is_listed_for_those_it_is_shared_with(web):
    arn = make_group("unit")["arn"]
    share()
    share(arn)
    assert (projects(), groups()) == ([WEB], [arn])
    for client in (CLIENT, THIRD_CLIENT):
        assert (projects(client), groups(client)) == ([], [])


PRINCIPALS = {
    "account": {"AWS": THEM},
    "root": {"AWS": f"arn:aws:iam::{THEM}:root"},
    "several": {"AWS": [ACCOUNT, THEM]},
    "everybody": "*",
    "everybody by name": {"AWS": "*"},
    "everybody and them": {"AWS": ["*", THEM]},
    "user": {"AWS": f"arn:aws:iam::{THEM}:user/Alice"},
    "role": {"AWS": f"arn:aws:iam::{THEM}:role/path/reader"},
}


@pytest.mark.inferred
@pytest.mark.parametrize("principal", PRINCIPALS.values(), ids=PRINCIPALS)
def test_principals_it_is_shared_with(web, principal):
    share(Principal=principal)
    assert projects() == [WEB]
    assert OTHER.batch_get_projects(names=[WEB])["projects"] == [web]


STRANGERS = {
    "third account": {"Principal": {"AWS": THIRD}},
    "itself": {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}},
    "service": {"Principal": {"Service": "codebuild.amazonaws.com"}},
    "other resource": {"Resource": f"{ARN}:project/other"},
    "name as a resource": {"Resource": "web"},
    "other action": {"Action": "codebuild:StartBuild"},
    "action of another service": {"Action": "s3:BatchGetProjects"},
    "action of report groups": {"Action": "codebuild:BatchGetReports"},
    "brackets are no pattern": {"Action": "codebuild:[BLl]*"},
    "denied": {"Effect": "Deny"},
    "allowed and denied": {"deny": {}},
    "allowed and denied to everybody": {"deny": {"Principal": "*", "Action": "*"}},
}


@pytest.mark.inferred
@pytest.mark.parametrize("changes", STRANGERS.values(), ids=STRANGERS)
def test_policies_that_share_nothing(web, changes):
    build = run()
    share(**changes)
    assert projects() == []
    assert OTHER.batch_get_projects(names=[WEB])["projectsNotFound"] == [WEB]
    assert OTHER.batch_get_builds(ids=[build["arn"]])["buildsNotFound"] == [build["arn"]]


PATTERNS = {
    "any action": {"Action": "codebuild:*"},
    "anything": {"Action": "*"},
    "case of an action": {"Action": "CodeBuild:batchgetprojects"},
    "actions that begin so": {"Action": "codebuild:BatchGet*"},
    "any character": {"Action": "codebuild:BatchGetProject?"},
    "any resource": {"Resource": "*"},
    "any project": {"Resource": f"{ARN}:project/*"},
    "third denied": {"deny": {"Principal": {"AWS": THIRD}}},
    "other project denied": {"deny": {"Resource": f"{ARN}:project/other"}},
    "condition": {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
}


@pytest.mark.inferred
@pytest.mark.parametrize("changes", PATTERNS.values(), ids=PATTERNS)
def test_policies_that_share_by_patterns(web, changes):
    share(**changes)
    assert projects() == [WEB]
    assert OTHER.batch_get_projects(names=[WEB])["projects"] == [web]


@pytest.mark.inferred
def test_any_one_action_is_enough_to_be_listed(web):
    for action in PROJECT:
        share(WEB, action)
        assert projects() == [WEB]


@pytest.mark.docs
def test_what_is_shared_with_everybody_is_not_listed_for_its_owner(web):
    share(Principal="*")
    assert (projects(CLIENT), projects()) == ([], [WEB])


@pytest.mark.docs
def test_what_is_not_shared_any_more_is_not_listed(web):
    share()
    CLIENT.delete_resource_policy(resourceArn=WEB)
    assert projects() == projects(sortBy="MODIFIED_TIME") == []
    share()
    share(Principal={"AWS": THIRD})
    assert (projects(), projects(THIRD_CLIENT)) == ([], [WEB])
    assert OTHER.batch_get_projects(names=[WEB])["projectsNotFound"] == [WEB]
    CLIENT.delete_project(name="web")
    assert projects(THIRD_CLIENT) == []
    create()
    assert projects(THIRD_CLIENT) == []


@pytest.mark.inferred
def test_a_report_group_that_is_gone_is_not_listed(client):
    arn = make_group("unit")["arn"]
    share(arn)
    CLIENT.delete_report_group(arn=arn)
    assert groups() == []


@pytest.fixture
def five(mb):
    """Projects of two accounts, shared in the order b, a, e, c, d; the last one with everybody."""
    role = f"arn:aws:iam::{THIRD}:role/x"
    for client, name, more in (
        (CLIENT, "bb", {}),
        (CLIENT, "aa", {}),
        (THIRD_CLIENT, "ee", {"serviceRole": role}),
        (CLIENT, "cc", {}),
        (THIRD_CLIENT, "dd", {"serviceRole": role}),
    ):
        project = client.create_project(**members(name, **more))["project"]
        principal = "*" if name == "dd" else {"AWS": THEM}
        share(project["arn"], client=client, Principal=principal)
        mb.clock.tick(1)


def names(arns: list) -> list:
    return [arn.rpartition("/")[2] for arn in arns]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("by", "ascending"),
    [("ARN", ["aa", "bb", "cc", "dd", "ee"]), ("MODIFIED_TIME", ["bb", "aa", "ee", "cc", "dd"])],
)
def test_orders(five, by, ascending):
    assert names(projects(sortBy=by, sortOrder="ASCENDING")) == ascending
    assert names(projects(sortBy=by, sortOrder="DESCENDING")) == ascending[::-1]


@pytest.mark.inferred
def test_without_an_order_the_arns_count(five):
    assert names(projects()) == ["aa", "bb", "cc", "dd", "ee"]
    assert names(projects(sortOrder="DESCENDING")) == ["ee", "dd", "cc", "bb", "aa"]


@pytest.mark.inferred
def test_sharing_anew_is_a_change(five):
    share(f"{ARN}:project/bb")
    assert names(projects(sortBy="MODIFIED_TIME"))[-1] == "bb"


@pytest.mark.model
@pytest.mark.parametrize("by", ["ARN", "MODIFIED_TIME"])
def test_pages(five, by):
    pages = list(
        OTHER.get_paginator("list_shared_projects").paginate(
            sortBy=by, PaginationConfig={"PageSize": 2}
        )
    )
    assert [len(page["projects"]) for page in pages] == [2, 2, 1]
    assert [arn for page in pages for arn in page["projects"]] == projects(sortBy=by)


@pytest.mark.model
def test_pages_of_report_groups(client):
    arns = [make_group(f"g{number}")["arn"] for number in range(5)]
    for arn in arns:
        share(arn)
    paginator = OTHER.get_paginator("list_shared_report_groups")
    pages = list(paginator.paginate(sortOrder="DESCENDING", PaginationConfig={"PageSize": 2}))
    assert [page["reportGroups"] for page in pages] == [
        [arns[4], arns[3]],
        [arns[2], arns[1]],
        [arns[0]],
    ]


@pytest.mark.model
@pytest.mark.parametrize(
    "params",
    [
        {"sortBy": "NAME"},
        {"sortOrder": "UP"},
        {"maxResults": 0},
        {"maxResults": 101},
        {"nextToken": "x"},
    ],
    ids=["order by", "order", "none", "too many", "token"],
)
@pytest.mark.parametrize("operation", ["list_shared_projects", "list_shared_report_groups"])
def test_refused(web, operation, params):
    with refused():
        getattr(RAW, operation)(**params)


@pytest.mark.docs
def test_regions_share_nothing(web):
    share(Principal="*")
    there = client_of(THEM, "eu-central-1")
    assert projects(there) == []
    assert there.batch_get_projects(names=[WEB])["projectsNotFound"] == [WEB]
    elsewhere = WEB.replace("us-east-1", "eu-central-1")
    for client in (there, OTHER):
        assert client.batch_get_projects(names=[elsewhere])["projects"] == []


@pytest.mark.docs
def test_a_shared_project_goes_by_its_arn_and_not_by_its_name(web):
    share()
    answer = OTHER.batch_get_projects(names=["web", WEB, f"{ARN}:project/none"])
    assert answer["projects"] == [web]
    assert answer["projectsNotFound"] == ["web", f"{ARN}:project/none"]


@pytest.mark.docs
def test_builds_of_a_shared_project(web):
    share()
    build = run()
    ids = OTHER.list_builds_for_project(projectName=WEB)["ids"]
    assert ids == [build["id"]]
    answer = OTHER.batch_get_builds(ids=[build["arn"], build["id"]])
    assert answer["builds"] == [look(build)]
    assert answer["buildsNotFound"] == [build["id"]]


@pytest.mark.docs
@pytest.mark.parametrize("action", PROJECT)
def test_each_action_is_allowed_by_itself(web, action):
    build = run()
    share(WEB, action)
    seen = {
        "BatchGetProjects": OTHER.batch_get_projects(names=[WEB])["projects"],
        "BatchGetBuilds": OTHER.batch_get_builds(ids=[build["arn"]])["builds"],
        "ListBuildsForProject": None,
    }
    if action == "ListBuildsForProject":
        seen[action] = OTHER.list_builds_for_project(projectName=WEB)["ids"]
    else:
        with refused("ResourceNotFoundException"):
            OTHER.list_builds_for_project(projectName=WEB)
    assert {name for name, found in seen.items() if found} == {action}


@pytest.mark.docs
def test_a_shared_project_can_be_looked_at_and_nothing_else(web):
    build = start()
    share(WEB, "*")
    attempts = [
        lambda: OTHER.start_build(projectName=WEB),
        lambda: OTHER.stop_build(id=build["arn"]),
        lambda: OTHER.retry_build(id=build["arn"]),
        lambda: OTHER.update_project(name=WEB, description="theirs"),
        lambda: OTHER.update_project_visibility(projectArn=WEB, projectVisibility="PRIVATE"),
        lambda: OTHER.invalidate_project_cache(projectName=WEB),
        lambda: OTHER.get_resource_policy(resourceArn=WEB),
        lambda: OTHER.put_resource_policy(policy=POLICY, resourceArn=WEB),
    ]
    for attempt in attempts:
        with refused("ResourceNotFoundException"):
            attempt()
    OTHER.delete_project(name=WEB)
    OTHER.delete_resource_policy(resourceArn=WEB)
    OTHER.batch_delete_builds(ids=[build["arn"]])
    assert CLIENT.batch_get_projects(names=["web"])["projects"] == [web]
    assert look(build)["buildStatus"] == "SUCCEEDED"
    assert projects() == [WEB]


POLICY = json.dumps(
    {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
)


@pytest.mark.docs
def test_an_account_needs_no_policy_for_what_is_its_own(web):
    share(WEB, Principal="*", Effect="Deny")
    assert CLIENT.batch_get_projects(names=[WEB])["projects"] == [web]


@pytest.mark.inferred
@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:codebuild:us-east-1:123456789012:project",
        "arn:aws:codebuild:us-east-1:123456789012:",
        "arn:aws:codebuild:us-east-1:123456789012:build/web",
        "arn:aws:codebuild:us-east-1:123456789012:build-batch/web:1",
        "arn:aws:codebuild:us-east-1:123456789012:sandbox/web:1",
        "arn:aws-cn:codebuild:us-east-1:123456789012:project/web",
        "arn:aws:s3:us-east-1:123456789012:project/web",
        "arn:aws:codebuild:us-east-1:000000000000:project/web",
        ":::::",
    ],
)
def test_arns_that_lead_nowhere(web, arn):
    share(Principal="*")
    answer = OTHER.batch_get_projects(names=[arn])
    assert (answer["projects"], answer["projectsNotFound"]) == ([], [arn])
