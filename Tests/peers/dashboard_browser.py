#!/usr/bin/env python3
"""Looks at the dashboard with headless Chromium, as a person would.

    dashboard_browser.py SCENARIO URL [--token T] [--other T] [--shots FOLDER]

Prints what it saw, one `name value` a line; ends with an error text and code 1 when the page does
not do what the scenario says. Chromium and its driver are Debian's (chromium, chromium-driver).
"""

import argparse
import sys
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

PATIENCE = 30


def browser(scheme="light", width=1440, height=1000):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--ignore-certificate-errors", "--no-first-run", "--disable-extensions",
                 "--disable-background-networking", "--hide-scrollbars",
                 f"--window-size={width},{height}"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = webdriver.ChromeService("/usr/bin/chromedriver")
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_script_timeout(PATIENCE)
    driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": True})
    look(driver, scheme, width, height)
    return driver


def look(driver, scheme, width, height):
    """Another screen or other colours."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})


def until(what, condition):
    """Waits for a condition; the page changes by itself, so asking again is all there is."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            found = condition()
        except Exception as error:  # a row that was replaced while it was looked at
            found, last = None, error
        else:
            last = None
        if found:
            return found
        if time.monotonic() > deadline:
            reason = str(last).split("\n")[0] if last else "not so"
            raise SystemExit(f"waited in vain: {what} ({reason})")
        time.sleep(0.05)


def text(driver, name):
    return driver.find_element(By.ID, name).text


def canvas(driver, name):
    """The picture of a chart, as its browser drew it."""
    return driver.execute_script(
        "return [...document.querySelectorAll(`#${arguments[0]} canvas`)]"
        ".map((c) => c.toDataURL()).join();", name)


def is_live(driver):
    return until("live", lambda: text(driver, "link").startswith("live"))


def enter(driver, token):
    field = driver.find_element(By.ID, "token")
    field.send_keys(token, Keys.ENTER)


def open_page(driver, url, token):
    driver.get(url)
    if token:
        until("the question for a token", lambda: driver.find_element(By.ID, "token").is_displayed())
        enter(driver, token)
    is_live(driver)


