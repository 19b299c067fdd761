"""What people and programs are told: in English, or translated from a gettext catalogue.

A message carries its gettext id, which is the English sentence with named fields in braces, and the
values of the fields. So the layer that has something to say writes it in English, once, and only a
front door decides in which language it is read. Babel finds the ids in the source by the names of
the functions `N_` and `ngettext`; `make messages` keeps the catalogues, and a test holds that they
are complete. To add a language, add its `messages.po`: nothing else knows which there are.
"""

import gettext
import io
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from typing_extensions import Self

ENGLISH = "en"
_LOCALE = Path(__file__).with_name("locale")
_CATALOGUE = "LC_MESSAGES/messages.po"
_QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)")


class Message(str):
    """A text in English that can be translated, also once it has gone through other hands.

    Like the class of that name in zope.i18nmessageid it is a string, so that whatever wants text,
    such as a log, takes it as it is. A field may be a message itself. It is created by `N_` and
    `ngettext`, by which its id is found in the source.

    Attributes:
        id: The gettext message id.
        plural_id: The id of its plural form, which the field `count` chooses; None without one.
        fields: What stands in its braces.
    """

    __slots__ = ("fields", "id", "plural_id")

    id: str
    plural_id: str | None
    fields: Mapping[str, object]

    def __new__(
        cls, msgid: str, /, fields: Mapping[str, object], plural_id: str | None = None
    ) -> Self:
        """Fills the fields into the English text.

        Raises:
            KeyError: A field is missing.
        """
        count = fields.get("count")
        english = msgid if plural_id is None or count == 1 else plural_id
        self = super().__new__(cls, english.format(**fields))
        self.id, self.plural_id, self.fields = msgid, plural_id, MappingProxyType(dict(fields))
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str, dict[str, object], str | None]]:
        """Lets it go from one process to another."""
        return type(self), (self.id, dict(self.fields), self.plural_id)


def N_(msgid: str, /, **fields: object) -> Message:  # noqa: N802  (gettext's name for this)
    """Gives a message to be translated later.

    Args:
        msgid: The English text, with `{name}` or `{name:format}` where a field stands; written
            here as a literal, for Babel to find.
        fields: Their values.
    """
    return Message(msgid, fields)


def ngettext(singular: str, plural: str, count: int, /, **fields: object) -> Message:
    """Gives a message that says how many, to be translated later.

    Args:
        singular: What is said of one, as for `N_`.
        plural: What is said of another number.
        count: How many; fills the field of that name, too.
        fields: Values of the others.
    """
    return Message(singular, {"count": count, **fields}, plural)


def translate(text: str, language: str) -> str:
    """Gives a message in a language, English where it has not been translated.

    Args:
        text: The message. Other text, such as a name, is given as it is.
        language: One of `languages`.
    """
    if not isinstance(text, Message):
        return text
    fields = {
        name: translate(value, language) if isinstance(value, str) else value
        for name, value in text.fields.items()
    }
    return template(text, language).format(**fields)


def template(message: Message, language: str) -> str:
    """Gives the text of a message in a language with its fields still open."""
    catalogue = _catalogue(language)
    if message.plural_id is None:
        return catalogue.gettext(message.id)
    count = message.fields["count"]
    assert isinstance(count, int), "of `ngettext`"
    return catalogue.ngettext(message.id, message.plural_id, count)


@cache
def languages() -> tuple[str, ...]:
    """Gives English, and every language that has a catalogue."""
    return (ENGLISH, *sorted(path.parents[1].name for path in _LOCALE.glob(f"*/{_CATALOGUE}")))


def requested_language(headers: Mapping[str, str]) -> str:
    """Gives the language of what a caller is told.

    It is the one that the caller likes best, as in the page's labels, where the browser alone
    decides: a second choice would show half a page in another language.

    Args:
        headers: Of the request; for Accept-Language see RFC 9110, section 12.5.4.

    Returns:
        One of `languages`: English where nothing is asked for, or there is no catalogue.
    """
    choices = [one.strip().partition(";") for one in headers.get("accept-language", "").split(",")]
    tag, _, _ = max(choices, key=lambda choice: _quality(choice[2]))
    language = tag.partition("-")[0].strip().lower()
    return language if language in languages() else ENGLISH


def _quality(parameters: str) -> float:
    """Gives how well a language is liked, from 0 to 1."""
    found = _QUALITY.fullmatch(parameters.strip().lower())
    return float(found[1]) if found else 1.0


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """Reads a catalogue; that of English is the source itself."""
    if language == ENGLISH:
        return gettext.NullTranslations()
    # Imported here: the model's process has these messages, too, but translates nothing.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = io.BytesIO()
    with (_LOCALE / language / _CATALOGUE).open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
