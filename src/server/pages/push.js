// Subscribes this browser to the topic that the page shows, or to all. The page is whole without it.
"use strict";

(() => {
  const part = document.getElementById("push");
  if (!part || !("serviceWorker" in navigator)) return;
  const [on, test, off, says] = ["push-on", "push-test", "push-off", "push-says"].map((id) => document.getElementById(id));
  if (!("PushManager" in window) || !("Notification" in window)) {
    // Apple's browsers alone know this, and push to pages of the home screen only.
    if (navigator.standalone === false) {
      part.hidden = false;
      on.hidden = true;
      says.textContent = "For updates on this device, add this page to the home screen (Share), and open it from there.";
    }
    return;
  }
  const topic = part.dataset.topic;
  let known = null;
  // In Firefox the first subscribe() after a start may never end; asked again it works.
  const PATIENCE_MS = 5000;
  const TRIES = 5;

  const ask = async (method, path, body) => {
    const answer = await fetch(path, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) {
      const problem = await answer.json().catch(() => ({}));
      throw new Error(problem.detail || `the server answered ${answer.status}`);
    }
    return answer;
  };

  const send = async (method, path, body) => {
    const answer = await ask(method, path, body);
    return answer.status === 200 || answer.status === 201 ? answer.json() : null;
  };

  const show = (device, words) => {
    known = device;
    const here = device && (device.topics.length === 0 || (topic && device.topics.includes(topic)));
    on.hidden = Boolean(here);
    off.hidden = test.hidden = !device;
    part.dataset.state = device ? "on" : "off";
    const which = device && device.topics.length ? `about ${device.topics.join(", ")}` : "about all topics";
    says.textContent = words || (device ? `This device gets updates ${which}.` : "");
  };

  const pressed = (button, act) =>
    button.addEventListener("click", async () => {
      button.disabled = true;
      says.textContent = "One moment …";
      try {
        await act();
      } catch (error) {
        says.textContent = `That did not work: ${error.message}`;
      } finally {
        button.disabled = false;
      }
    });

  const subscribe = async (registration, key) => {
    for (let tries = 0; tries < TRIES; tries++) {
      const late = new Promise((done) => setTimeout(done, PATIENCE_MS));
      const asked = registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const made = await Promise.race([asked, late]);
      if (made) return made;
    }
    throw new Error("the browser's push service does not answer");
  };

  const ourKey = async () => {
    const answer = await fetch("/push/key");
    const { key } = answer.ok ? await answer.json() : {};
    if (typeof key !== "string" || !key) throw new Error("the server does not say its key");
    return key;
  };

  // A subscription under another key is of an installation that stood here before: what is sent now doesn't reach it.
  const isUnder = (made, key) => {
    const its = made.options && made.options.applicationServerKey;
    if (!its) return true;
    const text = btoa(String.fromCharCode(...new Uint8Array(its)));
    return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") === key;
  };

  const begin = async () => {
    await navigator.serviceWorker.register("/sw.js");
    const registration = await navigator.serviceWorker.ready;
    const held = () => registration.pushManager.getSubscription();
    const keep = async (made) => show(await send("POST", "/push", made.toJSON()).catch(() => null));
    const renewed = async (made) => {
      const key = await ourKey();
      if (made && isUnder(made, key)) return made;
      if (made) await made.unsubscribe();
      return subscribe(registration, key);
    };

    pressed(on, async () => {
      if ((await Notification.requestPermission()) !== "granted") {
        throw new Error("notifications are not allowed in this browser's settings");
      }
      const made = await renewed(await held());
      const topics = topic ? [...new Set([...((known && known.topics) || []), topic])] : [];
      show(await send("POST", "/push", { ...made.toJSON(), topics }));
    });
    pressed(test, async () => {
      await send("POST", "/push/test", { endpoint: (await held()).endpoint });
      says.textContent = "A test is on its way.";
    });
    pressed(off, async () => {
      const made = await held();
      // The push service's own record ends first: what the server then sends is answered 410, which ends it there too.
      if (made) {
        await made.unsubscribe();
        await send("DELETE", "/push", { endpoint: made.endpoint }).catch(() => null);
      }
      show(null, "This device gets no more updates.");
    });

    // The new one takes over what the old one was subscribed to. Where the server (201) knew nothing of that, this device stays off,
    // as does one whose new subscription it doesn't take: nobody asked for all topics.
    const replace = async (old, key) => {
      await old.unsubscribe();
      const made = await subscribe(registration, key);
      let device = null;
      try {
        const answer = await ask("POST", "/push", { ...made.toJSON(), replaces: old.endpoint });
        if (answer.status === 200) device = await answer.json();
        else await ask("DELETE", "/push", { endpoint: made.endpoint });
      } finally {
        if (!device) await made.unsubscribe();
      }
      show(device, device ? "" : "Updates on this device have ended: this server knows nothing of them.");
    };

    // At each visit the server hears of the subscription again: it may have lost it, and browsers may have renewed it.
    const made = await held();
    const key = made ? await ourKey().catch(() => null) : null;
    if (!made || !key || isUnder(made, key)) {
      if (made) await keep(made);
      else show(null);
      part.hidden = false;
      return;
    }
    show(null, "One moment …");
    part.hidden = false;
    await replace(made, key).catch(async (error) => {
      const still = await held().catch(() => null);
      if (still && still.endpoint === made.endpoint) await keep(still);
      else show(null, `Updates on this device have ended: ${error.message}`);
    });
  };

  begin().catch((error) => {
    part.hidden = false;
    on.hidden = true;
    says.textContent = `Updates on this device are not to be had: ${error.message}`;
  });
})();
