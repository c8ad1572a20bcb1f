"""Every state that can be reached, breadth first, so that the first trace found is a shortest."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field

from scripts.model.moves import MOVES, Kind, Moves
from scripts.model.properties import calm_step, is_resolved, violation
from scripts.model.state import told


@dataclass(frozen=True, slots=True)
class Trace:
    """What is wrong, and the moves that lead there, with the state after each."""

    wrong: str
    steps: tuple[tuple[Kind, bytes], ...]

    def lines(self) -> list[str]:
        """The trace for a person."""
        width = max(len(move.words) for move, _ in self.steps)
        told_steps = [
            f"{number:3d}  {move.words:<{width}}  {told(state)}"
            for number, (move, state) in enumerate(self.steps, start=1)
        ]
        return [self.wrong, *told_steps]


@dataclass
class Reach:
    """How far a search came."""

    states: int = 0
    transitions: int = 0
    depth: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    is_whole: bool = False
    """Whether no reachable state was left out."""
    calm_steps_max: int = 0
    """The longest way from any state to where everything is resolved, once faults stop."""
    trace: Trace | None = None


class Search:
    """One exhaustive look at a model from one state."""

    def __init__(self, first: bytes, moves: Moves) -> None:
        self._moves = moves
        self._seen: dict[bytes, int] = {first: 0}
        self._states = [first]
        self._parents = array("l", [-1])
        self._by = bytearray([0])
        self._calm = array("l")
        """Where each state goes once faults have stopped; itself where all is resolved."""
        self._further: dict[int, int] = {}
        self.reach = Reach()

    def run(self, *, states_max: int) -> Reach:
        """Look at every state, or at up to so many; stop at the first violation."""
        reach, states = self.reach, self._states
        depths = array("l", [0])
        taken = [0] * len(_KINDS)
        at = 0
        while at < len(states) and len(states) < states_max and reach.trace is None:
            state = states[at]
            found = self._moves(state)
            reach.transitions += len(found)
            for move, after in found:
                number = _NUMBERS[id(move)]
                taken[number] += 1
                if after in self._seen:
                    continue
                self._add(after, parent=at, by=number)
                depths.append(depths[at] + 1)
                wrong = violation(state, after)
                if wrong is not None:
                    reach.trace = self._trace(len(states) - 1, wrong)
                    break
            else:
                step = state if is_resolved(state) else calm_step(found)
                # A way on that was not kept leads to a state that the search ends before.
                self._calm.append(-1 if step is None else self._seen[step])
            at += 1
        reach.states, reach.depth, reach.is_whole = len(states), depths[-1], at == len(states)
        reach.taken = Counter(dict(zip(MOVES, taken, strict=True)))
        return reach

    def settle(self) -> Reach:
        """From each state looked at, let faults stop: all must be resolved, after few steps."""
        steps: dict[int, int] = {}
        for first in range(len(self._calm)):
            path: list[int] = []
            on_path: set[int] = set()
            at = first
            while at >= 0 and at not in steps and (after := self._calm_after(at)) != at:
                if after in on_path:
                    at = -1  # round and round
                    break
                path.append(at)
                on_path.add(at)
                at = after
            if at < 0:
                words = "faults have stopped, and this is never resolved"
                self.reach.trace = self._trace(first, words)
                return self.reach
            known = steps.setdefault(at, 0)
            for back, each in enumerate(reversed(path), start=1):
                steps[each] = known + back
            self.reach.calm_steps_max = max(self.reach.calm_steps_max, known + len(path))
        return self.reach

    def _calm_after(self, at: int) -> int:
        """Where a state goes once faults have stopped; itself where all is resolved, -1 nowhere."""
        if at < len(self._calm):
            return self._calm[at]
        if at not in self._further:  # beyond the bound of the search
            self._further[at] = self._look_further(at)
        return self._further[at]

    def _look_further(self, number: int) -> int:
        state = self._states[number]
        step = state if is_resolved(state) else calm_step(self._moves(state))
        if step is None:
            return -1
        if step not in self._seen:
            self._add(step, parent=number, by=0)
        return self._seen[step]

    def _add(self, state: bytes, *, parent: int, by: int) -> None:
        self._seen[state] = len(self._states)
        self._states.append(state)
        self._parents.append(parent)
        self._by.append(by)

    def _trace(self, number: int, wrong: str) -> Trace:
        steps: list[tuple[Kind, bytes]] = []
        while self._parents[number] >= 0:
            steps.append((_KINDS[self._by[number]], self._states[number]))
            number = self._parents[number]
        return Trace(wrong, tuple(reversed(steps)))


_KINDS = tuple(MOVES.values())
_NUMBERS = {id(kind): number for number, kind in enumerate(_KINDS)}
