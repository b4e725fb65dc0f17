"""Create-, Get-, Update-, Delete- and ListInfrastructureConfigurations."""

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    RAW,
    Record,
    answer,
    depended_on,
    infrastructure,
    missing,
    refused,
    state_of,
    tried,
    wrong,
)

KIND = f"{ARN}:infrastructure-configuration"
WEB = f"{KIND}/web"
TOPIC = "arn:aws:sns:us-east-1:123456789012:builds"
GROUP = "arn:aws:resource-groups:us-east-1:123456789012:group/hosts"
EVERYTHING: Record = {
    "description": "For the web",
    "instanceTypes": ["m5.large", "m5.xlarge"],
    "instanceProfileName": "builder",
    "securityGroupIds": ["sg-12345678"],
    "subnetId": "subnet-12345678",
    "logging": {"s3Logs": {"s3BucketName": "logs", "s3KeyPrefix": "ib/"}},
    "keyPair": "keys",
    "terminateInstanceOnFailure": False,
    "terminateInstanceOnCompletion": False,
    "snsTopicArn": TOPIC,
    "resourceTags": {"CostCenter": "12345"},
    "instanceMetadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 2},
    "placement": {"availabilityZone": "us-east-1a", "tenancy": "host", "hostId": "h-1"},
    "parentInstance": {"autoScalingGroup": {"name": "asg", "capacityWaitTimeoutSeconds": 60}},
}


def get(arn: str = WEB) -> Record:
    response = CLIENT.get_infrastructure_configuration(infrastructureConfigurationArn=arn)
    return response["infrastructureConfiguration"]


def update(arn: str = WEB, **members) -> Record:
    members = {"instanceProfileName": "builder", **members}
    return CLIENT.update_infrastructure_configuration(infrastructureConfigurationArn=arn, **members)


def delete(arn: str = WEB) -> Record:
    return CLIENT.delete_infrastructure_configuration(infrastructureConfigurationArn=arn)


def listed(**arguments) -> list[Record]:
    response = CLIENT.list_infrastructure_configurations(**arguments)
    return response["infrastructureConfigurationSummaryList"]


@pytest.mark.recorded
def test_the_least_configuration(mb):
    infrastructure()
    record = get()
    assert record.pop("dateCreated").endswith("Z")
    assert record == {
        "arn": WEB,
        "name": "web",
        "instanceProfileName": "builder",
        "terminateInstanceOnFailure": True,
        "tags": {},
    }


@pytest.mark.model
def test_everything_that_is_sent_comes_back(mb):
    infrastructure(**EVERYTHING, tags={"a": "1"})
    record = get()
    assert {name: record[name] for name in EVERYTHING} == EVERYTHING
    assert record["tags"] == {"a": "1"}
    assert len(record) == len(EVERYTHING) + 4  # ARN, name, tags and date


@pytest.mark.model
def test_what_the_operations_answer(mb):
    created = CLIENT.create_infrastructure_configuration(
        name="web", instanceProfileName="p", clientToken="one"
    )
    updated = update(clientToken="two")
    assert (created["clientToken"], updated["clientToken"]) == ("one", "two")
    for response in (created, updated, delete()):
        assert response["requestId"]
        assert answer(response) == {"infrastructureConfigurationArn": WEB}


@pytest.mark.inferred
def test_empty_lists_and_structures_count_for_nothing(mb):
    infrastructure(instanceTypes=[], securityGroupIds=[], logging={}, placement={})
    assert not {"instanceTypes", "securityGroupIds", "logging", "placement"} & get().keys()


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "in_arn"),
    [
        pytest.param("My_Comp", "my-comp", id="underscore"),
        pytest.param("My Comp", "my-comp", id="space"),
        pytest.param("a__b", "a--b", id="nothing is collapsed"),
        pytest.param("-x-", "-x-", id="hyphens at the ends"),
    ],
)
def test_the_name_in_the_arn(mb, name, in_arn):
    arn = infrastructure(name)
    assert arn == f"{KIND}/{in_arn}"
    assert get(arn)["name"] == name


@pytest.mark.model
def test_names_that_differ_in_case_spaces_and_underscores_are_the_same(mb):
    infrastructure("My_Comp")
    with refused(
        "ResourceAlreadyExistsException",
        f"The following resource 'InfrastructureConfiguration' already exists: '{KIND}/my-comp'.",
    ):
        infrastructure("my comp")
    infrastructure("my.comp".replace(".", ""))  # another name


@pytest.mark.model
def test_an_update_replaces_everything(mb):
    infrastructure(**EVERYTHING, tags={"a": "1"})
    before = get()
    update(instanceProfileName="other")
    after = get()
    assert after.pop("dateUpdated") >= before["dateCreated"]
    assert after == {
        "arn": WEB,
        "name": "web",
        "instanceProfileName": "other",
        "terminateInstanceOnFailure": True,
        "dateCreated": before["dateCreated"],
        "tags": {"a": "1"},
    }


@pytest.mark.model
def test_an_update_takes_everything_that_a_creation_takes(mb):
    infrastructure()
    update(**EVERYTHING)
    record = get()
    assert {name: record[name] for name in EVERYTHING} == EVERYTHING


