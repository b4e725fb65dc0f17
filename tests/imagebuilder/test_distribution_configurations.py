"""Create-, Get-, Update-, Delete- and ListDistributionConfigurations."""

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import (
    ACCOUNT,
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    OTHER_ACCOUNT,
    RAW,
    Record,
    answer,
    depended_on,
    missing,
    refused,
    state_of,
    tried,
    wrong,
)

KIND = f"{ARN}:distribution-configuration"
WEB = f"{KIND}/web"
OUTPUTS = "One or more outputs should be provided for each region in a distribution configuration."
LEAST: list[Record] = [{"region": "us-east-1", "amiDistributionConfiguration": {}}]
REPOSITORY = {"service": "ECR", "repositoryName": "team/web"}
TEMPLATE = "lt-0123456789abcdef0"
LICENSE = "arn:aws:license-manager:us-east-1:123456789012:license-configuration:lic-" + "0" * 32
ORGANIZATION = "arn:aws:organizations::123456789012:organization/o-0123456789"
UNIT = "arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567"
EVERYTHING: list[Record] = [
    {
        "region": "us-east-1",
        "amiDistributionConfiguration": {
            "name": "web {{ imagebuilder:buildDate }}",
            "description": "For the web",
            "targetAccountIds": ["210987654321"],
            "amiTags": {"Key": "Value"},
            "kmsKeyId": "alias/web",
            "launchPermission": {
                "userIds": ["210987654321"],
                "userGroups": ["all"],
                "organizationArns": [ORGANIZATION],
                "organizationalUnitArns": [UNIT],
            },
        },
        "licenseConfigurationArns": [LICENSE],
        "launchTemplateConfigurations": [
            {"launchTemplateId": TEMPLATE, "accountId": "210987654321", "setDefaultVersion": False}
        ],
        "s3ExportConfiguration": {
            "roleName": "vmimport",
            "diskImageFormat": "VHD",
            "s3Bucket": "disks",
            "s3Prefix": "web/",
        },
        "fastLaunchConfigurations": [
            {
                "enabled": True,
                "snapshotConfiguration": {"targetResourceCount": 5},
                "maxParallelLaunches": 6,
                "launchTemplate": {"launchTemplateId": TEMPLATE, "launchTemplateVersion": "1"},
                "accountId": "123456789012",
            }
        ],
        "ssmParameterConfigurations": [
            {"amiAccountId": "123456789012", "parameterName": "/web", "dataType": "text"}
        ],
    },
    {
        "region": "eu-west-1",
        "containerDistributionConfiguration": {
            "description": "For the web",
            "containerTags": ["latest"],
            "targetRepository": REPOSITORY,
        },
    },
]


def create(name: str = "web", client=CLIENT, distributions=LEAST, **members) -> str:
    response = client.create_distribution_configuration(
        name=name, distributions=distributions, **members
    )
    return response["distributionConfigurationArn"]


def get(arn: str = WEB) -> Record:
    response = CLIENT.get_distribution_configuration(distributionConfigurationArn=arn)
    return response["distributionConfiguration"]


def update(arn: str = WEB, distributions=LEAST, **members) -> Record:
    return CLIENT.update_distribution_configuration(
        distributionConfigurationArn=arn, distributions=distributions, **members
    )


def delete(arn: str = WEB) -> Record:
    return CLIENT.delete_distribution_configuration(distributionConfigurationArn=arn)


def listed(**arguments) -> list[Record]:
    response = CLIENT.list_distribution_configurations(**arguments)
    return response["distributionConfigurationSummaryList"]


@pytest.mark.recorded
def test_the_least_configuration(mb):
    create("My Web")
    record = get(f"{KIND}/my-web")
    assert record.pop("dateCreated").endswith("Z")
    assert record.pop("timeoutMinutes") == 720  # which the model demands and nobody can set
    assert record == {
        "arn": f"{KIND}/my-web",
        "name": "My Web",
        "distributions": LEAST,
        "tags": {},
    }


@pytest.mark.model
def test_everything_that_is_sent_comes_back(mb):
    create(distributions=EVERYTHING, description="All of it", tags={"a": "1"})
    record = get()
    assert record["distributions"] == EVERYTHING
    assert (record["description"], record["tags"]) == ("All of it", {"a": "1"})


