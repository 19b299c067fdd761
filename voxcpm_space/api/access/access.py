"""What a caller may do: asked before the work, and told of it afterwards."""

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from voxcpm_space.api.access.accounts import Account, Accounts
from voxcpm_space.api.access.balances import Balances
from voxcpm_space.api.access.per_caller_limit import PerCallerLimit
from voxcpm_space.api.access.rates import RateLimit
from voxcpm_space.errors import BalanceError, ForbiddenError, UnknownCallerError
from voxcpm_space.schemas import Operation
from voxcpm_space.settings import Settings

_LOOKS_AT_ONCE = 4
"""Of one caller, whose clips may all come slowly; the page serves 8."""


@dataclass(frozen=True)
class Caller:
    """Whoever asks.

    Attributes:
        name: Of the account; on an open server the address.
        account: None on an open server.
    """

    name: str
    account: Account | None = None


class Access:
    """The rules of the server: open to all with a rate limit, or closed to all but accounts.

    Attributes:
        closed: Whether only accounts may use it.
        loopback_secret: Lets this process itself through the gate.
    """

    def __init__(self, settings: Settings) -> None:
        """Reads the accounts, where there are any.

        Raises:
            StartError: The accounts or the rate limit's storage cannot be used.
        """
        self._rate = RateLimit(settings.rate_limit, settings.rate_limit_storage)
        self._looks = PerCallerLimit(_LOOKS_AT_ONCE)
        self.loopback_secret = secrets.token_urlsafe()
        self.closed = settings.accounts is not None
        if settings.accounts:
            self._accounts = Accounts(settings.accounts)
            self._balances = Balances.beside(settings.accounts)

    def with_key(self, key: str) -> Caller:
        """Gives the account that a key belongs to.

        Raises:
            UnknownCallerError: None has it.
            ForbiddenError: It is disabled.
        """
        found = self._accounts.with_key(key)
        if found is None:
            raise UnknownCallerError(
                "Access denied due to invalid subscription key. Please check the key, or ask "
                "whoever runs this server for one."
            )
        caller = Caller(*found)
        if found[1].disabled:
            raise ForbiddenError(f"The account {caller.name} is disabled.")
        return caller

    def logged_in(self, name: str) -> Caller | None:
        """Gives the account of somebody who logged in; None if it is gone or disabled since."""
        account = self._accounts.named(name)
        return Caller(name, account) if account and not account.disabled else None

    def may_log_in(self, name: str, key: str) -> bool:
        """Tells whether the key is that account's."""
        found = self._accounts.with_key(key)
        return found is not None and found[0] == name and not found[1].disabled

    def admit(self, caller: Caller, operation: Operation) -> None:
        """Counts a request.

        Raises:
            ForbiddenError: The account may not ask for this.
            BalanceError: It has nothing left.
            BusyError: There were too many requests.
        """
        account = caller.account
        if account and operation not in account.operations:
            raise ForbiddenError(
                f"The account {caller.name} may not ask for {operation}, only for "
                f"{' and '.join(account.operations) or 'nothing'}."
            )
        if account and not account.unlimited and self._balances.seconds(caller.name) <= 0:
            raise BalanceError(
                f"The account {caller.name} has no seconds of audio left. Please have it topped up."
            )
        self._count(caller, "takes")

    @contextmanager
    def look(self, caller: Caller) -> Iterator[None]:
        """Counts a look at a clip, apart from the takes; it lasts as long as the context.

        Raises:
            BusyError: There were too many, or are too many at once.
        """
        self._count(caller, "looks")
        with self._looks.acquire(caller.name):
            yield

    def _count(self, caller: Caller, what: str) -> None:
        own = caller.account.requests_per_minute if caller.account else None
        self._rate.count(f"{what} of {caller.name}", own)

    def charge(self, caller: Caller, seconds: float) -> None:
        """Takes seconds of audio off the account's balance."""
        if caller.account and not caller.account.unlimited:
            self._balances.add(caller.name, -seconds)

    def signature(self, path: str) -> str:
        """Signs a file's path: a link that carries the signature opens that file without a key."""
        return hmac.digest(self._balances.link_secret, path.encode(), "sha256").hex()
