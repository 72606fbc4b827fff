import { digitsOf } from './minor-units.js';
import type { Price } from './types.js';

const NUMBER = new Intl.NumberFormat(undefined);
const DATE_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

const SHORT = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });

export const count = (value: number): string => NUMBER.format(value);

/** For an axis, which is narrow. */
export const shortCount = (value: number): string => (value < 10_000 ? count(value) : SHORT.format(value));

/** A rate with as many digits as it is worth. */
export function rate(value: number): string {
  return value >= 10 || value === 0 ? count(Math.round(value)) : value.toFixed(1);
}

export function percent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  if (part === whole) return '100 %';
  const share = Math.round((100 * part) / whole);
  return share === 0 ? '<1 %' : share === 100 ? '>99 %' : `${share} %`;
}

export const dateTime = (iso: string): string => DATE_TIME.format(new Date(iso));
export const timeOfDay = (iso: string): string => TIME.format(new Date(iso));
export const utc = (iso: string): string => `${iso.slice(0, 19).replace('T', ' ')} UTC`;

const TICKS = {
  days: new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' }),
  minutes: new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' }),
  seconds: TIME,
};

/** The words for places on an axis of seconds since 1970, as precise as their distance. */
export function toTicks(places: readonly number[]): string[] {
  const distance = (places[1] ?? 0) - (places[0] ?? 0);
  const format = distance >= 86_400 ? TICKS.days : distance >= 60 ? TICKS.minutes : TICKS.seconds;
  return places.map((place) => format.format(new Date(place * 1_000)));
}

/** Milliseconds in words, as short as can be. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return span(seconds);
}

/** Seconds in words, of the largest unit that fits. */
export function span(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

export function price({ amount, currency }: Price): string {
  const digits = digitsOf(currency);
  const format = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
  return new Intl.NumberFormat(undefined, format).format(amount / 10 ** digits);
}
