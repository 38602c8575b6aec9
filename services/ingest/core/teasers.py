# ruff: noqa: RUF001 - endings in every script
"""Whether the text of a feed's entry is the article, or only its beginning: then the entry's page is worth a request."""

import re

#: A summary of this many characters is an article: feeds without a field for content put whole texts into `description`.
LEAST_SUMMARY = 1_500
#: A content of fewer characters is a teaser put into the field for content, or a brief, whose page costs little to look at.
LEAST_CONTENT = 500
_ENDING_CHARACTERS = 120
# The mark of a text that was cut, perhaps with a link behind it.
_CUT = re.compile(r"(?:…|\.\.\.|\[\s*(?:…|\.\.\.|\+|more)\s*\])\W*$", re.IGNORECASE)
_INVITATION = re.compile(
    r"(?:^|[\W_])(?:read (?:the )?(?:more|full (?:story|article|post)|rest(?: of .{1,60})?|on)|(?:continue|keep) reading"
    r"|(?:full|whole) (?:story|article)|(?:learn|see|view|click(?: here)?(?: for| to read)?) more|more\s*(?:»|>|→)"
    r"|weiterlesen|mehr (?:lesen|dazu)|lire (?:la suite|plus)|la suite|leer más|(?:seguir|sigue) leyendo|leia mais|continue lendo"
    r"|leggi (?:tutto|di più)|continua a leggere|lees (?:meer|verder)|läs mer|les mer|læs mere|czytaj (?:więcej|dalej)"
    r"|читать (?:далее|дальше|полностью)|читати далі|devamını oku|続きを読む|阅读全文|閱讀全文|더 ?보기|اقرأ المزيد)"
    r"(?:.{0,40})$",
    re.IGNORECASE,
)
# WordPress has put this behind every description since an SEO plugin of 2013 did: no part of the article.
_FOOTER = re.compile(
    r"\s*(?:The post|The article|L’article|Der Beitrag|La entrada) [^\n]{1,400} (?:appeared first on|first appeared on"
    r"|est apparu en premier sur|erschien zuerst auf|se publicó primero en) [^\n]{1,200}$"
)


def without_footer(text: str) -> str:
    """The text of an entry without the line that a blog adds for those who copy its feed ("The post X appeared first on Y")."""
    footer = _FOOTER.search(text, max(0, len(text) - 700))
    return text[: footer.start()] if footer else text


def judge_teaser(text: str, *, is_content: bool) -> str | None:
    """Why the plain text of an entry is not the whole article; None if it seems to be.

    To take a whole text for a teaser costs one request; to take a teaser for the whole loses the article. So doubts count as
    teaser. `is_content` says that the feed gave the text as the content (content:encoded, atom:content, content_html), not as a
    summary.
    """
    if not text:
        return "it has no text"
    ending = text[-_ENDING_CHARACTERS:]
    if _CUT.search(ending):
        return "it ends with the mark of a cut"
    if _INVITATION.search(ending.rsplit("\n", 1)[-1]):
        return "it ends with an invitation to read on"
    least = LEAST_CONTENT if is_content else LEAST_SUMMARY
    if len(text) < least:
        return f"it is {'a content' if is_content else 'a summary'} of fewer than {least} characters"
    return None
