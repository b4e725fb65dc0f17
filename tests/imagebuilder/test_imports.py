"""ImportVmImage and ImportDiskImage."""

import pytest

from mockbuild import mock_imagebuilder
from tests.imagebuilder.factory import (
    ARN,
    CLIENT,
    FRANKFURT,
    OTHER,
    RAW,
    answer,
    image_recipe,
    infrastructure,
    missing,
    refused,
    wrong,
)
from tests.imagebuilder.pipeline_factory import image

VALUE = "InvalidParameterValueException"
TOGETHER = "InvalidParameterCombinationException"
TASK = "import-ami-0123456789abcdef0"
ISO = "s3://isos/windows/11.iso"
VM = {
    "name": "My VM",
    "semanticVersion": "1.0.0",
    "platform": "Linux",
    "vmImportTaskId": TASK,
}
DISK = {
    "name": "win11",
    "semanticVersion": "1.0.0",
    "platform": "Windows",
    "osVersion": "Microsoft Windows 11",
    "infrastructureConfigurationArn": f"{ARN}:infrastructure-configuration/web",
    "uri": ISO,
}


def import_vm(client=CLIENT, **changes):
    return client.import_vm_image(**{**VM, **changes})["imageArn"]


def import_disk(client=CLIENT, **changes):
    return client.import_disk_image(**{**DISK, **changes})["imageBuildVersionArn"]


def all_images():
    return CLIENT.list_image_build_versions()["imageSummaryList"]


@pytest.fixture
def made(mb):
    """An infrastructure configuration."""
    infrastructure()
    return mb


# Virtual machines


@pytest.mark.model
def test_what_an_import_of_a_vm_answers(mb):
    response = CLIENT.import_vm_image(**VM, clientToken="one")
    assert response["requestId"]
    assert response["clientToken"] == "one"
    assert answer(response) == {"imageArn": f"{ARN}:image/my-vm/1.0.0/1"}


@pytest.mark.model
def test_an_imported_vm(mb):
    arn = import_vm(
        osVersion="Ubuntu 22",
        description="From the cellar",
        tags={"a": "1"},
        loggingConfiguration={"logGroupName": "/aws/imagebuilder/imports"},
    )
    record = image(arn)
    (ami,) = record["outputResources"]["amis"]
    assert ami["region"] == "us-east-1"
    assert ami["image"].startswith("ami-")
    expected = {
        "name": "My VM",
        "version": "1.0.0/1",
        "type": "AMI",
        "platform": "Linux",
        "osVersion": "Ubuntu 22",
        "buildType": "IMPORT",
        "imageSource": "IMPORTED",
        "state": {"status": "AVAILABLE"},
        "tags": {"a": "1"},
        "loggingConfiguration": {"logGroupName": "/aws/imagebuilder/imports"},
    }
    assert {name: record[name] for name in expected} == expected
    assert not {
        "imageRecipe",
        "containerRecipe",
        "infrastructureConfiguration",
        "sourcePipelineArn",
        "imageTestsConfiguration",
    } & set(record)


@pytest.mark.model
def test_a_vm_is_pending_until_its_task_is_done():
    with mock_imagebuilder(clock="virtual", transitions="timed") as mb:
        arn = import_vm()
        seen = [image(arn)["state"]["status"]]
        assert image(arn)["outputResources"] == {"amis": []}
        for _ in range(24):
            mb.clock.tick(hours=1)
            status = image(arn)["state"]["status"]
            seen += [status] if status != seen[-1] else []
        assert seen == ["PENDING", "AVAILABLE"]


@pytest.mark.model
def test_another_import_of_a_version_is_another_build(mb):
    names = ["My VM", "my_vm", "my vm"]
    assert [import_vm(name=name) for name in names] == [
        f"{ARN}:image/my-vm/1.0.0/{number}" for number in (1, 2, 3)
    ]
    assert import_vm(semanticVersion="1.0.1") == f"{ARN}:image/my-vm/1.0.1/1"


@pytest.mark.model
@pytest.mark.parametrize("platform", ["Linux", "Windows", "macOS"])
def test_platforms_of_vms(mb, platform):
    record = image(import_vm(platform=platform))
    assert record["platform"] == platform
    assert record["osVersion"]


