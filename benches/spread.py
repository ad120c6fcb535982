"""Simulates how sessions spread over the instances of a service, by the rule that chooses one."""

import random
from typing import Callable, Dict, List

INSTANCES = 100
SESSIONS = 20  # of each, on average
RUNS = 10

Loads = List[int]
Choose = Callable[[Loads, random.Random], int]


def best_of(choices: int) -> Choose:
    """As gateways choose: of three random answers, the less loaded of the first that differ."""

    def choose(loads: Loads, chance: random.Random) -> int:
        answers = (chance.randrange(len(loads)) for _ in range(3))
        different = list(dict.fromkeys(answers))[:choices]
        return min(different, key=lambda instance: (loads[instance], chance.random()))

    return choose


def best_of_all(loads: Loads, chance: random.Random) -> int:
    """The least loaded of all."""
    least = min(loads)
    return chance.choice([instance for instance, load in enumerate(loads) if load == least])


RULES: Dict[str, Choose] = {
    "one choice": best_of(1),
    "two": best_of(2),
    "three": best_of(3),
    "all asked": best_of_all,
}


def come(loads: Loads, number: int, at_once: int, choose: Choose, chance: random.Random) -> None:
    """Adds sessions. Those that come at once see the same loads: the ones before they came."""
    for begin in range(0, number, at_once):
        seen = loads.copy()
        for _ in range(min(at_once, number - begin)):
            loads[choose(seen, chance)] += 1


def fresh(at_once: int) -> Callable[[Choose, random.Random], Loads]:
    """All sessions are new."""

    def happen(choose: Choose, chance: random.Random) -> Loads:
        loads = [0] * INSTANCES
        come(loads, SESSIONS * INSTANCES, at_once, choose, chance)
        return loads

    return happen


def after_failures(renewed: int) -> Callable[[Choose, random.Random], Loads]:
    """A tenth of the instances fail, and their clients go to others at once. The instances come
    back empty. Then some percent of the sessions end, and their clients connect one by one."""

    def happen(choose: Choose, chance: random.Random) -> Loads:
        loads = fresh(1)(choose, chance)
        failed = INSTANCES // 10
        left = loads[failed:]
        lost = sum(loads) - sum(left)
        come(left, lost, lost, choose, chance)
        loads = [0] * failed + left
        for _ in range(sum(loads) * renewed // 100):
            ended = chance.choices(range(INSTANCES), weights=loads)[0]
            loads[ended] -= 1
            come(loads, 1, 1, choose, chance)
        return loads

    return happen


EVENTS: Dict[str, Callable[[Choose, random.Random], Loads]] = {
    "clients come one after another": fresh(1),
    "100 at once": fresh(100),
    "all 2,000 at once": fresh(SESSIONS * INSTANCES),
    "10 instances have failed and are back": after_failures(0),
    "then a quarter of the sessions is new": after_failures(25),
    "then as many as there are": after_failures(100),
}


def table() -> str:
    """The most and the least loaded instance, as multiples of the mean."""
    lines = ["| | " + " | ".join(RULES) + " |", "|---|" + "---:|" * len(RULES)]
    for event, happen in EVENTS.items():
        cells = []
        for choose in RULES.values():
            most, least = 0.0, 0.0
            for run in range(RUNS):
                loads = happen(choose, random.Random(run))
                most += max(loads) / SESSIONS / RUNS
                least += min(loads) / SESSIONS / RUNS
            cells.append(f"{least:.2f} to {most:.2f}")
        lines.append(f"| {event} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
