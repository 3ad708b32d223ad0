// What the service has found out: the findings, and what happened before.

const SHOWN_AS_COPIED_FOR_MILLISECONDS = 4_000;

const template = document.getElementById("finding");
const findings = document.getElementById("findings");
const timeline = document.getElementById("timeline");
const title = document.getElementById("findings-title");
const spoken = document.getElementById("spoken");

/** Shows an answer, and moves the focus to its title, so that screen readers go on there. */
export function showAnswer(body, { number, language, hasEmail }) {
  findings.replaceChildren(...body.findings.map((finding) => findingItem(finding, language)));
  const times = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "medium", timeStyle: "short", timeZone: "Europe/Ljubljana" });
  timeline.tBodies[0].replaceChildren(...body.timeline.map((entry) => timelineRow(entry, language, times)));
  timeline.hidden = body.timeline.length === 0;
  document.getElementById("timeline-empty").hidden = body.timeline.length > 0;
  title.textContent = title.dataset.text.replace("{number}", number);
  document.getElementById("answer").hidden = false;
  tellWhatNotToSay(body, hasEmail);
  title.focus({ preventScroll: true });
  // On a phone the answer stands below the question.
  if (title.getBoundingClientRect().top > innerHeight / 2) title.scrollIntoView();
}

export function hideAnswer() {
  document.getElementById("answer").hidden = true;
  findings.replaceChildren();
  timeline.tBodies[0].replaceChildren();
}

/** Says why there is no sentence for the customer, where there is none. */
function tellWhatNotToSay({ findings }, hasEmail) {
  const { sayNothing, sayUnasked } = template.dataset;
  const notice = document.getElementById("say-nothing");
  notice.textContent = hasEmail ? sayNothing : sayUnasked;
  notice.hidden = findings.length === 0 || findings.some(({ message }) => message);
}

function findingItem({ severity, message, next_step }, language) {
  const item = template.content.cloneNode(true).querySelector("li");
  const words = template.dataset;
  item.className = severity;
  item.querySelector(".desk-severity").textContent = words[severity] ?? severity;
  const next = item.querySelector(".desk-next");
  next.textContent = next_step;
  next.lang = language;
  if (message) {
    const quote = item.querySelector("blockquote");
    quote.textContent = message;
    quote.lang = language;
    item.querySelector("button").addEventListener("click", (event) => copy(event.currentTarget, quote));
  } else {
    for (const part of item.querySelectorAll(".desk-say")) part.remove();
  }
  return item;
}

function timelineRow({ at, message }, language, times) {
  const row = document.createElement("tr");
  const time = document.createElement("time");
  time.dateTime = at;
  time.textContent = times.format(new Date(at));
  row.insertCell().append(time);
  row.insertCell().textContent = message;
  row.lang = language;
  return row;
}

/** Copies a sentence. The button says for a while whether it was. */
async function copy(button, quote) {
  const words = template.dataset;
  const label = (button.dataset.label ??= button.textContent);
  const told = (await isCopied(quote)) ? words.copied : words.copyFailed;
  button.textContent = told;
  spoken.textContent = told;
  setTimeout(() => {
    button.textContent = label;
    spoken.textContent = "";
  }, SHOWN_AS_COPIED_FOR_MILLISECONDS);
}

async function isCopied(quote) {
  try {
    await navigator.clipboard.writeText(quote.textContent);
    return true;
  } catch {
    // The browser asks before it lets a page copy, or has no clipboard: the sentence is selected at least.
    getSelection().selectAllChildren(quote);
    return document.execCommand("copy");
  }
}
