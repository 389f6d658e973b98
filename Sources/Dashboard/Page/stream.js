// How the page talks to the program: requests with a token, and a stream of events.
//
// EventSource cannot send a header, so the stream is read with fetch. The token is kept for this tab
// only; there are no cookies, so no other site's page can use it.

const storageKey = "sacbot-token";

export const access = {
  get token() { return sessionStorage.getItem(storageKey) ?? ""; },
  set token(text) {
    if (text) sessionStorage.setItem(storageKey, text);
    else sessionStorage.removeItem(storageKey);
  },
};

function headers(more = {}) {
  const fields = { "X-Sacbot": "1", ...more };
  if (access.token) fields.Authorization = `Bearer ${access.token}`;
  return fields;
}

/** Asks for a JSON document; throws an error with `status` and words. */
export async function get(path) {
  return answer(await fetch(path, { headers: headers(), cache: "no-store" }));
}

/** Gives a command; `patience` in milliseconds. */
export async function command(name, patience = 4000) {
  const response = await fetch(`/api/v1/commands/${name}`, {
    method: "POST",
    headers: headers(),
    cache: "no-store",
    keepalive: true,
    signal: AbortSignal.timeout(patience),
  });
  return answer(response);
}

async function answer(response) {
  const document = await response.json().catch(() => ({}));
  if (response.ok) return document;
  const error = new Error(document.message ?? response.statusText);
  error.status = response.status;
  throw error;
}

/**
 * Listens to /events for ever and comes again when the stream ends.
 *
 * `on` has `event(name, data)`, `alive()`, `open()` and `lost(error)`; an error with status 401 ends
 * it, because only a person can help there.
 */
export async function listen(on) {
  for (let pause = 250; ; pause = Math.min(pause * 2, 5000)) {
    try {
      const response = await fetch("/events", { headers: headers(), cache: "no-store" });
      if (!response.ok) await answer(response);
      on.open();
      pause = 250;
      await read(response.body.getReader(), on);
      on.lost(new Error("the stream ended"));
    } catch (error) {
      on.lost(error);
      if (error.status === 401) return;
    }
    await new Promise((done) => setTimeout(done, pause));
  }
}

async function read(reader, on) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    on.alive();
    text += decoder.decode(value, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) deliver(block, on);
  }
}

function deliver(block, on) {
  let name = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ")) data.push(line.slice(6));
  }
  if (data.length > 0) on.event(name, JSON.parse(data.join("\n")));
}
