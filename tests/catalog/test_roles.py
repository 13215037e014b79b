"""The mapping that a person would choose, for the header lines of catalogs that people have."""

from dataclasses import fields

import pyarrow as pa
import pytest

from discover.catalog.reader import read
from discover.catalog.roles.columns import FITS
from discover.catalog.roles.find import find
from discover.catalog.roles.names import NAMES, ORDER, words
from discover.core.errors import InputError, SettingsError
from discover.core.settings import CatalogSettings
from discover.core.types import ROLES
from discover.embeddings.encoders.sentence import TEMPLATE_FIELDS

PROSE = (
    "a retired detective returns to the harbour town where his brother vanished",
    "two strangers share a night train and slowly find out why they both left home",
    "the last lighthouse keeper on the coast refuses to hand over his keys",
    "after the flood a village learns to trade with the people upstream again",
    "an apprentice cook must win back the restaurant that her family lost",
    "a cartographer draws a country that nobody else is able to see",
)
TITLES = ("Harbour Lights", "Night Train", "The Keeper", "Upstream", "A Pinch of Salt", "The Blank Map")
PEOPLE = ("Ada Berg", "Jon Crane", "Mei Lin", "Omar Diaz", "Ida Falk", "Leo Gray")
GENRES = ("Drama, Crime", "Romance, Drama", "Drama", "Adventure", "Comedy, Drama", "Fantasy")
SAME = {  # cells that many catalogs share, by a word that the test's tables use
    "prose": PROSE, "title": TITLES, "people": PEOPLE, "genres": GENRES,
    "number": ("12", "7", "31", "18", "25", "9"), "rating": ("7.1", "8.2", "6.4", "7.7", "5.9", "8.8"),
    "count": ("1204", "733", "31544", "1890", "2561", "96"), "year": ("1994", "2001", "2014", "1978", "2020", "1987"),
    "id": ("s1", "s2", "s3", "s4", "s5", "s6"), "int": ("431", "97", "1002", "58", "660", "12"),
    "date": ("2021-09-25", "2019-01-02", "2020-12-31", "2018-05-06", "2021-01-17", "2017-11-11"),
    "url": tuple(f"https://example.org/page/{i}" for i in range(6)),
    "picture": tuple(f"https://img.example.org/{i}.jpg" for i in range(6)),
    "path": tuple(f"/5E99Ucwf5JJ9iDzARN{i}.jpg" for i in range(6)),
    "country": ("Norway", "France", "China", "Spain", "Sweden", "Wales"), "lang": ("en", "fr", "en", "es", "sv", "en"),
    "kind": ("Movie", "TV", "Movie", "Movie", "TV", "OVA"), "flag": ("true", "false", "true", "true", "false", "true"),
    "isbn": ("9780002005883", "9780002261982", "9780006163831", "9780006178736", "9780006280897", "9780006280934"),
    "isbn10": ("0002005883", "0002261987", "0006163831", "0006178731", "0006280897", "0006280935"),
    "list": ("['Drama']", "['Crime', 'Drama']", "['War']", "[]", "['Comedy']", "['Fantasy', 'War']"),
    "aired": ("Apr 3, 1998 to Apr 24, 1999", "Oct 4, 2015 to Mar 27, 2016", "Jan 6, 2007", "Not available",
              "Apr 5, 2009 to Jul 4, 2010", "Sep 1, 2001"),
    "range": ("20000-50000", "0-20000", "50000-100000", "0-20000", "0-20000", "20000-50000"),
    "codes": ("[28, 12]", "[18]", "[99]", "[35, 18]", "[16]", "[27]"),
    "inventory": ("RF MNR 27", "INV 1932.4 bis", "OA 12 044", "MNR 7", "RF 1950-12", "Inv. 88 C"),
    "votes": ("1,204,733", "733", "31,544", "1,890", "2,561", "96"),
    "stamp": ("2017-11-13T17:13:01.000Z", "2018-01-02T08:00:00.000Z", "2017-12-24T20:30:00.000Z",
              "2018-02-03T10:10:10.000Z", "2018-03-04T11:11:11.000Z", "2017-11-30T23:59:59.000Z"),
}  # fmt: skip

