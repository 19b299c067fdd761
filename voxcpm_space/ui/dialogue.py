"""A dialogue on the page: a switch, and a voice to describe for each name in the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TypeAlias

import gradio as gr
from gradio.components import Component

from voxcpm_space.errors import InputError
from voxcpm_space.examples import dialogue
from voxcpm_space.messages import requested_language
from voxcpm_space.text import MAX_NAMES, name_key, speaker_names
from voxcpm_space.ui.handlers import AT_ONCE
from voxcpm_space.ui.words import advice, hint, t

_SWITCH = t("Dialogue")
_HINT = t("Describe each voice in plain words, or leave it to chance.")
_NO_NAMES = t("No names yet. Begin a line with a name and a colon, such as Ann: Hello.")
_VOICE_OF = t("Voice of")
_NARRATOR = t("Voice before the first name")
_PLACEHOLDER = t("A cheerful young woman")
_EXAMPLE = t("Fill in an example")

_ROWS = MAX_NAMES + 1
"""One is the narrator's."""
_LOOKED_AT = 20_000
"""Characters; no setting lets a text be longer."""

Update: TypeAlias = Any
"""What Gradio makes of a component; its own types do not say."""


@dataclass(frozen=True)
class DialogueRows:
    """Whose voice each row describes, in the order of the rows.

    Attributes:
        named: Those in the text; the narrator's name is empty.
        gone: Those who were there before: who is cut out may be pasted again.
    """

    named: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[str, ...]:
        """Names, at most as many as there are rows."""
        return (*self.named, *self.gone)[:_ROWS]

    def followed(
        self, named: tuple[str, ...], descriptions: Sequence[str]
    ) -> tuple["DialogueRows", list[str]]:
        """Gives who comes next and their descriptions, for those that are in the text now.

        Args:
            named: Those in the text.
            descriptions: Of the rows as they are.
        """
        described = dict(zip(map(name_key, self.rows), descriptions, strict=False))
        now = set(map(name_key, named))
        gone = [name for name in self.rows if name_key(name) not in now]
        left = [name for name in gone if name and name in self.named]
        new = [name for name in named if name and name_key(name) not in described]
        if len(left) == len(new) == 1:  # the same person under another name
            described[name_key(new[0])] = described[name_key(left[0])]
            gone.remove(left[0])
        named_rows = DialogueRows(named, tuple(gone))
        return named_rows, [described.get(name_key(name), "") for name in named_rows.rows]


@dataclass(frozen=True)
class DialoguePanel:
    """What a person sets for a dialogue.

    Attributes:
        switch: Whether the text is one.
        body: Everything else, shown while it is.
        hint: What to do, or what is wrong with the names.
        named_rows: Holds the `DialogueRows`.
        rows: The descriptions.
        example: Fills in a text and its voices.
    """

    switch: gr.Checkbox
    body: gr.Column
    hint: gr.HTML
    named_rows: gr.State
    rows: list[gr.Textbox]
    example: gr.Button

    @property
    def inputs(self) -> list[Component]:
        """Components whose values `fields` takes after the text, in order."""
        return [self.switch, self.named_rows, *self.rows]

    @staticmethod
    def fields(
        text: str,
        is_dialogue: bool,  # noqa: FBT001  (Gradio passes values by position)
        named_rows: DialogueRows,
        *descriptions: str,
    ) -> dict[str, object]:
        """Gives the request's fields for the values of `inputs`; none where it is no dialogue.

        Raises:
            InputError: The text has too many names or pauses.
        """
        if not is_dialogue:
            return {}
        named = speaker_names(text[:_LOOKED_AT])
        _, moved = named_rows.followed(named, descriptions)
        voices = dict(zip(named, moved, strict=False))
        return {"voice_description": voices.pop("", ""), "voices": voices}


def dialogue_panel() -> DialoguePanel:
    """Adds the switch and what it shows."""
    switch = gr.Checkbox(label=_SWITCH)
    with gr.Column(visible=False) as body:
        line = gr.HTML()
        rows = [
            gr.Textbox(visible=False, placeholder=_PLACEHOLDER, max_lines=2) for _ in range(_ROWS)
        ]
        example = gr.Button(_EXAMPLE, size="sm")
    return DialoguePanel(switch, body, line, gr.State(DialogueRows()), rows, example)


def connect_dialogue(
    panel: DialoguePanel, text: gr.Textbox, otherwise: Sequence[gr.Column]
) -> None:
    """Lets the rows follow the text as it is typed; without a dialogue `otherwise` is shown."""
    panel.switch.change(
        lambda is_dialogue: [
            gr.Column(visible=is_dialogue),
            *(gr.Column(visible=not is_dialogue) for _ in otherwise),
        ],
        inputs=panel.switch,
        outputs=[panel.body, *otherwise],
        **AT_ONCE,
    )
    shown: list[Component] = [panel.hint, panel.named_rows, *panel.rows]
    gr.on(
        [panel.switch.change, text.change],
        _follow,
        inputs=[panel.switch, text, panel.named_rows, *panel.rows],
        outputs=shown,
        trigger_mode="always_last",  # while one look is under way, only the newest text matters
        **AT_ONCE,
    )
    panel.example.click(_example, outputs=[text, panel.named_rows, *panel.rows], **AT_ONCE)


def _follow(
    gradio_request: gr.Request,
    is_dialogue: bool,  # noqa: FBT001
    text: str,
    named_rows: DialogueRows,
    *descriptions: str,
) -> tuple[Update, ...]:
    """Gives updates of hint, named_rows and rows for a text that may have changed."""
    unchanged = (gr.skip(),) * (1 + _ROWS)
    if not is_dialogue:
        return gr.skip(), *unchanged
    try:
        named = speaker_names(text[:_LOOKED_AT])
    except InputError as error:
        return advice([error.message], requested_language(gradio_request.headers)), *unchanged
    advised = hint(_HINT if any(named) else _NO_NAMES)
    if named == named_rows.named:
        return advised, *unchanged
    named_rows, moved = named_rows.followed(named, descriptions)
    return advised, named_rows, *_rows(named_rows, moved, descriptions)


def _example() -> tuple[Update, ...]:
    talk = dialogue()
    named_rows = DialogueRows(("", *talk.voices))
    return talk.text, named_rows, *_rows(named_rows, [talk.narrator, *talk.voices.values()], ())


def _rows(
    named_rows: DialogueRows, descriptions: Sequence[str], shown: Sequence[str]
) -> list[Update]:
    """Gives an update for each row; a description that is there already is not sent again."""
    wanted = zip_longest(named_rows.rows, descriptions, shown, range(_ROWS))
    return [
        gr.update(
            visible=row < len(named_rows.named),
            label=f"{_VOICE_OF} {name}" if name else _NARRATOR,
            **{} if description == before else {"value": description or ""},
        )
        for name, description, before, row in wanted
    ]
