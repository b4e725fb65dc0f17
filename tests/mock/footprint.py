"""What a mock leaves, if it leaves anything, and whether one is on."""

import os
import threading
from typing import Any

from botocore.endpoint import Endpoint
from botocore.signers import RequestSigner

from mockbuild.intercept.switch import SWITCH
from tests.conftest import EscapedError
from tests.intercept.clients import create, make_client, names

client = make_client()


def is_on() -> bool:
    """Tell whether CodeBuild is mocked, which every use needs to be true and fresh."""
    try:
        found = names(client)
    except EscapedError:
        return False
    assert found == []
    create(client)
    return True


def footprint() -> Any:
    return (
        vars(Endpoint)["_do_get_response"],
        vars(RequestSigner)["sign"],
        "__init_subclass__" in vars(Endpoint),
        "__init_subclass__" in vars(RequestSigner),
        {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"},
        set(threading.enumerate()),
        dict(SWITCH.answers),
        SWITCH.passing,
    )