def complaints(driver):
    """What the browser's console holds against the page: errors, refused scripts or styles."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] == "SEVERE"]


def check_quiet(driver, allowed=()):
    bad = [line for line in sorted(set(complaints(driver))) if not any(word in line for word in allowed)]
    if bad:
        raise SystemExit("the console says:\n" + "\n".join(bad[:5]))


def tap(driver, name):
    """One tap of a finger on an element."""
    box = driver.execute_script(
        "const e = document.getElementById(arguments[0]); e.scrollIntoView({block: 'nearest'});"
        "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2];",
        name)
    point = {"x": box[0], "y": box[1]}
    driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def moves(driver):
    before = until("a chart", lambda: canvas(driver, "traces"))
    until("the chart moves", lambda: canvas(driver, "traces") != before)


def watch(driver, arguments):
    """Two browsers see the same robot; charts move; an episode is replayed; keys reach it all."""
    other = browser("dark", 390, 844)
    try:
        for one in (driver, other):
            open_page(one, arguments.url, arguments.token)
            moves(one)
            until("running", lambda: text(one, "phase") in ("running", "resetting"))
            rows = one.find_elements(By.CSS_SELECTOR, "#joints tbody tr")
            until("a position", lambda: "°" in rows[0].text)
        until("a curve", lambda: canvas(driver, "curves"))
        until("an episode", lambda: driver.find_elements(By.CSS_SELECTOR, "#episodes button"))
        replay(driver)
        print("overflow", other.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"))
        keys(driver)
        check_access(driver)
        if arguments.shots:
            shots(driver, arguments.shots)
        for one in (driver, other):
            check_quiet(one)
        print("joints", len(driver.find_elements(By.CSS_SELECTOR, "#joints tbody tr")))
    finally:
        other.quit()


def replay(driver):
    # The list is made anew whenever an episode ends, so the button is looked for again.
    def press():
        driver.find_elements(By.CSS_SELECTOR, "#episodes button:enabled")[0].click()
        return driver.find_element(By.ID, "replay").is_displayed()
    until("the replay", press)
    before = until("its chart", lambda: canvas(driver, "replay-chart"))
    Select(driver.find_element(By.ID, "replay-speed")).select_by_value("16")
    driver.find_element(By.ID, "replay-play").click()
    until("it plays to its end", lambda: int(
        driver.find_element(By.ID, "replay-at").get_property("value")) > 0)
    if canvas(driver, "replay-chart") == before:
        raise SystemExit("the replay's chart has no mark")


def keys(driver):
    """The tabulator reaches the emergency stop within a few presses, and focus can be seen."""
    driver.execute_script("document.querySelector('.skip').focus();")
    for count in range(1, 6):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        if driver.switch_to.active_element.get_attribute("id") == "estop":
            outline = driver.execute_script(
                "return getComputedStyle(document.activeElement).outlineStyle")
            if outline == "none":
                raise SystemExit("the focus cannot be seen")
            print("tabs", count)
            return
    raise SystemExit("the emergency stop is far from the keyboard")


# WCAG 2.1, 1.4.3: 4.5 to 1, or 3 to 1 for large text (24 px, or 18.66 px and bold).
FAINT = """
const parse = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
const part = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
const ground = (e) => {
  for (; e; e = e.parentElement) {
    const [r, g, b, a] = parse(getComputedStyle(e).backgroundColor);
    if (a !== 0) return [r, g, b];
  }
  return [255, 255, 255];
};
const faint = [];
for (const e of document.querySelectorAll("body *")) {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!own || !e.checkVisibility() || e.disabled || e.closest(".skip, .unseen")) continue;
  const style = getComputedStyle(e), size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  const [a, b] = [light(parse(style.color)), light(ground(e))].sort((x, y) => y - x);
  const ratio = (a + 0.05) / (b + 0.05);
  if (ratio < (isLarge ? 3 : 4.5)) faint.push(`${e.tagName} "${e.textContent.trim().slice(0, 30)}" ${ratio.toFixed(2)}`);
}
return faint;
"""


def check_access(driver):
    """Text has contrast in both colours; what can be used has a name for screen readers."""
    for scheme in ("light", "dark"):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        until("the colours", lambda: driver.execute_script(
            "return document.documentElement.dataset.theme") == scheme)
        faint = driver.execute_script(FAINT)
        if faint:
            raise SystemExit(f"too little contrast ({scheme}): " + "; ".join(faint[:8]))
    roles = {"button", "link", "textbox", "checkbox", "combobox", "slider", "region", "table"}
    nodes = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    used = [node for node in nodes if not node.get("ignored") and node["role"]["value"] in roles]
    unnamed = [node["role"]["value"] for node in used
               if node["role"]["value"] != "table" and not node.get("name", {}).get("value")]
    if unnamed or len(used) < 20:
        raise SystemExit(f"without a name: {unnamed} of {len(used)}")
    landmarks = {node["role"]["value"] for node in nodes}
    for landmark in ("banner", "main", "contentinfo"):
        if landmark not in landmarks:
            raise SystemExit(f"no landmark: {landmark}")


def shots(driver, folder):
    for width, height in ((390, 844), (1440, 1000)):
        for scheme in ("light", "dark"):
            look(driver, scheme, width, height)
            driver.execute_script("window.scrollTo(0, 0)")
            time.sleep(2)
            whole = driver.execute_script("return document.documentElement.scrollHeight")
            look(driver, scheme, width, whole)
            time.sleep(1)
            driver.save_screenshot(f"{folder}/dashboard-{width}-{scheme}.png")


def token(driver, arguments):
    """A wrong token is refused, an operator's opens everything, a viewer's only looks."""
    driver.get(arguments.url)
    until("the question", lambda: driver.find_element(By.ID, "token").is_displayed())
    enter(driver, "not-a-token-that-anybody-has")
    until("the refusal", lambda: "nobody" in text(driver, "login-problem"))
    if driver.find_elements(By.CSS_SELECTOR, "#joints tbody tr"):
        raise SystemExit("a stranger sees the robot")
    enter(driver, arguments.token)
    is_live(driver)
    until("buttons", lambda: driver.find_elements(By.CSS_SELECTOR, "#actions button:enabled"))
    other = browser()
    try:
        other.get(arguments.url)
        until("the question", lambda: other.find_element(By.ID, "token").is_displayed())
        enter(other, arguments.other)
        until("looking only", lambda: "looking only" in text(other, "link"))
        if other.find_element(By.ID, "estop").is_enabled():
            raise SystemExit("a viewer may stop the robot")
        until("buttons", lambda: other.find_elements(By.CSS_SELECTOR, "#actions button"))
        if other.find_elements(By.CSS_SELECTOR, "#actions button:enabled"):
            raise SystemExit("a viewer may act")
    finally:
        other.quit()
    check_quiet(driver, allowed=("401",))


def answer(driver, arguments):
    """The robot's question is shown and answered."""
    open_page(driver, arguments.url, arguments.token)
    until("the question", lambda: driver.find_element(By.ID, "prompt").is_displayed())
    print("prompt", text(driver, "prompt-text"))
    tap(driver, "prompt-go")
    until("it goes on", lambda: not driver.find_element(By.ID, "prompt").is_displayed())


def estop(driver, arguments):
    """One tap; prints when the finger touched, nanoseconds since 1970."""
    look(driver, "light", 390, 844)
    open_page(driver, arguments.url, arguments.token)
    until("running", lambda: text(driver, "phase") == "running")
    driver.execute_script(
        "document.getElementById('estop').addEventListener('pointerdown', (event) => {"
        "window.touched = performance.timeOrigin + event.timeStamp; }, true);")
    tap(driver, "estop")
    until("the answer", lambda: "the program has it" in text(driver, "estop-says"))
    print("touched", round(driver.execute_script("return window.touched") * 1e6))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario", choices=["watch", "token", "answer", "estop"])
    parser.add_argument("url")
    parser.add_argument("--token")
    parser.add_argument("--other")
    parser.add_argument("--shots")
    arguments = parser.parse_args()
    driver = browser()
    try:
        globals()[arguments.scenario](driver, arguments)
    finally:
        driver.quit()


if __name__ == "__main__":
    sys.exit(main())
