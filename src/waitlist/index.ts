export { waitlistCollection } from './store/waitlist.collections.js';
export { waitlistRecount } from './store/waitlist.recount.js';
export { WAITLIST_CONFIG, waitlistConfig } from './waitlist.config.js';
export { WaitlistModule } from './waitlist.module.js';
export { WaitlistWatch } from './waitlist-watch.js';
