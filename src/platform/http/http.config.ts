import { type ConfigField, integer, text } from '../config/index.js';

const ORIGIN = /^https?:\/\/[^/\s?#@]+$/;

/** `*`, or the origins that may call from a browser, separated by commas. */
const origins: ConfigField<'*' | readonly string[]> = {
  variable: 'CORS_ORIGINS',
  fallback: '*',
  parse(value) {
    if (value === '*') return '*';
    const list = value.split(',').map((origin) => origin.trim());
    if (list.every((origin) => ORIGIN.test(origin))) return list;
    throw new Error('* or origins such as https://shop.example, separated by commas');
  },
};

export const httpConfig = {
  port: integer('PORT', { fallback: 5000, min: 0, max: 65_535 }),
  host: text('HOST', /^[A-Za-z0-9.:_-]+$/, 'a host name or an address, such as 127.0.0.1 or 0.0.0.0', '127.0.0.1'),
  corsOrigins: origins,
};
