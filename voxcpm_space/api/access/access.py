"""What a caller may do: asked before the work, and told of it afterwards."""

import hmac
import secrets
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from voxcpm_space.api.access.accounts import Account, Accounts
from voxcpm_space.api.access.open_balances import open_balances
from voxcpm_space.api.access.per_caller_limit import PerCallerLimit
from voxcpm_space.api.access.rates import RateLimit, subscriber_of
from voxcpm_space.api.access.reservations import Reservation, Reservations
from voxcpm_space.api.access.sessions import Sessions
from voxcpm_space.api.access.upload_limit import Upload, UploadLimit
from voxcpm_space.errors import BusyError, ForbiddenError, StartError, UnknownCallerError
from voxcpm_space.messages import N_
from voxcpm_space.schemas import Operation
from voxcpm_space.settings import Settings

_FAILED_LOGINS = 10
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
        may_be_embedded: Whether people log in on pages of other sites, too.
        loopback_secret: Lets this process itself through the gate.
        sessions: Who has logged in; not there on an open server.
    """

    def __init__(self, settings: Settings) -> None:
        """Reads the accounts, where there are any.

        Raises:
            StartError: The accounts, their balances or the rate limit's storage cannot be used.
        """
        self._rate = RateLimit(settings.rate_limit, settings.rate_limit_storage)
        self._looks = PerCallerLimit(_LOOKS_AT_ONCE)
        self._uploads = UploadLimit(settings.keep_seconds)
        self.may_be_embedded = settings.embedded
        self.loopback_secret = secrets.token_urlsafe()
        self.closed = settings.accounts is not None
        if settings.accounts_db and not settings.accounts:
            raise StartError(
                "VOXCPM_ACCOUNTS_DB has balances, but of which accounts? Please set "
                "VOXCPM_ACCOUNTS to the path of their file, too."
            )
        if settings.accounts:
            self._accounts = Accounts(settings.accounts)
            balances = open_balances(settings, self._accounts.all().values())
            self._reservations = Reservations(balances)
            self._link_secret = balances.link_secret
            self.sessions = Sessions(self._link_secret)
            self._logging_in = threading.Lock()

    def with_key(self, key: str) -> Caller:
        """Gives the account that a key belongs to.

        Raises:
            UnknownCallerError: None has it.
            ForbiddenError: It is disabled.
        """
        found = self._accounts.with_key(key)
        if found is None:
            raise UnknownCallerError(
                N_(
                    "Access denied due to invalid subscription key. Please check the key, or ask "
                    "whoever runs this server for one."
                )
            )
        caller = Caller(*found)
        if found[1].disabled:
            raise ForbiddenError(N_("The account {name} is disabled.", name=caller.name))
        return caller

    def logged_in(self, session: str) -> Caller | None:
        """Gives who has logged in; None where the login, the key or the account has ended since.

        Args:
            session: What `log_in` gave.
        """
        name = self.sessions.name_in(session)
        account = self._accounts.named(name)
        if account is None or account.disabled or not self.sessions.holds(session, account):
            return None
        return Caller(name, account)

    def log_in(self, name: str, key: str, address: str) -> str:
        """Gives what shows from now on that this account has logged in.

        Args:
            name: Of the account.
            key: Its key.
            address: From which this is asked; it may fail `_FAILED_LOGINS` times a minute.

        Raises:
            UnknownCallerError: There is no such account, or it has another key or is disabled.
            BusyError: Too many logins of this address have failed.
        """
        who = f"failed logins of {subscriber_of(address)}"
        with self._logging_in:  # so that nobody tries more at the same time
            try:
                self._rate.check(who, _FAILED_LOGINS)
            except BusyError as busy:
                raise BusyError(N_("Too many failed logins."), busy.retry_after) from busy
            found = self._accounts.with_key(key)
            if found is not None and found[0] == name and not found[1].disabled:
                return self.sessions.begin(name, found[1])
            self._rate.count(who, _FAILED_LOGINS)
        raise UnknownCallerError(N_("There is no such account, or this is not its key."))

    def admit(self, caller: Caller, operation: Operation) -> None:
        """Counts a request.

        Raises:
            ForbiddenError: The account may not ask for this.
            BusyError: There were too many requests.
        """
        account = caller.account
        if account and operation not in account.operations:
            raise ForbiddenError(
                N_(
                    "The account {name} may not ask for {operation}, only for {others}.",
                    name=caller.name,
                    operation=operation,
                    others=" and ".join(account.operations) or N_("nothing"),
                )
            )
        self._count(caller, "takes")

    @contextmanager
    def look(self, caller: Caller) -> Iterator[None]:
        """Counts a look at a clip, apart from the requests; it lasts as long as the context.

        Raises:
            BusyError: There were too many, or are too many at once.
        """
        self._count(caller, "looks")
        with self._looks.acquire(caller.name):
            yield

    def admit_upload(self, caller: Caller) -> Upload:
        """Counts an upload, apart from the requests; what comes with it is counted as it comes.

        Raises:
            BusyError: There were too many.
        """
        self._count(caller, "uploads")
        return Upload(self._uploads, caller.name)

    def _count(self, caller: Caller, what: str) -> None:
        own = caller.account.requests_per_minute if caller.account else None
        self._rate.count(f"{what} of {caller.name}", own)

    def reservation(self, caller: Caller) -> AbstractContextManager[Reservation]:
        """Gives what a request of the caller takes off a balance; it ends with the context."""
        if caller.account is None or caller.account.unlimited:
            return nullcontext(Reservation())
        return self._reservations.opened(caller.name)

    def is_loopback(self, secret: str) -> bool:
        """Tells whether this process asks itself, by the secret that it shows."""
        return hmac.compare_digest(secret.encode(), self.loopback_secret.encode())

    def signature(self, name: str) -> str:
        """Signs a made file's name: a link that carries it opens that file without a key."""
        return hmac.digest(self._link_secret, name.encode(), "sha256").hex()