@pytest.mark.model
def test_what_the_operations_answer(mb):
    created = CLIENT.create_distribution_configuration(
        name="web", distributions=LEAST, clientToken="one"
    )
    updated = update(clientToken="two")
    assert (created["clientToken"], updated["clientToken"]) == ("one", "two")
    for response in (created, updated, delete()):
        assert response["requestId"]
        assert answer(response) == {"distributionConfigurationArn": WEB}


@pytest.mark.recorded
@pytest.mark.parametrize(
    "output",
    [
        pytest.param({"amiDistributionConfiguration": {}}, id="AMI, an empty one"),
        pytest.param(
            {"containerDistributionConfiguration": {"targetRepository": REPOSITORY}}, id="container"
        ),
        pytest.param({"licenseConfigurationArns": [LICENSE]}, id="license"),
        pytest.param({"launchTemplateConfigurations": [{"launchTemplateId": TEMPLATE}]}, id="lt"),
        pytest.param(
            {
                "s3ExportConfiguration": {
                    "roleName": "vmimport",
                    "diskImageFormat": "RAW",
                    "s3Bucket": "disks",
                }
            },
            id="S3",
        ),
        pytest.param({"fastLaunchConfigurations": [{"enabled": False}]}, id="fast launch"),
        pytest.param({"ssmParameterConfigurations": [{"parameterName": "/web"}]}, id="SSM"),
    ],
)
def test_one_output_will_do(mb, output):
    distributions = [{"region": "us-east-1", **output}]
    create(distributions=distributions)
    assert get()["distributions"] == distributions


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("distributions", "number"),
    [
        pytest.param([{"region": "us-east-1"}], 0, id="only one"),
        pytest.param([*LEAST, {"region": "eu-west-1"}], 1, id="the second"),
    ],
)
def test_a_region_alone_is_no_distribution(mb, distributions, number):
    message = wrong(f"distributions[{number}]", OUTPUTS)
    with refused(message=message):
        create(distributions=distributions)
    assert listed() == []
    create()
    with refused(message=message):
        update(distributions=distributions)
    assert get()["distributions"] == LEAST


@pytest.mark.inferred
def test_an_empty_list_is_no_output(mb):
    with refused(message=wrong("distributions[0]", OUTPUTS)):
        create(distributions=[{"region": "us-east-1", "ssmParameterConfigurations": []}])


@pytest.mark.inferred
def test_no_distributions_at_all(mb):
    create(distributions=[])
    assert get()["distributions"] == []
    assert listed()[0]["regions"] == []


@pytest.mark.model
def test_a_region_comes_once(mb):
    message = wrong(
        "distributions[1].region", "The Region 'us-east-1' is specified more than once."
    )
    with refused(message=message):
        create(distributions=[*LEAST, *LEAST])


@pytest.mark.inferred
@pytest.mark.parametrize(
    "region", ["us east", "US-EAST-1", "us-east", "*", "eu-west-1\n", "../x-1"]
)
def test_regions_that_cannot_be(mb, region):
    message = wrong("distributions[1].region", f"There is no Region '{region}'.")
    with refused(message=message):
        create(distributions=[*LEAST, {**LEAST[0], "region": region}])


@pytest.mark.inferred
@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "us-isob-east-1", "mars-east-1"])
def test_regions_that_there_are_or_may_be(mb, region):
    create(distributions=[{**LEAST[0], "region": region}])
    assert listed()[0]["regions"] == [region]


@pytest.mark.recorded
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("AmazonLinux2-EKS-1.27", id="without a date"),
        pytest.param("web {{ imagebuilder:builddate }}", id="case"),
        pytest.param("web { imagebuilder:buildDate }", id="one brace"),
        pytest.param("web {{ imagebuilder:buildVersion }}", id="another variable"),
    ],
)
def test_names_of_amis_that_would_not_be_unique(mb, name):
    distribution = {"region": "us-east-1", "amiDistributionConfiguration": {"name": name}}
    message = wrong(
        "distributions[0].amiDistributionConfiguration.name",
        "The EC2 AMI name must contain '{{ imagebuilder:buildDate }}' to ensure that the name will "
        "be unique.",
    )
    with refused(message=message):
        create(distributions=[distribution])


