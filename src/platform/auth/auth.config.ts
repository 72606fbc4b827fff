import { type ConfigOf, oneOf } from '../config/index.js';

export const authConfig = {
  /** Off: whoever reaches the server may do everything. */
  auth: oneOf('AUTH', ['on', 'off'], 'on'),
};

/** `host`: the address that the server listens on. */
export type AuthConfig = ConfigOf<typeof authConfig> & { readonly host: string };
export const AUTH_CONFIG = Symbol('AUTH_CONFIG');
