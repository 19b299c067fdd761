"""HTML and SSML that was pasted from elsewhere: what it says, without its tags."""

import html
import re

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ATTRIBUTES = r"(?:\s+[A-Za-z_:][\w:.-]*\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=]+))*"
_TAG = re.compile(rf"<(?P<close>/?)(?P<name>[A-Za-z][\w:-]*)(?P<with>{_ATTRIBUTES}\s*/?)>")
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*[\"']?([^\"'<>]*?)[\"']?(?=\s|/?$)")
_UNSEEN = re.compile(
    r"<!--.{0,2000}?-->|<(script|style)\b[^<>]{0,200}>.{0,5000}?</\1\s*>|<[!?][A-Za-z][^<>]{0,500}>",
    re.IGNORECASE | re.DOTALL,
)
_ALIAS = re.compile(r"<sub\s+alias=[\"']([^\"'<>]*)[\"']\s*>[^<>]*</sub>", re.IGNORECASE)
_RAISED = re.compile(r"<sup>\s*([0-9]{1,4})\s*</sup>", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BRACKETED = re.compile(r"(\w?)<(?!https?:|www\.)(?=[^\W\d_])([^<>\n]{1,100})(?<=\S)>(\w?)")

_LINES = re.compile("br|dd|dt|h[1-6]|hr|li|tr")
_PARAGRAPHS = re.compile(
    "article|aside|blockquote|body|div|dl|figure|footer|form|header|html|main|nav|ol|p|paragraph|pre|section|"
    "speak|table|ul"
)
_CELLS = re.compile("t[dh]|s|sentence")
_INLINE = re.compile(
    "a|abbr|acronym|address|audio|b|bd[io]|big|button|center|cite|code|data|del|desc|details|dfn|em|"
    "emphasis|figcaption|font|head|i|img|input|ins|kbd|label|lang|lexicon|lookup|mark|metadata|meta|"
    "option|phoneme|picture|prosody|q|rp|rt|ruby|samp|say-as|select|small|"
    "source|span|strike|strong|sub|summary|sup|svg|tbody|textarea|tfoot|thead|time|title|token|"
    "track|tt|u|var|video|voice|w|wbr"
)
_STRENGTHS = {
    "none": "",
    "x-weak": "[pause 0.25s]",
    "weak": "[pause 0.5s]",
    "medium": "[pause 0.75s]",
    "strong": "[pause 1s]",
    "x-strong": "[pause 1.25s]",
}
"""How long Azure's speech service pauses; SSML leaves it open."""


def with_characters(text: str) -> str:
    """Puts the characters in the place of HTML's names and numbers for them, such as `&amp;`."""
    if "&" not in text:
        return text
    decoded = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return decoded.replace("\r", "\n")


def with_breaks_as_pauses(text: str) -> str:
    """Writes SSML's `<break time="1s"/>` as `[pause 1s]`."""
    return _TAG.sub(lambda tag: _pause(tag) if tag["name"].lower() == "break" else tag[0], text)


def without_tags(text: str) -> str:
    """Takes out tags of HTML and SSML, and whatever can only be a tag; keeps what they enclose."""
    if "<" not in text:
        return text
    text = _UNSEEN.sub("", text)
    text = _ALIAS.sub(r"\1", text)
    text = _RAISED.sub(lambda raised: raised[1].translate(_SUPERSCRIPTS), text)
    closed = {tag["name"].lower() for tag in _TAG.finditer(text) if tag["close"]}
    return _TAG.sub(lambda tag: _instead(tag, closed), text)


def without_angle_brackets(text: str) -> str:
    """Takes words such as `<your name>` out of their brackets."""
    return _BRACKETED.sub(_apart, text)


def _pause(tag: re.Match[str]) -> str:
    if tag["close"]:
        return ""
    attributes = {
        name.lower(): value for name, value in _ATTRIBUTE.findall(tag["with"].strip("/ "))
    }
    time = attributes.get("time", "").strip("+ ")
    if re.fullmatch(r"0*\.?0*\s*m?s", time):
        return " "
    strength = _STRENGTHS.get(attributes.get("strength", "").lower(), _STRENGTHS["medium"])
    return f" [pause {time}] " if time else f" {strength} "


def _instead(tag: re.Match[str], closed: set[str]) -> str:
    name = tag["name"].lower()
    for names, instead in ((_PARAGRAPHS, "\n\n"), (_LINES, "\n"), (_CELLS, " "), (_INLINE, "")):
        if names.fullmatch(name):
            return instead
    return "" if name in closed or ":" in name or tag["with"].strip() else tag[0]


def _apart(words: re.Match[str]) -> str:
    before, inside, after = words.groups()
    if before and after:  # x<y and y>z
        return words[0]
    return f"{before}{' ' if before else ''}{inside}{' ' if after else ''}{after}"
