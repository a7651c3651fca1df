"""The page in a browser: what people see, reach by keyboard, and cannot be tricked into."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from maps import plan_view, write_page
from tests.maps.axe import violations
from tests.maps.browser import chromium, open_page, screenshot_folder
from tests.maps.plans import make_plan

pytestmark = pytest.mark.browser

PAYLOADS = (
    "</script><script>window.pwned=1</script>",
    "</script><img src=x onerror=window.pwned=1>",
    '"><svg onload=window.pwned=1>',
    "<img src=x onerror=window.pwned=1>",
    "<!--<script>window.pwned=1",
    "javascript:window.pwned=1",
    "${window.pwned=1}{{constructor.constructor('window.pwned=1')()}}",
    "' onmouseover='window.pwned=1",
    "</title><script>window.pwned=1</script>",
    "</style><style>body{display:none}",
    "\u2028window.pwned=1//\u2029",
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "=HYPERLINK(\"http://example.invalid\",\"x\")",
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "&lt;b&gt;<a href=data:text/html,x>",
    "</style><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "<details open ontoggle=window.pwned=1>",
    "<body onload=window.pwned=1>",
    "<input autofocus onfocus=window.pwned=1>",
    "<video><source onerror=window.pwned=1></video>",
    "<math><mtext><script>window.pwned=1</script></mtext></math>",
    "<object data='data:text/html,<script>parent.pwned=1</script>'>",
    "<base href='https://example.org/'>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "\\u003cscript>window.pwned=1</script>",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    "<a href='data:text/html,<script>opener.pwned=1</script>'>x</a>",
    "<marquee onstart=window.pwned=1>",
    "<form><button formaction=javascript:window.pwned=1>",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def made():
    return make_plan(60)


@pytest.fixture(scope="module")
def plan(made):
    return plan_view(made.instance, made.tables, made.manifest)


@pytest.fixture(scope="module")
def path(plan, tmp_path_factory) -> Path:
    return write_page(plan, tmp_path_factory.mktemp("page") / "map.html")


@pytest.fixture
def watched(browser, path):
    opened = open_page(browser, path)
    yield opened
    assert opened.clean(), (opened.requests, opened.complaints)
    opened.page.context.close()


def _figure(page, key: str) -> str:
    return page.locator(f"[data-figure={key}] dd").inner_text()


def test_page_asks_for_nothing_and_says_nothing(watched):
    for tab in ("site", "chips", "power", "money", "limits", "policy", "table", "plan"):
        watched.page.click(f"#tab-{tab}")
        assert watched.page.locator("#details").inner_text()
    assert watched.requests == [watched.page.url.split("#")[0]]


def test_headline_figures_follow_the_year_and_equal_the_tables(watched, made, plan):
    page = watched.page
    for year in (2028, 2031, 2036):
        page.evaluate("year => { location.hash = `year=${year}`; }", year)
        page.wait_for_function("year => document.getElementById('year-shown').textContent == year", arg=str(year))
        rows = [row for row in made.tables.operations if row.period == f"{year}Q4"]
        shown = float(_figure(page, "gw").split(" GW")[0])
        assert shown == pytest.approx(sum(row.online_gw for row in rows), rel=5e-3)
        assert _figure(page, "campuses") == f"{sum(row.online_gw > 0 for row in rows)} campuses"
    capital = sum(row.capital_busd for row in made.tables.sites)
    assert _figure(page, "capital") == f"${capital / 1000:.2f} tn"
    assert _figure(page, "npv") == f"${made.manifest['npv_busd'] / 1000:.2f} tn"


def test_numbers_of_a_chart_equal_the_tables(watched, made):
    page = watched.page
    page.click("#tab-power")
    page.locator("figure", has_text="TWh in the year").locator("summary").click()
    table = page.locator("figure", has_text="TWh in the year").locator("table")
    last = table.locator("tbody tr", has_text="2036").locator("td").last.inner_text()
    total = sum(row.energy_twh for row in made.tables.energy if row.year == 2036)
    assert float(last.replace(",", "")) == pytest.approx(total, rel=5e-3)


def test_money_adds_up_to_the_net_present_value(watched, made):
    watched.page.click("#tab-money")
    assert f"they add up to ${made.manifest['npv_busd'] / 1000:.2f} tn" in watched.page.locator("#details").inner_text()


def test_year_slider_is_native_and_moves_by_keyboard(watched, plan):
    page = watched.page
    assert page.locator("#year").get_attribute("type") == "range"
    page.focus("#year")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.locator("#year-shown").inner_text() == "2034"
    assert page.locator("#year").get_attribute("aria-valuetext") == "end of 2034"
    assert "year=2034" in page.url
    page.keyboard.press("Home")
    on_line = sum(site.online_gw[0] > 0 for site in plan.sites)
    assert page.locator("g.site:not(.waiting)").count() == on_line
    assert page.locator("g.site.waiting").count() == len(plan.sites) - on_line


def test_play_runs_through_the_years_and_stops(watched):
    page = watched.page
    page.clock.install()
    page.click("#play")
    assert page.locator("#year-shown").inner_text() == "2027"
    page.clock.run_for(2000)
    assert page.locator("#year-shown").inner_text() == "2029"
    page.clock.run_for(20000)
    assert page.locator("#year-shown").inner_text() == "2036"
    assert page.locator("#play").get_attribute("aria-pressed") == "false"


def test_site_panel_opens_by_keyboard_and_keeps_the_focus(watched, plan):
    page = watched.page
    first = page.locator("g.site").first
    first.focus()
    assert page.locator("#tip").is_visible()
    page.keyboard.press("Enter")
    site = next(site for site in plan.sites if site.site == first.get_attribute("data-site"))
    panel = page.locator("#details").inner_text()
    assert site.name in panel
    assert site.source in panel
    assert f"{site.phases[0].energised}" in panel
    assert page.evaluate("document.activeElement.dataset.site") == site.site
    assert f"site={site.site}" in page.url
    page.keyboard.press("Escape")
    assert page.locator("#tab-plan").get_attribute("aria-selected") == "true"


def test_sites_that_were_not_chosen_can_be_reached_and_opened(watched, plan):
    page = watched.page
    site = next(site for site in plan.sites if site.outcome == "not_chosen")
    mark = page.locator(f"g.site[data-site={site.site}]")
    assert "waiting" in mark.get_attribute("class")
    mark.focus()
    page.keyboard.press("Space")
    assert "not chosen" in page.locator("#details").inner_text()
    assert site.confidence in page.locator("#details").inner_text()


def test_committed_part_is_a_ring_of_its_own_area(watched, plan):
    page = watched.page
    site = next(
        site for site in plan.sites if 0 < site.committed_gw[-1] < site.online_gw[-1] and site.committed_gw[-1] > 0.2
    )
    mark = page.locator(f"g.site[data-site={site.site}]")
    page.wait_for_timeout(400)  # the radius moves for a moment
    ring = float(mark.locator(".ring").get_attribute("r"))
    whole = float(mark.locator(".mark").get_attribute("r"))
    assert (ring / whole) ** 2 == pytest.approx(site.committed_gw[-1] / site.online_gw[-1], rel=1e-3)
    fresh = next(site for site in plan.sites if site.outcome == "new")
    assert float(page.locator(f"g.site[data-site={fresh.site}] .ring").get_attribute("r")) == 0


def test_tabs_move_by_arrow_keys(watched):
    page = watched.page
    page.focus("#tab-plan")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == "tab-chips"
    assert "Chips at work" in page.locator("#details").inner_text()
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.id") == "tab-table"


def test_search_finds_and_opens_by_keyboard(watched, plan):
    page = watched.page
    page.locator("body").press("/")
    page.keyboard.type("japan")
    site = next(site for site in plan.sites if site.country == "JPN")
    assert site.name in page.locator("#hits").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert site.country_name in page.locator("#details").inner_text()
    page.fill("#search", "no such campus")
    assert "No campus of that name" in page.locator("#hits").inner_text()


def test_table_sorts_and_says_so(watched, plan):
    page = watched.page
    page.click("#tab-table")
    names = page.locator("#sites-table tbody th")
    largest = max(plan.sites, key=lambda site: site.online_gw[-1])
    top = page.locator("#sites-table tbody tr").first.locator("td").first.inner_text()
    assert float(top) == pytest.approx(largest.online_gw[-1], rel=5e-3)
    page.locator("[data-focus=sort-name]").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.focus") == "sort-name"
    shown = names.all_inner_texts()
    assert page.locator("th[aria-sort=ascending]").inner_text().startswith("Campus")
    assert shown[0] == min(plan.sites, key=lambda site: site.short_name.lower()).short_name
    assert len(shown) == len(plan.sites)


def test_csv_holds_every_year_and_guards_against_formulas(browser, tmp_path):
    made = make_plan(len(PAYLOADS) + 4, names=PAYLOADS)
    plan = plan_view(made.instance, made.tables, made.manifest)
    page = open_page(browser, write_page(plan, tmp_path / "map.html"), "#tab=table").page
    with page.expect_download() as waiting:
        page.click("#csv")
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert len(rows) == len(plan.sites)
    for row, site in zip(rows, plan.sites, strict=True):
        assert float(row["online_gw_2036"]) == pytest.approx(site.online_gw[-1], rel=1e-6)
        guard = "'" if site.name[0] in "=+-@" else ""
        assert row["name"] == guard + site.name
        assert row["name"][0] not in "=+-@"
    page.context.close()


def test_what_binds_in_a_year_is_listed(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'tab=limits&year=2034'")
    caps = page.locator("[data-list=caps]")
    caps.wait_for()
    binding = {f"{row.family} {row.name}" for row in made.tables.limits if row.when.startswith("2034") and row.binding}
    assert {row.get_attribute("data-limit") for row in caps.locator("li").all()} == binding
    for row in made.tables.limits:
        if row.family == "chip_supply" and row.when.startswith("2034") and row.binding:
            said = caps.locator(f"[data-limit='chip_supply {row.name}']").inner_text()
            assert re.search(rf"2034Q\d: all {row.limit:g} million chips", said)
    names = {f"chip_supply {chip.chip}": f"chip supply: {chip.name}" for chip in made.instance.chips}
    assert all(names[limit] in caps.inner_text() for limit in binding & names.keys())
    assert binding & names.keys()


def test_rules_show_their_headroom(watched, made):
    page = watched.page
    page.evaluate("location.hash = 'tab=policy&year=2028'")
    card = page.locator("[data-rule=gulf_cap]")
    card.wait_for()
    row = next(row for row in made.tables.policy if row.rule == "gulf_cap" and row.when == "2028Q4")
    assert f"2028Q4: {row.used:.3g} of 1.5 million H100e, headroom {row.headroom:.3g}" in card.inner_text()
    assert "nothing to count" in page.locator("[data-rule=us_deny_d5]").inner_text()


def test_names_that_are_code_stay_text(browser, tmp_path):
    assert len(PAYLOADS) >= 30
    made = make_plan(len(PAYLOADS) + 4, names=PAYLOADS, title=PAYLOADS[0])
    plan = plan_view(made.instance, made.tables, made.manifest)
    watched = open_page(browser, write_page(plan, tmp_path / "map.html"))
    page = watched.page
    for tab in ("plan", "site", "chips", "power", "money", "limits", "policy", "table"):
        page.click(f"#tab-{tab}")
    for i, payload in enumerate(PAYLOADS):
        page.locator(f"g.site[data-site=s{i:03d}]").focus()
        assert " ".join(payload.split()) in " ".join(page.locator("#tip").inner_text().split())
        page.keyboard.press("Enter")
        assert page.locator("#details h2.name").text_content().startswith(payload)
    page.fill("#search", "script")
    assert page.locator("#title").inner_text() == PAYLOADS[0]
    assert page.evaluate("window.pwned") is None
    assert page.locator("img, iframe, object, embed, base, a[href^='javascript']").count() == 0
    assert page.locator("script").count() == 4
    assert watched.clean(), watched.complaints
    page.context.close()


def test_policy_refuses_scripts_and_styles_that_it_does_not_name(browser, path):
    page = open_page(browser, path).page
    injected = """() => {
      for (const [tag, text] of [["script", "window.injected = 1"], ["style", "body{display:none}"]]) {
        const node = document.createElement(tag);
        node.textContent = text;
        document.head.append(node);
      }
      return [window.injected === undefined, getComputedStyle(document.body).display];
    }"""
    assert page.evaluate(injected) == [True, "grid"]
    blocked = "() => fetch('data:text/plain,x').then(() => 'fetched', () => 'refused')"
    assert page.evaluate(blocked) == "refused"
    page.context.close()


def test_address_restores_a_view_and_nonsense_in_it_is_ignored(browser, path, plan):
    site = plan.sites[0]
    watched = open_page(browser, path, f"#year=2030&view=europe&tab=site&site={site.site}&theme=dark")
    page = watched.page
    assert page.locator("#year-shown").inner_text() == "2030"
    assert page.locator("#view").input_value() == "europe"
    assert site.name in page.locator("#details").inner_text()
    page.context.close()
    watched = open_page(browser, path, "#year=1066&view=moon&tab=__proto__&site=%3Cimg%3E&theme=x")
    assert watched.page.locator("#year-shown").inner_text() == "2036"
    assert watched.page.locator("#view").input_value() == "world"
    assert watched.clean(), watched.complaints
    watched.page.context.close()


@pytest.mark.parametrize("width", [320, 390, 768])
def test_narrow_screens_do_not_scroll_sideways(browser, path, width, tmp_path):
    watched = open_page(browser, path, viewport={"width": width, "height": 800})
    for tab in ("plan", "site", "limits", "policy", "table"):
        watched.page.click(f"#tab-{tab}")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width, tab
    watched.page.click("#tab-plan")
    watched.page.screenshot(path=screenshot_folder(tmp_path) / f"narrow-{width}.png")
    assert watched.clean(), watched.complaints
    watched.page.context.close()


def test_dark_follows_the_system_and_the_button(browser, path, tmp_path):
    watched = open_page(browser, path, color_scheme="dark")
    page = watched.page
    colour = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(colour) == "rgb(12, 18, 27)"
    page.screenshot(path=screenshot_folder(tmp_path) / "dark.png")
    page.click("#theme")
    assert page.evaluate(colour) == "rgb(255, 255, 255)"
    assert "theme=light" in page.url
    page.context.close()


def test_labels_cover_neither_labels_nor_each_other(watched, tmp_path):
    page = watched.page
    for view in ("world", "north_america", "europe"):
        page.select_option("#view", view)
        boxes = page.eval_on_selector_all(
            ".labels text",
            "nodes => nodes.map(n => n.getBoundingClientRect()).map(b => [b.left, b.top, b.right, b.bottom])",
        )
        assert len(boxes) > 3
        for i, one in enumerate(boxes):
            for other in boxes[:i]:
                across = min(one[2], other[2]) - max(one[0], other[0])
                up = min(one[3], other[3]) - max(one[1], other[1])
                # Line boxes are taller than the letters in them by about a third.
                assert across <= 1 or up <= 5
        page.screenshot(path=screenshot_folder(tmp_path) / f"{view}.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessibility_rules_are_met(browser, path, scheme):
    page = open_page(browser, path, "#site=s000", color_scheme=scheme, bypass_csp=True).page
    for tab in ("plan", "site", "chips", "power", "money", "limits", "policy", "table"):
        page.click(f"#tab-{tab}")
        assert not violations(page), tab
    page.context.close()
