"""How people call the columns of each role: these tables are all that is known about names.

A name is compared in small letters, split at capitals and punctuation, without accents, brackets
("views (simulated)") and words that say nothing ("number of").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Names:
    """How columns of a role are called, best first, and words that show that a column is something else."""

    phrases: tuple[str, ...]
    never: frozenset[str] = frozenset()
    several: bool = False


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _names(phrases: str, never: str = "", several: bool = False) -> Names:
    return Names(tuple(p.strip() for p in phrases.split(",")), _words(never), several)


COUNTS = "count counts average avg mean score rank ranking rating length size width height year price min max"
NAMES: dict[str, Names] = {
    "image": _names(
        "image, poster, thumbnail, cover, picture, artwork, photo, img, image url, poster path, image path, cover "
        "image, cover img, cover art, album art, header image, primary image, image file, file name, filename, "
        "still, icon, logo, affiche, bild",
        COUNTS + " id alt caption color colour hash aspect ratio type credit text author artist backdrop",
    ),
    "id": _names(
        "id, item id, show id, movie id, film id, track id, book id, video id, product id, app id, object id, "
        "tconst, imdb id, imdb, tmdb id, mal id, uid, uuid, guid, identifier, key, asin, sku, isbn13, isbn, isbn10, "
        "ean, gtin, upc, doi, accession number, identifiant, identificador, kennung",
        "parent user customer reviewer category genre type",
    ),
    "link": _names(
        "slug, url, uri, link, href, permalink, web url, page url, website, path, handle",
        "image poster thumbnail cover picture photo img trailer video preview artwork icon logo",
    ),
    "audience": _names(
        "views, view, view count, viewers, viewership, hours viewed, hours watched, hours, watch hours, streams, "
        "plays, play, listeners, watches, watched, watch count, play count, audience, votes, vote, vote count, "
        "votes count, voted users, ratings count, rating count, ratings, members, member count, users, downloads, "
        "owners, listens, reads, readers, popularity, followers, sales, reviews count, review count, reviews, "
        "favorites, favourites, likes, like count, sold",
        "average avg mean score rank ranking rating price id date min max change pct percent percentage per year "
        "runtime duration length weekly url link comment comments negative text title content user name summary "
        "type",
    ),
    "date": _names(
        "date added, added, added at, added on, date acquired, acquired, first seen, first seen at, release date, "
        "released, date released, release, published, date published, publication date, publish date, published "
        "at, published on, published date, publish time, pub date, pubdate, premiered, premiere date, premiere, "
        "aired, air date, first air date, first published, first publish date, launch date, launched, date, "
        "created at, created, date created, upload date, uploaded, timestamp, datetime, month, release month, "
        "release year, released year, published year, year published, publication year, original publication "
        "year, year, start year, title year, year added, year released, erscheinungsdatum, datum, fecha, annee, "
        "jahr, ano",
        "updated modified birth born death died scraped crawled end ended expires last country score count",
    ),
    "genres": _names(
        "genres, genre, listed in, categories, category, subjects, subject, main category, product category, "
        "bookshelves, shelves, topics, topic, classification, tags, tag, labels, label, section, department, "
        "generos, genero, kategorie, categorie, categoria",
        COUNTS + " id ids code seed confidence date url link",
    ),
    "keywords": _names(
        "keywords, keyword, key words, tags, tag, themes, labels, hashtags, mots cles, schlagworte, bookshelves, "
        "shelves",
        COUNTS + " id ids code url link",
    ),
    "country": _names(
        "country, countries, production countries, production country, country of origin, origin country, origin, "
        "nationality, land, pays, pais",
        COUNTS + " id",
    ),
    "language": _names(
        "language, languages, original language, language code, lang, spoken languages, langue, sprache, idioma",
        COUNTS + " id",
    ),
    "kind": _names(
        "type, kind, format, media type, title type, content type, show type, item type, object type, work type, "
        "book format, product type, programme type, medium",
        COUNTS + " id date url link",
    ),
    "people": _names(
        "director, directors, creator, creators, author, authors, artist, artists, writer, writers, screenwriter, "
        "cast, actor, actors, actress, star, stars, starring, performer, performers, composer, composers, singer, "
        "singers, host, hosts, producer, producers, illustrator, photographer, autor, autores, regisseur, regie, "
        "realisateur, acteurs, auteur",
        several=True,
    ),
    "title": _names(
        "title, name, original title, headline, primary title, display title, full title, label, headline text, "
        "heading, titel, titre, titulo, titolo, nombre, nom",
        COUNTS
        + " id ids type url link path code date language lang user author artist director actor creator publisher "
        "company brand channel host album file column review series category genre character seller city country",
    ),
    "description": _names(
        "description, overview, synopsis, plot, summary, storyline, extract, abstract, long description, detailed "
        "description, full description, product description, about, about the game, about product, plot summary, "
        "plot synopsis, body, content, text, article, full text, story, logline, short description, desc, blurb, "
        "transcript, lyrics, review, review text, question, query, message, sentence, comment, caption, tagline, "
        "beschreibung, descripcion, descrizione, descricao, sinopsis, resume, zusammenfassung, inhalt",
        COUNTS + " id ids type url link path language lang warning rating date keywords tokens words",
    ),
}
ROLES = (
    "id", "title", "description", "genres", "keywords", "people", "country", "language", "kind", "date", "image",
    "audience",
)  # fmt: skip
# images first because "poster link" is also a link; texts last because what is left over is a text
ORDER = (
    "image", "date", "id", "audience", "genres", "keywords", "country", "language", "kind", "people", "title",
    "description",
)  # fmt: skip
FILLERS = _words("the a an of no nos number num total n main text en eng english full all raw primary")
FILLERS_OF = {  # more words that say nothing, in names of one role
    "people": _words("name names display members member lead top main additional first second third"),
    "image": _words("url uri link path src href file name small medium large big original high"),
}
NOT_A_DATE = NAMES["date"].never
# a label that somebody gave; with nothing in its name it would pass for a short title
LABEL_WORDS = _words("intent class target label cluster group split sentiment fold status category topic stage level")
RELEASE_WORDS = _words("release released published publication publish premiere premiered aired air pub")


@cache
def words(name: str) -> tuple[str, ...]:
    """A column name as the words it is compared by: `No_of_Votes (simulated)` -> ("votes",)."""
    bare = re.sub(r"[(\[{][^)\]}]*[)\]}]", " ", name)
    if not re.search(r"\w", bare):
        bare = name
    plain = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    found = [word for word in re.split(r"[\W_]+", split.casefold()) if word]
    return tuple(word for word in found if word not in FILLERS) or tuple(found)
