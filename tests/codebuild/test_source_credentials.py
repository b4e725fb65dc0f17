"""Source credentials: ImportSourceCredentials, ListSourceCredentials, DeleteSourceCredentials."""

import pytest

from tests.codebuild.factory import ACCOUNT, ARN, CLIENT, RAW, make_client, refused

CONNECTION = f"arn:aws:codeconnections:us-east-1:{ACCOUNT}:connection/c"
OLD_CONNECTION = f"arn:aws:codestar-connections:us-east-1:{ACCOUNT}:connection/c"
SECRET = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:github-AbCdEf"
SECRET_TOKEN = "ghp_hush"
GITHUB_ARN = f"{ARN}:token/github"


def import_(server: str = "GITHUB", auth: str = "PERSONAL_ACCESS_TOKEN", **more) -> str:
    asked = {"serverType": server, "authType": auth, "token": SECRET_TOKEN, **more}
    return CLIENT.import_source_credentials(**asked)["arn"]


def listed(client=CLIENT) -> list:
    return client.list_source_credentials()["sourceCredentialsInfos"]


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("server", "auth", "more"),
    [
        ("GITHUB", "PERSONAL_ACCESS_TOKEN", {}),
        ("GITHUB_ENTERPRISE", "PERSONAL_ACCESS_TOKEN", {}),
        ("BITBUCKET", "BASIC_AUTH", {"username": "u"}),
        ("GITLAB", "CODECONNECTIONS", {"token": CONNECTION}),
        ("GITLAB_SELF_MANAGED", "CODECONNECTIONS", {"token": CONNECTION}),
    ],
)
def test_an_arn_is_that_of_its_server_type_and_has_no_uuid(client, server, auth, more):
    assert import_(server, auth, **more) == f"{ARN}:token/{server.lower()}"


@pytest.mark.recorded
def test_they_are_listed_by_arn(client):
    import_("GITHUB_ENTERPRISE")
    import_("GITHUB")
    import_("BITBUCKET", "BASIC_AUTH", username="u")
    assert listed() == [
        {"arn": f"{ARN}:token/bitbucket", "serverType": "BITBUCKET", "authType": "BASIC_AUTH"},
        {"arn": GITHUB_ARN, "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"},
        {
            "arn": f"{ARN}:token/github_enterprise",
            "serverType": "GITHUB_ENTERPRISE",
            "authType": "PERSONAL_ACCESS_TOKEN",
        },
    ]


@pytest.mark.model
def test_there_are_none_at_first(client):
    assert listed() == []


@pytest.mark.model
@pytest.mark.parametrize(
    ("auth", "resource"),
    [
        ("CODECONNECTIONS", CONNECTION),
        ("CODECONNECTIONS", OLD_CONNECTION),
        ("SECRETS_MANAGER", SECRET),
    ],
)
def test_a_connection_or_a_secret_is_named_in_the_list(client, auth, resource):
    import_(auth=auth, token=resource)
    assert listed() == [
        {"arn": GITHUB_ARN, "serverType": "GITHUB", "authType": auth, "resource": resource}
    ]


@pytest.mark.docs
def test_a_token_is_in_no_answer(mb, client):
    answers = [
        CLIENT.import_source_credentials(
            serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN", token=SECRET_TOKEN
        ),
        CLIENT.list_source_credentials(),
        CLIENT.delete_source_credentials(arn=GITHUB_ARN),
    ]
    assert SECRET_TOKEN not in repr(answers)


@pytest.mark.model
@pytest.mark.parametrize("more", [{}, {"shouldOverwrite": True}])
def test_a_second_one_takes_the_place_of_the_first(client, more):
    import_()
    assert import_(auth="SECRETS_MANAGER", token=SECRET, **more) == GITHUB_ARN
    (one,) = listed()
    assert (one["authType"], one["resource"]) == ("SECRETS_MANAGER", SECRET)


@pytest.mark.model
def test_a_resource_goes_with_the_credential_it_was_of(client):
    import_(auth="CODECONNECTIONS", token=CONNECTION)
    import_()
    assert "resource" not in listed()[0]


@pytest.mark.recorded
def test_a_second_one_that_must_not_take_its_place(client):
    import_(auth="SECRETS_MANAGER", token=SECRET)
    with refused(
        "ResourceAlreadyExistsException",
        "Access token with server type GITHUB already exists. Delete its source credential and "
        "try again.",
    ):
        import_(shouldOverwrite=False)
    assert listed()[0]["authType"] == "SECRETS_MANAGER"
    assert import_("GITHUB_ENTERPRISE", shouldOverwrite=False)  # of another type


OAUTH = (
    "OAUTH is not supported by the CodeBuild API. To connect to your account with OAUTH, use the "
    "AWS CodeBuild console."
)
USER = {"username": "u"}
NO_CONNECTION = "Token must be a valid CodeConnections arn"
RECORDED = {
    "oauth": ("GITHUB", "OAUTH", {}, OAUTH),
    "oauth of bitbucket": ("BITBUCKET", "OAUTH", {}, OAUTH),
    **{
        f"basic of {server}": (
            server,
            "BASIC_AUTH",
            USER,
            f"Invalid AuthType provided for ServerType {server}",
        )
        for server in ("GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED")
    },
    "connection that is none": ("GITHUB", "CODECONNECTIONS", {}, NO_CONNECTION),
    "connection that is a bucket": (
        "GITHUB",
        "CODECONNECTIONS",
        {"token": "arn:aws:s3:::bucket"},
        NO_CONNECTION,
    ),
    "connection that is a project": (
        "GITHUB",
        "CODECONNECTIONS",
        {"token": f"{ARN}:project/web"},
        NO_CONNECTION,
    ),
}


