// The service worker: shows what is pushed, opens it on a click, and renews the subscription when the browser drops it.
"use strict";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// A push without words is shown all the same: browsers withdraw the permission after silent ones.
function read(event) {
  try {
    return event.data.json();
  } catch {
    return { title: "News from tidings" };
  }
}

function address(text) {
  try {
    const url = new URL(text, self.location.origin);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : "/";
  } catch {
    return "/";
  }
}

// What takes the place of an earlier one with its tag is noticed again, by sound or vibration: but not an opening, which can only be a repeat
// of one that was sent twice or tells the same event of another topic, nor that two events are one.
const QUIET = ["event.opened", "event.merged"];

self.addEventListener("push", (event) => {
  const told = read(event);
  event.waitUntil(
    self.registration.showNotification(String(told.title || "News from tidings"), {
      body: String(told.body || ""),
      tag: String(told.tag || "tidings"),
      renotify: !QUIET.includes(told.type),
      lang: String(told.lang || ""),
      dir: "auto",
      // Not every browser draws SVG here.
      icon: "/icon-192.png",
      data: { url: address(told.url || "/") },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data.url));
});

// The daemon carries over what the old endpoint was subscribed to.
async function renew(old, fresh) {
  if (!fresh) {
    const { key } = await (await fetch("/push/key")).json();
    fresh = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }
  const body = old ? { ...fresh.toJSON(), replaces: old.endpoint } : fresh.toJSON();
  await fetch("/push", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(renew(event.oldSubscription, event.newSubscription));
});
