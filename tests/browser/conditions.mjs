// Bad conditions: no scripts, a slow network, a service that fails, and addresses that somebody has manipulated.

import assert from "node:assert/strict";
import { PHONE, advance, field, given, lastMail, notice, screenshot, test, url, visit } from "./support.mjs";

const { number, pages, words } = given;
const HTML = `<img src=x onerror="document.title='ran'">`;

async function request(page) {
  await field(page, words["page-user-name"]).fill(number);
  await page.getByRole("button", { name: words["page-request-submit"] }).click();
}

/** The page has a text to read, and a button or a link to go on. */
async function hasWayOn(page, where) {
  await page.locator("main button:visible, main a:visible").first().waitFor();
  assert((await page.locator("main").innerText()).length > 20, where);
}

async function withoutScripts(browser) {
  for (const path of pages) {
    await visit(browser, { javaScriptEnabled: false, locale: "en", size: PHONE }, async (page) => {
      await page.goto(url + path);
      await screenshot(page, `no-scripts${path.replace("/", "-")}`);
      assert((await page.locator("noscript p").innerText()).startsWith(words["page-no-script"]));
      assert(await page.locator("noscript p").isVisible());
      assert.equal(await page.locator("input:visible").count(), 0);
      assert.equal(await page.getByText(words["page-starting"]).isVisible(), false);
    });
  }
  // Where the scripts do not arrive, the page says so after a while.
  await visit(browser, { broken: true, locale: "en" }, async (page) => {
    await page.route("**/assets/*.js", (route) => route.abort());
    await page.goto(`${url}/sign-in`);
    const starting = page.getByText(words["page-starting"]);
    await starting.waitFor();
    assert.equal(await page.locator("input:visible").count(), 0);
  });
}

async function slowNetwork(browser) {
  await visit(browser, { locale: "en" }, async (page) => {
    await page.goto(`${url}/forgot-password`);
    let calls = 0;
    await page.route("**/v1/**", async (route) => {
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 1500));
      await route.continue();
    });
    await request(page);
    const button = page.locator("#request [type=submit]");
    assert.equal(await button.getAttribute("aria-busy"), "true");
    assert.equal(await button.textContent(), words["page-sending"]);
    assert(await button.isDisabled());
    await screenshot(page, "slow-network");
    await button.click({ force: true }).catch(() => {});
    await field(page, words["page-user-name"]).press("Enter");
    await notice(page).waitFor();
    assert.equal(calls, 1);
    assert.equal(await button.getAttribute("aria-busy"), null);
  });
}

