"""What a page shows, and what GitHub's own parser makes of a text, in one form to compare."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from cmarkgfm import markdown_to_html_with_extensions
from cmarkgfm.cmark import Options

from app.handbook.documents import link_targets
from app.handbook.documents.document_types import Document
from app.handbook.rendering import document_html

_BLOCKS = "p|ul|ol|li|blockquote|pre|h[1-6]|hr|table|tr|th|td|br"
_KNOWN = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img"),
    *("input", "li", "ol", "p", "pre", "s", "strong", "sup", "table", "td", "th", "tr", "ul"),
}
_IGNORED = {"div", "label", "section", "span", "tbody", "thead"}
_EMPTY = {"br", "hr", "img", "input"}
_FIELD = r"<strong>[^<:]+(?::</strong>|</strong>:)"
_ALERT = re.compile(
    r"(?<=<blockquote>\n)<p>\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\](?:\n|(</p>))", re.I
)
_PLAIN = (
    ("⏎+</code>", "</code>"),
    ("\n<p>\n</p>", ""),
    (r"(\[[ x]\]) ?\n<p>", r"\n<p>\1 "),  # GitHub's box of a task is above its paragraph
    (r"<note>↩<sup>\d+</sup>", "<note>↩"),
)
_OPTIONS = Options.CMARK_OPT_FOOTNOTES | Options.CMARK_OPT_UNSAFE
_EXTENSIONS = ["table", "strikethrough", "autolink", "tasklist"]


def shown(document: Document) -> str:
    """What our page shows of a document, without title, footer and frames."""
    html = document_html.fragment(document, document.text.shown, lambda _path: True)
    html = re.sub(r'<p class="language">.*?</p>', "", html)
    html = re.sub(r'(<div class="panel \w+">)<p class="label">\w+</p>', r"\1", html)
    html = re.sub(r'<p class="dashboard">.*?<code>(.*?)</code>.*?</p>',
                  r"<pre><code>\1</code></pre>", html)  # fmt: skip
    html = re.sub(r'<div class="remark[^>]*><p class="label">\w+</p>(.*?)</div>',
                  r"<blockquote>\1</blockquote>", html, flags=re.S)  # fmt: skip
    return _Form(html, "").text()


def on_github(document: Document) -> str:
    """What GitHub shows of the same text, with our addresses for links and images."""
    html = markdown_to_html_with_extensions(document.text.shown, _OPTIONS, _EXTENSIONS)
    html = _ALERT.sub(lambda match: "" if match[1] else "<p>", html)
    # Ours: in a paragraph of fields, each stays on its own line.
    html = re.sub(
        rf"<(?:p|li)>\n?{_FIELD}.*?(?=</p>|</li>|<[uo]l)",
        lambda match: re.sub(rf"\n(?={_FIELD})", "<br>", match[0]),
        html,
        flags=re.S,
    )
    return _Form(html, document.path).text()


class _Form(HTMLParser):
    """A fragment with plain tags, the same for both.

    Args:
        html: the fragment.
        path: of the document, to which links are relative; empty if they are ours already.
    """

    def __init__(self, html: str, path: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.path = path
        self.open: list[str] = []
        """What closes each open element, empty for one that isn't shown."""

        self.feed(html)
        self.close()

    def text(self) -> str:
        """The fragment, with a line for each block; blanks count only in code."""
        words = re.sub(r"[ \n\t]+", " ", "".join(self.parts))
        words = re.sub(rf" ?(</?(?:{_BLOCKS})\b[^>]*>) ?", r"\n\1", words)
        for pattern, plain in _PLAIN:
            words = re.sub(pattern, plain, words)
        return words.strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        tag = {"del": "s"}.get(tag, tag)
        if tag not in _KNOWN | _IGNORED:  # raw HTML, which we show as text
            self.parts.append(escape(self.get_starttag_text() or ""))
            return
        if tag == "img":
            self._image(values)
        elif tag == "input":
            self.parts.append("[x] " if "checked" in values else "[ ] ")
        elif tag in _EMPTY:
            self.parts.append(f"<{tag}>")
        else:
            written = "" if tag in _IGNORED else self._written(tag, values)
            self.parts.append(written)
            self.open.append(f"</{tag}>" if written else "")

    def _written(self, tag: str, values: dict[str, str]) -> str:
        kept = {name: values[name] for name in ("title", "start") if values.get(name)}
        aligned = values.get("align") or values.get("class", "")
        if tag in ("td", "th") and aligned:
            kept["align"] = aligned
        if tag == "a":
            target = values.get("href", "")
            if target.startswith("#fn"):  # the numbers are ours
                return "<note>"
            href = link_targets.resolve(self.path, target).href if self.path else target
            if not href:
                return ""
            kept["href"] = href
        inner = "".join(f' {name}="{escape(kept[name])}"' for name in sorted(kept))
        return f"<{tag}{inner}>"

    def _image(self, values: dict[str, str]) -> None:
        found = link_targets.resolve(self.path, values.get("src", ""))
        alt = escape(values.get("alt", ""))
        if not self.path or found.kind in ("page", "image"):
            title = f' title="{escape(values["title"])}"' if values.get("title") else ""
            source = found.href if self.path else values["src"]
            self.parts.append(f'<img src="{escape(source)}" alt="{alt}"{title}>')
        elif found.kind == "outside" and "</a>" not in self.open:
            self.parts.append(f'<a href="{escape(found.href)}">{alt or "Image"}</a>')
        else:
            self.parts.append(alt or "Image")

    def handle_endtag(self, tag: str) -> None:
        tag = {"del": "s"}.get(tag, tag)
        if tag in _EMPTY:
            return
        if tag not in _KNOWN | _IGNORED:
            self.parts.append(escape(f"</{tag}>"))
        elif self.open:
            self.parts.append(self.open.pop())

    def handle_data(self, data: str) -> None:
        if "</code>" in self.open:
            end = "⏎" if "</pre>" in self.open else "·"
            data = data.replace("\n", end).replace(" ", "·").replace("\t", "→")
        self.parts.append(escape(data))
