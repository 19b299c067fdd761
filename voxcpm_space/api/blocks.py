"""Gradio's page, whose events fetch nothing, fail with a sentence, and log nothing of a visitor."""

from collections.abc import Sequence
from typing import Any

import gradio as gr
from gradio_client.utils import is_file_obj_with_meta, is_http_url_like, traverse

from voxcpm_space.compat.gradio import API_PREFIX
from voxcpm_space.errors import InputError, answered_by_gradio
from voxcpm_space.messages import ENGLISH, N_, ngettext, requested_language


class Blocks(gr.Blocks):
    """`gr.Blocks`, with all that comes to its events checked first and all that fails answered."""

    async def process_api(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Runs an event as Gradio does, which would log errors with the values that led to them.

        Raises:
            gr.Error: What went wrong, as a sentence.
        """
        request = kwargs.get("request")
        language = ENGLISH
        if isinstance(request, gr.Request):
            language = requested_language(request.headers)
        try:
            with answered_by_gradio(language):
                answer: dict[str, Any] = await super().process_api(*args, **kwargs)
                return answer
        except gr.Error as error:  # alone, since what led to it can hold what was sent
            error.print_exception = False
            raise error.with_traceback(None) from None

    async def preprocess_data(
        self,
        block_fn: Any,
        inputs: Sequence[Any],
        *args: Any,
        **kwargs: Any,
    ) -> list[Any]:
        """Turns values as they came into those that an event's function takes.

        Raises:
            InputError: There are too few of them, or one is of another kind.
        """
        wanted, given = len(block_fn.inputs), len(inputs)
        if given < wanted:
            raise InputError(
                ngettext(
                    "This takes {count} value, and {given} came: see {info}.",
                    "This takes {count} values, and {given} came: see {info}.",
                    wanted,
                    given=given,
                    info=f"{API_PREFIX}/info",
                )
            )
        urls = traverse(list(inputs), _url_of, is_file_obj_with_meta)
        try:
            values: list[Any] = await super().preprocess_data(block_fn, urls, *args, **kwargs)
        except gr.Error:
            raise
        except Exception as error:
            raise InputError(
                N_(
                    "A value is not of the kind that is wanted here. {info} has the types of what "
                    "endpoints take.",
                    info=f"{API_PREFIX}/info",
                )
            ) from error
        return values


def _url_of(file: dict[str, Any]) -> object:
    """Gives the URL of a file elsewhere, which Gradio would fetch as it likes; others as they are.

    An endpoint takes the URL for what it is, and our own fetcher has the rules for it.
    """
    return file["path"] if is_http_url_like(file["path"]) else file
