"""Resource policies: PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy."""

import json

import pytest

from tests.codebuild.factory import ACCOUNT, ARN, CLIENT, RAW, create, make_client, refused, run
from tests.codebuild.report_factory import make_group

WEB = f"{ARN}:project/web"
GROUP = f"{ARN}:report-group/unit"
ELSEWHERE = {
    "unknown project": f"{ARN}:project/none",
    "unknown report group": f"{ARN}:report-group/none",
    "project of another region": f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:project/web",
    "project of another account": "arn:aws:codebuild:us-east-1:999999999999:project/web",
    "report group of another region": f"arn:aws:codebuild:eu-west-1:{ACCOUNT}:report-group/unit",
    "report group of another account": "arn:aws:codebuild:us-east-1:999999999999:report-group/unit",
}
NO_ARNS = {
    "name": "web",
    "build": f"{ARN}:build/web:1",
    "nothing behind": f"{ARN}:project/",
    "bucket": "arn:aws:s3:::bucket",
    "account": "arn:aws:codebuild:us-east-1:12:project/web",
    "snowman": "\N{SNOWMAN}",
}


def statement(**changes) -> dict:
    allowed = {
        "Effect": "Allow",
        "Principal": {"AWS": "210987654321"},
        "Action": ["codebuild:BatchGetProjects", "codebuild:BatchGetBuilds"],
        "Resource": WEB,
        **changes,
    }
    return {name: value for name, value in allowed.items() if value is not None}


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements or [statement()])})


def put(text: str | None = None, arn: str = WEB) -> None:
    CLIENT.put_resource_policy(policy=policy() if text is None else text, resourceArn=arn)


def get(arn: str = WEB) -> str:
    return CLIENT.get_resource_policy(resourceArn=arn)["policy"]


@pytest.fixture
def both(web):
    """A project and a report group."""
    make_group("unit")


@pytest.mark.model
@pytest.mark.parametrize("arn", [WEB, GROUP], ids=["project", "report group"])
def test_a_policy_is_kept_as_it_was_put(both, arn):
    text = '{ "Version": "2012-10-17",\n "Statement": [' + json.dumps(statement()) + "] }"
    answer = CLIENT.put_resource_policy(policy=text, resourceArn=arn)
    assert answer["resourceArn"] == arn
    assert get(arn) == text
    other = {WEB: GROUP, GROUP: WEB}[arn]
    with refused("ResourceNotFoundException"):
        get(other)


@pytest.mark.docs
def test_a_second_policy_takes_the_place_of_the_first(web):
    put()
    other = policy(statement(Principal="*"))
    put(other)
    assert get() == other


@pytest.mark.docs
def test_a_policy_is_deleted(both):
    put()
    put(arn=GROUP)
    answer = CLIENT.delete_resource_policy(resourceArn=WEB)
    assert set(answer) == {"ResponseMetadata"}
    with refused("ResourceNotFoundException"):
        get()
    assert get(GROUP) == policy()


@pytest.mark.model
@pytest.mark.parametrize("arn", [WEB, *ELSEWHERE.values()], ids=["no policy", *ELSEWHERE])
def test_deleting_what_is_not_there_is_no_error(both, arn):
    put(arn=GROUP)
    CLIENT.delete_resource_policy(resourceArn=arn)
    assert get(GROUP) == policy()


@pytest.mark.model
@pytest.mark.parametrize("arn", ELSEWHERE.values(), ids=ELSEWHERE)
def test_policies_of_what_is_not_here(both, arn):
    with refused("ResourceNotFoundException"):
        put(arn=arn)
    with refused("ResourceNotFoundException"):
        get(arn)


@pytest.mark.inferred
@pytest.mark.parametrize("arn", NO_ARNS.values(), ids=NO_ARNS)
def test_policies_of_what_has_none(web, arn):
    with refused():
        put(arn=arn)
    with refused():
        get(arn)
    with refused():
        CLIENT.delete_resource_policy(resourceArn=arn)


NO_POLICIES = {
    "no json": "policy",
    "json cut off": policy()[:-1],
    "nothing but space": " ",
    "a list": "[]",
    "a text": '"policy"',
    "null": "null",
    "no statement": "{}",
    "no statements": '{"Statement": []}',
    "a statement that is a text": '{"Statement": ["Allow"]}',
    "statements that are a text": '{"Statement": "Allow"}',
    "no effect": policy(statement(Effect=None)),
    "unknown effect": policy(statement(Effect="allow")),
    "no principal": policy(statement(Principal=None)),
    "empty principal": policy(statement(Principal={})),
    "principal that is a name": policy(statement(Principal="me")),
    "principal of no account": policy(statement(Principal={"AWS": "12"})),
    "principal that is half an arn": policy(statement(Principal={"AWS": "210987654321:root"})),
    "principal that is a role's name": policy(statement(Principal={"AWS": "role/x"})),
    "principal of a service's arn": policy(statement(Principal={"AWS": "arn:aws:s3:::bucket"})),
    "principals of none": policy(statement(Principal={"AWS": []})),
    "principals that are numbers": policy(statement(Principal={"AWS": [210987654321]})),
    "no action": policy(statement(Action=None)),
    "no actions": policy(statement(Action=[])),
    "action that is a number": policy(statement(Action=1)),
    "no resource": policy(statement(Resource=None)),
    "resource that is an object": policy(statement(Resource={"a": 1})),
    "one of two is wrong": policy(statement(), statement(Effect=None)),
    "deep": "[" * 100_000,
    "surrogate": '{"Statement": "\\ud800"}',
}


