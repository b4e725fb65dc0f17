"""What grows, and what goes wrong: polling, memory, threads."""

import gc
import statistics
import threading
import time
import tracemalloc
from typing import Any

from benchmarks.cases import project
from benchmarks.sides import Side


def polling(side: Side, repeats: int, polls: int = 300) -> float:
    """Return how many times longer the last looks at one build take than the first ones.

    Of each end of a row of looks, ten are taken, and over several rows the shortest of each.
    """
    first: list[list[float]] = []
    last: list[list[float]] = []
    for _ in range(repeats):
        with side.mock():
            side.client.create_project(**project("web"))
            build_id = side.client.start_build(projectName="web")["build"]["id"]
            gc.collect()
            gc.disable()
            times = []
            for _ in range(polls):
                start = time.process_time()
                side.client.batch_get_builds(ids=[build_id])
                times.append(time.process_time() - start)
            gc.enable()
            first.append(times[:10])
            last.append(times[-10:])
    return _typical(last) / _typical(first)


def _typical(rows: list[list[float]]) -> float:
    return statistics.median(min(column) for column in zip(*rows, strict=True))


def memory(side: Side, builds: int) -> tuple[float, float]:
    """Return the bytes kept of a build that is over and of a look at one."""
    client = side.client
    with side.mock():
        client.create_project(**project("web"))

        def build() -> str:
            build_id: str = client.start_build(projectName="web")["build"]["id"]
            client.batch_get_builds(ids=[build_id])
            return build_id

        for _ in range(50):  # fills what is cached once and for all
            last = build()
        tracemalloc.start()
        try:
            before = _traced()
            for _ in range(builds):
                build()
            per_build = (_traced() - before) / builds
            before = _traced()
            for _ in range(builds):
                client.batch_get_builds(ids=[last])
            return per_build, (_traced() - before) / builds
        finally:
            tracemalloc.stop()


def _traced() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def threads(side: Side, number: int, rounds: int) -> list[str]:
    """Return what goes wrong when *number* threads each create, start and look so many times."""
    wrong: list[str] = []
    together = threading.Barrier(number)

    def work(who: int) -> None:
        together.wait()
        for index in range(rounds):
            try:
                _one_round(side.client, f"p{who}-{index}", wrong)
            except Exception as error:  # whatever it is, it is what is counted here
                wrong.append(repr(error))

    with side.mock():
        side.lift_quotas()
        workers = [threading.Thread(target=work, args=(who,)) for who in range(number)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    return wrong


def _one_round(client: Any, name: str, wrong: list[str]) -> None:
    client.create_project(**project(name))
    build_id = client.start_build(projectName=name)["build"]["id"]
    found = client.batch_get_builds(ids=[build_id])["builds"]
    if [build["id"] for build in found] != [build_id]:
        wrong.append(f"looking for {build_id} found {found}")
