// The window of a page: the sentence at its bottom, the dialogue over it, and the language.

const notice = document.getElementById("notice");

/** Removes the sentence that is shown while the scripts load, and shows the first content of the page. */
export function start(...parts) {
  document.getElementById("starting").remove();
  for (const part of parts) part.hidden = false;
}

// A page from the browser's cache is loaded again: its session may have ended.
addEventListener("pageshow", (event) => event.persisted && location.reload());

/** Goes to another page. The promise never resolves, so that no button is pressed a second time. */
export function leaveFor(address) {
  location.assign(address);
  return new Promise(() => {});
}

/** Shows a sentence that stays, and moves the focus there, so that screen readers read it out. */
export function notify(sentence, place = notice) {
  place.textContent = sentence ?? "";
  place.hidden = !sentence;
  if (sentence) place.focus();
}

/** Opens the dialogue that leads to the sign-in. */
export function showDone(message) {
  const done = document.getElementById("done");
  // The form behind the dialogue is done, so closing the dialogue leads on as well.
  done.addEventListener("close", () => location.assign(done.querySelector("a").href));
  document.getElementById("done-message").textContent = message;
  notify("");
  // Safari before 15.4 knows no dialogues.
  if (done.showModal) done.showModal();
  else done.setAttribute("open", "");
}

/** Makes the links to other languages keep the fragment, which the address bar does not show any more. */
export function keepInOtherLanguages(fragment) {
  for (const link of document.querySelectorAll("nav a")) {
    link.onclick = () => {
      link.hash = fragment();
    };
  }
}

/** Fills in the `{names}` of a sentence. */
export function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
