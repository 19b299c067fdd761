"""Sentences with fields, found again in sentences where the fields are filled in."""

from dataclasses import dataclass
from string import Formatter


@dataclass(frozen=True)
class Template:
    """What a sentence says around its fields.

    Attributes:
        fixed: What stands before the first field, between them, and after the last.
        fields: Their names, one less.
    """

    fixed: tuple[str, ...]
    fields: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "Template":
        """Reads one whose fields stand in braces; each must have another before the next."""
        fixed, fields = [""], []
        for before, field, _, _ in Formatter().parse(text):
            fixed[-1] += before
            if field is not None:
                fields.append(field)
                fixed.append("")
        return cls(tuple(fixed), tuple(fields))

    @property
    def said(self) -> int:
        """How many characters are not left to the fields."""
        return sum(map(len, self.fixed))

    def values(self, sentence: str) -> dict[str, str] | None:
        """Gives what fills the fields of a sentence; None where it is another one.

        Each takes as little as it can, and never nothing. What is found first need not be looked
        for again, so this takes no longer than reading the sentence, whoever wrote it: a regular
        expression goes back and tries once more.
        """
        if not self.fields:
            return {} if sentence == self.fixed[0] else None
        first, *between, last = self.fixed
        start, end = len(first), len(sentence) - len(last)
        if not (sentence.startswith(first) and sentence.endswith(last)):
            return None
        found = []
        for fixed in between:
            at = sentence.find(fixed, start + 1)
            if at < 0:
                return None
            found.append(sentence[start:at])
            start = at + len(fixed)
        if start >= end:
            return None
        return dict(zip(self.fields, [*found, sentence[start:end]], strict=True))
