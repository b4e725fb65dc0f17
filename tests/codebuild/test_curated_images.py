"""ListCuratedEnvironmentImages: the images that CodeBuild maintains."""

import pytest

from tests.codebuild.factory import CLIENT, create, environment


def images():
    return {
        (platform["platform"], language["language"], image["name"]): image
        for platform in CLIENT.list_curated_environment_images()["platforms"]
        for language in platform["languages"]
        for image in language["images"]
    }


@pytest.mark.recorded
def test_platforms_hold_languages_and_these_hold_images(client):
    answer = CLIENT.list_curated_environment_images()
    assert set(answer) == {"platforms", "ResponseMetadata"}
    for platform in answer["platforms"]:
        assert set(platform) == {"platform", "languages"}
        for language in platform["languages"]:
            assert set(language) == {"language", "images"}
            for image in language["images"]:
                assert set(image) == {"name", "description", "versions"}


@pytest.mark.recorded
def test_a_version_is_the_image_with_a_number(client):
    for (*_, name), image in images().items():
        assert image["versions"] == [f"{name}-1.0.0"]


@pytest.mark.docs
@pytest.mark.parametrize(
    ("platform", "language", "name"),
    [
        ("UBUNTU", "PYTHON", "standard:7.0"),
        ("UBUNTU", "DOTNET", "standard:8.0"),
        ("AMAZON_LINUX", "JAVA", "amazonlinux-x86_64-standard:5.0"),
        ("AMAZON_LINUX", "PHP", "amazonlinux-x86_64-standard:6.0"),
        ("AMAZON_LINUX", "GOLANG", "amazonlinux-aarch64-standard:3.0"),
        ("AMAZON_LINUX", "RUBY", "amazonlinux-aarch64-standard:4.0"),
        ("AMAZON_LINUX", "NODE_JS", "amazonlinux2-x86_64-standard:5.0"),
        ("AMAZON_LINUX", "JAVA", "amazonlinux-x86_64-lambda-standard:corretto21"),
        ("AMAZON_LINUX", "DOTNET", "amazonlinux-aarch64-lambda-standard:dotnet8"),
        ("AMAZON_LINUX", "GOLANG", "amazonlinux-x86_64-lambda-standard:go1.21"),
        ("AMAZON_LINUX", "NODE_JS", "amazonlinux-aarch64-lambda-standard:nodejs20"),
        ("AMAZON_LINUX", "PYTHON", "amazonlinux-x86_64-lambda-standard:python3.12"),
        ("AMAZON_LINUX", "RUBY", "amazonlinux-x86_64-lambda-standard:ruby3.2"),
        ("WINDOWS_SERVER", "BASE", "windows-base:2019-2.0"),
    ],
)
def test_an_image_that_is_maintained(client, platform, language, name):
    image = images()[platform, language, f"aws/codebuild/{name}"]
    assert name in image["description"]


@pytest.mark.docs
def test_each_lambda_image_is_there_for_both_architectures_and_one_language(client):
    by_name = {}
    for _, language, name in images():
        if "lambda" in name:
            by_name.setdefault(name.rpartition("/")[2], []).append(language)
    assert len(by_name) == 2 * 11
    assert all(len(languages) == 1 for languages in by_name.values())
    tags = {architecture: set() for architecture in ("x86_64", "aarch64")}
    for name in by_name:
        repository, _, tag = name.partition(":")
        tags[repository.split("-")[1]].add(tag)
    assert tags["x86_64"] == tags["aarch64"]


@pytest.mark.docs
def test_no_image_comes_twice_in_one_place(client):
    answer = CLIENT.list_curated_environment_images()
    for platform in answer["platforms"]:
        languages = [language["language"] for language in platform["languages"]]
        assert len(set(languages)) == len(languages)
        for language in platform["languages"]:
            names = [image["name"] for image in language["images"]]
            assert len(set(names)) == len(names)


@pytest.mark.docs
def test_it_is_the_same_for_everybody_and_again(client):
    first = CLIENT.list_curated_environment_images()["platforms"]
    create(environment=environment(image="aws/codebuild/standard:8.0"))
    assert CLIENT.list_curated_environment_images()["platforms"] == first
