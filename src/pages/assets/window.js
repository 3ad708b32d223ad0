// The window around everything: the sentence at its bottom, the little one over it, and the language.

const notice = document.getElementById("notice");

/** Takes away what is said while the scripts load, and shows what the page begins with. */
export function start(...parts) {
  document.getElementById("starting").remove();
  for (const part of parts) part.hidden = false;
}

// A page that the browser kept, such as one of a session that has ended since, begins anew.
addEventListener("pageshow", (event) => event.persisted && location.reload());

/** Leaves for another page; what waits for this goes on waiting, so that nothing is pressed a second time. */
export function leaveFor(address) {
  location.assign(address);
  return new Promise(() => {});
}

/** Shows a sentence and moves the focus there, so that it is read out; nothing takes it away. */
export function notify(sentence, place = notice) {
  place.textContent = sentence ?? "";
  place.hidden = !sentence;
  if (sentence) place.focus();
}

/** Opens the little window that leads on to the sign-in. */
export function showDone(message) {
  const done = document.getElementById("done");
  // Behind it is a form that has done its work: whoever closes the window goes on as well.
  done.addEventListener("close", () => location.assign(done.querySelector("a").href));
  document.getElementById("done-message").textContent = message;
  notify("");
  done.showModal();
}

/** Has another language open with the same fragment, which the address bar no longer shows. */
export function keepInOtherLanguages(fragment) {
  for (const link of document.querySelectorAll("nav a")) {
    link.onclick = () => {
      link.hash = fragment();
    };
  }
}

/** A sentence with its `{names}` filled in. */
export function fill(pattern, values) {
  return pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
