"""How people call the columns of each role: these tables are all that is known about names.

A name is compared in small letters, split at capitals and punctuation, without accents, brackets
("views (simulated)") and words that say nothing ("number of"). A longer name may end in a phrase ("track name"). One
with … may begin a longer name as well, as nouns come first in many languages: "título original en español".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

from discover.core.types import ROLES


@dataclass(frozen=True)
class Names:
    """How columns of a role are called, best first, and words that show that a column is something else."""

    phrases: tuple[str, ...]
    never: frozenset[str] = frozenset()
    several: bool = False
    opening: frozenset[str] = frozenset()  # those phrases that may begin a longer name

    @cached_property
    def split(self) -> tuple[tuple[str, ...], ...]:
        """The phrases as their words."""
        return tuple(map(words, self.phrases))

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each phrase, its words written together."""
        return {"".join(parts): place for place, parts in reversed([*enumerate(self.split)])}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _names(phrases: str, never: str = "", several: bool = False, opening: bool = False) -> Names:
    """`opening`: all phrases may begin a longer name, not only those with …"""
    listed = [phrase.strip() for phrase in phrases.split(",")]
    bare = tuple(phrase.rstrip("…") for phrase in listed)
    begins = frozenset(name for name, phrase in zip(bare, listed, strict=True) if opening or phrase != name)
    return Names(bare, _words(never), several, begins)