# name: (header as "column=cells ...", the mapping). Only roles that are named may be found.
CATALOGS = {
    "netflix": (
        "show_id=id type=kind title=title director=people cast=people country=country date_added=date "
        "release_year=year "
        "rating=kind duration=number listed_in=genres description=prose",
        "id=show_id title=title description=description genres=listed_in people=director,cast "
        "country=country kind=type "
        "released=release_year added=date_added",
    ),
    "netflix engagement": (
        "Title=title|Available Globally?=flag|Release Date=date|Hours Viewed=votes|Rating=rating|Genre=genres|"
        "Key Words=genres|Description=prose",
        "title=Title|description=Description|genres=Genre|keywords=Key Words|released=Release Date|"
        "audience=Hours Viewed",
    ),
    "tmdb": (
        "poster_path=path title=title release_date=date overview=prose popularity=rating original_title=title "
        "backdrop_path=path vote_count=count vote_average=rating original_language=lang id=int genre_ids=codes "
        "12=number release_year=year imdb_id=int runtime=number director=people",
        "id=id title=title description=overview people=director language=original_language released=release_date "
        "image=poster_path audience=vote_count",
    ),
    "spotify": (
        "column_0=number track_id=isbn artists=people album_name=title track_name=title popularity=number "
        "duration_ms=count "
        "explicit=flag danceability=rating energy=rating tempo=rating track_genre=genres",
        "id=track_id title=track_name genres=track_genre people=artists audience=popularity",
    ),
    "books": (
        "isbn13=isbn isbn10=isbn10 title=title subtitle=title authors=people categories=genres thumbnail=picture "
        "description=prose published_year=year average_rating=rating num_pages=number ratings_count=count",
        "id=isbn13 title=title description=description genres=categories people=authors released=published_year "
        "image=thumbnail audience=ratings_count",
    ),
    "best books ever": (
        "bookId=id title=title series=title author=people rating=rating description=prose language=country isbn=isbn "
        "genres=list characters=list bookFormat=kind edition=kind pages=number publisher=country publishDate=date "
        "firstPublishDate=date numRatings=count likedPercent=number coverImg=picture price=rating",
        "id=bookId title=title description=description genres=genres people=author language=language kind=bookFormat "
        "released=publishDate image=coverImg audience=numRatings",
    ),
    "anime": (
        "uid=int title=title synopsis=prose genre=list aired=aired episodes=number members=count popularity=number "
        "ranked=number score=rating img_url=picture link=url",
        "id=uid title=title description=synopsis genres=genre released=aired image=img_url audience=members",
    ),
    "imdb top": (
        "Poster_Link=picture Series_Title=title Released_Year=year Certificate=kind Runtime=number Genre=genres "
        "IMDB_Rating=rating Overview=prose Meta_score=number Director=people Star1=people Star2=people "
        "No_of_Votes=votes "
        "Gross=votes",
        "title=Series_Title description=Overview genres=Genre people=Director,Star1,Star2 released=Released_Year "
        "image=Poster_Link audience=No_of_Votes",
    ),
    "imdb 5000": (
        "color=kind director_name=people num_critic_for_reviews=count director_facebook_likes=count "
        "actor_2_name=people "
        "actor_1_facebook_likes=count gross=count genres=genres actor_1_name=people movie_title=title "
        "num_voted_users=count "
        "plot_keywords=genres movie_imdb_link=url language=country country=country title_year=year imdb_score=rating",
        "id=movie_imdb_link title=movie_title genres=genres keywords=plot_keywords "
        "people=director_name,actor_2_name,actor_1_name "
        "country=country language=language released=title_year audience=num_voted_users",
    ),
    "imdb tsv": (
        "tconst=id titleType=kind primaryTitle=title originalTitle=title isAdult=number startYear=year endYear=year "
        "runtimeMinutes=number genres=genres",
        "id=tconst title=primaryTitle genres=genres kind=titleType released=startYear",
    ),
    "steam": (
        "appid=int name=title release_date=date english=number developer=people publisher=people categories=genres "
        "genres=genres steamspy_tags=genres positive_ratings=count negative_ratings=count owners=range price=rating "
        "short_description=prose header_image=picture",
        "id=appid title=name description=short_description genres=genres keywords=steamspy_tags released=release_date "
        "image=header_image audience=positive_ratings",
    ),
    "shop": (
        "product_id=id product_name=title category=genres discounted_price=rating actual_price=rating rating=rating "
        "rating_count=votes about_product=prose user_id=int user_name=people review_id=isbn10 review_title=title "
        "img_link=picture product_link=url",
        "id=product_id title=product_name description=about_product genres=category image=img_link "
        "audience=rating_count",
    ),
    "letterboxd": (
        "Date=date|Name=title|Year=year|Letterboxd URI=url|Rating=rating",
        "id=Letterboxd URI|title=Name|released=Year|added=Date",
    ),
    "goodreads": (
        "Book Id=int|Title=title|Author=people|Author l-f=people|ISBN=isbn10|ISBN13=isbn|My Rating=number|"
        "Average Rating=rating|Publisher=country|Number of Pages=number|Year Published=year|Date Added=date|"
        "Bookshelves=genres",
        "id=Book Id|title=Title|genres=Bookshelves|people=Author|released=Year Published|added=Date Added",
    ),
    "museum": (
        "Title=title Artist=people ConstituentID=number Nationality=country BeginDate=year EndDate=year Date=year "
        "Dimensions=rating Classification=kind Department=kind DateAcquired=date ObjectID=int URL=url ImageURL=picture",
        "id=ObjectID title=Title genres=Classification people=Artist country=Nationality released=Date "
        "added=DateAcquired "
        "image=ImageURL",
    ),
    "podcasts": (
        "uuid=isbn title=title image=picture description=prose language=lang categories=genres website=url "
        "author=people "
        "itunes_id=int",
        "id=uuid title=title description=description genres=categories people=author language=language image=image",
    ),
    "youtube": (
        "video_id=id title=title publishedAt=stamp channelTitle=people categoryId=number tags=genres view_count=count "
        "likes=count dislikes=number comment_count=number thumbnail_link=picture comments_disabled=flag "
        "description=prose",
        "id=video_id title=title description=description genres=tags released=publishedAt image=thumbnail_link "
        "audience=view_count",
    ),
    "french": (
        "identifiant=id titre=title résumé=prose genre=genres réalisateur=people pays=country année=year "
        "affiche=picture",
        "id=identifiant title=titre description=résumé genres=genre people=réalisateur country=pays "
        "released=année image=affiche",
    ),
    "french museum": (
        "N° inventaire=inventory|Domaine=kind|Auteur=people|Intitulé=title|Description=prose|Date de création=year|"
        "Pays d'origine=country|Mots-clés=genres",
        "id=N° inventaire|title=Intitulé|description=Description|people=Auteur|released=Date de création|"
        "country=Pays d'origine|keywords=Mots-clés",
    ),
    "german": (
        "Nr=int|Originaltitel=title|Erscheinungsjahr=year|Kategorie=genres|Regie=people|Darsteller=people|"
        "Herkunftsland=country|Zuschauerzahl=count|Inhaltsangabe=prose|Art=kind",
        "id=Nr|title=Originaltitel|description=Inhaltsangabe|genres=Kategorie|people=Regie,Darsteller|"
        "country=Herkunftsland|kind=Art|released=Erscheinungsjahr|audience=Zuschauerzahl",
    ),
    "italian": (
        "Codice=id|Titolo=title|Trama=prose|Generi=genres|Regista=people|Paese=country|Anno di uscita=year|"
        "Spettatori=count|Locandina=picture|Lingua=lang",
        "id=Codice|title=Titolo|description=Trama|genres=Generi|people=Regista|country=Paese|language=Lingua|"
        "released=Anno di uscita|image=Locandina|audience=Spettatori",
    ),
    "spanish": (
        "Código=id|Título original=title|Sinopsis=prose|Géneros=genres|Reparto=people|País=country|"
        "Fecha de estreno=date|Número de espectadores=count|Cartel=picture|Idioma=lang",
        "id=Código|title=Título original|description=Sinopsis|genres=Géneros|people=Reparto|country=País|"
        "language=Idioma|released=Fecha de estreno|image=Cartel|audience=Número de espectadores",
    ),
    "portuguese": (
        "Identificador=id|Título=title|Sinopse=prose|Gênero=genres|Diretor=people|Data de lançamento=date|"
        "Visualizações=count|Palavras-chave=genres",
        "id=Identificador|title=Título|description=Sinopse|genres=Gênero|keywords=Palavras-chave|people=Diretor|"
        "released=Data de lançamento|audience=Visualizações",
    ),
    "french radio": (
        "Réf.=inventory|Titre=title|Résumé=prose|Écoutes=count|Date de diffusion=date|Rubrique=kind",
        "id=Réf.|title=Titre|description=Résumé|genres=Rubrique|released=Date de diffusion|audience=Écoutes",
    ),
    "codes and no title": (
        "inv=inventory|b=prose",
        "id=inv|title=b|description=b",
    ),
    "nothing in the names": (
        "a=id b=title c=prose d=date e=picture f=rating",
        "id=a title=b description=c released=d image=e",
    ),
    "simulated audience": (
        "id=id|title=title|logline=prose|first seen=date|views (simulated)=count|poster=picture",
        "id=id|title=title|description=logline|added=first seen|image=poster|audience=views (simulated)",
    ),
}  # fmt: skip


