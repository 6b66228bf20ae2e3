"""The report as its readers meet it: opened offline in a browser, read, asked, printed; and never trusting its words."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from sim import provenance
from sim.report import page as report_page
from sim.run import read_results
from tests.cli.small_runs import table
from tests.command import padma
from tests.handout.handed import ASSUMPTION, LINK, QUESTION, TITLE, opened


def number(value: float) -> str:
    return f"{round(value, 2) + 0.0:+.2f}".replace("+0.00", "0.00").replace("-", "\u2212")


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def source(hostile) -> str:
    return (hostile / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def elements(source) -> list[tuple[str, dict[str, str | None]]]:
    return Elements(source).found


# --- the file -------------------------------------------------------------------------------------------------------------


def test_one_file_holds_everything_and_stays_small(source, elements):
    assert len(source.encode()) < 5_000_000
    for tag, attributes in elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form", "meta") or tag == "meta", tag
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        assert attributes.get("src", "data:").startswith("data:image/png;base64,"[:5]), tag
    assert sum(tag == "script" for tag, _ in elements) == 2, "the chart and its data, none from the scenario"
    assert "@import" not in source and "url(" not in source


MARKUP = "<script>window.broken=9</script><img src=x onerror=window.broken=9>"


def forged(results: Path, folder: Path, *, table: str = "", **entries: object) -> Path:
    """A results folder that somebody else made: markup where padma writes names, and checksums that agree."""
    made = Path(shutil.copytree(results, folder / "forged"))
    (made / "report.html").unlink(missing_ok=True)
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8")) | entries
    for name in ("summary.csv", "events.csv") if table else ():
        text = (made / name).read_text(encoding="utf-8").replace(table, f'"{MARKUP}"')
        (made / name).write_text(text, encoding="utf-8")
        manifest["sha256"][name] = provenance.digest(text)
    (made / "manifest.json").write_bytes(provenance.as_file(manifest))
    return made


FORGED = {
    "in the manifest": {
        "parameters": MARKUP,
        "warnings": [MARKUP],
        "command": MARKUP,
        "commit": MARKUP,
        "id": MARKUP,
        "sources": [MARKUP],
        "started": MARKUP,
    },
    "a kind": {"kind": MARKUP},
    "a quarter": {"table": "2026Q4"},
    "a partner": {"table": "RUS"},
    "a measure": {"table": "cooperation"},
}


@pytest.mark.parametrize("where", FORGED)
def test_a_forged_results_folder_is_shown_as_text_or_refused(where, hostile, tmp_path):
    folder = forged(hostile, tmp_path, **FORGED[where])
    done = padma("report", folder, "--out", tmp_path / "report.html")
    if "table" in FORGED[where]:
        assert done.code == 2 and "'summary.csv' does not fit its scenario" in done.err and "Why it matters: " in done.err, done
        return
    assert done.code == (2 if "kind" in FORGED[where] else 0), done
    if done.code:
        return
    found = Elements((tmp_path / "report.html").read_text(encoding="utf-8")).found
    assert sum(tag == "script" for tag, _ in found) == 2, "the chart and its data"
    assert not any(name.startswith("on") for _, attributes in found for name in attributes)
    assert all(str(a.get("src", "data:image/")).startswith("data:image/") for tag, a in found if tag == "img")


def test_the_policy_names_the_only_script_and_style_that_may_run(elements):
    (policy,) = [a["content"] for tag, a in elements if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert re.search(r"script-src 'sha256-[\w+/=]{44}'", policy) and re.search(r"style-src 'sha256-[\w+/=]{44}'", policy)


def test_only_web_addresses_become_links(elements):
    links = [a["href"] for tag, a in elements if tag == "a" and not a["href"].startswith("#")]
    assert LINK in links
    assert all(re.match(r"https?://", link) for link in links)


def test_every_figure_says_what_it_shows(elements):
    pictures = [a for tag, a in elements if tag == "img"]
    assert len(pictures) >= 3
    assert all(len(a["alt"]) > 80 and "80" in a["alt"] for a in pictures)


def test_numbers_inside_are_those_of_the_table(hostile, source):
    data = json.loads(re.search(r'id="chart-data">(.*?)</script>', source, re.DOTALL)[1])
    (layer,) = data["layers"]
    held = table(hostile)
    rows = held[(held.measure == "stance") & (held.state == "RUS") & (held.partner == "BGD") & (held.issue == "trade")]
    found = np.array(layer["series"]["stance|RUS|BGD|trade"]).reshape(len(layer["quarters"]), 7)
    assert list(rows.quarter) == layer["quarters"]
    assert np.array_equal(found, rows[["q50", "q025", "q975", "q10", "q90", "q25", "q75"]].to_numpy())
    assert len(layer["series"]) == len(held.drop_duplicates(["measure", "state", "partner", "issue"]))


def test_sources_are_those_of_padma_cite(hostile, source):
    cited = provenance.references(read_results(hostile).scenario)
    listed = re.search(r'<ol class="sources">(.*?)</ol>', source, re.DOTALL)[1]
    assert re.findall(r"\[([\w.-]+)\] used for", listed) == [key for key, _, _ in cited]


def test_a_comparison_cites_all_of_its_worlds(paired):
    cited = json.loads(padma("cite", paired, "--json").out)
    listed = re.search(r'<ol class="sources">(.*?)</ol>', (paired / "report.html").read_text(encoding="utf-8"), re.DOTALL)[1]
    assert re.findall(r"\[([\w.-]+)\] used for", listed) == [entry["key"] for entry in cited]
    assert {entry["key"] for entry in cited} == set(json.loads((paired / "manifest.json").read_text())["sources"])


def test_the_same_results_give_the_same_page(hostile, source):
    from sim.handout.reading import read

    assert report_page(read([hostile])) == source


# --- in the browser -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(chromium, hostile):
    return opened(chromium, hostile / "report.html")


def test_it_opens_offline_without_a_complaint(hostile, shown):
    assert shown.said == []
    assert shown.asked == [(hostile / "report.html").as_uri()]


def test_words_of_a_scenario_stay_words(shown):
    page = shown.page
    assert page.evaluate("window.broken") is None
    assert page.inner_text("h1") == QUESTION
    assert TITLE in page.inner_text("header .kicker")
    assert ASSUMPTION in page.inner_text("#assumed")
    assert page.evaluate("document.querySelectorAll('svg[onload], img[onerror], h1 *').length") == 0


def test_the_answer_and_the_table_say_what_the_results_say(hostile, shown):
    held = table(hostile)
    own = held[(held.measure == "cooperation") & (held.state == "BGD")]
    end = own[own.quarter == "2026Q4"]
    warmest = end.loc[end.q50.idxmax()]
    answer = shown.page.inner_text("#answer")
    assert len(shown.page.query_selector_all(".answer")) == 3
    assert f"({number(warmest.q50)}, {number(warmest.q10)} to {number(warmest.q90)})" in answer
    assert "Russia" in answer, "the question names it"
    cells = shown.page.inner_text("#numbers")
    for row in end.itertuples():
        assert f"{number(row.q10)} to {number(row.q90)}" in cells


def test_losses_of_the_model_are_printed(shown):
    text = shown.page.inner_text("#trust")
    assert re.search(r"\d+ of \d+ contests are lost, \d+ of them by more than two standard errors", text)
    assert "loses" in text and "Not about these results" not in text


def test_the_chart_shows_what_is_chosen(hostile, shown):
    page, held = shown.page, table(hostile)
    page.select_option('[data-choose="Measure"]', "stance")
    page.select_option('[data-choose="Tie"]', "CHN|BGD")
    page.select_option('[data-choose="In"]', "energy")
    rows = held[(held.measure == "stance") & (held.state == "CHN") & (held.partner == "BGD") & (held.issue == "energy")]
    assert page.inner_text(".read").startswith(f"2026Q4: median {number(rows.q50.iloc[-1])}")
    assert f"80 % of runs: {number(rows.q10.iloc[-1])} to {number(rows.q90.iloc[-1])}" in page.inner_text(".read")
    assert "China \u2192 Bangladesh · Energy" in page.inner_text(".what")
    assert page.locator("#chart svg polygon").count() == 3


def test_the_chart_is_read_with_keys_and_pointer(hostile, shown):
    page, held = shown.page, table(hostile)
    page.select_option('[data-choose="Measure"]', "pressure")
    page.select_option('[data-choose="Tie"]', "BGD|IND")
    assert page.locator('[data-choose="In"]').count() == 0, "pressure has no issue areas"
    rows = held[(held.measure == "pressure") & (held.state == "BGD") & (held.partner == "IND")].reset_index()
    page.focus(".drawing")
    page.keyboard.press("Home")
    assert page.inner_text(".read").startswith(f"2026Q1: median {number(rows.q50[0])}")
    page.keyboard.press("ArrowRight")
    assert page.inner_text(".read").startswith(f"2026Q2: median {number(rows.q50[1])}")
    assert page.get_attribute(".drawing", "aria-valuetext").startswith("2026Q2: median")
    drawing = page.locator(".drawing")
    drawing.hover(position={"x": drawing.bounding_box()["width"] - 20, "y": 60})
    assert page.inner_text(".read").startswith(f"2026Q4: median {number(rows.q50[3])}")


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_hangs_over_the_edge(chromium, hostile, width):
    page = opened(chromium, hostile / "report.html", width, 720).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawn = imread(io.BytesIO(page.screenshot()))
    assert 0.5 < (drawn[..., :3].min(axis=-1) > 0.9).mean() < 0.99, "ink on paper"
    page.close()


def test_it_prints_on_a4(chromium, hostile, tmp_path):
    page = opened(chromium, hostile / "report.html").page
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    page.close()
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils are not installed")
    said = subprocess.run(["pdfinfo", tmp_path / "report.pdf"], capture_output=True, text=True, check=True).stdout
    assert "(A4)" in said and 5 <= int(re.search(r"Pages:\s+(\d+)", said)[1]) <= 20
    texts = subprocess.run(["pdftotext", "-layout", tmp_path / "report.pdf", "-"], capture_output=True, text=True, check=True)
    pages = texts.stdout.split("\f")
    first = " ".join(pages[0].split())  # where the question breaks into lines is a matter of the fonts at hand
    assert "What becomes of the ties with" in first and "The answer in three sentences" in first
    (numbers,) = [text for text in pages if "Bangladesh alone" in text]
    assert all(name in numbers for name in ("Russia", "India", "China", "United States")), "the table is on one page"
    assert "Choose a tie" not in texts.stdout


# --- comparisons ----------------------------------------------------------------------------------------------------------


def test_a_comparison_shows_worlds_and_differences(chromium, paired):
    shown = opened(chromium, paired / "report.html")
    page = shown.page
    contrasts = pd.read_csv(paired / "contrasts.csv", keep_default_na=False)
    rows = contrasts[(contrasts.measure == "cooperation") & (contrasts.state == "BGD") & (contrasts.quarter == "2026Q4")]
    most = rows.loc[rows.groupby("partner")["q50"].apply(lambda moved: moved.abs().idxmax())]
    answer = " ".join(page.inner_text("#answer").split())  # figures and their unit are kept on one line
    told = [f"higher in {100 * high:.0f} % of the runs" for high in most.p_positive]
    assert any(words in answer for words in told) or "hardly changes anything" in answer
    page.select_option('[data-choose="World"]', "2")
    page.select_option('[data-choose="Tie"]', "BGD|IND")
    page.select_option('[data-choose="In"]', "defence")
    value = rows.set_index(["partner", "issue"]).q50["IND", "defence"]
    assert f"2026Q4: median {number(value)}" in page.inner_text(".read")
    assert "no difference" in page.inner_text(".what")
    assert "Sheikh Hasina" in page.inner_text("#causes") and "What differs is who governs" in page.inner_text("#causes")
    assert shown.said == []
    page.close()
