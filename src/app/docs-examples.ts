declare const location: { readonly pathname: string };

declare global {
  /** The id of the last request that was put into a queue on this page: no list has it. */
  var lastRequestId: string | undefined;
}

interface SwaggerResponse {
  readonly status: number;
  readonly body?: { readonly request?: { readonly _id: string } };
}

interface SwaggerRequest {
  url: string;
  body?: unknown;
  readonly headers: { readonly Authorization?: string; 'Idempotency-Key'?: string };
  readonly loadSpec?: boolean;
}

/** Runs in the browser, as text: Swagger UI calls it with every response. */
export function rememberRequest(response: SwaggerResponse): SwaggerResponse {
  if (response.status === 202) globalThis.lastRequestId = response.body?.request?._id;
  return response;
}

/**
 * Runs in the browser, as text: Swagger UI calls it with every request that is tried. Ids are made by the server, so
 * no example can know one: those of `common/http/api-examples.ts` stand for the newest event on sale, its sections,
 * the newest booking and the newest hold; where somebody waits, the newest event that is sold out, and the last who joined. They are read with the key that was entered; one that may not read them leaves the id as it is.
 */
export async function fillInExampleIds(request: SwaggerRequest): Promise<SwaggerRequest> {
  const sent = request.url + String(request.body);
  const isAbout = (ids: string[]) => ids.some((id) => sent.includes(id));
  const ids: Record<string, string | undefined> = {};
  const { Authorization } = request.headers;
  const basePath = location.pathname.replace(/\/docs(\/.*)?$/, '');
  const read = async (path: string) =>
    (await (await fetch(basePath + path, { headers: { ...(Authorization && { Authorization }) } })).json()) as {
      events?: { _id: string; status: string; availableTickets: number; sections: { _id: string }[] }[];
      bookings?: { _id: string }[];
      holds?: { _id: string }[];
      entries?: { _id: string }[];
    };

  // An example's key would be the same for every try.
  if (request.headers['Idempotency-Key'] === 'cancel-1') {
    request.headers['Idempotency-Key'] = `cancel-${Math.random().toString(36).slice(2)}`;
  }

  const sectionIds = ['67841f2a3b4c5d6e7f809101', '67841f2a3b4c5d6e7f809102'];
  if (isAbout(['67841f2a3b4c5d6e7f809100', ...sectionIds])) {
    const { events = [] } = await read('/events?available=true&limit=100');
    const event = events.find(({ sections }) => isAbout(sectionIds) === sections.length > 0) ?? events[0];
    ids['67841f2a3b4c5d6e7f809100'] = event?._id;
    sectionIds.forEach((id, index) => (ids[id] = event?.sections[index]?._id));
  }
  if (request.url.includes('/waitlist')) {
    const { events = [] } = await read('/events?limit=100');
    const soldOut = events.find(({ status, availableTickets }) => status === 'on_sale' && availableTickets === 0);
    const eventId = soldOut?._id ?? ids['67841f2a3b4c5d6e7f809100'];
    ids['67841f2a3b4c5d6e7f809100'] = eventId;
    soldOut?.sections.slice(0, 1).forEach(({ _id }) => (ids['67841f2a3b4c5d6e7f809101'] = _id));
    if (eventId !== undefined && isAbout(['67842a1b2c3d4e5f60718295'])) {
      ids['67842a1b2c3d4e5f60718295'] = (await read(`/events/${eventId}/waitlist?limit=100`)).entries?.at(-1)?._id;
    }
  }
  if (isAbout(['67842a1b2c3d4e5f60718293'])) {
    ids['67842a1b2c3d4e5f60718293'] = (await read('/bookings?limit=1')).bookings?.[0]?._id;
  }
  if (isAbout(['67842a1b2c3d4e5f60718294'])) {
    const holdId = (await read('/holds?limit=1')).holds?.[0]?._id;
    ids['67842a1b2c3d4e5f60718294'] = holdId;
    // A payment belongs to one hold.
    ids['pay-1001'] = holdId && `pay-${holdId}`;
  }
  ids['67852b3c4d5e6f7081929394'] = globalThis.lastRequestId;
  for (const [example, id] of Object.entries(ids)) {
    if (id === undefined) continue;
    request.url = request.url.replaceAll(example, id);
    if (typeof request.body === 'string') request.body = request.body.replaceAll(example, id);
  }
  return request;
}
