"""Which deed of whom each fault is that comes with time."""

from __future__ import annotations

from trader247.simulation.mishaps.machine import MachineMishaps
from trader247.simulation.mishaps.process import ProcessMishaps
from trader247.simulation.mishaps.schedule import Mishap
from trader247.simulation.mishaps.venue import VenueMishaps
from trader247.simulation.world.network import Network
from trader247.simulation.world.quotes import Quotes


def kinds(
    network: Network,
    venue: VenueMishaps,
    quotes: Quotes,
    machine: MachineMishaps,
    process: ProcessMishaps,
) -> dict[str, Mishap]:
    """What is done for each of them, by its id."""
    return {
        "F14": network.cut,
        "F15": network.go_deaf,
        "F23": venue.revise,
        "F24": venue.fill_in_part,
        "F27": venue.end_early,
        "F28": venue.halt,
        "F31": venue.move_money,
        "F32": venue.change_tier,
        "F33": venue.maintain,
        "F34": venue.revoke_key,
        "F35": quotes.freeze,
        "F36": quotes.distort,
        "F37": venue.crash,
        "F38": venue.depeg,
        "F39": quotes.muddle_candles,
        "F40": machine.jump,
        "F41": machine.suspend,
        "F42": machine.wander,
        "F43": machine.fill_up,
        "F44": machine.fail_once,
        "F45": process.power,
        "F46": lambda: process.kill() if machine.flip() else None,
        "F47": machine.remount,
        "F48.kill": process.kill,
        "F48.term": process.terminate,
        "F48.stall": process.stall,
        "F48.second": process.start_second,
        "F48.switch": process.raise_switch,
        "F48.config": process.edit_settings,
        "F48.people": process.meddle,
        "F48.channel": process.mute,
        "F48.restored": process.restore,
    }