def pairs(text: str) -> list[tuple[str, str]]:
    parts = text.split("|") if "|" in text else text.split()
    return [(name, value) for name, _, value in (part.partition("=") for part in parts)]


@pytest.mark.parametrize("catalog", CATALOGS)
def test_mapping_is_what_a_person_would_choose(catalog: str) -> None:
    header, wanted = CATALOGS[catalog]
    table = pa.table({column: list(SAME[cells]) for column, cells in pairs(header)})
    found = find(table, CatalogSettings())
    assert dict(found.mapping) == {role: tuple(columns.split(",")) for role, columns in pairs(wanted)}


WORDED = {  # a name on its own, and the role that it must give a fitting column
    "released": "Erscheinungsjahr Jahrgang Jahr Kinostart Datum Date_de_création Année Sortie Estreno Año Fecha Anno "
                "Uscita Lançamento Ano Erscheinungsdatum",
    "added": "Hinzugefügt_am Hinzugefügt date_added Date_d'ajout Ajouté_le Añadido Incorporación Aggiunto Adicionado "
             "追加日 登録日 配信開始日 添加日期 上架时间 추가일 등록일 добавлено",
    "audience": "Zuschauer Aufrufe Ecoutes Écoutes Vues Entrées Spectateurs Espectadores Visualizaciones Oyentes "
                "Votos Spettatori Ascolti Visualizações Zuschauer_gesamt Nombre_de_vues Anzahl_Besucher",
    "people": "Regista Regisseur Regie Réalisateur Réalisatrice Directora Reparto Elenco Künstler Interprètes "
              "Autore Attori Diretor Compositeur",
    "genres": "Generi Géneros Gênero Genere Kategorie Gattung Catégorie Categorías Rubrique",
    "country": "Land Herkunftsland Pays Pays_d'origine País Paese Paesi Nationalité",
    "language": "Sprache Originalsprache Langue Idioma Lingua",
    "image": "Bild Plakat Affiche Cartel Carátula Locandina Capa",
    "description": "Inhaltsangabe Beschreibung Résumé Sinopsis Trama Descrição Handlung Sinossi",
}  # fmt: skip
LONGER = {  # names of several words, apart by commas: (role, names)
    "title": "Titre original, Título en español, Titel der Serie, Titolo (italiano), Nome da série, 作品名, タイトル, "
             "Название фильма, Título de la película",
    "genres": "Género principal, Genre principal, Gênero principal, Kategorie (fein), Catégorie principale, ジャンル, "
              "Жанр фильма, Genere del film",
    "released": "Fecha de estreno, Fecha de estreno en España, Date de sortie en France, Data de lançamento no Brasil, "
            "Datum der Veröffentlichung, Data di uscita in Italia, Año de estreno, Jahr der Veröffentlichung, 公開日, "
            "Дата выхода, FECHA_ESTRENO_ES",
    "added": "Hinzugefügt am, Date d'ajout au catalogue, Date de mise en ligne, Ajouté le, Fecha de incorporación, "
             "Fecha de alta en catálogo, Añadida el, Data di aggiunta, Inserito il, Data de adição, Adicionado em, "
             "Disponível desde, Disponible depuis, Verfügbar seit, Date Added to Service, Дата добавления, "
             "Дата поступления",
    "description": "Beschreibung (kurz), Descripción corta, Sinopsis larga, Résumé court, Descrição curta, "
                   "Trama in breve, あらすじ, Beschreibung des Inhalts, Сюжет фильма",
    "audience": "Número de visualizaciones totales, Zuschauer in Mio., Nombre de spectateurs, 再生回数, "
                "Просмотры за год",
    "people": "Actores principales, Acteurs principaux, Nombre del director, Nom du réalisateur, Name des Regisseurs, "
              "Regie führte, "
              "監督, 出演者, В ролях, Elenco principal",
    "country": "País de producción, Pays de tournage, Land der Produktion, Paese di produzione, 製作国, Страна выпуска",
    "language": "Idioma principal, Langue de tournage, Sprache der Fassung, Língua falada, 言語",
    "keywords": "Palabras clave del contenido, Mots-clés associés, Parole chiave principali, キーワード",
    "image": "Imagen de portada, URL del póster, Lien de l'affiche, Bild (groß), ポスター",
    "id": "Lfd. Nr., Réf. interne, Identificador único, Código de la obra, Identifiant interne, ID película, 作品ID",
}  # fmt: skip
OTHERS = {  # names that sound like a role and say something else: (role that it must not get, cells, names)
    ("title", "people"): "Nombre del usuario, Nom du réalisateur, Nome do canal",
    ("title", "count"): "Nombre de pages, Nombre de saisons",
    ("description", "prose"): "Descripción de la imagen, Descrição do autor",
    ("released", "date"): "Fecha de nacimiento, Date de mise à jour, Geburtsdatum der Autorin, Data di scadenza, "
                      "Año de nacimiento",
    ("genres", "kind"): "Categoría de edad, Catégorie d'âge",
    ("audience", "rating"): "Nota media de votos, Promedio de votos, Note moyenne des spectateurs",
    ("people", "prose"): "Scénario alternatif, Notas del director",
    ("language", "genres"): "Idioma de los subtítulos, Langue des sous-titres",
    ("id", "int"): "Id usuario, Código postal",
}  # fmt: skip
ROLE_OF = {"id": "id", "title": "title", "synopsis": "description", "released": "released"}
CELLS = {"released": "year", "added": "date", "audience": "count", "image": "picture", "description": "prose"}


