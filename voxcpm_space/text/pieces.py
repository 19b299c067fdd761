"""A text that is still being written, cut into pieces that can be spoken already."""

from voxcpm_space.text.phrase_split import split_clauses
from voxcpm_space.text.sentence_split import split_sentences
from voxcpm_space.text.validate import has_words

_LEAST_WORDS = 3
"""In a clause that is spoken alone: VoxCPM2 speaks single words less steadily."""


class TextPieces:
    """Takes a text as it is written; joined together the pieces are the text."""

    def __init__(self) -> None:
        """Starts with nothing."""
        self._rest = ""

    @property
    def has_rest(self) -> bool:
        """Whether there is something to speak that no piece has yet."""
        return has_words(self._rest)

    def add(self, text: str) -> list[str]:
        """Gives the sentences that have ended: what follows tells that, as of `3.` and `3.14`."""
        *sentences, self._rest = split_sentences(self._rest + text) or [""]
        return _spoken(sentences)

    def wait(self) -> list[str]:
        """Gives what can be spoken where nothing comes for a moment: whole sentences or clauses."""
        clauses = split_clauses(self._rest)
        if clauses[-1].strip().endswith(_ENDS):
            return self.flush()
        whole = "".join(clauses[:-1])
        if len(whole.split()) < _LEAST_WORDS:
            return []
        self._rest = clauses[-1]
        return _spoken([whole])

    def flush(self) -> list[str]:
        """Gives the rest."""
        rest, self._rest = self._rest, ""
        return _spoken([rest])


_ENDS = (*".!?…。！？।॥؟۔", '."', '!"', '?"', ".”", "!”", "?”")


def _spoken(pieces: list[str]) -> list[str]:
    return [piece.strip() for piece in pieces if has_words(piece)]
