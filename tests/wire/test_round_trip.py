"""Every operation of both services, there and back, with botocore at the other end."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from mockbuild.wire import json_codec
from mockbuild.wire.protocol import Protocol
from mockbuild.wire.service import service_wire
from tests.model_strategies import faults, inputs, minimal_input, outputs
from tests.wire.botocore_http import parse, request_of

pytestmark = pytest.mark.model

SERVICES = ("codebuild", "imagebuilder")
OPERATIONS = [
    (service, name) for service in SERVICES for name in service_wire(service).operation_names
]
SPOKEN = [
    *[(service, name, None) for service, name in OPERATIONS],
    *[("codebuild", name, Protocol.CBOR) for name in service_wire("codebuild").operation_names],
]
few = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _protocol(service: str, protocol: Protocol | None) -> Protocol:
    usual = {"codebuild": Protocol.JSON, "imagebuilder": Protocol.REST_JSON}
    return protocol or usual[service]


def _ids(values: list[tuple[Any, ...]]) -> Iterator[str]:
    return (f"{s}-{n}" + ("-cbor" if rest and rest[0] else "") for s, n, *rest in values)


@pytest.mark.parametrize(("service", "name", "spoken"), SPOKEN, ids=_ids(SPOKEN))
def test_what_botocore_sends_is_read_as_it_was_meant(
    service: str, name: str, spoken: Protocol | None
) -> None:
    wire, protocol = service_wire(service), _protocol(service, spoken)
    operation = wire.operation(name)

    @few
    @given(inputs(operation.model))
    def check(params: dict[str, Any]) -> None:
        request = request_of(operation.model, params, protocol)
        assert wire.route(request) == (operation, protocol)
        read = operation.read(request, protocol)
        assert read == params
        assert operation.check(read) == []

    check()


@pytest.mark.parametrize(("service", "name", "spoken"), SPOKEN, ids=_ids(SPOKEN))
def test_what_is_written_botocore_parses(service: str, name: str, spoken: Protocol | None) -> None:
    protocol = _protocol(service, spoken)
    operation = service_wire(service).operation(name)

    @few
    @given(outputs(operation.model))
    def check(result: dict[str, Any]) -> None:
        response = operation.write(result, protocol, "id-1")
        if "requestId" in (operation.model.output_shape or _Nothing).members:
            result = {"requestId": "id-1", **result}
        assert parse(response, operation.model, protocol) == result
        assert response.status == 200
        assert response.headers["x-amzn-RequestId"] == "id-1"
        assert response.headers["Content-Length"] == str(len(response.body))

    check()


class _Nothing:
    members: dict[str, Any] = {}  # noqa: RUF012


@pytest.mark.parametrize("fraction", [0.001, 0.25, 0.999])
@pytest.mark.parametrize("protocol", [Protocol.JSON, Protocol.CBOR])
def test_milliseconds_survive(protocol: Protocol, fraction: float) -> None:
    operation = service_wire("codebuild").operation("StartBuild")
    moment = 1_556_905_683 + fraction
    response = operation.write({"build": {"startTime": moment}}, protocol, "id-1")
    parsed = parse(response, operation.model, protocol)
    assert parsed["build"]["startTime"] == pytest.approx(moment, abs=1e-6)


@pytest.mark.parametrize(("service", "name"), OPERATIONS, ids=_ids(OPERATIONS))
def test_a_result_is_json_as_it_stands(service: str, name: str) -> None:
    """That writing is one ``dumps`` depends on this; a new shape may end it."""
    shape = service_wire(service).operation(name).model.output_shape
    assert shape is None or json_codec.is_plain(shape)


@pytest.mark.parametrize(("service", "name"), OPERATIONS, ids=_ids(OPERATIONS))
def test_each_single_fault_is_found_and_nothing_else(service: str, name: str) -> None:
    operation = service_wire(service).operation(name)
    assert operation.check(minimal_input(operation.model)) == []
    for fault in faults(operation.model):
        found = [(one.path, one.rule) for one in operation.check(fault.params)]
        assert found == [(fault.path, fault.rule)]


def test_the_model_states_faults_of_every_kind() -> None:
    rules = {
        fault.rule
        for service, name in OPERATIONS
        for fault in faults(service_wire(service).operation(name).model)
    }
    assert rules == {
        "required",
        "enum",
        "pattern",
        "min_length",
        "max_length",
        "min_value",
        "max_value",
    }
