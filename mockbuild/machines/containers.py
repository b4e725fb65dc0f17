"""A container on a Docker engine, and the connections to it."""

import contextlib
import os
import socket
import struct
import threading
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import docker
from docker.errors import APIError, DockerException
from docker.types import LogConfig
from requests.exceptions import RequestException

from mockbuild.machines.base import MachineError, MachineSpec
from mockbuild.machines.supervisor import supervisor

if TYPE_CHECKING:
    from mockbuild.clock import Alarm

#: Where scripts are kept, as the agent of the real service does.
SCRIPTS = "/codebuild/output/tmp"

#: The labels of our containers.
LABEL = "mockbuild"
NAME_LABEL = "mockbuild.machine"

_ROOT = "0"  # commands run as root unless told otherwise, whatever user the image names


class Stream:
    """The input and output of the container or of an ``exec`` in it.

    The engine sends frames: a byte that names the stream, three unused, four with the length.

    :param status: gives the exit status of what runs there.
    """

    def __init__(self, stream: Any, status: Callable[[], int]) -> None:
        self._stream = stream
        self._socket: socket.socket = getattr(stream, "_sock", stream)
        self._socket.settimeout(None)
        self._status = status
        self._unread = b""

    def send(self, data: bytes) -> None:
        """Write all of *data*; silently not, when nobody is there to read it."""
        with contextlib.suppress(OSError):
            self._socket.sendall(data)

    def receive(self) -> bytes:
        """Wait for something to read; nothing comes any more after ``b""``."""
        header = self._exactly(8)
        if len(header) < 8:
            return b""
        return self._exactly(struct.unpack(">BxxxL", header)[1])

    def status(self) -> int:
        """Return the exit status."""
        return self._status()

    def stop(self) -> None:
        """Have :meth:`receive` return, in whatever thread it waits."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection."""
        self.stop()
        # The response owns the socket; closed in another order, it complains when collected.
        getattr(self._stream, "_response", self._stream).close()

    def _exactly(self, count: int) -> bytes:
        while len(self._unread) < count:
            try:
                data = self._socket.recv(65536)
            except OSError:
                data = b""
            if not data:
                break
            self._unread += data
        data, self._unread = self._unread[:count], self._unread[count:]
        return data


class Container:
    """A container and the connections to it.

    Knows nothing of the machine, so that a machine may be forgotten and all of this goes.
    """

    def __init__(self) -> None:
        #: The deadline's; goes with the container.
        self.alarm: Alarm | None = None
        #: Its id, once it is there.
        self.name = ""
        #: Whether it has been killed or closed.
        self.ended = False
        self._client: docker.DockerClient | None = None
        self._main: Stream | None = None
        self._streams: list[Stream] = []
        self._lock = threading.Lock()
        self._owner = os.getpid()

    @property
    def api(self) -> Any:
        """The engine's client."""
        if self._client is None:
            raise MachineError("the machine has not been started")
        return self._client.api

    def connect(self) -> None:
        """Look for the engine.

        :raises MachineError: there is none.
        """
        try:
            self._client = docker.from_env()
        except DockerException as error:
            _close_sockets(error)
            raise MachineError(
                f"no Docker engine answers ({error}); is dockerd running, and does DOCKER_HOST, "
                "if set, name it?"
            ) from error

    def create(self, image: str, folder: str, spec: MachineSpec) -> None:
        """Have the engine make the container."""
        made = self.api.create_container(
            image,
            entrypoint=supervisor(SCRIPTS, "0"),
            command=[],
            user=_ROOT,
            working_dir=folder,
            environment=dict(spec.environment),
            stdin_open=True,
            labels={LABEL: "1", NAME_LABEL: spec.name},
            host_config=self.api.create_host_config(
                privileged=spec.privileged, log_config=LogConfig(type="none")
            ),
        )
        self.name = made["Id"]

    def start(self) -> None:
        """Start it, connected to the supervisor in it."""
        wanted = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        stream = self.api.attach_socket(self.name, params=wanted)
        self._main = self._keep(Stream(stream, self._died))
        self.api.start(self.name)
        if self.ended:  # while there was nothing yet to kill
            self.kill()

    def attach(self, user: str | None, folder: str) -> Stream:
        """Return the container's own supervisor, or, when that is taken, another one."""
        main = self._main
        if user is None and main is not None:
            self._main = None
            return main
        if not self._state()["Running"]:
            self._died()
        made = self.api.exec_create(
            self.name, supervisor(SCRIPTS, "0"), stdin=True, user=user or _ROOT, workdir=folder
        )["Id"]
        stream = self.api.exec_start(made, socket=True)
        return self._keep(Stream(stream, lambda: int(self.api.exec_inspect(made)["ExitCode"])))

    def _keep(self, stream: Stream) -> Stream:
        with self._lock:
            self._streams.append(stream)
            if self.ended:
                stream.stop()
        return stream

    def _died(self) -> int:
        state = self._state()
        if state["Running"]:
            return 137  # its stream has ended, but not the container
        reason = "out of memory" if state.get("OOMKilled") else f"status {state['ExitCode']}"
        raise MachineError(f"the container died before the build was complete: {reason}")

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = self.api.inspect_container(self.name)["State"]
        return state

    def kill(self) -> None:
        """Kill it. From any thread, any number of times."""
        self.ended = True
        if self.name and self._client is not None:
            with contextlib.suppress(DockerException, RequestException):  # dead or gone already
                self.api.kill(self.name)
        with self._lock:
            for stream in self._streams:
                stream.stop()

    def close(self) -> None:
        """Remove it and let go of all connections.

        :raises MachineError: the engine could not be asked to.
        """
        if os.getpid() != self._owner:  # a fork of ours ends; the machine is not its own
            return
        self.ended = True
        if self.alarm is not None:
            self.alarm.cancel()
        with self._lock:
            for stream in self._streams:
                stream.close()
            self._streams.clear()
        if self._client is None:
            return
        try:
            if self.name:
                self.api.remove_container(self.name, force=True, v=True)
        except (APIError, RequestException) as error:
            if getattr(error, "status_code", 0) not in (404, 409):  # gone, or going
                raise MachineError(f"cannot remove container {self.name[:12]}: {error}") from error
        finally:
            self._client.close()


def _close_sockets(error: BaseException | None) -> None:
    """Close the socket that Docker's client leaves open when nobody answers there."""
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            for value in frame.f_locals.values():
                if isinstance(value, socket.socket):
                    value.close()
        error = error.__context__
