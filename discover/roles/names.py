"""How people call the columns of each role: these tables are all that is known about names.

A name is compared in small letters, split at capitals and punctuation, without accents, brackets
("views (simulated)") and words that say nothing ("number of").
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from discover.nouns import ROLES


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
# In the order in which roles are looked for: images first because "poster link" is also a link; texts last because
# what is left over is a text. "link" is no role: a link is the id where nothing else is.
NAMES: dict[str, Names] = {
    "image": _names(
        "image, poster, thumbnail, cover, picture, artwork, photo, img, image url, poster path, image path, cover "
        "image, cover img, cover art, album art, header image, primary image, image file, file name, filename, "
        "still, icon, logo, bild, plakat, filmplakat, foto, titelbild, vorschaubild, affiche, vignette, couverture, "
        "pochette, imagen, cartel, portada, caratula, miniatura, immagine, locandina, copertina, imagem, cartaz, capa",
        COUNTS + " id alt caption color colour hash aspect ratio type credit text author artist backdrop",
    ),
    "date": _names(
        "date added, added, added at, added on, date acquired, acquired, first seen, first seen at, release date, "
        "released, date released, release, published, date published, publication date, publish date, published "
        "at, published on, published date, publish time, pub date, pubdate, premiered, premiere date, premiere, "
        "aired, air date, first air date, first published, first publish date, launch date, launched, date, "
        "created at, created, date created, upload date, uploaded, timestamp, datetime, month, release month, "
        "release year, released year, published year, year published, publication year, original publication "
        "year, year, start year, title year, year added, year released, "
        "hinzugefugt am, erscheinungsdatum, veroffentlichungsdatum, veroffentlicht am, veroffentlicht, kinostart, "
        "erstausstrahlung, erstelldatum, datum, erscheinungsjahr, veroffentlichungsjahr, produktionsjahr, jahrgang, "
        "jahr, "
        "date ajout, date de sortie, sortie, date de parution, parution, date de publication, date de diffusion, "
        "date de creation, annee de sortie, annee de parution, annee de production, annee de creation, annee, "
        "millesime, "
        "fecha de estreno, estreno, fecha de lanzamiento, lanzamiento, fecha de publicacion, fecha de creacion, "
        "fecha, ano de estreno, ano de lanzamiento, ano de publicacion, ano de produccion, anio, ano, "
        "data di uscita, uscita, data di pubblicazione, data di creazione, anno di uscita, anno di pubblicazione, "
        "anno di produzione, anno, "
        "data de lancamento, lancamento, data de estreia, estreia, data de publicacao, data de criacao, data, "
        "ano de lancamento, ano de publicacao, ano de producao",
        "updated modified birth born death died scraped crawled end ended expires last country score count",
    ),
    "id": _names(
        "id, item id, show id, movie id, film id, track id, book id, video id, product id, app id, object id, "
        "tconst, imdb id, imdb, tmdb id, mal id, uid, uuid, guid, identifier, key, asin, sku, isbn13, isbn, isbn10, "
        "ean, gtin, upc, doi, accession number, accession, inventory, "
        "identifiant, identificador, identificativo, identificatore, kennung, "
        "inventarnummer, inventarnr, inventar, inventaire, inventario, signatur, cote, segnatura, "
        "codigo, codice, clave, chiave, chave, schlussel, reference, ref, referenz, referencia, riferimento, "
        "matricule, nr, nummer, numero, no",
        "parent user customer reviewer category genre type",
    ),
    "link": _names(
        "slug, url, uri, link, href, permalink, web url, page url, website, path, handle, lien, enlace, collegamento",
        "image poster thumbnail cover picture photo img trailer video preview artwork icon logo",
    ),
    "audience": _names(
        "views, view, view count, viewers, viewership, hours viewed, hours watched, hours, watch hours, streams, "
        "plays, play, listeners, watches, watched, watch count, play count, audience, votes, vote, vote count, "
        "votes count, voted users, ratings count, rating count, ratings, members, member count, users, downloads, "
        "owners, listens, reads, readers, popularity, followers, sales, reviews count, review count, reviews, "
        "favorites, favourites, likes, like count, sold, "
        "zuschauer, zuschauerzahl, zuschauerzahlen, besucher, besucherzahl, aufrufe, abrufe, horer, leser, stimmen, "
        "ecoutes, vues, visionnages, spectateurs, entrees, auditeurs, lecteurs, lectures, telechargements, "
        "espectadores, visualizaciones, reproducciones, visitas, vistas, oyentes, escuchas, votos, descargas, "
        "audiencia, "
        "spettatori, visualizzazioni, ascolti, ascoltatori, riproduzioni, voti, "
        "visualizacoes, reproducoes, ouvintes",
        "average avg mean score rank ranking rating price id date min max change pct percent percentage per year "
        "runtime duration length weekly url link comment comments negative text title content user name summary "
        "type",
    ),
    "genres": _names(
        "genres, genre, listed in, categories, category, subjects, subject, main category, product category, "
        "bookshelves, shelves, topics, topic, classification, tags, tag, labels, label, section, department, "
        "gattung, sparte, kategorien, kategorie, rubrik, thema, themen, categorie, rubrique, thematique, sujets, "
        "sujet, generos, genero, categorias, categoria, temas, tema, generi, genere, temi",
        COUNTS + " id ids code seed confidence date url link",
    ),
    "keywords": _names(
        "keywords, keyword, key words, tags, tag, themes, labels, hashtags, bookshelves, shelves, schlagworte, "
        "schlagworter, stichworte, stichworter, mots cles, etiquettes, palabras clave, etiquetas, parole chiave, "
        "etichette, palavras chave",
        COUNTS + " id ids code url link",
    ),
    "country": _names(
        "country, countries, production countries, production country, country of origin, origin country, origin, "
        "nationality, land, lander, herkunftsland, produktionsland, nationalitat, pays, pays origine, pays de "
        "production, nationalite, pais, paises, pais de origen, pais de origem, nacionalidad, nacionalidade, paese, "
        "paesi, paese di origine, nazione, nazionalita",
        COUNTS + " id",
    ),
    "language": _names(
        "language, languages, original language, language code, lang, spoken languages, langue, langues, langue "
        "originale, sprache, sprachen, originalsprache, idioma, idiomas, idioma original, lengua, lingua, lingue, "
        "lingua originale",
        COUNTS + " id",
    ),
    "kind": _names(
        "type, kind, format, media type, title type, content type, show type, item type, object type, work type, "
        "book format, product type, programme type, medium, typ, art, medientyp, objektart, tipo, tipo de contenido, "
        "tipo de obra, tipologia, formato",
        COUNTS + " id date url link",
    ),
    "people": _names(
        "director, directors, creator, creators, author, authors, artist, artists, writer, writers, screenwriter, "
        "cast, actor, actors, actress, star, stars, starring, performer, performers, composer, composers, singer, "
        "singers, host, hosts, producer, producers, illustrator, photographer, "
        "regisseur, regisseurin, regie, darsteller, hauptdarsteller, schauspieler, besetzung, autoren, autorin, "
        "drehbuch, kunstler, kunstlerin, interpret, interpreten, komponist, produzent, sprecher, fotograf, "
        "realisateur, realisatrice, realisateurs, realisation, acteur, acteurs, actrices, auteur, auteurs, autrice, "
        "scenariste, scenaristes, artiste, artistes, interprete, interpretes, compositeur, producteur, "
        "photographe, "
        "directora, directores, actriz, actores, reparto, elenco, guionista, guion, autor, autora, autores, artista, "
        "artistas, compositor, compositora, productor, "
        "regista, registi, regia, attore, attori, autore, autori, sceneggiatore, sceneggiatura, artisti, interpreti, "
        "compositore, produttore, "
        "diretor, diretora, diretores, realizador, ator, atores, roteirista, roteiro, produtor",
        several=True,
    ),
    "title": _names(
        "title, name, original title, headline, primary title, display title, full title, label, headline text, "
        "heading, titel, originaltitel, filmtitel, buchtitel, serientitel, bezeichnung, uberschrift, titre, titre "
        "original, intitule, nom, titulo, titulo original, nombre, titolo, titolo originale, nome",
        COUNTS
        + " id ids type url link path code date language lang user author artist director actor creator publisher "
        "company brand channel host album file column review series category genre character seller city country",
    ),
    "description": _names(
        "description, overview, synopsis, plot, summary, storyline, extract, abstract, long description, detailed "
        "description, full description, product description, about, about the game, about product, plot summary, "
        "plot synopsis, body, content, text, article, full text, story, logline, short description, desc, blurb, "
        "transcript, lyrics, review, review text, question, query, message, sentence, comment, caption, tagline, "
        "beschreibung, kurzbeschreibung, inhaltsangabe, handlung, zusammenfassung, inhalt, "
        "resume, intrigue, contenu, texte, descripcion, sinopsis, argumento, resumen, contenido, texto, "
        "descrizione, sinossi, trama, riassunto, contenuto, testo, descricao, sinopse, enredo, resumo, conteudo",
        COUNTS + " id ids type url link path language lang warning rating date keywords tokens words",
    ),
}
ORDER = tuple(role for role in NAMES if role in ROLES)
FILLERS = _words(
    "the a an of no nos nr num number nb n total main text en eng english full all raw primary "
    "anzahl nummer numero der die das des du de del della di da do dos la le les los las el il l d"
)
FILLERS_OF = {  # more words that say nothing, in names of one role
    "people": _words("name names display members member lead top main additional first second third"),
    "image": _words("url uri link path src href file name small medium large big original high"),
}
NOT_A_DATE = NAMES["date"].never
# a label that somebody gave; with nothing in its name it would pass for a short title
LABEL_WORDS = _words("intent class target label cluster group split sentiment fold status category topic stage level")
# of columns of codes, however much those look like words
CODE_WORDS = frozenset(phrase for phrase in NAMES["id"].phrases if " " not in phrase) | _words("code codes")
RELEASE_WORDS = _words("release released published publication publish premiere premiered aired air pub")


@cache
def words(name: str) -> tuple[str, ...]:
    """A column name as the words it is compared by: `No_of_Votes (simulated)` -> ("votes",)."""
    name = name.replace("°", "o")  # N° is written with this sign more often than with º
    bare = re.sub(r"[(\[{][^)\]}]*[)\]}]", " ", name)
    if not re.search(r"\w", bare):
        bare = name
    plain = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    found = [word for word in re.split(r"[\W_]+", split.casefold()) if word]
    return tuple(word for word in found if word not in FILLERS) or tuple(found)
