import { useEffect, useState } from 'preact/hooks';

export type Route =
  { readonly page: 'events'; readonly query: URLSearchParams } | { readonly page: 'event'; readonly eventId: string };

/** The route is in the fragment, so that the server knows one page only. */
function read(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#/, '').split('?');
  const eventId = /^\/events\/([0-9a-f]{24})$/i.exec(path)?.[1];
  return eventId === undefined
    ? { page: 'events', query: new URLSearchParams(query) }
    : { page: 'event', eventId: eventId.toLowerCase() };
}

export const toEvent = (eventId: string): string => `#/events/${eventId}`;
export const toEvents = (query = ''): string => `#/events${query}`;

export function go(hash: string): void {
  location.hash = hash;
}

/** Goes there without a step that the browser's Back would take. */
export function replaceWith(hash: string): void {
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const change = () => setRoute(read());
    addEventListener('hashchange', change);
    return () => removeEventListener('hashchange', change);
  }, []);
  return route;
}
