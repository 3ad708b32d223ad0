// The example front end, served from its own origin, in the whole flow.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { PHONE, given, lastMail, screenshot, stored, test, url, visit } from "./support.mjs";

const { folder, number, origin, password, words } = given;

/** Serves the files as any web server does, and inserts the address of the service. */
const server = createServer(async (request, response) => {
  const path = new URL(request.url, origin).pathname;
  const name = path.endsWith("/") ? `${path}index.html` : path;
  const text = await readFile(folder + name, "utf8").catch(() => undefined);
  const type = name.endsWith(".js") ? "text/javascript" : "text/html";
  response.writeHead(text === undefined ? 404 : 200, { "Content-Type": `${type}; charset=utf-8` });
  response.end(text?.replace("http://127.0.0.1:8080", url));
});
await new Promise((resolve) => server.listen(new URL(origin).port, "127.0.0.1", resolve));

await test(async (browser) => {
  await visit(browser, { hosts: [url, origin], locale: "sl", size: PHONE }, async (page) => {
    await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
    const status = (text) => page.locator("output", { hasText: text }).waitFor();
    const fill = (name, value) => page.locator(`form:visible [name=${name}]`).fill(value);
    const press = (name) => page.getByRole("button", { name }).click();

    await page.goto(`${origin}/example/`);
    await page.getByRole("link", { name: words["page-request-title"] }).click();
    await fill("customer_number", number);
    await press(words["page-request-submit"]);
    await status(words["reset-requested"]);

    const { link } = await lastMail();
    assert(link.startsWith(`${origin}/example/#token=`));
    await page.goto("about:blank");
    await page.goto(link);
    await fill("customer_number", number);
    await fill("new_password", password);
    await fill("new_password_confirmation", "x");
    await press(words["page-submit"]);
    await page.waitForFunction(() => document.querySelector("output").textContent.length > 10);
    await fill("new_password_confirmation", password);
    await press(words["page-submit"]);
    await status(words["password-replaced"]);
    assert(!page.url().includes("token"));

    await fill("customer_number", number);
    await fill("password", password);
    await press(words["page-sign-in-submit"]);
    await status(number);
    assert(!(await stored(page)).includes(password));
    await screenshot(page, "example");
    const kept = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
    assert.deepEqual(kept, [`device_token ${number}`]);
  });

  // Another name of the same server is another origin. It is not listed, so its page may read no answer.
  const unlisted = origin.replace("127.0.0.1", "localhost");
  await visit(browser, { broken: true, hosts: [url, unlisted], locale: "sl" }, async (page) => {
    await page.goto(`${unlisted}/example/`);
    await page.getByRole("link", { name: words["page-request-title"] }).click();
    await page.locator("form:visible [name=customer_number]").fill(number);
    await page.getByRole("button", { name: words["page-request-submit"] }).click();
    await page.locator("output", { hasText: "Povezava ni uspela" }).waitFor();
  });
  server.close();
});
