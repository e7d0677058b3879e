"""The report: whole, true to the figures, safe with hostile names, and asking nothing of any other place."""

from __future__ import annotations

import base64
import copy
import hashlib
import re
import shutil
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

import pytest

from rightcall.law.pack import Pack, find_pack
from rightcall.law.reason import VERDICTS
from rightcall.screening.report import SHOWN, headline, questionnaire, segments, share, write_report

HOSTILE = """<script>alert(1)</script>"'><img src=https://evil.example/x.png onerror=alert(1)>{{ 7 * 7 }}"""
VOID = {"meta", "link", "rect", "br", "hr", "img", "input"}
LISTS = ("grounds", "promises", "breaches", "questions", "to_ask", "labels", "regions")


class Page(HTMLParser):
    """A report as its elements, its ids and its text. Fails on an element left open or closed twice."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside: list[str] = []
        self.feed(html)
        self.close()
        assert not self.inside, f"left open: {self.inside}"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.inside.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.inside.pop() == tag

    def handle_data(self, data):
        if self.inside and self.inside[-1] not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    @property
    def ids(self) -> list[str]:
        return [attrs["id"] for _, attrs in self.elements if "id" in attrs]

    @property
    def links(self) -> list[str]:
        return [attrs["href"] for tag, attrs in self.elements if tag == "a"]

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag and wanted.items() <= attrs.items()]

    def between(self, opening: str, closing: str) -> str:
        return self.html.split(opening, 1)[1].split(closing, 1)[0]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return find_pack("ru_2022")


def provision_row(pack: Pack, id: str, **counts: int) -> dict:
    provision = pack.provisions[id]
    about = {"id": id, "title": provision.title, "effect": provision.effect, "act": provision.act, "cite": provision.cite}
    return about | {"grade": provision.grade} | counts


def fact_row(pack: Pack, name: str, people: int) -> dict:
    fact = pack.vocabulary[name]
    return {"fact": name, "ask": fact.ask, "proof": fact.proof, "told_by": "person" if fact.unless_told is not None else "record", "people": people}


def question_row(pack: Pack, id: str, people: int, alone: int) -> dict:
    question = pack.questions[id]
    return {"id": id, "asks": question.asks, "yes": question.yes, "no": question.no, "people": people, "alone": alone}


def region_row(region: str, barred: int, deferred: int, open: int, clear: int) -> dict:
    counts = dict(zip(VERDICTS, (barred, deferred, open, clear), strict=True))
    return {"region": region, "people": sum(counts.values())} | counts


@pytest.fixture
def summary(pack: Pack) -> dict:
    """A run of ten million, with more of everything than is shown at once."""
    protective = [provision.id for provision in pack.protective]
    return {
        "people": 10_000_000,
        "pack": {"id": pack.id, "title": pack.title, "hash": pack.hash, "country": pack.country},
        "readings": {"name": None, "title": "no question answered"},
        "day": "each person's own date.notice",
        "verdicts": dict(zip(VERDICTS, (1_234_567, 345_678, 8_419_754, 1), strict=True)),
        "open_because": {"ask": 6_000_001, "law": 19_753, "evidence": 2_399_000, "identity": 1_000},
        "grounds": [provision_row(pack, id, people=5_000_000 - 70_001 * at, unknown=1_000 + at) for at, id in enumerate(protective)],
        "promises": [provision_row(pack, "RU22-DECL-21", people=4_711)],
        "breaches": [provision_row(pack, "RU22-SUM", people=8_153)],
        "questions": [question_row(pack, id, 60_000 - at, 17 + at) for at, id in enumerate(pack.questions)],
        "to_ask": [fact_row(pack, name, 90_000) for name in ("children[].birth_date", "children.complete", "care.permanent", "job.sector", "health.g_until")],
        "labels": [{"label": "4-F", "says": "unfit <b>for all</b>", "people": 1_234_567}],
        "regions": [region_row(f"Region {at:02d}", 3 + at, 2, 50_000 - at, 1) for at in range(30)],
        "comparison": {
            "cases": 84,
            "agree": 70,
            "differences": [{"id": f"RC{at:02d}", "of": "grounds", "expected": ["RU22-END", "RU22-CIT"], "found": []} for at in range(14)],
        },
    }


@pytest.fixture
def written(tmp_path: Path, pack: Pack):
    def write(summary: dict, law: Pack = pack) -> Page:
        target = tmp_path / "report.html"
        write_report(target, summary, law)
        return Page(target.read_text("utf-8"))

    return write


def emptied(summary: dict) -> dict:
    """The same run over nobody."""
    nobody = {**summary, "people": 0, "verdicts": dict.fromkeys(VERDICTS, 0), "open_because": dict.fromkeys(summary["open_because"], 0)}
    del nobody["comparison"]
    return nobody | {name: [] for name in LISTS}


# It asks nothing of any other place


def test_nothing_is_loaded_from_anywhere(written, summary):
    page = written(summary)
    for tag, attrs in page.elements:
        loads = [attrs[name] for name in ("src", "srcset", "data", "poster", "action", "xlink:href", "background", "style") if name in attrs]
        assert not loads, (tag, attrs)
        assert "href" not in attrs or tag == "a" or attrs["href"] == "data:,", (tag, attrs)
    for text in (page.between("<style>", "</style>"), page.between("<script>", "</script>")):
        assert "@import" not in text
        assert "://" not in text
        assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", text)


def test_web_addresses_stand_only_in_links_to_sources(written, summary, pack):
    page = written(summary)
    outward = {link for link in page.links if not link.startswith("#")}
    assert outward
    assert outward <= {address for _, address in pack.sources.values() if address.startswith(("http://", "https://"))}


def test_a_source_without_an_address_is_words_only(written, summary, pack):
    key, (says, _) = next(item for item in pack.sources.items() if item[1][1] == "-" and any(item[0] in law.sources for law in pack.protective))
    assert says in written(summary).text
    assert "-" not in written(summary).links, key


def test_the_policy_forbids_all_but_our_own_style_and_script(written, summary):
    page = written(summary)
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    for tag in ("style", "script"):
        text = page.between(f"<{tag}>", f"</{tag}>")
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy
    assert len(page.all("style")) == len(page.all("script")) == 1


# Hostile names stay names


def test_hostile_words_of_a_roll_come_out_as_text(written, summary):
    before = [tag for tag, _ in written(summary).elements]
    for row in (summary["regions"][0], summary["regions"][20]):
        row["region"] = HOSTILE
    summary["readings"]["title"] = summary["day"] = HOSTILE
    summary["comparison"]["differences"][0] |= {"id": HOSTILE, "found": [HOSTILE]}
    page = written(summary)
    assert [tag for tag, _ in page.elements] == before
    assert page.text.count(HOSTILE) >= 6
    assert not [attrs for _, attrs in page.elements if any(name.startswith("on") for name in attrs)]


def test_a_hostile_page_of_law_can_neither_run_nor_load_nor_mislead(written, summary, tmp_path):
    folder = tmp_path / "law"
    shutil.copytree(files("rightcall") / "packs" / "ru_2022", folder)
    page_of_law = folder / "provisions" / "RU22-18-1-4a.md"
    said = f"{HOSTILE} ![far](https://evil.example/y.png) [run](javascript:alert(1)) [mail](mailto:a@evil.example) [near](near.html) <https://fine.example/z> **loud**\n\n```toml rule"
    page_of_law.write_text(page_of_law.read_text("utf-8").replace("```toml rule", said, 1), "utf-8")
    sources = folder / "sources.md"
    sources.write_text(re.sub(r"^(\* S36 - .*?): \S+$", r"\1: javascript:alert(1)", sources.read_text("utf-8"), flags=re.M), "utf-8")
    page = written(summary, find_pack(str(folder)))
    assert not page.all("img")
    assert len(page.all("script")) == 1
    assert all(link.startswith(("#", "https://", "http://")) for link in page.links)
    assert "https://fine.example/z" in page.links
    assert "<strong>loud</strong>" in page.html


# It is true to the figures


def test_every_figure_is_there(written, summary):
    text = written(summary).text
    numbers = [*summary["verdicts"].values(), *summary["open_because"].values(), summary["people"]]
    rows = [row for kind in ("grounds", "promises", "breaches", "questions", "labels", "regions") for row in summary[kind]]
    numbers += [row[name] for row in rows for name in ("people", "unknown", "alone", *VERDICTS) if name in row]
    for number in numbers:
        assert re.search(rf"(?<![\d,]){number:,}(?![\d,])", text), number
    for row in summary["regions"]:
        assert row["region"] in text


def test_figures_stand_beside_their_own_bar(written, summary):
    html = written(summary).html
    beside = re.findall(r'<b title="protects">([\d,]+)</b> <span title="not known">([\d,]+)</span>', html)
    assert beside == [(f"{row['people']:,}", f"{row['unknown']:,}") for row in summary["grounds"]]
    cards = re.findall(r'<div class="card is-(\w+)">.*?<dd><b>([\d,]+)</b>', html, re.S)
    assert cards == [(verdict, f"{count:,}") for verdict, count in summary["verdicts"].items()]
    hanging = re.findall(r'<p class="hang"><b>([\d,]+)</b> hang on it <span>.*?</span>, <b>([\d,]+)</b>', html)
    assert hanging == [(f"{row['people']:,}", f"{row['alone']:,}") for row in summary["questions"]]


def test_no_bar_is_longer_than_full_and_the_longest_is_full(written, summary):
    bars = re.findall(r'<svg class="bar.*?</svg>', written(summary).html, re.S)
    lengths = [sum(float(width) for width in re.findall(r'width="([\d.]+)%"', bar)) for bar in bars]
    assert max(lengths) == pytest.approx(100, abs=0.01)
    asked = [length for bar, length in zip(bars, lengths, strict=True) if "on this alone" in bar]
    assert asked == pytest.approx([100 * row["people"] / summary["questions"][0]["people"] for row in summary["questions"]], abs=0.01)


def test_every_bar_says_its_numbers_to_those_who_do_not_see_it(written, summary):
    page = written(summary)
    labels = [attrs["aria-label"] for attrs in page.all("svg", role="img")]
    bars = len(summary["grounds"]) + len(summary["regions"]) + len(summary["questions"]) + len(summary["promises"]) + len(summary["breaches"])
    assert len(labels) == bars + 6  # the verdicts, four causes, the comparison
    assert len(page.all("title")) == len(labels) + 1
    assert "Region 07: 50,006 people, 10 barred, 2 deferred, 49,993 open, 1 clear" in labels
    for row in summary["grounds"]:
        assert f"{row['title']}: protects {row['people']:,} people, not known for {row['unknown']:,} people" in labels


def test_the_verdicts_fill_their_bar_exactly(written, summary):
    page = written(summary)
    drawn = re.findall(r'<rect class="(\w+)" x="[\d.]+%" width="([\d.]+)%"', page.between('<svg class="bar tall"', "</svg>"))
    assert [name for name, _ in drawn] == list(VERDICTS)
    assert sum(float(width) for _, width in drawn) == pytest.approx(100, abs=0.01)
    assert float(drawn[0][1]) == pytest.approx(12.346, abs=0.001)


def test_a_bar_has_a_stretch_for_each_count_and_none_for_nobody():
    assert [(part.fill, part.start, part.length) for part in segments([("a", 1), ("b", 0), ("c", 2)], 4)] == [("a", 0, 25), ("c", 25, 50)]
    assert segments([("a", 0)], 1) == []


@pytest.mark.parametrize(
    ("count", "whole", "words"), [(0, 0, "0"), (0, 9, "0"), (9, 9, "100"), (1, 8, "12.5"), (1, 9_999, "under 0.1"), (9_998, 9_999, "over 99.9")]
)
def test_a_share_never_makes_somebody_nobody_or_most_all(count, whole, words):
    assert share(count, whole) == f"{words}\u202f%"


def test_the_headline_counts_everybody_once(written, summary):
    assert [(clause.verdict, clause.count) for clause in headline(summary)] == list(summary["verdicts"].items())
    assert "Of 10,000,000 people proposed, 1,234,567 may not be called up at all, 345,678 may not" in written(summary).text
    assert "and 1 has no ground in this law that protects the person" in written(summary).text


def test_the_headline_leaves_out_what_nobody_has_and_says_that_nobody_is_clear(written, summary):
    summary["verdicts"] = dict(zip(VERDICTS, (0, 0, 2, 0), strict=True))
    summary["people"] = 2
    text = written(summary).text
    assert "Of 2 people proposed, 2 must not get a notice until what is open about them is settled. Nobody is clear." in text
    summary["verdicts"] = dict(zip(VERDICTS, (9, 0, 3, 0), strict=True))
    summary["people"] = 12
    assert "Of 12 people proposed, 9 may not be called up at all and 3 must not" in written(summary).text


def test_the_receipt_names_law_readings_and_day_and_warns(written, summary, pack):
    text = written(summary).text
    assert "Clear does not mean that a call-up would be lawful." in text
    assert f"Law {pack.id} {pack.hash[:12]} · readings: no question answered · judged on each person's own date.notice" in text


def test_questions_show_both_sides_in_order(written, summary):
    page = written(summary)
    for row in summary["questions"]:
        for words in (row["asks"], row["yes"], row["no"]):
            assert words in page.text
    assert [id.removeprefix("question-") for id in page.ids if id.startswith("question-")] == [row["id"] for row in summary["questions"]]


def test_the_comparison_lists_what_differs_and_is_left_out_where_there_is_none(written, summary):
    page = written(summary)
    assert "70 of 84 cases agree (83.3 %)." in page.text
    assert all(f"RC{at:02d} grounds RU22-END, RU22-CIT none" in page.text for at in range(14))
    del summary["comparison"]
    assert "comparison" not in written(summary).ids
    assert "#comparison" not in written(summary).links


# It can be walked through


def test_every_link_within_the_page_leads_somewhere(written, summary):
    for page in (written(summary), written(emptied(summary))):
        assert len(page.ids) == len(set(page.ids))
        inner = [unquote(link[1:]) for link in page.links if link.startswith("#")]
        assert set(inner) <= set(page.ids)


def test_each_ground_opens_to_its_page_of_law(written, summary, pack):
    page = written(summary)
    opening = {attrs["id"] for attrs in page.all("details") if "id" in attrs}
    for row in (*summary["grounds"], *summary["promises"], *summary["breaches"]):
        assert f"law-{row['id']}" in opening
        assert f"#law-{row['id']}" in page.links
        assert all(words in page.text for words in (pack.provisions[row["id"]].act, *pack.provisions[row["id"]].proof))
    assert "A child of sixteen is out." in page.text
    assert "when = 'children_under_16 >= children_needed'" in page.text


def test_a_provision_named_twice_has_one_page(written, summary):
    summary["promises"].append({**summary["grounds"][0], "people": 5})
    page = written(summary)
    assert page.ids.count(f"law-{summary['grounds'][0]['id']}") == 1


def test_long_lists_fold_their_rest_and_short_ones_do_not(written, summary):
    page = written(summary)
    assert f"{30 - SHOWN} more regions" in page.text
    assert f"{len(summary['grounds']) - SHOWN} more grounds" in page.text
    summary["regions"] = summary["regions"][:SHOWN]
    assert "more regions" not in written(summary).text


# What to ask


def test_the_questionnaire_parts_the_person_from_the_record(pack, summary):
    person, record = questionnaire(summary, pack)
    asked = {half.told_by: [asked.ask for topic in half.topics for asked in topic.asked] for half in (person, record)}
    wanted = {told: [row["ask"] for row in summary["to_ask"] if row["told_by"] == told] for told in asked}
    assert {told: sorted(asks) for told, asks in asked.items()} == {told: sorted(asks) for told, asks in wanted.items()}
    assert person.count + record.count == len(summary["to_ask"])
    assert [topic.name for topic in record.topics].count("Children") == 1


def test_topics_that_most_wait_for_come_first(pack, summary):
    summary["to_ask"] = [fact_row(pack, "health.g_until", 1), fact_row(pack, "children[].birth_date", 5)]
    assert [topic.name for topic in questionnaire(summary, pack)[1].topics] == ["Children", "Health"]


def test_an_answer_can_be_written_down_and_not_known_is_one(written, pack, summary):
    asked = {asked.ask: asked for half in questionnaire(summary, pack) for topic in half.topics for asked in topic.asked}
    born, care = asked[pack.vocabulary["children[].birth_date"].ask], asked[pack.vocabulary["care.permanent"].ask]
    assert (born.line, born.each) == ("day", "children")
    assert care.choices == ("yes", "no", "not known")
    assert all(one.choices[-1] == "not known" for one in asked.values())
    text = written(summary).text
    assert all(one.ask in text and one.proof in text for one in asked.values())
    assert "silence is never a no" in text


# It can be looked at by everybody


def test_it_says_what_a_browser_needs_to_know(written, summary):
    page = written(summary)
    assert page.all("html", lang="en")
    assert page.all("meta", name="viewport", content="width=device-width, initial-scale=1")
    assert page.all("meta", name="color-scheme", content="light dark")
    style = page.between("<style>", "</style>")
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style


def test_a_run_over_nobody_is_a_report_too(written, summary):
    page = written(emptied(summary))
    assert "There is nobody on this roll." in page.text
    assert [id for id in page.ids if not id.startswith("hatch-")] == ["verdicts", "open", "grounds", "regions", "questions", "questionnaire", "law"]


def test_each_list_may_be_empty_alone(written, summary):
    for name in LISTS:
        assert written({**copy.deepcopy(summary), name: []}).text


def test_one_half_of_the_questionnaire_may_be_empty(written, summary):
    for told_by in ("person", "record"):
        rows = [row for row in summary["to_ask"] if row["told_by"] == told_by]
        text = written({**summary, "to_ask": rows}).text
        assert ("A. Asked of the person" in text) == (told_by == "person")
        assert ("B. To be looked up" in text) == (told_by == "record")


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_colours_can_be_told_from_the_paper_by_day_and_by_night(written, summary):
    """WCAG 2.2 AA: 4.5 for words, 3 for what is drawn."""
    style = written(summary).between("<style>", "</style>")
    themes = [dict(re.findall(r"--(\w+): (#[0-9a-fA-F]{6})", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)]
    assert len(themes) == 2
    for theme in themes:
        for name in ("ink", "soft", "link", *VERDICTS):
            assert _contrast(theme[name], theme["paper"]) >= 4.5, (name, theme)
        for name in ("plain", *VERDICTS):
            assert _contrast(theme[name], theme["track"]) >= 3, (name, theme)
