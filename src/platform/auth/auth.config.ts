import { type ConfigOf, oneOf } from '../config/index.js';

export const authConfig = {
  /** Off: no key is asked for. */
  auth: oneOf('AUTH', ['on', 'off'], 'on'),
};

/** `host`: the address that the server listens on. */
export type AuthConfig = ConfigOf<typeof authConfig> & { readonly host: string };
export const AUTH_CONFIG = Symbol('AUTH_CONFIG');
