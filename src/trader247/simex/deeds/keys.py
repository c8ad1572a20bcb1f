"""Taking a client's key away from it, and giving it back."""

from __future__ import annotations

from collections.abc import Callable

from trader247.simex.deeds.asked import Asked, Undone
from trader247.simex.door.keyring import Keyring
from trader247.simex.wire.render import Body


class KeyDeeds:
    """The actions on the keys of one served exchange; `save` writes them down."""

    def __init__(self, keyring: Keyring, save: Callable[[], None]) -> None:
        self._keyring = keyring
        self._save = save
        self.deeds: dict[str, Callable[[Asked], Body]] = {
            "revoke": lambda asked: self._set(asked, is_revoked=True),
            "restore": lambda asked: self._set(asked, is_revoked=False),
        }

    def _set(self, asked: Asked, *, is_revoked: bool) -> Body:
        """A key is named in full, or by its last part."""
        written = asked.text("key")
        names = [key.name for key in self._keyring]
        named = [name for name in names if written in (name, name.split("/")[-1])]
        if len(named) != 1:
            raise Undone(
                f"there is no key {written!r}; there are {', '.join(names)}", is_refused=True
            )
        if is_revoked:
            self._keyring.revoke(named[0])
        else:
            self._keyring.restore(named[0])
        self._save()
        return {"key": named[0], "is_revoked": is_revoked}