@pytest.mark.recorded
@pytest.mark.parametrize(("server", "auth", "more", "message"), RECORDED.values(), ids=RECORDED)
def test_refused_with_recorded_words(client, server, auth, more, message):
    with refused(message=message):
        import_(server, auth, **more)
    assert listed() == []


GUESSED = {
    "token of gitlab": ("GITLAB", "PERSONAL_ACCESS_TOKEN", {}),
    "secret of gitlab": ("GITLAB_SELF_MANAGED", "SECRETS_MANAGER", {"token": SECRET}),
    "secret that is none": ("GITHUB", "SECRETS_MANAGER", {}),
    "secret that is a connection": ("GITHUB", "SECRETS_MANAGER", {"token": CONNECTION}),
    "basic without a user": ("BITBUCKET", "BASIC_AUTH", {}),
    "user of a token": ("GITHUB", "PERSONAL_ACCESS_TOKEN", USER),
    "user of a connection": (
        "BITBUCKET",
        "CODECONNECTIONS",
        {"token": CONNECTION, "username": "u"},
    ),
}


@pytest.mark.inferred
@pytest.mark.parametrize(("server", "auth", "more"), GUESSED.values(), ids=GUESSED)
def test_refused_in_other_words(client, server, auth, more):
    with refused():
        import_(server, auth, **more)
    assert listed() == []


@pytest.mark.docs
@pytest.mark.parametrize("server", ["GITHUB", "GITHUB_ENTERPRISE", "BITBUCKET"])
@pytest.mark.parametrize(
    ("auth", "token"),
    [
        ("PERSONAL_ACCESS_TOKEN", "t"),
        ("CODECONNECTIONS", CONNECTION),
        ("SECRETS_MANAGER", SECRET),
    ],
)
def test_not_refused(client, server, auth, token):
    import_(server, auth, token=token)
    assert listed()[0]["authType"] == auth


@pytest.mark.model
@pytest.mark.parametrize(
    "changes",
    [{"token": ""}, {"token": None}, {"serverType": "SVN"}, {"authType": "NONE"}, {"username": ""}],
    ids=["empty token", "no token", "server type", "auth type", "empty user"],
)
def test_refused_by_the_model(client, changes):
    asked = {"serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN", "token": "t", **changes}
    with refused():
        RAW.import_source_credentials(
            **{name: value for name, value in asked.items() if value is not None}
        )


@pytest.mark.inferred
def test_one_more_than_there_can_be(mb):
    mb.quotas["source_credentials"] = 1
    import_()
    with refused("AccountLimitExceededException"):
        import_("GITHUB_ENTERPRISE")
    import_()  # takes the place of the one there is
    CLIENT.delete_source_credentials(arn=GITHUB_ARN)
    import_("GITHUB_ENTERPRISE")


@pytest.mark.recorded
def test_deleting_returns_the_arn(client):
    import_()
    import_("GITHUB_ENTERPRISE")
    assert CLIENT.delete_source_credentials(arn=GITHUB_ARN)["arn"] == GITHUB_ARN
    assert [one["serverType"] for one in listed()] == ["GITHUB_ENTERPRISE"]


@pytest.mark.model
def test_deleting_what_is_not_there(client):
    with refused("ResourceNotFoundException"):
        CLIENT.delete_source_credentials(arn=GITHUB_ARN)
    import_()
    CLIENT.delete_source_credentials(arn=GITHUB_ARN)
    with refused("ResourceNotFoundException"):
        CLIENT.delete_source_credentials(arn=GITHUB_ARN)


@pytest.mark.inferred
@pytest.mark.parametrize("arn", ["github", "token/github", "", "\N{SNOWMAN}"])
def test_deleting_what_is_no_arn(client, arn):
    import_()
    with refused():
        RAW.delete_source_credentials(arn=arn)
    assert len(listed()) == 1


@pytest.mark.model
def test_every_account_and_region_has_its_own(client):
    import_()
    frankfurt = make_client("eu-central-1")
    other = make_client(aws_access_key_id="210987654321", aws_secret_access_key="x")
    for there in (frankfurt, other):
        assert listed(there) == []
        with refused("ResourceNotFoundException"):
            there.delete_source_credentials(arn=GITHUB_ARN)
    asked = {"serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN", "token": "t"}
    assert frankfurt.import_source_credentials(**asked)["arn"] == (
        f"arn:aws:codebuild:eu-central-1:{ACCOUNT}:token/github"
    )
    assert other.import_source_credentials(**asked)["arn"] == (
        "arn:aws:codebuild:us-east-1:210987654321:token/github"
    )
    assert len(listed()) == 1