@pytest.mark.recorded
def test_the_date_of_an_update():
    with mock_imagebuilder(clock="virtual") as mb:
        infrastructure()
        assert "dateUpdated" not in get()
        assert "dateUpdated" not in listed()[0]
        mb.clock.tick(minutes=5)
        update()
        record = get()
        assert record["dateUpdated"] > record["dateCreated"]
        assert listed()[0]["dateUpdated"] == record["dateUpdated"]


@pytest.mark.model
def test_an_update_that_is_refused_changes_nothing(mb):
    infrastructure(description="old")
    before = get()
    with refused("InvalidParameterCombinationException"):
        update(description="new", subnetId="subnet-1")
    assert get() == before


@pytest.mark.model
def test_what_a_list_shows(mb):
    infrastructure(**EVERYTHING, tags={"a": "1"})
    update(**EVERYTHING)
    names = ("description", "resourceTags", "instanceTypes", "instanceProfileName", "placement")
    record = get()
    assert listed() == [
        {
            "arn": WEB,
            "name": "web",
            "dateCreated": record["dateCreated"],
            "dateUpdated": record["dateUpdated"],
            "tags": {"a": "1"},
            **{name: EVERYTHING[name] for name in names},
        }
    ]


@pytest.mark.recorded
def test_lists_begin_with_the_newest(mb):
    for name in ("one", "two", "three"):
        infrastructure(name)
    update(f"{KIND}/one")
    assert [one["name"] for one in listed()] == ["three", "two", "one"]


@pytest.mark.model
def test_pages(mb):
    for number in range(5):
        infrastructure(f"config-{number}")
    paginator = CLIENT.get_paginator("list_infrastructure_configurations")
    pages = paginator.paginate(PaginationConfig={"PageSize": 2})
    names = [
        [one["name"] for one in page["infrastructureConfigurationSummaryList"]] for page in pages
    ]
    assert names == [["config-4", "config-3"], ["config-2", "config-1"], ["config-0"]]


@pytest.mark.model
def test_a_list_of_nothing(mb):
    assert listed() == []
    with refused("InvalidPaginationTokenException"):
        listed(nextToken="abc")


@pytest.mark.model
@pytest.mark.parametrize(
    ("values", "names"),
    [
        pytest.param(["My Web"], ["My Web"], id="as it was entered"),
        pytest.param(["my-web"], [], id="not as in the ARN"),
        pytest.param(["my web"], [], id="case matters"),
        pytest.param(["My*"], ["My Web", "My_Db"], id="beginning"),
        pytest.param(["*b*"], ["My Web", "My_Db"], id="middle"),
        pytest.param(["M*b"], [], id="a star elsewhere stands for itself"),
        pytest.param(["My_Db", "My Web"], ["My Web", "My_Db"], id="any of them"),
        pytest.param(["x"], [], id="none"),
    ],
)
def test_the_filter_by_name(mb, values, names):
    infrastructure("My_Db")
    infrastructure("My Web")
    assert [one["name"] for one in listed(filters=[{"name": "name", "values": values}])] == names


@pytest.mark.inferred
def test_there_are_no_other_filters(mb):
    with refused(message=wrong("filters[0].name", "Valid filter names are: name.")):
        listed(filters=[{"name": "description", "values": ["x"]}])


@pytest.mark.model
def test_a_missing_configuration(mb):
    for call in (get, update, delete):
        with missing():
            call()


@pytest.mark.model
def test_a_deleted_configuration_is_gone(mb):
    infrastructure()
    delete()
    with missing():
        get()
    assert listed() == []
    infrastructure()
    assert get()["name"] == "web"


@pytest.mark.recorded
def test_a_configuration_that_others_need_cannot_be_deleted(mb):
    infrastructure()
    references = state_of(mb).shelves.references
    references.put(f"{ARN}:image-pipeline/p", [WEB])
    with depended_on(WEB):
        delete()
    references.drop(f"{ARN}:image-pipeline/p")
    delete()


@pytest.mark.model
def test_regions_and_accounts_share_nothing(mb):
    infrastructure()
    infrastructure(client=FRANKFURT)
    assert infrastructure(client=OTHER).split(":")[4] == "210987654321"
    assert len(listed()) == 1
    with missing():
        OTHER.get_infrastructure_configuration(infrastructureConfigurationArn=WEB)
    with missing():
        FRANKFURT.delete_infrastructure_configuration(infrastructureConfigurationArn=WEB)


@pytest.mark.model
def test_the_same_token_again(mb):
    first = infrastructure(clientToken="once")
    assert infrastructure(clientToken="once") == first
    assert len(listed()) == 1
    with refused("IdempotentParameterMismatchException"):
        infrastructure("other", clientToken="once")


@pytest.mark.docs
def test_a_dry_run_does_nothing(mb):
    with tried():
        infrastructure(dryRun=True)
    assert listed() == []
    infrastructure(dryRun=False)
    with refused("ResourceAlreadyExistsException"):
        infrastructure(dryRun=True)
    with refused("InvalidParameterCombinationException"):
        infrastructure("other", subnetId="subnet-1", dryRun=True)


