// What happened to the access, the newest first.

import { moment } from "./dates.js";
import { onSubmit } from "./form.js";
import { callOrLeave } from "./signed-in.js";
import { notify } from "./window.js";

const EVENTS_OF_A_PAGE = 8;

const section = document.getElementById("activity");
const list = document.getElementById("events");
const none = document.getElementById("no-events");
const more = document.getElementById("more-events");
const trouble = document.getElementById("activity-trouble");
/** The cursor of the next page, or null. */
let next = null;

/** Reads the first page, in place of what was shown before. */
export async function showActivity() {
  const answer = await read(null);
  if (answer.status !== 200) {
    // During an upgrade the release before may answer, which lists no events.
    section.hidden = answer.status === 401 || answer.status === 404;
    // The page is not about this list, so the focus stays where it is. The button tries again.
    trouble.textContent = answer.body.detail ?? "";
    trouble.hidden = false;
    more.hidden = false;
    return;
  }
  list.replaceChildren(...items(answer.body));
  none.hidden = list.children.length > 0;
  section.hidden = false;
}

function read(after) {
  const query = new URLSearchParams({ limit: EVENTS_OF_A_PAGE, ...(after && { after }) });
  return callOrLeave("GET", `/v1/account/activity?${query}`);
}

/** The sentences name devices as people have named them: they are text. */
function items({ events, next: cursor }) {
  next = cursor;
  more.hidden = next === null;
  trouble.hidden = true;
  return events.map(({ at, message }) => {
    const item = document.createElement("li");
    const time = document.createElement("time");
    time.dateTime = at;
    time.textContent = moment(at);
    item.append(message, time);
    return item;
  });
}

onSubmit(more, async () => {
  const answer = await read(next);
  // A cursor that is too old serves no longer, so the list begins again.
  if (answer.status === 422) {
    await showActivity();
    return { status: 200, body: {} };
  }
  if (answer.status !== 200) {
    notify(answer.body.detail, { kind: "wait", place: trouble });
    return { status: 200, body: {} };
  }
  const added = items(answer.body);
  list.append(...added);
  // The focus goes to what is new: the button may be gone.
  const [first] = added;
  first?.setAttribute("tabindex", "-1");
  first?.focus();
  return { status: 200, body: {} };
});