@pytest.mark.parametrize(("role", "name"), [(role, name) for role in WORDED for name in WORDED[role].split()])
def test_names_in_other_languages(role: str, name: str) -> None:
    cells = SAME[CELLS.get(role, role if role in SAME else "genres")]
    found = find(pa.table({"title": list(TITLES), name.replace("_", " "): list(cells)}), CatalogSettings())
    assert found.mapping[role] == (name.replace("_", " "),)
    assert role not in found.guessed


@pytest.mark.parametrize(
    ("role", "name"), [(role, name.strip()) for role, names in LONGER.items() for name in names.split(",")]
)
def test_names_of_several_words_in_other_languages(role: str, name: str) -> None:
    cells = SAME[CELLS.get(role, role if role in SAME else "genres")]
    found = find(pa.table({"x": list(SAME["flag"]), name: list(cells)}), CatalogSettings())
    assert found.mapping[role] == (name,)
    assert role not in found.guessed


@pytest.mark.parametrize(
    ("role", "cells", "name"),
    [(role, cells, name.strip()) for (role, cells), names in OTHERS.items() for name in names.split(",")],
)
def test_names_that_say_something_else_give_no_role(role: str, cells: str, name: str) -> None:
    """... though the content may give one that nothing else has, and then it is said to be a guess."""
    table = {"id": SAME["id"], "title": TITLES, "synopsis": PROSE, "released": SAME["date"], name: SAME[cells]}
    if role != "genres":
        table["genre"] = SAME["kind"]
    without = {key: list(value) for key, value in table.items() if ROLE_OF.get(key) != role}
    found = find(pa.table(without), CatalogSettings())
    assert role in found.guessed or name not in found.mapping.get(role, ())


