// The window of a page: the panel that says what happened, the dialogue over it, and the language.

const main = document.querySelector("main");
const notice = document.getElementById("notice");
/** Ends the count-down that the panel shows. */
let endWait = () => {};
/** What is tried again once the network is back. */
let retry = null;

addEventListener("online", () => {
  const run = retry;
  retry = null;
  run?.();
});
// A customer who types on has not finished.
addEventListener("input", () => (retry = null));

/** Tries something again once the network is back, in place of what was to be tried before. */
export function retryOnline(run) {
  retry = run;
}

/** Removes the sentence that is shown while the scripts load, and shows the first content of the page. */
export function start(...parts) {
  document.getElementById("starting")?.remove();
  for (const part of parts) part.hidden = false;
}

// A page from the browser's cache is loaded again: its session may have ended.
addEventListener("pageshow", (event) => event.persisted && location.reload());

// The menu of languages closes as menus do.
const languages = document.getElementById("languages");
addEventListener("click", ({ target }) => languages.contains(target) || (languages.open = false));
addEventListener("keydown", ({ key }) => {
  if (key !== "Escape" || !languages.open) return;
  const summary = languages.querySelector("summary");
  if (languages.contains(document.activeElement)) summary.focus();
  languages.open = false;
});

/** Goes to another page. The promise never resolves, so that no button is pressed a second time. */
export function leaveFor(address) {
  location.assign(address);
  return new Promise(() => {});
}

/**
 * Says what happened, and moves the focus there, so that screen readers read it out. `kind` is `refused`, `wait`, `done`
 * or nothing. `way` is a link that leads on. What is refused stands above the button of its form, and what is done below.
 */
export function notify(sentence, { kind = "", form, way, place = notice } = {}) {
  if (place === notice) {
    endWait();
    if (sentence) moveNotice(form, kind);
  }
  place.dataset.kind = kind;
  place.textContent = sentence ?? "";
  if (way) place.append(linkTo(way));
  place.hidden = !sentence;
  if (sentence) place.focus();
}

function linkTo(way) {
  const link = document.createElement("a");
  link.href = way.href;
  link.textContent = way.textContent;
  return link;
}

/**
 * Says for how long calls are refused, and which way is open meanwhile. The time changes in its place, and the focus is
 * moved once, so that a customer can go on typing.
 */
export function notifyWait(seconds, { form, way } = {}) {
  const [before, after] = sentence("wait").split("{time}");
  notify(before, { kind: "wait", form });
  const time = document.createElement("span");
  notice.append(time, after);
  if (way) notice.append(` ${sentence("waitWay")}`, linkTo(way));
  endWait = countDown(seconds, (left) => {
    const text = left > 0 ? inWords(left) : sentence("waitOver");
    if (time.textContent !== text) time.textContent = text;
  });
}

function moveNotice(form, kind) {
  // A form that is not shown, or that was replaced meanwhile, has no place for the panel.
  const button = form?.offsetParent && form.querySelector("[type=submit]:not(.quiet)");
  if (!button) [...main.querySelectorAll("h1")].find((heading) => heading.offsetParent)?.after(notice);
  else if (kind === "done") button.after(notice);
  else button.before(notice);
}

/** A sentence of the page, from the attributes of its `main`. */
export const sentence = (name) => main.dataset[name];

/** Opens the dialogue that leads to the sign-in. */
export function showDone(message) {
  const done = document.getElementById("done");
  // The form behind the dialogue is done, so closing the dialogue leads on as well.
  done.addEventListener("close", () => location.assign(done.querySelector("a").href));
  document.getElementById("done-message").textContent = message;
  notify("");
  openDialog(done);
}

/** Opens a dialogue over the page. */
export function openDialog(dialog) {
  // Safari before 15.4 knows no dialogues.
  if (dialog.showModal) {
    dialog.showModal();
    return;
  }
  dialog.setAttribute("open", "");
  dialog.querySelector("[autofocus]").focus();
}

export function closeDialog(dialog) {
  if (dialog.close) dialog.close();
  else dialog.removeAttribute("open");
}

/** Makes the links to other languages keep the fragment, which the address bar does not show any more. */
export function keepInOtherLanguages(fragment) {
  for (const link of languages.querySelectorAll("a")) {
    link.onclick = () => {
      link.hash = fragment();
    };
  }
}

/** Fills in the `{names}` of a sentence. */
export function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

const fromNow = new Intl.RelativeTimeFormat(document.documentElement.lang);

/** A wait in words, such as "in 14 minutes". */
export function inWords(seconds) {
  if (seconds < 100) return fromNow.format(Math.max(Math.ceil(seconds), 1), "second");
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 100) return fromNow.format(minutes, "minute");
  const hours = Math.ceil(seconds / 3600);
  return hours < 48 ? fromNow.format(hours, "hour") : fromNow.format(Math.ceil(hours / 24), "day");
}

/** Calls `show` with the seconds that are left, now and every second until none are. Returns a function that ends it. */
export function countDown(seconds, show) {
  const until = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.max(Math.ceil((until - Date.now()) / 1000), 0);
    if (left === 0) clearInterval(timer);
    show(left);
  };
  const timer = setInterval(tick, 1000);
  tick();
  return () => clearInterval(timer);
}