@pytest.mark.inferred
@pytest.mark.parametrize(
    ("name", "in_arn", "in_log"),
    [
        pytest.param("a.b/c", "a-b-c", "a.b/c", id="dot and slash"),
        pytest.param("x", "x", "x", id="one letter"),
        pytest.param("My VM", "my-vm", "My-VM", id="space"),
        pytest.param("\u00fcber", "-ber", "-ber", id="letter of another alphabet"),
        pytest.param("a:b\n\x00", "a-b--", "a-b--", id="hostile"),
        pytest.param("n" * 1024, "n" * 1024, "n" * 494, id="long"),
    ],
)
def test_any_name_will_do_for_a_vm(mb, name, in_arn, in_log):
    arn = import_vm(name=name)
    assert arn == f"{ARN}:image/{in_arn}/1.0.0/1"
    assert image(arn)["name"] == name
    assert list(mb.logs) == [f"/aws/imagebuilder/{in_log}"]


@pytest.mark.inferred
@pytest.mark.parametrize("task", ["x", "import-i-0123456789abcdef0", "import-ami-", f"{TASK}\n"])
def test_tasks_that_are_none(mb, task):
    message = wrong("vmImportTaskId", "It must be the ID of a VM import task.")
    with refused(VALUE, message):
        import_vm(vmImportTaskId=task)
    assert all_images() == []


@pytest.mark.model
@pytest.mark.parametrize("group", ["mine", "/aws/imagebuilder", "/aws/lambda/x"])
def test_log_groups_that_vms_cannot_have(mb, group):
    message = wrong(
        "loggingConfiguration.logGroupName",
        "The name of the log group for a VM import must start with /aws/imagebuilder/.",
    )
    with refused(VALUE, message):
        import_vm(loggingConfiguration={"logGroupName": group})


@pytest.mark.model
def test_a_recipe_on_an_imported_vm(mb):
    import_vm()
    get = CLIENT.get_image_recipe
    recipe = get(imageRecipeArn=image_recipe(parentImage=f"{ARN}:image/my-vm/x.x.x"))
    assert recipe["imageRecipe"]["platform"] == "Linux"
    arn = CLIENT.create_image(
        imageRecipeArn=recipe["imageRecipe"]["arn"],
        infrastructureConfigurationArn=infrastructure(),
    )["imageBuildVersionArn"]
    assert image(arn)["imageSource"] == "IMPORTED"


@pytest.mark.inferred
def test_the_same_task_is_the_same_ami(mb):
    first, again = import_vm(), import_vm(name="again")
    other = import_vm(name="other", vmImportTaskId=f"{TASK}1")
    one, two, three = (
        image(arn)["outputResources"]["amis"][0]["image"] for arn in (first, again, other)
    )
    assert one == two != three


# Disk images


@pytest.mark.model
def test_what_an_import_of_a_disk_image_answers(made):
    response = CLIENT.import_disk_image(**DISK, clientToken="one")
    assert "requestId" not in response
    assert response["clientToken"] == "one"
    assert answer(response) == {"imageBuildVersionArn": f"{ARN}:image/win11/1.0.0/1"}


@pytest.mark.model
def test_an_imported_disk_image(made):
    arn = import_disk(
        description="Eleven",
        executionRole="importer",
        loggingConfiguration={"logGroupName": "mine"},
        tags={"a": "1"},
        registerImageOptions={"secureBootEnabled": True, "uefiData": "QU1a"},
        windowsConfiguration={"imageIndex": 4294967295},
    )
    record = image(arn)
    assert record["outputResources"]["amis"][0]["image"].startswith("ami-")
    expected = {
        "name": "win11",
        "version": "1.0.0/1",
        "type": "AMI",
        "platform": "Windows",
        "osVersion": "Microsoft Windows 11",
        "buildType": "IMPORT_ISO",
        "imageSource": "IMPORTED",
        "state": {"status": "AVAILABLE"},
        "executionRole": "importer",
        "loggingConfiguration": {"logGroupName": "mine"},
        "tags": {"a": "1"},
    }
    assert {name: record[name] for name in expected} == expected
    instances = record["infrastructureConfiguration"]
    assert instances["arn"] == DISK["infrastructureConfigurationArn"]
    assert "imageRecipe" not in record


