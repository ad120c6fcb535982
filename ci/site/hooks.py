"""Changes to the pages that only the site needs."""

import re
from typing import Any

_FENCE = re.compile(r"^(```\S+)[ ]+(\S.*)$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Removes what ci/snippets.py reads in the first lines of code blocks; names become titles."""
    return _FENCE.sub(_opening, markdown)


def _opening(fence: "re.Match[str]") -> str:
    language, words = fence[1], fence[2]
    return f'{language} title="{words[len("file=") :]}"' if words.startswith("file=") else language
