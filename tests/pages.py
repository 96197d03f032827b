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


def assert_alone(shown: str) -> None:
    """A page needs nothing but itself: no script, no link, no picture or style from elsewhere."""
    tags = read(shown).tags
    assert not {"script", "link", "iframe", "object", "form", "a"} & {tag for tag, _ in tags}
    for _, attributes in tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert (attributes.get("src") or "data:").startswith("data:image/svg+xml;base64,") or "src" not in attributes
    style = shown[shown.index("<style>") : shown.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
