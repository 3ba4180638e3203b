"""Answers that mean harm."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.person import ask, choose, ended, home, visit, watch
from tests.servers.platform import Platform

HOSTILE = """<script>window.harmed = 1</script>
<img src=x onerror="window.harmed = 1"> <svg onload="window.harmed = 1"></svg>

<iframe srcdoc="<script>parent.harmed = 1</script>"></iframe>
<details open ontoggle="window.harmed = 1"><summary>open</summary></details>

[script](javascript:window.harmed=1) [encoded](javascript&colon;window.harmed=1) [spaced](java\tscript:window.harmed=1)
[data](data:text/html,<script>window.harmed=1</script>) [vb](vbscript:window.harmed=1)

![pixel](https://tracker.example/pixel.gif) ![vector](data:image/svg+xml,<svg onload=alert(1)>)

```"><script>window.harmed = 1</script>
<img src=x onerror=window.harmed=1>
```

| <img src=x onerror=window.harmed=1> |
|---|
| [x](javascript:window.harmed=1) |
"""


def test_a_hostile_answer_runs_nothing_and_loads_nothing(page: Page) -> None:
    choose(page, "echo")
    answer = ended(ask(page, HOSTILE))
    expect(answer.get_by_text("spaced")).to_be_visible()
    assert page.evaluate("() => window.harmed") is None
    assert answer.locator("script, iframe, img, details, object, embed").count() == 0
    links = answer.locator("a").evaluate_all("(links) => links.map(({ protocol }) => protocol)")
    assert set(links) <= {"https:", "http:", "mailto:", "tel:"}


def test_whatever_a_page_does_wrong_is_noticed(browser: Browser, platform: Platform) -> None:
    context = browser.new_context()
    faults = watch(context, platform.base_url)
    page = context.new_page()
    visit(page, home(platform))
    assert faults == []
    page.evaluate("() => { new Image().src = 'https://tracker.example/pixel.gif' }")
    with page.expect_event("pageerror"):
        page.evaluate("() => { setTimeout(() => { document.body.innerHTML = '<b onclick=alert(1)>bold</b>' }) }")
    context.close()
    assert all(any(word in fault for fault in faults) for word in ("Content Security Policy", "TrustedHTML"))


def test_a_link_in_an_answer_opens_apart_and_tells_nobody_where_it_was(page: Page) -> None:
    choose(page, "echo")
    link = ended(ask(page, "[there](https://other.example/page)")).get_by_role("link", name="there")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(link).to_have_attribute("target", "_blank")


def test_a_picture_from_elsewhere_is_a_link_until_it_is_followed(page: Page) -> None:
    choose(page, "echo")
    answer = ended(ask(page, "![cat](https://other.example/cat.png)"))
    expect(answer.get_by_role("link", name="Picture: cat")).to_be_visible()


@pytest.mark.parametrize("title", ["<b>bold</b>", "{@html x}", "\u202edrawkcab"])
def test_a_hostile_title_is_only_text(page: Page, title: str) -> None:
    ended(ask(page, title))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
