import { toMajor, toMinor } from '../lib/minor-units.js';
import type { Price, TicketEvent } from '../lib/types.js';

/** A section as it stands in the form. One without an id is new. */
export interface SectionFields {
  readonly id: string | undefined;
  readonly name: string;
  readonly capacity: string;
  readonly amount: string;
  readonly isRemoved: boolean;
}

/** An event as it stands in the form: texts, empty where there is nothing. */
export interface Fields {
  readonly name: string;
  readonly startsAt: string;
  readonly salesStartAt: string;
  readonly salesEndAt: string;
  readonly maxTicketsPerUser: string;
  readonly maxTicketsPerBooking: string;
  readonly reference: string;
  readonly totalTickets: string;
  readonly amount: string;
  readonly currency: string;
  readonly sections: readonly SectionFields[];
}

export type TextField = Exclude<keyof Fields, 'sections'>;

export const LABELS: Readonly<Record<TextField, string>> = {
  name: 'Name',
  startsAt: 'Starts',
  salesStartAt: 'Sale starts',
  salesEndAt: 'Sale ends',
  maxTicketsPerUser: 'Tickets per user',
  maxTicketsPerBooking: 'Tickets per booking',
  reference: 'Reference',
  totalTickets: 'Capacity',
  amount: 'Price',
  currency: 'Currency',
};

const TIMES = ['startsAt', 'salesStartAt', 'salesEndAt'] as const;
const NUMBERS = ['maxTicketsPerUser', 'maxTicketsPerBooking'] as const;
const CURRENCY = 'EUR';

export const EMPTY: Fields = {
  name: '',
  startsAt: '',
  salesStartAt: '',
  salesEndAt: '',
  maxTicketsPerUser: '',
  maxTicketsPerBooking: '',
  reference: '',
  totalTickets: '',
  amount: '',
  currency: CURRENCY,
  sections: [],
};

export function toFields(event: TicketEvent): Fields {
  const currency = event.price?.currency ?? event.sections.find(({ price }) => price)?.price?.currency ?? CURRENCY;
  return {
    name: event.name,
    startsAt: toLocal(event.startsAt),
    salesStartAt: toLocal(event.salesStartAt),
    salesEndAt: toLocal(event.salesEndAt),
    maxTicketsPerUser: String(event.maxTicketsPerUser ?? ''),
    maxTicketsPerBooking: String(event.maxTicketsPerBooking ?? ''),
    reference: event.reference ?? '',
    totalTickets: String(event.totalTickets),
    amount: amountOf(event.price),
    currency,
    sections: event.sections.map((section) => ({
      id: section._id,
      name: section.name,
      capacity: String(section.capacity),
      amount: amountOf(section.price),
      isRemoved: false,
    })),
  };
}

/** What `POST /events/create` takes. */
export function toNewEvent(fields: Fields): Record<string, unknown> {
  const { sections } = fields;
  const pools =
    sections.length > 0
      ? { sections: sections.map((section) => toNewSection(section, fields.currency)) }
      : { totalTickets: toNumber(fields.totalTickets), price: toPrice(fields.amount, fields.currency) };
  return {
    ...Object.fromEntries(
      [...TIMES, ...NUMBERS, 'reference' as const].map((name) => [name, valueOf(name, fields) ?? undefined]),
    ),
    name: fields.name,
    ...pools,
  };
}

/** A merge patch of what differs from `base`; empty where nothing does. */
export function toPatch(base: Fields, fields: Fields): Record<string, unknown> {
  const isChanged = (name: TextField) => base[name] !== fields[name];
  const patch: Record<string, unknown> = {};
  for (const name of ['name', ...TIMES, ...NUMBERS, 'reference'] as const) {
    if (isChanged(name)) patch[name] = valueOf(name, fields);
  }
  if (fields.sections.length === 0) {
    if (isChanged('totalTickets')) patch['totalTickets'] = toNumber(fields.totalTickets);
    if (isChanged('amount') || (isChanged('currency') && fields.amount !== '')) {
      patch['price'] = toPrice(fields.amount, fields.currency) ?? null;
    }
  }
  const sections = fields.sections.flatMap((section) => toSectionPatch(base, section, fields.currency) ?? []);
  if (sections.length > 0) patch['sections'] = sections;
  return patch;
}

/** The names of the fields that differ. */
export function changedFields(base: Fields, fields: Fields): TextField[] {
  return (Object.keys(LABELS) as TextField[]).filter((name) => base[name] !== fields[name]);
}

/** What somebody changed from `base`, on top of a newer event. */
export function rebase(base: Fields, mine: Fields, theirs: Fields): Fields {
  const changed = Object.fromEntries(changedFields(base, mine).map((name) => [name, mine[name]]));
  const sections = theirs.sections.map((section) => {
    const [before, own] = [findSection(base, section.id), findSection(mine, section.id)];
    return before && own ? { ...section, ...differences(before, own) } : section;
  });
  return { ...theirs, ...changed, sections: [...sections, ...mine.sections.filter(({ id }) => id === undefined)] };
}

/** The members of a section that differ. */
function differences(before: SectionFields, own: SectionFields): Partial<SectionFields> {
  const names = ['name', 'capacity', 'amount', 'isRemoved'] as const;
  return Object.fromEntries(names.filter((name) => before[name] !== own[name]).map((name) => [name, own[name]]));
}

function findSection({ sections }: Fields, id: string | undefined): SectionFields | undefined {
  return sections.find((section) => section.id === id);
}

function toSectionPatch(base: Fields, section: SectionFields, currency: string): object | undefined {
  const { id, name, capacity, amount, isRemoved } = section;
  if (id === undefined) return isRemoved ? undefined : toNewSection(section, currency);
  if (isRemoved) return { _id: id, remove: true };
  const before = findSection(base, id);
  const isRepriced = before?.amount !== amount || (base.currency !== currency && amount !== '');
  const patch = {
    ...(before?.name !== name && { name }),
    ...(before?.capacity !== capacity && { capacity: toNumber(capacity) }),
    ...(isRepriced && { price: toPrice(amount, currency) ?? null }),
  };
  return Object.keys(patch).length === 0 ? undefined : { _id: id, ...patch };
}

function toNewSection({ name, capacity, amount }: SectionFields, currency: string): object {
  return { name, capacity: toNumber(capacity), price: toPrice(amount, currency) };
}

/** Null where there is nothing. */
function valueOf(name: TextField, fields: Fields): unknown {
  const text = fields[name];
  if (text === '') return null;
  if ((TIMES as readonly string[]).includes(name)) return new Date(text).toISOString();
  return (NUMBERS as readonly string[]).includes(name) ? toNumber(text) : text;
}

/** What is no number stays a text: the server says what is wrong with it. */
const toNumber = (text: string): number | string => (/^\d+$/.test(text) ? Number(text) : text);

/** What is no amount stays a text: the server says what is wrong with it. */
function toPrice(amount: string, currency: string): { amount: number | string; currency: string } | undefined {
  return amount === '' ? undefined : { amount: toMinor(amount, currency) ?? amount, currency };
}

const amountOf = (price: Price | undefined): string => (price ? toMajor(price.amount, price.currency) : '');

/** As `datetime-local` has it, in the viewer's zone. */
function toLocal(iso: string | undefined): string {
  if (iso === undefined) return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
