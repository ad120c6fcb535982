"""What happens to hosts, clients and links, by a schedule that follows from a seed."""

import signal
import time
from collections import Counter
from random import Random
from typing import Callable, Dict, List, Tuple

from callgate.testing import Direction, Faults, FaultyRelay
from processes import Running
from stage import DOOMED, SPOILED, Stage


class Events:
    """Makes things happen, and remembers what and when."""

    def __init__(self, stage: Stage, random: Random, started: float) -> None:
        self._stage = stage
        self._random = random
        self._started = started
        self._killed = 0
        #: The second, and the kind of what happened.
        self.log: List[Tuple[float, str]] = []
        self._kinds: Dict[str, Tuple[int, Callable[[], bool]]] = {
            "host killed": (4, self._kill_host),
            "host replaced": (2, self._replace_host),
            "client killed": (2, self._kill_client),
            "process stopped": (2, self._stop),
            "link cut": (4, self._cut),
            "link spoiled": (4, self._spoil),
            "half-closed": (2, self._half_close),
        }

    def one(self) -> None:
        """Makes one thing happen."""
        weights = [weight for weight, _ in self._kinds.values()]
        kind = self._random.choices(list(self._kinds), weights)[0]
        if self._kinds[kind][1]():
            self.log.append((time.monotonic() - self._started, kind))

    def counts(self) -> Dict[str, int]:
        """How often each kind happened."""
        return dict(Counter(kind for _, kind in self.log))

    def calm_down(self) -> None:
        """Takes all faults away, and ends the connections that have some."""
        for relay in self._stage.relays:
            relay.set_faults(None)
            relay.cut()

    def _kill_host(self) -> bool:
        host = self._random.choice(self._stage.victims)
        host.kill()
        time.sleep(self._random.choice((0, 0.1, 1)))
        host.start()
        return True

    def _replace_host(self) -> bool:
        host = self._random.choice(self._stage.victims)
        host.end()
        host.start()
        return True

    def _kill_client(self) -> bool:
        self._killed += 1
        if self._random.randrange(4) == 0:
            self._stage.replace_client(self._stage.spoiled, 0, SPOILED + self._killed)
        else:
            index = self._random.randrange(len(self._stage.doomed))
            number = DOOMED + len(self._stage.doomed) + self._killed
            self._stage.replace_client(self._stage.doomed, index, number)
        return True

    def _stop(self) -> bool:
        stage = self._stage
        processes: List[Running] = [*stage.steady, *stage.victims, *stage.clients]
        process = self._random.choice(processes)
        process.signal(signal.SIGSTOP)
        time.sleep(self._random.uniform(0.05, 1.2))
        process.signal(signal.SIGCONT)
        return True

    def _relay(self) -> FaultyRelay:
        return self._random.choice(self._stage.relays)

    def _cut(self) -> bool:
        relay = self._relay()
        relay.set_faults(None)
        relay.cut()
        return True

    def _spoil(self) -> bool:
        """Gives the next connections of a relay faults; only one relay may change bytes."""
        relay = self._relay()
        somewhere = (1, 100_000)
        kinds = [
            {"cut": somewhere},
            {"silence": somewhere},
            {"delay": 0.01},
            {"delay": 0.002, "cut": somewhere},
            {"byte_wise": True, "cut": (1, 20_000)},
        ]
        if relay is self._stage.spoiling:
            kinds = [{"corrupt": somewhere}, {"lose": somewhere}]
        seed, way = self._random.getrandbits(32), self._random.choice(list(Direction))
        relay.set_faults(
            Faults(seed=seed, direction=way, connections=3, **self._random.choice(kinds))
        )
        relay.cut()
        return True

    def _half_close(self) -> bool:
        closers = self._stage.half_closers
        return bool(closers) and self._random.choice(closers).half_close(self._random)