@pytest.mark.inferred
@pytest.mark.parametrize("text", NO_POLICIES.values(), ids=NO_POLICIES)
def test_what_is_no_policy(web, text):
    put()
    with refused():
        put(text)
    assert get() == policy()


POLICIES = {
    "one statement without a list": json.dumps({"Statement": statement()}),
    "an id and a sid": json.dumps({"Id": "x", "Statement": [statement(Sid="s")]}),
    "everybody": policy(statement(Principal="*")),
    "everybody by name": policy(statement(Principal={"AWS": "*"})),
    "a root": policy(statement(Principal={"AWS": "arn:aws:iam::210987654321:root"})),
    "users and accounts": policy(
        statement(Principal={"AWS": ["arn:aws:iam::210987654321:user/Alice", "123456789012"]})
    ),
    "a role's session": policy(
        statement(Principal={"AWS": "arn:aws:sts::210987654321:assumed-role/r/s"})
    ),
    "a service": policy(statement(Principal={"Service": "codebuild.amazonaws.com"})),
    "a condition": policy(statement(Condition={"StringEquals": {"a": "b"}})),
    "a denial": policy(statement(), statement(Effect="Deny", Principal="*")),
    "any action and resource": policy(statement(Action="codebuild:*", Resource="*")),
}


@pytest.mark.docs
@pytest.mark.parametrize("text", POLICIES.values(), ids=POLICIES)
def test_what_is_a_policy(web, text):
    put(text)
    assert get() == text


@pytest.mark.model
@pytest.mark.parametrize(
    "params",
    [{"resourceArn": WEB}, {"policy": policy()}, {"policy": "", "resourceArn": WEB}],
    ids=["no policy", "no arn", "empty policy"],
)
def test_refused_by_the_model(web, params):
    with refused():
        RAW.put_resource_policy(**params)


@pytest.mark.docs
def test_a_project_with_builds_and_a_policy_cannot_be_deleted(web):
    build = run()
    put()
    with refused():
        CLIENT.delete_project(name="web")
    assert CLIENT.list_projects()["projects"] == ["web"]
    CLIENT.batch_delete_builds(ids=[build["id"]])
    CLIENT.delete_project(name="web")
    assert CLIENT.list_projects()["projects"] == []


@pytest.mark.docs
def test_a_project_with_builds_can_be_deleted_once_its_policy_is_gone(web):
    run()
    put()
    CLIENT.delete_resource_policy(resourceArn=WEB)
    CLIENT.delete_project(name="web")
    assert CLIENT.list_projects()["projects"] == []


@pytest.mark.inferred
def test_a_policy_goes_with_its_project(web):
    put()
    CLIENT.delete_project(name="web")
    with refused("ResourceNotFoundException"):
        get()
    create()
    with refused("ResourceNotFoundException"):
        get()
    run()
    CLIENT.delete_project(name="web")


@pytest.mark.inferred
def test_another_report_group_of_the_same_name_does_not_have_the_policy(both):
    put(arn=GROUP)
    CLIENT.delete_report_group(arn=GROUP)
    make_group("unit")
    with refused("ResourceNotFoundException"):
        get(GROUP)


@pytest.mark.recorded
def test_a_policy_goes_with_its_report_group(both):
    put(arn=GROUP)
    CLIENT.delete_report_group(arn=GROUP)
    with refused("ResourceNotFoundException"):
        get(GROUP)
    make_group("unit")
    with refused("ResourceNotFoundException"):
        get(GROUP)
    CLIENT.delete_resource_policy(resourceArn=GROUP)


@pytest.mark.docs
def test_an_update_leaves_the_policy(web):
    put()
    CLIENT.update_project(name="web", description="d")
    assert get() == policy()


@pytest.mark.model
def test_regions_share_nothing(web):
    frankfurt = make_client("eu-central-1")
    put()
    with refused("ResourceNotFoundException"):
        frankfurt.get_resource_policy(resourceArn=WEB)
    frankfurt.delete_resource_policy(resourceArn=WEB)
    assert get() == policy()
