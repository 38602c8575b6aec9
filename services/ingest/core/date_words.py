# ruff: noqa: RUF001 - months of many languages, in the letters of many scripts
"""The words of dates: months and weekdays in twelve languages, zones, and what may stand beside a date without meaning."""

#: Full and short names, chosen so that none has two meanings: listopad is October in one language and November in another.
MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan januar janvier janv enero ene janeiro gennaio gen januari ocak января январь янв يناير",
            "february feb februar février févr fevrier febrero fevereiro fev febbraio februari şubat февраля февраль фев فبراير",
            "march mar märz mars marzo março marco maart mart maret марта март мар مارس",
            "april apr avril avr abril abr aprile nisan апреля апрель апр أبريل",
            "may mai mayo maio maggio mag mei maj mayıs мая май مايو",
            "june jun juni juin junio junho giugno giu haziran июня июнь июн يونيو",
            "july jul juli juillet juil julio julho luglio lug temmuz июля июль июл يوليو",
            "august aug août aout agosto ago augustus augusti agustus ağustos августа август авг أغسطس",
            "september sept sep septembre septiembre setembro set settembre eylül сентября сентябрь сен сент سبتمبر",
            "october oct oktober okt octobre octubre outubro out ottobre ott ekim октября октябрь окт أكتوبر",
            "november nov novembre noviembre novembro kasım ноября ноябрь ноя نوفمبر",
            (
                "december dec dezember dez décembre déc decembre diciembre dic dezembro dicembre desember aralık "
                "декабря декабрь дек ديسمبر"
            ),
        ],
        start=1,
    )
    for name in names.split()
}
#: Hours by which the clock of a zone is ahead of UTC: RFC 5322 (North America) and what is used for one offset only.
ZONES = {
    name: hours
    for hours, names in {
        0: "utc gmt z wet",
        1: "bst cet mez",
        2: "cest mesz eet",
        3: "eest msk",
        -4: "edt",
        -5: "est cdt",
        -6: "cst mdt",
        -7: "mst pdt",
        -8: "pst",
        -9: "akst",
        -10: "hst",
        7: "wib",
        8: "sgt hkt",
        9: "jst kst",
        10: "aest",
        11: "aedt",
    }.items()
    for name in names.split()
}
#: These have several meanings or change with the season: the time is then as it stands, which keeps the day.
UNCLEAR_ZONES = ("et", "ct", "mt", "pt", "ist", "ast")
FILLERS = frozenset(
    word
    for words in (
        "mon monday tue tues tuesday wed weds wednesday thu thur thurs thursday fri friday sat saturday sun sunday",
        "montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so",
        "lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado domingo",
        "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira lunedì martedì mercoledì giovedì venerdì sabato domenica",
        "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag понедельник вторник среда четверг пятница суббота воскресенье",
        "at on of the um uhr den le à às as de del di il kl om hrs hours ore г года",
    )
    for word in words.split()
)
