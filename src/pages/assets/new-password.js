// The fields for a new password: its rules, which change colour during typing, and a hint at its strength.

import { call } from "./api.js";
import { customerNumber } from "./form.js";
import { strength } from "./strength.js";
import { fill } from "./window.js";

/** The rules that the browser can check; the service checks all of them. Lengths are in composed characters (NFC). */
const IS_MET = {
  too_short: (password, { min_length }) => password.length >= min_length,
  too_long: (password, { max_length }) => password.length <= max_length,
  missing_uppercase: (password) => has(password, /\p{Lu}/u),
  missing_lowercase: (password) => has(password, /\p{Ll}/u),
  missing_digit: (password) => has(password, /[0-9]/),
  invalid_format: (password) => !has(password, /\p{Cc}/u),
};
/** What stands on the chip of a rule. The other rules have none: hardly anybody breaks them. */
const SIGN = {
  too_short: ({ min_length }) => `${min_length}+`,
  missing_uppercase: () => "A",
  missing_lowercase: () => "a",
  missing_digit: () => "1",
};

function has(password, kind) {
  return password.some((character) => kind.test(character));
}

/** Shows the rules under the field of the form, in a language of the service, and checks them during typing. */
export async function followNewPassword(form) {
  const input = form.elements.new_password;
  let rules = [];
  const show = () => {
    const password = [...input.value.normalize("NFC")];
    for (const rule of rules) rule.show(password);
    showStrength(input.value, rules.every((rule) => rule.isMet(password)), form);
  };
  input.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  const { status, body } = await call("GET", "/v1/password-policy");
  // The form works without the rules, since a refusal says what is wrong.
  if (status !== 200) return;
  input.setAttribute("passwordrules", body.passwordrules);
  rules = chips(body.rules, form);
  input.dataset.chips = Object.keys(SIGN).join(" ");
  input.dataset.rules = document.getElementById("rules").textContent;
  showOthers(body.rules.filter(({ code }) => !(code in IS_MET)));
  show();
}

/** One sentence with all lengths, and a chip for each rule. A password that is long enough needs no further characters. */
function chips(rules, form) {
  const place = document.getElementById("rules");
  const list = document.getElementById("chips");
  const least = rules.find(({ code }) => code === "too_short")?.params ?? {};
  const classes = rules.find(({ code }) => code.startsWith("missing_"))?.params;
  place.textContent = fill(classes ? place.dataset.classes : place.dataset.length, { ...least, ...classes });
  const isLong = (password) => password.length >= (classes?.below_length ?? Infinity);
  const shown = rules.filter(({ code }) => code in IS_MET).map(({ code, params, description }) => {
    const isMet = (password) => (code.startsWith("missing_") && isLong(password)) || IS_MET[code](password, params);
    const item = code in SIGN ? chip(SIGN[code](params), description) : undefined;
    return { isMet, item, show: (password) => item && mark(item, isMet(password), isLong(password)) };
  });
  const long = classes && chip(`${classes.below_length}+`, place.textContent);
  list.replaceChildren(...[...shown.map(({ item }) => item), long].filter(Boolean));
  if (long) shown.push({ isMet: () => true, show: (password) => mark(long, true, !isLong(password)) });
  // What is missing turns red once somebody has tried to send it.
  form.addEventListener("submit", () => list.querySelectorAll("li:not(.met)").forEach((item) => item.classList.add("missed")));
  return shown;
}

function chip(sign, description) {
  const item = document.createElement("li");
  const shown = document.createElement("span");
  shown.setAttribute("aria-hidden", "true");
  shown.textContent = sign;
  const spoken = document.createElement("span");
  spoken.className = "spoken";
  spoken.dataset.description = description;
  item.append(shown, spoken);
  return item;
}

function mark(item, isMet, isLeftOut) {
  item.hidden = isLeftOut;
  item.classList.toggle("met", isMet);
  if (isMet) item.classList.remove("missed");
  const spoken = item.lastElementChild;
  spoken.textContent = spoken.dataset.description + (isMet ? ` (${item.parentElement.dataset.met})` : "");
}

/** The rules that the service alone can check. */
function showOthers(rules) {
  const others = document.getElementById("other-rules");
  const items = rules.map(({ description }) => {
    const item = document.createElement("li");
    item.textContent = description;
    return item;
  });
  others.querySelector("ul").replaceChildren(...items);
  others.hidden = items.length === 0;
}

/** A password that breaks a rule is weak, however long it is. */
function showStrength(password, keepsRules, form) {
  const place = document.getElementById("strength");
  // Not every form has a field for the number; the others show it.
  const number = form.elements.customer_number ?? form.querySelector("[autocomplete=username]");
  const context = [customerNumber(number?.value ?? ""), place.dataset.brand];
  const level = keepsRules ? strength(password, context) : 0;
  place.hidden = password === "";
  place.dataset.level = level;
  const word = place.querySelector(".word");
  const next = place.dataset.words.split("|")[level];
  // A screen reader announces each change of the text, so the same word is not set again.
  if (word.textContent !== next) word.textContent = next;
}
