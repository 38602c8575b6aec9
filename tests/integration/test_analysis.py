"""Finding words in another form, with or without accents, in another spelling: articles and queries of the project's own.

On a real Elasticsearch, which has dictionaries here, filled and searched as the services do it.
"""

import asyncio
import uuid
from dataclasses import dataclass

import pytest
from elasticsearch import Elasticsearch

from ops.cli.setup import create_indices
from services.indexer.bulk import BulkWriter
from services.indexer.core.documents import Action, build_action
from services.search.core.parameters import SearchParameters
from services.search.reading import Reading
from services.search.settings import ReadingSettings
from shared.elastic import connect_elastic_async
from shared.settings import ElasticsearchSettings
from tests.builders import a_record, an_enriched_article

#: Of this module alone: other tests fill the same index.
PUBLISHER = f"Courier {uuid.uuid4().hex}"


@dataclass(frozen=True)
class Text:
    """A short article, by the name that tests know it by."""

    language: str
    headline: str
    body: str


ARTICLES = {
    "en vote": Text(
        "en",
        "Ministers plan new elections",
        "The parties stopped their meetings. Women’s wages have risen, studies by Ms O’Neill said.",
    ),
    "en harbour": Text("en", "Report on the harbour", "Prosecutors accused companies of unhappy practices in labor centers."),
    "es vote": Text("es", "Los ministros anunciaron elecciones", "Las mujeres y los trabajadores convocaron huelgas en ciudades."),
    "es flood": Text("es", "Las inundaciones dañaron el puente", "Los vecinos limpiaron las calles de la región."),
    "fr vote": Text("fr", "L’élection présidentielle approche", "Les ministres décidèrent des réformes pour l’avenir des chevaux."),
    "fr strike": Text("fr", "Grèves dans les hôpitaux", "Les infirmières manifestaient à Besançon contre les fermetures."),
    "de vote": Text("de", "Minister planen Wahlen", "Die Häuser der Städte wurden größer, sagten die Parteien."),
    "de rail": Text("de", "Die Züge fahren wieder", "Streiks hatten die Bahnhöfe lahmgelegt."),
    "ru vote": Text("ru", "Президент объявил о выборах", "Учителя школ и министры правительства обсудили законы о тёмных сделках."),
    "ru flood": Text("ru", "Наводнение затопило улицы", "Жители города ждали помощи от спасателей."),
    "ar vote": Text("ar", "الرئيس يعلن موعد الانتخابات", "قال الوزراء إن الحكومة ستبني مدرسة في القاهرة."),
    "ar flood": Text("ar", "فيضانات تغمر الشوارع", "وصل رجال الإنقاذ إلى المدينة بعد أيام."),
    "fa vote": Text("fa", "رئیس‌جمهوری ایران سخن گفت", "کشورهای همسایه در تهران گرد آمدند."),
    "tr vote": Text("tr", "Bakanlar seçimleri duyurdu", "Hükümet kararları İstanbul’daki öğretmenleri, IŞIKLI okulları etkiledi."),
    "tr flood": Text("tr", "Sel köprüleri yıktı", "Kadınlar ve çocuklar evlerinden ayrıldı."),
    "it vote": Text("it", "I ministri annunciano le elezioni", "I lavoratori dell’economia scioperano nelle città."),
    "nl vote": Text("nl", "Ministers plannen verkiezingen", "De regeringen van de steden staakten."),
    "pt vote": Text("pt", "Ministros anunciaram eleições", "As mulheres e os trabalhadores fizeram greves nas cidades."),
    "sv vote": Text("sv", "Ministrarna planerar valen", "Regeringens arbetare i städerna."),
    "cs people": Text("cs", "Zelenský přijel do Štětína", "Prezident promluvil k žákům."),
    "zh vote": Text("zh", "国家主席宣布选举", "部长们在北京讨论了经济改革。"),
    "ja vote": Text("ja", "首相が選挙を発表", "東京のﾃﾚﾋﾞ局が２０２６年の経済を報じた。"),
    "ko vote": Text("ko", "대통령 선거 발표", "서울에서 장관이 말했다."),
    "pl people": Text("pl", "Łódź wybiera burmistrza", "Świadkowie mówią o pożarze."),
}  # fmt: skip


class Found:
    """Asks search as the API does."""

    def __init__(self, url: str, names: dict[str, str]) -> None:
        self._url = url
        self._names = names

    def __call__(self, q: str) -> list[str]:
        """The names of the articles that have all the words of a query."""
        return asyncio.run(self._search(q))

    async def _search(self, q: str) -> list[str]:
        client = connect_elastic_async(ElasticsearchSettings(url=self._url))
        try:
            answer = await Reading(client, ReadingSettings()).search(SearchParameters(q=q, publisher=(PUBLISHER,), size=50))
        finally:
            await client.close()
        return [] if getattr(answer, "is_relaxed", False) else sorted(self._names[hit.article_id] for hit in answer.hits)


