// Password fields: showing what was typed, and telling that caps lock is on.

import { sentence } from "./window.js";

/** Follows the password fields of a form. */
export function followSecrets(form) {
  for (const eye of form.querySelectorAll(".eye")) {
    const input = document.getElementById(eye.getAttribute("aria-controls"));
    eye.addEventListener("click", () => show(eye, input, eye.getAttribute("aria-pressed") === "false"));
    followCapsLock(input);
  }
}

/** Hides the passwords of a form: password managers save only what is hidden. */
export function hideSecrets(form) {
  for (const eye of form.querySelectorAll(".eye")) show(eye, document.getElementById(eye.getAttribute("aria-controls")), false);
}

function show(eye, input, isShown) {
  eye.setAttribute("aria-pressed", String(isShown));
  input.type = isShown ? "text" : "password";
}

function followCapsLock(input) {
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.setAttribute("role", "status");
  input.parentElement.after(hint);
  const tell = (event) => {
    const isOn = event.getModifierState?.("CapsLock") ?? false;
    const text = isOn ? sentence("capsLock") : "";
    if (hint.textContent !== text) hint.textContent = text;
  };
  for (const name of ["keydown", "keyup", "mousedown"]) input.addEventListener(name, tell);
  input.addEventListener("blur", () => (hint.textContent = ""));
}
