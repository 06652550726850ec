"""The warehouse reads user agents as the library does whose rules it loaded."""

from pathlib import Path

import pytest
from ua_parser import parse

from loaders.settings import PROJECT_DIR
from local.user_agents.seed import SEED, ensure_seed
from tests.macros.harness import Macros, execute, query

USER_AGENTS = [
    "",
    "nobody knows",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605 Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 14; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 SamsungBrowser/23.0 Chrome/115 Mobile",
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 SamsungBrowser/4.0 Chrome/76.0 TV Safari/537.36",
    "Mozilla/5.0 (X11; CrOS x86_64 15633.69.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0 Safari/537.36",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) Chrome/125 Mobile Safari/537.36 (compatible; Googlebot/2.1)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
    "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "curl/8.4.0",
    "it's \\ a 'quote'",
    "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A.230901.001)",
    "MyShop/4.2 (Linux; Android 14; SM-S918B) okhttp/4.12.0",
]
DEVICE_TYPES = {
    2: "desktop",
    5: "desktop",
    6: "mobile",
    7: "tablet",
    8: "mobile",
    9: "tablet",
    11: "tv",
    13: "bot",
    17: "mobile",
    19: "",
    21: "mobile",
    22: "mobile",
}
MACROS = Macros()


@pytest.fixture(scope="module", autouse=True)
def rules() -> None:
    """The dictionaries of the rules, made of the seed as the models make them."""
    columns = "release String, kind String, number UInt32, pattern String, members String"
    execute(f"create or replace table user_agent_rules ({columns}) engine = Memory")
    execute(f"insert into user_agent_rules format CSVWithNames\n{ensure_seed().read_text(encoding='utf-8')}")
    execute(f"create or replace table stg_user_agents__rules engine = Memory as {compiled('stg_user_agents__rules')}")
    for kind, columns in (("browser", "name major minor"), ("os", "name major minor"), ("device", "name brand model")):
        fields = ", ".join(f"{column} String" for column in columns.split())
        execute(
            f"create or replace dictionary {kind}_rules (regexp String, {fields}) primary key regexp "
            f'source(clickhouse(query "{compiled(f"{kind}_rules")}")) layout(regexp_tree) lifetime(0)'
        )


def compiled(model: str) -> str:
    text = (PROJECT_DIR / f"models/staging/user_agents/{model}.sql").read_text()
    return MACROS.render(text, config=lambda **_: "")


def read(user_agent: str) -> tuple[tuple[str, ...], ...]:
    found = parse(user_agent)
    browser, os, device = found.user_agent, found.os, found.device
    return (
        (browser.family, browser.major or "", browser.minor or "") if browser else ("", "", ""),
        (os.family, os.major or "", os.minor or "") if os else ("", "", ""),
        (device.family, device.brand or "", device.model or "") if device else ("", "", ""),
    )


@pytest.mark.parametrize("number", range(len(USER_AGENTS)))
def test_a_user_agent_is_read_as_the_library_reads_it(number: int) -> None:
    literal = MACROS.call("string_literal", USER_AGENTS[number])
    (row,) = query(
        f"""
        select
            dictGet('browser_rules', 'name', agent) as b1, dictGet('browser_rules', 'major', agent) as b2,
            dictGet('browser_rules', 'minor', agent) as b3,
            dictGet('os_rules', 'name', agent) as o1, dictGet('os_rules', 'major', agent) as o2,
            dictGet('os_rules', 'minor', agent) as o3,
            dictGet('device_rules', 'name', agent) as d1, dictGet('device_rules', 'brand', agent) as d2,
            dictGet('device_rules', 'model', agent) as d3
        from (select {literal} as agent)"""
    )
    values = tuple(row.values())
    assert (values[:3], values[3:6], values[6:]) == read(USER_AGENTS[number])


@pytest.mark.parametrize(("number", "device_type"), DEVICE_TYPES.items())
def test_a_device_has_a_type(number: int, device_type: str) -> None:
    (_, (os, *_), (device, *_)) = read(USER_AGENTS[number])
    arguments = [MACROS.call("string_literal", text) for text in (device, os, USER_AGENTS[number])]
    assert query(f"select {MACROS.call('device_type', *arguments)} as type")[0]["type"] == device_type


def test_the_seed_is_made_anew_for_another_release(tmp_path: Path) -> None:
    made = ensure_seed(tmp_path)
    whole = made.read_text()
    assert whole == (PROJECT_DIR / SEED).read_text()
    made.write_text("release,kind,number,pattern,members\n1,browser,1,a,{}\n")
    assert ensure_seed(tmp_path).read_text() == whole
