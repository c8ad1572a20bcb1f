"""`/sim/faults`: what goes wrong just now, how often it did, and a change of it while it runs."""

from __future__ import annotations

from trader247.simex.deeds.admin import Handler
from trader247.simex.faults.plan import Plan
from trader247.simex.faults.rules import read_rules
from trader247.simex.wire.render import dumps
from trader247.simex.wire.request import Reply, Request, invalid

SEED_MAX = 2**63 - 1


class Console:
    """Reads and changes one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def handlers(self) -> dict[tuple[str, str], Handler]:
        return {("GET", "/sim/faults"): self.read, ("POST", "/sim/faults"): self.change}

    async def read(self, _: Request) -> Reply:
        """The rules in force, and what has struck since the server began."""
        body = {
            "seed": self._plan.seed,
            "faults": [str(each) for each in self._plan.rules],
            "fired": self._plan.told(),
        }
        return Reply(200, dumps(body))

    async def change(self, request: Request) -> Reply:
        """Put other rules in force, all of them: `{"faults": ["rough", "html=1%@book"]}`."""
        texts, seed = request.body.get("faults"), request.body.get("seed", self._plan.seed)
        if (
            not isinstance(texts, list)
            or not all(isinstance(each, str) for each in texts)
            or request.body.keys() - {"faults", "seed"}
        ):
            raise invalid('the body is {"faults": ["NAME=CHANCE@WHERE"], "seed": 0}')
        if type(seed) is not int or not 0 <= seed <= SEED_MAX:
            raise invalid(f"seed is a whole number from 0 to {SEED_MAX}")
        try:
            rules = read_rules(texts)
        except ValueError as error:
            raise invalid(str(error)) from None
        self._plan.change(rules, seed=seed)
        return await self.read(request)
