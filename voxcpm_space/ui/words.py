"""The page's words in the visitor's language.

The browser chooses the language of what stands on the page when it is opened, by Gradio's `I18n`:
`t` is for labels, placeholders, names of choices, and `t_html` for what else is HTML. Gradio looks
for a text of zh-CN under zh, too, so one table a language is enough. What a
handler says is in the language that its request asks for: `html` gives that. Both are translated
from the same catalogues.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import reduce
from typing import Any

import gradio as gr
from gradio.i18n import I18n, I18nData
from markupsafe import Markup, escape

from voxcpm_space.errors import answered_by_gradio
from voxcpm_space.messages import N_, Message, languages, ngettext, template, translate
from voxcpm_space.pictures import Picture
from voxcpm_space.speech import Speech

_tables: dict[str, dict[str, str]] = {language: {} for language in languages()}


def catalogue() -> I18n:
    """Gives Gradio what `t` and `t_html` mark, also what they mark later."""
    return I18n(**_tables)


def t(msgid: str, /, **fields: object) -> str:
    """Gives the mark that a browser replaces by words in its language; one for each property.

    Args:
        msgid: The English text, written here as a literal, for Babel to find.
        fields: Values of what stands in braces.
    """
    message = Message(msgid, fields)
    return _marked(str(message), lambda language: translate(message, language))


def t_html(key: str, render: Callable[[str], str]) -> str:
    """Gives the mark that a browser replaces by HTML in its language.

    Args:
        key: What it is, without braces; marked again, what it was before is replaced.
        render: Gives the HTML in a language.
    """
    return _marked(key, render)


def html(text: str, language: str) -> Markup:
    """Gives as HTML what is said in a language, with whatever a stranger wrote as text.

    Args:
        text: A message, of which fields may be HTML if they are `Markup`; or other text.
        language: One of `languages`.
    """
    if not isinstance(text, Message):
        return escape(text)
    fields = {
        name: html(value, language) if isinstance(value, str) else value
        for name, value in text.fields.items()
    }
    return escape(template(text, language)).format(**fields)


def sentences(said: Iterable[str], language: str) -> Markup:
    """Gives as HTML what is said in several sentences, of which not every language has a space."""
    return html(
        reduce(lambda first, second: N_("{first} {second}", first=first, second=second), said),
        language,
    )


def translations(message: Message) -> dict[str, str]:
    """Gives the words of a message by language, for JavaScript."""
    return {language: translate(message, language) for language in languages()}


def script(message: Message) -> str:
    """Gives JavaScript that is its words in the visitor's language."""
    words = translations(message)
    language = "document.documentElement.lang.split('-')[0]"
    return f"({json.dumps(words)}[{language}] ?? {json.dumps(str(message))})"


def clock(seconds: float) -> str:
    """Gives minutes and seconds, as a clock shows them."""
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes}:{left:02}"


def hint(text: str) -> str:
    """Gives HTML of a quiet sentence."""
    return f"<p class='hint'>{text}</p>"


def advice(warnings: Iterable[str], language: str) -> str:
    """Gives HTML with a line for each sentence."""
    return "".join(f"<p class='advice'>{html(warning, language)}</p>" for warning in warnings)


def bar(part: float, text: str, language: str) -> str:
    """Gives HTML of a bar that is filled to `part` (0 to 1), with `text`, HTML too, beside it."""
    label = html(N_("Progress"), language)
    percent = round(100 * min(part, 1.0))
    return (
        f"<div class='bar' role='progressbar' aria-label='{label}' aria-valuenow='{percent}' "
        f"aria-valuemin='0' aria-valuemax='100'><div style='width:{percent}%'></div></div>"
        f"<div class='bar-text'>{text}</div>"
    )


def figure(picture: Picture, language: str) -> str:
    """Gives HTML of a picture, with what it shows in words."""
    caption = sentences(picture.caption, language)
    return (
        f"<figure class='clip x{picture.sounds}'><img src='{picture.source}' "
        f"alt='{html(picture.title, language)} {caption}'>"
        f"<figcaption class='hint'>{caption}</figcaption></figure>"
    )


def facts(speech: Speech, language: str) -> str:
    """Gives HTML with the facts of a finished speech, and what a listener should know."""
    made = N_("{seconds:.1f} s of speech", seconds=speech.seconds)
    more = html(N_("Details"), language)
    rtf = html(N_("seconds of computing for a second of audio"), language)
    details = (
        html(N_("made in {seconds:.1f} s", seconds=speech.elapsed), language),
        f"<abbr title='{rtf}'>RTF</abbr> {speech.rtf:.2f}",
        html(N_("seed {seed}", seed=speech.seed), language),
        html(ngettext("{count} part", "{count} parts", len(speech.parts)), language),
    )
    return (
        f"{advice(speech.advice, language)}<div class='facts'>"
        f"<span role='status'>{html(made, language)}</span>"
        f"<details><summary>{more}</summary>"
        f"<p>{''.join(f'<span>{one}</span>' for one in details)}</p></details></div>"
        f"{_notes(speech, language)}"
    )


def _notes(speech: Speech, language: str) -> str:
    if not speech.notes:
        return ""
    between = translate(N_("; "), language)
    notes = between.join(translate(note, language) for note in speech.notes)
    return hint(html(N_("Changed before it was spoken: {notes}.", notes=notes), language))


def _marked(key: str, say: Callable[[str], str]) -> str:
    for language, table in _tables.items():
        table[key] = say(language)
    return str(I18nData(key))


QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""No program sees the event, and nothing shows that Gradio waits."""

AT_ONCE: dict[str, Any] = {**QUIETLY, "queue": False}
"""For what takes no time, and so no turn."""


@contextmanager
def answered_on_page(language: str) -> Iterator[None]:
    """Turns every failure of a handler into a toast in the visitor's language.

    A toast shows HTML, of which Gradio leaves out what can run, but no more: what a stranger wrote
    into a sentence must arrive as text. Programs get plain text from `answered_by_gradio`.

    Raises:
        gr.Error: With HTML.
    """
    try:
        with answered_by_gradio(language):
            yield
    except gr.Error as error:
        error.message = html(error.message, language)
        raise


def warn(message: Message, language: str) -> None:
    """Shows a toast that warns."""
    gr.Warning(html(message, language))


def tell(message: Message, language: str) -> None:
    """Shows a toast that tells what was done."""
    gr.Info(html(message, language))
