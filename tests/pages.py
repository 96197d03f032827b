"""Pages as a browser takes them: tags, and the text that a reader sees."""

import html.parser


class Reader(html.parser.HTMLParser):
    """The tags with their attributes, and the text that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(shown: str) -> Reader:
    reader = Reader()
    reader.feed(shown)
    return reader
