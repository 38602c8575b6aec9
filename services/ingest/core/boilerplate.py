# ruff: noqa: RUF001 - quotes, dashes and letters of many scripts are what is looked for
"""What stands on news pages beside their articles, told by its wording: headings of widgets, sharing, advertising, promotion.

Whole lines only, and wordings of the trade only: nothing here names a site. Used for scraped text and for what is left in HTML.
"""

import re

_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def fold_line(line: str) -> str:
    """The line in lower case without what stands around its words: "- Advertisment -" and "Translate »" by their words alone."""
    return _EDGES.sub("", " ".join(line.replace("’", "'").split()).casefold())


def _folded(lines: str) -> frozenset[str]:
    return frozenset(fold_line(line) for line in lines.split("|"))


#: After these the article does not go on: what follows are lists of other articles, comments and forms.
_CLOSING = _folded(
    "most popular|most read|most viewed|most commented|trending|trending now|popular posts|popular articles|popular news|"
    "top stories|latest news|latest articles|latest posts|latest stories|recent posts|recent articles|recent news|"
    "recent comments|"
    "comments|leave a reply|leave a comment|leave a reply cancel reply|post a comment|add a comment|join the conversation|"
    "join the discussion|"
    "tell us what you think|what do you think|translate|translate this page|about the author|about us|follow us|stay connected|"
    "previous article|next article|previous post|next post|previous story|next story|previous articlenext article|"
    "post navigation|"
    "you may also like|you might also like|you may like|more from author|more from this author|"
    "related articlesmore from author|"
    "more stories|more news|more in this section|more on this story|editor's picks|editors' picks|recommended|"
    "recommended for you|"
    "recommended stories|sponsored content|sponsored stories|from the web|around the web|promoted content|archives|"
    "categories|tags|"
    "filed under|must read|newsletter|subscribe to our newsletter|sign up for our newsletter|meta|blogroll|all rights reserved|"
    "a lire aussi|à lire aussi|les plus lus|articles liés|commentaires|laisser un commentaire|"
    "meistgelesen|mehr zum thema|das könnte sie auch interessieren|kommentare|"
    "lo más leído|noticias relacionadas|comentarios|deja un comentario|mais lidas|leia também|notícias relacionadas|"
    "comentários|"
    "i più letti|articoli correlati|commenti|en çok okunanlar|ilgili haberler|yorumlar|الأكثر قراءة|مواضيع ذات صلة|"
    "مقالات ذات صلة|التعليقات|"
    "самое читаемое|читайте также|комментарии|похожие статьи"
)
#: These stand between paragraphs as well as after the last one; short lines that follow them belong to them.
_INSET = _folded(
    "related articles|related article|related stories|related story|related posts|related news|related content|"
    "related links|related topics|"
    "related|read more|read also|also read|see also|see more|don't miss|watch|watch now|more|more coverage|in this story|"
    "further reading|"
    "advertisement|advertisment|advertising|article continues below advertisement|story continues below advertisement|"
    "continue reading below|ad|ads|sponsored|promoted|publicité|anzeige|publicidad|publicidade|pubblicità|reklam|إعلان|реклама"
)
#: Buttons and counters.
_CONTROLS = _folded(
    "share|share this|share this article|share this story|share on facebook|share on twitter|share on whatsapp|"
    "share via email|facebook|"
    "twitter|x|whatsapp|telegram|linkedin|pinterest|reddit|tumblr|email|e-mail|print|copy link|copy url|tweet|pin|pin it|"
    "like|like this|"
    "like loading|save|bookmark|listen|listen to this article|views|shares|share tweet|facebook twitter|menu|search|home|"
    "sign in|log in|"
    "login|register|subscribe|subscribe now|skip to content|skip to main content|close|toggle navigation|photo|photos|"
    "video|loading|"
    "partager|teilen|compartir|compartilhar|condividi|paylaş|مشاركة|поделиться|"
    "order reprints|print article|back to top|continue reading|reply|cancel reply|edit|min read|minute read|no comments|comment"
)
#: Lines that point to other pages or ask for something: they open, or consist of, one of these.
_PROMOTION = re.compile(
    r"""^\W*(?:
        (?:related|read\ more|read\ also|also\ read|see\ also|see\ more|read\ next|read|watch|watch\ also|more|listen|
           recommended|don't\ miss|must\ read|lire\ aussi|à\ lire\ aussi|lesen\ sie\ auch|leia\ também|leia\ mais|
           lea\ también|leggi\ anche|ayrıca\ okuyun|читайте\ также|اقرأ\ أيضا)\s?(?::|\||»|>|–|—)
      | (?:click|tap)\ here\ to\ (?:subscribe|sign\ up|join|register|follow|get\ the\b.{0,30}\bapp|download\ the\b.{0,30}\bapp)\b
      | (?:sign\ up|subscribe|register)\b.{0,80}\b(?:newsletters?|inbox|updates?|alerts?|channel)\b
      | (?:get|download)\b.{0,60}\b(?:newsletter|our\ app|news\ app|(?:in|to)\ your\ inbox|delivered\b.{0,40}\b(?:inbox|daily))
      | (?:follow|like|find|join)\ (?:us|me|him|her|them|our)\b.{0,120}
        \b(?:twitter|facebook|instagram|youtube|linkedin|telegram|whatsapp|tiktok)\b
      | follow\ \S.{0,60}\bon\ (?:twitter|facebook|instagram|youtube|telegram)\b
      | have\ (?:a\ tip|a\ story|an\ opinion)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# Who helped, how to reach the author, when it was stamped: lines about the article.
_CREDIT = re.compile(
    r"""^\W*(?:
        (?:additional\ |with\ )?(?:reporting|writing|editing|compiled|contributing)(?:\ by\b|:)
      | sources?:\ .{0,60}$
      | (?:write\ to|e-?mail|contact|reach)\b.{0,80}(?:@|\btwitter\b)
      | (?:(?:first\ |last\ )?(?:published|updated|posted|modified)|last\ modified)\b\D{0,15}\d.{0,40}$
      | (?:filed\ under|tags|tagged|topics|categories)\s?:.{0,150}$
      | .{3,150}\bcontributed\ (?:to\ this\ (?:report|story|article)|reporting)\W*$
      | .{0,250}\bfollow\ (?:him|her|them)\b.{0,20}@\w
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_COPYRIGHT = re.compile(r"^\W*(?:copyright|©|\(c\))\W|\ball rights reserved\b", re.IGNORECASE)
_COUNTER = re.compile(
    r"^\W*[\d.,]+\s?[km]?\W*(?:comments?|views?|shares?|likes?|reads?|min(?:ute)?s?(?: read)?)?\W*$", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।][\"'”’»)\]]*$")


def is_closing_heading(line: str) -> bool:
    """Whether the line heads what follows an article: Most Popular, Recent Comments, Translate »."""
    return len(line) <= 60 and fold_line(line) in _CLOSING


def is_inset_heading(line: str) -> bool:
    """Whether the line heads, or is, an inset between paragraphs: RELATED ARTICLES, - Advertisement -."""
    return len(line) <= 60 and fold_line(line) in _INSET


def is_control(line: str) -> bool:
    """Whether the line is a button or a counter: Share, Tweet, 12 comments."""
    return len(line) <= 40 and (fold_line(line) in _CONTROLS or bool(_COUNTER.match(line)))


def is_promotion(line: str) -> bool:
    """Whether the line points elsewhere or asks the reader for something: "Read more: …", "Sign up for our newsletter"."""
    return len(line) <= 400 and bool(_PROMOTION.match(line))


def is_credit(line: str) -> bool:
    """Whether the line is about the article: "Reporting by …", "Write to …", "Updated at 10:15"."""
    return len(line) <= 400 and bool(_CREDIT.match(line))


def is_copyright(line: str) -> bool:
    """Whether the line says whose the page is."""
    return len(line) <= 300 and bool(_COPYRIGHT.search(line))


def ends_sentence(line: str) -> bool:
    """Whether the line ends as sentences do, in one of the scripts that mark it."""
    return bool(_SENTENCE_END.search(line))


def is_prose(line: str) -> bool:
    """Whether the line reads like (part of) a paragraph rather than like a heading, a link or a label."""
    return len(line) >= 120 or (len(line) >= 25 and ends_sentence(line))