@pytest.mark.docs
@pytest.mark.parametrize(
    "name",
    [
        "{{ imagebuilder:buildDate }}",
        "Name {{imagebuilder:buildDate}}",
        "My {{imagebuilder:buildVersion}} image {{  imagebuilder:buildDate }} x",
    ],
)
def test_names_of_amis_that_are_unique(mb, name):
    distribution = {"region": "us-east-1", "amiDistributionConfiguration": {"name": name}}
    create(distributions=[distribution])
    assert get()["distributions"] == [distribution]


def distribution(**members) -> list[Record]:
    return [{**LEAST[0], **members}]


@pytest.mark.docs
def test_all_is_the_only_group(mb):
    ami = {"launchPermission": {"userGroups": ["all", "everybody"]}}
    path = "distributions[0].amiDistributionConfiguration.launchPermission.userGroups"
    with refused(message=wrong(path, "The only valid group is 'all'.")):
        create(distributions=distribution(amiDistributionConfiguration=ami))


@pytest.mark.docs
@pytest.mark.parametrize(
    ("region", "targets", "account", "is_well"),
    [
        pytest.param("us-east-1", None, ACCOUNT, True, id="own"),
        pytest.param("us-east-1", [OTHER_ACCOUNT], OTHER_ACCOUNT, True, id="target"),
        pytest.param("us-east-1", [OTHER_ACCOUNT], ACCOUNT, True, id="own, where it is built"),
        pytest.param("us-east-1", None, OTHER_ACCOUNT, False, id="none"),
        pytest.param("eu-west-1", None, ACCOUNT, True, id="own, elsewhere"),
        pytest.param("eu-west-1", [OTHER_ACCOUNT], ACCOUNT, False, id="own, not distributed to"),
    ],
)
def test_whose_a_parameter_can_be(mb, region, targets, account, is_well):
    ami = {"targetAccountIds": targets} if targets else {}
    parameters = [{"parameterName": "/a"}, {"parameterName": "/b", "amiAccountId": account}]
    told = [
        {
            "region": region,
            "amiDistributionConfiguration": ami,
            "ssmParameterConfigurations": parameters,
        }
    ]
    if is_well:
        create(distributions=told)
        return
    path = "distributions[0].ssmParameterConfigurations[1].amiAccountId"
    sentence = f"The account '{account}' is no target account of this Region."
    with refused(message=wrong(path, sentence)):
        create(distributions=told)


@pytest.mark.docs
def test_a_template_to_launch_fast_has_one_name(mb):
    both = {"launchTemplateId": TEMPLATE, "launchTemplateName": "web"}
    message = wrong(
        "distributions[0].fastLaunchConfigurations[1].launchTemplate",
        "You can specify either launchTemplateId or launchTemplateName, but not both.",
    )
    for one, value in both.items():
        launches = [{"enabled": True, "launchTemplate": {one: value}}]
        create(one, distributions=distribution(fastLaunchConfigurations=launches))
    launches = [{"enabled": True}, {"enabled": True, "launchTemplate": both}]
    with refused("InvalidParameterCombinationException", message):
        create(distributions=distribution(fastLaunchConfigurations=launches))


@pytest.mark.model
def test_an_update_replaces_everything(mb):
    create(distributions=EVERYTHING, description="old", tags={"a": "1"})
    before = get()
    update()
    after = get()
    assert after.pop("dateUpdated") >= before["dateCreated"]
    assert "description" not in after
    assert after == {
        **{name: before[name] for name in ("arn", "name", "dateCreated", "timeoutMinutes")},
        "distributions": LEAST,
        "tags": {"a": "1"},
    }


@pytest.mark.recorded
def test_the_date_of_an_update():
    with mock_imagebuilder(clock="virtual") as mb:
        create()
        assert "dateUpdated" not in get()
        assert "dateUpdated" not in listed()[0]
        mb.clock.tick(minutes=5)
        update()
        assert get()["dateUpdated"] > get()["dateCreated"]
        assert listed()[0]["dateUpdated"] == get()["dateUpdated"]


