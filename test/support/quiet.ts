import { Progress } from '../../src/common/progress.js';

/** Progress that nobody sees. */
export const QUIET = new Progress({ write: () => undefined }, 'quiet', () => 0);
