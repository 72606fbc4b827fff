export { type Hold, HOLDS } from './hold.js';
export { HoldExpiry } from './hold-expiry.js';
export { HoldPulse } from './hold-pulse.js';
export { HOLDS_CONFIG, holdsConfig } from './holds.config.js';
export { HoldsModule } from './holds.module.js';
export { followHolder } from './decide/about-hold.js';
export { endHold, startHold } from './decide/hold-moves.js';
export { holdsCollection } from './store/holds.collections.js';
export { holdsRecount } from './store/holds.recount.js';