COUNTS = "count counts average avg mean score rank ranking rating length size width height year price min max"
MEANS = (
    "media promedio moyenne durchschnitt durchschnittlich durchschnittliche note nota noten bewertung wertung punkte "
    "puntuacion calificacion punteggio classificacao precio prix preis prezzo preco porcentaje pourcentage prozent "
    "percentuale percentual"
)
LASTING = "duracion duree dauer laufzeit durata duracao minutos minuten"
PERSONS = (
    "usuario utilisateur benutzer utente cliente kunde autor autora auteur autore artista artiste kunstler regisseur "
    "realisateur realisatrice directora diretor regista actriz acteur ator attore schauspieler personaje personnage "
    "personaggio personagem"
)
# of dates that say something else about an item than when it came out or came in
NO_EVENT = (
    "updated modified birth born death died scraped crawled end ended expires last country score count "
    "actualizacion actualizado modificacion modificado nacimiento fallecimiento muerte fin vencimiento caducidad "
    "modification jour naissance deces mort expiration aktualisierung aktualisiert geandert anderung geburt "
    "geburtsdatum geburtsjahr todesdatum geboren gestorben tod ende ablauf aggiornamento aggiornato modifica "
    "nascita morte fine scadenza atualizacao "
    "modificacao nascimento falecimento fim обновления изменения рождения смерти окончания"
)
# In the order in which roles are looked for: images first because "poster link" is also a link; texts last because
# what is left over is a text. Two are not roles: a link is the id where nothing else is, and a "date" is when an item
# was released, or added where another column says when it was released.
NAMES: dict[str, Names] = {
    "image": _names(
        "image, poster, thumbnail, cover, picture, artwork, photo, img, image url, poster path, "
        "image path, cover image, cover img, cover art, album art, header image, primary image, "
        "image file, file name, filename, still, icon, logo, "
        "bild, plakat, filmplakat, foto, titelbild, vorschaubild, "
        "affiche, vignette, couverture, pochette, "
        "imagen, cartel, portada, caratula, miniatura, "
        "immagine, locandina, copertina, imagem, cartaz, capa, "
        "画像, ポスター, サムネイル, 表紙, 写真, ジャケット, 海报, 封面, 图片, 포스터, 이미지, постер, изображение, "
        "обложка, картинка",
        COUNTS + " id alt caption color colour hash aspect ratio type credit text author artist backdrop",
        opening=True,
    ),
    "added": _names(
        "date added…, added…, added at, added on, added date, year added, month added, date acquired, acquired, "
        "acquisition date, first seen, first seen at, date uploaded, upload date, uploaded, uploaded at, created at, "
        "date listed, listed since, available since, available from, availability date, online since, "
        "in catalog since, "
        "in catalogue since, date ingested, ingested at, inserted at, "
        "hinzugefugt am…, hinzugefugt…, "
        "datum hinzugefugt, aufnahmedatum, aufgenommen am, zugangsdatum, eingestellt am, "
        "verfugbar seit…, verfugbar ab…, online seit, im katalog seit, im angebot seit, erworben am, erwerbungsdatum, "
        "date ajout…, ajoute…, ajoute le, ajout…, date de mise en ligne…, mis en ligne…, mise en ligne…, disponible "
        "depuis…, date d acquisition…, date d entree…, date de mise au catalogue, "
        "fecha de incorporacion…, incorporacion…, incorporado…, fecha de alta…, fecha de agregado…, agregado…, "
        "fecha de adicion…, anadido…, anadida…, fecha anadido, fecha anadida, fecha de ingreso…, "
        "disponible desde…, fecha de "
        "adquisicion…, fecha de subida…, "
        "data di aggiunta…, data aggiunta…, aggiunto…, aggiunta…, data di inserimento…, inserito…, disponibile dal…, "
        "disponibile da…, data di acquisizione…, data di caricamento…, "
        "data de adicao…, adicionado…, adicionada…, data de inclusao…, incluido…, incluido em, disponivel desde…, data "
        "de cadastro…, data de aquisicao…, data de entrada…, "
        "追加日, 追加日時, 登録日, 登録日時, 配信日, 配信開始日, 掲載日, 入荷日, 収蔵日, "
        "添加日期, 添加时间, 加入日期, 加入时间, 上线日期, 上线时间, 上架日期, 上架时间, 入库日期, 收录日期, 收录时间, "
        "추가일, 추가 날짜, 추가된 날짜, 등록일, 업로드일, 입고일, "
        "дата добавления…, добавлено, добавлен, добавлена, дата поступления…, дата загрузки…, дата внесения…",
        NO_EVENT,
    ),
    "released": _names(
        "release date, released, date released, release, date of release, theatrical release, published, date "
        "published, publication date, publish date, published at, published on, published date, publish time, pub "
        "date, pubdate, premiered, premiere date, premiere, aired, air date, first air date, original air date, first "
        "published, first publish date, launch date, launched, release month, "
        "release year, released year, published year, year published, publication year, original publication "
        "year, start year, title year, year released, year of release, production year, production date, "
        "erscheinungsdatum…, veroffentlichungsdatum…, datum der veroffentlichung…, veroffentlicht am, "
        "veroffentlicht, erscheinungstermin, kinostart…, erstausstrahlung…, datum der erstausstrahlung…, "
        "erscheinungsjahr…, veroffentlichungsjahr…, jahr der veroffentlichung…, produktionsjahr…, jahrgang, "
        "date de sortie…, sortie…, date de parution…, parution…, date de publication…, date de diffusion…, "
        "premiere diffusion…, annee de sortie…, annee de parution…, annee de production…, millesime, "
        "fecha de estreno…, estreno…, fecha de lanzamiento…, lanzamiento…, fecha de publicacion…, fecha de emision…, "
        "ano de estreno…, ano de lanzamiento…, ano de publicacion…, ano de produccion…, "
        "data di uscita…, uscita…, data di pubblicazione…, data di messa in onda…, anno di uscita…, anno di "
        "pubblicazione…, anno di produzione…, "
        "data de lancamento…, lancamento…, data de estreia…, estreia…, data de publicacao…, data de exibicao…, ano de "
        "lancamento…, ano de publicacao…, ano de producao…, "
        "公開日, 発売日, 放送日, 放送開始日, 発行日, 出版日, 刊行日, 発表日, リリース日, 公開年月日, "
        "公開年, 発売年, 製作年, 制作年, 発行年, 出版年, 放送年, "
        "上映日期, 发行日期, 发布日期, 出版日期, 首播日期, 上映年份, 发行年份, 出版年份, "
        "개봉일, 출시일, 방영일, 발매일, 출간일, 개봉연도, 출시연도, "
        "дата выхода…, дата премьеры…, дата публикации…, премьера…, год выпуска…, год выхода…, год производства…",
        NO_EVENT,
    ),
    "date": _names(
        "date, created, date created, creation date, timestamp, datetime, day, month, year, "
        "datum, erstelldatum, erstellungsdatum, jahr…, date de creation…, annee de creation…, annee…, "
        "fecha de creacion…, fecha, anio…, ano…, data di creazione…, data, anno…, data de criacao…, "
        "日付, 年度, 年, 日期, 年份, 날짜, 연도, дата, год…",
        NO_EVENT,
    ),
    "id": _names(
        "id…, item id, show id, movie id, film id, track id, book id, video id, product id, app id, object id, "
        "tconst, imdb id, imdb, tmdb id, mal id, uid, uuid, guid, identifier, key, asin, sku, isbn13, isbn, isbn10, "
        "ean, gtin, upc, doi, accession number, accession, inventory, "
        "identifiant…, identificador…, identificativo…, identificatore…, kennung…, "
        "inventarnummer, inventarnr, inventar, inventaire, inventario, registro, signatur, cote, segnatura, "
        "codigo…, codice…, clave, chiave, chave, schlussel, reference, ref, referenz, referencia, riferimento, "
        "matricule, nr, nummer, numero, no, lfd nr, laufende nummer, ref interne, reference interne, "
        "referencia interna, "
        "作品id, 管理番号, 商品番号, 識別子, 番号, コード, 编号, 编码, 번호, 아이디, идентификатор…, артикул, код…, "
        "номер…",
        "parent user customer reviewer category genre type usuario utilisateur benutzer utente cliente client kunde "
        "director directora categoria categorie genero genere pais pays land paese postal postale padre palabras "
        "parole palavras",
    ),
    "link": _names(
        "slug, url, uri, link, href, permalink, web url, page url, website, path, handle, lien, enlace, collegamento, "
        "リンク, 链接, 링크, ссылка",
        "image poster thumbnail cover picture photo img trailer video preview artwork icon logo",
    ),
    "audience": _names(
        "views, view, view count, viewers, viewership, hours viewed, hours watched, hours, watch hours, "
        "streams, plays, play, listeners, watches, watched, watch count, play count, audience, votes, "
        "vote, vote count, votes count, voted users, ratings count, rating count, ratings, members, member "
        "count, users, downloads, owners, listens, reads, readers, popularity, followers, sales, reviews "
        "count, review count, reviews, favorites, favourites, likes, like count, sold, "
        "zuschauer, zuschauerzahl, zuschauerzahlen, besucher, besucherzahl, aufrufe, abrufe, wiedergaben, "
        "horer, leser, stimmen, "
        "ecoutes, vues, visionnages, spectateurs, entrees, auditeurs, lecteurs, lectures, telechargements, "
        "espectadores, visualizaciones, visionados, reproducciones, visitas, vistas, oyentes, escuchas, "
        "votos, descargas, audiencia, "
        "spettatori, visualizzazioni, ascolti, ascoltatori, riproduzioni, voti, presenze, "
        "visualizacoes, reproducoes, ouvintes, "
        "再生回数, 再生数, 視聴回数, 視聴数, 視聴者数, 観客動員数, 動員数, 閲覧数, 投票数, レビュー数, "
        "ダウンロード数, 販売数, いいね数, "
        "播放量, 播放次数, 观看次数, 观看人数, 点击量, 票数, 评价人数, 阅读量, 조회수, 관객수, 재생수, 시청자수, "
        "просмотры, просмотров, зрители, зрителей, голоса, голосов, прослушивания, скачивания",
        "average avg mean score rank ranking rating price id date min max change pct percent percentage per year "
        "runtime duration length weekly url link comment comments negative text title content user name summary "
        f"type {MEANS} {LASTING}",
        opening=True,
    ),
    "genres": _names(
        "genres…, genre…, listed in, categories, category, subjects, subject, main category, product category, "
        "cuisine, cuisines, cuisine type, dish type, meal type, style, styles, sector, industry, discipline, field, "
        "kuche, cocina, cucina, cozinha, 料理, 菜系, кухня, "
        "bookshelves, shelves, topics, topic, classification, tags, tag, labels, label, section, department, "
        "hauptgenre, gattung…, sparte, kategorien…, kategorie…, rubrik, thema, themen, categorie…, rubrique…, "
        "thematique, sujets, sujet, generos…, genero…, categorias…, categoria…, temas, tema, generi…, genere…, temi, "
        "ジャンル, カテゴリ, カテゴリー, 分類, 类型, 题材, 类别, 分类, 장르, 카테고리, 분류, жанры…, жанр…, "
        "категории…, категория…, рубрика, тематика",
        COUNTS + " id ids code seed confidence date url link age edad eta idade alter altersfreigabe",
    ),
    "keywords": _names(
        "keywords, keyword, key words, tags, tag, themes, labels, hashtags, bookshelves, shelves, schlagworte, "
        "schlagworter, stichworte, stichworter, schlusselworter, mots cles…, etiquettes, palabras clave…, etiquetas, "
        "parole chiave…, etichette, palavras chave…, キーワード, タグ, 关键词, 标签, 키워드, 태그, ключевые слова…, "
        "теги",
        COUNTS + " id ids code url link",
    ),
    "country": _names(
        "country, countries, production countries, production country, country of origin, origin country, origin, "
        "nationality, region, regions, market, territory, province, land, lander, herkunftsland…, produktionsland…, "
        "land der produktion, nationalitat, pays…, pays "
        "origine, pays de production, nationalite, pais…, paises…, pais de origen, pais de origem, nacionalidad, "
        "nacionalidade, paese…, paesi…, paese di origine, nazione, nazionalita, 製作国, 制作国, 生産国, 国籍, 国, "
        "国家, 制片国家, 地区, 제작국가, 국가, страны…, страна…",
        COUNTS + " id",
    ),
    "language": _names(
        "language, languages, original language, language code, lang, spoken languages, langue…, langues…, langue "
        "originale, sprache…, sprachen…, originalsprache, idioma…, idiomas…, idioma original, lengua…, lingua…, "
        "lingue…, lingua originale, 言語, 语言, 언어, язык…, языки…",
        COUNTS + " id subtitulos sous untertitel legendas sottotitoli",
    ),
    "kind": _names(
        "type, kind, format, media type, title type, content type, show type, item type, object type, work type, "
        "book format, product type, programme type, medium, typ, art, medientyp, inhaltstyp, objektart, type de "
        "contenu, type oeuvre, tipo, tipo de contenido, tipo de obra, tipo de conteudo, tipo di contenuto, tipologia, "
        "formato, 種類, 種別, 形式, タイプ, 유형, 종류, тип, формат, вид",
        COUNTS + " id date url link",
    ),
    "people": _names(
        "director, directors, creator, creators, author, authors, artist, artists, writer, writers, screenwriter, "
        "cast, actor, actors, actress, star, stars, starring, performer, performers, composer, composers, singer, "
        "singers, host, hosts, producer, producers, illustrator, photographer, "
        "regisseur, regisseurin, regisseurs, regie, regie fuhrte, darsteller, hauptdarsteller, schauspieler, "
        "besetzung, "
        "mitwirkende, autoren, autorin, autors, drehbuch, kunstler, kunstlerin, interpret, interpreten, komponist, "
        "produzent, sprecher, fotograf, "
        "realisateur, realisatrice, realisateurs, realisation, acteur, acteurs, actrices, auteur, "
        "auteurs, autrice, scenariste, scenaristes, artiste, artistes, interprete, interpretes, "
        "compositeur, producteur, photographe, "
        "directora, directores, actriz, actores, protagonistas, reparto, elenco, guionista, guionistas, "
        "guion, autor, autora, autores, artista, artistas, compositor, compositora, productor, "
        "regista, registi, regia, attore, attori, autore, autori, sceneggiatore, sceneggiatori, sceneggiatura, "
        "artisti, interpreti, compositore, produttore, "
        "diretor, diretora, diretores, realizador, direcao, ator, atores, roteirista, roteiro, produtor, "
        "監督, 出演, 出演者, キャスト, 俳優, 主演, 脚本, 原作, 作者, 著者, 作家, アーティスト, 声優, 演出, "
        "导演, 演员, 编剧, 歌手, 艺术家, 감독, 배우, 출연, 출연진, 작가, 저자, "
        "режиссер, режиссеры, актеры, в ролях, автор, авторы, сценарист, исполнитель, исполнители",
        several=True,
    ),
    "title": _names(
        "title, name, original title, headline, primary title, display title, full title, label, headline text, "
        "heading, titel…, originaltitel…, filmtitel…, buchtitel…, serientitel…, bezeichnung…, uberschrift…, titre…, "
        "titre original, intitule…, nom…, titulo…, titulo original, nombre…, titolo…, titolo originale, nome…, "
        "タイトル, 作品名, 題名, 邦題, 書名, 曲名, 番組名, 商品名, 名称, 名前, 原題, 片名, 标题, 电影名, 书名, "
        "剧名, 제목, 작품명, 영화명, "
        "название…, заголовок…, наименование…",
        COUNTS
        + " id ids type url link path code date language lang user author artist director actor creator publisher "
        "company brand channel host album file column review series category genre character seller city country "
        f"{PERSONS} editorial editeur editora editore verlag canal chaine sender kanal canale genero gattung categoria "
        "categorie kategorie ciudad ville stadt citta cidade pais pays land paese archivo fichier datei arquivo "
        "режиссера автора актера канала файла",
    ),
    "description": _names(
        "description, overview, synopsis, plot, summary, storyline, extract, abstract, long description, detailed "
        "description, full description, product description, about, about the game, about product, plot summary, "
        "plot synopsis, body, content, text, article, full text, story, logline, short description, desc, blurb, "
        "transcript, lyrics, review, review text, question, query, message, sentence, comment, caption, tagline, "
        "beschreibung…, kurzbeschreibung…, inhaltsangabe…, handlung…, zusammenfassung…, inhalt…, "
        "resume…, intrigue…, contenu, texte, descripcion…, sinopsis…, argumento…, resumen…, contenido, texto, "
        "descrizione…, sinossi…, trama…, riassunto…, contenuto, testo, descricao…, sinopse…, enredo…, resumo…, "
        "conteudo, あらすじ, 概要, 説明, 作品紹介, 紹介文, 紹介, 解説, 内容, ストーリー, 本文, 剧情简介, 内容简介, "
        "简介, 描述, 剧情, 摘要, "
        "줄거리, 시놉시스, 설명, 소개, описание…, сюжет…, аннотация…, синопсис…",
        COUNTS + " id ids type url link path language lang warning rating date keywords tokens words imagen imagem "
        f"immagine bild foto {PERSONS}",
    ),
}
ORDER = tuple(role for role in NAMES if role in ROLES)
FILLERS = _words(
    "the a an of no nos nr num number nb n total main text en eng english full all raw primary "
    "anzahl nummer numero der die das des du de del della dello delle degli dei di da do dos la le les los las el il l "
    "d principal principale principales principali principaux principais количество"
)
FILLERS_OF = {  # more words that say nothing, in names of one role
    "people": _words(
        "name names display members member lead top main additional first second third nombre nombres nom noms nome "
        "nomi"
    ),
    "image": _words("url uri link path src href file name small medium large big original high"),
}
# what the last part of a nested column's name may be, "title.rendered", "language.name", and says nothing of its own
SPELLINGS = _words("rendered raw plain text full default main english romaji en short value display")
CALLED = _words("name title label value term")
# texts beside the description; what else is called one is chosen by how much it says
OTHER_TEXTS = frozenset((
    "body", "content", "text", "article", "full text", "logline", "short description", "desc", "blurb", "transcript",
    "lyrics", "review", "review text", "question", "query", "message", "sentence", "comment", "caption", "tagline",
    "about", "kurzbeschreibung",
))  # fmt: skip
NOT_A_TITLE = _words("tagline subtitle slogan logline blurb quote catchphrase note notes remark remarks comment")
# numbers that are no audience, besides the words that show it of a column called "views"
NOT_AN_AUDIENCE = (NAMES["audience"].never - _words("weekly per")) | _words(
    "year month day week season seasons episode episodes number position index lat lon lng latitude longitude width "
    "height weight size age budget version code zip phone isbn issn pages page chapters volumes tracks stock quantity "
    "timestamp time ms seconds bytes jahr annee ano anno"
)
NOT_A_DATE = NAMES["date"].never
# a label that somebody gave; with nothing in its name it would pass for a short title
LABEL_WORDS = _words("intent class target label cluster group split sentiment fold status category topic stage level")
# few words a column, and not what an item is about
NOT_A_CATEGORY = _words(
    "status state sentiment split fold stage level condition availability color colour currency unit size weekday "
    "day month season quarter gender sex user source provider supplier vendor license licence rated certificate "
    "certification editor owner reviewer responsible updated created by farbe zustand wahrung einheit wochentag "
    "monat geschlecht quelle couleur etat devise unite jour mois sexe estado moneda unidad dia mes sexo fuente "
    "colore stato valuta unita giorno mese sesso fonte cor moeda unidade "
    "状態 色 曜日 性別 状态 颜色 星期 性别 상태 색상 요일 성별 статус цвет состояние валюта день месяц пол источник"
)
# who brought an item out, or has it: however much the cells look like places
ORGANISATIONS = _words(
    "publisher publishers company companies studio studios network channel label brand distributor "
    "verlag sender firma marke editeur editora editorial editore canal chaine marca team club"
)
# of columns of codes, however much those look like words
CODE_WORDS = frozenset(phrase for phrase in NAMES["id"].phrases if " " not in phrase) | _words("code codes")
# a year, a month and a day as names of columns say them: "release_year" goes with "release_month"
CALENDARS = (
    ("year", "month", "day"), ("jahr", "monat", "tag"), ("annee", "mois", "jour"), ("anio", "mes", "dia"),
    ("ano", "mes", "dia"), ("anno", "mese", "giorno"), ("год", "месяц", "день"), ("年份", "月份", "日"),
    ("年", "月", "日"), ("연도", "월", "일"), ("년도", "월", "일"), ("년", "월", "일"),
)  # fmt: skip


@lru_cache(10_000)  # names come from strangers, too
def words(name: str) -> tuple[str, ...]:
    """A column name as the words it is compared by: `No_of_Votes (simulated)` -> ("votes",)."""
    name = name.replace("°", "o")  # N° is written with this sign more often than with º
    bare = re.sub(r"[(\[{][^)\]}]*[)\]}]", " ", name)
    if not re.search(r"\w", bare):
        bare = name
    plain = "".join(c for c in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(c))
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain)
    split_words = [word for word in re.split(r"[\W_]+", split.casefold()) if word]
    return tuple(word for word in split_words if word not in FILLERS) or tuple(split_words)
