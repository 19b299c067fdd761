"""Who has logged in: told by a signed cookie, which ends with the account's key."""

import hmac
import time

from voxcpm_space.api.access.accounts import Account

SESSION_SECONDS = 7 * 86_400


class Sessions:
    """Makes and checks the values of cookies; nothing is kept, so all processes agree.

    Attributes:
        cookie: Name of the cookie, another for each file of accounts: a browser sends its cookies
            to all ports of a host.
    """

    def __init__(self, secret: bytes) -> None:
        """Starts with a secret that the processes share, and nobody else has."""
        self._secret = secret
        self.cookie = f"voxcpm-login-{self._digest('cookie')[:8]}"

    def begin(self, name: str, account: Account) -> str:
        """Gives a value that says that this account has logged in, for `SESSION_SECONDS`."""
        expires = int(time.time()) + SESSION_SECONDS
        return f"{name}:{expires}:{self._signature(name, expires, account)}"

    @staticmethod
    def name_in(value: str) -> str:
        """Gives the name that a value claims, to be checked by `holds`."""
        return value.partition(":")[0]

    def holds(self, value: str, account: Account) -> bool:
        """Tells whether the claim is true and not too old, and the key is still the same."""
        name, _, rest = value.partition(":")
        expires, _, signature = rest.partition(":")
        if not (expires.isascii() and expires.isdecimal()) or len(expires) > len(str(2**63)):
            return False
        expected = self._signature(name, int(expires), account)
        return hmac.compare_digest(signature.encode(), expected.encode()) and (
            time.time() < int(expires)
        )

    def _signature(self, name: str, expires: int, account: Account) -> str:
        return self._digest(f"login:{name}:{expires}:{account.key_sha256}")

    def _digest(self, message: str) -> str:
        return hmac.digest(self._secret, message.encode(), "sha256").hex()