async function failingService(browser) {
  const problem = (status, code) => ({
    status,
    contentType: "application/problem+json",
    headers: { "Retry-After": "5" },
    body: JSON.stringify({ status, code, detail: `The ${code} sentence.` }),
  });
  const failures = [
    [problem(500, "internal-error"), "The internal-error sentence."],
    [problem(503, "unavailable"), "The unavailable sentence."],
    [problem(429, "rate-limited"), words["page-wait"].replace("{time}", "in 5 seconds"), "The rate-limited sentence."],
    [{ status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" }, words["page-network-error"]],
    [{ status: 200, contentType: "text/html", body: "<h1>Welcome</h1>" }, words["page-network-error"]],
    [{ status: 500, contentType: "application/json", body: "null" }, words["page-network-error"]],
    [{ status: 500, contentType: "application/json", body: "[]" }, words["page-network-error"]],
    [null, words["page-network-error"]],
  ];
  for (const [answer, sentence, ofLink = sentence] of failures) {
    await visit(browser, { broken: true, locale: "en" }, async (page) => {
      await page.route("**/v1/**", (route) => (answer ? route.fulfill(answer) : route.abort()));
      await page.goto(`${url}/forgot-password`);
      await request(page);
      await notice(page).waitFor();
      assert.equal(await notice(page).textContent(), sentence);
      await hasWayOn(page, sentence);

      await page.goto(`${url}/change-password#token=abc`);
      await notice(page).waitFor();
      assert.equal(await notice(page).textContent(), ofLink);
      assert(await page.getByRole("button", { name: words["page-submit"] }).isEnabled());

      await page.evaluate(() => sessionStorage.setItem("session", `{"access_token":"a","refresh_token":"b"}`));
      await page.goto(`${url}/account`);
      await page.getByRole("button", { name: words["page-retry"] }).waitFor();
      await hasWayOn(page, sentence);
      await page.unroute("**/v1/**");
      // The service works again, and the page finds that the session does not exist.
      await page.getByRole("button", { name: words["page-retry"] }).click();
      await page.waitForURL("**/sign-in");
    });
  }
}

async function spoiltAddresses(browser) {
  const long = `#token=${"x".repeat(102_400)}`;
  const fragments = ["#", "#token", "#token=", "#=&&%", "#token=%E0%A4%A", `#token=${HTML}`, "#token=a&token=b", long];
  for (const path of pages) {
    await visit(browser, { locale: "en" }, async (page) => {
      for (const fragment of fragments) {
        await page.goto("about:blank");
        await page.goto(url + path + fragment);
        await hasWayOn(page, path + fragment.slice(0, 40));
        if (given.takesToken.includes(path)) assert(!page.url().includes("#t"), page.url().slice(0, 60));
        assert.notEqual(await page.title(), "ran");
      }
    });
  }
  const html = `?lang=${encodeURIComponent(HTML)}`;
  const queries = ["?lang=xx", "?lang=", "?lang", "?lang=de%00", "?lang=%E0", html, "?&&=", "?lang=DE"];
  await visit(browser, { locale: "hr" }, async (page) => {
    for (const query of queries) {
      await page.goto(`${url}/sign-in${query}`);
      assert.equal(await page.locator("html").getAttribute("lang"), "hr", query);
      await hasWayOn(page, query);
    }
  });
  // The choice of a language is kept from page to page, and takes precedence over the browser's languages.
  await visit(browser, { locale: "hr" }, async (page) => {
    await page.goto(`${url}/sign-in?lang=xx&lang=de`);
    await page.goto(`${url}/sign-in?lang=de`);
    await page.getByRole("link", { name: "Passwort vergessen" }).click();
    await page.waitForURL("**/forgot-password?lang=de");
    assert.equal(await page.locator("html").getAttribute("lang"), "de");
  });
}

async function markupInEveryField(browser) {
  await visit(browser, { locale: "en" }, async (page) => {
    const withToken = given.takesToken.map((path) => `${path}#token=abcdef`);
    for (const address of ["/sign-in", "/forgot-password", "/not-me", "/change-password", ...withToken]) {
      await page.goto(url + address);
      const inputs = page.locator("form:visible input:not([type=checkbox]):not([readonly])");
      await inputs.first().waitFor();
      for (const input of await inputs.all()) await input.fill(HTML);
      await page.locator("form:visible [type=submit]").first().click();
      await page.locator("input[aria-invalid=true]:visible, #notice:visible, #why:visible").first().waitFor();
      assert.notEqual(await page.title(), "ran");
      assert.equal(await page.locator("main img").count(), 0);
    }
  });
}

/** What Safari 15.0 lacks. */
async function olderBrowser(browser) {
  await visit(browser, { locale: "en" }, async (page) => {
    await page.addInitScript(() => {
      delete AbortSignal.timeout;
      delete window.BroadcastChannel;
      Object.defineProperty(navigator, "locks", { value: undefined });
      delete HTMLDialogElement.prototype.showModal;
    });
    await page.goto(`${url}/forgot-password`);
    await request(page);
    await notice(page).waitFor();
    assert.equal(await notice(page).textContent(), words["reset-requested"]);
    const { link } = await lastMail();
    await page.goto(link);
    await choosePassword(page);
    await page.getByRole("dialog", { name: words["password-replaced"] }).getByRole("link").click();
    await signIn(page);
    await page.waitForURL("**/account");
    // The access token expires, and the page refreshes the session.
    await advance(660);
    await page.reload();
    await page.locator("#sessions li").first().waitFor();
  });
}

async function choosePassword(page) {
  await field(page, words["page-user-name"]).fill(number);
  await field(page, words["page-new-password"]).fill(given.password);
  await field(page, words["page-new-password-again"]).fill(given.password);
  await page.getByRole("button", { name: words["page-submit"] }).click();
}

async function signIn(page) {
  await page.goto(`${url}/sign-in`);
  await field(page, words["page-user-name"]).fill(number);
  await field(page, words["page-password"]).fill(given.password);
  await page.getByRole("button", { name: words["page-sign-in-submit"] }).click();
}

/** A browser that is set to store nothing throws where a page asks for its storage. */
async function withoutStorage(browser) {
  await visit(browser, { locale: "en" }, async (page) => {
    await page.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("The operation is insecure.", "SecurityError");
          },
        });
      }
    });
    await page.goto(`${url}/forgot-password`);
    await request(page);
    await notice(page).waitFor();
    assert.equal(await notice(page).textContent(), words["reset-requested"]);
    const { link } = await lastMail();
    await page.goto(link);
    await field(page, words["page-new-password"]).waitFor();
    // Nothing keeps the token over a reload, so the page says which way is open.
    await page.reload();
    await page.locator("#why").waitFor();
    assert.equal(await page.locator("#why").textContent(), words["page-no-token-again"]);
    await page.goto(link);
    await field(page, words["page-new-password"]).waitFor();
    await choosePassword(page);
    await page.getByRole("dialog", { name: words["password-replaced"] }).waitFor();
    await signIn(page);
    await notice(page).waitFor();
    assert.equal(await notice(page).textContent(), words["page-no-storage"]);
    await screenshot(page, "no-storage");
    await page.goto(`${url}/account`);
    await page.waitForURL("**/sign-in");
  });
}

const parts = { failingService, markupInEveryField, olderBrowser, slowNetwork, spoiltAddresses, withoutScripts, withoutStorage };
await test((browser) => parts[given.part](browser));
