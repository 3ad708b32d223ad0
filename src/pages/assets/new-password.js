// The fields for a new password: its rules, ticked off during typing, and a hint at its strength.

import { call } from "./api.js";
import { strength } from "./strength.js";

/** The rules that the browser can check; the service checks all of them. Lengths are in composed characters (NFC). */
const IS_MET = {
  too_short: (password, { min_length }) => password.length >= min_length,
  too_long: (password, { max_length }) => password.length > 0 && password.length <= max_length,
  missing_uppercase: (password, { below_length }) => password.length >= below_length || has(password, /\p{Lu}/u),
  missing_lowercase: (password, { below_length }) => password.length >= below_length || has(password, /\p{Ll}/u),
  missing_digit: (password, { below_length }) => password.length >= below_length || has(password, /[0-9]/),
  invalid_format: (password) => password.length > 0 && !has(password, /\p{Cc}/u),
};

function has(password, kind) {
  return password.some((character) => kind.test(character));
}

/** Shows the rules under the field of the form, in a language of the service, and checks them during typing. */
export async function followNewPassword(form) {
  const input = form.elements.new_password;
  input.addEventListener("input", () => showStrength(input.value));
  form.addEventListener("reset", () => showStrength(""));
  const { status, body } = await call("GET", "/v1/password-policy");
  // The form works without the rules, since a refusal says what is wrong.
  if (status !== 200) return;
  input.setAttribute("passwordrules", body.passwordrules);
  const rules = body.rules.map((rule) => ({ ...rule, item: item(rule.description) }));
  const list = document.getElementById("rules");
  const others = document.getElementById("other-rules");
  const itemsOf = (isJudgedHere) => rules.filter(({ code }) => code in IS_MET === isJudgedHere).map(({ item }) => item);
  list.replaceChildren(...itemsOf(true));
  others.querySelector("ul").replaceChildren(...itemsOf(false));
  others.hidden = false;
  const tick = (text) => {
    const password = [...text.normalize("NFC")];
    for (const { code, params, item } of rules) {
      const isMet = IS_MET[code]?.(password, params) ?? false;
      item.classList.toggle("met", isMet);
      item.lastElementChild.textContent = isMet ? ` (${list.dataset.met})` : "";
    }
  };
  input.addEventListener("input", () => tick(input.value));
  form.addEventListener("reset", () => tick(""));
  tick(input.value);
}

function item(description) {
  const item = document.createElement("li");
  const isMet = document.createElement("span");
  isMet.className = "spoken";
  item.append(description, isMet);
  return item;
}

function showStrength(password) {
  const place = document.getElementById("strength");
  const level = strength(password);
  place.hidden = password === "";
  place.querySelector("meter").value = level + 1;
  const word = place.querySelector("span");
  const next = place.dataset.words.split("|")[level];
  // A screen reader announces each change of the text, so the same word is not set again.
  if (word.textContent !== next) word.textContent = next;
}