@pytest.mark.parametrize("name", ["N° inventaire", "No inventaire", "Réf.", "Codice", "Nr", "Nr.", "Signatur", "cote"])
def test_codes_with_spaces_are_ids_and_never_titles(name: str) -> None:
    cells = SAME["inventory"]
    found = find(pa.table({name: list(cells), "x": list(PROSE)}), CatalogSettings())
    assert (found.mapping["id"], found.mapping["title"]) == ((name,), ("x",))
    assert "id" not in found.guessed
    repeated = find(pa.table({name: list(cells[:3] * 2), "x": list(PROSE)}), CatalogSettings())
    assert repeated.mapping == {"title": ("x",), "description": ("x",)}


def test_titles_with_numbers_are_no_codes() -> None:
    titles = ["Apollo 13", "Ocean's 11", "Terminator 2", "District 9", "Catch 22", "Area 51"]
    found = find(pa.table({"a": titles, "b": list(PROSE)}), CatalogSettings())
    assert found.mapping == {"title": ("a",), "description": ("b",)}


def test_roles_told_by_content_alone_are_said_to_be_guessed() -> None:
    rows = [dict(zip("abc", each, strict=True)) for each in zip(TITLES, PROSE, SAME["rating"], strict=True)]
    catalog = read([row | {"genre": "Drama"} for row in rows])
    assert (catalog.guessed, catalog.unused) == (("title", "description"), ("c",))
    assert read(rows, CatalogSettings(title="a", description="b")).guessed == ()