@pytest.fixture(scope="module")
def found(engines):
    ids = {name: uuid.uuid4().hex for name in ARTICLES}
    with Elasticsearch(engines.elasticsearch_url) as elastic:
        assert create_indices(elastic).analysis.variant == "hunspell"
        actions = [
            build_action(
                a_record(
                    an_enriched_article(
                        article_id=ids[name], publisher=PUBLISHER, language=text.language, headline=text.headline, body=text.body
                    ),
                    topic="articles.enriched",
                    offset=offset,
                )
            )
            for offset, (name, text) in enumerate(ARTICLES.items())
        ]
        BulkWriter(elastic).write([action for action in actions if isinstance(action, Action)])
        elastic.indices.refresh(index="articles")
        yield Found(engines.elasticsearch_url, {article_id: name for name, article_id in ids.items()})
        for article_id in ids.values():
            elastic.delete(index="articles", id=article_id)


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("minister planned election", "en vote"),
        ("party stops meeting", "en vote"),
        ("woman wage rising study", "en vote"),
        ("reports accuse company practice labor center", "en harbour"),
        ("ministro anuncia elección mujer", "es vote"),
        ("trabajador huelga ciudad", "es vote"),
        ("inundación dañar puentes calle", "es flood"),
        ("élections présidentielles ministre réforme", "fr vote"),
        ("décider avenir cheval", "fr vote"),
        ("grève hôpital infirmier manifester fermeture", "fr strike"),
        ("Ministers Wahl Haus Städten Partei", "de vote"),
        ("Zug fährt Streik", "de rail"),
        ("президента выборы учителям закон", "ru vote"),
        ("школа министр правительство", "ru vote"),
        ("улица житель города помощь спасатель", "ru flood"),
        ("انتخاب وزراء حكومة", "ar vote"),
        ("والرئيس بالمدرسة", "ar vote"),
        ("شوارع مدينة", "ar flood"),
        ("bakan seçim karar öğretmen", "tr vote"),
        ("köprü kadın çocuk ev", "tr flood"),
        ("ministro annunciare elezione lavoratore economia", "it vote"),
        ("minister verkiezing regering", "nl vote"),
        ("ministro eleição mulher greve cidade", "pt vote"),
        ("minister planera val regering", "sv vote"),
    ],
)
def test_a_query_in_another_form_finds_the_article_and_no_other(found, q, name):
    assert found(q) == [name]


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("zelensky stetina", "cs people"),
        ("prezident žákům", "cs people"),
        ("lodz swiadkowie pozarze", "pl people"),
        ("hopitaux infirmieres besancon", "fr strike"),
        ("HÔPITAUX BESANÇON", "fr strike"),
        ("election presidentielle", "fr vote"),
        ("hauser stadte grosser", "de vote"),
        ("region danaron", "es flood"),
        ("темных сделках", "ru vote"),
        ("o'neill", "en vote"),
        ("O’Neill", "en vote"),
        ("istanbul’daki", "tr vote"),
        ("ISTANBUL'DAKI ışıklı", "tr vote"),
    ],
)
def test_accents_and_apostrophes_of_the_text_do_not_matter_in_the_query(found, q, name):
    assert found(q) == [name]


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("القاهره", "ar vote"),  # heh for teh marbuta
        ("القَاهِرَة", "ar vote"),  # vowel signs
        ("الى المدينه", "ar flood"),  # alef without hamza, yeh without dots
        ("الانقاذ", "ar flood"),
        ("ايران", "fa vote"),  # Arabic yeh for the Persian one
        ("كشورهاي", "fa vote"),  # Arabic kaf and yeh
        ("رئيسجمهوري", "fa vote"),  # without the joiner
    ],
)
def test_variants_of_arabic_letters_do_not_matter(found, q, name):
    assert found(q) == [name]


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("选举", "zh vote"),
        ("国家主席 北京", "zh vote"),
        ("選挙", "ja vote"),
        ("テレビ 2026", "ja vote"),
        ("대통령", "ko vote"),
    ],
)
def test_a_run_of_ideographs_is_found(found, q, name):
    assert found(q) == [name]


@pytest.mark.parametrize("q", ["举选", "家国", "京北"])
def test_ideographs_in_another_order_are_another_word(found, q):
    assert found(q) == []


@pytest.mark.parametrize("q", ["happy", "practised harbour", "marchandise", "unbekannt", "неизвестно"])
def test_what_is_no_form_of_a_word_is_not_found(found, q):
    """`happy` is not `unhappy`, whatever a spelling dictionary makes of prefixes."""
    assert "en harbour" not in found(q)


def test_words_that_say_nothing_are_not_asked_for(found):
    assert found("the minister of an election") == ["en vote"]
