// Shows what a query would have told as it is typed: at each pause the preview is fetched anew, and an older one that is still under
// way is called off. Without it the button does the same.
"use strict";

(() => {
  const PAUSE_MS = 400;
  const form = document.querySelector("form.workshop");
  const place = document.getElementById("preview");
  const said = document.getElementById("said");
  const query = document.getElementById("query");
  if (!form || !place || !said || !query) return;

  let timer = 0;
  let running = null;
  let shown = null;

  const fields = () => new URLSearchParams(new FormData(form)).toString();

  const fail = (why) => {
    const line = document.createElement("p");
    line.className = "fault";
    line.textContent = why;
    place.replaceChildren(line);
    said.textContent = why;
  };

  const look = async () => {
    const body = fields();
    if (body === shown || query.value.trim() === "") return;
    if (running) running.abort();
    const mine = new AbortController();
    running = mine;
    shown = body;
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch("/workshop/preview", {
        method: "POST",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body,
        signal: mine.signal,
      });
      const html = await answer.text();
      if (running !== mine) return;
      if (!answer.ok || answer.redirected) {
        shown = null;
        fail(answer.status === 503 ? "Busy: press “Try it” in a moment." : "It can’t be tried now: press “Try it”.");
        return;
      }
      const parsed = new DOMParser().parseFromString(html, "text/html");
      place.replaceChildren(...parsed.body.childNodes);
      const summary = place.querySelector("[data-summary]");
      said.textContent = summary ? summary.dataset.summary : "";
      if (place.querySelector("figure.caret")) query.setAttribute("aria-invalid", "true");
      else query.removeAttribute("aria-invalid");
    } catch (error) {
      if (error.name !== "AbortError") {
        shown = null;
        fail("tidings doesn’t answer: is it running?");
      }
    } finally {
      if (running === mine) {
        running = null;
        place.removeAttribute("aria-busy");
      }
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE_MS);
  });
  // What the saved query tells and just misses is worth seeing before anything is typed.
  if (place.childElementCount === 0 || !place.querySelector("[data-summary], .fault")) look();
})();
