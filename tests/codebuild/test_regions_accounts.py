"""Every account and region has projects and builds of its own."""

import pytest

from mockbuild import mock_codebuild
from tests.codebuild.factory import (
    CLIENT,
    ROLE,
    create,
    environment,
    make_client,
    members,
    refused,
    start,
)

pytestmark = pytest.mark.model

GITHUB = {"type": "GITHUB", "location": "https://github.com/o/r.git"}


@pytest.fixture(scope="module")
def frankfurt():
    return make_client("eu-central-1")


def test_regions_share_nothing(web, frankfurt):
    build = start()
    assert frankfurt.list_projects()["projects"] == []
    assert frankfurt.list_builds()["ids"] == []
    assert frankfurt.batch_get_builds(ids=[build["id"]])["buildsNotFound"] == [build["id"]]
    with refused("ResourceNotFoundException"):
        frankfurt.start_build(projectName="web")


def test_the_region_is_in_what_is_made_there(mb, frankfurt):
    project = frankfurt.create_project(**members(source=GITHUB, badgeEnabled=True))["project"]
    build = frankfurt.start_build(projectName="web")["build"]
    build = frankfurt.batch_get_builds(ids=[build["id"]])["builds"][0]
    here = "eu-central-1:123456789012"
    assert project["arn"] == f"arn:aws:codebuild:{here}:project/web"
    assert project["encryptionKey"] == f"arn:aws:kms:{here}:alias/aws/s3"
    assert project["badge"]["badgeRequestUrl"].startswith("https://codebuild.eu-central-1.")
    assert build["arn"].startswith(f"arn:aws:codebuild:{here}:build/web:")
    assert build["logs"]["cloudWatchLogsArn"].startswith(f"arn:aws:logs:{here}:log-group:")
    assert "region=eu-central-1#" in build["logs"]["deepLink"]


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_other_partitions(mb, region, partition):
    role = ROLE.replace("arn:aws:", f"arn:{partition}:")
    there = make_client(region)
    project = there.create_project(**members(serviceRole=role))["project"]
    assert project["arn"] == f"arn:{partition}:codebuild:{region}:123456789012:project/web"
    assert there.start_build(projectName="web")["build"]["arn"].startswith(f"arn:{partition}:")


@pytest.mark.inferred
def test_a_region_is_named_in_what_it_does_not_offer(mb, frankfurt):
    with refused(
        message="The environment type MAC_ARM and compute type BUILD_GENERAL1_SMALL combination "
        "is not supported in eu-central-1"
    ):
        frankfurt.create_project(**members(environment=environment(type="MAC_ARM")))


@pytest.mark.docs
def test_the_account_of_the_mock():
    with mock_codebuild(account_id="210987654321"):
        role = "arn:aws:iam::210987654321:role/x"
        assert ":210987654321:" in create(serviceRole=role)["arn"]
        with refused():
            CLIENT.create_project(**members("other"))


@pytest.mark.docs
def test_an_access_key_that_is_an_account(web):
    keys = {"aws_access_key_id": "210987654321", "aws_secret_access_key": "x"}
    there = make_client(**keys)
    assert there.list_projects()["projects"] == []
    role = "arn:aws:iam::210987654321:role/x"
    project = there.create_project(**members(serviceRole=role))["project"]
    assert ":210987654321:" in project["arn"]
    assert CLIENT.list_projects()["projects"] == ["web"]


@pytest.mark.docs
def test_the_log_of_each_region_is_its_own(mb, web, frankfurt):
    frankfurt.create_project(**members())
    here = start()
    there = frankfurt.start_build(projectName="web")["build"]
    streams = set(mb.logs["/aws/codebuild/web"])
    assert streams == {build["id"].partition(":")[2] for build in (here, there)}


@pytest.mark.docs
def test_one_seed_the_same_ids():
    def made():
        with mock_codebuild(seed=7):
            create(source=GITHUB, badgeEnabled=True)
            return start()["id"]

    assert made() == made()


@pytest.mark.docs
def test_without_a_seed_other_ids():
    def made():
        with mock_codebuild():
            create()
            return start()["id"]

    assert made() != made()


@pytest.mark.docs
def test_nothing_is_left_for_the_next_mock():
    with mock_codebuild():
        create()
        start()
    with mock_codebuild() as mb:
        assert CLIENT.list_projects()["projects"] == []
        assert CLIENT.list_builds()["ids"] == []
        assert list(mb.logs) == []