@pytest.mark.inferred
def test_the_states_of_a_disk_image():
    with mock_imagebuilder(transitions="stepped"):
        infrastructure()
        arn = import_disk()
        seen = [all_images()[0]["state"]["status"]]
        while seen[-1] != "AVAILABLE":
            seen.append(image(arn)["state"]["status"])
        assert seen == ["CREATING", "BUILDING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]


@pytest.mark.model
def test_disk_images_and_vms_of_one_name_share_their_builds(made):
    assert import_vm(name="win11") == f"{ARN}:image/win11/1.0.0/1"
    assert import_disk() == f"{ARN}:image/win11/1.0.0/2"


@pytest.mark.model
@pytest.mark.parametrize(
    ("changes", "parameter", "sentence"),
    [
        pytest.param(
            {"platform": "Linux"}, "platform", "The only value supported is Windows.", id="Linux"
        ),
        pytest.param(
            {"platform": "windows"}, "platform", "The only value supported is Windows.", id="case"
        ),
        pytest.param(
            {"osVersion": "Microsoft Windows 10"},
            "osVersion",
            "The only value supported is Microsoft Windows 11.",
            id="Windows 10",
        ),
    ],
)
def test_what_disk_images_there_are(made, changes, parameter, sentence):
    with refused(VALUE, wrong(parameter, sentence)):
        import_disk(**changes)
    assert all_images() == []


@pytest.mark.model
@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("s3://isos/11.img", id="extension"),
        pytest.param("s3://isos/11.iSo", id="another spelling"),
        pytest.param("s3://isos/.iso", id="nothing but the extension"),
        pytest.param("s3://isos/folder/.iso", id="nothing but the extension in a folder"),
        pytest.param("s3://isos", id="no key"),
        pytest.param("s3:///11.iso", id="no bucket"),
        pytest.param("https://isos.s3.amazonaws.com/11.iso", id="no URI of S3"),
        pytest.param("", id="empty"),
    ],
)
def test_uris_that_are_none(made, uri):
    sentence = "It must be the S3 URI of an ISO file, with the extension .iso, .ISO or .Iso."
    with refused(VALUE, wrong("uri", sentence)):
        import_disk(RAW, uri=uri, clientToken="t")


@pytest.mark.model
@pytest.mark.parametrize("key", ["11.iso", "11.ISO", "a/b/11.Iso", "a b.iso", "\u00fc.iso"])
def test_uris(made, key):
    assert import_disk(uri=f"s3://isos/{key}")


@pytest.mark.inferred
def test_a_file_that_is_missing_in_a_bucket_that_is_there(made):
    made.s3["isos"]["windows/11.iso.txt"] = b"not it"
    with refused(VALUE, wrong("uri", "The ISO file does not exist.")):
        import_disk()
    made.s3["isos"]["windows/11.iso"] = b"it"
    assert import_disk()


@pytest.mark.inferred
def test_a_bucket_that_cannot_be(made):
    assert import_disk(uri="s3://elsewhere/11.iso")  # nobody here knows it
    with refused(parameter="uri"):
        import_disk(uri="s3://A..B/11.iso")


@pytest.mark.model
def test_an_infrastructure_configuration_that_is_missing(mb):
    with missing():
        import_disk()
    assert all_images() == []


@pytest.mark.model
def test_uefi_data_needs_secure_boot(made):
    message = wrong(
        "registerImageOptions.uefiData", "You can specify UEFI data only if Secure Boot is enabled."
    )
    with refused(TOGETHER, message):
        import_disk(registerImageOptions={"secureBootEnabled": False, "uefiData": "QU1a"})
    for options in ({"secureBootEnabled": False}, {"uefiData": "QU1a"}, {}):
        assert import_disk(registerImageOptions=options)


@pytest.mark.model
def test_log_groups_of_disk_images(made):
    logging = {"logGroupName": "mine"}
    with refused(TOGETHER, parameter="loggingConfiguration.logGroupName"):
        import_disk(loggingConfiguration=logging)
    assert import_disk(loggingConfiguration=logging, executionRole="importer")
    assert import_disk(loggingConfiguration={"logGroupName": "/aws/imagebuilder/x"})


