import { availableParallelism } from 'node:os';
import { type ConfigField, integer } from '../config/index.js';

const COUNT = integer('WORKERS', { fallback: 1, min: 1, max: 64 });

/** A number, or `auto`: one for each core. */
const workers: ConfigField<number> = {
  ...COUNT,
  parse(text) {
    if (text === 'auto') return availableParallelism();
    try {
      return COUNT.parse(text);
    } catch (error) {
      throw new Error(`auto or ${(error as Error).message}`, { cause: error });
    }
  },
};

export const workersConfig = {
  /** How many processes serve one port. */
  workers,
};