@pytest.mark.docs
@pytest.mark.parametrize(
    ("members", "parameter", "sentence"),
    [
        pytest.param(
            {"subnetId": "subnet-1"},
            "subnetId",
            "You must specify one or more security groups when you specify a subnet.",
            id="a subnet without security groups",
        ),
        pytest.param(
            {"subnetId": "subnet-1", "securityGroupIds": []},
            "subnetId",
            "You must specify one or more security groups when you specify a subnet.",
            id="a subnet with no security group",
        ),
        pytest.param(
            {"placement": {"tenancy": "host", "hostId": "h-1", "hostResourceGroupArn": GROUP}},
            "placement",
            "You can specify either hostId or hostResourceGroupArn, but not both.",
            id="a host and a group",
        ),
        pytest.param(
            {"placement": {"hostId": "h-1"}},
            "placement.hostId",
            "hostId can only be specified if tenancy is host.",
            id="a host without tenancy",
        ),
        pytest.param(
            {"placement": {"tenancy": "dedicated", "hostResourceGroupArn": GROUP}},
            "placement.hostResourceGroupArn",
            "hostResourceGroupArn can only be specified if tenancy is host.",
            id="a group with another tenancy",
        ),
    ],
)
def test_what_does_not_go_together(mb, members, parameter, sentence):
    with refused("InvalidParameterCombinationException", wrong(parameter, sentence)):
        infrastructure(**members)
    assert listed() == []


@pytest.mark.docs
@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"subnetId": "s", "securityGroupIds": ["sg-1"]}, id="a subnet and a group"),
        pytest.param({"securityGroupIds": ["sg-1"]}, id="groups alone"),
        pytest.param({"placement": {"tenancy": "host"}}, id="any host"),
        pytest.param({"placement": {"tenancy": "host", "hostId": "h-1"}}, id="a host"),
        pytest.param(
            {"placement": {"tenancy": "host", "hostResourceGroupArn": GROUP}}, id="a group"
        ),
        pytest.param({"placement": {"availabilityZone": "us-east-1a"}}, id="a zone alone"),
        pytest.param({"resourceTags": {"name": "x"}}, id="a key that is nearly reserved"),
        pytest.param({"logging": {"s3Logs": {"s3BucketName": "nowhere"}}}, id="a bucket"),
    ],
)
def test_what_goes_together(mb, members):
    infrastructure(**members)
    assert {name: get()[name] for name in members} == members


@pytest.mark.docs
@pytest.mark.parametrize("key", ["CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags"])
def test_reserved_tags_of_instances(mb, key):
    message = wrong("resourceTags", f"The following tag keys are reserved: {key}.")
    with refused(message=message):
        infrastructure(resourceTags={key: "x", "other": "y"})
    infrastructure(tags={key: "x"})  # the configuration's own


@pytest.mark.model
@pytest.mark.parametrize(
    ("members", "parameter"),
    [
        pytest.param(
            {"instanceProfileName": "arn:aws:iam::1:x/y"}, "instanceProfileName", id="profile"
        ),
        pytest.param({"snsTopicArn": TOPIC + ".fifo"}, "snsTopicArn", id="FIFO topic"),
        pytest.param({"placement": {"tenancy": "none"}}, "placement.tenancy", id="tenancy"),
        pytest.param({"tags": {"aws:x": "y"}}, "tags.aws:x", id="tag of AWS"),
        pytest.param(
            {"resourceTags": {"aws:x": "y"}}, "resourceTags.aws:x", id="instance tag of AWS"
        ),
        pytest.param(
            {"resourceTags": {str(key): "" for key in range(31)}}, "resourceTags", id="31 tags"
        ),
        pytest.param({"name": " x "}, "name", id="spaces at the ends"),
        pytest.param({"name": "a.b"}, "name", id="dot"),
        pytest.param({"name": "ab"}, "name", id="too short"),
        pytest.param(
            {"instanceMetadataOptions": {"httpPutResponseHopLimit": 65}},
            "instanceMetadataOptions.httpPutResponseHopLimit",
            id="hops",
        ),
    ],
)
def test_values_that_the_model_refuses(mb, members, parameter):
    with refused(parameter=parameter):
        infrastructure(**{"name": "web", **members})
    assert listed() == []


@pytest.mark.model
def test_members_that_have_to_be_there(mb):
    for absent in ("name", "instanceProfileName"):
        members = {"name": "web", "instanceProfileName": "builder"}
        del members[absent]
        message = f"The parameter '{absent}' is required."
        with refused("InvalidParameterException", message):
            RAW.create_infrastructure_configuration(**members)


@pytest.mark.docs
def test_a_thousand_and_no_more(mb):
    here = state_of(mb).shelves["infrastructure-configuration"]
    infrastructure()
    (one,) = here.by_arn.values()
    here.by_arn.update({f"{KIND}/x{number}": one for number in range(998)})
    infrastructure("the-last")
    with refused("ServiceQuotaExceededException", status=402):
        infrastructure("one-too-many")
    with refused("ServiceQuotaExceededException", status=402):
        infrastructure("one-too-many", dryRun=True)