def test_columns_that_nothing_was_taken_from_are_named() -> None:
    row = {"id": "1", "title": "A", "year": "2001", "release_date": "", "rating": "7", "kind (x)": "film", "x": ""}
    catalog = read([row, row | {"id": "2", "title": "B", "release_date": "2002-02-03"}])
    assert catalog.unused == ("rating", "x")  # the year filled a gap of the date
    assert "1 missing date was taken from year" in catalog.warnings[1]


def test_roles_are_the_same_everywhere() -> None:
    assert set(NAMES) - {"link", "date"} == set(ORDER) == set(ROLES)
    assert set(FITS) | {"released", "added", "date"} == set(NAMES)
    assert [each.name for each in fields(CatalogSettings)][: len(ROLES)] == list(ROLES)
    assert set(TEMPLATE_FIELDS) == set(ROLES) - {"id", "released", "added", "image", "audience"}
    assert set(read([{"title": "A"}]).table.column_names) == set(ROLES)


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("1=int|The Matrix=title|1999=year|a hacker wakes up and learns what the world is=prose", True),
        ("s7=id|Heat=title|2021-01-02=date|Drama=genres", True),
        ("Harbour=title|Drama=genres|Crime=genres", True),  # "Drama" is a cell too
        ("id=id|title=title|year=year|genre=genres", False),
        ("title=title|1990=count|1991=count|1992=count", True),  # most names are figures; worth a look
        ("title=title|1990=count|synopsis=prose", False),
        ("a=id|b=title|c=prose|d=genres", False),
    ],
)
def test_a_table_without_a_header_is_told_from_one_with(header: str, missing: bool) -> None:
    table = pa.table({column: list(SAME[cells]) for column, cells in pairs(header)})
    said = [warning for warning in read(table).warnings if "If the table has no header, add one" in warning]
    assert len(said) == missing


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("No_of_Votes", ("votes",)),
        ("views (simulated)", ("views",)),
        ("seriesTitle", ("series", "title")),
        ("IMDBRating", ("imdb", "rating")),
        ("Année", ("annee",)),
        ("the", ("the",)),
        ("(title)", ("title",)),
    ],
)
def test_names_are_compared_without_decoration(name: str, expected: tuple[str, ...]) -> None:
    assert words(name) == expected