# Both


@pytest.mark.model
@pytest.mark.parametrize("which", ["vm", "disk"])
def test_the_same_token_imports_once(made, which):
    run = import_vm if which == "vm" else import_disk
    first = run(clientToken="same")
    assert run(clientToken="same") == first
    assert len(all_images()) == 1
    with refused("IdempotentParameterMismatchException"):
        run(clientToken="same", description="another")


@pytest.mark.model
@pytest.mark.parametrize("version", ["1.0.x", "1.0", "1.0.0/1", "x.x.x", "a.b.c"])
@pytest.mark.parametrize("run", [import_vm, import_disk])
def test_versions_that_are_none(made, run, version):
    with refused(VALUE, parameter="semanticVersion"):
        run(semanticVersion=version)
    with refused(VALUE, parameter="semanticVersion"):
        run(semanticVersion="1.0.1073741824")
    assert run(semanticVersion="2021.01.0")


@pytest.mark.model
@pytest.mark.parametrize("absent", sorted(VM))
def test_members_that_a_vm_has_to_have(mb, absent):
    members = {name: value for name, value in VM.items() if name != absent}
    with refused("InvalidParameterException", f"The parameter '{absent}' is required."):
        RAW.import_vm_image(**members, clientToken="t")


@pytest.mark.model
@pytest.mark.parametrize("absent", sorted(DISK))
def test_members_that_a_disk_image_has_to_have(made, absent):
    members = {name: value for name, value in DISK.items() if name != absent}
    with refused("InvalidParameterException", f"The parameter '{absent}' is required."):
        RAW.import_disk_image(**members, clientToken="t")


@pytest.mark.model
@pytest.mark.parametrize(
    ("run", "members", "parameter"),
    [
        pytest.param(import_vm, {"platform": "OS2"}, "platform", id="platform of a VM"),
        pytest.param(import_vm, {"name": "x" * 1025}, "name", id="name too long"),
        pytest.param(import_vm, {"tags": {"aws:x": "y"}}, "tags.aws:x", id="tag"),
        pytest.param(import_disk, {"name": "a.b"}, "name", id="dot in the name of a disk image"),
        pytest.param(import_disk, {"executionRole": "a role"}, "executionRole", id="role"),
        pytest.param(
            import_disk,
            {"windowsConfiguration": {"imageIndex": 4294967296}},
            "windowsConfiguration.imageIndex",
            id="image index",
        ),
    ],
)
def test_values_that_the_model_refuses(made, run, members, parameter):
    with refused(parameter=parameter):
        run(RAW, **members, clientToken="t")


@pytest.mark.model
def test_a_disk_image_without_an_index(made):
    text = "The parameter 'windowsConfiguration.imageIndex' is required."
    with refused("InvalidParameterException", text):
        import_disk(RAW, windowsConfiguration={}, clientToken="t")


@pytest.mark.inferred
def test_how_many_images_can_be_made_at_the_same_time():
    with mock_imagebuilder(clock="virtual", transitions="timed") as mb:
        infrastructure()
        for number in range(100):
            import_vm(name=f"vm-{number}")
        for run in (import_vm, import_disk):
            with refused("ServiceQuotaExceededException", status=402):
                run()
        mb.clock.tick(days=1)
        import_vm()


@pytest.mark.model
def test_regions_and_accounts_are_apart(mb):
    import_vm()
    for client in (FRANKFURT, OTHER):
        assert client.list_images()["imageVersionList"] == []
    arn = import_vm(FRANKFURT)
    assert arn == f"{ARN}:image/my-vm/1.0.0/1".replace("us-east-1", "eu-central-1")
    found = FRANKFURT.get_image(imageBuildVersionArn=arn)["image"]
    assert found["outputResources"]["amis"][0]["region"] == "eu-central-1"


@pytest.mark.docs
@pytest.mark.parametrize("run", [import_vm, import_disk])
def test_an_import_that_fails(made, run):
    made.script(image="*").fails_in("PENDING" if run is import_vm else "BUILDING", message="no")
    state = image(run())["state"]
    assert state["status"] == "FAILED"
