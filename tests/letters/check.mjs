// Checks the output of `mail preview`: the HTML with html-validate, and what mail programs support of it with the data of
// Can I email. Prints the problems as JSON: node check.mjs MODULES FOLDER
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, folder] = process.argv.slice(2);
const load = createRequire(join(modules, "package.json"));
const { HtmlValidate, StaticConfigLoader } = load("html-validate");
const { doIUseEmail } = load("@jsx-email/doiuse-email");

const RULES = {
  // Outlook on Windows lays tables out by the attributes that HTML has replaced with CSS, and reads its own comments.
  "no-deprecated-attr": "off",
  "no-conditional-comment": "off",
  // Some mail programs drop the style sheet.
  "no-inline-style": "off",
};

const MAIL_PROGRAMS = ["gmail.*", "outlook.*", "apple-mail.*"];

// What some of these programs leave out, and how a letter looks there.
const LEFT_OUT = {
  "@media": "the light colors and the wide form, which fits a phone as well",
  "<body> element": "the colors stand on the table within it too",
  "display:none": "the sentence for the list of mails shows in one pixel, in the color of the ground",
  "overflow": "the same sentence is hidden by the other rules",
  "role attribute": "a table is read out as a table",
  "border-radius": "the corners are square",
  "word-break": "a long address breaks where the program breaks it",
  "white-space": "no-break spaces keep the telephone number together",
};

const validate = new HtmlValidate(
  new StaticConfigLoader({ root: true, extends: ["html-validate:standard"], rules: RULES }),
);
const problems = [];
const met = new Set();

for (const name of readdirSync(folder).filter((name) => name.endsWith(".html"))) {
  const html = readFileSync(join(folder, name), "utf8");
  const report = validate.validateStringSync(html, name);
  for (const { messages } of report.results) {
    problems.push(...messages.map(({ ruleId, message, line }) => `${name}:${line}: ${message} (${ruleId})`));
  }
  // People look at the index in a browser.
  if (name === "index.html") continue;
  const { errors = [] } = doIUseEmail(html, { emailClients: MAIL_PROGRAMS });
  for (const error of errors) {
    const feature = /^`(.+)` is not supported by `/.exec(error)?.[1];
    if (feature in LEFT_OUT) met.add(feature);
    else problems.push(`${name}: ${error}`);
  }
}
for (const feature of Object.keys(LEFT_OUT)) {
  if (!met.has(feature)) problems.push(`nothing in the letters needs the exception for ${feature}`);
}
console.log(JSON.stringify(problems));
