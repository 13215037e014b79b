"""List syntax in roles of one text and dumps with control characters for delimiters."""

from pathlib import Path

from discover.catalog.reader import read

TITLES = ("远航的船", "港口之光", "夜行列车", "空白的地图")


def test_list_syntax_is_read_in_every_role() -> None:
    rows = [{"片名": title, "语言": "[' 英语 ', ' 法语']", "主演": "['莱昂·普里斯', '凯特·温']"} for title in TITLES]
    catalog = read(rows)
    assert (catalog.mapping["language"], catalog.column("language")[0]) == (("语言",), "英语, 法语")
    assert catalog.column("people")[0] == ["莱昂·普里斯", "凯特·温"]
    typed = read([{"title": title, "type": ["Film"], "language": ["en", "fr"]} for title in TITLES])
    assert typed.column("language")[0] == "en, fr"


def test_a_dump_with_control_characters_for_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "part-00000"
    path.write_text("id\x01title\x01note\n" + "".join(f"{i}\x01Show {i}\x01x\n" for i in range(5)))
    assert read(path).titles == [f"Show {i}" for i in range(5)]
