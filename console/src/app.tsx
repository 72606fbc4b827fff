import { useEffect, useState } from 'preact/hooks';
import { EventPage } from './event/event-page.js';
import { EventsPage } from './events/events-page.js';
import { Failure, get, session } from './lib/api.js';
import { toEvents, useRoute } from './lib/router.js';
import { KeyForm } from './key-form.js';
import { Icon } from './ui/icons.js';
import { Empty } from './ui/parts.js';
import { Toasts } from './ui/toasts.js';

const AGAIN_MS = 3_000;

type Access = 'asking' | 'granted' | { readonly refusal: string | undefined } | { readonly trouble: string };

/** Asks the server whether the key of this tab operates; on a server without keys none is needed. */
async function askForAccess(): Promise<Access> {
  try {
    await get('/operations');
    return 'granted';
  } catch (error) {
    const problem = error instanceof Failure ? error.problem : undefined;
    if (problem?.status === 401) return { refusal: session.key === undefined ? undefined : problem.detail };
    if (problem?.status === 403)
      return { refusal: 'This key does not operate: the console needs one with the scope “operate”.' };
    return { trouble: problem?.detail ?? 'The server does not answer.' };
  }
}

export function App() {
  const route = useRoute();
  const [access, setAccess] = useState<Access>('asking');
  const ask = () =>
    void askForAccess().then((answer) => {
      setAccess(answer);
      // The key may be right all the same.
      if (typeof answer === 'object' && 'trouble' in answer) setTimeout(ask, AGAIN_MS);
    });
  useEffect(() => {
    session.onLost = () =>
      setAccess({ refusal: session.key === undefined ? undefined : 'The server no longer takes this key.' });
    ask();
  }, []);
  const forget = () => {
    session.key = undefined;
    setAccess('asking');
    ask();
  };
  const isIn = access === 'granted';
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector('main')?.focus();
        }}
      >
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href={toEvents()}>
          <Icon name="ticket" />
          Ticket booking
        </a>
        {isIn && session.key !== undefined && (
          <button type="button" class="quiet" onClick={forget}>
            Forget the key
          </button>
        )}
      </header>
      <main id="main" tabIndex={-1}>
        {isIn && route.page === 'events' && <EventsPage query={route.query} />}
        {isIn && route.page === 'event' && <EventPage key={route.eventId} eventId={route.eventId} />}
        {typeof access === 'object' && 'trouble' in access && <Empty>{access.trouble} It is asked again.</Empty>}
        {typeof access === 'object' && 'refusal' in access && (
          <KeyForm
            refusal={access.refusal}
            onKey={(key) => {
              session.key = key;
              ask();
            }}
          />
        )}
      </main>
      <Toasts />
    </>
  );
}
