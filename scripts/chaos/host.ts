import { LOOPBACK } from '../../src/platform/database/local-mongod.js';

/** A machine for programs, as far as they can tell. */
export interface Host {
  /** Where others reach what runs there. */
  readonly address: string;
  /** The command, with its arguments, that runs this one there. */
  commandFor(command: string, args: readonly string[]): readonly [command: string, ...args: string[]];
}

/** This machine, of which only itself knows. */
export const LOCAL_HOST: Host = {
  address: LOOPBACK,
  commandFor: (command, args) => [command, ...args],
};
