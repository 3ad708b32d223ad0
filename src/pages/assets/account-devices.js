// The signed-in devices: their names, and a way to end the session of each.

import { moment } from "./dates.js";
import { onSubmit } from "./form.js";
import { callOrLeave } from "./signed-in.js";
import { fill, notify } from "./window.js";

const list = document.getElementById("sessions");
const endOthers = document.getElementById("end-others");
/** Loads the page again. */
let reload = async () => {};

/** Follows the button that ends all other sessions. `load` is called where the list is no longer true. */
export function followDevices(load) {
  reload = load;
  onSubmit(endOthers, () => end("/v1/sessions", endOthers.dataset.ended));
}

/** Shows the sessions. The names are text that people have typed. */
export function showDevices(sessions) {
  list.replaceChildren(...sessions.map(item));
  endOthers.hidden = sessions.every((session) => session.current);
}

const pathOf = (session) => `/v1/sessions/${encodeURIComponent(session.id)}`;

function item(session) {
  const shown = document.getElementById("session").content.cloneNode(true).firstElementChild;
  const part = (name) => shown.querySelector(`.${name}`);
  const program = [session.device ?? list.dataset.unknown, session.source].filter(Boolean).join(" · ");
  part("device").textContent = session.name ?? program;
  part("device").id = `device-${session.id}`;
  part("program").textContent = program;
  part("program").hidden = !session.name;
  const times = { created: moment(session.created_at), used: moment(session.last_used_at) };
  part("times").textContent = fill(list.dataset.times, times);
  for (const button of shown.querySelectorAll("button")) button.setAttribute("aria-describedby", `device-${session.id}`);
  followName(shown, session);
  if (session.current) {
    part("end").remove();
  } else {
    part("current").remove();
    onSubmit(part("end"), () => end(pathOf(session), list.dataset.ended));
  }
  return shown;
}

/** Opens the field for the name beside the device, and saves it. */
function followName(shown, session) {
  const form = shown.querySelector(".rename");
  const button = shown.querySelector(".open-rename");
  const { name } = form.elements;
  name.id = `name-${session.id}`;
  form.id = `rename-${session.id}`;
  form.querySelector("label").htmlFor = name.id;
  form.querySelector(".error").id = `${name.id}-error`;
  form.querySelector(".fine").id = `${name.id}-hint`;
  name.setAttribute("aria-describedby", `${name.id}-error ${name.id}-hint`);
  button.setAttribute("aria-controls", form.id);
  button.id = `open-${form.id}`;
  button.textContent = session.name ? list.dataset.rename : list.dataset.name;
  // During an upgrade the release before may answer, which knows no names.
  button.hidden = !("name" in session);
  const open = (isOpen) => {
    form.reset();
    notify("");
    form.hidden = !isOpen;
    button.hidden = isOpen;
    name.value = session.name ?? "";
    (isOpen ? name : button).focus();
    if (isOpen) name.select();
  };
  button.addEventListener("click", () => open(true));
  form.querySelector("[type=button]").addEventListener("click", () => open(false));
  form.addEventListener("keydown", ({ key }) => key === "Escape" && open(false));
  onSubmit(form, async (fields) => {
    const answer = await callOrLeave("PATCH", pathOf(session), { name: fields.name.trim() || null });
    // 404 means that the session has ended meanwhile, which the list shows once it is read again.
    if (answer.status !== 200 && answer.status !== 404) return answer;
    await reload();
    (document.getElementById(button.id) ?? document.querySelector("h1")).focus();
    return { status: 200, body: {} };
  });
}

async function end(path, sentence) {
  const answer = await callOrLeave("DELETE", path);
  // 404 means that the session has ended meanwhile, which is as good as 204.
  if (answer.status !== 204 && answer.status !== 404) return answer;
  await reload();
  return { status: 204, body: { detail: sentence } };
}