def test_only_text_column_is_description_and_opens_the_title() -> None:
    long = "How do I get a refund for the two tickets that I bought twice by mistake last Friday evening at your desk?"
    catalog = read([{"query": "why was my card declined", "intent": "declined"}, {"query": long, "intent": "refund"}])
    assert catalog.mapping["description"] == ("query",) == catalog.mapping["title"]
    assert catalog.column("description") == ["why was my card declined", long]
    assert catalog.titles[0] == "why was my card declined"
    assert catalog.titles[1].endswith("…") and long.startswith(catalog.titles[1][:-1]) and len(catalog.titles[1]) < 90
    assert not any("declined" in text for text in catalog.column("description")[1:])
    assert catalog.column("intent") == ["declined", "refund"]


def test_first_line_of_an_article_is_its_title() -> None:
    articles = [f"Headline {i}\n\n{prose}. {prose}." for i, prose in enumerate(PROSE)]
    assert read([{"text": article} for article in articles]).titles == [f"Headline {i}" for i in range(6)]


def test_column_that_repeats_is_no_id() -> None:
    rows = [{"id": str(i % 5), "title": f"Title {i}", "description": PROSE[i % 6]} for i in range(60)]
    catalog = read(rows)
    assert "id" not in catalog.mapping
    assert len(catalog) == 60
    assert len(set(catalog.ids)) == 60
    assert catalog.column("id (source)") == [row["id"] for row in rows]
    assert any("No column identifies" in warning for warning in catalog.warnings)


def test_made_ids_do_not_depend_on_order_or_on_other_columns() -> None:
    rows = [{"title": f"Title {i}", "year": str(1990 + i), "views": str(i)} for i in range(20)]
    rows.append({"title": "Title 3", "year": "2015", "views": "9"})  # a remake
    first = read(rows)
    again = read([row | {"views": "77"} for row in reversed(rows)])
    assert sorted(zip(first.ids, first.titles, strict=True)) == sorted(zip(again.ids, again.titles, strict=True))
    assert len(set(first.ids)) == 21


def test_settings_override_what_would_be_found() -> None:
    both = enumerate(zip(TITLES, PEOPLE, strict=True))
    rows = [{"id": f"a{i}", "code": f"c{i}", "title": title, "name": person} for i, (title, person) in both]
    catalog = read(rows, CatalogSettings(id="CODE", title="name", people=("title",)))
    assert catalog.ids == [f"c{i}" for i in range(6)]
    assert catalog.titles == list(PEOPLE)
    assert catalog.column("people")[0] == ["Harbour Lights"]
    assert catalog.column("id (source)") == [f"a{i}" for i in range(6)]


def test_empty_setting_switches_a_role_off() -> None:
    rows = [{"id": f"a{i}", "title": t, "topic": "x"} for i, t in enumerate(TITLES)]
    assert "genres" in read(rows).mapping
    catalog = read(rows, CatalogSettings(genres=""))
    assert "genres" not in catalog.mapping
    assert catalog.column("topic") == ["x"] * 6


def test_unknown_column_in_settings_names_the_valid_ones() -> None:
    with pytest.raises(SettingsError, match=r"catalog\.title.*'titel'.*Did you mean 'title'.*Columns: id, title"):
        read([{"id": "1", "title": "x"}], CatalogSettings(title="titel"))


def test_numbers_below_zero_are_no_audience_and_no_fault():
    with pytest.raises(InputError, match="no column looks like titles"):
        read([{"": -1.0}])
