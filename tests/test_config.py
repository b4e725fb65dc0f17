"""Settings: where they come from, and which are refused."""

from collections.abc import Iterator
from typing import Any

import pytest

from mockbuild import config
from mockbuild.errors import ConfigurationError

pytestmark = pytest.mark.docs


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in config.NAMES:
        monkeypatch.delenv(f"MOCKBUILD_{name.upper()}", raising=False)
    before = dict(config.ini)
    config.ini.clear()
    yield
    config.ini.clear()
    config.ini.update(before)


def test_defaults() -> None:
    settings = config.resolve({})
    assert {name: getattr(settings, name) for name in config.NAMES} == {
        "runner": "simulated",
        "transitions": "settled",
        "clock": "real",
        "images": {},
        "sources": {},
        "neighbours": "auto",
        "account_id": "123456789012",
        "seed": None,
    }


def machine() -> Any:
    raise NotImplementedError


GOOD: list[tuple[str, Any]] = [
    *[("runner", value) for value in (*config.RUNNERS, machine)],
    *[("transitions", value) for value in config.TRANSITIONS],
    *[("clock", value) for value in config.CLOCKS],
    *[("neighbours", value) for value in (*config.NEIGHBOURS, {"s3": "http://localhost:9000"})],
    ("images", {"aws/codebuild/*": "debian:bookworm-slim"}),
    ("sources", {}),
    ("account_id", "000000000001"),
    ("seed", 0),
    ("seed", -7),
    ("seed", None),
]


@pytest.mark.parametrize(("name", "value"), GOOD)
def test_values_that_make_sense(name: str, value: Any) -> None:
    assert getattr(config.resolve({name: value}), name) == value


BAD: list[tuple[str, Any]] = [
    ("runner", "Local"),
    ("runner", ""),
    ("runner", None),
    ("runner", 1),
    ("runner", ["docker"]),
    ("transitions", "instant"),
    ("transitions", None),
    ("clock", "fake"),
    ("clock", True),
    ("images", "debian"),
    ("images", None),
    ("images", {"a": 1}),
    ("sources", {1: "a"}),
    ("sources", ["a=b"]),
    ("neighbours", "moto"),
    ("neighbours", None),
    ("account_id", "12345678901"),
    ("account_id", "1234567890123"),
    ("account_id", "12345678901x"),
    ("account_id", "١٢٣٤٥٦٧٨٩٠١٢"),
    ("account_id", "123456789012\n"),
    ("account_id", 123456789012),
    ("seed", "1"),
    ("seed", 1.5),
    ("seed", True),
    ("sead", 1),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_values_that_make_none(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        config.resolve({name: value})


TEXTS: list[tuple[str, str, Any]] = [
    ("runner", "docker", "docker"),
    ("runner", " local ", "local"),
    ("transitions", "timed", "timed"),
    ("clock", "virtual", "virtual"),
    ("account_id", "111122223333", "111122223333"),
    ("seed", "42", 42),
    ("neighbours", "embedded", "embedded"),
    ("neighbours", "s3=http://localhost:9000/?a=b", {"s3": "http://localhost:9000/?a=b"}),
    ("images", "aws/* = debian:12 ,\n\n my/*=me:1", {"aws/*": "debian:12", "my/*": "me:1"}),
    ("sources", "https://github.com/a/*=/src/a", {"https://github.com/a/*": "/src/a"}),
]


@pytest.mark.parametrize(("name", "text", "value"), TEXTS)
def test_settings_as_text(
    name: str, text: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"MOCKBUILD_{name.upper()}", text)
    assert getattr(config.resolve({}), name) == value
    monkeypatch.setenv(f"MOCKBUILD_{name.upper()}", "")
    assert config.resolve({}) == config.Settings()
    config.ini[name] = text
    assert getattr(config.resolve({}), name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("seed", "x"),
        ("seed", "1.0"),
        ("images", "debian"),
        ("sources", "a=b,c"),
        ("runner", "x"),
        ("runner", "machine"),
        ("account_id", "1"),
        ("neighbours", "x"),
    ],
)
def test_texts_that_make_no_sense(name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"MOCKBUILD_{name.upper()}", text)
    with pytest.raises(ConfigurationError, match=name):
        config.resolve({})


def test_arguments_go_before_ini_options_and_these_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MOCKBUILD_RUNNER", "docker")
    monkeypatch.setenv("MOCKBUILD_SEED", "1")
    assert config.resolve({}).runner == "docker"
    config.ini["runner"] = "local"
    assert config.resolve({}).runner == "local"
    assert config.resolve({"runner": "simulated"}).runner == "simulated"
    assert config.resolve({"runner": "simulated"}).seed == 1
    assert config.resolve({"seed": None}).seed is None
