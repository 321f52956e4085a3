// Shows new and grown events on the open page, as they come. The page is whole without it.
"use strict";

(() => {
  const list = document.getElementById("events");
  if (!list || !list.dataset.stream || !("EventSource" in window)) return;
  const [says, fresh, empty] = ["live", "fresh", "empty"].map((id) => document.getElementById(id));
  const button = fresh.querySelector("button");
  const name = document.title;
  // Who reads further down is not moved: new events wait until they are asked for, so many at most.
  const TOP_PX = 160;
  const WAITING_MAX = 50;
  const PATIENCE_MS = 20000;
  const waiting = new Map();
  const address = new URL(list.dataset.stream, location.href);
  let source = null;
  let stale = false;

  const say = (words) => {
    says.hidden = false;
    if (says.textContent !== words) says.textContent = words;
  };
  const counted = (count) => (count === 1 ? "1 new event" : `${count} new events`);
  const read = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.querySelector("li.card");
  };
  const number = (card) => Number(card.dataset.event);
  const shown = (id) => document.getElementById(`event-${id}`);

  // The list of a card's day; days and events stand newest first.
  const day = (card) => {
    const days = [...list.querySelectorAll("section.day")];
    const known = days.find((section) => section.dataset.day === card.dataset.day);
    if (known) return known.querySelector("ol");
    const made = document.createElement("section");
    made.className = "day";
    made.dataset.day = card.dataset.day;
    const heading = document.createElement("h2");
    heading.textContent = card.dataset.dayName;
    made.append(heading, document.createElement("ol"));
    list.insertBefore(made, days.find((section) => section.dataset.day < card.dataset.day) || null);
    return made.querySelector("ol");
  };

  const insert = (card) => {
    const ol = day(card);
    ol.insertBefore(card, [...ol.children].find((other) => number(other) < number(card)) || null);
    card.classList.add("new");
    if (empty) empty.hidden = true;
  };

  // A card that somebody is in is replaced when they have left it.
  const replace = (old, card) => {
    if (old.contains(document.activeElement)) {
      old.addEventListener("focusout", () => setTimeout(() => old.isConnected && replace(old, card)), { once: true });
      return;
    }
    const [folded, unfolded] = [old.querySelector("details"), card.querySelector("details")];
    if (folded && unfolded) unfolded.open = folded.open;
    card.classList.add("grown");
    old.replaceWith(card);
  };

  const tell = () => {
    fresh.hidden = waiting.size === 0 && !stale;
    button.textContent = stale ? "Load this page anew" : `Show ${counted(waiting.size)}`;
    document.title = waiting.size ? `(${waiting.size}) ${name}` : name;
    if (waiting.size) say(`${counted(waiting.size)} above.`);
  };

  const arrive = (card) => {
    const id = number(card);
    const old = shown(id);
    if (old) return replace(old, card);
    // Older than all that is shown: it is on a page after this one.
    const ids = [...list.querySelectorAll("li.card")].map(number);
    if (list.dataset.older && ids.length && id < Math.min(...ids)) return;
    if (window.scrollY <= TOP_PX) {
      insert(card);
      say(`${counted(1)}: ${card.querySelector("h3").textContent}`);
      return;
    }
    waiting.set(id, card);
    if (waiting.size > WAITING_MAX) stale = true;
    tell();
  };

  const leave = (id) => {
    waiting.delete(Number(id));
    const old = shown(id);
    if (old) {
      const section = old.closest("section.day");
      old.remove();
      if (section && !section.querySelector("li.card")) section.remove();
    }
    tell();
  };

  const connect = () => {
    source = new EventSource(address);
    source.addEventListener("open", () => {
      list.dataset.live = "on";
      say("New events appear here by themselves.");
    });
    source.addEventListener("card", (event) => {
      const card = read(event.data);
      if (card) arrive(card);
    });
    source.addEventListener("gone", (event) => leave(event.data));
    source.addEventListener("place", (event) => address.searchParams.set("last_event_id", event.lastEventId));
    source.addEventListener("stale", () => {
      stale = true;
      tell();
    });
    source.addEventListener("error", () => {
      list.dataset.live = "off";
      // The browser comes back by itself after a cut, and not after a refusal: too many pages are open, or the server starts.
      const isRefused = source.readyState === EventSource.CLOSED;
      say(isRefused ? "New events don't appear by themselves now: load this page anew to see them." : "The connection is lost. Trying again …");
      if (isRefused) setTimeout(connect, PATIENCE_MS * (1 + Math.random()));
    });
  };

  button.addEventListener("click", () => {
    if (stale) return location.reload();
    const cards = [...waiting.values()];
    waiting.clear();
    cards.forEach(insert);
    tell();
    window.scrollTo(0, 0);
    say(`${counted(cards.length)} shown.`);
    const first = list.querySelector("li.card h3 a");
    if (first) first.focus({ preventScroll: true });
  });

  // A page that the browser keeps for the way back is cut, and goes on from its place.
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => event.persisted && connect());
  connect();
})();