@pytest.mark.model
def test_what_a_list_shows(mb):
    create(distributions=EVERYTHING, description="All of it", tags={"a": "1"})
    assert listed() == [
        {
            "arn": WEB,
            "name": "web",
            "description": "All of it",
            "dateCreated": get()["dateCreated"],
            "tags": {"a": "1"},
            "regions": ["us-east-1", "eu-west-1"],
        }
    ]


@pytest.mark.inferred
def test_lists_begin_with_the_newest(mb):
    for name in ("one", "two", "three"):
        create(name)
    update(f"{KIND}/one")
    assert [one["name"] for one in listed()] == ["three", "two", "one"]
    first = CLIENT.list_distribution_configurations(maxResults=2)
    second = listed(maxResults=2, nextToken=first["nextToken"])
    assert [one["name"] for one in second] == ["one"]
    with refused("InvalidPaginationTokenException"):
        listed(nextToken="x")


@pytest.mark.model
def test_the_only_filter(mb):
    create("My Web")
    create("other")
    assert [one["name"] for one in listed(filters=[{"name": "name", "values": ["My*"]}])] == [
        "My Web"
    ]
    with refused(message=wrong("filters[0].name", "Valid filter names are: name.")):
        listed(filters=[{"name": "regions", "values": ["us-east-1"]}])


@pytest.mark.model
def test_a_missing_configuration(mb):
    for call in (get, update, delete):
        with missing():
            call()
    with missing():  # even if more is wrong
        update(distributions=[{"region": "us-east-1"}])


@pytest.mark.model
def test_names_that_differ_in_case_spaces_and_underscores_are_the_same(mb):
    create("My_Web")
    message = f"The following resource 'DistributionConfiguration' already exists: '{KIND}/my-web'."
    with refused("ResourceAlreadyExistsException", message):
        create("my web")


@pytest.mark.recorded
def test_a_configuration_that_others_need_cannot_be_deleted(mb):
    create()
    references = state_of(mb).shelves.references
    references.put(f"{ARN}:image-pipeline/p", [WEB])
    with depended_on(WEB):
        delete()
    references.drop(f"{ARN}:image-pipeline/p")
    delete()
    with missing():
        get()


@pytest.mark.model
def test_regions_and_accounts_share_nothing(mb):
    create()
    assert create(client=FRANKFURT).split(":")[3] == "eu-central-1"
    assert create(client=OTHER).split(":")[4] == "210987654321"
    assert len(listed()) == 1
    with missing():
        OTHER.get_distribution_configuration(distributionConfigurationArn=WEB)


@pytest.mark.docs
def test_a_dry_run_does_nothing(mb):
    with tried():
        create(dryRun=True)
    assert listed() == []
    with refused(message=wrong("distributions[0]", OUTPUTS)):
        create(distributions=[{"region": "us-east-1"}], dryRun=True)


@pytest.mark.model
@pytest.mark.parametrize(
    ("ami", "parameter"),
    [
        pytest.param({"targetAccountIds": ["1"]}, "targetAccountIds[0]", id="account"),
        pytest.param({"amiTags": {"aws:x": "y"}}, "amiTags.aws:x", id="tag of AWS"),
        pytest.param({"name": "web*{{ imagebuilder:buildDate }}"}, "name", id="name"),
        pytest.param(
            {"launchPermission": {"organizationArns": ["o-0123456789"]}},
            "launchPermission.organizationArns[0]",
            id="organization",
        ),
    ],
)
def test_values_that_the_model_refuses(mb, ami, parameter):
    with refused(parameter=f"distributions[0].amiDistributionConfiguration.{parameter}"):
        create(distributions=distribution(amiDistributionConfiguration=ami))


@pytest.mark.model
def test_members_that_have_to_be_there(mb):
    with refused("InvalidParameterException", "The parameter 'distributions' is required."):
        RAW.create_distribution_configuration(name="web")
    with refused("InvalidParameterException"):
        RAW.create_distribution_configuration(
            name="web", distributions=[{"amiDistributionConfiguration": {}}]
        )
