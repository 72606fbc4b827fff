// Follows how many tickets of an event are left, in Node.js or, but for the first and the last lines, in a browser.
// EventSource sends no Authorization header, so this reads the stream with fetch.
// Runs with Node.js alone:  node examples/watch.mjs EVENT http://localhost:5000     With API keys: API_KEY (scope sell).
const [eventId, url = 'http://localhost:5000'] = process.argv.slice(2);
const key = process.env.API_KEY;

/** Calls `show` with each new state until `signal` is aborted. Comes back by itself, and goes on after the last state. */
async function follow(path, show, signal) {
  let lastEventId;
  let retryMs = 1_000;
  while (!signal.aborted) {
    try {
      const response = await fetch(url + path, {
        headers: {
          ...(key && { authorization: `Bearer ${key}` }),
          ...(lastEventId && { 'last-event-id': lastEventId }),
        },
        signal,
      });
      // A 503 is tried again. Anything else is final: a wrong key, an event that is gone.
      if (response.status !== 200 && response.status !== 503) throw await response.json();
      if (response.status === 200) {
        let text = '';
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          const messages = (text + part.value).split('\n\n');
          text = messages.pop();
          for (const message of messages) {
            const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(message)?.[1];
            retryMs = Number(field('retry') ?? retryMs);
            lastEventId = field('id') ?? lastEventId;
            if (field('data')) show(JSON.parse(field('data')));
          }
        }
      }
    } catch (error) {
      // A connection that broke is an Error, an answer of the server is not.
      if (!(error instanceof Error)) throw error;
    }
    await new Promise((done) => setTimeout(done, retryMs));
  }
}

const end = new AbortController();
process.once('SIGINT', () => end.abort());
const show = ({ revision, availableTickets }) => console.log(`${availableTickets} left (revision ${revision})`);
await follow(`/events/${eventId}/availability/stream`, show, end.signal).catch(({ message }) => console.error(message));
