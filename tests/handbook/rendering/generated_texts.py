"""Generates documents as people write them: tidy and untidy, with blanks or without."""

from __future__ import annotations

from hypothesis import strategies as st

_WORDS = """\
text
the queue is full
**bold**
*it*
__b__ _i_
`code`
`a b  c`
C:\\Users
\\d+\\.\\w
\\* \\_ \\[x\\] \\`
[rb]
[rb][]
[the book][rb]
[`code`]
[`c`][rb]
[x](y.md)
[x](../runbooks/y.md#z "t")
[nothing]
![i](images/a.png "t")
![far](https://example.org/x.png)
https://example.org/a_b?x=1&y=2.
www.example.org,
ops@example.org
(https://example.org/p_(x))
<https://example.org>
~~gone~~
~one~
[^1]
[^long]
see <NAME>
&amp; &lt; &copy;
a_b_c
**a *b**
"q" 'r'
1 < 2 > 0
größe 遅延
**Name**: value
| a bar
#5
""".splitlines()
_SIGNS = ["", "", "", "", "- ", "* ", "1. ", "2. ", "3) ", "> ", "> > ", "> - ", "# ", "### ", "  "]
_TIDY = [
    "|a|b|\n|-|:-:|\n|`x \\| y`|**c**|\n|only one|",
    "a | b\n--|--\nc | [x](y.md) | too many",
    "```sh\nls | wc\n\n# no heading\n```",
    "~~~\n<b> *a*\n~~~",
    "    indented\n    *code*",
    "---",
    "***",
    "Title\n===",
    "Part\n---",
    "- a\n  - b\n    - c\n- d",
    "1. a\n   * b\n   1. c\n2. d",
    "- a\n\n  b\n\n- c",
    "- [ ] to do\n- [x] **done**",
    "> quoted\n> ```\n> code\n> ```",
    "> [!NOTE]\n> words",
    "**One**: a\n**Two**: b",
    '[rb]: ../runbooks/high-error-rate.md "The book"\n[`code`]: https://example.org/c\n',
    "[^1]: a note",
    "[^long]: first\n\n    second with [rb]",
    "<!-- a note to writers -->",
]

_line = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4).map(" ".join)
_untidy = st.lists(st.tuples(st.sampled_from(_SIGNS), _line).map("".join), min_size=1, max_size=4)
_block = st.one_of(_untidy.map("\n".join), _line, st.sampled_from(_TIDY))

_gap = st.sampled_from(["\n\n", "\n\n", "\n"])

TEXTS = st.lists(st.tuples(_block, _gap).map("".join), min_size=1, max_size=8).map("".join)
